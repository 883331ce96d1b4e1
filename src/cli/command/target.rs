//! `change target`

use super::super::config_edit::{self, Properties};
use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use crate::config::uri::DatabaseUri;
use crate::error::{Error, Kind, Result};
use clap::Args;

/// Show and change the targets of the project's configuration.
///
/// change target lists them; the other actions are: add NAME URI, alter NAME, rename OLD NEW,
/// remove NAME, show NAME….
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do, and with which targets: list, add, alter, rename, remove or show
    #[arg(value_name = "ACTION|NAME|URI")]
    arguments: Vec<String>,
    /// The address of the database
    #[arg(long, value_name = "URI")]
    uri: Option<String>,
    #[command(flatten)]
    properties: Properties,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let words: Vec<&str> = arguments.arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["list"] | ["show"] => list(session),
        ["add", name, rest @ ..] => add(arguments, session, name, rest),
        ["alter", name] => alter(arguments, session, name),
        ["rename", old, new] => rename(session, old, new),
        ["remove" | "rm", name] => remove(session, name),
        ["show", names @ ..] => show(session, names),
        [action @ ("add" | "alter" | "rename" | "remove" | "rm"), ..] => {
            Err(usage(&format!("{action} needs another argument")))
        }
        [other, ..] => Err(usage(&format!("Unknown action \"{other}\""))),
    }
}

fn usage(message: &str) -> Error {
    Error::new(Kind::Usage, "usage.action", message.to_owned())
        .hint("change target add NAME URI, alter NAME, rename OLD NEW, remove NAME, show NAME")
}

fn names(session: &Session) -> Vec<String> {
    let mut names = session.config.subsections("target");
    names.retain(|name| session.config.set_value(&format!("target.{name}.uri")).is_some());
    names.sort();
    names
}

fn list(session: &Session) -> Result<u8> {
    let mut text = String::new();
    for name in names(session) {
        let uri = session.config.set_value(&format!("target.{name}.uri")).unwrap_or_default();
        let shown = if session.global.verbose > 0 {
            format!("\t{}", DatabaseUri::parse(uri).map_or_else(|_| "***".to_owned(), |uri| uri.display()))
        } else {
            String::new()
        };
        text.push_str(&format!("{name}{shown}\n"));
    }
    ui::write_out(&text).map(|()| 0)
}

/// Whether the target was added: other keys of its section may stand in anybody's configuration.
fn known(session: &Session, name: &str) -> bool {
    session.config.set_value(&format!("target.{name}.uri")).is_some()
}

fn add(arguments: &Arguments, session: &Session, name: &str, rest: &[&str]) -> Result<u8> {
    let uri = match (rest, &arguments.uri) {
        ([uri], None) => uri,
        ([], Some(uri)) => uri.as_str(),
        _ => return Err(usage("add needs a name and a URI")),
    };
    if name.is_empty() || name.contains([':', '\n', '"']) {
        return Err(Error::new(
            Kind::Usage,
            "target.name",
            format!("\"{name}\" cannot be the name of a target"),
        )
        .hint("a name with a colon would be taken for a URI"));
    }
    if known(session, name) {
        return Err(Error::new(Kind::Config, "target.exists", format!("Target \"{name}\" already exists"))
            .hint(format!("change target alter {name} --uri URI")));
    }
    let mut settings = vec![(format!("target.{name}.uri"), address(uri)?)];
    settings.extend(arguments.properties.settings(&format!("target.{name}"))?);
    config_edit::set_all(session, &settings)?;
    prepare(session, name, true)
}

fn alter(arguments: &Arguments, session: &Session, name: &str) -> Result<u8> {
    if !known(session, name) {
        let message = format!("Missing Target \"{name}\"; use \"add {name} $uri\" to add it");
        return Err(
            Error::new(Kind::Config, "target.unknown", message).hint(format!("change target add {name} URI"))
        );
    }
    let mut settings = Vec::new();
    if let Some(uri) = &arguments.uri {
        settings.push((format!("target.{name}.uri"), address(uri)?));
    }
    settings.extend(arguments.properties.settings(&format!("target.{name}"))?);
    config_edit::set_all(session, &settings)?;
    prepare(session, name, false)
}

