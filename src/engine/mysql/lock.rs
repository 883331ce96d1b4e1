//! The lock that keeps other runners out: Sqitch's own, so that both tools exclude each other.
//!
//! It is a named lock of the server and goes with its session. A second one is held by the session
//! that runs scripts: when a runner is killed, the server goes on with the statement it was at, and
//! who comes next must wait for that.

use super::db::Db;
use crate::engine::Holder;
use crate::engine::registry::Value;
use crate::error::{Error, Kind, Result};
use std::time::{Duration, Instant};

const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// The name of Sqitch's lock for a database.
fn name_of(database: &str) -> String {
    format!("sqitch working on {database}")
}

/// The name of the lock of a session that runs scripts.
pub(super) fn at_work(database: &str) -> String {
    format!("change at work on {database}")
}

/// Takes the lock, asking again and again.
pub(super) fn take(
    db: &mut Db,
    database: &str,
    destination: &str,
    patience: Duration,
    waiting: &mut dyn FnMut(&Holder),
) -> Result<()> {
    let start = Instant::now();
    let (mut pause, mut told, mut mine) = (SHORTEST, false, false);
    let (ours, work) = (name_of(database), at_work(database));
    loop {
        if !mine {
            mine = db.value("SELECT GET_LOCK(?1, 0)", &[ours.as_str().into()])?.as_deref() == Some("1");
        }
        if mine && db.value("SELECT IS_FREE_LOCK(?1)", &[work.as_str().into()])?.as_deref() != Some("0") {
            db.locked = true;
            db.found = None;
            return Ok(());
        }
        let holder = holder_of(db, if mine { &work } else { &ours })?;
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
pub(super) fn holder(db: &mut Db, database: &str) -> Result<Option<Holder>> {
    holder_of(db, &name_of(database))
}

fn holder_of(db: &mut Db, name: &str) -> Result<Option<Holder>> {
    let Some(session) = db.value("SELECT IS_USED_LOCK(?1)", &[name.into()])? else { return Ok(None) };
    let number: i64 = session.parse().unwrap_or_default();
    let rows = db.rows(
        "SELECT user, host FROM information_schema.processlist WHERE id = ?1",
        &[Value::Number(number)],
    )?;
    let mut columns = rows.into_iter().next().unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    let (user, host) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
    let who = if user.is_empty() { "somebody".to_owned() } else { format!("user {user} from {host}") };
    Ok(Some(Holder { description: format!("{who}, session {session}") }))
}
