//! The server's answers to a statement: results, notices, errors, data.
//!
//! Knows: the messages of one exchange, and what is done with each result. Must never know: how a
//! statement came to be sent.

use super::copy::Data;
use super::print::{self, Row, Table};
use super::process::reason;
use super::sink::Sink;
use super::{Level, Run, Shell, Statement, Wish};
use crate::engine::postgres::wire::{Column, Message, ServerError};
use crate::error::Result;

/// What became of a statement.
#[derive(Debug)]
pub(super) struct Answers {
    pub done: bool,
    /// Whether a savepoint made before it is gone, or not the last one any more.
    pub ends_savepoint: bool,
    pub notifications: Vec<Message>,
}

/// The result of one statement.
#[derive(Debug, Default)]
struct Outcome {
    columns: Option<Vec<Column>>,
    rows: Vec<Row>,
    tag: String,
    /// Data were printed where the tag would be.
    copied_out: bool,
}

/// What goes along with one exchange.
struct Exchange<'a, 'd> {
    statement: &'a Statement,
    wish: &'a Wish,
    data: Data<'d>,
    /// Where `\g` sends results, once there is one.
    target: Option<Sink>,
    answers: Answers,
    /// A result that is shown as soon as it is known whether it is the last one.
    waiting: Option<Outcome>,
}

/// The types whose values are aligned right, by number: int2, int4, int8, float4, float8, numeric,
/// oid, xid, xid8, cid, money.
const RIGHT: [u32; 11] = [21, 23, 20, 700, 701, 1700, 26, 28, 5069, 29, 790];

/// Column names and types as a table prints them.
fn table(columns: Vec<Column>, rows: Vec<Row>) -> Table {
    let columns = columns.into_iter().map(|Column { name, oid, .. }| (name, RIGHT.contains(&oid))).collect();
    Table { columns, rows }
}

impl Shell {
    /// Sends a statement and handles everything up to the end of the answers.
    pub(super) fn exchange(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        statement: &Statement,
        wish: &Wish,
        data: Data<'_>,
    ) -> Result<Answers> {
        let answers = Answers { done: true, ends_savepoint: false, notifications: Vec::new() };
        if matches!(wish, Wish::Describe) {
            let done = self.describe(run, level, statement)?;
            return Ok(Answers { done, ..answers });
        }
        let mut exchange = Exchange { statement, wish, data, target: None, answers, waiting: None };
        if let Err(error) = run.conn.query(&statement.text) {
            if error.code() != "postgres.unsendable" {
                return self.here(Err(error), level);
            }
            let why = error.causes().first().cloned().unwrap_or_default();
            self.fail(level, format!("{}: {why}", error.message()));
            exchange.answers.done = false;
            return Ok(exchange.answers);
        }
        let handled = self.listen(run, level, &mut exchange);
        if let Some(target) = exchange.target.take() {
            self.close(run, target);
        }
        handled?;
        Ok(exchange.answers)
    }

    fn listen(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        exchange: &mut Exchange<'_, '_>,
    ) -> Result<()> {
        let mut outcome = Outcome::default();
        loop {
            match self.here(run.conn.receive(), level)? {
                Message::Columns(columns) => outcome.columns = Some(columns),
                Message::Row(row) => outcome.rows.push(row),
                Message::Complete(tag) => {
                    let savepoints = ["COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"];
                    exchange.answers.ends_savepoint |= savepoints.contains(&tag.as_str());
                    self.show_waiting(run, level, exchange, false)?;
                    outcome.tag = tag;
                    exchange.waiting = Some(std::mem::take(&mut outcome));
                }
                Message::Empty => self.show_waiting(run, level, exchange, false)?,
                Message::Error(error) => {
                    self.show_waiting(run, level, exchange, false)?;
                    self.set_error(&error);
                    self.server_failed(run, level, *error, exchange.statement);
                    exchange.answers.done = false;
                    outcome = Outcome::default();
                }
                Message::Notice(notice) => self.notice(run, &notice, &exchange.statement.text),
                message @ Message::Notification { .. } => exchange.answers.notifications.push(message),
                Message::Parameter { .. } | Message::CopyDone => {}
                Message::CopyIn => {
                    self.show_waiting(run, level, exchange, false)?;
                    exchange.answers.done &= self.copy_in(run, level, &mut exchange.data)?;
                }
                Message::CopyOut => {
                    self.show_waiting(run, level, exchange, false)?;
                    outcome.copied_out = !matches!(exchange.data, Data::Sink(_));
                    exchange.answers.done &= self.open_target(level, exchange);
                }
                Message::CopyData(bytes) => self.copy_out(run, level, exchange, &bytes)?,
                Message::Ready(_) => return self.show_waiting(run, level, exchange, true),
            }
        }
    }

