//! Runs a script on a PostgreSQL connection as psql would run it.
//!
//! Knows: the pieces of a script, the connection, psql's variables and settings. Must never know:
//! plans, the registry, the terminal (text goes to the caller's output).

mod aligned;
mod answers;
mod arguments;
mod branches;
mod buffer;
mod client_copy;
mod commands;
mod connect;
mod copy;
mod crosstab;
mod format;
mod message;
mod outside;
mod print;
mod process;
mod send;
mod sink;
mod talk;
mod variables;

use crate::engine::Output;
use crate::engine::postgres::settings::Settings;
use crate::engine::postgres::wire::{Connection, ServerError};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::{self, Origin, Piece, Scanner};
use branches::Branches;
use commands::After;
use format::Format;
use process::Environment;
use sink::Sink;
use std::io::BufRead;
use std::path::PathBuf;
use variables::Variables;

pub(super) use talk::{code_of, notice_lines};

/// What is to happen with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// It is sent to the server.
    Send,
    /// It is passed over, as if it had been done.
    Skip,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The file, as messages name it.
    pub path: &'a str,
    /// The line it begins in.
    pub line: usize,
    /// Where in the file its first byte stands, unless it stems from a variable or from the server.
    pub offset: Option<usize>,
    /// Whether the client begins a transaction before it (`AUTOCOMMIT` is off).
    pub begins: bool,
}

/// What the gate is called with when the script leaves its session for another (`\\c`); it is no
/// statement.
pub const LEAVES: &[u8] = b"\\connect";

/// What it is called with before the script runs a program (`\\!`), which must find done what stands
/// before it.
pub const PAUSES: &[u8] = b"\\!";

/// Called before each statement of the script is sent, with its text. An error ends the script,
/// whatever `ON_ERROR_STOP` says.
pub type Gate<'a> = dyn FnMut(&mut Connection, &[u8], &Spot<'_>) -> Result<Ask> + 'a;

/// A script.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// Its path, as messages name it; `\ir` starts from its folder.
    pub path: &'a str,
    /// Its text, in whatever encoding.
    pub text: &'a [u8],
}

/// How a script that was not ended by an error went.
#[derive(Debug, Default)]
pub struct End {
    /// What failed while `ON_ERROR_STOP` was off.
    pub swallowed: Vec<Error>,
    /// Whether `\c` put another session in the place of the one the script began with.
    pub reconnected: bool,
}

/// The state of psql for one script; each script gets a fresh one.
pub struct Shell {
    /// How the present session was reached.
    settings: Settings,
    folder: PathBuf,
    variables: Variables,
    format: Format,
    /// Where `\o` sends results.
    sink: Sink,
    timing: bool,
    /// The key that ends a `\restrict`.
    restricted: Option<Vec<u8>>,
    environment: Environment,
    input: Box<dyn BufRead>,
    /// What the command that sends the next statement wants of it.
    wish: Wish,
    /// Where the client stands, for its messages.
    path: String,
    line: usize,
    /// How many files that include one another are open.
    depth: usize,
    /// The server's last error, and what had been sent.
    last_error: Option<(ServerError, Vec<u8>)>,
    /// What failed last, and what psql says about it, until it is known whether the script goes on.
    trouble: Option<Error>,
    last_words: Vec<u8>,
    end: End,
}

/// What is to be done with the result of the next statement besides printing it.
#[derive(Debug, Default)]
enum Wish {
    #[default]
    Print,
    /// `\g` with another target, or other settings; the settings to return to.
    Differently { target: Option<Vec<u8>>, format: Option<Box<Format>> },
    /// `\gset` with its prefix.
    Set(Vec<u8>),
    /// `\gexec`
    Execute,
    /// `\gdesc`
    Describe,
    /// `\crosstabview` with its arguments.
    Crosstab(Vec<Vec<u8>>),
}

/// All that a piece needs besides the shell.
struct Run<'r, 'g> {
    conn: &'r mut Connection,
    output: &'r mut (dyn Output + 'g),
    gate: &'r mut Gate<'g>,
}

