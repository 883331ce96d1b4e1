//! Reads the catalogue of a live database: what tables, keys and routines there are, how large the tables
//! are and how much they are used.
//!
//! The server shows a user only what that user has some right to; only with a right to the whole database
//! is what is not seen known not to be there.

mod gather;
mod queries;
mod text;

use super::Mysql;
use super::db::Db;
use crate::engine::columns::{Columns, Row};
use crate::engine::registry::Value;
use crate::error::{Error, Kind, Result};
use crate::schema::Schema;
use gather::Gathered;

/// Statistics of a shorter time say nothing about the usual traffic.
const LEAST_SECONDS: f64 = 60.0;

/// The catalogue of the database, read on a session of its own.
pub(super) fn read(engine: &Mysql) -> Result<Schema> {
    let database = engine.settings.database.clone();
    if database.is_empty() {
        let message = format!("{} names no database", engine.destination);
        return Err(Error::new(Kind::Config, "facts.database", message)
            .hint("name one in the target: db:mysql://HOST/NAME"));
    }
    let mut db = Db::open(&engine.settings, &engine.registry)?;
    // The name differs; a server that does not know it has no limit.
    let limit = if db.mariadb { "max_statement_time = 30" } else { "max_execution_time = 30000" };
    let _ = db.batch(&format!("SET SESSION {limit}"));
    db.batch("SET SESSION lock_wait_timeout = 5")?;
    db.batch("START TRANSACTION READ ONLY")?;
    let schema = catalogue(&mut db, &database).map_err(unreadable)?;
    db.batch("ROLLBACK")?;
    Ok(schema)
}

fn unreadable(error: Error) -> Error {
    let read =
        Error::new(Kind::Database, "facts.read", "the catalogue cannot be read").because(error.message());
    let read = error.causes().iter().fold(read, |read, cause| read.because(cause));
    read.hint("nothing was changed; if somebody held a lock, run the command again")
}

fn catalogue(db: &mut Db, database: &str) -> Result<Schema> {
    let here: [Value; 1] = [database.into()];
    let mut row = Columns::of(db.rows(queries::SERVER, &[])?.into_iter().next().unwrap_or_default());
    let version = version(&row.text());
    let (zone, machine) = (row.text(), row.maybe());
    let schema = Schema {
        version,
        mariadb: db.mariadb,
        time_zone: if zone == "SYSTEM" { machine } else { Some(zone) },
        complete: db.value(queries::WHOLE, &here)?.is_some(),
        schemas: vec![database.to_owned()],
        ..Schema::default()
    };
    let mariadb = db.mariadb;
    let modern = !mariadb && version.is_some_and(|version| version >= (8, 0));
    let mut gathered = Gathered::new(schema, database);
    gathered.relations(db.rows(queries::TABLES, &here)?);
    gathered.columns(db.rows(queries::COLUMNS, &here)?);
    gathered.indexes(db.rows(&queries::indexes(modern), &here)?);
    gathered.foreign_keys(db.rows(queries::REFERENCES, &here)?, db.rows(queries::KEYS, &here)?);
    // Older servers know no checks.
    gathered.checks(db.rows(queries::checks(mariadb), &here).unwrap_or_default());
    gathered.triggers(db.rows(queries::TRIGGERS, &here)?);
    gathered.views(db.rows(queries::VIEWS, &here)?);
    gathered.routines(db.rows(queries::ROUTINES, &here)?);
    gathered.grants(db.rows(queries::GRANTS, &here)?);
    // What follows is for the few, and not known to the others.
    gathered.roles(db.rows(queries::roles(mariadb), &[]).unwrap_or_default());
    if modern {
        let like: [Value; 1] = [format!("{}/%", database.replace('_', "\\_")).into()];
        gathered.row_versions(db.rows(queries::ROW_VERSIONS, &like).unwrap_or_default());
    }
    let seconds = uptime(db).filter(|seconds| *seconds >= LEAST_SECONDS);
    let traffic: Vec<Row> = match seconds {
        Some(_) => db.rows(queries::TRAFFIC, &here).unwrap_or_default(),
        None => Vec::new(),
    };
    Ok(gathered.finish(traffic, seconds))
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// For how many seconds the server has counted.
fn uptime(db: &mut Db) -> Option<f64> {
    let told = db.texts("SHOW GLOBAL STATUS LIKE 'Uptime'").ok()?;
    told.first()?.split('\t').nth(1)?.parse().ok()
}
