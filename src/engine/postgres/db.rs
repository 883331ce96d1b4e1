//! The registry's connection: the program's own statements, and nothing of any script.

use super::flavour::Flavour;
use super::schema::Found;
use super::wire::{Cells, Connection};
use crate::engine::columns::Row;
use crate::engine::registry::{Value, Write};
use crate::error::Result;
use std::borrow::Cow;

/// A connection with the place of the registry's tables.
#[derive(Debug)]
pub(super) struct Db {
    pub(super) conn: Connection,
    /// The registry's schema.
    pub(super) registry: String,
    /// What of the registry was found, as long as it cannot have changed.
    pub(super) found: Option<Found>,
    /// Whether this session holds the lock.
    pub(super) locked: bool,
    /// What the server is.
    pub(super) flavour: Flavour,
}

/// A name as SQL quotes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL quotes it, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// A statement of the registry with the tables' place in it, and its parameters as PostgreSQL
/// counts them.
pub(super) fn fill(sql: &str, registry: &str) -> String {
    expand(sql, registry, &|number| format!("${number}"))
}

/// Puts the tables' place and the parameters into a statement in one pass, so that neither is taken
/// for the other.
fn expand(sql: &str, registry: &str, value: &dyn Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(sql.len() + 200);
    let mut rest = sql;
    while let Some(at) = rest.find(['{', '?']) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = after.strip_prefix("{r}") {
            text.push_str(&quoted(registry));
            text.push('.');
            rest = after;
        } else if let Some(after) = after.strip_prefix("{s}") {
            text.push_str(&quoted(registry));
            rest = after;
        } else if let Some(after) = after.strip_prefix("{change}") {
            text.push_str("change");
            rest = after;
        } else if let Some(after) = after.strip_prefix("{text}") {
            text.push_str("TEXT");
            rest = after;
        } else if let Some(after) = after.strip_prefix('?') {
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (number, after) = after.split_at(digits);
            text.push_str(&value(number.parse().unwrap_or_default()));
            rest = after;
        } else {
            text.push('{');
            rest = after.get(1..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}

/// A value as text that PostgreSQL reads.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Note(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::List(items, _) => Some(array(items)),
        Value::Expression(_) | Value::Null => None,
    }
}

/// A statement of our own with the values for its `$1`, `$2` ….
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Option<String>>,
}

impl From<&'static str> for Statement {
    fn from(sql: &'static str) -> Statement {
        Statement { sql: Cow::Borrowed(sql), values: Vec::new() }
    }
}

impl From<String> for Statement {
    fn from(sql: String) -> Statement {
        Statement { sql: Cow::Owned(sql), values: Vec::new() }
    }
}

impl Statement {
    pub(super) fn new(sql: String, values: impl IntoIterator<Item = String>) -> Statement {
        Statement { sql: Cow::Owned(sql), values: values.into_iter().map(Some).collect() }
    }

    /// A statement of the registry, its expressions spelled out.
    pub(super) fn of(write: &Write, registry: &str) -> Statement {
        let spelled = |value: Option<&Value>| match value {
            Some(Value::Expression(expression)) => Some(expression.clone()),
            _ => None,
        };
        let sql = expand(write.sql, registry, &|number| {
            let before = write.values.get(..number.saturating_sub(1)).unwrap_or_default();
            let expressions = before.iter().filter(|value| spelled(Some(value)).is_some()).count();
            spelled(number.checked_sub(1).and_then(|at| write.values.get(at)))
                .unwrap_or_else(|| format!("${}", number - expressions))
        });
        let bound = write.values.iter().filter(|value| spelled(Some(value)).is_none());
        Statement { sql: Cow::Owned(sql), values: bound.map(text_of).collect() }
    }
}

/// An array literal.
fn array(items: &[String]) -> String {
    let quoted = |item: &String| format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""));
    format!("{{{}}}", items.iter().map(quoted).collect::<Vec<_>>().join(","))
}

