//! `change lint`, `explain`, `review`, `checklist` and the gate in `deploy`, as who types them meets them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod accepted;
mod configured;
mod cut;
mod facts;
mod formats;
mod gate;
mod git;
mod inside;
mod mend;
mod scope;
#[path = "../support/postgres.rs"]
mod server;
#[allow(dead_code)] // Parts of it are about Sqitch.
#[path = "../support/mod.rs"]
mod support;
mod told;

use serde_json::Value;
use support::{Done, Tool, World};

/// Two old tables, as a first change makes them.
pub(crate) const ORDERS: &str = "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
     note text, price int);\nCREATE TABLE people (id bigint PRIMARY KEY, name text);\n";

/// What keeps writers waiting.
pub(crate) const INDEX: &str = "CREATE INDEX orders_note ON orders (note);\n";

/// A project for PostgreSQL with these changes, in this order: name and deploy script.
pub(crate) fn shop(changes: &[(&str, &str)]) -> World {
    let world = World::new();
    world.write("sqitch.conf", "[core]\n\tengine = pg\n");
    planned(&world, changes);
    world
}

/// The same for SQLite, which deploys to `app.db`.
pub(crate) fn small_shop(changes: &[(&str, &str)]) -> World {
    let world = World::with_plan("");
    planned(&world, changes);
    world
}

/// Writes a plan of these changes, and their scripts. Each can be reverted, in name.
pub(crate) fn planned(world: &World, changes: &[(&str, &str)]) {
    let mut plan = "%syntax-version=1.0.0\n%project=shop\n\n".to_owned();
    for (minute, (name, deploy)) in changes.iter().enumerate() {
        let (name, tag) = name.split_once('@').unwrap_or((name, ""));
        let planner = "Vera Tester <vera@example.org>";
        plan += &format!("{name} 2024-01-01T00:{minute:02}:00Z {planner} # It is {name}\n");
        if !tag.is_empty() {
            plan += &format!("@{tag} 2024-01-01T00:{minute:02}:30Z {planner} # Released\n");
        }
        world.write(&format!("deploy/{name}.sql"), deploy);
        world.write(&format!("verify/{name}.sql"), "SELECT 1;\n");
        let revert = "-- change: revert=nothing because \"it is a test\"\n";
        world.write(&format!("revert/{name}.sql"), revert);
    }
    world.write("sqitch.plan", &plan);
}

/// Runs `change` with these words, of which each may hold blanks.
pub(crate) fn change(world: &World, words: &[&str]) -> Done {
    world.run(Tool::Change, "", words, "")
}

/// What was found, as a machine reads it.
pub(crate) struct Report {
    pub(crate) done: Done,
    pub(crate) json: Value,
}

impl Report {
    /// Code, severity and file of each finding that is not accepted and no advice.
    pub(crate) fn grave(&self) -> Vec<(String, String, String)> {
        let of = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let open = self.findings().filter(|own| own["accepted"].is_null() && own["severity"] != "advice");
        open.map(|own| (of(own, "code"), of(own, "severity"), of(own, "file"))).collect()
    }

    /// The codes of the same.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.grave().into_iter().map(|(code, ..)| code).collect()
    }

    /// The files that they are in, each once.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.grave().into_iter().map(|(_, _, file)| file).collect();
        files.dedup();
        files
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Value> {
        self.json["findings"].as_array().unwrap().iter()
    }

    /// The finding of a rule.
    #[track_caller]
    pub(crate) fn finding(&self, code: &str) -> &Value {
        self.findings().find(|own| own["code"] == code).unwrap_or_else(|| panic!("no {code}: {}", self.json))
    }

    pub(crate) fn notes(&self) -> String {
        let notes = self.json["notes"].as_array().unwrap().iter();
        notes.map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    }
}

/// `change lint` with these words besides.
#[track_caller]
pub(crate) fn lint(world: &World, words: &[&str]) -> Report {
    let done = change(world, &[&["lint", "--format", "json"], words].concat());
    let json =
        serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {} {}", done.out, done.err));
    Report { done, json }
}