/// The address of a database, as it is written down.
fn address(text: &str) -> Result<String> {
    let uri = DatabaseUri::parse(text)?;
    let engine = uri.engine().unwrap_or_default();
    if ["http", "https", "ftp", "file", "ssh"].contains(&engine.as_str()) {
        return Err(Error::new(
            Kind::Usage,
            "target.uri",
            format!("URI \"{}\" is not a database URI", uri.display()),
        )
        .hint("an address begins with the engine: db:pg://HOST/NAME, db:sqlite:FILE"));
    }
    Ok(uri.with_secrets())
}

/// Makes what the target needs on disk, by the configuration as it is now.
fn prepare(session: &Session, name: &str, plan: bool) -> Result<u8> {
    let now = Session::start(session.global.clone())?.like(session);
    // A database of another kind may be somebody else's business.
    let Ok(opened) = now.target(Some(name), &Connect::default(), &Paths::default()) else { return Ok(0) };
    if plan {
        config_edit::make_plan(&now, &opened.target)?;
    }
    config_edit::make_folders(&now, &opened.target)?;
    Ok(0)
}

/// The keys that name the target.
fn referenced(session: &Session, name: &str) -> Vec<String> {
    let engines =
        session.config.subsections("engine").into_iter().map(|engine| format!("engine.{engine}.target"));
    let keys = std::iter::once("core.target".to_owned()).chain(engines);
    keys.filter(|key| session.config.set_value(key) == Some(name)).collect()
}

fn rename(session: &Session, old: &str, new: &str) -> Result<u8> {
    check_known(session, old)?;
    refuse_referenced(session, old, "rename")?;
    if known(session, new) {
        return Err(Error::new(Kind::Config, "target.exists", format!("Target \"{new}\" already exists"))
            .hint(format!("remove it first: change target remove {new}")));
    }
    config_edit::edit(session, &config_edit::project_file(session), |file| {
        let found = file.rename_section(&format!("target.{old}"), &format!("target.{new}"))?;
        file.rename_section(&format!("target.{old}.variables"), &format!("target.{new}.variables"))?;
        in_this_file(found, old)
    })?;
    Ok(0)
}

fn remove(session: &Session, name: &str) -> Result<u8> {
    check_known(session, name)?;
    refuse_referenced(session, name, "remove")?;
    config_edit::edit(session, &config_edit::project_file(session), |file| {
        let found = file.remove_section(&format!("target.{name}"))?;
        file.remove_section(&format!("target.{name}.variables"))?;
        in_this_file(found, name)
    })?;
    Ok(0)
}

fn in_this_file(found: bool, name: &str) -> Result<()> {
    if found {
        return Ok(());
    }
    Err(Error::new(
        Kind::Config,
        "target.elsewhere",
        format!("Target \"{name}\" is not in the project's file"),
    )
    .hint("it stands in the user's or the system's configuration; edit that file"))
}

fn check_known(session: &Session, name: &str) -> Result<()> {
    let names = names(session);
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let error = Error::new(Kind::Config, "target.unknown", format!("Unknown target \"{name}\""));
    Err(if names.is_empty() { error } else { error.hint(format!("known targets: {}", names.join(", "))) })
}

fn refuse_referenced(session: &Session, name: &str, verb: &str) -> Result<()> {
    let keys = referenced(session, name);
    if keys.is_empty() {
        return Ok(());
    }
    let message = format!("Cannot {verb} target \"{name}\" because it's referenced by: {}", keys.join(", "));
    let first = keys.first().map(String::as_str).unwrap_or_default();
    Err(Error::new(Kind::Config, "target.referenced", message)
        .hint(format!("change config {first} OTHER  names another one")))
}

fn show(session: &Session, names: &[&str]) -> Result<u8> {
    let mut text = String::new();
    for name in names {
        let opened = session.target(Some(name), &Connect::default(), &Paths::default())?;
        let uri = opened.target.uri.display();
        text.push_str(&format!("* {name}\n    {:<14} {uri}\n", "URI:"));
        text.push_str(&config_edit::described(session, &opened.target));
    }
    ui::write_out(&text).map(|()| 0)
}
