//! Our own record beside Sqitch's: runs, steps, and how far a step got, as statements.
//!
//! Knows: what the journal's rows say. Must never know: a driver. Each engine runs these statements
//! where its registry is.

use super::record::{ChangeRecord, RunRecord};
use super::registry::{self, Times, Value, Write, write};
use super::{Direction, Settlement};
use crate::plan::Person;
use crate::steps::{RunNote, StepNote};

const BEGIN_RUN: &str = "INSERT INTO {r}change_runs (command, project, target, started_at, tool_version, \
     user_name, user_email, login, host, pid, git_commit) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const END_RUN: &str = "UPDATE {r}change_runs SET ended_at = ?2, outcome = ?3 WHERE run_id = ?1";
const START: &str = "INSERT INTO {r}change_steps (run_id, project, change_id, {change}, direction, mode, state, \
     started_at, units_total, units, script) VALUES (?1, ?2, ?3, ?4, ?5, 'stepwise', 'running', ?6, ?7, ?8, ?9)";
const GO_ON: &str = "UPDATE {r}change_steps SET state = 'running', run_id = ?2, units = ?3, units_total = ?4, \
     units_done = ?5, unit_begun = 0, error = NULL WHERE step_id = ?1";
const AT_UNIT: &str =
    "UPDATE {r}change_steps SET line = ?2, statement = ?3, unit_begun = ?4 WHERE step_id = ?1";
const STOP: &str = "UPDATE {r}change_steps SET state = ?2, error = ?3, ended_at = ?4, units_done = ?5, \
     unit_begun = ?6 WHERE step_id = ?1";
const FAILED: &str = "INSERT INTO {r}change_steps (run_id, project, change_id, {change}, direction, mode, state, \
     started_at, ended_at, error, attempts, waited_ms, others_waited_ms, blockers) \
     VALUES (?1, ?2, ?3, ?4, ?5, 'atomic', 'failed', ?6, ?6, ?7, ?8, ?9, ?10, ?11)";
const SETTLED: &str =
    "UPDATE {r}change_steps SET state = 'settled', ended_at = ?2, unit_begun = 0 WHERE step_id = ?1";
const FINISH_NEW: &str = "INSERT INTO {r}change_steps (run_id, project, change_id, {change}, direction, mode, state, \
     started_at, ended_at, duration_ms, recorded_at, deploy_sha256, verify_sha256, revert_sha256, \
     attempts, waited_ms, others_waited_ms, blockers) \
     VALUES (?9, ?10, ?11, ?12, ?13, ?14, 'done', ?15, ?16, ?17, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const FINISH_OPEN: &str = "UPDATE {r}change_steps SET state = 'done', ended_at = ?9, duration_ms = ?10, \
     units_done = units_total, unit_begun = 0, error = NULL, recorded_at = ?1, deploy_sha256 = ?2, \
     verify_sha256 = ?3, revert_sha256 = ?4, attempts = ?5, waited_ms = ?6, others_waited_ms = ?7, \
     blockers = ?8 WHERE step_id = ?11";
const CLOSE: &str = "UPDATE {r}change_steps SET state = ?2, ended_at = ?3, error = COALESCE(?4, error), \
     unit_begun = 0 WHERE step_id = ?1";
const PROGRESS: &str = "UPDATE {r}change_steps SET units_done = ?2, unit_begun = 0 WHERE step_id = ?1";

const SETTLED_BEFORE: &str = "UPDATE {r}change_steps SET state = 'settled', ended_at = ?3, unit_begun = 0 \
     WHERE change_id = ?2 AND step_id < ?1 AND state IN ('running', 'stopped')";

/// The change of a project (`?1`) that stopped half-way, if there is one.
pub(super) const IN_DOUBT: &str = "SELECT s.step_id, s.change_id, s.{change}, s.direction, s.units_done, \
     s.units_total, s.unit_begun, COALESCE(s.script, ''), COALESCE(s.line, 1), COALESCE(s.statement, ''), \
     COALESCE(s.units, '[]'), s.error, COALESCE(s.ended_at, s.started_at), COALESCE(r.user_name, ''), \
     COALESCE(r.host, '') FROM {r}change_steps s LEFT JOIN {r}change_runs r ON r.run_id = s.run_id \
     WHERE s.project = ?1 AND s.state IN ('running', 'stopped') ORDER BY s.step_id DESC LIMIT 1";

