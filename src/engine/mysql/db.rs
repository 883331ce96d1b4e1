//! The registry's connection: the program's own statements, and nothing of any script.

use super::schema::Found;
use super::settings::Settings;
use crate::engine::columns::Row;
use crate::engine::registry::{Value, Write};
use crate::error::{Error, Kind, Result};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, Params};

/// A connection with the place of the registry's tables.
pub(super) struct Db {
    pub(super) conn: Conn,
    /// The registry's database.
    pub(super) registry: String,
    /// What of the registry was found, as long as it cannot have changed.
    pub(super) found: Option<Found>,
    /// Whether this session holds the lock.
    pub(super) locked: bool,
    /// Whether the server is MariaDB.
    pub(super) mariadb: bool,
    settings: Settings,
}

// By hand: the driver's connection has no `Debug` worth reading.
impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("registry", &self.registry)
            .field("locked", &self.locked)
            .finish_non_exhaustive()
    }
}

/// A name as SQL quotes it, whatever the mode.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// Connects; with `database`, that one is in use from the start.
pub(super) fn connect(settings: &Settings, database: Option<&str>) -> Result<Conn> {
    crate::fault::point("mysql.connect")?;
    let options = Opts::from(settings.options(database));
    Conn::new(options).map_err(|error| not_connected(settings, &error))
}

fn not_connected(settings: &Settings, error: &mysql::Error) -> Error {
    let text = match error {
        mysql::Error::MySqlError(error) => error.message.clone(),
        mysql::Error::DriverError(error) => error.to_string(),
        mysql::Error::IoError(error) => error.to_string(),
        other => other.to_string(),
    };
    let text = settings.without_password(text);
    let told = Error::new(Kind::Database, "mysql.connect", format!("cannot connect to {}", settings.label))
        .because(text);
    match error {
        mysql::Error::MySqlError(error) if error.code == 1049 => {
            let create = format!("CREATE DATABASE {}", quoted(&settings.database));
            told.hint(format!("make the database first: {create}"))
                .hint("or name another one in the target: db:mysql://HOST/NAME")
        }
        mysql::Error::MySqlError(_) => told
            .hint(format!("user {} at {}", settings.user, settings.place()))
            .hint("the password comes from the address, SQITCH_PASSWORD, MYSQL_PWD or ~/.my.cnf"),
        _ => told.hint(format!("is a server running at {}?", settings.place())),
    }
}

/// An error of the server, without the password.
pub(super) fn failed(error: &mysql::Error) -> Error {
    match error {
        mysql::Error::MySqlError(error) => Error::new(
            Kind::Database,
            "mysql.server",
            format!("ERROR {} ({}): {}", error.code, error.state, error.message),
        ),
        other => {
            Error::new(Kind::Database, "mysql.lost", "the connection to the server was lost").because(other)
        }
    }
}

/// The server's number for an error; 0 if the server did not say anything.
pub(super) fn code_of(error: &mysql::Error) -> u16 {
    match error {
        mysql::Error::MySqlError(error) => error.code,
        _ => 0,
    }
}

/// A statement of the registry as MySQL reads it, and the numbers of the values for its `?`.
fn expand(sql: &str, registry: &str, values: &[Value]) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(sql.len() + 100);
    let mut order = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['{', '?']) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let known = [
            ("{r}", format!("{}.", quoted(registry))),
            ("{change}", "`change`".to_owned()),
            ("{text}", "CHAR".to_owned()),
        ];
        if let Some((mark, filled)) = known.iter().find(|(mark, _)| after.starts_with(mark)) {
            text.push_str(filled);
            rest = after.get(mark.len()..).unwrap_or_default();
        } else if let Some(after) = after.strip_prefix('?') {
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (number, after) = after.split_at(digits);
            let number: usize = number.parse().unwrap_or(1);
            match values.get(number.saturating_sub(1)) {
                Some(Value::Expression(expression)) => text.push_str(expression),
                _ => {
                    text.push('?');
                    order.push(number.saturating_sub(1));
                }
            }
            rest = after;
        } else {
            text.push('{');
            rest = after.get(1..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    (text, order)
}

/// A text in the three-byte encoding of Sqitch's registry; what it cannot hold becomes a mark.
fn in_three_bytes(text: &str) -> String {
    text.chars().map(|c| if c.len_utf8() > 3 { '\u{fffd}' } else { c }).collect()
}

fn bound(value: &Value) -> mysql::Value {
    match value {
        Value::Text(text) | Value::Note(text) => mysql::Value::Bytes(in_three_bytes(text).into_bytes()),
        Value::Number(number) => mysql::Value::Int(*number),
        Value::List(items, between) => {
            mysql::Value::Bytes(in_three_bytes(&items.join(&between.to_string())).into_bytes())
        }
        Value::Expression(_) | Value::Null => mysql::Value::NULL,
    }
}

/// A value as text.
pub(super) fn text_of(value: mysql::Value) -> Option<String> {
    use mysql::Value::{Bytes, Date, Double, Float, Int, NULL, Time, UInt};
    Some(match value {
        NULL => return None,
        Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Int(number) => number.to_string(),
        UInt(number) => number.to_string(),
        Float(number) => number.to_string(),
        Double(number) => number.to_string(),
        Date(year, month, day, hour, minute, second, micros) => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
        }
        Time(..) => String::new(),
    })
}

