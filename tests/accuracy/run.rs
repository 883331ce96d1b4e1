//! Running a script as `change deploy` does, and looking on: what is held, and for how long.

use crate::measure::{self, Moment, Oid, Relations, Strength, Work};
use crate::place::{self, ask, told};
use crate::postgres::{ADMIN, Database};
use change::sql::psql::{Shape, StatementKind};
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

/// Of the samples taken during a statement that cannot be in a transaction, how many of a hundred
/// must show a lock so that it is held during the work, and not for a moment of it.
const HELD: usize = 30;

/// What is known of the run of a script.
#[derive(Debug, Default)]
pub(crate) struct Tale {
    /// Tables that others could not use, or not write, while work went on.
    pub(crate) blocked: BTreeMap<String, Strength>,
    /// All tables that others could not use, or not write, at some moment.
    pub(crate) locked: BTreeMap<String, Strength>,
    /// Rows that others could not change until the end of a transaction, where these are many.
    pub(crate) rows: BTreeMap<String, u64>,
    pub(crate) deeds: Vec<Deed>,
    /// What the server refused.
    pub(crate) error: Option<String>,
}

/// What a statement did that is worth telling.
#[derive(Debug)]
pub(crate) struct Deed {
    pub(crate) statement: String,
    /// The locks that it found or took and that are in somebody's way.
    pub(crate) locks: BTreeMap<String, Strength>,
    pub(crate) work: Work,
}

/// Runs the script in its own session.
pub(crate) fn run(database: &Database, script: &str) -> Tale {
    let mut watch = Watch::new(database);
    let survey = place::survey(script);
    let stepwise = script.lines().any(|line| line.trim() == "-- change: transaction=off");
    let wrapped = survey.shape == (Shape::Atomic { own_transaction: false }) && !stepwise;
    if wrapped {
        watch.begin();
    }
    for found in &survey.statements {
        let text = String::from_utf8(found.text.clone()).unwrap();
        if let Err(error) = watch.statement(&text, &found.kind) {
            watch.tale.error = Some(format!("{}: {error}", first_words(&text)));
            return watch.tale;
        }
    }
    if wrapped && let Err(error) = watch.plain("COMMIT") {
        watch.tale.error = Some(format!("COMMIT: {error}"));
    }
    watch.tale
}

struct Watch<'a> {
    database: &'a Database,
    session: Client,
    observer: Client,
    relations: Relations,
    inside: bool,
    tale: Tale,
}

