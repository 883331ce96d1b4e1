//! Reads the catalogue of a live database: what tables, types and routines there are, how large the
//! tables are and how much they are used.
//!
//! All questions are sent at once and answered from one snapshot, in a transaction that can write
//! nothing, takes no lock above `ACCESS SHARE`, and gives up before anybody could mind. Everybody may
//! read the catalogue; of what is kept from a role, nothing is known.

mod gather;
mod queries;
#[cfg(test)]
mod tests;

use super::db::Db;
use super::flavour::Flavour;
use crate::engine::columns::{Columns, Row};
use crate::error::{Error, Kind, Result};
use crate::schema::Schema;
use gather::Gathered;

/// The oldest version whose catalogue has all that is asked for.
const OLDEST: u32 = 12;
/// Statistics of a shorter time say nothing about the usual traffic.
const LEAST_SECONDS: f64 = 60.0;

/// What the numbers of the server mean.
#[derive(Debug, Default)]
struct Server {
    /// For how long it has counted reads and writes.
    seconds: Option<f64>,
    /// How many bytes a page has.
    page: u64,
}

/// The catalogue of the database.
pub(super) fn read(db: &mut Db) -> Result<Schema> {
    let major = major(db)?;
    let questions = queries::all(major);
    db.conn.query(queries::BEGIN.as_bytes())?;
    for question in &questions {
        db.conn.execute(question, &[])?;
    }
    db.conn.query(queries::SIZES_WAIT.as_bytes())?;
    db.conn.execute(&queries::sizes(), &[])?;
    db.conn.query(b"ROLLBACK")?;
    let mut answers = db.conn.each_answer(questions.len() + 4)?.into_iter();
    let mut next = || answers.next().unwrap_or_else(|| Ok(Vec::new()));
    next().map_err(unreadable)?;
    let mut schema = Schema { complete: true, ..Schema::default() };
    let server = told(&mut schema, next().map_err(unreadable)?);
    let mut gathered = Gathered::new(schema);
    gathered.relations(next().map_err(unreadable)?);
    gathered.columns(next().map_err(unreadable)?);
    gathered.constraints(next().map_err(unreadable)?);
    gathered.indexes(next().map_err(unreadable)?);
    gathered.dependencies(next().map_err(unreadable)?);
    gathered.attendants(next().map_err(unreadable)?);
    gathered.domains(next().map_err(unreadable)?);
    gathered.types(next().map_err(unreadable)?);
    gathered.routines(next().map_err(unreadable)?);
    gathered.names(next().map_err(unreadable)?);
    // Without sizes the pages that the last VACUUM or ANALYZE has counted must do.
    let sizes = next().and_then(|_| next()).unwrap_or_default();
    Ok(gathered.finish(sizes, &server))
}

/// The server's major version.
fn major(db: &Db) -> Result<u32> {
    let refuse = |what: String| {
        Err(Error::new(Kind::Database, "facts.server", format!("the catalogue of {what} is not read"))
            .hint("without --target and --facts the worst case is taken for granted"))
    };
    if db.flavour == Flavour::Cockroach {
        return refuse("CockroachDB".to_owned());
    }
    let told = db.conn.parameter("server_version").unwrap_or_default();
    let digits = told.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    match digits.parse() {
        Ok(major) if major >= OLDEST => Ok(major),
        _ => refuse(format!("PostgreSQL {told} (older than {OLDEST})")),
    }
}

fn unreadable(error: Error) -> Error {
    let read =
        Error::new(Kind::Database, "facts.read", "the catalogue cannot be read").because(error.message());
    let read = error.causes().iter().fold(read, |read, cause| read.because(cause));
    read.hint("nothing was changed; if somebody held a lock, run the command again")
}

/// Reads the answer about server and session.
fn told(schema: &mut Schema, rows: Vec<Row>) -> Server {
    let mut row = Columns::of(rows.into_iter().next().unwrap_or_default());
    let number = u32::try_from(row.number()).unwrap_or_default();
    schema.version = Some((number / 10_000, number % 10_000));
    schema.time_zone = row.maybe();
    let (path, usual, user, has_own) = (row.text(), row.text(), row.text(), row.text() == "t");
    if path != usual || has_own {
        schema.path = schemas(&path, has_own.then_some(user.as_str()));
    }
    let page = u64::try_from(row.number()).unwrap_or_default();
    let seconds = row.maybe().and_then(|text| text.parse().ok());
    Server { page, seconds: seconds.filter(|seconds| *seconds >= LEAST_SECONDS) }
}

/// The schemas of a `search_path`; `$user` stands for that of the user, if there is one.
fn schemas(path: &str, user: Option<&str>) -> Vec<String> {
    let (mut names, mut name, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = path.chars().chain([',']).peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => name.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => names.push(std::mem::take(&mut name)),
            c if c.is_whitespace() && !quoted => {}
            c if quoted => name.push(c),
            c => name.extend(c.to_lowercase()),
        }
    }
    let meant = |name: String| if name == "$user" { user.map(str::to_owned) } else { Some(name) };
    let usual = |name: &String| !name.is_empty() && name != "pg_catalog";
    names.into_iter().filter_map(meant).filter(usual).collect()
}
