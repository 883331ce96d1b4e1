//! The floor: a minimal program that sends the same SQL over one connection, with one commit and
//! Sqitch's rows for each change.
//!
//! It is the benchmark itself, run again as a process of its own, on the `postgres` client: it reads
//! the same scripts, runs those of a change in one transaction, and writes the rows by prepared
//! statements. Nothing else: no plan, no checks, no journal, nothing rolled back but what verifies.

#![allow(dead_code, unreachable_pub)] // Every benchmark uses a part of it.

use crate::server::{self, Database};
use crate::support::{self, Project, name};
use postgres::{Client, NoTls};
use std::path::Path;
use std::process::Command;

/// What it is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Deploys everything.
    Deploy,
    /// Deploys everything, and verifies each change before its commit.
    Verified,
    /// Reverts everything.
    Revert,
    /// Verifies everything, each change in a transaction of its own.
    Verify,
}

const WORK: [(&str, Work); 4] = [
    ("deploy", Work::Deploy),
    ("verified", Work::Verified),
    ("revert", Work::Revert),
    ("verify", Work::Verify),
];

/// This program as the floor.
pub fn command(work: Work, project: &Project, count: usize, database: &Database) -> Command {
    let mut command = support::command(std::env::current_exe().unwrap(), project.folder());
    let word = WORK.iter().find(|(_, known)| *known == work).map(|(word, _)| *word).unwrap();
    command.args(["floor", word, &count.to_string()]);
    command.arg(project.folder()).arg(&database.folder);
    command.args([&database.port.to_string(), &database.name]);
    command
}

/// Whether this process was started as the floor; then it has done its work.
pub fn was_it() -> bool {
    let words: Vec<String> = std::env::args().collect();
    let [_, role, work, count, folder, host, port, database] = words.as_slice() else { return false };
    if role != "floor" {
        return false;
    }
    let settings = format!("host={host} port={port} dbname={database} user={}", server::ADMIN);
    let client = Client::connect(&settings, NoTls).unwrap();
    let (folder, count) = (Path::new(folder), count.parse().unwrap());
    match WORK.iter().find(|(word, _)| word == work).unwrap().1 {
        Work::Deploy => deploy(client, folder, count, false),
        Work::Verified => deploy(client, folder, count, true),
        Work::Revert => revert(client, folder, count),
        Work::Verify => verify(client, folder, count),
    }
    true
}

const WHO: &str =
    "'Bench Mark', 'bench@example.org', '2026-01-05 10:00:00', 'Bench Mark', 'bench@example.org'";

fn event(kind: &str) -> String {
    format!(
        "INSERT INTO sqitch.events VALUES ('{kind}', $1, $2, 'bench', $3, $4, '{{}}', $5, clock_timestamp(), {WHO})"
    )
}

fn deploy(mut client: Client, folder: &Path, count: usize, verify: bool) {
    client.batch_execute(REGISTRY).unwrap();
    let mut prepare = |sql: String| client.prepare(&sql).unwrap();
    let change = prepare(format!(
        "INSERT INTO sqitch.changes VALUES ($1, $1, $2, 'bench', $3, clock_timestamp(), {WHO})"
    ));
    let dependency = prepare("INSERT INTO sqitch.dependencies VALUES ($1, 'require', $2, $3)".to_owned());
    let tag = prepare(format!(
        "INSERT INTO sqitch.tags VALUES ($1, $2, 'bench', $1, 'Ten more.', clock_timestamp(), {WHO})"
    ));
    let event = prepare(event("deploy"));
    for number in 0..count {
        let Row { id, name, note, before, tags } = Row::of(number);
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(&body(folder, "deploy", &name, "COMMIT;")).unwrap();
        if verify {
            transaction.batch_execute(&body(folder, "verify", &name, "ROLLBACK;")).unwrap();
        }
        transaction.execute(&change, &[&id, &name, &note]).unwrap();
        if let Some(required) = before.first() {
            transaction.execute(&dependency, &[&id, required, &identity(number - 1)]).unwrap();
        }
        if let Some(label) = tags.first() {
            transaction.execute(&tag, &[&id, label]).unwrap();
        }
        transaction.execute(&event, &[&id, &name, &note, &before, &tags]).unwrap();
        transaction.commit().unwrap();
    }
}

