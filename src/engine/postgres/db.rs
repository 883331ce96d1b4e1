//! The registry's connection: the program's own statements, and nothing of any script.

use super::wire::Connection;
use crate::engine::registry::{Value, Write};
use crate::error::Result;

/// One row, column by column, as text.
pub(super) type Row = Vec<Option<String>>;

/// A connection with the place of the registry's tables.
#[derive(Debug)]
pub(super) struct Db {
    pub(super) conn: Connection,
    /// The registry's schema.
    pub(super) registry: String,
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
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::List(items, _) => Some(array(items)),
        Value::Expression(_) | Value::Null => None,
    }
}

/// A statement of the registry with its values in it.
pub(super) fn spelled(write: &Write, registry: &str) -> String {
    expand(write.sql, registry, &|number| match number.checked_sub(1).and_then(|at| write.values.get(at)) {
        Some(Value::Expression(expression)) => expression.clone(),
        value => value.and_then(text_of).map_or("NULL".to_owned(), |text| literal(&text)),
    })
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
        if version.and_then(|version| version.parse().ok()).is_some_and(|major: u32| major >= 14) {
            conn.batch("SET idle_session_timeout = 0")?;
        }
        conn.batch(
            "SET client_min_messages = warning; SET search_path = pg_catalog; SET TimeZone = 'UTC'; \
             SET DateStyle = 'ISO, YMD'; SET client_encoding = 'UTF8'; SET default_transaction_read_only = off; \
             SET default_transaction_isolation = 'read committed'; SET statement_timeout = 0; \
             SET idle_in_transaction_session_timeout = 0",
        )?;
        Ok(Db { conn, registry: registry.to_owned() })
    }

    /// All rows of a statement.
    pub(super) fn rows(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>> {
        let sql = fill(sql, &self.registry);
        self.conn.rows(&sql, values)
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

    /// Runs one statement of the registry.
    pub(super) fn write(&mut self, write: &Write) -> Result<()> {
        let texts: Vec<Option<String>> = write.values.iter().map(text_of).collect();
        let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        self.rows(write.sql, &values).map(|_| ())
    }

    /// Runs a statement that makes a row, and returns the row's number.
    pub(super) fn insert(&mut self, write: &Write, number: &str) -> Result<i64> {
        let texts: Vec<Option<String>> = write.values.iter().map(text_of).collect();
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
