//! Every database call and file write of a command fails once, and once ends the process; whatever
//! the call, registry and schema agree afterwards, and the same command finishes the work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use trial::{Change, Trial};

/// Breaks the n-th call of a command, for every n and in both ways; `after` looks at what is left,
/// then the command is run again and `healed` looks once more.
fn at_every_point(
    start: &Trial,
    words: &[&str],
    after: impl Fn(&Trial, &str),
    healed: impl Fn(&Trial, &str),
) -> usize {
    let mut points = 0;
    for n in 1.. {
        let trial = start.twin();
        let label = format!("{words:?} exit:{n}");
        let done = trial.run_broken(words, "exit", n);
        if done.status.is_some() {
            // No such point: the run went through.
            done.ok();
            healed(&trial, "undisturbed");
            break;
        }
        points = n;
        after(&trial, &label);
        trial.run(words).ok();
        healed(&trial, &label);
    }
    for n in 1..=points {
        let trial = start.twin();
        let label = format!("{words:?} fail:{n}");
        let done = trial.run_broken(words, "fail", n);
        assert_ne!(done.status, Some(0), "{label} was not noticed: {}{}", done.out, done.err);
        assert!(done.status.is_some(), "{label}: {}", done.err);
        after(&trial, &label);
        trial.run(words).ok();
        healed(&trial, &label);
    }
    points
}

fn deploy_at_every_point(start: &Trial) {
    let points =
        at_every_point(start, &["deploy"], |trial, at| trial.agrees(at), |trial, at| trial.complete(at));
    assert!(points > 40, "only {points} points: is the seam open?");
}

/// Three changes of one transaction: its own, none written, and one with a tag.
fn atomic() -> Vec<Change> {
    let plain = Change::new(
        "plain",
        "CREATE TABLE plain (id INTEGER PRIMARY KEY);\nINSERT INTO plain DEFAULT VALUES;",
        "SELECT id FROM plain;",
        "DROP TABLE plain;",
    );
    vec![Change::whole("a"), plain.makes(&["plain"]).fills("plain", 1), Change::whole("c")]
}

/// A change that cannot be one transaction, between two that can.
fn with_stepwise() -> Vec<Change> {
    let steps = Change::new(
        "steps",
        "BEGIN;\nCREATE TABLE one (x);\nINSERT INTO one VALUES (1);\nCOMMIT;\nVACUUM;\nPRAGMA journal_mode = TRUNCATE;\n\
         BEGIN;\nCREATE TABLE two (x);\nINSERT INTO two VALUES (1);\nCOMMIT;\nINSERT INTO one VALUES (2);",
        "SELECT x FROM one;\nSELECT x FROM two;",
        "BEGIN;\nDROP TABLE one;\nCOMMIT;\nVACUUM;\nDROP TABLE two;",
    );
    vec![
        Change::whole("a"),
        Change::whole("b"),
        steps.makes(&["one", "two"]).fills("one", 2),
        Change::whole("c"),
    ]
}

#[test]
fn deploying_atomic_changes() {
    let start = Trial::new(&atomic());
    // The registry is there already: what is watched is the changes.
    start.run(&["deploy", "--to", "a"]).ok();
    deploy_at_every_point(&start);
}

#[test]
fn deploying_in_wal_mode() {
    let start = Trial::new(&atomic()).in_wal_mode();
    start.run(&["deploy", "--to", "a"]).ok();
    deploy_at_every_point(&start);
}

#[test]
fn the_first_deploy() {
    deploy_at_every_point(&Trial::new(&[Change::whole("a")]));
}

#[test]
fn deploying_with_tags() {
    let start = Trial::new(&[Change::whole("a").tagged("v1"), Change::whole("b").tagged("v2")]);
    deploy_at_every_point(&start);
}

#[test]
fn recording_a_tag_that_was_planned_later() {
    let mut start = Trial::new(&[Change::whole("a")]);
    start.run(&["deploy"]).ok();
    start.run(&["tag", "v1", "-n", "late"]).ok();
    let untagged = start.changes.clone();
    start.changes[0].tag = Some("v1".to_owned());
    at_every_point(
        &start,
        &["deploy"],
        |trial, at| {
            let tags: i64 = trial
                .database("sqitch.db")
                .query_row("SELECT count(*) FROM tags", [], |row| row.get(0))
                .unwrap();
            let changes = if tags == 0 { untagged.clone() } else { trial.changes.clone() };
            let mut trial = trial.twin();
            trial.changes = changes;
            trial.agrees(at);
        },
        |trial, at| trial.complete(at),
    );
}

#[test]
fn deploying_step_by_step() {
    let start = Trial::new(&with_stepwise());
    start.run(&["deploy", "--to", "a"]).ok();
    deploy_at_every_point(&start);
}

#[test]
fn deploying_step_by_step_in_wal_mode() {
    let mut changes = with_stepwise();
    changes[2].deploy =
        changes[2].deploy.replace("PRAGMA journal_mode = TRUNCATE;\n", "PRAGMA wal_checkpoint;\n");
    let start = Trial::new(&changes).in_wal_mode();
    start.run(&["deploy", "--to", "a"]).ok();
    deploy_at_every_point(&start);
}

#[test]
fn deploying_a_script_that_switches_to_wal_mode() {
    let mut changes = with_stepwise();
    changes[2].deploy = changes[2].deploy.replace("TRUNCATE", "WAL");
    let start = Trial::new(&changes);
    start.run(&["deploy", "--to", "a"]).ok();
    deploy_at_every_point(&start);
}

