//! A look, inside a change's own transaction and before its first statement that blocks others, at
//! who holds what it needs: behind an old transaction nobody should queue.

use super::db::literal;
use super::limits::OLD;
use super::script::Ready;
use crate::sql::psql::locks::{Locks, created, locks, parts};
use std::collections::HashSet;

/// Two messages before a statement.
pub(super) struct Look {
    /// The statement, by its place in the script.
    pub(super) before: usize,
    /// Its rows say who is in the way, as [`super::limits::Blocker`] reads them.
    pub(super) look: String,
    /// Fails if somebody is.
    pub(super) stop: String,
}

impl Look {
    /// The look that a script wants, if it locks what was there before the script and this run,
    /// which made the tables `made`.
    pub(super) fn of(ready: &Ready<'_>, made: &HashSet<String>) -> Option<Look> {
        let (before, wanted) = wanted(ready, made);
        if wanted.is_empty() {
            return None;
        }
        let lists: Vec<String> = wanted.iter().map(condition).collect();
        let holders = format!(
            "FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
             LEFT JOIN pg_catalog.pg_prepared_xacts p ON l.virtualtransaction = '-1/' || p.transaction::text \
             WHERE l.locktype = 'relation' AND l.granted AND ({}) AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid() \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
             AND COALESCE(a.xact_start, p.prepared) < pg_catalog.clock_timestamp() - interval '{} ms' \
             AND NOT (COALESCE(a.query, '') LIKE 'autovacuum: %' AND a.query NOT LIKE '%to prevent wraparound%' \
             AND pg_catalog.current_setting('is_superuser') = 'on')",
            lists.join(" OR "),
            OLD.as_millis()
        );
        Some(Look {
            before,
            look: format!("SELECT DISTINCT {} {holders}", super::limits::BLOCKER),
            stop: format!("SELECT 1 / (NOT EXISTS (SELECT 1 {holders}))::int"),
        })
    }
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
    let names: Vec<String> =
        locks.names.iter().map(|name| format!("pg_catalog.to_regclass({})", literal(name))).collect();
    let modes = if locks.exclusive {
        ""
    } else {
        " AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock')"
    };
    format!("(l.relation IN ({}){modes})", names.join(", "))
}
