//! One runner at a time: Sqitch's own advisory lock, so that both programs keep each other out.

use super::db::Db;
use crate::engine::Holder;
use crate::error::{Error, Kind, Result};
use std::time::{Duration, Instant};

/// The key that Sqitch takes; its scope is the database.
const KEY: &str = "75474063";
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(500);

/// Takes the lock, asking again and again: a statement that waited for it would hold a snapshot,
/// and an index that the other runner builds concurrently would wait for that in turn.
pub(super) fn take(
    db: &mut Db,
    destination: &str,
    patience: Duration,
    waiting: &mut dyn FnMut(&Holder),
) -> Result<()> {
    let start = Instant::now();
    let mut pause = SHORTEST;
    let mut told = false;
    loop {
        let sql = format!("SELECT pg_try_advisory_lock({KEY})");
        if db.value(&sql, &[])?.as_deref() == Some("t") {
            return Ok(());
        }
        let holder = holder(db)?;
        if !told {
            waiting(&holder.clone().unwrap_or_default());
            told = true;
        }
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            let seconds = patience.as_secs();
            let error = Error::new(
                Kind::Busy,
                "lock.timeout",
                format!(
                    "Timed out waiting {seconds} seconds for another instance of Sqitch to finish work on {destination}"
                ),
            );
            return Err(match holder {
                Some(holder) => error.hint(format!("it is held by {}", holder.description)),
                None => error,
            }
            .hint("wait for it to end, or give more time: --lock-timeout SECONDS"));
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LONGEST);
    }
}

/// Who holds the lock now, if somebody else does.
pub(super) fn holder(db: &mut Db) -> Result<Option<Holder>> {
    let rows = db.rows(
        &format!(
            "SELECT a.pid, a.usename, a.application_name, COALESCE(host(a.client_addr), 'this host'), \
             date_trunc('second', a.backend_start) FROM pg_catalog.pg_locks l \
             JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
             WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = {KEY} AND l.objsubid = 1 AND l.granted \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
             AND l.pid <> pg_backend_pid()"
        ),
        &[],
    )?;
    let describe = |row: super::db::Row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (pid, user, program, host, since) = (next(), next(), next(), next(), next());
        let program = if program.is_empty() { "a program without a name".to_owned() } else { program };
        Holder { description: format!("{program} of user {user} from {host}, session {pid}, since {since}") }
    };
    Ok(rows.into_iter().next().map(describe))
}
