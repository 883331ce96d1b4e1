//! The tables of the registry file: Sqitch's, as its version 1.1 lays them out, and our own.

use super::db::Db;
use crate::engine::registry::Dialect;
use crate::engine::{Presence, REGISTRY_VERSION};
use crate::error::{Error, Kind, Result};
use crate::plan::Person;

const RELEASES: &str = "CREATE TABLE IF NOT EXISTS releases (
    version         FLOAT       PRIMARY KEY,
    installed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    installer_name  TEXT        NOT NULL,
    installer_email TEXT        NOT NULL
)";
const PROJECTS: &str = "CREATE TABLE IF NOT EXISTS projects (
    project         TEXT        PRIMARY KEY,
    uri             TEXT            NULL UNIQUE,
    created_at      DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    creator_name    TEXT        NOT NULL,
    creator_email   TEXT        NOT NULL
)";
const CHANGES: &str = "CREATE TABLE IF NOT EXISTS changes (
    change_id       TEXT        PRIMARY KEY,
    script_hash     TEXT            NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, script_hash)
)";
const TAGS: &str = "CREATE TABLE IF NOT EXISTS tags (
    tag_id          TEXT        PRIMARY KEY,
    tag             TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    change_id       TEXT        NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, tag)
)";
const DEPENDENCIES: &str = "CREATE TABLE IF NOT EXISTS dependencies (
    change_id       TEXT        NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE,
    type            TEXT        NOT NULL,
    dependency      TEXT        NOT NULL,
    dependency_id   TEXT            NULL REFERENCES changes(change_id) ON UPDATE CASCADE
                                         CONSTRAINT dependencies_check CHECK (
            (type = 'require'  AND dependency_id IS NOT NULL)
         OR (type = 'conflict' AND dependency_id IS NULL)
    ),
    PRIMARY KEY (change_id, dependency)
)";
const EVENTS: &str = "CREATE TABLE IF NOT EXISTS events (
    event           TEXT        NOT NULL CONSTRAINT events_event_check CHECK (
        event IN ('deploy', 'revert', 'fail', 'merge')
    ),
    change_id       TEXT        NOT NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    requires        TEXT        NOT NULL DEFAULT '',
    conflicts       TEXT        NOT NULL DEFAULT '',
    tags            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    PRIMARY KEY (change_id, committed_at)
)";
/// Sqitch's six tables.
const SQITCH: [(&str, &str); 6] = [
    ("releases", RELEASES),
    ("projects", PROJECTS),
    ("changes", CHANGES),
    ("tags", TAGS),
    ("dependencies", DEPENDENCIES),
    ("events", EVENTS),
];
/// The journal: runs, and the steps they took.
const JOURNAL: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS change_runs (
    run_id          INTEGER     PRIMARY KEY,
    command         TEXT        NOT NULL,
    project         TEXT        NOT NULL,
    target          TEXT        NOT NULL,
    started_at      TEXT        NOT NULL,
    ended_at        TEXT,
    outcome         TEXT,
    tool_version    TEXT        NOT NULL,
    user_name       TEXT        NOT NULL,
    user_email      TEXT        NOT NULL,
    login           TEXT        NOT NULL,
    host            TEXT        NOT NULL,
    pid             INTEGER     NOT NULL,
    git_commit      TEXT
)",
    "CREATE TABLE IF NOT EXISTS change_steps (
    step_id         INTEGER     PRIMARY KEY,
    run_id          INTEGER     NOT NULL,
    project         TEXT        NOT NULL,
    change_id       TEXT        NOT NULL,
    change          TEXT        NOT NULL,
    direction       TEXT        NOT NULL CHECK (direction IN ('deploy', 'revert')),
    mode            TEXT        NOT NULL CHECK (mode IN ('atomic', 'stepwise', 'log-only')),
    state           TEXT        NOT NULL CHECK (state IN ('running', 'stopped', 'failed', 'done', 'settled')),
    started_at      TEXT        NOT NULL,
    ended_at        TEXT,
    duration_ms     INTEGER,
    units_total     INTEGER     NOT NULL DEFAULT 0,
    units_done      INTEGER     NOT NULL DEFAULT 0,
    unit_begun      INTEGER     NOT NULL DEFAULT 0,
    units           TEXT,
    script          TEXT,
    line            INTEGER,
    statement       TEXT,
    error           TEXT,
    recorded_at     TEXT,
    deploy_sha256   TEXT,
    verify_sha256   TEXT,
    revert_sha256   TEXT,
    attempts        INTEGER      NOT NULL DEFAULT 1,
    waited_ms       INTEGER      NOT NULL DEFAULT 0,
    others_waited_ms INTEGER     NOT NULL DEFAULT 0,
    blockers        TEXT
)",
    "CREATE TABLE IF NOT EXISTS change_databases (
    project         TEXT        PRIMARY KEY,
    database        TEXT        NOT NULL
)",
    "CREATE INDEX IF NOT EXISTS change_steps_open ON change_steps (project) WHERE state IN ('running', 'stopped')",
];

