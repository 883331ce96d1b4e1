//! The n-th call to the server breaks, n = 1, 2, 3 … until none is hit: the program ends there, or
//! the connection does. Afterwards nothing is half, and running it again finishes.

use crate::Place;
use crate::support::Tool;
use std::process::Stdio;

fn place() -> Place {
    let place = Place::with_plan(
        "%syntax-version=1.0.0\n%project=acme\n\n\
         alpha 2024-01-01T00:00:01Z P Q <p@q.r>\n\
         bravo [alpha] 2024-01-01T00:00:02Z P Q <p@q.r>\n\
         @v1 2024-01-01T00:00:03Z P Q <p@q.r>\n\
         charlie 2024-01-01T00:00:04Z P Q <p@q.r>\n",
    );
    for name in ["alpha", "bravo", "charlie"] {
        place.write_table_scripts(name);
    }
    place.world.write(
        "deploy/bravo.sql",
        "CREATE TABLE t_bravo (id INTEGER);\nINSERT INTO t_bravo VALUES (1);\nCREATE INDEX CONCURRENTLY i_bravo ON t_bravo (id);\n\
         BEGIN;\nINSERT INTO t_bravo VALUES (2);\nCOMMIT;\n",
    );
    place.world.write(
        "revert/bravo.sql",
        "DROP INDEX CONCURRENTLY IF EXISTS i_bravo;\nDROP TABLE IF EXISTS t_bravo;\n",
    );
    place
}

/// Runs with a fault armed; `None` if the program was ended by it.
fn run_broken(place: &Place, words: &[&str], how: &str, at: usize) -> (Option<i32>, String) {
    let mut command = Tool::Change.command();
    command.args(words).current_dir(place.world.path("")).env("CHANGE_FAULT", format!("{how}:{at}"));
    command.env("SQITCH_FULLNAME", "V").env("SQITCH_EMAIL", "v@e.org").env("HOME", place.world.path(""));
    command.env("SQITCH_USER_CONFIG", "/nonexistent").env("SQITCH_SYSTEM_CONFIG", "/nonexistent");
    let done = command.stdin(Stdio::null()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(!said.contains("panicked"), "{how}:{at}: {said}");
    (done.status.code(), said)
}

/// Waits until the sessions of a program that ended are over.
fn settle(place: &Place) {
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                AND backend_type = 'client backend'";
    while place.ask(busy) != "0" {
        std::thread::yield_now();
    }
}

/// What is there is what is recorded, but for a change that the journal holds as stopped.
fn assert_agree(place: &Place, label: &str) {
    if place.ask("SELECT to_regclass('sqitch.changes') IS NOT NULL") != "t" {
        assert_eq!(place.schema(), "", "{label}");
        return;
    }
    let recorded = place.ask("SELECT string_agg(change, ' ' ORDER BY change) FROM sqitch.changes");
    let there = place.ask("SELECT string_agg(substr(tablename, 3), ' ' ORDER BY tablename) FROM pg_tables WHERE tablename ~ '^t_'");
    let journal = place.ask("SELECT to_regclass('sqitch.change_steps') IS NOT NULL") == "t";
    let stopped = match journal {
        true => place.ask("SELECT change FROM sqitch.change_steps WHERE state IN ('running', 'stopped')"),
        false => String::new(),
    };
    let differ: Vec<&str> = there
        .split(' ')
        .filter(|name| !recorded.contains(name))
        .chain(recorded.split(' ').filter(|name| !there.contains(name)))
        .collect();
    let differ: Vec<&str> = differ.into_iter().filter(|name| !name.is_empty() && *name != stopped).collect();
    assert!(differ.is_empty(), "{label}\nrecorded: {recorded}\nstopped: {stopped}\nthere: {there}");
}

fn at_every_point(start: &dyn Fn() -> Place, words: &[&str], how: &str, whole: &dyn Fn(&Place, &str)) {
    let (mut at, mut undisturbed) = (0, 0);
    // A run may get over one break or two; three in a row were not there to be met.
    while undisturbed < 3 {
        at += 1;
        let place = start();
        let (status, said) = run_broken(&place, words, how, at);
        let label = format!("{words:?} {how}:{at}\n{said}");
        settle(&place);
        assert_agree(&place, &label);
        let again = place.world.change(&words.join(" "));
        assert_eq!(again.status, 0, "{label}\nthen: {}{}", again.out, again.err);
        whole(&place, &label);
        undisturbed = if status == Some(0) { undisturbed + 1 } else { 0 };
    }
    assert!(at > 20, "only {at} points");
}

fn deployed(place: &Place, label: &str) {
    let recorded = place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes");
    assert_eq!(recorded, "alpha bravo charlie", "{label}");
    assert_eq!(place.ask("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t_bravo"), "1 2", "{label}");
    assert_eq!(
        place.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i_bravo'::regclass"),
        "t",
        "{label}"
    );
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.tags"), "1", "{label}");
}

fn reverted(place: &Place, label: &str) {
    // Run again, it took back the change that had stopped, and left the others to another run.
    if place.ask("SELECT count(*) FROM sqitch.changes") != "0" {
        place.world.change("revert -y").ok();
    }
    assert_eq!(place.schema(), "", "{label}");
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.changes"), "0", "{label}");
}

const MANY: [&str; 6] = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"];

/// Changes that all go ahead of their turn.
fn ahead() -> Place {
    let line = |(at, name): (usize, &&str)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = MANY.iter().enumerate().map(line).collect();
    let place = Place::with_plan(&format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    MANY.iter().for_each(|name| place.write_table_scripts(name));
    place.world.change("config deploy.pipeline on").ok();
    place
}

fn ahead_after_a_deployment() -> Place {
    let place = ahead();
    place.world.change("deploy").ok();
    place
}

fn all_deployed(place: &Place, label: &str) {
    let recorded = place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes");
    assert_eq!(recorded, MANY.join(" "), "{label}");
    assert_eq!(place.ask("SELECT count(*) FROM pg_tables WHERE tablename ~ '^t_'"), "6", "{label}");
}

#[test]
fn a_deployment_that_goes_ahead_breaks_at_every_point() {
    for how in ["exit", "fail"] {
        at_every_point(&ahead, &["deploy"], how, &all_deployed);
    }
}

#[test]
fn a_revert_that_goes_ahead_breaks_at_every_point() {
    for how in ["exit", "fail"] {
        at_every_point(&ahead_after_a_deployment, &["revert", "-y"], how, &reverted);
    }
}

fn after_a_deployment() -> Place {
    let place = place();
    place.world.change("deploy").ok();
    place
}

#[test]
fn a_deployment_ends_at_every_point() {
    at_every_point(&place, &["deploy"], "exit", &deployed);
}

#[test]
fn a_deployment_loses_its_connection_at_every_point() {
    at_every_point(&place, &["deploy"], "fail", &deployed);
}

#[test]
fn a_revert_ends_at_every_point() {
    at_every_point(&after_a_deployment, &["revert", "-y"], "exit", &reverted);
}

#[test]
fn a_revert_loses_its_connection_at_every_point() {
    at_every_point(&after_a_deployment, &["revert", "-y"], "fail", &reverted);
}
