//! `change config`

use super::super::config_edit::{edit, project_file};
use super::super::session::Session;
use super::super::{editor, ui};
use crate::config::file::File;
use crate::config::{Config, Origin, cast_bool, cast_int};
use crate::error::{Error, Kind, Result};
use clap::Args;
use std::path::{Path, PathBuf};

/// Read and write configuration.
///
/// change config KEY shows a value; change config KEY VALUE sets it, in change.toml if there is
/// one, else in sqitch.conf. Comments and order stay. Without a choice of file, all are read.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The key, such as core.engine or target.prod.uri, and the value to set; or the names of sections
    #[arg(value_name = "KEY|VALUE")]
    words: Vec<String>,
    /// Show all keys with their values
    #[arg(short, long)]
    list: bool,
    /// Show a value
    #[arg(long)]
    get: bool,
    /// Show all values of a key that has several
    #[arg(long)]
    get_all: bool,
    /// Show all keys that match a regular expression, with their values
    #[arg(long, visible_aliases = ["get-regexp", "get-all-regex"])]
    get_regex: bool,
    /// Add a value to a key
    #[arg(long)]
    add: bool,
    /// Set a key that has several values to a single one
    #[arg(long)]
    replace_all: bool,
    /// Remove a key that has one value
    #[arg(long)]
    unset: bool,
    /// Remove a key with all its values
    #[arg(long)]
    unset_all: bool,
    /// Give a section another name
    #[arg(long)]
    rename_section: bool,
    /// Remove a section with all it holds
    #[arg(long)]
    remove_section: bool,
    /// Open the file in the editor
    #[arg(short, long)]
    edit: bool,
    /// The value is a boolean
    #[arg(long)]
    bool: bool,
    /// The value is a whole number
    #[arg(long)]
    int: bool,
    /// The value is a number
    #[arg(long)]
    num: bool,
    /// The value is a whole number or a boolean
    #[arg(long)]
    bool_or_int: bool,
    /// Read or write the project's file only (the default for writing)
    #[arg(long, group = "place")]
    local: bool,
    /// Read or write the user's file only
    #[arg(long, visible_alias = "global", group = "place")]
    user: bool,
    /// Read or write the system's file only
    #[arg(long, group = "place")]
    system: bool,
    /// Read or write this file only
    #[arg(short, long, value_name = "FILE", group = "place")]
    file: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    if arguments.list {
        return list(arguments, session);
    }
    let path = path(arguments, session)?;
    if arguments.edit {
        return editor::open(session, &[path.display().to_string()]).map(|()| 0);
    }
    match words.as_slice() {
        [pattern] if arguments.get_regex => matching(arguments, session, pattern),
        [old, new] if arguments.rename_section => {
            section(edit(session, &path, |file| file.rename_section(old, new))?)
        }
        [name] if arguments.remove_section => {
            section(edit(session, &path, |file| file.remove_section(name))?)
        }
        [key] if arguments.unset || arguments.unset_all => unset(arguments, session, &path, key),
        [key] => get(arguments, session, key),
        [key, value] => set(arguments, session, &path, key, value),
        [] => Err(Error::new(Kind::Usage, "usage.key", "the key is missing")
            .hint("change config --list  shows all keys")),
        [_, _, extra, ..] => {
            Err(Error::new(Kind::Usage, "usage.argument", format!("Unknown argument \"{extra}\""))
                .hint("a value with blanks needs quotes"))
        }
    }
}

fn section(found: bool) -> Result<u8> {
    if found {
        return Ok(0);
    }
    Err(Error::new(Kind::Config, "config.section", "No such section!")
        .hint("change config --list  shows all keys"))
}

/// How many values the file that is edited has for a key.
fn count(file: &File, key: &str) -> usize {
    let key = crate::config::fold_key(key);
    file.entries().iter().filter(|entry| entry.key == key).count()
}

fn set(arguments: &Arguments, session: &Session, path: &Path, key: &str, value: &str) -> Result<u8> {
    if let Some(near) = crate::config::suggest(key) {
        return Err(Error::new(Kind::Usage, "config.unknown_key", format!("unknown key \"{key}\""))
            .hint(format!("did you mean \"{near}\"?")));
    }
    let value = cast(arguments, value)?;
    edit(session, path, |file| {
        if arguments.add {
            return file.add(key, &value);
        }
        if count(file, key) > 1 && !arguments.replace_all {
            return Err(Error::new(
                Kind::Config,
                "config.several",
                "Cannot overwrite multiple values with a single value",
            )
            .hint(format!("change config --replace-all {key} VALUE, or --add {key} VALUE")));
        }
        file.set(key, &value)
    })?;
    Ok(0)
}

fn unset(arguments: &Arguments, session: &Session, path: &Path, key: &str) -> Result<u8> {
    let removed = edit(session, path, |file| {
        if count(file, key) > 1 && !arguments.unset_all {
            return Err(Error::new(Kind::Config, "config.several", "Cannot unset key with multiple values")
                .hint(format!("change config --unset-all {key}")));
        }
        file.unset(key)
    })?;
    if removed == 0 {
        let message = format!("{} has no key \"{key}\"", path.display());
        return Err(
            Error::new(Kind::Config, "config.missing", message).hint("change config --list  shows all keys")
        );
    }
    Ok(0)
}

