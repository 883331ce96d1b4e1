//! Never in the way: how long a statement may wait for a lock and block others, and how a change is
//! tried again until it gets its locks.
//!
//! An attempt is short: whoever comes after a waiting statement waits behind it. Behind a transaction
//! that is old already no attempt is made; it is named, and waited for from outside of the queue.

use super::Postgres;
use super::db::Db;
use super::script::Ready;
use super::wire::Connection;
use crate::engine::{Limits, Output};
use crate::error::{Error, Result};
use crate::sql::Dialect;
use crate::sql::lex::{Statement, statements};
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A transaction of this age is waited for, not queued behind.
const OLD: Duration = Duration::from_millis(500);
/// An attempt is never longer, whatever the budget.
const LONGEST_ATTEMPT: Duration = Duration::from_millis(90);
const POLL: Duration = Duration::from_millis(30);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Somebody who holds what a statement waits for.
#[derive(Debug, Clone)]
struct Blocker {
    pid: String,
    since: String,
    age: Duration,
    description: String,
}

/// The attempts at one change.
#[derive(Debug)]
pub(super) struct Attempts {
    start: Instant,
    count: u32,
    told: bool,
    last: Vec<Blocker>,
}

impl Attempts {
    pub(super) fn new() -> Attempts {
        Attempts { start: Instant::now(), count: 0, told: false, last: Vec::new() }
    }
}

/// What a script may take, as settings of its transaction. A script that makes them itself is left
/// alone, and so is one that blocks nobody.
pub(super) fn settings(ready: &Ready<'_>, limits: &Limits) -> String {
    let mut text = String::new();
    let says = |word: &str| {
        let word = word.as_bytes();
        let names = |text: &[u8]| text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
        ready.survey.statements.iter().any(|one| names(&one.text))
    };
    let mut set = |name: &str, time: Duration| {
        text.push_str(&format!("; SET LOCAL {name} = '{}ms'", time.as_millis()));
    };
    if !says("lock_timeout") {
        set("lock_timeout", ready.script.lock_timeout.unwrap_or_else(|| attempt(limits)));
    }
    let own = ready.script.statement_timeout;
    if !says("statement_timeout") && (own.is_some() || blocks(ready)) {
        set("statement_timeout", own.unwrap_or(limits.statement_timeout));
    }
    text
}

/// How long one attempt may wait: a little less than others may be made to wait.
fn attempt(limits: &Limits) -> Duration {
    let budget = limits.lock_budget.saturating_sub(Duration::from_millis(10));
    budget.min(LONGEST_ATTEMPT).min(limits.lock_timeout).max(Duration::from_millis(1))
}

/// Whether a statement of the script takes a lock that keeps others from reading or writing.
fn blocks(ready: &Ready<'_>) -> bool {
    ready.survey.statements.iter().any(|one| {
        let text = String::from_utf8_lossy(&one.text);
        statements(&text, Dialect::Postgres).iter().any(blocks_others)
    })
}

fn blocks_others(statement: &Statement<'_>) -> bool {
    let starts: [&[&str]; 11] = [
        &["ALTER"],
        &["DROP"],
        &["TRUNCATE"],
        &["LOCK"],
        &["CREATE", "INDEX"],
        &["CREATE", "UNIQUE", "INDEX"],
        &["CREATE", "TRIGGER"],
        &["CREATE", "CONSTRAINT", "TRIGGER"],
        &["CREATE", "RULE"],
        &["REINDEX"],
        &["CLUSTER"],
    ];
    starts.iter().any(|start| statement.begins(start))
        && !statement.tokens.iter().any(|token| token.is("CONCURRENTLY") || token.is("VALIDATE"))
}

/// Whether an error only says that a lock was not to be had now.
pub(super) fn is_locked_out(error: &Error) -> bool {
    error.code() == "script.locked"
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

    /// Waits until a transaction has ended.
    fn until_gone(&mut self, blocker: &Blocker, patience: Duration) -> Result<bool> {
        let start = Instant::now();
        let there = "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND xact_start = $2";
        while self.registry()?.value(there, &[Some(&blocker.pid), Some(&blocker.since)])?.is_some() {
            if start.elapsed() >= patience {
                return Ok(false);
            }
            std::thread::sleep(POLL);
        }
        Ok(true)
    }

    /// Runs an attempt. After the first that failed, a third session looks who is in the way.
    pub(super) fn watched<T>(
        &mut self,
        attempts: &mut Attempts,
        work: impl FnOnce(&mut Postgres) -> T,
    ) -> Result<T> {
        if attempts.count == 0 {
            return Ok(work(self));
        }
        let session = self.session()?;
        let mut watcher = match self.watcher.take() {
            Some(watcher) => watcher,
            None => Db::new(Connection::connect(&self.settings)?, &self.schema)?,
        };
        let over = AtomicBool::new(false);
        let (done, seen) = std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut seen = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    match blockers(&mut watcher, session) {
                        Ok(now) if !now.is_empty() => seen = now,
                        Ok(_) => {}
                        // Who is in the way is then not known; the attempts go on all the same.
                        Err(_) => break,
                    }
                    std::thread::sleep(Duration::from_millis(15));
                }
                seen
            });
            let done = work(self);
            over.store(true, Ordering::Relaxed);
            (done, looking.join().unwrap_or_default())
        });
        self.watcher = Some(watcher);
        attempts.last = seen;
        Ok(done)
    }

    /// The session that the next script will run in.
    fn session(&mut self) -> Result<i32> {
        if self.work.is_none() {
            self.fresh()?;
        }
        Ok(self.conn()?.pid())
    }
}

fn blockers(db: &mut Db, session: i32) -> Result<Vec<Blocker>> {
    let rows = db.rows(
        "SELECT a.pid, a.xact_start, (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint, \
         a.usename, a.application_name, a.state, left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) \
         FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY(pg_blocking_pids($1)) AND a.xact_start IS NOT NULL",
        &[Some(&session.to_string())],
    )?;
    let blocker = |row: super::db::Row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (pid, since, age, user, program, state, query) =
            (next(), next(), next(), next(), next(), next(), next());
        let age = Duration::from_millis(age.parse().unwrap_or_default());
        let program = if program.is_empty() { "a program without a name".to_owned() } else { program };
        let description = format!(
            "{program} of user {user}, session {pid}, {state} for {:.1} s: {query}",
            age.as_secs_f64()
        );
        Blocker { pid, since, age, description }
    };
    Ok(rows.into_iter().map(blocker).collect())
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
