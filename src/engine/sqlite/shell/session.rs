//! A fresh session as the sqlite3 shell starts it: its settings, and the functions it adds.
//!
//! Knows: the differences between the shell and the bare library. Must never know: scripts.

use crate::error::{Error, Kind, Result};
use regex::bytes::Regex;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Opens the database file `path` for scripts: foreign keys off, strings in double quotes
/// accepted, no waiting for locks, and the shell's functions REGEXP, `readfile`, `writefile`
/// and `generate_series`. Extensions cannot be loaded.
///
/// # Errors
/// The file cannot be opened, or does not exist and is not to be created.
pub fn open_session(path: &Path, create: bool) -> Result<Connection> {
    let mut flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    open(path, flags)
}

/// Opens with other flags; `.open` has some.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    crate::fault::point("sqlite.open")?;
    let opened = Connection::open_with_flags(path, flags).and_then(|conn| {
        prepare(&conn)?;
        add_functions(&conn, Path::new(""))?;
        Ok(conn)
    });
    opened.map_err(|cause| {
        let message = format!("cannot open the database \"{}\"", path.display());
        Error::new(Kind::Database, "sqlite.open", message).because(cause)
    })
}

fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(Duration::ZERO)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)?;
    Ok(())
}

/// Adds the shell's functions; file names are seen from `directory`.
pub(super) fn add_functions(conn: &Connection, directory: &Path) -> rusqlite::Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("regexp", 2, pure, regexp)?;
    // Not from triggers and views: a stored one must not reach for files later on.
    let outside = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let base = directory.to_owned();
    conn.create_scalar_function("readfile", 1, outside, move |call| read_file(call, &base))?;
    let base = directory.to_owned();
    conn.create_scalar_function("writefile", 2, outside, move |call| write_file(call, &base))?;
    rusqlite::vtab::series::load_module(conn)
}

/// `text REGEXP pattern` calls `regexp(pattern, text)`.
fn regexp(call: &Context<'_>) -> rusqlite::Result<Option<bool>> {
    let (Some(pattern), Some(text)) = (bytes(call.get_raw(0)), bytes(call.get_raw(1))) else {
        return Ok(None);
    };
    let regex =
        call.get_or_create_aux(0, |_| -> Result<Regex, Box<dyn std::error::Error + Send + Sync>> {
            Ok(Regex::new(&String::from_utf8_lossy(&pattern))?)
        })?;
    Ok(Some(regex.is_match(&text)))
}

/// The content of a file, NULL if it cannot be read.
fn read_file(call: &Context<'_>, base: &Path) -> rusqlite::Result<Value> {
    let content = path(call, base).and_then(|path| std::fs::read(path).ok());
    Ok(content.map_or(Value::Null, Value::Blob))
}

/// Writes a file and gives the number of bytes.
fn write_file(call: &Context<'_>, base: &Path) -> rusqlite::Result<Option<i64>> {
    let Some(path) = path(call, base) else { return Ok(None) };
    let content = bytes(call.get_raw(1)).unwrap_or_default();
    crate::fault::point("sqlite.writefile").map_err(outside)?;
    std::fs::write(path, &content).map_err(outside)?;
    Ok(i64::try_from(content.len()).ok())
}

fn outside(cause: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(Box::new(cause))
}

fn path(call: &Context<'_>, base: &Path) -> Option<PathBuf> {
    let name = bytes(call.get_raw(0))?;
    Some(base.join(String::from_utf8_lossy(&name).as_ref()))
}

/// What SQLite takes a value for when it wants text or bytes.
fn bytes(value: ValueRef<'_>) -> Option<Vec<u8>> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        other => super::value::plain(other).map(std::borrow::Cow::into_owned),
    }
}
