//! Against a commit of a real repository.

use super::{INDEX, ORDERS, change, lint, planned, shop, support::World};
use std::process::Command;

#[track_caller]
fn git(world: &World, words: &[&str]) {
    let done = Command::new("git")
        .current_dir(world.path(""))
        .env("HOME", world.path(""))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=Vera", "-c", "user.email=vera@example.org", "-c", "init.defaultBranch=main"])
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository whose main branch holds these changes, on a branch of its own.
fn repository(changes: &[(&str, &str)]) -> World {
    let world = shop(changes);
    git(&world, &["init", "-q"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "-qm", "first"]);
    git(&world, &["branch", "-M", "main"]);
    git(&world, &["checkout", "-qb", "feature"]);
    world
}

#[test]
fn only_what_the_branch_adds_is_looked_at() {
    let world = repository(&[("orders", ORDERS), ("index", INDEX)]);
    let none = lint(&world, &["--base", "main"]);
    assert_eq!((none.done.status, none.findings().count()), (0, 0), "{}", none.done.out);
    let more = ("away", "DROP TABLE people;\n");
    planned(&world, &[("orders", ORDERS), ("index", INDEX), more]);
    let report = lint(&world, &["--base", "main"]);
    assert_eq!((report.done.status, report.files()), (1, vec!["deploy/away.sql".to_owned()]));
    git(&world, &["add", "."]);
    git(&world, &["commit", "-qm", "second"]);
    assert_eq!(lint(&world, &["--base", "main"]).files(), ["deploy/away.sql"]);
    assert_eq!(lint(&world, &["--base", "HEAD"]).findings().count(), 0);
}

#[test]
fn an_old_script_that_was_edited_counts() {
    let world = repository(&[("orders", ORDERS), ("people", "SELECT 1;\n"), ("index", INDEX)]);
    world.write("deploy/people.sql", "ALTER TABLE orders ALTER COLUMN price TYPE bigint;\n");
    let report = lint(&world, &["--base", "main"]);
    assert_eq!(report.files(), ["deploy/people.sql"], "{}", report.done.out);
    assert!(report.codes().contains(&"PR01".to_owned()), "{}", report.done.out);
    assert!(report.finding("CH12")["message"].as_str().unwrap().contains("people"));
}

#[test]
fn a_change_that_is_taken_out_of_the_plan_is_told_and_no_other() {
    let world = repository(&[("orders", ORDERS), ("index", INDEX), ("more", "SELECT 1;\n")]);
    planned(&world, &[("orders", ORDERS), ("index", INDEX)]);
    let report = lint(&world, &["--base", "main"]);
    let told: Vec<&str> = report
        .findings()
        .filter(|own| own["code"] == "CH12")
        .map(|own| own["message"].as_str().unwrap())
        .collect();
    assert!(told.len() == 1 && told[0].starts_with("more, which main has"), "{told:?}");
}

#[test]
fn a_table_that_an_earlier_pending_change_makes_is_new() {
    let world = repository(&[("orders", ORDERS)]);
    let bills = "CREATE TABLE bills (id bigint PRIMARY KEY, price int);\n";
    let index = "CREATE INDEX bills_price ON bills (price);\nALTER TABLE bills ADD CHECK (price > 0);\n";
    planned(&world, &[("orders", ORDERS), ("bills", bills), ("bills_index", index), ("index", INDEX)]);
    let report = lint(&world, &["--base", "main"]);
    assert_eq!(report.files(), ["deploy/index.sql"], "{}", report.done.out);
    // On its own it may come to a table that is in use.
    assert!(lint(&world, &["bills_index"]).codes().contains(&"PL01".to_owned()));
}

#[test]
fn a_commit_that_git_does_not_know_is_an_error_that_helps() {
    let world = repository(&[("orders", ORDERS)]);
    let done = change(&world, &["lint", "--base", "origin/main"]);
    assert_eq!(done.status, 2, "{}", done.out);
    assert!(
        done.err.contains("git knows no commit \"origin/main\"") && done.err.contains("git fetch"),
        "{}",
        done.err
    );
}

#[test]
fn paths_in_reports_start_from_the_root_of_the_repository() {
    let world = World::new();
    world.write("db/sqitch.conf", "[core]\n\tengine = pg\n");
    git(&world, &["init", "-q"]);
    world.write("db/one.sql", INDEX);
    let done = world.run(super::support::Tool::Change, "db", &["lint", "--format", "github", "one.sql"], "");
    assert!(done.out.contains("file=db/one.sql,line=1"), "{}", done.out);
}
