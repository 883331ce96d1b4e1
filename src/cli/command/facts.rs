//! `change facts`

use super::super::opened::Opened;
use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use crate::error::{Error, Kind, Result};
use crate::project::replace;
use crate::schema::file::{self, Facts};
use clap::Args;
use std::path::PathBuf;

/// Write down what is known of a database, for checks that cannot reach it.
///
/// change facts export reads the catalogue of a target: tables, types, constraints, indexes and
/// routines, sizes and traffic. Rows, passwords and addresses are not read.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do, and of which target: export
    #[arg(value_name = "ACTION|TARGET")]
    words: Vec<String>,
    /// The file to write; without it, standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    connect: Connect,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["export"] => export(arguments, session, None),
        ["export", target] => export(arguments, session, Some(target)),
        ["export", ..] => Err(usage("export takes one target")),
        [] => Err(usage("What is to be done with facts?")),
        [other, ..] => Err(usage(&format!("Unknown action \"{other}\""))),
    }
}

fn usage(message: &str) -> Error {
    Error::new(Kind::Usage, "usage.action", message.to_owned())
        .hint("change facts export TARGET --output FILE")
}

fn export(arguments: &Arguments, session: &Session, target: Option<&str>) -> Result<u8> {
    if let Some(target) = target.filter(|target| !session.names_target(target)) {
        return Err(Error::new(Kind::Usage, "usage.target", format!("Unknown target \"{target}\""))
            .hint("change target  lists them"));
    }
    let opened = session.target(target, &arguments.connect, &Paths::default())?;
    let text = file::write(&facts(session, &opened)?);
    let Some(path) = &arguments.output else { return ui::write_out(&text).map(|()| 0) };
    replace(&session.root.join(path), &text)?;
    if !session.face.quiet {
        ui::write_out(&format!("Facts of {} written to {}\n", opened.target.destination(), path.display()))?;
    }
    Ok(0)
}

/// What the target's catalogue says now.
fn facts(session: &Session, opened: &Opened) -> Result<Facts> {
    let schema = session.engine(opened)?.facts()?;
    let now = jiff::Timestamp::now().as_second();
    let exported_at = jiff::Timestamp::from_second(now).unwrap_or_default();
    Ok(Facts { engine: opened.target.engine.clone(), exported_at, schema })
}
