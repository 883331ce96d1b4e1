//! Sends statements, with what psql's variables put around them.
//!
//! Knows: transactions, savepoints, the variables that steer them. Must never know: commands.

use super::answers::Answers;
use super::commands::timing;
use super::copy::Data;
use super::print::Row;
use super::variables::lossy;
use super::{Ask, Level, Run, Shell, Spot, Statement, Wish};
use crate::engine::postgres::wire::{Message, ServerError, Status};
use crate::error::{Error, Result};
use crate::sql::psql::kind;
use std::time::Instant;

const SAVEPOINT: &str = "SAVEPOINT pg_psql_temporary_savepoint";
const RELEASE: &str = "RELEASE pg_psql_temporary_savepoint";
const ROLL_BACK: &str = "ROLLBACK TO pg_psql_temporary_savepoint";

impl Shell {
    /// Sends a statement and does with its results what the command that sent it wants. `false` if
    /// it failed, which has been noted then.
    pub(super) fn send(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
    ) -> Result<bool> {
        self.send_with(run, level, statement, Data::Script)
    }

    /// The same, with the data for, or the target of, a COPY.
    pub(super) fn send_with(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        data: Data<'_>,
    ) -> Result<bool> {
        let wish = std::mem::take(&mut self.wish);
        let done = self.send_as_wished(run, level, statement, &wish, data);
        if let Wish::Differently { format: Some(format), .. } = wish {
            self.format = *format;
        }
        done
    }

    fn send_as_wished(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        wish: &Wish,
        data: Data<'_>,
    ) -> Result<bool> {
        if self.variables.is("ECHO", "queries") {
            run.output.stdout(&statement.text);
            run.output.stdout(b"\n");
        }
        if !matches!(wish, Wish::Describe) && !statement.text.is_empty() {
            let offset = statement.origin.start();
            let begins = self.begins_before(run, statement);
            let spot = Spot { path: &level.path, line: statement.line, offset, begins };
            if (run.gate)(run.conn, &statement.text, &spot)? == Ask::Skip {
                self.variables.put("ERROR", "false");
                self.variables.put("SQLSTATE", "00000");
                self.variables.put("ROW_COUNT", "0");
                return Ok(true);
            }
        }
        if self.begins_before(run, statement) && !self.plain(run, level, "BEGIN")? {
            return Ok(false);
        }
        let guarded = run.conn.status() == Status::InTransaction && self.variables.is_on("ON_ERROR_ROLLBACK");
        if guarded && !self.plain(run, level, SAVEPOINT)? {
            return Ok(false);
        }
        let begun = Instant::now();
        let answers = self.exchange(run, level, statement, wish, data)?;
        let mut done = answers.done;
        if !done && self.variables.is("ECHO", "errors") {
            self.say_with_error("", &[b"STATEMENT:  ", statement.text.as_slice()].concat());
        }
        if guarded {
            done &= self.after_savepoint(run, level, &answers)?;
        }
        if self.timing {
            run.output.stdout(timing(begun.elapsed()).as_bytes());
        }
        self.know_encoding(run.conn);
        self.tell_notifications(run, level, answers.notifications)?;
        Ok(done)
    }

    /// Whether `AUTOCOMMIT` off makes psql begin a transaction before a statement.
    fn begins_before(&self, run: &Run<'_, '_>, statement: &Statement) -> bool {
        !self.variables.is_on("AUTOCOMMIT")
            && run.conn.status() == Status::Idle
            && !kind(&statement.text).begins_nothing()
    }

    /// Ends the savepoint that psql puts before each statement in a transaction.
    fn after_savepoint(&mut self, run: &mut Run<'_, '_>, level: &Level, answers: &Answers) -> Result<bool> {
        match run.conn.status() {
            Status::Failed => self.plain(run, level, ROLL_BACK),
            Status::InTransaction if !answers.ends_savepoint => self.plain(run, level, RELEASE),
            _ => Ok(true),
        }
    }

    /// Runs a statement of psql's own.
    pub(super) fn plain(&mut self, run: &mut Run<'_, '_>, level: &Level, sql: &str) -> Result<bool> {
        match self.quietly(run, level, sql.as_bytes())? {
            Ok(_) => Ok(true),
            Err(error) => {
                let statement = Statement { text: sql.into(), line: self.line, ..Statement::default() };
                self.server_failed(run, level, *error, &statement);
                Ok(false)
            }
        }
    }

