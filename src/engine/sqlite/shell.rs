//! Runs a script on a SQLite connection as the sqlite3 shell would run it.
//!
//! Knows: the pieces of a script, the connection, the shell's settings. Must never know: plans,
//! the registry, the terminal (text goes to the caller through functions).

mod commands;
mod dump;
mod explain;
mod import;
mod output;
mod parameters;
mod session;
mod sink;
mod statement;
mod table;
mod value;

pub use session::open_session;

use crate::error::{Error, Kind, Place, Result};
use crate::sql::sqlite::cut::{Item, ItemKind, Script};
use crate::sql::sqlite::dot;
use output::Format;
use rusqlite::{Connection, ErrorCode};
use sink::Sink;
use std::path::PathBuf;

/// Where printed text goes.
pub struct Output<'a> {
    /// Results and what `.print` says.
    pub stdout: &'a mut dyn FnMut(&[u8]),
    /// Warnings, and errors that `.bail off` lets pass.
    pub stderr: &'a mut dyn FnMut(&[u8]),
}

/// What is to happen with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// It is run.
    Run,
    /// It is passed over, as if it were not in the script.
    Skip,
}

/// Called before each single statement, with its text without leading blanks and comments, up
/// to and with its semicolon, and the line it starts on. An error ends the script, `.bail` or not.
pub type Before<'a> = dyn FnMut(&Connection, &str, usize) -> Result<Ask> + 'a;

/// What follows a piece of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next piece.
    GoOn,
    /// The script has ended itself with this status (`.exit N`).
    Exit(i32),
}

/// The settings of one run of the shell; a fresh one for every script.
#[derive(Debug)]
pub struct Shell {
    bail: bool,
    failed: bool,
    echo: bool,
    changes: bool,
    timer: bool,
    stats: bool,
    plans: Plans,
    explain: &'static str,
    format: Format,
    directory: PathBuf,
    sink: Sink,
    /// The name of the sink, for `.show`.
    sink_name: String,
    /// How many more pieces go there before the output returns to the caller; 0 is no limit.
    once: u8,
    /// How many files read at run time are open.
    depth: usize,
}

/// What `.eqp` shows before each statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plans {
    Off,
    On,
    Full,
}

/// How deep files read at run time may nest.
const DEEPEST: usize = 32;

/// Why a piece did not end well.
enum Failure {
    /// The script's own fault: `.bail off` goes on after it.
    Script(Error),
    /// Not the script's: it ends here.
    Outside(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Script(error)
    }
}

/// All that a piece needs besides the shell and the connection.
struct Run<'r, 'o> {
    script: &'r Script,
    item: &'r Item,
    out: &'r mut Output<'o>,
    before: &'r mut Before<'r>,
}

impl Shell {
    /// A shell that starts in the directory `cwd`, in which the script's relative paths are
    /// looked up. (Paths in ATTACH are SQLite's business and belong to the process's directory.)
    #[must_use]
    pub fn new(cwd: PathBuf) -> Shell {
        Shell {
            bail: true,
            failed: false,
            echo: false,
            changes: false,
            timer: false,
            stats: false,
            plans: Plans::Off,
            explain: "auto",
            format: Format::new(),
            directory: cwd,
            sink: Sink::Caller,
            sink_name: "stdout".to_owned(),
            once: 0,
            depth: 0,
        }
    }

    /// Runs one piece of `script`.
    ///
    /// # Errors
    /// A statement or command fails (kind `Script`, with its place) unless `.bail off` holds,
    /// in which case the error is written to `out.stderr` and `failed` says so; `before` fails;
    /// the database was interrupted.
    pub fn item(
        &mut self,
        conn: &mut Connection,
        script: &Script,
        item: &Item,
        out: &mut Output<'_>,
        before: &mut Before<'_>,
    ) -> Result<Flow> {
        let mut before = |conn: &Connection, text: &str, line: usize| before(conn, text, line);
        let mut run = Run { script, item, out, before: &mut before };
        let done = match &item.kind {
            ItemKind::Sql(text) => self.gathered(conn, text, &mut run).map(|()| Flow::GoOn),
            ItemKind::Dot(call) => self.command(conn, call, &mut run),
        };
        match done {
            Ok(flow) => Ok(flow),
            Err(Failure::Script(error)) if !self.bail => {
                self.failed = true;
                (run.out.stderr)(format!("{error}\n").as_bytes());
                Ok(Flow::GoOn)
            }
            Err(Failure::Script(error) | Failure::Outside(error)) => Err(error),
        }
    }

