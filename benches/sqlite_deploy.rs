//! Deploying to SQLite, against a minimal loop over the driver that does the same work.
//!
//! The floor is this program itself, run again as a process of its own: it reads the same scripts,
//! runs the same statements, verifies, and writes Sqitch's rows into an attached registry, one
//! commit for each change. Nothing else: no plan, no checks, no journal.
//!
//! There are two floors. The guarded one verifies in a savepoint that it rolls back, after which
//! SQLite reads the whole schema again; the bare one trusts that verify scripts only read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use rusqlite::{Connection, params};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;
use support::{
    Cost, MEBIBYTE, Project, Report, change, cost, mebibytes, milliseconds, name, peak_memory, times,
};

const CHANGES: usize = 1000;
const ROUNDS: usize = 7;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let [_, role, folder] = words.as_slice()
        && let Some(floor) = [Floor::Bare, Floor::Guarded].into_iter().find(|floor| floor.word() == role)
    {
        run_floor(Path::new(folder), floor).unwrap();
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    against_the_floor(&mut report);
    memory(&mut report);
    report.finish()
}

#[derive(Clone, Copy, PartialEq)]
enum Floor {
    Bare,
    Guarded,
}

impl Floor {
    fn word(self) -> &'static str {
        match self {
            Floor::Bare => "bare floor",
            Floor::Guarded => "guarded floor",
        }
    }
}

fn against_the_floor(report: &mut Report) {
    let project = Project::written(CHANGES);
    let (mut tool, mut bare, mut guarded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(deploy(&project, &mut floor_command(&project, Floor::Bare)));
        tool.push(deploy(&project, &mut change(project.folder(), &["deploy"])));
        guarded.push(deploy(&project, &mut floor_command(&project, Floor::Guarded)));
    }
    check_same_rows(&project);
    let tool = Cost::median(&tool);
    let show = |cost: Cost| {
        let (cpu, wall) = (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
        format!("{} CPU, {} wall", milliseconds(cpu), milliseconds(wall))
    };
    report.note("deploy of 1 000 changes", show(tool));
    for (floor, costs) in [(Floor::Bare, bare), (Floor::Guarded, guarded)] {
        let (word, floor) = (floor.word(), Cost::median(&costs));
        report.note(word, show(floor));
        let of = |tool: Duration, floor: Duration| tool.as_secs_f64() / floor.as_secs_f64();
        report.at_most(&format!("CPU, of the {word}'s"), of(tool.cpu, floor.cpu), 1.3, times);
        report.at_most(&format!("wall time, of the {word}'s"), of(tool.wall, floor.wall), 1.15, times);
    }
}

fn deploy(project: &Project, command: &mut Command) -> Cost {
    project.forget_databases();
    cost(command)
}

fn floor_command(project: &Project, floor: Floor) -> Command {
    let mut command = support::command(std::env::current_exe().unwrap(), project.folder());
    command.arg(floor.word()).arg(project.folder());
    command
}

fn memory(report: &mut Report) {
    let project = Project::written(5000);
    let peak = peak_memory(&mut change(project.folder(), &["deploy"]));
    report.at_most("deploy of 5 000 changes, peak memory", peak as f64, 20.0 * MEBIBYTE, mebibytes);
}

/// Both ways must have done the same work, or the comparison is worth nothing.
fn check_same_rows(project: &Project) {
    let counts = || {
        let rows = |file: &str, query: &str| -> i64 {
            let conn = Connection::open(project.path(file)).unwrap();
            conn.query_row(query, [], |row| row.get(0)).unwrap()
        };
        let registry = |table: &str| rows("sqitch.db", &format!("SELECT count(*) FROM {table}"));
        let tables = rows("app.db", "SELECT count(*) FROM sqlite_schema");
        [tables, registry("changes"), registry("dependencies"), registry("tags"), registry("events")]
    };
    deploy(project, &mut floor_command(project, Floor::Bare));
    let floor = counts();
    deploy(project, &mut change(project.folder(), &["deploy"]));
    assert_eq!(floor, counts(), "objects, changes, dependencies, tags, events");
}

const REGISTRY: &str = "
CREATE TABLE r.projects (project TEXT PRIMARY KEY, uri TEXT UNIQUE, created_at DATETIME NOT NULL,
    creator_name TEXT NOT NULL, creator_email TEXT NOT NULL);
CREATE TABLE r.changes (change_id TEXT PRIMARY KEY, script_hash TEXT, change TEXT NOT NULL,
    project TEXT NOT NULL REFERENCES projects(project), note TEXT NOT NULL, committed_at DATETIME NOT NULL,
    committer_name TEXT NOT NULL, committer_email TEXT NOT NULL, planned_at DATETIME NOT NULL,
    planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE (project, script_hash));
CREATE TABLE r.tags (tag_id TEXT PRIMARY KEY, tag TEXT NOT NULL, project TEXT NOT NULL, change_id TEXT NOT NULL,
    note TEXT NOT NULL, committed_at DATETIME NOT NULL, committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at DATETIME NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL, UNIQUE (project, tag));
CREATE TABLE r.dependencies (change_id TEXT NOT NULL, type TEXT NOT NULL, dependency TEXT NOT NULL,
    dependency_id TEXT, PRIMARY KEY (change_id, dependency));
CREATE TABLE r.events (event TEXT NOT NULL, change_id TEXT NOT NULL, change TEXT NOT NULL, project TEXT NOT NULL,
    note TEXT NOT NULL, requires TEXT NOT NULL, conflicts TEXT NOT NULL, tags TEXT NOT NULL,
    committed_at DATETIME NOT NULL, committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at DATETIME NOT NULL, planner_name TEXT NOT NULL, planner_email TEXT NOT NULL,
    PRIMARY KEY (change_id, committed_at));
INSERT INTO r.projects VALUES ('bench', NULL, '2026-01-05 10:00:00', 'Bench Mark', 'bench@example.org');
";

const WHO: (&str, &str) = ("Bench Mark", "bench@example.org");
const PLANNED: &str = "2026-01-05 10:00:00";

/// The minimal loop.
fn run_floor(folder: &Path, floor: Floor) -> rusqlite::Result<()> {
    let conn = Connection::open(folder.join("app.db"))?;
    conn.execute("ATTACH ?1 AS r", [folder.join("sqitch.db").to_str()])?;
    conn.execute_batch("PRAGMA main.synchronous = FULL; PRAGMA r.synchronous = FULL")?;
    conn.execute_batch(REGISTRY)?;
    for number in 0..CHANGES {
        let name = name(number);
        let read = |kind: &str| std::fs::read_to_string(folder.join(format!("{kind}/{name}.sql"))).unwrap();
        conn.execute_batch("BEGIN IMMEDIATE")?;
        conn.execute_batch(body(&read("deploy"), "COMMIT;"))?;
        if floor == Floor::Guarded {
            conn.execute_batch("SAVEPOINT v")?;
        }
        conn.execute_batch(body(&read("verify"), "ROLLBACK;"))?;
        if floor == Floor::Guarded {
            conn.execute_batch("ROLLBACK TO v; RELEASE v")?;
        }
        record(&conn, number, &name)?;
        conn.execute_batch("COMMIT")?;
    }
    Ok(())
}

/// What stands between the first and the last statement of a script.
fn body<'t>(script: &'t str, end: &str) -> &'t str {
    let start = script.find("BEGIN;").unwrap() + "BEGIN;".len();
    &script[start..script.rfind(end).unwrap()]
}