/// The tables of the file, as a test of what is there.
fn tables(db: &Db) -> Result<Vec<String>> {
    db.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table'", [], |row| row.get(0))
}

/// Whether the file holds a registry, and which version.
pub(super) fn presence(db: &Db) -> Result<Presence> {
    let there = tables(db)?;
    let has = |name: &str| there.iter().any(|table| table.eq_ignore_ascii_case(name));
    let count = SQITCH.iter().filter(|(name, _)| has(name)).count();
    // An application may well have tables called tags or events in a shared file; `changes` is
    // what Sqitch itself looks for.
    if !has("changes") {
        let ours = has("releases") && has("projects");
        return Ok(if ours { Presence::HalfMade } else { Presence::Missing });
    }
    if !has("releases") {
        return Ok(if count == SQITCH.len() - 1 { Presence::Version(0.0) } else { Presence::HalfMade });
    }
    let version: Option<f64> = db.value("SELECT MAX(version) FROM main.releases", [])?.flatten();
    match version {
        Some(version) if count == SQITCH.len() => Ok(Presence::Version(version)),
        _ => Ok(Presence::HalfMade),
    }
}

/// Whether our own tables are there.
pub(super) fn has_journal(db: &Db) -> Result<bool> {
    let there = tables(db)?;
    Ok(["change_runs", "change_steps"].iter().all(|name| there.iter().any(|table| table == name)))
}

/// Whether it is noted which database a project's records are about.
pub(super) fn has_databases(db: &Db) -> Result<bool> {
    Ok(tables(db)?.iter().any(|table| table == "change_databases"))
}

/// Makes what is missing, in one transaction, its release included.
pub(super) fn create(db: &Db, who: &Person, now: &str) -> Result<()> {
    db.transaction(|db| {
        for (_, sql) in SQITCH {
            db.batch(sql)?;
        }
        if db.value::<f64>("SELECT version FROM main.releases", [])?.is_none() {
            insert_release(db, REGISTRY_VERSION, who, now)?;
        }
        create_journal_tables(db)
    })
}

/// Adds our own tables to a registry that Sqitch made.
pub(super) fn create_journal(db: &Db) -> Result<()> {
    db.transaction(create_journal_tables)
}

fn create_journal_tables(db: &Db) -> Result<()> {
    JOURNAL.iter().try_for_each(|sql| db.batch(sql))
}

fn insert_release(db: &Db, version: f64, who: &Person, now: &str) -> Result<()> {
    let sql = "INSERT INTO main.releases (version, installed_at, installer_name, installer_email) VALUES (?1, ?2, ?3, ?4)";
    db.run(sql, rusqlite::params![version, now, who.name, who.email]).map(|_| ())
}

/// Brings an older registry to version 1.1, in one transaction. Every version on the way gets its
/// release, as Sqitch writes them.
pub(super) fn upgrade(db: &Db, from: f64, who: &Person, now: &str) -> Result<()> {
    // Dropping a table that others point to must not touch their rows.
    db.batch("PRAGMA foreign_keys = OFF")?;
    let done = db.transaction(|db| {
        if from < 1.0 {
            db.batch(RELEASES)?;
            // Before 1.0 there were no script hashes; Sqitch puts the change's id there and
            // replaces it by the hash at the next deployment.
            rebuild(db, "changes", CHANGES, "change_id, change_id, change, project, note, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email")?;
            rebuild(db, "events", EVENTS, "event, change_id, change, project, note, requires, conflicts, tags, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email")?;
            insert_release(db, 1.0, who, now)?;
        } else {
            rebuild(db, "changes", CHANGES, "change_id, script_hash, change, project, note, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email")?;
        }
        insert_release(db, REGISTRY_VERSION, who, now)?;
        create_journal_tables(db)
    });
    db.batch("PRAGMA foreign_keys = ON")?;
    done
}

fn rebuild(db: &Db, table: &str, create: &str, columns: &str) -> Result<()> {
    let dialect = Dialect { prefix: "main.".to_owned() };
    db.batch(&create.replacen(&format!("IF NOT EXISTS {table}"), &format!("new_{table}"), 1))?;
    db.batch(&dialect.fill(&format!("INSERT INTO {{r}}new_{table} SELECT {columns} FROM {{r}}{table}")))?;
    db.batch(&dialect.fill(&format!("DROP TABLE {{r}}{table}")))?;
    db.batch(&format!("ALTER TABLE main.new_{table} RENAME TO {table}"))
}

/// Refuses a registry that is newer than this program knows.
pub(super) fn check_version(version: f64, registry: &str) -> Result<()> {
    if version <= REGISTRY_VERSION {
        return Ok(());
    }
    Err(Error::new(
        Kind::Database,
        "registry.newer",
        format!("Registry version is {version} but {REGISTRY_VERSION} is the latest known ({registry})"),
    )
    .hint("use a newer version of this program, or of Sqitch, with this registry"))
}
