//! A change that needs a lock which others hold, while an application reads and writes.

use crate::Place;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    users 2024-01-01T00:00:01Z P Q <p@q.r>\n\
    email 2024-01-01T00:00:02Z P Q <p@q.r>\n";

fn place() -> Place {
    let place = Place::with_plan(PLAN);
    place.write_table_scripts("users");
    place.world.write("deploy/email.sql", "BEGIN;\nALTER TABLE t_users ADD COLUMN email TEXT;\nCOMMIT;\n");
    place.world.write("verify/email.sql", "BEGIN;\nSELECT email FROM t_users WHERE false;\nROLLBACK;\n");
    place.world.write("revert/email.sql", "BEGIN;\nALTER TABLE t_users DROP COLUMN email;\nCOMMIT;\n");
    place.world.change("deploy --to users").ok();
    place.ask("INSERT INTO t_users SELECT generate_series(1, 100)");
    place
}

/// A transaction that has read the table and stays open for some seconds.
fn report(place: &Place, seconds: u32) -> Child {
    let mut psql = place.database.psql_command();
    psql.env("PGAPPNAME", "nightly report").args(["-qAtX", "-c"]);
    psql.arg(format!("BEGIN; SELECT count(*) FROM t_users; SELECT pg_sleep({seconds}); COMMIT"));
    let child = psql.stdout(Stdio::null()).spawn().unwrap();
    while place.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightly report' AND state = 'active' AND query ~ 'pg_sleep' AND wait_event = 'PgSleep'") == "0" {
        std::thread::yield_now();
    }
    child
}

/// Clients that read and write until they are told to stop; the slowest request and the number of
/// failed ones.
fn application(
    place: &Place,
    clients: usize,
    stop: &Arc<AtomicBool>,
) -> Vec<std::thread::JoinHandle<(Duration, usize)>> {
    let database = &place.database;
    let settings = format!(
        "host={} port={} dbname={} user=postgres application_name=shop",
        database.folder.display(),
        database.port,
        database.name
    );
    let client = |number: usize| {
        let (settings, stop) = (settings.clone(), Arc::clone(stop));
        std::thread::spawn(move || {
            let mut session = postgres::Client::connect(&settings, postgres::NoTls).unwrap();
            let (mut slowest, mut failed) = (Duration::ZERO, 0);
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                let id = i32::try_from(number).unwrap();
                let done = if number.is_multiple_of(2) {
                    session.execute("SELECT count(*) FROM t_users WHERE id = $1", &[&id])
                } else {
                    session.execute("UPDATE t_users SET id = id WHERE id = $1", &[&id])
                };
                failed += usize::from(done.is_err());
                slowest = slowest.max(start.elapsed());
                std::thread::sleep(Duration::from_millis(10));
            }
            (slowest, failed)
        })
    };
    (0..clients).map(client).collect()
}

#[test]
fn behind_a_long_report_nobody_waits_and_the_change_comes_right_after_it() {
    let place = place();
    let mut report = report(&place, 3);
    let stop = Arc::new(AtomicBool::new(false));
    let clients = application(&place, 8, &stop);
    let ended = std::thread::spawn(move || {
        report.wait().unwrap();
        Instant::now()
    });
    let done = place.world.change("deploy").ok();
    let after = Instant::now();
    std::thread::sleep(Duration::from_millis(200));
    stop.store(true, Ordering::Relaxed);
    let late = after.duration_since(ended.join().unwrap());
    let (slowest, failed): (Vec<Duration>, Vec<usize>) =
        clients.into_iter().map(|client| client.join().unwrap()).unzip();
    assert_eq!(failed.iter().sum::<usize>(), 0);
    let slowest = slowest.into_iter().max().unwrap();
    println!("slowest request {slowest:?}, deployed {late:?} after the report");
    assert!(slowest < Duration::from_millis(200), "{slowest:?}");
    assert!(late < Duration::from_secs(1), "{late:?}");
    let said = format!("{}{}", done.out, done.err);
    assert!(said.contains("waiting for nightly report of user postgres"), "{said}");
    let notes = place.world.change("notes").ok().out.clone();
    for word in ["Run 2: deploy to", "+ email", "waited ", "in its way: nightly report of user postgres"] {
        assert!(notes.contains(word), "{word}: {notes}");
    }
}

#[test]
fn a_revert_that_is_tried_again_records_what_went_with_the_change() {
    let place = Place::with_plan(&format!(
        "{}@v1 2024-01-01T00:00:03Z P Q <p@q.r>\n",
        PLAN.replace("email 2024", "email [users] 2024")
    ));
    place.write_table_scripts("users");
    place.world.write("deploy/email.sql", "ALTER TABLE t_users ADD COLUMN email TEXT;\n");
    place.world.write("verify/email.sql", "SELECT email FROM t_users WHERE false;\n");
    place.world.write("revert/email.sql", "ALTER TABLE t_users DROP COLUMN email;\n");
    place.world.change("deploy").ok();
    let mut report = report(&place, 2);
    place.world.change("revert -y --to users").ok();
    report.wait().unwrap();
    assert_eq!(
        place.ask("SELECT requires::text || tags::text FROM sqitch.events WHERE event = 'revert'"),
        "{users}{@v1}"
    );
}

#[test]
fn when_patience_ends_the_one_in_the_way_is_named_and_nothing_is_left() {
    let place = place();
    let mut report = report(&place, 20);
    place.world.write("change.toml", "[safety]\npatience = \"2s\"\n");
    let done = place.world.change("deploy");
    report.kill().unwrap();
    report.wait().unwrap();
    assert_ne!(done.status, 0, "{}{}", done.out, done.err);
    assert!(done.err.contains("in the way: nightly report of user postgres"), "{}", done.err);
    assert_eq!(place.ask("SELECT change FROM sqitch.changes"), "users");
}

#[test]
fn a_statement_that_blocks_for_too_long_is_stopped_unless_its_script_says_otherwise() {
    let place = place();
    place.world.write("change.toml", "[safety]\nstatement_timeout = \"200ms\"\n");
    let slow = "ALTER TABLE t_users ADD COLUMN email TEXT;\nSELECT pg_sleep(0.5);\n";
    place.world.write("deploy/email.sql", slow);
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("statement timeout"), "{}", done.err);
    place.world.write("deploy/email.sql", &format!("-- change: statement_timeout=10s\n{slow}"));
    place.world.change("deploy").ok();
}
