//! A whole change in one flight: everything is sent before the first answer is read.
//!
//! Each statement is a message of its own, so that it means what it means alone and its errors say
//! which one it was. All of a flight is one group of the extended protocol: after the first error,
//! be it in the BEGIN itself, the server passes over everything up to the group's end. So nothing that
//! follows a failure takes effect, whatever a script does with savepoints.

use super::db::Statement;
use super::limits::HELD;
use super::look::Look;
use super::script::Ready;
use super::shell;
use super::wire::{Connection, Message, ServerError};
use crate::engine::{Output, verify_failed};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::psql::{Found, StatementKind};
use std::collections::VecDeque;

/// Errors that a COMMIT in between would have averted: pending trigger events, a value that an
/// enumeration was just given.
const ONLY_AFTER_A_COMMIT: [&str; 2] = ["55006", "55P04"];
/// How our own messages fail when they are to.
const DIVISION_BY_ZERO: &str = "22012";

/// What a message is about.
#[derive(Debug, Clone, Copy)]
enum About {
    /// Our own doing.
    Own,
    /// Makes the session fresh.
    Resets,
    /// Fails if somebody is in the way.
    Stops,
    /// Fails if the lock is no longer held, or the change before it did not take effect; what it answers
    /// is told.
    Holds,
    /// A statement of a script, by its place in it.
    Statement { verifying: bool, at: usize },
    /// A script begins here.
    Start { verifying: bool },
}

/// The scripts that a flight takes its statements from.
#[derive(Clone, Copy)]
pub(super) struct Load<'a> {
    pub(super) script: Option<&'a Ready<'a>>,
    pub(super) verify: Option<&'a Ready<'a>>,
}

impl<'a> Load<'a> {
    pub(super) const NONE: Load<'static> = Load { script: None, verify: None };

    fn ready(&self, verifying: bool) -> Option<&'a Ready<'a>> {
        if verifying { self.verify } else { self.script }
    }

    fn statement(&self, verifying: bool, at: usize) -> Option<(&'a Ready<'a>, &'a Found)> {
        let ready = self.ready(verifying)?;
        Some((ready, ready.survey.statements.get(at)?))
    }
}

/// What a flight that went well brought home.
#[derive(Debug, Default)]
pub(super) struct Landed {
    /// The last answer of what [`Flight::holds`].
    pub(super) told: Option<String>,
}

/// The messages of a change, in order.
#[derive(Debug, Default)]
pub(super) struct Flight {
    messages: Vec<About>,
    /// Our own messages, until they are sent.
    own: VecDeque<Statement>,
    /// Whether the server keeps our own messages for the next time: not if a script of the flight may
    /// make it forget them.
    pub(super) keeps: bool,
}

impl Flight {
    /// Adds a statement of our own.
    pub(super) fn own(&mut self, statement: impl Into<Statement>) {
        self.add(About::Own, statement.into());
    }

    /// Adds several.
    pub(super) fn owns<S: Into<Statement>>(&mut self, all: impl IntoIterator<Item = S>) {
        all.into_iter().for_each(|statement| self.own(statement));
    }

    /// Adds what makes the session fresh: settings, roles, temporary objects, prepared statements,
    /// cursors and locks go.
    pub(super) fn resets(&mut self) {
        self.add(About::Resets, "DISCARD ALL".into());
    }

    /// Adds a statement that divides by zero unless all is still as it must be. Landing returns what it
    /// answers.
    pub(super) fn holds(&mut self, statement: impl Into<Statement>) {
        self.add(About::Holds, statement.into());
    }

    /// Adds what fails if somebody is in the way.
    pub(super) fn looks(&mut self, look: &Look) {
        self.add(About::Stops, look.stop.clone());
    }

    fn add(&mut self, about: About, statement: Statement) {
        self.messages.push(about);
        self.own.push_back(statement);
    }

    /// Adds a script, without the beginning and the end of its transaction. What it does to tables
    /// that are there is preceded by a look at them.
    pub(super) fn script(&mut self, ready: &Ready<'_>, verifying: bool, look: Option<&Look>) {
        self.messages.push(About::Start { verifying });
        for (at, found) in ready.survey.statements.iter().enumerate() {
            use StatementKind as Kind;
            if let Some(look) = look.filter(|look| look.before == at) {
                self.looks(look);
            }
            if !matches!(found.kind, Kind::Begin | Kind::Commit | Kind::Rollback | Kind::Empty) {
                self.messages.push(About::Statement { verifying, at });
            }
        }
    }

    /// Sends everything.
    pub(super) fn send(&mut self, conn: &mut Connection, load: Load<'_>) -> Result<()> {
        for about in &self.messages {
            match about {
                About::Start { .. } => {}
                About::Statement { verifying, at } => {
                    if let Some((_, found)) = load.statement(*verifying, *at) {
                        conn.grouped(&found.text)?;
                    }
                }
                About::Own | About::Resets | About::Stops | About::Holds => {
                    let Some(Statement { sql, values }) = self.own.pop_front() else { continue };
                    conn.grouped_with(&sql, &values, self.keeps && !matches!(about, About::Resets))?;
                    if matches!(about, About::Resets) {
                        conn.forget_kept();
                    }
                }
            }
        }
        conn.end_group()
    }

