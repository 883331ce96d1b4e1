//! `change engine`

use super::super::config_edit::{self, Properties};
use super::super::options::{Connect, Paths};
use super::super::session::{ENGINES, Session};
use super::super::ui;
use crate::config::uri::{DatabaseUri, canonical_engine};
use crate::error::{Error, Kind, Result};
use clap::Args;

/// Show and change the engines of the project's configuration.
///
/// change engine lists them; the other actions are: add NAME [TARGET], alter NAME, remove NAME,
/// show NAME….
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do, and with which engines: list, add, alter, remove or show
    #[arg(value_name = "ACTION|NAME|TARGET")]
    arguments: Vec<String>,
    /// The target of the engine: a name, or a URI
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
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
        ["remove" | "rm", name] => remove(session, name),
        ["show", names @ ..] => show(session, names),
        [action @ ("add" | "alter" | "remove" | "rm"), ..] => {
            Err(usage(&format!("{action} needs the name of an engine")))
        }
        [other, ..] => Err(usage(&format!("Unknown action \"{other}\""))),
    }
}

fn usage(message: &str) -> Error {
    Error::new(Kind::Usage, "usage.action", message.to_owned())
        .hint("change engine add NAME [TARGET], alter NAME, remove NAME, show NAME")
}

fn names(session: &Session) -> Vec<String> {
    let mut names = session.config.subsections("engine");
    names.sort();
    names
}

fn target_of(session: &Session, engine: &str) -> String {
    let set = session.config.set_value(&format!("engine.{engine}.target"));
    let target = set.map_or_else(|| format!("db:{engine}:"), str::to_owned);
    // A URI may hold a password.
    match DatabaseUri::parse(&target) {
        Ok(uri) if target.contains(':') => uri.display(),
        _ => target,
    }
}

fn list(session: &Session) -> Result<u8> {
    let line = |name: String| {
        let target = if session.global.verbose > 0 {
            format!("\t{}", target_of(session, &name))
        } else {
            String::new()
        };
        format!("{name}{target}\n")
    };
    ui::write_out(&names(session).into_iter().map(line).collect::<String>()).map(|()| 0)
}

fn check_name(name: &str) -> Result<()> {
    if ENGINES.contains(&name) {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "engine.unknown", format!("Unknown engine \"{name}\""))
        .hint(format!("use one of: {}", ENGINES.join(", "))))
}

/// Whether the engine was added: other keys of its section may stand in anybody's configuration.
fn known(session: &Session, name: &str) -> bool {
    session.config.set_value(&format!("engine.{name}.target")).is_some()
}

/// The target, if it fits the engine.
fn fitting(session: &Session, engine: &str, target: &str) -> Result<String> {
    if !target.contains(':') {
        if session.config.set_value(&format!("target.{target}.uri")).is_some() {
            return Ok(target.to_owned());
        }
        return Err(Error::new(Kind::Config, "target.unknown", format!("Unknown target \"{target}\""))
            .hint(format!("change target add {target} db:{engine}:…")));
    }
    let uri = DatabaseUri::parse(target)?;
    let other = uri.engine().unwrap_or_default();
    if canonical_engine(&other) == engine {
        return Ok(uri.with_secrets());
    }
    Err(Error::new(
        Kind::Config,
        "engine.other",
        format!("Cannot assign URI using engine \"{other}\" to engine \"{engine}\""),
    )
    .hint(format!("name an address of this engine: db:{engine}:…")))
}

fn add(arguments: &Arguments, session: &Session, name: &str, rest: &[&str]) -> Result<u8> {
    check_name(name)?;
    if known(session, name) {
        return Err(Error::new(Kind::Config, "engine.exists", format!("Engine \"{name}\" already exists"))
            .hint(format!("change engine alter {name}")));
    }
    let given = match rest {
        [] => arguments.target.clone(),
        [target] => Some((*target).to_owned()),
        _ => return Err(usage("one target at a time")),
    };
    let target = fitting(session, name, &given.unwrap_or_else(|| format!("db:{name}:")))?;
    let mut settings = vec![(format!("engine.{name}.target"), target)];
    settings.extend(arguments.properties.settings(&format!("engine.{name}"))?);
    config_edit::set_all(session, &settings)?;
    prepare(session, name, true)
}

fn alter(arguments: &Arguments, session: &Session, name: &str) -> Result<u8> {
    check_name(name)?;
    if !known(session, name) {
        let message = format!("Missing Engine \"{name}\"; use \"add {name} db:{name}:\" to add it");
        return Err(Error::new(Kind::Config, "engine.missing", message)
            .hint(format!("change engine add {name} db:{name}:…")));
    }
    let mut settings = Vec::new();
    if let Some(target) = &arguments.target {
        settings.push((format!("engine.{name}.target"), fitting(session, name, target)?));
    }
    settings.extend(arguments.properties.settings(&format!("engine.{name}"))?);
    config_edit::set_all(session, &settings)?;
    prepare(session, name, false)
}

/// Makes what the engine's target needs on disk, by the configuration as it is now.
fn prepare(session: &Session, name: &str, plan: bool) -> Result<u8> {
    let now = Session::start(session.global.clone())?.like(session);
    let opened = now.target(Some(name), &Connect::default(), &Paths::default())?;
    if plan {
        config_edit::make_plan(&now, &opened.target)?;
    }
    config_edit::make_folders(&now, &opened.target)?;
    Ok(0)
}

fn remove(session: &Session, name: &str) -> Result<u8> {
    config_edit::edit(session, &config_edit::project_file(session), |file| {
        let found = file.remove_section(&format!("engine.{name}"))?;
        file.remove_section(&format!("engine.{name}.variables"))?;
        if found {
            return Ok(());
        }
        Err(Error::new(Kind::Config, "engine.unknown", format!("Unknown engine \"{name}\""))
            .hint(format!("the project's file has: {}", names(session).join(", "))))
    })?;
    Ok(0)
}

fn show(session: &Session, names: &[&str]) -> Result<u8> {
    let mut text = String::new();
    for name in names {
        check_name(name)?;
        let opened = session.target(Some(name), &Connect::default(), &Paths::default())?;
        text.push_str(&format!("* {name}\n    {:<14} {}\n", "Target:", target_of(session, name)));
        text.push_str(&config_edit::described(session, &opened.target));
    }
    ui::write_out(&text).map(|()| 0)
}