/// The last runs (`?2`) of a project (`?1`) with their steps, oldest first, all columns as text.
pub(super) const NOTES: &str = "SELECT CAST(r.run_id AS {text}), r.command, r.target, CAST(r.started_at AS {text}), \
     CAST(r.ended_at AS {text}), r.outcome, r.tool_version, r.user_name, r.user_email, r.host, r.git_commit, \
     s.{change}, s.direction, s.mode, s.state, CAST(s.started_at AS {text}), CAST(s.duration_ms AS {text}), s.error, \
     CAST(s.attempts AS {text}), CAST(s.waited_ms AS {text}), CAST(s.others_waited_ms AS {text}), s.blockers, \
     CAST(s.units_done AS {text}), CAST(s.units_total AS {text}) \
     FROM (SELECT run_id FROM {r}change_runs WHERE project = ?1 ORDER BY run_id DESC LIMIT ?2) l \
     JOIN {r}change_runs r ON r.run_id = l.run_id LEFT JOIN {r}change_steps s ON s.run_id = r.run_id \
     ORDER BY r.run_id, s.step_id";
/// How many columns that are.
pub(super) const NOTE_COLUMNS: usize = 24;

/// Puts the rows of [`NOTES`] together.
pub(super) fn notes(
    rows: impl IntoIterator<Item = Vec<Option<String>>>,
    time: impl Fn(&str) -> Option<jiff::Timestamp>,
) -> Vec<RunNote> {
    let mut runs: Vec<RunNote> = Vec::new();
    for row in rows {
        let mut columns = row.into_iter();
        let mut maybe = || columns.next().flatten();
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let at = |text: Option<String>| text.as_deref().and_then(&time);
        let run = RunNote {
            run: number(maybe()),
            command: maybe().unwrap_or_default(),
            target: maybe().unwrap_or_default(),
            started_at: at(maybe()),
            ended_at: at(maybe()),
            outcome: maybe(),
            tool_version: maybe().unwrap_or_default(),
            user_name: maybe().unwrap_or_default(),
            user_email: maybe().unwrap_or_default(),
            host: maybe().unwrap_or_default(),
            git_commit: maybe(),
            steps: Vec::new(),
        };
        if runs.last().is_none_or(|last| last.run != run.run) {
            runs.push(run);
        }
        let (Some(change), Some(run)) = (maybe(), runs.last_mut()) else { continue };
        run.steps.push(StepNote {
            change,
            direction: maybe().unwrap_or_default(),
            mode: maybe().unwrap_or_default(),
            state: maybe().unwrap_or_default(),
            started_at: at(maybe()),
            duration_ms: maybe().and_then(|text| text.parse().ok()),
            error: maybe(),
            attempts: number(maybe()),
            waited_ms: number(maybe()),
            others_waited_ms: number(maybe()),
            blockers: maybe(),
            statements_done: number(maybe()),
            statements: number(maybe()),
        });
    }
    runs
}

/// Notes the start of a run; the row's number is needed for what follows.
pub(super) fn begin_run(run: &RunRecord, now: &str) -> Write {
    write(
        BEGIN_RUN,
        [
            run.command.as_str().into(),
            run.project.as_str().into(),
            run.target.as_str().into(),
            now.into(),
            run.tool_version.as_str().into(),
            run.user_name.as_str().into(),
            run.user_email.as_str().into(),
            run.login.as_str().into(),
            run.host.as_str().into(),
            i64::from(run.pid).into(),
            run.git_commit.clone().into(),
        ],
    )
}

/// Notes the end of a run.
pub(super) fn end_run(run: i64, outcome: &str, now: &str) -> Write {
    write(END_RUN, [run.into(), now.into(), outcome.into()])
}

/// What a change waited for, and who for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waits {
    /// How often it was tried, at least once.
    pub(super) attempts: i64,
    /// How long it took until the attempt that counts, in milliseconds.
    pub(super) waited_ms: i64,
    /// The longest that others were seen waiting for it, in milliseconds.
    pub(super) others_waited_ms: i64,
    /// Who was in its way, a line for each.
    pub(super) blockers: String,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits { attempts: 1, waited_ms: 0, others_waited_ms: 0, blockers: String::new() }
    }
}

impl Waits {
    fn values(&self) -> [Value; 4] {
        let blockers =
            if self.blockers.is_empty() { Value::Null } else { Value::Note(self.blockers.clone()) };
        [self.attempts.into(), self.waited_ms.into(), self.others_waited_ms.into(), blockers]
    }
}