fn record(conn: &Connection, number: usize, name: &str) -> rusqlite::Result<()> {
    let id = |number: usize| format!("{number:040x}");
    let (change, at) =
        (id(number), format!("2026-01-05 10:{:02}:{:02}.{:03}", number / 600 % 60, number / 10 % 60, number));
    let note = format!("Table number {number}.");
    conn.prepare_cached("INSERT INTO r.changes VALUES (?1, ?1, ?2, 'bench', ?3, ?4, ?5, ?6, ?7, ?5, ?6)")?
        .execute(params![change, name, note, at, WHO.0, WHO.1, PLANNED])?;
    let required = number.checked_sub(1).map(|before| (support::name(before), id(before)));
    if let Some((required, required_id)) = &required {
        conn.prepare_cached("INSERT INTO r.dependencies VALUES (?1, 'require', ?2, ?3)")?
            .execute(params![change, required, required_id])?;
    }
    let tag = if number % 10 == 9 { format!("@v{number}") } else { String::new() };
    if !tag.is_empty() {
        conn.prepare_cached(
            "INSERT INTO r.tags VALUES (?1, ?2, 'bench', ?1, 'Ten more.', ?3, ?4, ?5, ?6, ?4, ?5)",
        )?
        .execute(params![change, tag, at, WHO.0, WHO.1, PLANNED])?;
    }
    conn.prepare_cached(
        "INSERT INTO r.events VALUES ('deploy', ?1, ?2, 'bench', ?3, ?4, '', ?5, ?6, ?7, ?8, ?9, ?7, ?8)",
    )?
    .execute(params![
        change,
        name,
        note,
        required.map(|one| one.0).unwrap_or_default(),
        tag,
        at,
        WHO.0,
        WHO.1,
        PLANNED
    ])?;
    Ok(())
}