/// A statement and where it stands.
#[derive(Debug, Clone, Default)]
struct Statement {
    text: Vec<u8>,
    line: usize,
    origin: Origin,
}

/// A file that is being read.
struct Level {
    path: String,
    text: Vec<u8>,
    scanner: Scanner,
    branches: Branches,
    /// The statement that was sent last, which `\g` and its like repeat.
    previous: Statement,
    /// The line whose pieces are being done, and whether an error in it ends the script: as in psql
    /// that is decided when the line is read.
    line: usize,
    stop: bool,
    /// The last line that `ECHO` has shown or passed.
    echoed: usize,
}

/// How deep files may include one another.
const DEEPEST: usize = 64;

impl Shell {
    /// A shell for one script, in `folder`, with `variables` as given by `--set`. `settings` are
    /// those of the session the script will run in.
    ///
    /// # Errors
    /// When a variable's name or value cannot be used.
    pub fn new(settings: Settings, folder: PathBuf, variables: &[(String, String)]) -> Result<Shell> {
        let mut all = Variables::new();
        for (name, value) in variables {
            all.set(name.as_bytes(), Some(value.as_bytes()))
                .map_err(|why| Error::new(Kind::Usage, "script.variable", why))?;
        }
        Ok(Shell {
            settings,
            folder,
            variables: all,
            format: Format::default(),
            sink: Sink::Caller,
            timing: false,
            restricted: None,
            environment: Environment::default(),
            input: Box::new(std::io::BufReader::new(std::io::stdin())),
            wish: Wish::Print,
            path: String::new(),
            line: 0,
            depth: 0,
            last_error: None,
            trouble: None,
            last_words: Vec::new(),
            end: End::default(),
        })
    }

    /// What `\prompt` and `\copy … FROM PSTDIN` read, in place of the process's own input.
    #[must_use]
    pub fn with_input(mut self, input: impl BufRead + 'static) -> Shell {
        self.input = Box::new(input);
        self
    }

