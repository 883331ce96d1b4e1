//! `.parameter`: values for `:name`, `@name`, `$name` and `?1` in later statements.
//!
//! Knows: the table in the temporary schema that holds them, as in the sqlite3 shell. Must never
//! know: scripts, or where text goes.

use super::value;
use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Statement};

/// Binds what `.parameter` has set; the rest stays NULL.
pub(super) fn bind(conn: &Connection, statement: &mut Statement<'_>) -> rusqlite::Result<()> {
    let count = statement.parameter_count();
    if count == 0 || !exist(conn)? {
        return Ok(());
    }
    let mut lookup = conn.prepare_cached("SELECT value FROM temp.sqlite_parameters WHERE key = ?1")?;
    for index in 1..=count {
        let name = match statement.parameter_name(index) {
            Some(name) => name.to_owned(),
            None => format!("?{index}"),
        };
        if let Some(value) = lookup.query_row([name], |row| row.get::<_, Value>(0)).optional()? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

/// Makes the table that holds the values. Its name is one of SQLite's own, which takes a
/// session in which even the schema may be written.
pub(super) fn init(conn: &Connection) -> rusqlite::Result<()> {
    let guards =
        [(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false), (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)];
    let before = [conn.db_config(guards[0].0)?, conn.db_config(guards[1].0)?];
    for (guard, open) in guards {
        conn.set_db_config(guard, open)?;
    }
    let made = conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS temp.sqlite_parameters(\n  key TEXT PRIMARY KEY,\n  value\n) WITHOUT ROWID;",
    );
    for ((guard, _), was) in guards.into_iter().zip(before) {
        conn.set_db_config(guard, was)?;
    }
    made
}

/// Sets `name` to what the SQL expression `expression` yields, or to its text if it is none.
pub(super) fn set(conn: &Connection, name: &str, expression: &str) -> rusqlite::Result<()> {
    init(conn)?;
    let replace = |value: &str| {
        let insert = format!("REPLACE INTO temp.sqlite_parameters(key,value) VALUES(?1,{value})");
        conn.execute(&insert, [name])
    };
    if replace(expression).is_err() {
        let mut quoted = Vec::new();
        value::quoted(&mut quoted, expression.as_bytes());
        replace(&String::from_utf8_lossy(&quoted))?;
    }
    Ok(())
}

/// Forgets `name`.
pub(super) fn unset(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    if exist(conn)? {
        conn.execute("DELETE FROM temp.sqlite_parameters WHERE key = ?1", [name])?;
    }
    Ok(())
}

/// Forgets all.
pub(super) fn clear(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("DROP TABLE IF EXISTS temp.sqlite_parameters;")
}

/// One line for each: the name and its value as a literal.
pub(super) fn list(conn: &Connection) -> rusqlite::Result<Vec<u8>> {
    if !exist(conn)? {
        return Ok(Vec::new());
    }
    let longest = "SELECT coalesce(max(length(key)), 0) FROM temp.sqlite_parameters";
    let width: i64 = conn.query_row(longest, [], |row| row.get(0))?;
    let width = usize::try_from(width).unwrap_or(0);
    let mut statement = conn.prepare("SELECT key, value FROM temp.sqlite_parameters ORDER BY key")?;
    let mut rows = statement.raw_query();
    let mut shown = Vec::new();
    while let Some(row) = rows.next()? {
        shown.extend_from_slice(format!("{:<width$} ", row.get::<_, String>(0)?).as_bytes());
        let cell: ValueRef<'_> = row.get_ref(1)?;
        value::literal(&mut shown, cell, value::Style::Quote);
        shown.push(b'\n');
    }
    Ok(shown)
}

fn exist(conn: &Connection) -> rusqlite::Result<bool> {
    conn.table_exists(Some("temp"), "sqlite_parameters")
}
