//! `change explain`

use super::super::options::Output;
use super::super::session::Session;
use super::super::ui;
use super::lint::{From, gather};
use crate::error::{Error, Result};
use crate::lint::explain::{explain, sum};
use crate::lint::walk;
use crate::report;
use clap::Args;

/// Say in plain words what scripts do, statement by statement: locks, who waits, how long, and
/// whether it can be taken back.
///
/// Takes changes of the plan, or any SQL file, also what another tool wrote.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Changes of the plan, SQL files or folders; "-" is standard input
    #[arg(value_name = "CHANGE|FILE")]
    arguments: Vec<String>,
    #[command(flatten)]
    from: From,
    /// Text for people, or JSON for machines
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Output::Json
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let wanted = arguments.from.settings(session)?;
    let gathered = gather::gather(session, &arguments.arguments, &arguments.from)?;
    let dialect = gathered.state.dialect;
    let outcome = walk(gathered.state, &gathered.subjects, &wanted, true);
    let all = explain(&outcome.steps, &outcome.findings, &outcome.schema, dialect);
    if arguments.wants_json() {
        let value = serde_json::json!({ "statements": all, "summary": sum(&all) });
        ui::write_out(&format!("{value}\n"))?;
    } else {
        ui::write_out(&report::explain::render(&all))?;
    }
    Error::join(gathered.problems).map_or(Ok(0), Err)
}
