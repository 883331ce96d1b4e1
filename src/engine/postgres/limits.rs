//! Never in the way: how long a statement may wait for a lock and block others, and how a change is
//! tried again until it gets its locks.
//!
//! An attempt is short: whoever comes after a waiting statement waits behind it. Behind a transaction
//! that is old already no attempt is made; it is named, and waited for from outside of the queue.

use super::Postgres;
use super::look::Look;
use super::script::Ready;
use super::watch::Seen;
use crate::engine::journal::Waits;
use crate::engine::{Limits, Output};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::locks::{blocks_others, parts};
use crate::sql::psql::{StatementKind, Survey};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

/// A transaction of this age is waited for, not queued behind.
const OLD: Duration = Duration::from_millis(500);
/// An attempt is never longer, whatever the budget.
const LONGEST_ATTEMPT: Duration = Duration::from_millis(90);
const POLL: Duration = Duration::from_millis(30);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The code of an error that only says that a lock was not to be had now.
pub(super) const LOCKED: &str = "script.locked";
/// The code of an error that says that somebody else held something before it was asked for.
pub(super) const HELD: &str = "script.held";
/// The columns of a [`Blocker`]: of a session `a`, as `pg_stat_get_activity` has it, or of a prepared
/// transaction `p`. A session's transaction is known by its virtual id, which everybody may see; its
/// age is not told to everybody.
pub(super) const BLOCKER: &str = "COALESCE(a.pid::text, p.gid), a.pid IS NULL, \
     COALESCE((SELECT v.virtualxid FROM pg_catalog.pg_lock_status() v WHERE v.pid = a.pid AND v.locktype = 'virtualxid' LIMIT 1), \
     to_char(p.prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')), \
     (extract(epoch FROM clock_timestamp() - COALESCE(a.xact_start, p.prepared)) * 1000)::bigint, \
     pg_get_userbyid(COALESCE(a.usesysid, p.ownerid)), a.application_name, a.state, \
     left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80)";
/// A prepared transaction `p` that holds a lock `l`: who prepared it is gone, but it still holds its
/// own id.
pub(super) const PREPARED: &str = "LEFT JOIN LATERAL (SELECT p.* FROM pg_catalog.pg_prepared_xact() p \
     JOIN pg_catalog.pg_lock_status() x ON x.locktype = 'transactionid' AND x.transactionid = p.transaction AND x.pid IS NULL \
     WHERE l.pid IS NULL AND x.virtualtransaction = l.virtualtransaction) p ON true";

/// Somebody who holds what a statement waits for.
#[derive(Debug, Clone)]
pub(super) struct Blocker {
    /// The session's process, or the name of a prepared transaction.
    who: String,
    prepared: bool,
    since: String,
    age: Duration,
    description: String,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.description)
    }
}

impl Blocker {
    /// Reads the columns of [`BLOCKER`].
    pub(super) fn of(columns: impl Iterator<Item = Option<String>>) -> Blocker {
        let mut columns = columns.map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (who, prepared, since, age, user, program, state, query) =
            (next(), next() == "t", next(), next(), next(), next(), next(), next());
        let age = Duration::from_millis(age.parse().unwrap_or_default());
        let seconds = age.as_secs_f64();
        let program = if program.is_empty() { "a program without a name".to_owned() } else { program };
        let description = if prepared {
            format!("the prepared transaction \"{who}\" of user {user}, open for {seconds:.1} s")
        } else if state.is_empty() {
            format!("a session of user {user}, {who} (its details are for members of pg_read_all_stats)")
        } else {
            format!("{program} of user {user}, session {who}, {state} for {seconds:.1} s: {query}")
        };
        Blocker { who, prepared, since, age, description }
    }
}

/// The attempts at one change.
#[derive(Debug)]
pub(super) struct Attempts {
    start: Instant,
    /// How many there were before the one that is made now.
    pub(super) count: u32,
    told: bool,
    /// Who was in the way of the last one.
    last: Vec<Blocker>,
    /// When each was first seen: of some the age is not told.
    met: HashMap<(String, String), Instant>,
    /// The longest that others were seen waiting for one.
    pub(super) others: Duration,
}