fn revert(mut client: Client, folder: &Path, count: usize) {
    let tables = ["tags", "dependencies", "changes"];
    let deletes = tables
        .map(|table| client.prepare(&format!("DELETE FROM sqitch.{table} WHERE change_id = $1")).unwrap());
    let event = client.prepare(&event("revert")).unwrap();
    for number in (0..count).rev() {
        let Row { id, name, note, before, tags } = Row::of(number);
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(&body(folder, "revert", &name, "COMMIT;")).unwrap();
        for delete in &deletes {
            transaction.execute(delete, &[&id]).unwrap();
        }
        transaction.execute(&event, &[&id, &name, &note, &before, &tags]).unwrap();
        transaction.commit().unwrap();
    }
}

fn verify(mut client: Client, folder: &Path, count: usize) {
    for number in 0..count {
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(&body(folder, "verify", &name(number), "ROLLBACK;")).unwrap();
        transaction.rollback().unwrap();
    }
}

/// What the rows of a change hold.
struct Row {
    id: String,
    name: String,
    note: String,
    before: Vec<String>,
    tags: Vec<String>,
}

impl Row {
    fn of(number: usize) -> Row {
        Row {
            id: identity(number),
            name: name(number),
            note: format!("Table number {number}."),
            before: number.checked_sub(1).map(name).into_iter().collect(),
            tags: if number % 10 == 9 { vec![format!("@v{number}")] } else { Vec::new() },
        }
    }
}

fn identity(number: usize) -> String {
    format!("{number:040x}")
}

/// What stands between the first and the last statement of a script.
fn body(folder: &Path, kind: &str, name: &str, end: &str) -> String {
    let script = std::fs::read_to_string(folder.join(format!("{kind}/{name}.sql"))).unwrap();
    let start = script.find("BEGIN;").unwrap() + "BEGIN;".len();
    script[start..script.rfind(end).unwrap()].to_owned()
}

const REGISTRY: &str = "
CREATE SCHEMA sqitch; SET search_path = sqitch;
CREATE TABLE projects (project TEXT PRIMARY KEY, uri TEXT UNIQUE, created_at TIMESTAMPTZ NOT NULL, creator_name TEXT NOT NULL,
    creator_email TEXT NOT NULL);
CREATE TABLE changes (change_id TEXT PRIMARY KEY, script_hash TEXT, change TEXT NOT NULL,
    project TEXT NOT NULL REFERENCES projects(project) ON UPDATE CASCADE, note TEXT NOT NULL DEFAULT '',
    committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at TIMESTAMPTZ NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE (project, script_hash));
CREATE TABLE tags (tag_id TEXT PRIMARY KEY, tag TEXT NOT NULL, project TEXT NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    change_id TEXT NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE, note TEXT NOT NULL DEFAULT '',
    committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at TIMESTAMPTZ NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE (project, tag));
CREATE TABLE dependencies (change_id TEXT NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE, type TEXT NOT NULL,
    dependency TEXT NOT NULL, dependency_id TEXT REFERENCES changes(change_id) ON UPDATE CASCADE, PRIMARY KEY (change_id, dependency));
CREATE TABLE events (event TEXT NOT NULL, change_id TEXT NOT NULL, change TEXT NOT NULL,
    project TEXT NOT NULL REFERENCES projects(project) ON UPDATE CASCADE, note TEXT NOT NULL DEFAULT '',
    requires TEXT[] NOT NULL DEFAULT '{}', conflicts TEXT[] NOT NULL DEFAULT '{}', tags TEXT[] NOT NULL DEFAULT '{}',
    committed_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at TIMESTAMPTZ NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, PRIMARY KEY (change_id, committed_at));
INSERT INTO projects VALUES ('bench', NULL, now(), 'Bench Mark', 'bench@example.org');
RESET search_path";
