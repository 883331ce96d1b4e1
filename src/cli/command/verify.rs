//! `change verify`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::deploy::{open, with_context};
use crate::error::Result;
use crate::run::verify::{self, Request};
use clap::Args;

/// Verify deployed changes: run their verify scripts and take back whatever those do.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The first and the last change to verify, or a target
    #[arg(value_name = "FROM|TO|TARGET")]
    arguments: Vec<String>,
    /// The first change to verify
    #[arg(long, visible_alias = "from-change", value_name = "CHANGE")]
    from: Option<String>,
    /// The last change to verify
    #[arg(long, visible_alias = "to-change", value_name = "CHANGE")]
    to: Option<String>,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    sorted.refuse_unknown()?;
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let opened = opened.with_variables(&session.config, "verify", &arguments.set)?;
    let mut changes = sorted.changes.into_iter();
    let request = Request {
        from: arguments.from.clone().or_else(|| changes.next()),
        to: arguments.to.clone().or_else(|| changes.next()),
        verbose: session.global.verbose > 1,
    };
    with_context(session, &opened, "verify", arguments.on.json(), None, |context| {
        verify::verify(context, &request)
    })?;
    Ok(0)
}