impl Db {
    /// Takes a fresh connection for the registry: nothing a role or a database has set may change
    /// what our statements mean.
    pub(super) fn new(mut conn: Connection, registry: &str) -> Result<Db> {
        let version = conn.parameter("server_version").and_then(|version| version.split('.').next());
        // An older server does not know it, nor end an idle session.
        let idle = version.and_then(|version| version.parse().ok()).is_some_and(|major: u32| major >= 14);
        let idle = if idle { "; SET idle_session_timeout = 0" } else { "" };
        // The answer is read with that of the first question.
        conn.query(
            format!("SET client_min_messages = warning; SET search_path = pg_catalog; SET TimeZone = 'UTC'; \
             SET DateStyle = 'ISO, YMD'; SET client_encoding = 'UTF8'; SET default_transaction_read_only = off; \
             SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0; \
             SET idle_in_transaction_session_timeout = 0{idle}")
            .as_bytes(),
        )?;
        let flavour = Flavour::of(&conn);
        Ok(Db { conn, registry: registry.to_owned(), found: None, locked: false, flavour })
    }

    /// All rows of a statement.
    pub(super) fn rows(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>> {
        let sql = fill(sql, &self.registry);
        self.conn.rows(&sql, values)
    }

    /// Hands out the rows of several statements that do not depend on each other, in one round trip,
    /// each with the number of its statement.
    pub(super) fn each_of<const N: usize>(
        &mut self,
        all: [(&str, &[Option<&str>]); N],
        each: &mut dyn FnMut(usize, Cells<'_>) -> Result<()>,
    ) -> Result<()> {
        for (sql, values) in all {
            let sql = fill(sql, &self.registry);
            self.conn.execute(&sql, values)?;
        }
        self.conn.each_row(N, each)
    }

    /// The rows of several statements that do not depend on each other, in one round trip.
    pub(super) fn several<const N: usize>(
        &mut self,
        all: [(&str, &[Option<&str>]); N],
    ) -> Result<[Result<Vec<Row>>; N]> {
        for (sql, values) in all {
            let sql = fill(sql, &self.registry);
            self.conn.execute(&sql, values)?;
        }
        let mut answers = self.conn.each_answer(N)?.into_iter();
        Ok(std::array::from_fn(|_| answers.next().unwrap_or_else(|| Ok(Vec::new()))))
    }

    /// The first column of the first row, if there is one.
    pub(super) fn value(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Option<String>> {
        Ok(self.rows(sql, values)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Runs statements without values.
    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        let sql = fill(sql, &self.registry);
        self.conn.batch(&sql)
    }

    /// The values of a statement; a database of another encoding may not be able to hold all of a note.
    fn texts(&self, write: &Write) -> Vec<Option<String>> {
        let utf8 = self.conn.parameter("server_encoding").is_none_or(|encoding| encoding == "UTF8");
        let plain = |text: &String| text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        let text = |value: &Value| match value {
            Value::Note(note) if !utf8 => Some(plain(note)),
            value => text_of(value),
        };
        write.values.iter().map(text).collect()
    }

    /// Runs one statement of the registry.
    pub(super) fn write(&mut self, write: &Write) -> Result<()> {
        let texts = self.texts(write);
        let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        self.rows(write.sql, &values).map(|_| ())
    }

    /// Runs a statement that makes a row, and returns the row's number.
    pub(super) fn insert(&mut self, write: &Write, number: &str) -> Result<i64> {
        let texts = self.texts(write);
        let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let sql = format!("{} RETURNING {number}", write.sql);
        Ok(self.value(&sql, &values)?.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    /// Runs statements in one transaction.
    pub(super) fn write_all(&mut self, writes: &[Write]) -> Result<()> {
        self.transaction(|db| writes.iter().try_for_each(|write| db.write(write)))
    }

    /// Runs `work` in a transaction of its own: all or nothing.
    pub(super) fn transaction<T>(&mut self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.batch("BEGIN")?;
        let done = work(self).and_then(|value| self.batch("COMMIT").map(|()| value));
        if done.is_err() {
            // If even this fails, the connection is gone, and the server rolls back by itself.
            let _ = self.batch("ROLLBACK");
        }
        done
    }
}
