//! A walk through a script and what it includes, without running it: what would be run, and what
//! stands in the way.
//!
//! Knows: the client's rules for scripts. Must never know: how files are read, or a connection.

use super::command::{Command, Word};
use super::cut::{Cutter, Modes, Piece};
use super::kind::{Kind, kind};
use crate::error::{Error, Kind as ErrorKind, Place, Result};

/// A statement that would be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its text as it would be sent.
    pub text: String,
    /// What it does.
    pub kind: Kind,
    /// The file that holds it.
    pub file: String,
    /// The line in which it begins.
    pub line: usize,
}

/// What a script's text tells about running it.
#[derive(Debug, Default)]
pub struct Survey {
    /// The statements in the order in which they would be run.
    pub statements: Vec<Found>,
    /// What makes it impossible to run the script.
    pub problems: Vec<Error>,
    /// Whether its last transaction is left open, so that its work would be lost.
    pub left_open: bool,
    /// Whether it connects anew, so that what follows runs in another session.
    pub connects: bool,
}

impl Survey {
    /// Whether one of the first so many statements left something in its session that cannot be
    /// made again.
    #[must_use]
    pub fn keeps_before(&self, count: usize) -> bool {
        self.statements.iter().take(count).any(|found| found.kind == Kind::Keeps)
    }
}

/// Deeper, a script includes itself.
const DEEPEST: usize = 50;
/// More files than these are read by no script in earnest.
const MOST_FILES: usize = 10_000;

/// Walks through the script at `path`. `include` reads a file whose path is relative to the
/// project's folder.
pub fn survey(path: &str, text: &str, include: &mut dyn FnMut(&str) -> Result<String>) -> Survey {
    let mut walk = Walk {
        survey: Survey::default(),
        modes: Modes::default(),
        open: false,
        autocommit: true,
        files: 0,
        include,
    };
    walk.file(path, text, 0);
    walk.survey.left_open = walk.open;
    walk.survey
}

struct Walk<'a> {
    survey: Survey,
    modes: Modes,
    open: bool,
    autocommit: bool,
    files: usize,
    include: &'a mut dyn FnMut(&str) -> Result<String>,
}

impl Walk<'_> {
    fn file(&mut self, path: &str, text: &str, depth: usize) {
        let mut cutter = Cutter::new(text);
        while let Some(piece) = cutter.next(self.modes) {
            match piece {
                Piece::Statement(statement) => self.statement(statement.text, path, statement.line),
                Piece::Command(command) => self.command(&command, path, depth),
                Piece::Wrong(why, line) => self.problem("script.client", why, path, line),
                // The client says something about it, and goes on.
                Piece::Odd(..) => {}
            }
        }
    }

    fn statement(&mut self, text: String, file: &str, line: usize) {
        let kind = kind(&text);
        match &kind {
            Kind::Begin { .. } => self.open = true,
            Kind::Commit { chain } | Kind::Rollback { chain } => self.open = *chain,
            Kind::Commits { .. } | Kind::LockTables => self.open = false,
            Kind::Autocommit(on) => {
                self.autocommit = *on;
                self.open &= !on;
            }
            Kind::Rows | Kind::Keeps => self.open |= !self.autocommit,
            Kind::Empty | Kind::Session | Kind::Show | Kind::Savepoint | Kind::Unknown => {}
        }
        if let Some(modes) = modes_set_by(&text) {
            self.modes = modes;
        }
        self.survey.statements.push(Found { text, kind, file: file.to_owned(), line });
    }

    fn command(&mut self, command: &Command, path: &str, depth: usize) {
        match command.word {
            Word::Source => self.source(&command.argument, path, command.line, depth),
            Word::Connect => {
                self.survey.connects = true;
                self.open = false;
            }
            Word::Edit => {
                let why = "an editor cannot be opened in a script".to_owned();
                self.problem("script.client", why, path, command.line);
            }
            Word::Sandbox => {
                let why = "the client's sandbox mode is not supported in a script".to_owned();
                self.problem("script.client", why, path, command.line);
            }
            _ => {}
        }
    }

    fn source(&mut self, file: &str, path: &str, line: usize, depth: usize) {
        if file.is_empty() {
            return self.problem(
                "script.client",
                "Usage: \\. <filename> | source <filename>".to_owned(),
                path,
                line,
            );
        }
        self.files += 1;
        if depth >= DEEPEST || self.files > MOST_FILES {
            return self.problem("script.include", format!("\"{file}\" includes itself"), path, line);
        }
        match (self.include)(file) {
            Ok(text) => self.file(file, &text, depth + 1),
            Err(error) => self.survey.problems.push(error.at(Place::new(path, line, 1))),
        }
    }

    fn problem(&mut self, code: &'static str, why: String, path: &str, line: usize) {
        let error = Error::new(ErrorKind::Script, code, why).at(Place::new(path, line, 1));
        self.survey.problems.push(error);
    }
}

/// The modes that a statement sets, as far as its text says them.
pub(super) fn modes_set_by(text: &str) -> Option<Modes> {
    let text = text.to_ascii_uppercase();
    (text.starts_with("SET") && text.contains("SQL_MODE")).then(|| Modes {
        no_backslash: text.contains("NO_BACKSLASH_ESCAPES"),
        ansi_quotes: text.contains("ANSI"),
    })
}
