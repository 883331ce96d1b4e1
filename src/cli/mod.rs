//! The edge: words on the command line become calls, and what happens becomes output.
//!
//! Knows: everything, thinly. Must never know: SQL text, or any decision worth testing without a
//! process.

pub mod command;
mod config_edit;
mod config_files;
mod editor;
mod git;
mod identity;
mod lint_settings;
mod opened;
mod options;
mod session;
mod signals;
mod ui;
mod zone;

use crate::error::{Error, Kind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser};
use session::Session;
use std::ffi::OsString;
use std::io::Write;

/// Change databases without fear: every change is verified, recorded, and has a way back
#[derive(Debug, Parser)]
#[command(
    name = "change",
    disable_version_flag = true,
    infer_long_args = true,
    arg_required_else_help = true,
    after_help = "change help COMMAND shows the options of a command.\nA project starts with: change init NAME --engine sqlite --target db:sqlite:FILE"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    /// Print the version
    #[arg(long)]
    version: bool,
    /// Print the folder of the system's configuration
    #[arg(long)]
    etc_path: bool,
    #[command(subcommand)]
    command: Option<command::Command>,
}

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Go to this folder first
    #[arg(short = 'C', long = "chdir", alias = "cd", value_name = "DIR", global = true)]
    pub chdir: Option<std::path::PathBuf>,
    /// Leave out progress; reports and errors stay
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Tell more; twice shows what verify scripts print
    #[arg(short = 'v', visible_short_alias = 'V', long, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Do not page long output (output is never paged; accepted for Sqitch's sake)
    #[arg(long, global = true, hide = true)]
    pub no_pager: bool,
    /// Colour the output
    #[arg(long, value_name = "WHEN", global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// Do not colour the output
    #[arg(long, global = true, hide = true)]
    pub no_color: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Runs the program and says its exit status.
pub fn main(args: impl Iterator<Item = OsString>) -> u8 {
    arm_fault();
    // A panic is a bug; what it prints must still tell a person what to do, and hide nothing else.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        #[cfg(debug_assertions)]
        let place = format!("{place} ({})", panic.payload_as_str().unwrap_or_default());
        let _ = writeln!(
            std::io::stderr(),
            "error: a bug in change, at {place}; what was recorded before is complete. Please report it."
        );
    }));
    let mut args: Vec<OsString> = args.collect();
    // Where -h is the host, one without a name was meant for help.
    if args.len() > 2
        && let Some(last) = args.last_mut().filter(|last| *last == "-h")
    {
        *last = "--help".into();
    }
    let matches = match Cli::command().try_get_matches_from(&args) {
        Ok(matches) => matches,
        Err(error) => return usage_exit(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage_exit(&error),
    };
    if cli.version {
        ui::print(concat!("change ", env!("CARGO_PKG_VERSION"), "\n"));
        return 0;
    }
    if cli.etc_path {
        ui::print("/etc/sqitch\n");
        return 0;
    }
    let Some(command) = cli.command else {
        ui::complain(&format!("{}\n", Cli::command().render_help()));
        return 2;
    };
    let json = command.wants_json();
    let mut session = match Session::start(cli.global.clone()) {
        Ok(session) => session,
        Err(error) => return report(&error, json, ui::Face::detect(&cli.global)),
    };
    session.as_sqitch = is_sqitch(args.first());
    if let Some(error) = session.misspelt.take().filter(|_| !command.mends_configuration()) {
        return report(&error, json, session.face);
    }
    match command.run(&mut session) {
        Ok(status) => status,
        Err(error) => report(&error, json, session.face),
    }
}

/// Whether the program is called by Sqitch's name, through a link.
fn is_sqitch(name: Option<&OsString>) -> bool {
    name.and_then(|name| std::path::Path::new(name).file_stem()).is_some_and(|name| name == "sqitch")
}

/// Help goes to standard output with status 0, wrong usage to standard error with status 2.
fn usage_exit(error: &clap::Error) -> u8 {
    let _ = error.print();
    if error.use_stderr() { 2 } else { 0 }
}

fn report(error: &Error, json: bool, face: ui::Face) -> u8 {
    let status = error.kind().exit_status();
    // On an output that cannot be written, nobody would read the error.
    if json && error.code() != ui::OUTPUT_FAILED {
        ui::print(&format!("{}\n", crate::report::json::error_line(error)));
    } else if error.kind() == Kind::Nothing {
        // "Nothing reverted" and the like are answers, not errors.
        if !face.quiet {
            ui::print(&format!("{}\n", error.message()));
        }
    } else {
        ui::complain(&format!("{}\n", crate::report::diagnostic::render(error, face.colour_err, face.width)));
    }
    status
}

/// Debug builds let a test make the n-th database call or file write fail or end the process:
/// `CHANGE_FAULT=fail:N` or `CHANGE_FAULT=exit:N`.
fn arm_fault() {
    #[cfg(debug_assertions)]
    if let Ok(text) = std::env::var("CHANGE_FAULT")
        && let Some((what, at)) = text.split_once(':')
        && let Ok(at) = at.parse()
    {
        let fault = if what == "exit" { crate::fault::Fault::Exit } else { crate::fault::Fault::Fail };
        crate::fault::arm(at, fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
