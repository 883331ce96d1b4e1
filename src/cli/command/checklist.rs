//! `change checklist`

use super::super::options::Output;
use super::super::session::Session;
use super::super::ui;
use super::lint::From;
use super::review::reviewed;
use crate::error::Result;
use crate::lint::review::{Mark, checklist};
use crate::report;
use clap::Args;

/// Answer the eight questions to be asked before every deployment, as far as scripts can.
///
/// Exit status: 1 if an answer is no.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Changes of the plan; those that are new since --base, or all
    #[arg(value_name = "CHANGE")]
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
    let changes = reviewed(session, &arguments.arguments, &arguments.from)?;
    let lines = checklist(&changes);
    if arguments.wants_json() {
        ui::write_out(&format!("{}\n", serde_json::json!({ "checklist": lines })))?;
    } else {
        ui::write_out(&report::review::checklist(&lines))?;
    }
    Ok(u8::from(lines.iter().any(|line| line.mark == Mark::No)))
}