fn matching(arguments: &Arguments, session: &Session, pattern: &str) -> Result<u8> {
    let regex = regex::Regex::new(pattern).map_err(|error| {
        Error::new(Kind::Usage, "config.regex", format!("\"{pattern}\" is no regular expression"))
            .because(error)
    })?;
    let config = read(arguments, session)?;
    let entries = config.entries();
    let found = entries.iter().filter(|listed| regex.is_match(listed.key));
    let text: String = found
        .map(|listed| format!("{}={}\n", listed.key, shown(listed.key, listed.value.unwrap_or("true"))))
        .collect();
    ui::write_out(&text).map(|()| 0)
}

/// What is read: the file that is asked for, or all of them together.
fn read(arguments: &Arguments, session: &Session) -> Result<Config> {
    Ok(match &arguments.file {
        Some(file) => session.config_of(&session.root.join(file))?,
        None if arguments.local => session.config.only(Origin::Project),
        None if arguments.user => session.config.only(Origin::User),
        None if arguments.system => session.config.only(Origin::System),
        None => session.config.clone(),
    })
}

fn get(arguments: &Arguments, session: &Session, key: &str) -> Result<u8> {
    let config = read(arguments, session)?;
    let values = config.get_all(&crate::config::fold_key(key));
    match values.as_slice() {
        [] => {
            // Sqitch ends so, too.
            ui::write_out("\n")?;
            Ok(1)
        }
        [_, _, ..] if !arguments.get_all => {
            // The words are Sqitch's; scripts look for them.
            Err(Error::new(
                Kind::Config,
                "config.several",
                format!("More then one value for the key \"{key}\""),
            )
            .hint(format!("change config --get-all {key}")))
        }
        values => {
            let lines: Vec<String> =
                values.iter().map(|value| cast(arguments, value)).collect::<Result<_>>()?;
            ui::write_out(&format!("{}\n", lines.join("\n"))).map(|()| 0)
        }
    }
}

fn cast(arguments: &Arguments, value: &str) -> Result<String> {
    if arguments.bool {
        return Ok(cast_bool(Some(value))?.to_string());
    }
    if arguments.int {
        return cast_int(Some(value)).map(|number| number.to_string());
    }
    if arguments.bool_or_int {
        let number = cast_int(Some(value)).map(|number| number.to_string());
        return number.or_else(|_| cast_bool(Some(value)).map(|flag| flag.to_string()));
    }
    if arguments.num && value.trim().parse::<f64>().is_err() {
        return cast_int(Some(value)).map(|number| number.to_string());
    }
    Ok(value.to_owned())
}

/// A value as it may be listed: passwords are masked, because what is listed ends up in logs.
fn shown(key: &str, value: &str) -> String {
    let is_uri = value.contains(':') && (key.ends_with(".uri") || key.ends_with(".target"));
    match crate::config::uri::DatabaseUri::parse(value) {
        Ok(uri) if is_uri => uri.display(),
        // What is no URI may still hold the password of one that was mistyped.
        Err(_) if is_uri && value.contains(['@', '?']) => "***".to_owned(),
        _ if key.contains("password") => "***".to_owned(),
        _ => value.to_owned(),
    }
}

fn list(arguments: &Arguments, session: &Session) -> Result<u8> {
    let config = read(arguments, session)?;
    let entries = config.entries();
    let mut text = String::new();
    let mut done: Vec<&str> = Vec::new();
    for listed in &entries {
        if done.contains(&listed.key) {
            continue;
        }
        done.push(listed.key);
        let values = config.get_all(listed.key);
        let line = match values.as_slice() {
            [_, _, ..] => format!(
                "[{}]",
                values.iter().map(|value| shown(listed.key, value)).collect::<Vec<_>>().join(", ")
            ),
            _ => shown(listed.key, listed.value.unwrap_or("true")),
        };
        text.push_str(&format!("{}={line}\n", listed.key));
    }
    ui::write_out(&text).map(|()| 0)
}

fn path(arguments: &Arguments, session: &Session) -> Result<PathBuf> {
    if let Some(file) = &arguments.file {
        return Ok(session.root.join(file));
    }
    if arguments.system {
        return Ok(session
            .env("SQITCH_SYSTEM_CONFIG")
            .map_or_else(|| PathBuf::from("/etc/sqitch/sqitch.conf"), PathBuf::from));
    }
    if arguments.user {
        let home = session.env("HOME").map(|home| Path::new(&home).join(".sqitch/sqitch.conf"));
        let path = session.env("SQITCH_USER_CONFIG").map(PathBuf::from).or(home);
        return path.ok_or_else(|| {
            Error::new(Kind::Config, "config.home", "there is no home folder: HOME is not set")
        });
    }
    Ok(project_file(session))
}
