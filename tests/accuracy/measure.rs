//! What a session holds, has read and has written, as the server's own catalogue tells.

use crate::place::ask;
use postgres::Client;
use std::collections::BTreeMap;

/// The lock modes, the weakest first.
const MODES: [&str; 8] = [
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
];

/// How strong a lock is: 1 for ACCESS SHARE up to 8 for ACCESS EXCLUSIVE.
pub(crate) type Strength = usize;

/// From here on writers of a table wait.
pub(crate) const SHARE: Strength = 5;
/// Readers wait too.
pub(crate) const ACCESS_EXCLUSIVE: Strength = 8;

/// More than this many tuples are work; so is a file replaced by one of some size.
pub(crate) const WORK: u64 = 1000;
/// A new file of no more bytes holds nothing to speak of: TRUNCATE leaves such.
const EMPTY_FILE: u64 = 4 * 8192;

/// The oid of a relation, as text.
pub(crate) type Oid = String;

/// A relation that was there before the change.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    /// With its schema, as SQL would write it.
    pub(crate) name: String,
    /// As in `pg_class.relkind`.
    pub(crate) kind: String,
    /// The table of an index; of anything else itself.
    pub(crate) table: Oid,
    file: String,
}

/// All relations that were there before, by their oids.
pub(crate) type Relations = BTreeMap<Oid, Relation>;

/// What a session has at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    /// The strongest lock it holds on each relation.
    pub(crate) locks: BTreeMap<Oid, Strength>,
    /// Tuples read and written so far, by table, which may get another name meanwhile.
    tuples: BTreeMap<Oid, (u64, u64)>,
    /// The names of these tables.
    names: BTreeMap<Oid, String>,
    /// The file of each relation, and its size.
    files: BTreeMap<Oid, (String, u64)>,
}

/// What one statement did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Tuples read and written, by table.
    pub(crate) tuples: BTreeMap<String, (u64, u64)>,
    /// Relations whose file it replaced by another of some size.
    pub(crate) files: Vec<String>,
}

impl Work {
    /// Whether it takes its time.
    pub(crate) fn is_long(&self) -> bool {
        let sum: u64 = self.tuples.values().map(|(read, written)| read + written).sum();
        sum > WORK || !self.files.is_empty()
    }
}

