//! Keeps a statement out of the way of others: it may wait for its lock only briefly, then it makes
//! room and is tried again; and it is ended when others wait for it longer than they may be made to.
//!
//! The look is at the server's list of sessions. Who may not see the sessions of others sees no one
//! wait, and has the server's own limits only.

use super::db::{connect, quoted};
use super::settings::Settings;
use crate::engine::journal::Waits;
use crate::engine::{Limits, Progress};
use crate::sql::mysql::{Object, ObjectKind};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a look is taken.
const BETWEEN: Duration = Duration::from_millis(25);
/// The longest that a statement queues for its lock; those behind it wait as long.
const QUEUE: Duration = Duration::from_millis(90);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why a statement was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    /// It waited for its lock too long.
    Queued,
    /// Others waited for it too long.
    InTheWay,
}

/// What the watch has seen of the statement that runs.
#[derive(Debug, Default)]
struct Seen {
    ended: Option<Cause>,
    others: Duration,
    blockers: Vec<String>,
}

/// Watches one session.
pub(super) struct Watch<'a> {
    settings: &'a Settings,
    session: u32,
    limits: &'a Limits,
    progress: &'a Progress,
    seen: Arc<Mutex<Seen>>,
    running: Option<(Sender<()>, JoinHandle<()>)>,
    since: Option<Instant>,
    pause: Duration,
    tables: Vec<String>,
    attempts: i64,
    waited: Duration,
    /// Why the last statement is not tried again.
    pub(super) gave_up: Option<&'static str>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        session: u32,
        limits: &'a Limits,
        progress: &'a Progress,
    ) -> Watch<'a> {
        Watch {
            settings,
            session,
            limits,
            progress,
            seen: Arc::default(),
            running: None,
            since: None,
            pause: FIRST_PAUSE,
            tables: Vec::new(),
            attempts: 1,
            waited: Duration::ZERO,
            gave_up: None,
        }
    }

    /// A statement that may be in the way of others is about to run; it changes these.
    pub(super) fn begin(&mut self, objects: &[Object]) {
        self.since = Some(Instant::now());
        self.pause = FIRST_PAUSE;
        let tables = objects.iter().filter(|object| object.kind == ObjectKind::Table);
        self.tables = tables.map(|table| table.name.to_lowercase()).collect();
        self.watch();
    }

    fn watch(&mut self) {
        let (stop, stopped) = channel();
        let (settings, session, seen) = (self.settings.clone(), self.session, Arc::clone(&self.seen));
        let (budget, tables) = (self.limits.lock_budget, self.tables.clone());
        let look = move || look(&settings, session, budget, &tables, &stopped, &seen);
        self.running = Some((stop, std::thread::spawn(look)));
    }

    /// The statement is over.
    pub(super) fn end(&mut self) {
        self.stop();
        self.since = None;
    }

    fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }

    /// Whether a statement that failed is to be tried again: it was ended because of its lock, and
    /// there is patience left.
    pub(super) fn again(&mut self, code: u16) -> bool {
        self.stop();
        let cause = self.seen.lock().ok().and_then(|mut seen| seen.ended.take());
        // 1205: the server's own limit for a lock; 1317: ended by our watch.
        let locked_out = code == 1205 || (code == 1317 && cause == Some(Cause::Queued));
        if code == 1317 && cause == Some(Cause::InTheWay) {
            self.gave_up = Some("others waited for it longer than safety.lock_budget allows");
            return false;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if !locked_out {
            return false;
        }
        if since.elapsed() + self.pause > self.limits.patience {
            self.gave_up = Some("its lock was not to be had within safety.patience");
            return false;
        }
        if self.attempts == 3 {
            let who = self.blockers();
            (self.progress)(&format!(
                "waiting for a lock{}",
                if who.is_empty() { who } else { format!(" held by {who}") }
            ));
        }
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.attempts += 1;
        self.waited = since.elapsed();
        self.watch();
        true
    }

    fn blockers(&self) -> String {
        self.seen.lock().map(|seen| seen.blockers.join("\n")).unwrap_or_default()
    }

    /// What the journal keeps of it.
    pub(super) fn waits(&self) -> Waits {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let others = self.seen.lock().map(|seen| seen.others).unwrap_or_default();
        Waits {
            attempts: self.attempts,
            waited_ms: millis(self.waited),
            others_waited_ms: millis(others),
            blockers: self.blockers(),
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The watch itself, until it is told to stop.
fn look(
    settings: &Settings,
    session: u32,
    budget: Duration,
    tables: &[String],
    stopped: &Receiver<()>,
    seen: &Mutex<Seen>,
) {
    // Most statements are over before anybody could be in their way.
    if stopped.recv_timeout(BETWEEN) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let Ok(mut conn) = connect(settings, None) else { return };
    let (mut queued, mut others): (Option<Instant>, Option<Instant>) = (None, None);
    loop {
        let Some((state, waiting)) = states(&mut conn, session, tables) else { return };
        let waits = is_waiting(&state);
        queued = if waits { queued.or_else(|| Some(Instant::now())) } else { None };
        others = if waiting { others.or_else(|| Some(Instant::now())) } else { None };
        let passed = |since: Option<Instant>| since.map_or(Duration::ZERO, |since| since.elapsed() + BETWEEN);
        if let Ok(mut seen) = seen.lock() {
            seen.others = seen.others.max(passed(others));
        }
        let cause = if waits && passed(queued) >= QUEUE.min(budget) {
            Some(Cause::Queued)
        } else if !waits && passed(others) >= budget.saturating_sub(BETWEEN) {
            Some(Cause::InTheWay)
        } else {
            None
        };
        if let Some(cause) = cause {
            if let Ok(mut seen) = seen.lock() {
                seen.ended = Some(cause);
                seen.blockers = blockers(&mut conn, session);
            }
            // Too late is no harm: the statement is over then.
            let _ = conn.query_drop(format!("KILL QUERY {session}"));
            return;
        }
        if stopped.recv_timeout(BETWEEN) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn is_waiting(state: &str) -> bool {
    state.starts_with("Waiting for") && state.ends_with("lock")
}

/// What the session is doing, and whether another one waits for a lock with a statement that names
/// one of the tables.
fn states(conn: &mut Conn, session: u32, tables: &[String]) -> Option<(String, bool)> {
    let rows: Vec<(u64, Option<String>, Option<String>)> =
        conn.query("SELECT id, state, info FROM information_schema.processlist").ok()?;
    let (_, state, _) = rows.iter().find(|(id, ..)| *id == u64::from(session))?;
    let named = |info: &Option<String>| {
        let info = info.as_deref().unwrap_or_default().to_lowercase();
        tables.is_empty() || tables.iter().any(|table| info.contains(table))
    };
    let waiting = rows.iter().any(|(id, state, info)| {
        *id != u64::from(session) && is_waiting(state.as_deref().unwrap_or_default()) && named(info)
    });
    Some((state.clone().unwrap_or_default(), waiting))
}

/// Who has long had a transaction open, and so may hold the lock.
fn blockers(conn: &mut Conn, session: u32) -> Vec<String> {
    let sql = format!(
        "SELECT p.id, p.user, p.host, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) FROM information_schema.innodb_trx t \
         JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.id <> {session} \
         ORDER BY t.trx_started LIMIT 5"
    );
    let rows: Vec<(u64, String, String, i64)> = conn.query(sql).unwrap_or_default();
    let line = |(id, user, host, seconds): (u64, String, String, i64)| {
        format!(
            "session {id} of {} from {host}, in a transaction for {seconds} s",
            quoted(&user).trim_matches('`')
        )
    };
    rows.into_iter().map(line).collect()
}