    /// Data of `COPY … TO STDOUT`.
    fn copy_out(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        exchange: &mut Exchange<'_, '_>,
        bytes: &[u8],
    ) -> Result<()> {
        let caller = &mut *run.output;
        let written = match (&mut exchange.data, &mut exchange.target) {
            (Data::Sink(Some(sink)), _) => sink.write(bytes, caller),
            (_, Some(sink)) => sink.write(bytes, caller),
            (Data::Sink(None), None) => Sink::Caller.write(bytes, caller),
            (_, None) => self.sink.write(bytes, caller),
        };
        // Said once; the data that follow are read to their end all the same.
        if let Err(error) = written
            && exchange.answers.done
        {
            exchange.answers.done = false;
            self.fail(level, format!("could not write COPY data: {}", reason(&error)));
        }
        Ok(())
    }

    /// Opens what `\g` names, unless it is open.
    fn open_target(&mut self, level: &Level, exchange: &mut Exchange<'_, '_>) -> bool {
        let Wish::Differently { target: Some(name), .. } = exchange.wish else { return true };
        if exchange.target.is_some() {
            return true;
        }
        match Sink::open(name, &self.environment, &self.folder) {
            Ok(sink) => exchange.target = Some(sink),
            Err(why) => {
                self.fail(level, why);
                // Its results go nowhere.
                return false;
            }
        }
        true
    }

    /// Shows the result that waits, and sets the variables that speak of it.
    fn show_waiting(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        exchange: &mut Exchange<'_, '_>,
        last: bool,
    ) -> Result<()> {
        let Some(outcome) = exchange.waiting.take() else {
            if last && exchange.answers.done {
                self.set_done("");
            }
            return Ok(());
        };
        let tag = outcome.tag.clone();
        let done = self.show(run, level, exchange, outcome, last)?;
        exchange.answers.done &= done;
        if last && exchange.answers.done {
            self.set_done(&tag);
        }
        Ok(())
    }

    fn show(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        exchange: &mut Exchange<'_, '_>,
        outcome: Outcome,
        last: bool,
    ) -> Result<bool> {
        let wanted = last || self.variables.is_on("SHOW_ALL_RESULTS");
        let Outcome { columns, rows, tag, copied_out } = outcome;
        let Some(columns) = columns else {
            if wanted && !copied_out {
                self.tell_tag(run, level, exchange, &tag)?;
            }
            return Ok(true);
        };
        let done = match exchange.wish {
            Wish::Set(prefix) if last => {
                let names: Vec<Vec<u8>> = columns.into_iter().map(|column| column.name).collect();
                self.store(run, level, prefix, &names, &rows)
            }
            Wish::Execute if last => self.execute_cells(run, level, rows)?,
            Wish::Crosstab(arguments) if last => {
                match super::crosstab::pivot(table(columns, rows), arguments) {
                    Ok(table) => self.print_table(run, level, exchange, &table)?,
                    Err(why) => {
                        self.fail(level, why);
                        false
                    }
                }
            }
            _ if wanted => self.print_table(run, level, exchange, &table(columns, rows))?,
            _ => true,
        };
        if wanted && ["INSERT", "UPDATE", "DELETE"].iter().any(|word| tag.starts_with(word)) {
            self.tell_tag(run, level, exchange, &tag)?;
        }
        Ok(done)
    }