/// A step that is over and went well.
pub(super) struct Finished<'a> {
    pub(super) record: &'a ChangeRecord,
    pub(super) direction: Direction,
    pub(super) run: i64,
    pub(super) mode: &'a str,
    pub(super) started_at: Value,
    /// The time of the change's row in `changes`.
    pub(super) recorded_at: Value,
    pub(super) ended_at: Value,
    pub(super) duration_ms: Value,
    /// SHA-256 of deploy, verify and revert script.
    pub(super) checksums: [Option<&'a str>; 3],
    pub(super) waits: &'a Waits,
    /// The row that this ends, for a change that ran step by step.
    pub(super) step: Option<i64>,
}

/// The row of a step that is over and went well. A deployment's row says what its scripts were, and
/// by its time which row of `changes` it speaks of.
pub(super) fn finished(done: Finished<'_>) -> Write {
    let deployed = done.direction == Direction::Deploy;
    let mut values: Vec<Value> = vec![if deployed { done.recorded_at } else { Value::Null }];
    values.extend(done.checksums.map(Value::from));
    values.extend(done.waits.values());
    let ended = [done.ended_at, done.duration_ms];
    if let Some(step) = done.step {
        values.extend(ended);
        values.push(step.into());
        return Write { sql: FINISH_OPEN, values };
    }
    values.extend([
        done.run.into(),
        done.record.project.as_str().into(),
        done.record.id.to_string().into(),
        done.record.name.as_str().into(),
        done.direction.word().into(),
        done.mode.into(),
        done.started_at,
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
    Write {
        sql: CLOSE,
        values: vec![
            step.into(),
            state.into(),
            now.into(),
            error.map_or(Value::Null, |error| Value::Note(error.to_owned())),
        ],
    }
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What an earlier step of the change left open is settled with a later one.
pub(super) fn settled_before(step: i64, record: &ChangeRecord, now: &str) -> Write {
    write(SETTLED_BEFORE, [step.into(), record.id.to_string().into(), now.into()])
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

/// Notes that a change begins to run step by step, before its first statement; the row's number is
/// needed for what follows.
pub(super) fn start(start: &Start<'_>) -> Write {
    write(
        START,
        [
            start.run.into(),
            start.record.project.as_str().into(),
            start.record.id.to_string().into(),
            start.record.name.as_str().into(),
            start.direction.word().into(),
            start.now.into(),
            count(start.units.len()).into(),
            serde_json::to_string(start.units).unwrap_or_default().into(),
            start.script.into(),
        ],
    )
}

/// Notes that a stopped step goes on. Its script may have been edited after what is done.
pub(super) fn go_on(step: i64, run: i64, units: &[String], done: usize) -> Write {
    let digests = serde_json::to_string(units).unwrap_or_default();
    write(GO_ON, [step.into(), run.into(), digests.into(), count(units.len()).into(), count(done).into()])
}

/// Notes which unit is about to run. `alone` says that it cannot be committed with its progress,
/// so that it is in doubt from now on until its end is noted.
pub(super) fn at_unit(step: i64, line: usize, statement: &str, alone: bool) -> Write {
    let shown: String = statement.chars().take(500).collect();
    write(AT_UNIT, [step.into(), count(line).into(), Value::Note(shown), i64::from(alone).into()])
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
pub(super) fn stop(step: i64, stop: &Stop<'_>) -> Write {
    let state = if stop.half { "stopped" } else { "failed" };
    write(
        STOP,
        [
            step.into(),
            state.into(),
            Value::Note(stop.error.to_owned()),
            stop.now.into(),
            count(stop.done).into(),
            i64::from(stop.doubtful).into(),
        ],
    )
}

/// Notes an atomic change that failed and left nothing.
pub(super) fn failed(
    run: i64,
    record: &ChangeRecord,
    direction: Direction,
    error: &str,
    now: &str,
    waits: &Waits,
) -> Write {
    let mut values: Vec<Value> = vec![
        run.into(),
        record.project.as_str().into(),
        record.id.to_string().into(),
        record.name.as_str().into(),
        direction.word().into(),
        now.into(),
        Value::Note(error.to_owned()),
    ];
    values.extend(waits.values());
    Write { sql: FAILED, values }
}

/// Settles a stopped step as a person says, and writes the change's rows accordingly; `recorded`
/// says whether the registry holds the change as deployed.
pub(super) fn settled(
    step: i64,
    record: &ChangeRecord,
    settlement: Settlement,
    recorded: bool,
    who: &Person,
    times: &Times,
    now: &str,
) -> Vec<Write> {
    let mut writes = match (settlement, recorded) {
        (Settlement::Deployed, false) => registry::deploy_rows(record, who, times),
        (Settlement::NotDeployed, true) => registry::revert_rows(record, who, times),
        _ => Vec::new(),
    };
    writes.push(write(SETTLED, [step.into(), now.into()]));
    writes.push(settled_before(step, record, now));
    writes
}
