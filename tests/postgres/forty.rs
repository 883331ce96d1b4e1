//! A deployment of forty changes of all kinds, to which something happens on its way: what has to
//! be true afterwards, and after a plain second deployment.

use crate::Place;
use crate::server::Server;
use std::time::{Duration, Instant};

const CHANGES: usize = 40;

pub(crate) fn names() -> Vec<String> {
    (0..CHANGES).map(|number| format!("c{number:02}")).collect()
}

/// One transaction each; but every fifth builds an index concurrently, every seventh is two
/// transactions, and every eleventh runs a program between two statements.
pub(crate) fn place(server: &Server) -> Place {
    let names = names();
    let line = |(at, name): (usize, &String)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::on(server, &format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for (at, name) in names.iter().enumerate() {
        place.write_table_scripts(name);
        place.world.write(&format!("deploy/{name}.sql"), &script(at, name));
    }
    place
}

fn script(at: usize, name: &str) -> String {
    let table = format!("CREATE TABLE t_{name} (id INTEGER);\n");
    let index = format!("CREATE INDEX CONCURRENTLY i_{name} ON t_{name} (id);\n");
    let row = format!("INSERT INTO t_{name} VALUES (1);\n");
    match at {
        _ if at % 5 == 4 => {
            format!("{table}INSERT INTO t_{name} SELECT generate_series(1, 2000);\n{index}")
        }
        _ if at % 7 == 6 => format!("BEGIN;\n{table}COMMIT;\nBEGIN;\n{row}COMMIT;\n"),
        _ if at % 11 == 10 => format!("{table}\\! sleep 0.05 | cat\n{row}"),
        _ => format!("BEGIN;\n{table}{row}COMMIT;\n"),
    }
}

/// Waits until the sessions of a program that ended are over.
pub(crate) fn settle(place: &Place) {
    let start = Instant::now();
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                AND backend_type = 'client backend'";
    while place.ask(busy) != "0" {
        assert!(start.elapsed() < Duration::from_secs(20), "a session stays");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The changes that are recorded, in the order in which they were; none if there is no registry yet.
pub(crate) fn recorded(place: &Place) -> String {
    if place.ask("SELECT to_regclass('sqitch.changes') IS NULL") == "t" {
        return String::new();
    }
    place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes")
}

/// Every recorded change is there, whole, and in the order of the plan; of what is not recorded only
/// that which the journal holds as stopped may be there. Nobody holds the lock of the runners.
pub(crate) fn assert_agree(place: &Place, story: &str) {
    settle(place);
    let recorded = recorded(place);
    let planned = names().join(" ");
    assert!(planned.starts_with(&recorded), "{story}\nrecorded: {recorded}");
    let there = place.ask("SELECT string_agg(substr(tablename, 3), ' ' ORDER BY tablename) FROM pg_tables WHERE tablename ~ '^t_'");
    let has_journal = place.ask("SELECT to_regclass('sqitch.change_steps') IS NOT NULL") == "t";
    let stopped = if has_journal {
        place.ask("SELECT change FROM sqitch.change_steps WHERE state IN ('running', 'stopped')")
    } else {
        String::new()
    };
    let with = format!("{recorded} {stopped}");
    assert!(
        there == recorded || there == with.trim(),
        "{story}\nrecorded: {recorded}\nstopped: {stopped}\nthere: {there}"
    );
    let whole: Vec<&str> = recorded.split_whitespace().collect();
    assert_eq!(not_whole(place, &whole), "", "{story}");
    assert_no_lock(place, story);
}

/// Those of these changes that lack a row, have one twice, or lack their index.
fn not_whole(place: &Place, names: &[&str]) -> String {
    let one = |name: &&str| {
        let indexed = name[1..].parse::<usize>().unwrap() % 5 == 4;
        let (rows, index) = if indexed { (2000, 1) } else { (1, 0) };
        format!(
            "SELECT '{name}' AS name WHERE (SELECT count(*) FROM t_{name}) <> {rows} OR {index} <> \
             (SELECT count(*) FROM pg_index WHERE indrelid = 't_{name}'::regclass AND indisvalid)"
        )
    };
    let all: Vec<String> = names.iter().map(one).collect();
    if all.is_empty() {
        return String::new();
    }
    place.ask(&format!("SELECT string_agg(name, ' ') FROM ({}) AS changes", all.join(" UNION ALL ")))
}

/// A plain second deployment finishes what the first began, and does nothing twice.
pub(crate) fn assert_finishes(place: &Place, story: &str) {
    let again = place.world.change("deploy");
    let story = format!("{story}\nthen: {}{}", again.out, again.err);
    assert_eq!(again.status, 0, "{story}");
    let names = names();
    assert_eq!(recorded(place), names.join(" "), "{story}");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let steps = || place.ask("SELECT * FROM sqitch.change_steps ORDER BY step_id");
    assert_eq!(not_whole(place, &names), "", "{story}\n{}", steps());
    let counts = place.ask(
        "SELECT (SELECT count(*) FROM pg_tables WHERE tablename ~ '^t_') || ' tables, ' || \
         (SELECT count(*) FROM pg_class WHERE relname ~ '^i_') || ' indexes, ' || \
         (SELECT count(*) FROM sqitch.change_steps WHERE state IN ('running', 'stopped')) || ' in doubt'",
    );
    assert_eq!(counts, "40 tables, 8 indexes, 0 in doubt", "{story}\n{}", steps());
    settle(place);
    assert_no_lock(place, &story);
}

fn assert_no_lock(place: &Place, story: &str) {
    let locks = place.ask(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    assert_eq!(locks, "0", "{story}");
}

/// A number from 0 to 1 that differs from trial to trial.
pub(crate) fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let bits = std::hash::RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// How often a test tries: `CHANGE_TRIALS`, or the short form.
pub(crate) fn trials_wanted(short: usize) -> usize {
    std::env::var("CHANGE_TRIALS").map_or(short, |text| text.parse().unwrap())
}
