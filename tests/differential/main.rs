//! Scenarios that are played with the real Sqitch and with `change`, step by step, on each engine:
//! same exit status, same words, same plan and files, same rows in the registry, same schema. Then once
//! more by both in turns on one database, which must come out the same again.
//!
//! `SCENARIO=12 cargo test --test differential` plays one of them.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "../support/mysql.rs"]
mod maria;
#[path = "../support/place.rs"]
mod place;
mod play;
#[path = "../support/postgres.rs"]
mod postgres;
mod script;
#[allow(dead_code)] // Parts of it are about SQLite.
#[path = "../support/mod.rs"]
mod support;

use place::Engine;
use script::Scenario;

/// Plays every scenario of a half (even or odd numbers) that is meant for the engine.
fn play_all(engine: Engine, half: usize) {
    let only = std::env::var("SCENARIO").ok();
    let mut wrong = Vec::new();
    let mut played = 0;
    for scenario in Scenario::all() {
        let wanted = only.as_ref().is_none_or(|only| scenario.name.starts_with(only));
        if !wanted || scenario.number % 2 != half || !scenario.engines.contains(&engine) {
            continue;
        }
        played += 1;
        if let Err(story) = play::play(&scenario, engine) {
            wrong.push(story);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {played} scenarios differ on {engine:?}:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(only.is_some() || played > 5, "only {played} scenarios were found");
    println!("{played} scenarios are equal on {engine:?}");
}

#[test]
fn even_scenarios_on_sqlite() {
    play_all(Engine::Sqlite, 0);
}

#[test]
fn odd_scenarios_on_sqlite() {
    play_all(Engine::Sqlite, 1);
}

#[test]
fn even_scenarios_on_postgresql() {
    play_all(Engine::Postgres, 0);
}

#[test]
fn odd_scenarios_on_postgresql() {
    play_all(Engine::Postgres, 1);
}

#[test]
fn even_scenarios_on_mariadb() {
    play_all(Engine::Mysql, 0);
}

#[test]
fn odd_scenarios_on_mariadb() {
    play_all(Engine::Mysql, 1);
}

/// Every difference that a scenario allows is explained where users look for it.
#[test]
fn every_difference_is_documented() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sqitch.md")).unwrap();
    for scenario in Scenario::all() {
        for anchor in scenario.differences() {
            assert!(
                page.contains(&format!("<a id=\"{anchor}\"></a>")),
                "{}: docs/sqitch.md has no \"{anchor}\"",
                scenario.name
            );
        }
    }
}
