//! `change config`

use super::super::session::Session;
use super::super::ui;
use crate::config::ini::Ini;
use crate::config::toml::Toml;
use crate::config::{Config, Origin, cast_bool, cast_int};
use crate::error::{Error, Kind, Result};
use crate::project::replace;
use clap::Args;
use std::path::{Path, PathBuf};

/// Read and write configuration.
///
/// change config KEY shows a value; change config KEY VALUE sets it, in change.toml if there is
/// one, else in sqitch.conf. Comments and order stay. Without a choice of file, all are read.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The key, such as core.engine or target.prod.uri
    key: Option<String>,
    /// The value to set
    value: Option<String>,
    /// Show all keys with their values
    #[arg(short, long)]
    list: bool,
    /// Show a value
    #[arg(long)]
    get: bool,
    /// Show all values of a key that has several
    #[arg(long)]
    get_all: bool,
    /// Add a value to a key
    #[arg(long)]
    add: bool,
    /// Remove a key
    #[arg(long, visible_alias = "unset-all")]
    unset: bool,
    /// The value is a boolean
    #[arg(long)]
    bool: bool,
    /// The value is a whole number
    #[arg(long, visible_alias = "num")]
    int: bool,
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
    if arguments.list {
        return list(arguments, session);
    }
    let Some(key) = arguments.key.as_deref() else {
        return Err(Error::new(Kind::Usage, "usage.key", "the key is missing").hint("change config --list  shows all keys"));
    };
    let path = path(arguments, session)?;
    if let Some(near) = crate::config::suggest(key).filter(|_| arguments.value.is_some()) {
        return Err(Error::new(Kind::Usage, "config.unknown_key", format!("unknown key \"{key}\""))
            .hint(format!("did you mean \"{near}\"?")));
    }
    if arguments.unset {
        let removed = edit(session, &path, |file| file.unset(key))?;
        if removed == 0 {
            return Err(Error::new(Kind::Config, "config.missing", format!("{} has no key \"{key}\"", path.display())));
        }
        return Ok(0);
    }
    match &arguments.value {
        Some(value) if arguments.add => edit(session, &path, |file| file.add(key, value)).map(|()| 0),
        Some(value) => {
            let value = cast(arguments, value)?;
            edit(session, &path, |file| file.set(key, &value)).map(|()| 0)
        }
        None => get(arguments, session, key),
    }
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
        [] => Ok(1),
        [_, _, ..] if !arguments.get_all => {
            Err(Error::new(Kind::Config, "config.several", format!("More than one value for the key \"{key}\""))
                .hint(format!("change config --get-all {key}")))
        }
        values => {
            let lines: Vec<String> = values.iter().map(|value| cast(arguments, value)).collect::<Result<_>>()?;
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
    Ok(value.to_owned())
}

/// Passwords in URIs are masked: what is listed ends up in logs.
fn list(arguments: &Arguments, session: &Session) -> Result<u8> {
    let mut text = String::new();
    for listed in read(arguments, session)?.entries() {
        let value = listed.value.unwrap_or("true");
        let is_uri = value.contains(':') && (listed.key.ends_with(".uri") || listed.key.ends_with(".target"));
        let shown = match crate::config::uri::DatabaseUri::parse(value) {
            Ok(uri) if is_uri => uri.display(),
            // What is no URI may still hold the password of one that was mistyped.
            Err(_) if is_uri && value.contains(['@', '?']) => "***".to_owned(),
            _ if listed.key.contains("password") => "***".to_owned(),
            _ => value.to_owned(),
        };
        text.push_str(&format!("{}={shown}\n", listed.key));
    }
    ui::write_out(&text).map(|()| 0)
}

fn path(arguments: &Arguments, session: &Session) -> Result<PathBuf> {
    if let Some(file) = &arguments.file {
        return Ok(session.root.join(file));
    }
    if arguments.system {
        return Ok(session.env("SQITCH_SYSTEM_CONFIG").map_or_else(|| PathBuf::from("/etc/sqitch/sqitch.conf"), PathBuf::from));
    }
    if arguments.user {
        let home = session.env("HOME").map(|home| Path::new(&home).join(".sqitch/sqitch.conf"));
        let path = session.env("SQITCH_USER_CONFIG").map(PathBuf::from).or(home);
        return path.ok_or_else(|| Error::new(Kind::Config, "config.home", "there is no home folder: HOME is not set"));
    }
    Ok(project_file(session))
}

/// The project's file to write to: `change.toml` wins where both stand.
fn project_file(session: &Session) -> PathBuf {
    let toml = session.root.join("change.toml");
    let conf = session.root.join("sqitch.conf");
    if conf.exists() && !toml.exists() { conf } else { toml }
}

/// Sets a key in the project's file and says which file that is.
pub(super) fn edit_project_file(session: &Session, key: &str, value: &str) -> Result<String> {
    let path = project_file(session);
    edit(session, &path, |file| file.set(key, value))?;
    Ok(path.strip_prefix(&session.root).unwrap_or(&path).display().to_string())
}

/// A configuration file of either kind.
enum File {
    Ini(Ini),
    Toml(Toml),
}

impl File {
    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        match self {
            File::Ini(file) => file.set(key, value),
            File::Toml(file) => file.set(key, value),
        }
    }

    fn add(&mut self, key: &str, value: &str) -> Result<()> {
        match self {
            File::Ini(file) => file.add(key, value),
            File::Toml(file) => file.add(key, value),
        }
    }

    fn unset(&mut self, key: &str) -> Result<usize> {
        match self {
            File::Ini(file) => file.unset(key),
            File::Toml(file) => file.unset(key),
        }
    }
}

fn edit<T>(session: &Session, path: &Path, change: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
    let shown = path.strip_prefix(&session.root).unwrap_or(path).display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Error::new(Kind::Config, "config.read", format!("cannot read {shown}")).because(error)),
    };
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let mut file = if is_toml { File::Toml(Toml::parse(&text, &shown)?) } else { File::Ini(Ini::parse(&text, &shown)?) };
    let done = change(&mut file)?;
    let text = match &file {
        File::Ini(file) => file.to_string(),
        File::Toml(file) => file.to_string(),
    };
    replace(path, &text)?;
    Ok(done)
}