pub(crate) fn relations(session: &mut Client) -> Relations {
    let rows = ask(
        session,
        "SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relkind, coalesce(i.indrelid, c.oid), \
                pg_relation_filenode(c.oid) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_index i ON i.indexrelid = c.oid \
         WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') \
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    );
    let relation = |row: Vec<String>| {
        let [oid, name, kind, table, file] = <[String; 5]>::try_from(row).unwrap();
        (oid, Relation { name: short(&name), kind, table, file })
    };
    rows.into_iter().map(relation).collect()
}

/// A name without the schema that needs no mention.
pub(crate) fn short(name: &str) -> String {
    match name.split_once('.') {
        Some(("public", table)) => table.to_owned(),
        // It has a number that is another in each session.
        Some((schema, table)) if schema.starts_with("pg_temp") => format!("pg_temp.{table}"),
        _ => name.to_owned(),
    }
}

/// What the session itself holds and has done in the open transaction.
pub(crate) fn moment(session: &mut Client) -> Moment {
    let rows = ask(
        session,
        "SELECT 'lock', l.relation::text, l.mode, '' FROM pg_catalog.pg_locks l \
         WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted \
         UNION ALL \
         SELECT 'name', s.relid::pg_catalog.text, pg_catalog.format('%I.%I', s.schemaname, s.relname), '' \
         FROM pg_catalog.pg_stat_xact_user_tables s \
         UNION ALL \
         SELECT 'tuples', s.relid::pg_catalog.text, \
                (coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0))::pg_catalog.text, \
                (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::pg_catalog.text \
         FROM pg_catalog.pg_stat_xact_user_tables s \
         UNION ALL \
         SELECT 'file', c.oid::pg_catalog.text, pg_catalog.pg_relation_filenode(c.oid)::pg_catalog.text, \
                pg_catalog.pg_relation_size(c.oid)::pg_catalog.text \
         FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'm', 'i') AND c.oid >= 16384",
    );
    let mut moment = Moment::default();
    for row in rows {
        let [what, of, one, two] = <[String; 4]>::try_from(row).unwrap();
        match what.as_str() {
            "lock" => raise(&mut moment.locks, of, strength(&one)),
            "tuples" => {
                moment.tuples.insert(of, (one.parse().unwrap(), two.parse().unwrap()));
            }
            "name" => {
                moment.names.insert(of, short(&one));
            }
            _ => {
                moment.files.insert(of, (one, two.parse().unwrap_or_default()));
            }
        }
    }
    moment
}

/// The same for a session that is not in a transaction, seen from another: no locks, and what the
/// statistics collected.
pub(crate) fn outside(observer: &mut Client) -> Moment {
    let mut moment = moment(observer);
    moment.locks.clear();
    moment.tuples.clear();
    let rows = ask(
        observer,
        "SELECT relid, format('%I.%I', schemaname, relname), \
                coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0), n_tup_ins + n_tup_upd + n_tup_del \
         FROM pg_stat_user_tables",
    );
    for row in rows {
        let [oid, name, read, written] = <[String; 4]>::try_from(row).unwrap();
        moment.names.insert(oid.clone(), short(&name));
        moment.tuples.insert(oid, (read.parse().unwrap(), written.parse().unwrap()));
    }
    moment
}

/// What was done between two moments.
pub(crate) fn work(from: &Moment, to: &Moment, relations: &Relations) -> Work {
    let mut work = Work::default();
    for (oid, (read, written)) in &to.tuples {
        let (read_before, written_before) = from.tuples.get(oid).copied().unwrap_or_default();
        let done = (read.saturating_sub(read_before), written.saturating_sub(written_before));
        if done != (0, 0) {
            work.tuples.insert(to.names.get(oid).unwrap_or(oid).clone(), done);
        }
    }
    for (oid, (file, size)) in &to.files {
        let before = from.files.get(oid).map(|(file, _)| file);
        let Some(relation) = relations.get(oid) else { continue };
        if *size > EMPTY_FILE && *file != relation.file && before != Some(file) {
            work.files.push(relation.name.clone());
        }
    }
    work
}

/// The locks that stop others from using tables that were there before: by table, with the
/// strength. Nobody writes a materialized view but its owner, so there only readers count; who plans
/// a query locks all indexes of its tables, so an index behind ACCESS EXCLUSIVE is like its table.
pub(crate) fn in_the_way(
    locks: &BTreeMap<Oid, Strength>,
    relations: &Relations,
) -> BTreeMap<String, Strength> {
    let mut found = BTreeMap::new();
    for (oid, strength) in locks {
        let Some(relation) = relations.get(oid) else { continue };
        let enough = match relation.kind.as_str() {
            "r" | "p" => SHARE,
            _ => ACCESS_EXCLUSIVE,
        };
        let table = relations.get(&relation.table).map_or(&relation.name, |table| &table.name);
        if *strength >= enough {
            raise(&mut found, table.clone(), *strength);
        }
    }
    found
}

/// Keeps the stronger of two locks.
pub(crate) fn raise(locks: &mut BTreeMap<String, Strength>, of: String, strength: Strength) {
    let held = locks.entry(of).or_default();
    *held = (*held).max(strength);
}

pub(crate) fn strength(mode: &str) -> Strength {
    MODES.iter().position(|name| *name == mode).map_or(0, |at| at + 1)
}

/// The words of the documentation for a strength.
pub(crate) fn mode(strength: Strength) -> &'static str {
    const WORDS: [&str; 9] = [
        "none",
        "ACCESS SHARE",
        "ROW SHARE",
        "ROW EXCLUSIVE",
        "SHARE UPDATE EXCLUSIVE",
        "SHARE",
        "SHARE ROW EXCLUSIVE",
        "EXCLUSIVE",
        "ACCESS EXCLUSIVE",
    ];
    WORDS[strength]
}
