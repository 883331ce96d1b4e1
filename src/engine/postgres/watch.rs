//! The watch over an attempt: who is in its way, and who waits because of it.
//!
//! It looks from a session of its own, and only at what takes a while. When others wait longer than
//! the budget, it cancels the attempt.

use super::Postgres;
use super::db::Db;
use super::limits::{Attempts, BLOCKER, Blocker, PREPARED};
use super::settings::Settings;
use super::wire::Connection;
use crate::engine::Progress;
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most attempts are over before anybody could have waited for long.
const FIRST: Duration = Duration::from_millis(25);
const INTERVAL: Duration = Duration::from_millis(15);
/// Where nothing is going to be cancelled and nobody waits, looking so often would help nobody.
const LONGEST_INTERVAL: Duration = Duration::from_millis(250);
/// When it is first told what takes so long; the pauses after that grow up to the last.
const TELL_AFTER: Duration = Duration::from_secs(2);
const TELL_EVERY: Duration = Duration::from_secs(30);

/// How far the server says that a session is: what it does, the phase, and how much of it is done.
const PROGRESS: &str = "SELECT what, phase, done, total FROM (\
     SELECT pid, CASE WHEN command LIKE 'REINDEX%' THEN 'rebuilding the index' ELSE 'building the index' END || COALESCE(' ' || \
     (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = index_relid), ''), phase, \
     CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END, \
     CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END FROM pg_catalog.pg_stat_progress_create_index UNION ALL \
     SELECT pid, 'vacuum', phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_vacuum UNION ALL \
     SELECT pid, lower(command), phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_cluster\
     ) p(pid, what, phase, done, total) WHERE pid = $1";

/// Takes lines about what is going on.
pub(super) struct Talk(pub(super) Progress);

impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Talk")
    }
}

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
    /// Since when sessions have been waiting, at the most.
    waiting: HashMap<String, Instant>,
    /// When it was looked last, or the attempt began: who is seen waiting may do so since then.
    last: Instant,
    tell: &'a Progress,
    /// When it is told next, and how long after that again.
    next: (Instant, Duration),
    /// What was told last.
    told: String,
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
        let tell = self.progress.0.clone();
        let now = Instant::now();
        // Who starts to watch at once has let the attempt alone before.
        let begun = if first.is_zero() { now.checked_sub(self.unwatched()).unwrap_or(now) } else { now };
        let budget = self.limits.lock_budget;
        let mut watcher = Watcher {
            db: self.watcher.take(),
            settings: &settings,
            schema: &schema,
            session,
            waiting: HashMap::new(),
            last: begun,
            tell: &tell,
            next: (now + TELL_AFTER, TELL_AFTER),
            told: String::new(),
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
            // Who is in the way is then not known; the attempt goes on all the same, within the
            // server's own limits.
            let Ok(waits) = self.look(&mut seen) else { return seen };
            let idle = guard == Guard::Record && !waits && self.waiting.is_empty();
            pause = if idle { (pause * 2).clamp(INTERVAL, LONGEST_INTERVAL) } else { INTERVAL };
            self.report(&seen, waits);
            // The cancellation takes its time, too, and so may the next look.
            let late = seen.others + 3 * INTERVAL >= budget;
            if guard == Guard::Cancel && late && seen.cancelled.is_none() && self.cancel().is_ok() {
                // What others waited for may have been its own waiting, a moment before.
                seen.cancelled = Some(waits || !seen.blockers.is_empty());
            }
        }
    }

    /// Tells from time to time what the attempt is doing.
    fn report(&mut self, seen: &Seen, waits: bool) {
        let now = Instant::now();
        let (next, pause) = self.next;
        if now < next {
            return;
        }
        let pause = (pause * 2).min(TELL_EVERY);
        self.next = (now + pause, pause);
        let mut lines = Vec::new();
        if let Some(blocker) = seen.blockers.first().filter(|_| waits) {
            lines.push(format!("waits for {blocker}"));
        }
        lines.extend(self.progress());
        let count = self.waiting.len();
        if count > 0 {
            let sessions = if count == 1 { "session waits" } else { "sessions wait" };
            lines.push(format!(
                "{count} {sessions} for it, the longest {} ms so far",
                seen.others.as_millis()
            ));
        }
        let text = lines.join("; ");
        if !text.is_empty() && text != self.told {
            (self.tell)(&text);
            self.told = text;
        }
    }

    /// How far the server says it is. Old servers do not say.
    fn progress(&mut self) -> Option<String> {
        let session = self.session.to_string();
        let rows = self.db().ok()?.rows(PROGRESS, &[Some(&session)]).ok()?;
        let mut columns = rows.into_iter().next()?.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (what, phase, done, total) = (next(), next(), next(), next());
        let share = |done: f64, total: f64| format!(", {:.0} %", (100.0 * done / total).min(100.0));
        let share = match (done.parse(), total.parse()) {
            (Ok(done), Ok(total)) if total > 0.0 => share(done, total),
            _ => String::new(),
        };
        Some(format!("{what}: {phase}{share}"))
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
                let since = self.waiting.get(&pid).copied().unwrap_or(self.last);
                seen.others = seen.others.max(now - since);
                waiting.insert(pid, since);
            }
        }
        (self.waiting, self.last) = (waiting, now);
        let waits = !blockers.is_empty();
        if waits {
            seen.blockers = blockers;
        }
        Ok(waits)
    }
}