impl Attempts {
    pub(super) fn new() -> Attempts {
        Attempts {
            start: Instant::now(),
            count: 0,
            told: false,
            last: Vec::new(),
            met: HashMap::new(),
            others: Duration::ZERO,
        }
    }

    /// Whether somebody is in the way behind whom nobody should queue.
    pub(super) fn is_behind_an_old_one(&self) -> bool {
        self.last.iter().any(|blocker| blocker.age >= OLD)
    }

    /// Who is in the way now.
    pub(super) fn see(&mut self, mut blockers: Vec<Blocker>) {
        if blockers.is_empty() {
            return;
        }
        for one in &mut blockers {
            let met = *self.met.entry((one.who.clone(), one.since.clone())).or_insert_with(Instant::now);
            one.age = one.age.max(met.elapsed());
        }
        self.last = blockers;
    }

    /// What the journal is told.
    pub(super) fn waits(&self) -> Waits {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Waits {
            attempts: i64::from(self.count) + 1,
            waited_ms: if self.count == 0 { 0 } else { millis(self.start.elapsed()) },
            others_waited_ms: millis(self.others),
            blockers: self.last.iter().map(|one| one.description.as_str()).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A limit as a setting of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) time: Duration,
}

impl Setting {
    /// As a statement of its own.
    pub(super) fn statement(&self) -> String {
        format!("SET LOCAL {} = '{}ms'", self.name, self.time.as_millis())
    }
}

/// Settings as one message.
pub(super) fn as_statements(settings: &[Setting]) -> String {
    settings.iter().map(Setting::statement).collect::<Vec<_>>().join("; ")
}

/// What a script may take, as settings of its transaction. A script that makes them itself is left
/// alone, and so is one that blocks nobody.
pub(super) fn settings(ready: &Ready<'_>, limits: &Limits) -> Vec<Setting> {
    let survey = ready.client.as_ref().map_or(&ready.survey, |client| &client.own);
    let mut all = Vec::new();
    let says = |word: &str| {
        let word = word.as_bytes();
        let names = |text: &[u8]| text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
        let sets =
            |kind: &StatementKind| matches!(kind, StatementKind::Set { .. } | StatementKind::Several(_));
        survey.statements.iter().any(|one| sets(&one.kind) && names(&one.text))
    };
    let mut set = |name: &'static str, time: Duration| all.push(Setting { name, time });
    if !says("lock_timeout") {
        set("lock_timeout", ready.script.lock_timeout.unwrap_or_else(|| attempt(limits)));
    }
    let own = ready.script.statement_timeout;
    if !says("statement_timeout") && (own.is_some() || blocks_in(survey)) {
        set("statement_timeout", own.unwrap_or(limits.statement_timeout));
    }
    all
}

/// How long one attempt may wait: a little less than others may be made to wait.
fn attempt(limits: &Limits) -> Duration {
    let budget = limits.lock_budget.saturating_sub(Duration::from_millis(10));
    budget.min(LONGEST_ATTEMPT).min(limits.lock_timeout).max(Duration::from_millis(1))
}

/// Whether a statement of the script takes a lock that keeps others from reading or writing.
pub(super) fn blocks(ready: &Ready<'_>) -> bool {
    blocks_in(&ready.survey)
}

fn blocks_in(survey: &Survey) -> bool {
    let blocks = |text: &[u8]| parts(&String::from_utf8_lossy(text)).iter().any(blocks_others);
    survey.statements.iter().any(|one| blocks(&one.text))
}

/// Whether an error only says that a lock was not to be had now.
pub(super) fn is_locked_out(error: &Error) -> bool {
    error.code() == LOCKED || error.code() == HELD
}

/// Whether a statement of the script blocks others in a way that no look at tables foresees.
pub(super) fn blocks_unseen(ready: &Ready<'_>) -> bool {
    let words = ["LOCK", "REINDEX", "CLUSTER"];
    let blocks = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        parts(&text).iter().any(|one| words.iter().any(|word| one.begins(&[word])))
    };
    ready.survey.statements.iter().any(|one| blocks(&one.text))
}

