//! As `faults`, for what takes changes back and for what edits the plan: every database call and
//! file write fails once, and once ends the process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use trial::{Change, Trial, at_every_point, with_stepwise};

fn revert_at_every_point(start: &Trial) {
    let back = ["revert", "-y"];
    let gone = |trial: &Trial, at: &str| {
        // Run again, it took back the change that had stopped, and left the others to another run.
        if !trial.recorded().is_empty() {
            trial.run(&back).ok();
        }
        trial.empty(at);
    };
    let points = at_every_point(start, &back, |trial, at| trial.agrees(at), gone);
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

/// A deployment that fails by itself: the first change stays, what the run deployed before the
/// broken one goes, and so does what the broken one left.
fn fails_at_every_point(start: &Trial) {
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
        let status = try_at("fail", n).status;
        assert!(matches!(status, Some(2 | 4)), "fail:{n}: {status:?}");
    }
}

fn with_broken_script() -> Trial {
    let broken =
        Change::new("broken", "CREATE TABLE one (x);\nnonsense;", "", "DROP TABLE one;").makes(&["one"]);
    Trial::new(&[Change::whole("a"), Change::whole("b"), broken])
}

#[test]
fn a_failed_deployment_is_rolled_back() {
    fails_at_every_point(&with_broken_script());
}

#[test]
fn a_failed_deployment_is_rolled_back_in_wal_mode() {
    fails_at_every_point(&with_broken_script().in_wal_mode());
}

#[test]
fn what_a_verify_script_refuses_is_taken_back() {
    let refused =
        Change::new("refused", "CREATE TABLE one (x);\nVACUUM;", "SELECT y FROM one;", "DROP TABLE one;");
    fails_at_every_point(&Trial::new(&[Change::whole("a"), Change::whole("b"), refused.makes(&["one"])]));
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