    /// Sets a variable of the environment, as `\setenv` does.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Shell {
        self.environment.set(name, Some(value));
        self
    }

    /// What psql would have written to its standard error about the error that [`Shell::run`]
    /// returned last. It is not sent to the output, as the error itself says the same.
    #[must_use]
    pub fn last_words(&self) -> &[u8] {
        &self.last_words
    }

    /// The server's last error, whose SQLSTATE tells whether trying again makes sense.
    #[must_use]
    pub fn last_error(&self) -> Option<&ServerError> {
        self.last_error.as_ref().map(|(error, _)| error)
    }

    /// Runs a whole script.
    ///
    /// # Errors
    /// The first error that ends the script: of the server or of a command while `ON_ERROR_STOP` is
    /// on, of the gate, or the loss of the connection. What was done before it stays done.
    pub fn run(
        &mut self,
        conn: &mut Connection,
        script: &Script<'_>,
        output: &mut dyn Output,
        gate: &mut Gate<'_>,
    ) -> Result<End> {
        self.last_words.clear();
        self.know_session(conn);
        let mut run = Run { conn, output, gate };
        let done = self.file(&mut run, script.path, script.text.to_vec());
        let sink = std::mem::take(&mut self.sink);
        let closed = sink.close(run.output);
        done?;
        closed.map_err(|why| Error::new(Kind::Script, "script.output", why))?;
        Ok(std::mem::take(&mut self.end))
    }

    /// Runs a file: the script, or one that it includes. An error ends the whole script.
    fn file(&mut self, run: &mut Run<'_, '_>, path: &str, text: Vec<u8>) -> Result<()> {
        let outer = (std::mem::replace(&mut self.path, path.to_owned()), std::mem::take(&mut self.line));
        let mut level = Level {
            path: path.to_owned(),
            scanner: Scanner::new(text.clone(), self.utf8(run)),
            text,
            branches: Branches::default(),
            previous: Statement::default(),
            line: 0,
            stop: false,
            echoed: 0,
        };
        self.depth += 1;
        let done = self.pieces(run, &mut level);
        self.depth -= 1;
        if done.is_ok() {
            (self.path, self.line) = outer;
        }
        done
    }

    fn pieces(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Result<()> {
        loop {
            let escapes = run.conn.parameter("standard_conforming_strings") == Some("off");
            level.scanner.single_line(self.variables.is_on("SINGLELINE"));
            level.scanner.skip_text(!level.branches.is_active());
            let unset = arguments::Unset;
            let variables: &dyn psql::Variables =
                if level.branches.is_active() { &self.variables } else { &unset };
            let piece = level.scanner.next(variables, !escapes);
            self.reach_line(run, level);
            match piece {
                Piece::Statement { text, start_line, origin, .. } => {
                    let statement = Statement { text, line: start_line, origin };
                    let done = self.send(run, level, &statement)?;
                    level.previous = statement;
                    self.settle(run, level, done)?;
                }
                Piece::Command { name, .. } => match self.command(run, level, &name)? {
                    After::Done => {}
                    After::Send => {
                        let done = self.send_pending(run, level)?;
                        self.settle(run, level, done)?;
                    }
                    After::Failed => self.settle(run, level, false)?,
                    After::Quit => return self.last_statement(run, level),
                },
                Piece::End { .. } => break,
            }
        }
        self.last_statement(run, level)?;
        if !level.branches.is_empty() {
            self.fail(level, "reached EOF without finding closing \\endif(s)");
            self.settle(run, level, false)?;
        }
        Ok(())
    }

    /// Notes where the client stands now, and shows the lines it has read if that is wanted.
    fn reach_line(&mut self, run: &mut Run<'_, '_>, level: &mut Level) {
        self.line = level.scanner.line();
        if self.line != level.line {
            level.line = self.line;
            level.stop = self.variables.is_on("ON_ERROR_STOP");
        }
        if self.variables.is("ECHO", "all") {
            let lines = level.text.split_inclusive(|byte| *byte == b'\n');
            for line in lines.take(self.line).skip(level.echoed) {
                run.output.stdout(line.strip_suffix(b"\n").unwrap_or(line));
                run.output.stdout(b"\n");
            }
        }
        level.echoed = self.line;
        self.tell_notes(run, level);
    }

    /// Sends what is pending at the end of a file, or where it ends itself.
    fn last_statement(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Result<()> {
        if level.scanner.pending().is_empty() || !level.branches.is_active() {
            return Ok(());
        }
        let done = self.send_pending(run, level)?;
        self.settle(run, level, done)
    }

    /// Sends what is pending, or, if that is nothing, what was sent last.
    fn send_pending(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Result<bool> {
        let statement = if level.scanner.pending().is_empty() {
            level.scanner.reset_pending();
            level.previous.clone()
        } else {
            let origin = level.scanner.pending_origin().clone();
            let line = level.scanner.pending_line();
            Statement { text: level.scanner.take_pending(), line, origin }
        };
        let done = self.send(run, level, &statement)?;
        level.previous = statement;
        Ok(done)
    }

    /// After a statement or command: an error ends the script, or is told and passed.
    fn settle(&mut self, run: &mut Run<'_, '_>, level: &mut Level, done: bool) -> Result<()> {
        if done {
            return Ok(());
        }
        let trouble = self
            .trouble
            .take()
            .unwrap_or_else(|| Error::new(Kind::Script, "script.failed", "the script failed"));
        if level.stop {
            return Err(trouble);
        }
        let words = std::mem::take(&mut self.last_words);
        run.output.stderr(&words);
        self.end.swallowed.push(trouble);
        Ok(())
    }

    /// Whether the client's encoding is UTF-8.
    fn utf8(&self, run: &Run<'_, '_>) -> bool {
        run.conn.parameter("client_encoding").is_none_or(|name| name.eq_ignore_ascii_case("UTF8"))
    }
}
