//! Deploying to PostgreSQL, against a minimal program that sends the same SQL over one connection,
//! with one commit and Sqitch's rows for each change.
//!
//! The floor is this program itself, run again as a process of its own, on the `postgres` client:
//! it reads the same scripts, runs body and verify script in one transaction, and inserts the rows by
//! prepared statements. Nothing else: no plan, no checks, no journal, nothing rolled back.
//!
//! What the server costs is counted too: the processor time of all its sessions, which have ended
//! when it is read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "../tests/support/postgres.rs"]
mod server;
mod support;

use server::{Database, Server};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;
use support::{
    Cost, MEBIBYTE, Project, Report, change, cost, mebibytes, milliseconds, name, peak_memory, times,
};

const CHANGES: usize = 1000;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let [_, role, folder, host, port, database, verify] = words.as_slice()
        && role == "floor"
    {
        run_floor(Path::new(folder), host, port, database, verify == "verify");
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    let server = Server::start(&[("fsync", "on"), ("shared_buffers", "128MB")]);
    against_the_floor(&mut report, &server, true);
    against_the_floor(&mut report, &server, false);
    nothing_to_do(&mut report, &server);
    memory(&mut report, &server);
    report.finish()
}

/// The processor time of the server and of all its sessions that have ended.
fn server_time(server: &Server) -> Duration {
    let admin = server.existing(server::ADMIN);
    while admin.psql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") != "1" {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(20));
    let pid = std::fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.lines().next().unwrap())).unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    let ticks: u64 = (11..15).map(|at| fields[at].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// Client and server together.
fn both(server: &Server, command: &mut Command) -> Cost {
    let before = server_time(server);
    let client = cost(command);
    Cost { cpu: client.cpu + (server_time(server) - before), wall: client.wall }
}

fn against_the_floor(report: &mut Report, server: &Server, verify: bool) {
    let project = Project::written(CHANGES);
    let (mut tool, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let database = server.database();
        floor.push(both(server, &mut floor_command(&project, &database, verify)));
        let rows = counts(&database);
        let database = server.database();
        tool.push(both(server, &mut deploy(&project, &database, verify)));
        assert_eq!(counts(&database), rows, "the same work");
    }
    let (tool, floor) = (Cost::median(&tool), Cost::median(&floor));
    let show = |cost: Cost| {
        let (cpu, wall) = (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
        format!("{} CPU, {} wall", milliseconds(cpu), milliseconds(wall))
    };
    let how = if verify { "verified" } else { "not verified" };
    report.note(&format!("deploy of 1 000 changes, {how}"), show(tool));
    report.note("floor", show(floor));
    let of = |tool: Duration, floor: Duration| tool.as_secs_f64() / floor.as_secs_f64();
    report.at_most("CPU of client and server, of the floor's", of(tool.cpu, floor.cpu), 1.3, times);
    report.at_most("wall time, of the floor's", of(tool.wall, floor.wall), 1.15, times);
}

fn deploy(project: &Project, database: &Database, verify: bool) -> Command {
    let verify = if verify { "--verify" } else { "--no-verify" };
    change(project.folder(), &["deploy", verify, "--target", &database.uri])
}

fn floor_command(project: &Project, database: &Database, verify: bool) -> Command {
    let mut command = support::command(std::env::current_exe().unwrap(), project.folder());
    let verify = if verify { "verify" } else { "" };
    command.arg("floor").arg(project.folder()).arg(&database.folder);
    command.args([&database.port.to_string(), &database.name, verify]);
    command
}

fn counts(database: &Database) -> String {
    database.psql(
        "SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'), (SELECT count(*) FROM sqitch.changes), \
         (SELECT count(*) FROM sqitch.dependencies), (SELECT count(*) FROM sqitch.tags), (SELECT count(*) FROM sqitch.events)",
    )
}

fn nothing_to_do(report: &mut Report, server: &Server) {
    let project = Project::planned(5000);
    let database = server.database();
    support::run(&mut change(project.folder(), &["config", "policy.way_back", "off"]));
    let uri = &database.uri;
    support::run(&mut change(project.folder(), &["deploy", "--log-only", "--no-verify", "--target", uri]));
    for word in ["status", "deploy"] {
        let spent = support::average(20, || change(project.folder(), &[word, "--target", uri]));
        report.at_most(
            &format!("{word}, 5 000 changes deployed, CPU"),
            spent.cpu.as_secs_f64(),
            0.010,
            milliseconds,
        );
    }
}

fn memory(report: &mut Report, server: &Server) {
    let project = Project::written(5000);
    let peak = peak_memory(&mut deploy(&project, &server.database(), true));
    report.at_most("deploy of 5 000 changes, peak memory", peak as f64, 20.0 * MEBIBYTE, mebibytes);
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

/// The minimal program.
fn run_floor(folder: &Path, host: &str, port: &str, database: &str, verify: bool) {
    let settings = format!("host={host} port={port} dbname={database} user={}", server::ADMIN);
    let mut client = postgres::Client::connect(&settings, postgres::NoTls).unwrap();
    client.batch_execute(REGISTRY).unwrap();
    let who = "'Bench Mark', 'bench@example.org', '2026-01-05 10:00:00', 'Bench Mark', 'bench@example.org'";
    let mut prepare = |sql: String| client.prepare(&sql).unwrap();
    let change = prepare(format!(
        "INSERT INTO sqitch.changes VALUES ($1, $1, $2, 'bench', $3, clock_timestamp(), {who})"
    ));
    let dependency = prepare("INSERT INTO sqitch.dependencies VALUES ($1, 'require', $2, $3)".to_owned());
    let tag = prepare(format!(
        "INSERT INTO sqitch.tags VALUES ($1, $2, 'bench', $1, 'Ten more.', clock_timestamp(), {who})"
    ));
    let event = prepare(format!(
        "INSERT INTO sqitch.events VALUES ('deploy', $1, $2, 'bench', $3, $4, '{{}}', $5, clock_timestamp(), {who})"
    ));
    let id = |number: usize| format!("{number:040x}");
    for number in 0..CHANGES {
        let name = name(number);
        let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{kind}/{name}.sql"))).unwrap();
        let mut transaction = client.transaction().unwrap();
        transaction.batch_execute(body(&read("deploy"), "COMMIT;")).unwrap();
        if verify {
            transaction.batch_execute(body(&read("verify"), "ROLLBACK;")).unwrap();
        }
        let note = format!("Table number {number}.");
        transaction.execute(&change, &[&id(number), &name, &note]).unwrap();
        let before: Vec<String> = number.checked_sub(1).map(support::name).into_iter().collect();
        if let Some(required) = before.first() {
            transaction.execute(&dependency, &[&id(number), required, &id(number - 1)]).unwrap();
        }
        let tags: Vec<String> = if number % 10 == 9 { vec![format!("@v{number}")] } else { Vec::new() };
        if let Some(label) = tags.first() {
            transaction.execute(&tag, &[&id(number), label]).unwrap();
        }
        transaction.execute(&event, &[&id(number), &name, &note, &before, &tags]).unwrap();
        transaction.commit().unwrap();
    }
}

/// What stands between the first and the last statement of a script.
fn body<'t>(script: &'t str, end: &str) -> &'t str {
    let start = script.find("BEGIN;").unwrap() + "BEGIN;".len();
    &script[start..script.rfind(end).unwrap()]
}