    /// The rows of a query of psql's own, or the server's error.
    pub(super) fn quietly(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        sql: &[u8],
    ) -> Result<Result<Vec<Row>, Box<ServerError>>> {
        let mut outcome = Ok(Vec::new());
        self.here(run.conn.query(sql), level)?;
        loop {
            match self.here(run.conn.receive(), level)? {
                Message::Row(row) => {
                    if let Ok(rows) = &mut outcome {
                        rows.push(row);
                    }
                }
                Message::Error(error) if outcome.is_ok() => outcome = Err(error),
                Message::Notice(notice) => self.notice(run, &notice, sql),
                Message::CopyIn => run.conn.copy_fail("no data"),
                Message::Ready(_) => return Ok(outcome),
                _ => {}
            }
        }
    }

    /// Gives the loss of the connection its place, and psql's words for it.
    pub(super) fn here<T>(&mut self, done: Result<T>, level: &Level) -> Result<T> {
        done.map_err(|error| {
            if error.code() != "postgres.lost" {
                return error;
            }
            self.say_with_error(
                "",
                b"server closed the connection unexpectedly\n\
                  \tThis probably means the server terminated abnormally\n\
                  \tbefore or while processing the request.",
            );
            self.say_with_error("error: ", b"connection to server was lost");
            self.lost_at(error, level)
        })
    }

    fn lost_at(&self, error: Error, level: &Level) -> Error {
        let error = match &self.trouble {
            Some(trouble) if !error.causes().contains(&trouble.message().to_owned()) => {
                error.because(trouble.message())
            }
            _ => error,
        };
        error.at(crate::error::Place::new(level.path.clone(), self.line.max(1), 1))
    }

    fn tell_notifications(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        notifications: Vec<Message>,
    ) -> Result<()> {
        for message in notifications {
            let Message::Notification { pid, channel, payload } = message else { continue };
            let payload =
                if payload.is_empty() { String::new() } else { format!("with payload \"{payload}\" ") };
            let line = format!(
                "Asynchronous notification \"{channel}\" {payload}received from server process with PID {pid}.\n"
            );
            self.print(run, level, line.as_bytes())?;
        }
        Ok(())
    }

    /// Writes to wherever results go. What cannot be written ends the script.
    pub(super) fn print(&mut self, run: &mut Run<'_, '_>, level: &Level, bytes: &[u8]) -> Result<()> {
        self.sink.show(bytes, run.output).map_err(|why| {
            let place = crate::error::Place::new(level.path.clone(), self.line.max(1), 1);
            Error::new(crate::error::Kind::Script, "script.output", why).at(place)
        })
    }

    /// Runs the cells of a result as statements.
    pub(super) fn execute_cells(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        rows: Vec<Row>,
    ) -> Result<bool> {
        let mut all_done = true;
        for text in rows.into_iter().flatten().flatten() {
            if self.variables.is("ECHO", "all") {
                run.output.stdout(&text);
                run.output.stdout(b"\n");
            }
            let statement = Statement { text, line: self.line, ..Statement::default() };
            if !self.send(run, level, &statement)? {
                all_done = false;
                if self.variables.is_on("ON_ERROR_STOP") {
                    break;
                }
            }
        }
        Ok(all_done)
    }

    /// `\gset`: the values of the only row become variables.
    pub(super) fn store(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        prefix: &[u8],
        names: &[Vec<u8>],
        rows: &[Row],
    ) -> bool {
        let row = match rows {
            [row] => row,
            [] => {
                self.fail(level, "no rows returned for \\gset");
                return false;
            }
            _ => {
                self.fail(level, "more than one row returned for \\gset");
                return false;
            }
        };
        for (name, value) in names.iter().zip(row) {
            let name = [prefix, name].concat();
            if super::variables::is_special(&name) {
                let text =
                    format!("attempt to \\gset into specially treated variable \"{}\" ignored", lossy(&name));
                self.say(run, "warning: ", text.as_bytes());
            } else if let Err(why) = self.variables.set(&name, value.as_deref()) {
                self.fail(level, why);
                return false;
            }
        }
        true
    }
}
