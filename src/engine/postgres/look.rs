//! A look, inside a change's own transaction and before its first statement that blocks others, at
//! who holds what it needs: behind an old transaction nobody should queue.

use super::db::{Statement, literal};
use super::limits::{BLOCKER, PREPARED};
use super::script::Ready;
use crate::sql::psql::locks::{Locks, created, locks, parts};
use std::collections::HashSet;

/// A message before a statement.
pub(super) struct Look {
    /// The statement, by its place in the script.
    pub(super) before: usize,
    /// Divides by zero if anybody holds anything of what is needed: it costs next to nothing.
    pub(super) stop: Statement,
    /// Asks who is in the way and for how long; its rows are read by [`super::limits::Blocker`].
    pub(super) who: String,
}

impl Look {
    /// The look that a script wants, if it locks what was there before the script and this run,
    /// which made the tables `made`.
    pub(super) fn of(ready: &Ready<'_>, made: &HashSet<String>) -> Option<Look> {
        let (before, wanted) = wanted(ready, made);
        if wanted.is_empty() {
            return None;
        }
        // What is not UTF-8 cannot be asked for.
        let known = |name: &&String| !name.contains(char::REPLACEMENT_CHARACTER);
        let names: Vec<String> =
            wanted.iter().flat_map(|locks| &locks.names).filter(known).cloned().collect();
        if names.is_empty() {
            return None;
        }
        // As queries of their own they are looked up once, and not for each lock there is.
        let ids: Vec<String> =
            (1..=names.len()).map(|number| format!("(SELECT pg_catalog.to_regclass(${number}))")).collect();
        // The server cancels an autovacuum that is in the way, but only for who waits longer than that.
        let stop = format!(
            "SELECT 1 / (count(*) = 0)::int, CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' \
             THEN pg_catalog.set_config('deadlock_timeout', '20ms', true) END FROM pg_catalog.pg_lock_status() \
             WHERE relation IN ({}) AND granted AND pid IS DISTINCT FROM pg_catalog.pg_backend_pid()",
            ids.join(", ")
        );
        let stop = Statement::new(stop, names);
        // The functions behind pg_locks and pg_stat_activity: the views join what is not needed here.
        let lists: Vec<String> = wanted.iter().map(condition).collect();
        let who = format!(
            "SELECT DISTINCT {BLOCKER} FROM pg_catalog.pg_lock_status() l \
             LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(COALESCE(l.pid, 0)) a ON true {PREPARED} \
             WHERE l.locktype = 'relation' AND l.granted AND ({}) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
             AND NOT (COALESCE(a.query, '') LIKE 'autovacuum: %' AND a.query NOT LIKE '%to prevent wraparound%' \
             AND pg_catalog.current_setting('is_superuser') = 'on')",
            lists.join(" OR ")
        );
        Some(Look { before, stop, who })
    }
}

fn regclass(name: &str) -> String {
    format!("pg_catalog.to_regclass({})", literal(name))
}

/// The tables that a script makes.
pub(super) fn made_by(ready: &Ready<'_>) -> Vec<String> {
    let made = |text: &[u8]| -> Vec<String> {
        parts(&String::from_utf8_lossy(text)).iter().filter_map(created).collect()
    };
    ready.survey.statements.iter().flat_map(|found| made(&found.text)).collect()
}

/// What a script locks of what neither it nor the run has made, and where it begins to.
fn wanted(ready: &Ready<'_>, before_it: &HashSet<String>) -> (usize, Vec<Locks>) {
    let mut made: HashSet<String> = HashSet::new();
    let (mut before, mut wanted) = (0, Vec::new());
    for (at, found) in ready.survey.statements.iter().enumerate() {
        let text = String::from_utf8_lossy(&found.text);
        for statement in parts(&text) {
            made.extend(created(&statement));
            let Some(mut locks) = locks(&statement) else { continue };
            locks.names.retain(|name| !made.contains(name) && !before_it.contains(name));
            if !locks.names.is_empty() {
                if wanted.is_empty() {
                    before = at;
                }
                wanted.push(locks);
            }
        }
    }
    (before, wanted)
}

/// What of `pg_locks` conflicts with these locks.
fn condition(locks: &Locks) -> String {
    let names: Vec<String> = locks.names.iter().map(|name| regclass(name)).collect();
    let modes = if locks.exclusive {
        ""
    } else {
        " AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock')"
    };
    format!("(l.relation IN ({}){modes})", names.join(", "))
}
