//! `change completions`

use super::super::session::Session;
use super::super::{Cli, ui};
use crate::error::Result;
use clap::{Args, CommandFactory};

/// Write completions for a shell to standard output.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let name = if session.as_sqitch { "sqitch" } else { "change" };
    let mut out = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), name, &mut out);
    ui::write_out(&String::from_utf8_lossy(&out))?;
    Ok(0)
}
