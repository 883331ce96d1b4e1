//! A deployment of forty changes is hit at a random moment: afterwards registry and schema agree,
//! and running it again finishes. `CHANGE_TRIALS=300 cargo test --test postgres kills` is the long
//! form.

use crate::Place;
use crate::server::Server;
use crate::support::Tool;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const CHANGES: usize = 40;

/// What happens to a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    /// The program is killed.
    Kill,
    /// One of its sessions is terminated.
    Terminate,
    /// The server is stopped without a checkpoint, and started again.
    Stop,
}

fn names() -> Vec<String> {
    (0..CHANGES).map(|number| format!("c{number:02}")).collect()
}

/// One transaction each; every fifth builds an index concurrently, every seventh is two transactions.
fn place(server: &Server) -> Place {
    let names = names();
    let line = |(at, name): (usize, &String)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::on(server, &format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for (at, name) in names.iter().enumerate() {
        place.write_table_scripts(name);
        let table = format!("CREATE TABLE t_{name} (id INTEGER);\n");
        let index = format!("CREATE INDEX CONCURRENTLY i_{name} ON t_{name} (id);\n");
        let script = match at {
            _ if at % 5 == 4 => {
                format!("{table}INSERT INTO t_{name} SELECT generate_series(1, 2000);\n{index}")
            }
            _ if at % 7 == 6 => {
                format!("BEGIN;\n{table}COMMIT;\nBEGIN;\nINSERT INTO t_{name} VALUES (1);\nCOMMIT;\n")
            }
            _ => format!("BEGIN;\n{table}INSERT INTO t_{name} VALUES (1);\nCOMMIT;\n"),
        };
        place.world.write(&format!("deploy/{name}.sql"), &script);
    }
    place
}

fn start(place: &Place) -> Child {
    let mut command = Tool::Change.command();
    command
        .args(["deploy"])
        .current_dir(place.world.path(""))
        .env("SQITCH_FULLNAME", "V")
        .env("SQITCH_EMAIL", "v@e.org");
    command.env("SQITCH_USER_CONFIG", "/nonexistent").env("SQITCH_SYSTEM_CONFIG", "/nonexistent");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A number from 0 to 1 that differs from trial to trial.
fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let bits = std::hash::RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn trials(blow: Blow, server: &Server) {
    let whole = Instant::now();
    place(server).world.change("deploy").ok();
    let whole = whole.elapsed();
    let count = trials_wanted(4);
    let mut hit = 0;
    for trial in 0..count {
        hit += usize::from(one(blow, server, whole, trial));
    }
    println!(
        "{blow:?}: {hit} of {count} deployments were cut short, all were finished by running them again"
    );
}

fn one(blow: Blow, server: &Server, whole: Duration, trial: usize) -> bool {
    let place = place(server);
    let child = start(&place);
    std::thread::sleep(whole.mul_f64(random()));
    strike(blow, server, &place, &child);
    let first = child.wait_with_output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let story = format!("{blow:?} {trial}:\n{}{}", said(&first.stdout), said(&first.stderr));
    if place.ask("SELECT to_regclass('sqitch.changes') IS NOT NULL") == "t" {
        assert_agree(&place, &story);
    }
    let again = place.world.change("deploy");
    assert_eq!(again.status, 0, "{story}\nthen: {}{}", again.out, again.err);
    assert_eq!(recorded(&place), names().join(" "), "{story}");
    let tables = place.ask("SELECT count(*) FROM pg_tables WHERE tablename ~ '^t_'");
    let indexes = place.ask("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname ~ '^i_' AND indisvalid");
    assert_eq!((tables.as_str(), indexes.as_str()), ("40", "8"), "{story}\nthen: {}{}", again.out, again.err);
    let doubled: Vec<String> = names()
        .into_iter()
        .filter(|name| {
            place.ask(&format!("SELECT count(*) FROM t_{name}")).parse::<u32>().unwrap() % 1999 != 1
        })
        .collect();
    assert!(
        doubled.is_empty(),
        "{story}\n{doubled:?}\n{}",
        place.ask("SELECT * FROM sqitch.change_steps ORDER BY step_id")
    );
    let locks = place.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
    assert_eq!(locks, "0", "{story}");
    !first.status.success()
}

fn strike(blow: Blow, server: &Server, place: &Place, child: &Child) {
    match blow {
        Blow::Kill => {
            let pid = rustix::process::Pid::from_child(child);
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        Blow::Terminate => {
            place.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                 AND pid <> pg_backend_pid() AND application_name = 'change' ORDER BY random() LIMIT 1",
            );
        }
        Blow::Stop => {
            server.stop("immediate");
            server.resume();
        }
    }
}

fn recorded(place: &Place) -> String {
    place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes")
}

/// Every recorded change is there, and of what is not recorded only that which the journal holds as
/// stopped may be there.
fn assert_agree(place: &Place, story: &str) {
    // A killed program's session may still be at work for a moment.
    let start = Instant::now();
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'change'";
    while place.ask(busy) != "0" {
        assert!(start.elapsed() < Duration::from_secs(20), "{story}: a session stays");
        std::thread::sleep(Duration::from_millis(20));
    }
    let recorded = recorded(place);
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
}

#[test]
fn the_program_is_killed() {
    trials(Blow::Kill, crate::server::server());
}

#[test]
fn a_session_is_terminated() {
    trials(Blow::Terminate, crate::server::server());
}

#[test]
fn the_server_is_stopped() {
    trials(Blow::Stop, &Server::start(&[]));
}

/// How often a test tries: `CHANGE_TRIALS`, or the short form.
fn trials_wanted(short: usize) -> usize {
    std::env::var("CHANGE_TRIALS").map_or(short, |text| text.parse().unwrap())
}
