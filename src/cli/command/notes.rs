//! `change notes`

use super::super::options::{Connect, Output, Paths};
use super::super::session::Session;
use super::super::{ui, zone};
use super::deploy::open;
use crate::engine::Presence;
use crate::error::{Error, Kind, Result};
use crate::report::notes;
use clap::Args;

/// Show what the last runs did: when, how long, what they waited for, what went wrong.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// How many runs, the latest last
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 1)]
    max_count: usize,
    /// Text or JSON
    #[arg(long, value_enum, default_value_t)]
    format: Output,
    #[command(flatten)]
    connect: Connect,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Output::Json
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let paths = Paths::default();
    let sorted = session.sort(&arguments.arguments, &arguments.connect, &paths)?;
    sorted.refuse_unknown()?;
    let opened = open(session, &sorted.targets, &arguments.connect, &paths)?;
    let plan = opened.project.plan()?;
    let mut engine = session.engine(&opened)?;
    let runs = match engine.presence()? {
        Presence::Missing => Vec::new(),
        _ => engine.notes(&plan.project, arguments.max_count)?,
    };
    if arguments.wants_json() {
        let value = serde_json::json!({ "runs": runs });
        return ui::write_out(&format!("{value}\n")).map(|()| 0);
    }
    if runs.is_empty() {
        let destination = opened.target.destination();
        return Err(Error::new(Kind::Nothing, "notes.empty", format!("No runs noted for {destination}")));
    }
    ui::write_out(&notes::text(&runs, &zone::local())).map(|()| 0)
}