fn revert_at_every_point(start: &Trial) {
    let points =
        at_every_point(start, &["revert", "-y"], |trial, at| trial.agrees(at), |trial, at| trial.empty(at));
    assert!(points > 30, "only {points} points: is the seam open?");
}

#[test]
fn reverting() {
    let start = Trial::new(&[Change::whole("a").tagged("v1"), Change::whole("b")]);
    start.run(&["deploy"]).ok();
    revert_at_every_point(&start);
}

#[test]
fn reverting_in_wal_mode() {
    let start = Trial::new(&[Change::whole("a"), Change::whole("b")]).in_wal_mode();
    start.run(&["deploy"]).ok();
    revert_at_every_point(&start);
}

/// A change whose revert script cannot be one transaction, on top of another.
#[test]
fn reverting_step_by_step() {
    let start = Trial::new(&with_stepwise()[..3]);
    start.run(&["deploy"]).ok();
    revert_at_every_point(&start);
}

#[test]
fn reverting_step_by_step_in_wal_mode() {
    let mut changes = with_stepwise();
    changes[2].deploy = changes[2].deploy.replace("PRAGMA journal_mode = TRUNCATE;\n", "");
    let start = Trial::new(&changes[..3]).in_wal_mode();
    start.run(&["deploy"]).ok();
    revert_at_every_point(&start);
}

#[test]
fn taking_back_what_stopped() {
    for wal in [false, true] {
        let steps = Change::new("steps", "CREATE TABLE one (x);\nVACUUM;\nnonsense;", "", "DROP TABLE one;")
            .makes(&["one"]);
        let start = Trial::new(&[Change::whole("a"), steps]);
        let start = if wal { start.in_wal_mode() } else { start };
        start.run(&["deploy"]).ends(4);
        let back = ["revert", "-y", "--to", "a"];
        at_every_point(
            &start,
            &back,
            |trial, at| trial.agrees(at),
            |trial, at| {
                assert_eq!(trial.recorded(), ["a"], "{at}");
                trial.settled(at);
            },
        );
    }
}

/// The first change stays, what the run deployed before the broken one goes.
#[test]
fn a_failed_deployment_is_rolled_back() {
    for wal in [false, true] {
        let broken = Change::new("broken", "CREATE TABLE broken (x);\nnonsense;", "", "DROP TABLE broken;")
            .makes(&["broken"]);
        let start = Trial::new(&[Change::whole("a"), Change::whole("b"), Change::whole("c"), broken]);
        let start = if wal { start.in_wal_mode() } else { start };
        start.run(&["deploy", "--to", "a"]).ok();
        let try_at = |how: &str, n: usize| {
            let trial = start.twin();
            let done = trial.run_broken(&["deploy"], how, n);
            trial.agrees(&format!("{how}:{n}"));
            trial.run(&["deploy"]).ends(2);
            trial.settled(&format!("{how}:{n}, again"));
            done
        };
        let points = (1..).find(|n| try_at("exit", *n).status.is_some()).unwrap();
        assert!(points > 60, "only {points} points: is the seam open?");
        for n in 1..points {
            try_at("fail", n).ends(2);
        }
    }
}

/// The plan is the old one or the new one; the scripts are whole; the same command finishes.
fn plan_at_every_point(start: &Trial, words: &[&str], scripts: &[&str]) {
    let whole = start.twin();
    whole.run(words).ok();
    let lines = |trial: &Trial| {
        trial
            .read("sqitch.plan")
            .lines()
            .map(|line| line.split(' ').next().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    let (old, new) = (start.read("sqitch.plan"), lines(&whole));
    for how in ["exit", "fail"] {
        for n in 1.. {
            let trial = start.twin();
            let done = trial.run_broken(words, how, n);
            let label = format!("{words:?} {how}:{n}");
            let plan = trial.read("sqitch.plan");
            assert!(plan == old || lines(&trial) == new, "{label}: {plan}");
            for script in scripts.iter().filter(|script| trial.path(script).exists()) {
                let text = trial.read(script);
                let before = start.path(script).exists().then(|| start.read(script));
                assert!(
                    text == whole.read(script) || Some(&text) == before.as_ref(),
                    "{label}: {script}: {text}"
                );
            }
            if plan == old {
                trial.run(words).ok();
            }
            assert_eq!(lines(&trial), new, "{label}");
            for script in scripts {
                assert_eq!(trial.read(script), whole.read(script), "{label}: {script}");
            }
            if done.status == Some(0) {
                assert!(n > 3, "{label}: is the seam open?");
                break;
            }
        }
    }
}

#[test]
fn adding_a_change() {
    let start = Trial::new(&[Change::whole("a")]);
    let scripts = ["deploy/b.sql", "verify/b.sql", "revert/b.sql"];
    plan_at_every_point(&start, &["add", "b", "-n", "new"], &scripts);
}

#[test]
fn tagging_a_change() {
    plan_at_every_point(&Trial::new(&[Change::whole("a")]), &["tag", "v1", "-n", "new"], &[]);
}

#[test]
fn reworking_a_change() {
    let start = Trial::new(&[Change::whole("a").tagged("v1")]);
    let scripts = [
        "deploy/a.sql",
        "verify/a.sql",
        "revert/a.sql",
        "deploy/a@v1.sql",
        "verify/a@v1.sql",
        "revert/a@v1.sql",
    ];
    plan_at_every_point(&start, &["rework", "a", "-n", "again"], &scripts);
}
