//! One runner at a time: Sqitch's own advisory lock, so that both programs keep each other out.

use super::db::Db;
use super::flavour::Flavour;
use super::limits::Setting;
use super::schema;
use crate::engine::Holder;
use crate::error::{Error, Kind, Result};
use std::time::{Duration, Instant};

/// The key that Sqitch takes; its scope is the database.
const KEY: &str = "75474063";
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(500);

/// The key that the session of the scripts holds, shared, as long as it may be at work: a runner that
/// was killed may leave one behind that still commits what it was sent.
const AT_WORK: &str = "75474066";
/// Taken by the session of the scripts.
pub(super) const TAKE_AT_WORK: &str = "SELECT pg_catalog.pg_advisory_lock_shared(75474066)";

/// The same in the transaction of a change, and its limits in the same breath.
pub(super) fn at_work_with(settings: &[Setting], flavour: Flavour) -> Option<String> {
    let lock = format!("pg_catalog.pg_advisory_xact_lock_shared({AT_WORK})");
    let set = |Setting { name, time }: &Setting| {
        format!("pg_catalog.set_config('{name}', '{}ms', true)", time.as_millis())
    };
    let lock = flavour.has_locks().then_some(lock);
    let all: Vec<String> = lock.into_iter().chain(settings.iter().map(set)).collect();
    (!all.is_empty()).then(|| format!("SELECT {}", all.join(", ")))
}

/// Divides by zero unless a session still holds the lock.
pub(super) fn held_by(session: i32) -> String {
    format!(
        "1 / (SELECT pg_catalog.count(*) FROM pg_catalog.pg_lock_status() WHERE pid = {session} AND objid = {KEY} \
         AND locktype = 'advisory' AND classid = 0 AND objsubid = 1 AND granted)"
    )
}

/// Takes the lock, asking again and again: a statement that waited for it would hold a snapshot,
/// and an index that the other runner builds concurrently would wait for that in turn.
pub(super) fn take(
    db: &mut Db,
    destination: &str,
    patience: Duration,
    waiting: &mut dyn FnMut(&Holder),
) -> Result<()> {
    if !db.flavour.has_locks() {
        // Nor does Sqitch take one there.
        return Ok(());
    }
    let start = Instant::now();
    let registry = db.registry.clone();
    let mut pause = SHORTEST;
    let (mut told, mut mine) = (false, false);
    loop {
        // What another runner left at work must have ended, too.
        let sql = if mine {
            format!("SELECT true, pg_try_advisory_xact_lock({AT_WORK})")
        } else {
            // A pooler calls the session by a number of its own, and would keep the lock for us.
            format!(
                "SELECT l, CASE WHEN l THEN pg_try_advisory_xact_lock({AT_WORK}) END FROM \
                 (SELECT CASE WHEN pg_backend_pid() = {} THEN pg_try_advisory_lock({KEY}) END) AS t(l)",
                db.conn.pid()
            )
        };
        // Who has the lock wants to know next what of the registry is there.
        let [row, tables, version] =
            db.several([(&sql, &[]), (schema::TABLES, &[Some(&registry)]), (schema::VERSION, &[])])?;
        let row = row?.into_iter().next().unwrap_or_default();
        if row.first().is_none_or(Option::is_none) {
            return Err(pooled(destination));
        }
        let yes = |at: usize| row.get(at).and_then(Option::as_deref) == Some("t");
        mine = yes(0);
        if mine && yes(1) {
            db.locked = true;
            return schema::note(db, tables?, version).map(|_| ());
        }
        let holder = holder_of(db, if mine { AT_WORK } else { KEY })?;
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

/// A pooler answers for the server: it calls the session by a number of its own.
fn pooled(destination: &str) -> Error {
    Error::new(
        Kind::Database,
        "postgres.pooled",
        format!("{destination} is reached through a connection pooler, such as PgBouncer"),
    )
    .because("the lock that keeps two runners apart belongs to a session, and a pooler may hand each statement to another one")
    .hint("name the address of the server itself, for example: change deploy --db-host HOST --db-port 5432")
}

/// Who holds the lock now, if somebody else does.
pub(super) fn holder(db: &mut Db) -> Result<Option<Holder>> {
    if db.flavour.has_locks() { holder_of(db, KEY) } else { Ok(None) }
}

fn holder_of(db: &mut Db, key: &str) -> Result<Option<Holder>> {
    let rows = db.rows(
        &format!(
            "SELECT a.pid, a.usename, a.application_name, COALESCE(host(a.client_addr), 'this host'), \
             date_trunc('second', a.backend_start) FROM pg_catalog.pg_locks l \
             JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
             WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = {key} AND l.objsubid = 1 AND l.granted \
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
             AND l.pid <> pg_backend_pid()"
        ),
        &[],
    )?;
    let describe = |row: crate::engine::columns::Row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (pid, user, program, host, since) = (next(), next(), next(), next(), next());
        let program = if program.is_empty() { "a program without a name".to_owned() } else { program };
        Holder { description: format!("{program} of user {user} from {host}, session {pid}, since {since}") }
    };
    Ok(rows.into_iter().next().map(describe))
}
