//! Our own record beside Sqitch's: runs, steps, and how far a step got.

use super::db::Db;
use super::{own, queries};
use crate::engine::record::{ChangeRecord, RunRecord};
use crate::engine::registry::{self, Times, Value, Write};
use crate::engine::{Direction, Settlement};
use crate::error::Result;
use crate::plan::Person;
use crate::steps::InDoubt;
use rusqlite::params;
use serde::{Deserialize, Serialize};

const FINISH_NEW: &str = "INSERT INTO {r}change_steps (run_id, project, change_id, change, direction, mode, state, \
     started_at, ended_at, duration_ms, recorded_at, deploy_sha256, verify_sha256, revert_sha256) \
     VALUES (?5, ?6, ?7, ?8, ?9, ?10, 'done', ?11, ?12, ?13, ?1, ?2, ?3, ?4)";
const FINISH_OPEN: &str = "UPDATE {r}change_steps SET state = 'done', ended_at = ?5, duration_ms = ?6, \
     units_done = units_total, unit_begun = 0, error = NULL, recorded_at = ?1, deploy_sha256 = ?2, \
     verify_sha256 = ?3, revert_sha256 = ?4 WHERE step_id = ?7";
const CLOSE: &str = "UPDATE {r}change_steps SET state = ?2, ended_at = ?3, error = COALESCE(?4, error), \
     unit_begun = 0 WHERE step_id = ?1";
const PROGRESS: &str = "UPDATE {r}change_steps SET units_done = ?2, unit_begun = 0 WHERE step_id = ?1";

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
        Times { change: self.change_time.clone(), event: self.event_time.clone() }
    }
}

/// Notes the start of a run.
pub(super) fn begin_run(db: &Db, run: &RunRecord, now: &str) -> Result<i64> {
    db.run(
        "INSERT INTO main.change_runs (command, project, target, started_at, tool_version, user_name, user_email, \
         login, host, pid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            run.command,
            run.project,
            run.target,
            now,
            run.tool_version,
            run.user_name,
            run.user_email,
            run.login,
            run.host,
            run.pid
        ],
    )?;
    Ok(db.conn.last_insert_rowid())
}

/// Notes the end of a run.
pub(super) fn end_run(db: &Db, run: i64, outcome: &str, now: &str) -> Result<()> {
    db.run(
        "UPDATE main.change_runs SET ended_at = ?2, outcome = ?3 WHERE run_id = ?1",
        params![run, now, outcome],
    )
    .map(|_| ())
}

/// Whether a run did not come to its end, and none on the same target did after it. Each run looks
/// for what those before it left.
pub(super) fn has_unended_run(db: &Db) -> Result<bool> {
    let sql = "SELECT 1 FROM main.change_runs r WHERE r.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM \
               main.change_runs l WHERE l.run_id > r.run_id AND l.target = r.target AND l.ended_at IS NOT NULL) LIMIT 1";
    Ok(db.value::<i64>(sql, [])?.is_some())
}

/// The row of a step that is over and went well. A deployment's row says what its scripts were, and
/// by its time which row of `changes` it speaks of.
pub(super) fn finished(applied: &Applied) -> Write {
    let direction = applied.direction();
    let deployed_at = (direction == Direction::Deploy).then_some(applied.change_time.as_str());
    let mut values: Vec<Value> = vec![deployed_at.into()];
    values.extend(applied.checksums.iter().map(|sum| sum.as_deref().into()));
    let ended = [applied.event_time.as_str().into(), applied.duration_ms.into()];
    if let Some(step) = applied.step {
        values.extend(ended);
        values.push(step.into());
        return Write { sql: FINISH_OPEN, values };
    }
    values.extend([
        applied.run.into(),
        applied.record.project.as_str().into(),
        applied.record.id.to_string().into(),
        applied.record.name.as_str().into(),
        direction.word().into(),
        applied.mode.as_str().into(),
        applied.started_at.as_str().into(),
    ]);
    values.extend(ended);
    Write { sql: FINISH_NEW, values }
}

/// A step got as far as `done` units.
pub(super) fn progress(step: i64, done: usize) -> Write {
    Write { sql: PROGRESS, values: vec![step.into(), count(done).into()] }
}

/// A step was taken back, by the revert script.
pub(super) fn closed(step: i64, state: &str, error: Option<&str>, now: &str) -> Write {
    Write { sql: CLOSE, values: vec![step.into(), state.into(), now.into(), error.into()] }
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is known about a step when it starts.
pub(super) struct Start<'a> {
    pub(super) run: i64,
    pub(super) record: &'a ChangeRecord,
    pub(super) direction: Direction,
    pub(super) units: &'a [String],
    pub(super) script: &'a str,
    pub(super) now: &'a str,
}

