//! The one place that calls the driver for the program's own statements.

use crate::engine::registry::{Dialect, Value, Write};
use crate::error::{Error, Kind, Result};
use crate::fault;
use rusqlite::{Connection, OpenFlags, Params, Row};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process that holds the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection with the name that messages call it by.
#[derive(Debug)]
pub(super) struct Db {
    pub(super) conn: Connection,
    label: String,
}

impl Db {
    /// Opens a file; `create` says whether it may be made.
    pub(super) fn open(path: &Path, label: &str, create: bool) -> Result<Db> {
        fault::point("sqlite.open")?;
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let conn =
            Connection::open_with_flags(path, flags).map_err(|error| open_error(path, label, &error))?;
        Db::wrap(conn, label)
    }

    /// Takes over a connection that is open.
    pub(super) fn wrap(conn: Connection, label: &str) -> Result<Db> {
        let db = Db { conn, label: label.to_owned() };
        db.conn.busy_timeout(PATIENCE).map_err(|error| db.error(&error))?;
        db.conn.set_prepared_statement_cache_capacity(64);
        Ok(db)
    }

    /// Runs one statement with values.
    pub(super) fn run(&self, sql: &str, values: impl Params) -> Result<usize> {
        fault::point("sqlite.execute")?;
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(|error| self.error(&error))
    }

    /// Runs statements without values.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        fault::point("sqlite.batch")?;
        self.conn.execute_batch(sql).map_err(|error| self.error(&error))
    }

    /// All rows of a query.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        fault::point("sqlite.query")?;
        let mut statement = self.conn.prepare_cached(sql).map_err(|error| self.error(&error))?;
        let rows = statement.query_map(values, read).map_err(|error| self.error(&error))?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(|error| self.error(&error))
    }

    /// The first column of the first row, if there is one.
    pub(super) fn value<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl Params,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, values, |row| row.get(0))?.into_iter().next())
    }

    /// Runs `work` in a transaction of its own: all or nothing.
    pub(super) fn transaction<T>(&self, work: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        self.batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|value| self.batch("COMMIT").map(|()| value));
        if done.is_err() {
            self.roll_back();
        }
        done
    }

    /// Ends a transaction that failed. Not being able to is no further error: the connection is
    /// given up then, and the database rolls back by itself.
    pub(super) fn roll_back(&self) {
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    /// Runs statements of the registry, which is here what `dialect` says.
    pub(super) fn write(&self, dialect: &Dialect, writes: &[Write]) -> Result<()> {
        for write in writes {
            self.run(&dialect.fill(write.sql), rusqlite::params_from_iter(&write.values))?;
        }
        Ok(())
    }

    /// The driver's error in our words.
    pub(super) fn error(&self, error: &rusqlite::Error) -> Error {
        database_error(&self.label, error)
    }
}

fn open_error(path: &Path, label: &str, error: &rusqlite::Error) -> Error {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let error = Error::new(Kind::Database, "sqlite.open", format!("cannot open {label}")).because(error);
    match folder {
        _ if path.is_dir() => error.hint("it is a folder; name a file in the target's URI: db:sqlite:FILE"),
        Some(folder) if !folder.exists() => {
            error.hint(format!("make the folder first: mkdir -p {}", folder.display()))
        }
        _ => error.hint("check that the file and its folder can be read and written by you"),
    }
}

/// A driver's error about the database called `label`.
pub(super) fn database_error(label: &str, error: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let base = Error::new(Kind::Database, "sqlite.error", format!("{label} cannot be used")).because(error);
    let code = match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.code,
        rusqlite::Error::SqlInputError { error, .. } => error.code,
        _ => return base,
    };
    match code {
        Code::DatabaseBusy | Code::DatabaseLocked => {
            base.hint("another program holds the database; end its transaction and run the command again")
        }
        Code::ReadOnly | Code::PermissionDenied => base.hint("make the file and its folder writable for you"),
        Code::NotADatabase => base.hint("the file is not an SQLite database; check the target's URI"),
        Code::DiskFull => base.hint("free some space and run the command again; nothing is lost"),
        Code::DatabaseCorrupt => {
            base.hint("restore the file from a backup; PRAGMA integrity_check says what is wrong")
        }
        _ => base,
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(match self {
            Value::Text(text) | Value::Note(text) => text.as_str().into(),
            Value::Number(number) => (*number).into(),
            Value::List(items, between) => items.join(&between.to_string()).into(),
            // SQLite's clock is ours: no value of its rows is left to it.
            Value::Expression(_) | Value::Null => rusqlite::types::Null.into(),
        })
    }
}