    /// True if something failed while `.bail` was off: the script counts as failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Ends the shell: what was sent to a file or a program by `.output` is completed.
    ///
    /// # Errors
    /// The last of it cannot be written.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<()> {
        self.redirect(Sink::Caller, "stdout", out)
    }

    /// Prints to wherever output goes now.
    fn print(&mut self, text: impl AsRef<[u8]>, out: &mut Output<'_>) -> Result<()> {
        self.sink.write(text.as_ref(), out)
    }

    fn redirect(&mut self, sink: Sink, name: &str, out: &mut Output<'_>) -> Result<()> {
        self.once = 0;
        name.clone_into(&mut self.sink_name);
        std::mem::replace(&mut self.sink, sink).close(out)
    }

    /// Counts a piece for `.once`.
    fn after_piece(&mut self, last: bool, out: &mut Output<'_>) -> Result<()> {
        if self.once == 0 {
            return Ok(());
        }
        self.once -= 1;
        if last || self.once == 0 { self.redirect(Sink::Caller, "stdout", out) } else { Ok(()) }
    }
}

impl Run<'_, '_> {
    /// The place of `start..end` in the piece's own text.
    fn place(&self, start: usize, end: usize) -> Place {
        let text = match &self.item.kind {
            ItemKind::Sql(text) => text,
            ItemKind::Dot(call) => &call.raw,
        };
        let file = self.script.files.get(self.item.file).cloned().unwrap_or_default();
        let mut place = Place::in_text(file, text, start, end);
        place.line += self.item.line.saturating_sub(1);
        place
    }

    /// Gives an error of the command that is being run its place, unless it has one.
    fn at_command(&self, error: Error) -> Error {
        match (&self.item.kind, error.place()) {
            (ItemKind::Dot(call), None) => error.at(self.place(0, call.raw.len())),
            _ => error,
        }
    }

    fn warn(&mut self, text: &str) {
        (self.out.stderr)(text.as_bytes());
        (self.out.stderr)(b"\n");
    }
}

/// An error of the script that the database has told; the place is the caller's to add.
fn database_error(error: rusqlite::Error) -> Error {
    use rusqlite::Error::{SqlInputError, SqliteFailure};
    let (code, message) = match error {
        SqlInputError { error, msg, .. } => (error, msg),
        SqliteFailure(error, Some(message)) => (error, message),
        SqliteFailure(error, None) => (error, error.to_string()),
        other => return Error::new(Kind::Script, "script.statement", other.to_string()),
    };
    let (primary, extended) = (code.extended_code & 0xff, code.extended_code);
    let number =
        if primary == extended { primary.to_string() } else { format!("{primary}, extended {extended}") };
    // Whoever retries what was only locked out can tell it by this.
    let locked = matches!(code.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked);
    let name = if locked { "script.locked" } else { "script.statement" };
    let error = Error::new(Kind::Script, name, message);
    // Number 1 is the plain error that says nothing beyond the message.
    if code.extended_code == 1 { error } else { error.because(format!("SQLite error {number}")) }
}

/// An error of a command.
fn command_error(message: impl Into<String>) -> Error {
    Error::new(Kind::Script, "script.command", message)
}

/// A number as the shell reads it; an absent one is 0.
fn integer(text: Option<&str>) -> i64 {
    text.map_or(0, dot::integer)
}

/// A yes or no; whatever is neither is a no.
fn truth(text: Option<&str>) -> bool {
    text.and_then(dot::boolean).unwrap_or(false)
}

#[cfg(test)]
mod tests;
