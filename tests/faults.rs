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

use trial::{Change, Trial, at_every_point, atomic, with_stepwise};

fn deploy_at_every_point(start: &Trial) {
    let points =
        at_every_point(start, &["deploy"], |trial, at| trial.agrees(at), |trial, at| trial.complete(at));
    assert!(points > 40, "only {points} points: is the seam open?");
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
            let tags: i64 =
                trial.registry().query_row("SELECT count(*) FROM tags", [], |row| row.get(0)).unwrap();
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

#[test]
fn deploying_into_a_file_that_holds_the_registry() {
    deploy_at_every_point(&Trial::new(&with_stepwise()[2..]).sharing_one_file());
}

#[test]
fn deploying_with_the_registry_in_wal_mode() {
    let start = Trial::new(&atomic()[..2]).with_registry_in_wal_mode();
    deploy_at_every_point(&start);
}

/// A run that ended in between left a mark, and WAL mode, by which marks are looked for, was switched
/// off before the next one.
fn wal_is_switched_off_after_every_point(start: &Trial, file: &str) {
    for how in ["exit", "fail"] {
        let mut marks = 0;
        for n in 1.. {
            let trial = start.twin();
            if trial.run_broken(&["deploy"], how, n).status == Some(0) {
                break;
            }
            let label = format!("{file} {how}:{n}");
            let switched = "PRAGMA journal_mode = DELETE";
            let mode: String = trial.database(file).query_row(switched, [], |row| row.get(0)).unwrap();
            assert_eq!(mode, "delete", "{label}");
            let left = "SELECT count(*) FROM sqlite_schema WHERE name = 'change_commits'";
            let target = trial.database("app.db");
            marks += target.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap();
            drop(target);
            trial.run(&["deploy"]).ok();
            trial.complete(&label);
        }
        assert!(marks > 2, "{file} {how}: only {marks} marks were left");
    }
}

#[test]
fn a_mark_is_found_after_the_target_left_wal_mode() {
    let start = Trial::new(&atomic()).in_wal_mode();
    start.run(&["deploy", "--to", "a"]).ok();
    wal_is_switched_off_after_every_point(&start, "app.db");
}

#[test]
fn a_mark_is_found_after_the_registry_left_wal_mode() {
    let start = Trial::new(&atomic()).with_registry_in_wal_mode();
    start.run(&["deploy", "--to", "a"]).ok();
    wal_is_switched_off_after_every_point(&start, "sqitch.db");
}

#[test]
fn deploying_without_synchronisation() {
    let mut changes = with_stepwise();
    changes[2].deploy.insert_str(0, "PRAGMA synchronous = OFF;\n");
    deploy_at_every_point(&Trial::new(&changes[2..3]));
}