impl Postgres {
    /// Waits until another attempt makes sense; an error if patience is at its end.
    pub(super) fn wait_for_turn(
        &mut self,
        attempts: &mut Attempts,
        error: Error,
        output: &mut dyn Output,
    ) -> Result<()> {
        attempts.count += 1;
        let left = self.limits.patience.saturating_sub(attempts.start.elapsed());
        if left.is_zero() {
            return Err(out_of_patience(error, attempts));
        }
        let old = attempts
            .last
            .iter()
            .filter(|blocker| blocker.age >= OLD)
            .max_by_key(|blocker| blocker.age)
            .cloned();
        if let Some(old) = old {
            if !std::mem::replace(&mut attempts.told, true) {
                output.stderr(format!("waiting for {}\n", old.description).as_bytes());
            }
            return if self.until_gone(&old, left)? { Ok(()) } else { Err(out_of_patience(error, attempts)) };
        }
        let grown = SHORTEST_PAUSE.mul_f64(1.5_f64.powi(i32::try_from(attempts.count.min(20)).unwrap_or(20)));
        let pause = grown.clamp(attempt(&self.limits) * 3, LONGEST_PAUSE).mul_f64(jitter());
        std::thread::sleep(pause.min(left));
        Ok(())
    }

    /// Who stopped an attempt before it asked for anything.
    pub(super) fn see_who_is_in_the_way(&mut self, look: Option<&Look>, attempts: &mut Attempts) {
        let Some(look) = look else { return };
        attempts.last.clear();
        // Not knowing makes the wait less apt, and nothing worse.
        let rows = self.conn().and_then(|conn| conn.rows(&look.who, &[])).unwrap_or_default();
        attempts.see(rows.into_iter().map(|row| Blocker::of(row.into_iter())).collect());
    }

    /// Waits until a transaction has ended.
    fn until_gone(&mut self, blocker: &Blocker, patience: Duration) -> Result<bool> {
        let start = Instant::now();
        let there = if blocker.prepared {
            "SELECT 1 FROM pg_catalog.pg_prepared_xacts WHERE gid = $1 \
             AND to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') = $2"
        } else {
            "SELECT 1 FROM pg_catalog.pg_locks WHERE locktype = 'virtualxid' AND pid::text = $1 AND virtualxid = $2"
        };
        while self.registry()?.value(there, &[Some(&blocker.who), Some(&blocker.since)])?.is_some() {
            if start.elapsed() >= patience {
                return Ok(false);
            }
            std::thread::sleep(POLL);
        }
        Ok(true)
    }

    /// The session that the next script will run in.
    pub(super) fn session(&mut self) -> Result<i32> {
        if self.work.is_none() {
            self.fresh()?;
        }
        Ok(self.conn()?.pid())
    }
}

/// The error of an attempt that was cancelled at work, because others waited for it.
pub(super) fn in_the_way(error: Error, seen: &Seen, limits: &Limits) -> Error {
    let (others, budget) = (seen.others.as_millis(), limits.lock_budget.as_millis());
    let stopped = Error::new(
        Kind::Script,
        "script.in_the_way",
        format!(
            "others had waited {others} ms for what this statement locks, so it was cancelled; nothing of it was done"
        ),
    );
    let stopped = match error.place() {
        Some(place) => stopped.at(place.clone()),
        None => stopped,
    };
    stopped
        .hint("a form that does its long work without that lock: docs/reference/postgresql.md, \"In nobody's way\"")
        .hint(format!("or let others wait longer than {budget} ms: change config safety.lock_budget 2s"))
}

fn out_of_patience(error: Error, attempts: &Attempts) -> Error {
    let waited = attempts.start.elapsed().as_secs_f64();
    let error =
        error.hint(format!("tried {} times in {waited:.0} s; nothing of it was done", attempts.count));
    let error = attempts
        .last
        .iter()
        .fold(error, |error, blocker| error.hint(format!("in the way: {}", blocker.description)));
    error.hint("run it again when that has ended, or give it more time: change config safety.patience 10min")
}

/// From one half to one and a half, so that two runners do not keep step.
fn jitter() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    0.5 + (bits >> 11) as f64 / (1_u64 << 53) as f64
}