    fn print_table(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        exchange: &mut Exchange<'_, '_>,
        table: &Table,
    ) -> Result<bool> {
        if !self.open_target(level, exchange) {
            return Ok(false);
        }
        let text = print::print(table, &self.format, self.utf8(run));
        self.print_to(run, level, &mut exchange.target, &text)?;
        Ok(true)
    }

    fn print_to(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        target: &mut Option<Sink>,
        text: &[u8],
    ) -> Result<()> {
        let Some(target) = target else { return self.print(run, level, text) };
        if let Err(why) = target.show(text, run.output) {
            self.say(run, "error: ", why.as_bytes());
        }
        Ok(())
    }

    /// The command tag, which psql prints when it is not quiet.
    fn tell_tag(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &Level,
        exchange: &mut Exchange<'_, '_>,
        tag: &str,
    ) -> Result<()> {
        if !self.variables.is_on("QUIET") {
            self.print_to(run, level, &mut exchange.target, format!("{tag}\n").as_bytes())?;
        }
        let oid = match tag.strip_prefix("INSERT ").and_then(|rest| rest.split_once(' ')) {
            Some((oid, _)) => oid,
            None => "0",
        };
        self.variables.put("LASTOID", oid);
        Ok(())
    }

    /// Closes a target of its own; how its program ended changes nothing.
    pub(super) fn close(&mut self, run: &mut Run<'_, '_>, sink: Sink) {
        if let Err(why) = sink.close(run.output) {
            self.say(run, "error: ", why.as_bytes());
        }
    }

    fn set_done(&mut self, tag: &str) {
        let rows = match tag.rsplit(' ').next() {
            Some(last) if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) => last,
            _ => "0",
        };
        self.variables.put("ERROR", "false");
        self.variables.put("SQLSTATE", "00000");
        self.variables.put("ROW_COUNT", rows);
    }

    fn set_error(&mut self, error: &ServerError) {
        self.variables.put("ERROR", "true");
        self.variables.put("SQLSTATE", error.code.as_str());
        self.variables.put("ROW_COUNT", "0");
        self.variables.put("LAST_ERROR_SQLSTATE", error.code.as_str());
        self.variables.put("LAST_ERROR_MESSAGE", error.message.as_str());
    }

    /// `\gdesc`: the columns of a statement that is not run.
    fn describe(&mut self, run: &mut Run<'_, '_>, level: &Level, statement: &Statement) -> Result<bool> {
        let mut columns = Vec::new();
        let mut done = true;
        self.here(run.conn.describe(&statement.text), level)?;
        loop {
            match self.here(run.conn.receive(), level)? {
                Message::Columns(found) => columns = found,
                Message::Error(error) => {
                    self.set_error(&error);
                    self.server_failed(run, level, *error, statement);
                    done = false;
                }
                Message::Notice(notice) => self.notice(run, &notice, &statement.text),
                Message::Ready(_) => break,
                _ => {}
            }
        }
        if !done {
            return Ok(false);
        }
        if columns.is_empty() {
            self.print(run, level, b"The command has no result, or the result has no columns.\n")?;
            return Ok(true);
        }
        let types: Vec<String> = columns
            .iter()
            .map(|column| format!("pg_catalog.format_type({}, {})", column.oid, column.modifier))
            .collect();
        let query = format!("SELECT {}", types.join(", "));
        let names = match self.quietly(run, level, query.as_bytes())? {
            Ok(rows) => rows.into_iter().next().unwrap_or_default(),
            Err(error) => {
                self.server_failed(run, level, *error, statement);
                return Ok(false);
            }
        };
        let rows = columns.into_iter().zip(names).map(|(column, name)| vec![Some(column.name), name]);
        let rows = rows.collect();
        let columns = vec![(b"Column".to_vec(), false), (b"Type".to_vec(), false)];
        let text = print::print(&Table { columns, rows }, &self.format, self.utf8(run));
        self.print(run, level, &text)?;
        Ok(true)
    }
}