impl<'a> Watch<'a> {
    fn new(database: &'a Database) -> Watch<'a> {
        let session = place::connect(database, ADMIN);
        let mut observer = place::connect(database, ADMIN);
        let relations = measure::relations(&mut observer);
        Watch { database, session, observer, relations, inside: false, tale: Tale::default() }
    }

    fn begin(&mut self) {
        self.plain("BEGIN").unwrap();
        self.inside = true;
    }

    /// Runs without looking.
    fn plain(&mut self, sql: &str) -> Result<(), String> {
        self.session.simple_query(sql).map(drop).map_err(|error| told(&error))
    }

    fn statement(&mut self, text: &str, kind: &StatementKind) -> Result<(), String> {
        match kind {
            StatementKind::Empty => Ok(()),
            StatementKind::Begin => {
                self.inside = true;
                self.plain(text)
            }
            StatementKind::Commit | StatementKind::Rollback => {
                self.inside = false;
                self.plain(text)
            }
            StatementKind::RefusesTransaction(_) | StatementKind::MayCommit if !self.inside => {
                self.sampled(text)
            }
            _ if self.inside => self.measured(text),
            // Alone it is a transaction too, but one into which nobody can look.
            _ => {
                self.plain("BEGIN")?;
                self.measured(text)?;
                self.plain("COMMIT")
            }
        }
    }

    /// Runs in the open transaction; its locks stay, so they can be read afterwards.
    fn measured(&mut self, text: &str) -> Result<(), String> {
        let from = measure::moment(&mut self.session);
        self.plain(text)?;
        let to = measure::moment(&mut self.session);
        let work = measure::work(&from, &to, &self.relations);
        let locks = measure::in_the_way(&to.locks, &self.relations);
        let blocked = if work.is_long() { locks.clone() } else { BTreeMap::new() };
        self.note(text, locks, blocked, work);
        self.look_at_rows(&to);
        Ok(())
    }

    fn note(
        &mut self,
        text: &str,
        locks: BTreeMap<String, Strength>,
        blocked: BTreeMap<String, Strength>,
        work: Work,
    ) {
        for (table, strength) in &locks {
            measure::raise(&mut self.tale.locked, table.clone(), *strength);
        }
        for (table, strength) in blocked {
            measure::raise(&mut self.tale.blocked, table, strength);
        }
        if !locks.is_empty() || work.is_long() {
            self.tale.deeds.push(Deed { statement: first_words(text), locks, work });
        }
    }

    /// Another session tries which rows it could change now.
    fn look_at_rows(&mut self, now: &Moment) {
        for (oid, relation) in &self.relations {
            let held = now.locks.get(oid).copied().unwrap_or_default();
            // ROW SHARE and ROW EXCLUSIVE come with locks on rows; from EXCLUSIVE on nobody could try.
            let tried = relation.kind == "r" && (2..=6).contains(&held);
            if !tried {
                continue;
            }
            let name = &relation.name;
            self.observer.batch_execute("BEGIN; SET LOCAL lock_timeout = '100ms'").unwrap();
            let rows = self.observer.simple_query(&format!(
                "SELECT count(*) - (SELECT count(*) \
                     FROM (SELECT FROM ONLY {name} FOR NO KEY UPDATE SKIP LOCKED) free) \
                 FROM ONLY {name}"
            ));
            self.observer.batch_execute("ROLLBACK").unwrap();
            // Who cannot even ask is stopped by more than rows: by the lock of an index.
            let Ok(rows) = rows else { continue };
            let locked = place::texts(rows)[0][0].parse::<u64>().unwrap();
            if locked > measure::WORK {
                self.tale.rows.insert(name.clone(), locked);
            }
        }
    }

    /// Runs outside a transaction, while another session samples its locks without pause.
    fn sampled(&mut self, text: &str) -> Result<(), String> {
        self.flush();
        let from = measure::outside(&mut self.observer);
        let pid = ask(&mut self.session, "SELECT pg_catalog.pg_backend_pid()")[0][0].clone();
        let done = AtomicBool::new(false);
        let (ready, begun) = mpsc::channel();
        let (result, mut samples) = std::thread::scope(|scope| {
            let sampler = scope.spawn(|| sample(self.database, &pid, &ready, &done));
            begun.recv().unwrap();
            let result = self.session.simple_query(text).map(drop).map_err(|error| told(&error));
            done.store(true, Ordering::Relaxed);
            (result, sampler.join().unwrap())
        });
        result?;
        self.flush();
        let to = measure::outside(&mut self.observer);
        let work = measure::work(&from, &to, &self.relations);
        let (mut seen, mut held) = (documented(text, &self.relations), BTreeMap::new());
        let lasting = samples.len() * HELD / 100;
        let mut counts: BTreeMap<(String, Strength), usize> = BTreeMap::new();
        // An index that is gone was dead, and of no use to anybody, before its last lock was taken.
        let left = measure::relations(&mut self.observer);
        let is_index = |oid: &Oid| self.relations.get(oid).is_some_and(|relation| relation.table != *oid);
        let gone = |oid: &Oid| is_index(oid) && !left.contains_key(oid);
        for locks in &mut samples {
            locks.retain(|oid, _| !gone(oid));
            for (table, strength) in measure::in_the_way(locks, &self.relations) {
                *counts.entry((table, strength)).or_default() += 1;
            }
        }
        // No file is replaced by another under a lock that is held for a part of that only.
        let replaced: BTreeSet<String> = work.files.iter().map(|file| self.table_of(file)).collect();
        for ((table, strength), count) in counts {
            measure::raise(&mut seen, table.clone(), strength);
            if (count > lasting && work.is_long()) || replaced.contains(&table) {
                measure::raise(&mut held, table, strength);
            }
        }
        self.note(text, seen, held, work);
        Ok(())
    }

    /// The table of an index, or the table itself, by name.
    fn table_of(&self, name: &str) -> String {
        let own = self.relations.values().find(|relation| relation.name == name);
        let table = own.and_then(|relation| self.relations.get(&relation.table));
        table.map_or(name, |table| &table.name).to_owned()
    }

    /// Makes what the session did appear in the statistics.
    fn flush(&mut self) {
        ask(&mut self.session, "SELECT pg_catalog.pg_stat_force_next_flush()");
        ask(&mut self.observer, "SELECT pg_catalog.pg_stat_clear_snapshot()");
    }
}

/// The locks of the process, again and again while its statement runs.
fn sample(
    database: &Database,
    pid: &str,
    ready: &mpsc::Sender<()>,
    done: &AtomicBool,
) -> Vec<BTreeMap<Oid, Strength>> {
    let mut session = place::connect(database, ADMIN);
    let sql = format!(
        "SELECT relation, mode FROM pg_locks WHERE pid = {pid} AND locktype = 'relation' AND granted"
    );
    let mut samples = Vec::new();
    ready.send(()).unwrap();
    while !done.load(Ordering::Relaxed) {
        let mut locks = BTreeMap::new();
        for row in ask(&mut session, &sql) {
            let [oid, mode] = <[String; 2]>::try_from(row).unwrap();
            measure::raise(&mut locks, oid, measure::strength(&mode));
        }
        // Before the statement comes and after it is gone there is nothing to see.
        if !locks.is_empty() {
            samples.push(locks);
        }
    }
    samples
}

/// Locks that are too short to be sampled, by what the documentation says: the second transaction
/// of DETACH PARTITION CONCURRENTLY takes ACCESS EXCLUSIVE on the partition.
fn documented(text: &str, relations: &Relations) -> BTreeMap<String, Strength> {
    let words: Vec<&str> = text.trim_end_matches(';').split_whitespace().collect();
    let upper: Vec<String> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
    let mut found = BTreeMap::new();
    if let Some(at) = upper.windows(2).position(|pair| pair == ["DETACH", "PARTITION"])
        && upper.last().is_some_and(|last| last == "CONCURRENTLY")
        && let Some(name) = words.get(at + 2)
        && relations.values().any(|relation| relation.name == *name)
    {
        found.insert((*name).to_owned(), measure::ACCESS_EXCLUSIVE);
    }
    found
}

/// Enough of a statement to know it by.
fn first_words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(90).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { line }
}
