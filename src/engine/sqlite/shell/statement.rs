//! Runs gathered SQL text: statement after statement, rows printed in the current mode.
//!
//! Knows: the text, the connection, the settings. Must never know: commands, files.

use super::output::Printer;
use super::{Ask, Kind};
use super::{Failure, Plans, Run, Shell, database_error, explain, parameters};
use crate::error::Error;
use crate::sql::sqlite::cut::{first_statement, leading_blank};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement, StatementStatus};
use std::time::Instant;

impl Shell {
    /// Runs gathered text; the first error ends it, statements before that have run.
    pub(super) fn gathered(
        &mut self,
        conn: &Connection,
        text: &str,
        run: &mut Run<'_, '_>,
    ) -> Result<(), Failure> {
        let started = Instant::now();
        if self.echo {
            self.print(format!("{}\n", text.trim_start()), run.out)?;
        }
        let done = self.statements(conn, text, run);
        if self.timer {
            let taken = started.elapsed().as_secs_f64();
            self.print(format!("Run Time: real {taken:.3}\n"), run.out)?;
        }
        if done.is_ok() && self.changes {
            let (last, total) = (conn.changes(), conn.total_changes());
            self.print(format!("changes: {last}   total_changes: {total}\n"), run.out)?;
        }
        self.after_piece(true, run.out)?;
        done
    }

    fn statements(&mut self, conn: &Connection, text: &str, run: &mut Run<'_, '_>) -> Result<(), Failure> {
        let mut at = 0;
        // Counted along the way: a long line of many statements must not be counted for each.
        let mut line = run.item.line;
        loop {
            let blank = leading_blank(text.get(at..).unwrap_or_default());
            line += lines(text, at, blank);
            at += blank;
            let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else { return Ok(()) };
            let length = first_statement(rest);
            self.statement(conn, rest.get(..length).unwrap_or(rest), (at, line), run)?;
            line += lines(text, at, length);
            at += length;
        }
    }

    /// Runs the statement that starts at offset `at` of the piece.
    fn statement(
        &mut self,
        conn: &Connection,
        text: &str,
        (at, line): (usize, usize),
        run: &mut Run<'_, '_>,
    ) -> Result<(), Failure> {
        match (run.before)(conn, text, line).map_err(Failure::Outside)? {
            Ask::Skip => return Ok(()),
            Ask::Run => crate::fault::point("sqlite.statement").map_err(Failure::Outside)?,
        }
        let failed = |error, run: &Run<'_, '_>| failure(error, text, at, run);
        let mut statement = conn.prepare(text).map_err(|error| failed(error, run))?;
        parameters::bind(conn, &mut statement).map_err(|error| failed(error, run))?;
        match statement.is_explain() {
            0 => {
                if self.plans != Plans::Off {
                    self.plan(conn, text, run)?;
                }
                self.rows(&mut statement, run)?.map_err(|error| failed(error, run))?;
            }
            kind => {
                let shown = explain::render(&mut statement, kind).map_err(|error| failed(error, run))?;
                self.print(shown, run.out)?;
            }
        }
        if self.stats {
            self.print(statistics(&statement), run.out)?;
        }
        Ok(())
    }

    /// Steps through the rows and prints them; the inner result is the database's.
    fn rows(
        &mut self,
        statement: &mut Statement<'_>,
        run: &mut Run<'_, '_>,
    ) -> Result<rusqlite::Result<()>, Error> {
        let Shell { format, sink, .. } = self;
        let count = statement.column_count();
        let columns = if count > 0 && Printer::names_columns(format) {
            statement.column_names().map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        let mut printer = Printer::new(format, &columns);
        let mut rows = statement.raw_query();
        let mut text = Vec::new();
        let ended = loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            let cells: Vec<ValueRef<'_>> = (0..count).filter_map(|index| row.get_ref(index).ok()).collect();
            printer.row(&mut text, &cells);
            if !text.is_empty() {
                sink.write(&text, run.out)?;
                text.clear();
            }
        };
        // The rows before an error are shown, as in the shell.
        printer.end(&mut text);
        if !text.is_empty() {
            sink.write(&text, run.out)?;
        }
        Ok(ended)
    }

    /// Shows how a statement will be run, as `.eqp` asks for; a statement that cannot be
    /// explained is not.
    fn plan(&mut self, conn: &Connection, text: &str, run: &mut Run<'_, '_>) -> Result<(), Error> {
        let kinds: &[(&str, i32)] = match self.plans {
            Plans::Full => &[("EXPLAIN QUERY PLAN", 2), ("EXPLAIN", 1)],
            _ => &[("EXPLAIN QUERY PLAN", 2)],
        };
        for (prefix, kind) in kinds {
            let Ok(mut statement) = conn.prepare(&format!("{prefix} {text}")) else { continue };
            let shown = explain::render(&mut statement, *kind).unwrap_or_default();
            self.print(shown, run.out)?;
        }
        Ok(())
    }
}

/// How many line ends there are in `length` bytes of `text` from `at`.
fn lines(text: &str, at: usize, length: usize) -> usize {
    text.get(at..at + length).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count()
}

/// The error with the place of the token that SQLite names, or else of the statement's start.
fn failure(error: rusqlite::Error, text: &str, at: usize, run: &Run<'_, '_>) -> Failure {
    let offset = match &error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).unwrap_or(0),
        _ => 0,
    };
    let start = at + offset;
    let length = token_length(text.get(offset..).unwrap_or_default());
    let place = run.place(start, start + length);
    if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
        let error = Error::new(Kind::Interrupted, "script.interrupted", "the statement was interrupted");
        return Failure::Outside(error.at(place));
    }
    Failure::Script(database_error(error).at(place))
}

/// How much to underline: a word, a quoted text, or one character.
fn token_length(text: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let Some(first) = text.chars().next() else { return 0 };
    if matches!(first, '\'' | '"' | '`') {
        let rest = text.get(1..).unwrap_or_default();
        return rest.find(first).map_or(text.len(), |end| end + 2);
    }
    let length = text.find(|c: char| !word(c)).unwrap_or(text.len());
    length.max(first.len_utf8())
}

fn statistics(statement: &Statement<'_>) -> String {
    let figures = [
        ("Fullscan Steps:", StatementStatus::FullscanStep),
        ("Sort Operations:", StatementStatus::Sort),
        ("Autoindex Inserts:", StatementStatus::AutoIndex),
        ("Virtual Machine Steps:", StatementStatus::VmStep),
        ("Reprepare operations:", StatementStatus::RePrepare),
        ("Number of times run:", StatementStatus::Run),
        ("Memory used by prepared stmt:", StatementStatus::MemUsed),
    ];
    let lines = figures.map(|(name, status)| format!("{name:<36} {}\n", statement.get_status(status)));
    lines.concat()
}
