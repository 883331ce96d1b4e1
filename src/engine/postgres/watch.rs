//! The watch over an attempt: who is in its way, and who waits because of it.
//!
//! It looks from a session of its own, and only at what takes a while. When others wait longer than
//! the budget, it cancels the attempt.

use super::Postgres;
use super::db::Db;
use super::limits::{Attempts, BLOCKER, Blocker, PREPARED};
use super::settings::Settings;
use super::wire::Connection;
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most attempts are over before anybody could have waited for long.
const FIRST: Duration = Duration::from_millis(25);
const INTERVAL: Duration = Duration::from_millis(15);

/// What is done when others wait too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nothing: what runs keeps nobody from working, or cannot be taken back.
    Record,
    /// The attempt is cancelled.
    Cancel,
}

/// What was seen of an attempt.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Who was in the way when it was looked for the last time that somebody was.
    blockers: Vec<Blocker>,
    /// The longest that others were seen waiting.
    pub(super) others: Duration,
    /// Set when the attempt was cancelled: whether it had been waiting itself.
    pub(super) cancelled: Option<bool>,
}

/// The session that looks; it connects when it is first needed.
struct Watcher<'a> {
    db: Option<Db>,
    settings: &'a Settings,
    schema: &'a str,
    session: i32,
    /// When sessions were first seen waiting.
    waiting: HashMap<String, Instant>,
}

impl Postgres {
    /// How long an attempt is let alone: until then nothing can have come back, and nobody can have
    /// waited for long.
    pub(super) fn unwatched(&self) -> Duration {
        FIRST + self.ahead.round_trip()
    }

    /// Runs an attempt under watch, which first looks after a while. After a cancellation, which may
    /// still be on its way, the session is not to be used again.
    pub(super) fn watched<T>(
        &mut self,
        attempts: &mut Attempts,
        guard: Guard,
        first: Duration,
        work: impl FnOnce(&mut Postgres, &mut Attempts) -> T,
    ) -> Result<(T, Seen)> {
        let session = self.session()?;
        let (settings, schema) = (self.settings.clone(), self.schema.clone());
        let budget = self.limits.lock_budget;
        let mut watcher = Watcher {
            db: self.watcher.take(),
            settings: &settings,
            schema: &schema,
            session,
            waiting: HashMap::new(),
        };
        let (over, ended) = (Mutex::new(false), Condvar::new());
        let (done, seen, db) = std::thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let seen = watcher.watch(&over, &ended, guard, budget, first);
                (seen, watcher.db)
            });
            let done = work(self, attempts);
            *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
            ended.notify_all();
            let (seen, db) = looking.join().unwrap_or_default();
            (done, seen, db)
        });
        self.watcher = db;
        attempts.others = attempts.others.max(seen.others);
        attempts.see(seen.blockers.clone());
        Ok((done, seen))
    }
}

impl Watcher<'_> {
    /// Looks again and again until the attempt is over.
    fn watch(
        &mut self,
        over: &Mutex<bool>,
        ended: &Condvar,
        guard: Guard,
        budget: Duration,
        first: Duration,
    ) -> Seen {
        let mut seen = Seen::default();
        let mut pause = first;
        loop {
            let over = over.lock().unwrap_or_else(PoisonError::into_inner);
            let (over, _) =
                ended.wait_timeout_while(over, pause, |over| !*over).unwrap_or_else(PoisonError::into_inner);
            if *over {
                return seen;
            }
            drop(over);
            pause = INTERVAL;
            // Who is in the way is then not known; the attempt goes on all the same, within the
            // server's own limits.
            let Ok(waits) = self.look(&mut seen) else { return seen };
            let late = seen.others + 2 * INTERVAL >= budget;
            if guard == Guard::Cancel && late && seen.cancelled.is_none() && self.cancel().is_ok() {
                // What others waited for may have been its own waiting, a moment before.
                seen.cancelled = Some(waits || !seen.blockers.is_empty());
            }
        }
    }

    fn db(&mut self) -> Result<&mut Db> {
        let db = match self.db.take() {
            Some(db) => db,
            None => Db::new(Connection::connect(self.settings)?, self.schema)?,
        };
        Ok(self.db.insert(db))
    }

    fn cancel(&mut self) -> Result<()> {
        let session = self.session.to_string();
        self.db()?.value("SELECT pg_cancel_backend($1)", &[Some(&session)]).map(|_| ())
    }

    /// Looks once; says whether the attempt itself waits for somebody.
    fn look(&mut self, seen: &mut Seen) -> Result<bool> {
        let session = self.session.to_string();
        let sql = format!(
            "SELECT w.kind, {BLOCKER} FROM (SELECT 'blocks', unnest(pg_blocking_pids($1)) UNION ALL \
             SELECT DISTINCT 'waits', s.pid FROM pg_catalog.pg_lock_status() s WHERE NOT s.granted AND s.pid <> $1 \
             AND $1 = ANY(pg_blocking_pids(s.pid)) AND COALESCE((SELECT t.query FROM pg_catalog.pg_stat_get_activity(s.pid) t), '') \
             NOT LIKE 'autovacuum: %') w(kind, pid) \
             LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(w.pid) a ON true \
             LEFT JOIN LATERAL (SELECT l.* FROM pg_catalog.pg_lock_status() l JOIN pg_catalog.pg_lock_status() m \
             ON m.pid = $1 AND NOT m.granted AND m.relation = l.relation WHERE w.pid = 0 AND l.pid IS NULL AND l.granted) l ON true \
             {PREPARED}"
        );
        let rows = self.db()?.rows(&sql, &[Some(&session)])?;
        let now = Instant::now();
        let (mut blockers, mut waiting) = (Vec::new(), HashMap::new());
        for row in rows {
            let mut columns = row.into_iter();
            let kind = columns.next().flatten().unwrap_or_default();
            if kind == "blocks" {
                blockers.push(Blocker::of(columns));
            } else if let Some(pid) = columns.next().flatten() {
                let since = self.waiting.get(&pid).copied().unwrap_or(now);
                seen.others = seen.others.max(now - since + INTERVAL);
                waiting.insert(pid, since);
            }
        }
        self.waiting = waiting;
        let waits = !blockers.is_empty();
        if waits {
            seen.blockers = blockers;
        }
        Ok(waits)
    }
}
