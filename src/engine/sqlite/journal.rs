//! The journal in SQLite: its statements, run where the registry is.

use super::db::Db;
use super::{own, queries};
use crate::engine::journal::{self, Finished, Start, Waits};
use crate::engine::record::{ChangeRecord, RunRecord};
use crate::engine::registry::{Times, Write};
use crate::engine::{Direction, Settlement};
use crate::error::Result;
use crate::plan::Person;
use crate::steps::{InDoubt, RunNote};
use serde::{Deserialize, Serialize};

pub(super) use crate::engine::journal::{Stop, closed, progress};

/// A change that was applied, with all that its rows hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Applied {
    pub(super) revert: bool,
    pub(super) record: ChangeRecord,
    pub(super) committer: Person,
    pub(super) change_time: String,
    pub(super) event_time: String,
    pub(super) checksums: [Option<String>; 3],
    pub(super) run: i64,
    pub(super) mode: String,
    pub(super) started_at: String,
    pub(super) duration_ms: i64,
    /// The step of the journal that this ends, for a change that ran step by step.
    pub(super) step: Option<i64>,
}

impl Applied {
    pub(super) fn direction(&self) -> Direction {
        if self.revert { Direction::Revert } else { Direction::Deploy }
    }

    pub(super) fn times(&self) -> Times {
        let (change, event) = (self.change_time.as_str().into(), self.event_time.as_str().into());
        Times { change, tags: Vec::new(), event }
    }
}

/// The row of a step that is over and went well.
pub(super) fn finished(applied: &Applied) -> Write {
    let [deploy, verify, revert] = &applied.checksums;
    journal::finished(Finished {
        record: &applied.record,
        direction: applied.direction(),
        run: applied.run,
        mode: &applied.mode,
        started_at: applied.started_at.as_str().into(),
        recorded_at: applied.change_time.as_str().into(),
        ended_at: applied.event_time.as_str().into(),
        duration_ms: applied.duration_ms.into(),
        checksums: [deploy.as_deref(), verify.as_deref(), revert.as_deref()],
        waits: &Waits::default(),
        step: applied.step,
    })
}

fn put(db: &Db, write: Write) -> Result<()> {
    db.write(&own(), &[write])
}

fn insert(db: &Db, write: Write) -> Result<i64> {
    put(db, write)?;
    Ok(db.conn.last_insert_rowid())
}

/// Notes the start of a run.
pub(super) fn begin_run(db: &Db, run: &RunRecord, now: &str) -> Result<i64> {
    insert(db, journal::begin_run(run, now))
}

/// Notes the end of a run.
pub(super) fn end_run(db: &Db, run: i64, outcome: &str, now: &str) -> Result<()> {
    put(db, journal::end_run(run, outcome, now))
}

/// The last runs on a project, with their steps.
pub(super) fn notes(db: &Db, project: &str, runs: usize) -> Result<Vec<RunNote>> {
    let runs = journal::count(runs);
    let rows: Vec<Vec<Option<String>>> =
        db.rows(&own().fill(journal::NOTES), rusqlite::params![project, runs], |row| {
            (0..journal::NOTE_COLUMNS).map(|column| row.get(column)).collect()
        })?;
    Ok(journal::notes(rows, queries::time))
}

/// Whether a run did not come to its end, and none on the same target did after it. Each run looks
/// for what those before it left.
pub(super) fn has_unended_run(db: &Db) -> Result<bool> {
    let sql = "SELECT 1 FROM main.change_runs r WHERE r.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM \
               main.change_runs l WHERE l.run_id > r.run_id AND l.target = r.target AND l.ended_at IS NOT NULL) LIMIT 1";
    Ok(db.value::<i64>(sql, [])?.is_some())
}

/// Notes that a change begins to run step by step, before its first statement.
pub(super) fn start(db: &Db, start: &Start<'_>) -> Result<i64> {
    insert(db, journal::start(start))
}

/// Notes that a stopped step goes on.
pub(super) fn go_on(db: &Db, step: i64, run: i64, units: &[String], done: usize) -> Result<()> {
    put(db, journal::go_on(step, run, units, done))
}

/// Notes which unit is about to run.
pub(super) fn at_unit(db: &Db, step: i64, line: usize, statement: &str, alone: bool) -> Result<()> {
    put(db, journal::at_unit(step, line, statement, alone))
}

/// Notes that a step ended badly.
pub(super) fn stop(db: &Db, step: i64, stop: &Stop<'_>) -> Result<()> {
    put(db, journal::stop(step, stop))
}

/// Notes an atomic change that failed and left nothing.
pub(super) fn failed(
    db: &Db,
    run: i64,
    record: &ChangeRecord,
    direction: Direction,
    error: &str,
    now: &str,
) -> Result<()> {
    put(db, journal::failed(run, record, direction, error, now, &Waits::default()))
}

/// The change of a project that stopped half-way, if there is one.
pub(super) fn in_doubt(db: &Db, project: &str) -> Result<Option<InDoubt>> {
    let rows = db.rows(&own().fill(journal::IN_DOUBT), [project], |row| {
        let units: String = row.get(10)?;
        let at: String = row.get(12)?;
        let number = |column: usize| -> rusqlite::Result<usize> {
            Ok(usize::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
        };
        Ok(InDoubt {
            step: row.get(0)?,
            change_id: queries::id(row, 1)?,
            change: row.get(2)?,
            direction: row.get(3)?,
            done: number(4)?,
            total: number(5)?,
            begun: row.get(6)?,
            script: row.get(7)?,
            line: number(8)?,
            statement: row.get(9)?,
            units: serde_json::from_str(&units).unwrap_or_default(),
            error: row.get(11)?,
            at: queries::time_of(&at),
            by: row.get(13)?,
            host: row.get(14)?,
        })
    })?;
    Ok(rows.into_iter().next())
}

/// Settles a stopped step as a person says, and writes the change's rows accordingly.
pub(super) fn settle(
    db: &Db,
    in_doubt: &InDoubt,
    record: &ChangeRecord,
    settlement: Settlement,
    who: &Person,
    times: &Times,
    now: &str,
) -> Result<()> {
    let recorded: Option<i64> =
        db.value("SELECT 1 FROM main.changes WHERE change_id = ?1", [record.id.to_string()])?;
    let writes = journal::settled(in_doubt.step, record, settlement, recorded.is_some(), who, times, now);
    db.transaction(|db| db.write(&own(), &writes))
}

/// The database that a project's records are about, as far as it was noted.
pub(super) fn database_of(db: &Db, project: &str) -> Result<Option<String>> {
    db.value("SELECT database FROM main.change_databases WHERE project = ?1", [project])
}

/// Notes which database a project's records are about.
pub(super) fn note_database(db: &Db, project: &str, database: &str) -> Result<()> {
    if database_of(db, project)?.as_deref() == Some(database) {
        return Ok(());
    }
    db.run(
        "INSERT OR REPLACE INTO main.change_databases (project, database) VALUES (?1, ?2)",
        [project, database],
    )
    .map(|_| ())
}
