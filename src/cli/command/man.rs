//! `change man`

use super::super::session::Session;
use super::super::{Cli, ui};
use crate::error::{Error, Kind, Result};
use crate::project::{make_folder, replace};
use clap::{Args, CommandFactory};
use std::path::PathBuf;

/// Write manual pages: change(1), and one for each command.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The folder to write to; without one, change(1) is printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let whole = Cli::command();
    let Some(folder) = &arguments.folder else {
        return ui::write_bytes(&page(whole)?).map(|()| 0);
    };
    let folder = session.root.join(folder);
    make_folder(&folder)?;
    let mut pages = vec![("change".to_owned(), whole.clone())];
    for command in whole.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("change-{}", command.get_name());
        pages.push((
            name.clone(),
            command.clone().bin_name(format!("change {}", command.get_name())).display_name(name),
        ));
    }
    for (name, command) in pages {
        replace(&folder.join(format!("{name}.1")), page(command)?)?;
    }
    Ok(0)
}

/// A manual page of what `--help` says, too.
fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(|error| {
        Error::new(Kind::Project, "man.write", "the manual page cannot be written").because(error)
    })?;
    Ok(text)
}