/// Notes that a change begins to run step by step, before its first statement.
pub(super) fn start(db: &Db, start: &Start<'_>) -> Result<i64> {
    let units = serde_json::to_string(start.units).unwrap_or_default();
    db.run(
        "INSERT INTO main.change_steps (run_id, project, change_id, change, direction, mode, state, started_at, \
         units_total, units, script) VALUES (?1, ?2, ?3, ?4, ?5, 'stepwise', 'running', ?6, ?7, ?8, ?9)",
        params![
            start.run,
            start.record.project,
            start.record.id.to_string(),
            start.record.name,
            start.direction.word(),
            start.now,
            count(start.units.len()),
            units,
            start.script
        ],
    )?;
    Ok(db.conn.last_insert_rowid())
}

/// Notes that a stopped step goes on. Its script may have been edited after what is done.
pub(super) fn go_on(db: &Db, step: i64, run: i64, units: &[String], done: usize) -> Result<()> {
    let digests = serde_json::to_string(units).unwrap_or_default();
    db.run(
        "UPDATE main.change_steps SET state = 'running', run_id = ?2, units = ?3, units_total = ?4, units_done = ?5, \
         unit_begun = 0, error = NULL WHERE step_id = ?1",
        params![step, run, digests, count(units.len()), count(done)],
    )
    .map(|_| ())
}

/// Notes which unit is about to run. `alone` says that it cannot be committed with its progress,
/// so that it is in doubt from now on until its end is noted.
pub(super) fn at_unit(db: &Db, step: i64, line: usize, statement: &str, alone: bool) -> Result<()> {
    let shown: String = statement.chars().take(500).collect();
    db.run(
        "UPDATE main.change_steps SET line = ?2, statement = ?3, unit_begun = ?4 WHERE step_id = ?1",
        params![step, count(line), shown, alone],
    )
    .map(|_| ())
}

/// How a step ended badly.
pub(super) struct Stop<'a> {
    /// How many units took effect.
    pub(super) done: usize,
    /// Whether that left something; then the step is `stopped`, else `failed`.
    pub(super) half: bool,
    /// Whether the unit that failed may have left something, too.
    pub(super) doubtful: bool,
    pub(super) error: &'a str,
    pub(super) now: &'a str,
}

/// Notes that a step ended badly.
pub(super) fn stop(db: &Db, step: i64, stop: &Stop<'_>) -> Result<()> {
    let state = if stop.half { "stopped" } else { "failed" };
    db.run(
        "UPDATE main.change_steps SET state = ?2, error = ?3, ended_at = ?4, units_done = ?5, unit_begun = ?6 \
         WHERE step_id = ?1",
        params![step, state, stop.error, stop.now, count(stop.done), stop.doubtful],
    )
    .map(|_| ())
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
    db.run(
        "INSERT INTO main.change_steps (run_id, project, change_id, change, direction, mode, state, started_at, \
         ended_at, error) VALUES (?1, ?2, ?3, ?4, ?5, 'atomic', 'failed', ?6, ?6, ?7)",
        params![run, record.project, record.id.to_string(), record.name, direction.word(), now, error],
    )
    .map(|_| ())
}

/// The change of a project that stopped half-way, if there is one.
pub(super) fn in_doubt(db: &Db, project: &str) -> Result<Option<InDoubt>> {
    let rows = db.rows(
        "SELECT s.step_id, s.change_id, s.change, s.direction, s.units_done, s.units_total, s.unit_begun, \
         COALESCE(s.script, ''), COALESCE(s.line, 1), COALESCE(s.statement, ''), COALESCE(s.units, '[]'), s.error, \
         COALESCE(s.ended_at, s.started_at), COALESCE(r.user_name, ''), COALESCE(r.host, '') \
         FROM main.change_steps s LEFT JOIN main.change_runs r ON r.run_id = s.run_id \
         WHERE s.project = ?1 AND s.state IN ('running', 'stopped') ORDER BY s.step_id DESC LIMIT 1",
        [project],
        |row| {
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
        },
    )?;
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
    let writes = match (settlement, recorded.is_some()) {
        (Settlement::Deployed, false) => registry::deploy_rows(record, who, times),
        (Settlement::NotDeployed, true) => registry::revert_rows(record, who, times),
        _ => Vec::new(),
    };
    db.transaction(|db| {
        db.write(&own(), &writes)?;
        db.run(
            "UPDATE main.change_steps SET state = 'settled', ended_at = ?2, unit_begun = 0 WHERE step_id = ?1",
            params![in_doubt.step, now],
        )
        .map(|_| ())
    })
}
