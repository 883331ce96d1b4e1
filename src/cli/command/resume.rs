//! `change resume`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::deploy::{open, verifies, with_context};
use crate::engine::Doubtful;
use crate::error::Result;
use crate::run::settle;
use clap::Args;

/// Go on with a change that stopped half-way, at the statement where it stopped.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// The statement in doubt did not take effect: run it
    #[arg(long, conflicts_with = "skip")]
    retry: bool,
    /// The statement in doubt did take effect: go on after it
    #[arg(long)]
    skip: bool,
    /// Do not run the verify script
    #[arg(long, alias = "noverify")]
    no_verify: bool,
    /// Wait this long for another runner to finish
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let opened = open(session, &arguments.arguments, &arguments.on.connect, &arguments.on.paths)?
        .with_variables(&session.config, "deploy", &[])?;
    let doubtful = match (arguments.retry, arguments.skip) {
        (true, _) => Doubtful::Retry,
        (_, true) => Doubtful::Skip,
        _ => Doubtful::Decide,
    };
    let verify = verifies(session, false, arguments.no_verify)?;
    with_context(session, &opened, "resume", arguments.on.json(), arguments.lock_timeout, |context| {
        settle::resume(context, doubtful, verify)
    })?;
    Ok(0)
}