/// The values of a row.
pub(super) fn cells(row: mysql::Row) -> impl Iterator<Item = mysql::Value> {
    row.unwrap_raw().into_iter().map(|value| value.unwrap_or(mysql::Value::NULL))
}

/// Runs a statement of ours on a connection, whatever the session's modes; its values are bound.
pub(super) fn put(conn: &mut Conn, registry: &str, write: &Write) -> Result<()> {
    let (sql, order) = expand(write.sql, registry, &write.values);
    let values: Vec<mysql::Value> = order.iter().filter_map(|at| write.values.get(*at)).map(bound).collect();
    crate::fault::point("mysql.put")?;
    conn.exec_drop(sql, params(values)).map_err(|error| failed(&error))
}

fn params(values: Vec<mysql::Value>) -> Params {
    if values.is_empty() { Params::Empty } else { Params::Positional(values) }
}

impl Db {
    /// Takes a fresh connection for the registry: nothing a server sets may change what our
    /// statements mean.
    pub(super) fn open(settings: &Settings, registry: &str) -> Result<Db> {
        let conn = connect(settings, None)?;
        let mut db = Db {
            conn,
            registry: registry.to_owned(),
            found: None,
            locked: false,
            mariadb: false,
            settings: settings.clone(),
        };
        db.batch(
            "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', autocommit = 1, \
             lock_wait_timeout = 60, innodb_lock_wait_timeout = 60, wait_timeout = 28800",
        )?;
        db.batch("SET NAMES utf8mb4")?;
        db.batch("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE")?;
        let version = db.value("SELECT VERSION()", &[])?.unwrap_or_default();
        db.mariadb = version.to_ascii_lowercase().contains("mariadb");
        Ok(db)
    }

    fn trouble(&self, error: &mysql::Error) -> Error {
        let told = failed(error);
        if code_of(error) == 0 { told.hint(format!("the server is {}", self.settings.place())) } else { told }
    }

    /// All rows of a statement.
    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let (sql, order) = expand(sql, &self.registry, values);
        let values: Vec<mysql::Value> = order.iter().filter_map(|at| values.get(*at)).map(bound).collect();
        crate::fault::point("mysql.rows")?;
        let rows: Vec<mysql::Row> =
            self.conn.exec(sql, params(values)).map_err(|error| self.trouble(&error))?;
        Ok(rows.into_iter().map(|row| cells(row).map(text_of).collect()).collect())
    }

    /// The rows of a statement that cannot be prepared, each as one text; or the server's number for
    /// the error.
    pub(super) fn texts(&mut self, sql: &str) -> Result<Vec<String>, u16> {
        let rows: Vec<mysql::Row> = self.conn.query(sql).map_err(|error| code_of(&error))?;
        let text = |row: mysql::Row| cells(row).filter_map(text_of).collect::<Vec<_>>().join("\t");
        Ok(rows.into_iter().map(text).collect())
    }

    /// The first column of the first row, if there is one.
    pub(super) fn value(&mut self, sql: &str, values: &[Value]) -> Result<Option<String>> {
        Ok(self.rows(sql, values)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Runs a statement without values, as it stands.
    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        let (sql, _) = expand(sql, &self.registry, &[]);
        crate::fault::point("mysql.batch")?;
        self.conn.query_drop(sql).map_err(|error| self.trouble(&error))
    }

    /// Runs one statement of the registry.
    pub(super) fn write(&mut self, write: &Write) -> Result<()> {
        self.rows(write.sql, &write.values).map(|_| ())
    }

    /// Runs a statement that makes a row, and returns the row's number.
    pub(super) fn insert(&mut self, write: &Write) -> Result<i64> {
        self.write(write)?;
        Ok(i64::try_from(self.conn.last_insert_id()).unwrap_or_default())
    }

    /// Runs statements in one transaction.
    pub(super) fn write_all(&mut self, writes: &[Write]) -> Result<()> {
        self.batch("START TRANSACTION")?;
        let done = writes.iter().try_for_each(|write| self.write(write)).and_then(|()| self.batch("COMMIT"));
        if done.is_err() {
            // If even this fails, the connection is gone, and the server rolls back by itself.
            let _ = self.batch("ROLLBACK");
        }
        done
    }
}