    /// Reads all answers; after an error there are no more.
    pub(super) fn land(
        &mut self,
        conn: &mut Connection,
        load: Load<'_>,
        output: &mut dyn Output,
    ) -> Result<Landed> {
        let mut landed = Landed::default();
        let mut failed: Option<Error> = None;
        for about in std::mem::take(&mut self.messages) {
            if let About::Start { verifying } = about {
                if let Some(ready) = load.ready(verifying) {
                    output.starts(&ready.script.path, verifying);
                }
                continue;
            }
            let mut answers = Answers { output, told: &mut landed.told };
            if let Some(error) = answers.read(conn, about, load)? {
                failed = Some(located(error, about, load));
                break;
            }
        }
        loop {
            match conn.receive()? {
                Message::Ready(_) => return failed.map_or(Ok(landed), Err),
                // A COMMIT may fail after it was answered for.
                Message::Error(error) if failed.is_none() => {
                    failed = Some(located(error, About::Own, load));
                }
                _ => {}
            }
        }
    }

    /// Sends everything, then reads all answers.
    pub(super) fn run(
        &mut self,
        conn: &mut Connection,
        load: Load<'_>,
        output: &mut dyn Output,
    ) -> Result<Landed> {
        self.send(conn, load)?;
        self.land(conn, load, output)
    }
}

/// Whether a script can be sent without a look at what comes back, each statement for itself, and
/// after queries of our own.
pub(super) fn can_fly(ready: &Ready<'_>) -> bool {
    let survey = &ready.survey;
    !survey.needs_look
        && !survey.sets_transaction
        && survey.commands.is_empty()
        && !survey.statements.iter().any(|one| one.kind.reads_data() || one.is_several())
}

/// Reads the answers to messages.
struct Answers<'a> {
    output: &'a mut dyn Output,
    told: &'a mut Option<String>,
}

impl Answers<'_> {
    fn read(
        &mut self,
        conn: &mut Connection,
        about: About,
        load: Load<'_>,
    ) -> Result<Option<Box<ServerError>>> {
        let shown = match about {
            About::Statement { verifying, at } => load.statement(verifying, at),
            _ => None,
        };
        loop {
            match conn.receive()? {
                Message::Row(cells) if shown.is_some() => {
                    let cells: Vec<Vec<u8>> = cells.into_iter().map(Option::unwrap_or_default).collect();
                    let mut line = cells.join(&b'|');
                    line.push(b'\n');
                    self.output.stdout(&line);
                }
                Message::Row(cells) if matches!(about, About::Holds) => {
                    let first = cells.into_iter().next().flatten();
                    *self.told = first.and_then(|cell| String::from_utf8(cell).ok());
                }
                Message::CopyData(bytes) if shown.is_some() => self.output.stdout(&bytes),
                Message::Notice(notice) => {
                    if let Some((_, found)) = shown {
                        let end = found.line + found.text.iter().filter(|byte| **byte == b'\n').count();
                        self.output.stderr(&shell::notice_lines(&found.file, end, &notice, &found.text));
                    }
                }
                Message::Error(error) => return Ok(Some(error)),
                // Its owner said it reads none.
                Message::CopyIn => conn.copy_fail("no data"),
                Message::Complete(_) | Message::Empty => return Ok(None),
                // Nothing was run: the group ended before its turn.
                Message::Ready(_) => return Err(out_of_step()),
                _ => {}
            }
        }
    }
}

fn out_of_step() -> Error {
    Error::new(Kind::Database, "postgres.lost", "the server's answers do not fit what it was asked")
}

/// A server's error with its place.
fn located(error: Box<ServerError>, about: About, load: Load<'_>) -> Error {
    let code = shell::code_of(&error);
    let (ready, found, verifying) = match about {
        About::Stops if error.code == DIVISION_BY_ZERO => {
            return Error::new(Kind::Script, HELD, "somebody holds what the change needs");
        }
        About::Holds if error.code == DIVISION_BY_ZERO => {
            return Error::new(
                Kind::Database,
                "lock.lost",
                "the lock that keeps other runners out was lost, so nothing of the change was done",
            )
            .hint("something ended the session that held it; run the command again");
        }
        About::Statement { verifying, at } => match load.statement(verifying, at) {
            Some((ready, found)) => (ready, found, verifying),
            None => return error.to_error(Kind::Script, code),
        },
        _ => return error.to_error(Kind::Database, code),
    };
    let mut located = error.to_error(Kind::Script, code).at(place(ready, found, error.position));
    if ONLY_AFTER_A_COMMIT.contains(&error.code.as_str()) {
        located = located.hint(
            "the change is one transaction; -- change: transaction=off  in the script runs it step by step",
        );
    }
    if verifying { verify_failed(&ready.script.path, located) } else { located }
}

/// Where a statement stands, or the word in it that the server means.
fn place(ready: &Ready<'_>, found: &Found, position: Option<usize>) -> Place {
    let text = String::from_utf8_lossy(&found.text);
    let before: String = text.chars().take(position.unwrap_or(1).saturating_sub(1)).collect();
    let word = text.get(before.len()..).unwrap_or_default();
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let length = match position {
        Some(_) => word.find(|c| !inside(c)).unwrap_or(word.len()).max(1),
        None => text.len(),
    };
    let file = &ready.script.text;
    let line_start: usize = file.split_inclusive('\n').take(found.line.saturating_sub(1)).map(str::len).sum();
    let here =
        file.get(line_start..).and_then(|rest| rest.find(&*text)).filter(|_| found.file == ready.script.path);
    match here {
        Some(offset) => {
            let start = line_start + offset + before.len();
            Place::in_text(&found.file, file, start, (start + length).min(file.len()))
        }
        None => Place::new(&found.file, found.line + before.matches('\n').count(), 1),
    }
}
