//! A whole change in one flight: everything is sent before the first answer is read.
//!
//! Each statement is a message of its own, so that it means what it means alone and its errors say
//! which one it was; all are inside one transaction, so that nothing after a failure takes effect:
//! the server refuses it until the COMMIT, which then rolls back.

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

/// What a message is about.
#[derive(Clone, Copy)]
enum About<'a> {
    /// Our own doing.
    Own,
    /// A question of ours.
    Asks,
    /// A statement of a script.
    Statement { ready: &'a Ready<'a>, found: &'a Found, verifying: bool },
    /// A script begins here.
    Start { ready: &'a Ready<'a>, verifying: bool },
}

/// The messages of a change, in order.
#[derive(Default)]
pub(super) struct Flight<'a> {
    messages: Vec<(About<'a>, Vec<u8>)>,
}

impl<'a> Flight<'a> {
    /// Adds statements of our own as one message.
    pub(super) fn own(&mut self, sql: impl Into<Vec<u8>>) {
        self.messages.push((About::Own, sql.into()));
    }

    /// Adds a question, whose answer is what `run` returns.
    pub(super) fn asks(&mut self, sql: impl Into<Vec<u8>>) {
        self.messages.push((About::Asks, sql.into()));
    }

    /// Adds a script, without the beginning and the end of its transaction.
    pub(super) fn script(&mut self, ready: &'a Ready<'a>, verifying: bool) {
        self.messages.push((About::Start { ready, verifying }, Vec::new()));
        for found in &ready.survey.statements {
            use StatementKind as Kind;
            if !matches!(found.kind, Kind::Begin | Kind::Commit | Kind::Rollback | Kind::Empty) {
                self.messages.push((About::Statement { ready, found, verifying }, found.text.clone()));
            }
        }
    }

    /// Sends everything, then reads all answers; the first error is the one that counts.
    pub(super) fn run(self, conn: &mut Connection, output: &mut dyn Output) -> Result<Option<String>> {
        let mut told = None;
        let mut waiting: VecDeque<(About<'a>, Vec<u8>)> = VecDeque::with_capacity(self.messages.len());
        for (about, text) in self.messages {
            if !matches!(about, About::Start { .. }) {
                conn.query(&text)?;
            }
            waiting.push_back((about, text));
        }
        let mut failed: Option<Error> = None;
        while let Some((about, text)) = waiting.pop_front() {
            if let About::Start { ready, verifying } = about {
                if failed.is_none() {
                    output.starts(&ready.script.path, verifying);
                }
                continue;
            }
            let error = answers(conn, &about, &text, failed.is_none(), output, &mut told)?;
            if failed.is_none() {
                failed = error.map(|error| located(error, &about));
            }
        }
        failed.map_or(Ok(told), Err)
    }
}

/// Whether a script can be sent without a look at what comes back.
pub(super) fn can_fly(ready: &Ready<'_>) -> bool {
    let survey = &ready.survey;
    !survey.needs_look
        && survey.commands.is_empty()
        && !survey.statements.iter().any(|one| one.kind.reads_data())
}

/// The answers to one message.
fn answers(
    conn: &mut Connection,
    about: &About<'_>,
    text: &[u8],
    heard: bool,
    output: &mut dyn Output,
    told: &mut Option<String>,
) -> Result<Option<Box<ServerError>>> {
    let mut failed = None;
    let shown = heard && matches!(about, About::Statement { .. });
    loop {
        match conn.receive()? {
            Message::Row(cells) if shown => {
                let cells: Vec<Vec<u8>> = cells.into_iter().map(Option::unwrap_or_default).collect();
                let mut line = cells.join(&b'|');
                line.push(b'\n');
                output.stdout(&line);
            }
            Message::Row(cells) if matches!(about, About::Asks) => {
                *told = cells.into_iter().next().flatten().and_then(|cell| String::from_utf8(cell).ok());
            }
            Message::CopyData(bytes) if shown => output.stdout(&bytes),
            Message::Notice(notice) if shown => {
                if let About::Statement { found, .. } = about {
                    let end = found.line + text.iter().filter(|byte| **byte == b'\n').count();
                    output.stderr(&shell::notice_lines(&found.file, end, &notice, text));
                }
            }
            Message::Error(error) => {
                failed.get_or_insert(error);
            }
            // Its owner said it reads none.
            Message::CopyIn => conn.copy_fail("no data"),
            Message::Ready(_) => return Ok(failed),
            _ => {}
        }
    }
}

/// A server's error with its place.
fn located(error: Box<ServerError>, about: &About<'_>) -> Error {
    let code = shell::code_of(&error);
    match about {
        About::Own | About::Asks | About::Start { .. } => error.to_error(Kind::Database, code),
        About::Statement { ready, found, verifying } => {
            let mut located = error.to_error(Kind::Script, code).at(place(ready, found, error.position));
            if ONLY_AFTER_A_COMMIT.contains(&error.code.as_str()) {
                located = located.hint(
                    "the change is one transaction; -- change: transaction=off  in the script runs it step by step",
                );
            }
            if *verifying { verify_failed(&ready.script.path, located) } else { located }
        }
    }
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
