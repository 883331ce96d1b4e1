//! `change mark`

use super::super::options::OnDatabase;
use super::super::session::Session;
use super::deploy::{open, with_context};
use crate::engine::Settlement;
use crate::error::Result;
use crate::run::settle;
use clap::Args;

/// Say how a change is that stopped half-way, after you looked and mended it by hand.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How it is now
    #[arg(value_enum)]
    state: State,
    /// The change that stopped
    change: String,
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// Wait this long for another runner to finish
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
    #[command(flatten)]
    on: OnDatabase,
}

/// How a change is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum State {
    /// Everything its deploy script does is there
    Deployed,
    /// Nothing of it is there
    Reverted,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let opened = open(session, &arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    let settlement = match arguments.state {
        State::Deployed => Settlement::Deployed,
        State::Reverted => Settlement::NotDeployed,
    };
    with_context(session, &opened, "mark", arguments.on.json(), arguments.lock_timeout, |context| {
        settle::mark(context, &arguments.change, settlement)
    })?;
    Ok(0)
}
