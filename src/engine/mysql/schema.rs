//! The registry's tables in MySQL: Sqitch's, as version 1.1 lays them out, and our own beside.

use super::db::{Db, quoted};
use crate::engine::registry::Value;
use crate::engine::{Presence, REGISTRY_VERSION};
use crate::error::{Error, Kind, Result};
use crate::plan::Person;

/// What Sqitch asks of each table.
const TABLE: &str = " ENGINE InnoDB, CHARACTER SET 'utf8'";

const RELEASES: &str = "
    version         FLOAT(4, 1)  PRIMARY KEY,
    installed_at    DATETIME(6)  NOT NULL,
    installer_name  VARCHAR(255) NOT NULL,
    installer_email VARCHAR(255) NOT NULL";
const PROJECTS: &str = "
    project         VARCHAR(255) PRIMARY KEY,
    uri             VARCHAR(255) NULL UNIQUE,
    created_at      DATETIME(6)  NOT NULL,
    creator_name    VARCHAR(255) NOT NULL,
    creator_email   VARCHAR(255) NOT NULL";
const CHANGES: &str = "
    change_id       VARCHAR(40)  PRIMARY KEY,
    script_hash     VARCHAR(40)      NULL,
    {change}        VARCHAR(255) NOT NULL,
    project         VARCHAR(255) NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    note            TEXT         NOT NULL,
    committed_at    DATETIME(6)  NOT NULL,
    committer_name  VARCHAR(255) NOT NULL,
    committer_email VARCHAR(255) NOT NULL,
    planned_at      DATETIME(6)  NOT NULL,
    planner_name    VARCHAR(255) NOT NULL,
    planner_email   VARCHAR(255) NOT NULL,
    UNIQUE(project, script_hash)";
const TAGS: &str = "
    tag_id          VARCHAR(40)  PRIMARY KEY,
    tag             VARCHAR(255) NOT NULL,
    project         VARCHAR(255) NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    change_id       VARCHAR(40)  NOT NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE,
    note            VARCHAR(255) NOT NULL,
    committed_at    DATETIME(6)  NOT NULL,
    committer_name  VARCHAR(255) NOT NULL,
    committer_email VARCHAR(255) NOT NULL,
    planned_at      DATETIME(6)  NOT NULL,
    planner_name    VARCHAR(255) NOT NULL,
    planner_email   VARCHAR(255) NOT NULL,
    UNIQUE(project, tag)";
const DEPENDENCIES: &str = "
    change_id       VARCHAR(40)  NOT NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE,
    type            VARCHAR(8)   NOT NULL,
    dependency      VARCHAR(255) NOT NULL,
    dependency_id   VARCHAR(40)      NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE,
    PRIMARY KEY (change_id, dependency)";
const EVENTS: &str = "
    event           ENUM ('deploy', 'fail', 'merge', 'revert') NOT NULL,
    change_id       VARCHAR(40)  NOT NULL,
    {change}        VARCHAR(255) NOT NULL,
    project         VARCHAR(255) NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    note            TEXT         NOT NULL,
    requires        TEXT         NOT NULL,
    conflicts       TEXT         NOT NULL,
    tags            TEXT         NOT NULL,
    committed_at    DATETIME(6)  NOT NULL,
    committer_name  VARCHAR(255) NOT NULL,
    committer_email VARCHAR(255) NOT NULL,
    planned_at      DATETIME(6)  NOT NULL,
    planner_name    VARCHAR(255) NOT NULL,
    planner_email   VARCHAR(255) NOT NULL,
    PRIMARY KEY (change_id, committed_at)";
/// Sqitch's six tables, in an order in which each finds those it refers to.
const SQITCH: [(&str, &str); 6] = [
    ("releases", RELEASES),
    ("projects", PROJECTS),
    ("changes", CHANGES),
    ("tags", TAGS),
    ("dependencies", DEPENDENCIES),
    ("events", EVENTS),
];

/// A function that verify scripts call: it fails with a message unless something is true.
const CHECKIT: &str =
    "CREATE FUNCTION {r}checkit(doit INTEGER, message VARCHAR(256)) RETURNS INTEGER DETERMINISTIC
BEGIN
    IF doit IS NULL OR doit = 0 THEN
        SIGNAL SQLSTATE 'ERR0R' SET MESSAGE_TEXT = message;
    END IF;
    RETURN doit;
END";
/// What other databases say with a check: a requirement has an id, a conflict has none.
const TRIGGER: &str = "
BEGIN
    IF NOT ((NEW.type = 'require' AND NEW.dependency_id IS NOT NULL)
         OR (NEW.type = 'conflict' AND NEW.dependency_id IS NULL)) THEN
        SIGNAL SQLSTATE 'ERR0R' SET MESSAGE_TEXT =
        'Type must be \"require\" with dependency_id set or \"conflict\" with dependency_id not set';
    END IF;
END";
const TRIGGERS: [(&str, &str); 2] = [("ck_insert_dependency", "INSERT"), ("ck_update_dependency", "UPDATE")];

const RUNS: &str = "
    run_id          BIGINT       AUTO_INCREMENT PRIMARY KEY,
    command         TEXT         NOT NULL,
    project         VARCHAR(255) NOT NULL,
    target          TEXT         NOT NULL,
    started_at      DATETIME(6)  NOT NULL,
    ended_at        DATETIME(6)  NULL,
    outcome         TEXT,
    tool_version    TEXT         NOT NULL,
    user_name       TEXT         NOT NULL,
    user_email      TEXT         NOT NULL,
    login           TEXT         NOT NULL,
    host            TEXT         NOT NULL,
    pid             BIGINT       NOT NULL,
    git_commit      TEXT";
const STEPS: &str = "
    step_id         BIGINT       AUTO_INCREMENT PRIMARY KEY,
    run_id          BIGINT       NOT NULL,
    project         VARCHAR(255) NOT NULL,
    change_id       VARCHAR(40)  NOT NULL,
    {change}        VARCHAR(255) NOT NULL,
    direction       ENUM ('deploy', 'revert') NOT NULL,
    mode            ENUM ('atomic', 'stepwise', 'log-only') NOT NULL,
    state           ENUM ('running', 'stopped', 'failed', 'done', 'settled') NOT NULL,
    started_at      DATETIME(6)  NOT NULL,
    ended_at        DATETIME(6)  NULL,
    duration_ms     BIGINT,
    units_total     BIGINT       NOT NULL DEFAULT 0,
    units_done      BIGINT       NOT NULL DEFAULT 0,
    unit_begun      INTEGER      NOT NULL DEFAULT 0,
    units           LONGTEXT,
    script          TEXT,
    line            BIGINT,
    statement       TEXT,
    error           TEXT,
    recorded_at     DATETIME(6)  NULL,
    deploy_sha256   VARCHAR(64),
    verify_sha256   VARCHAR(64),
    revert_sha256   VARCHAR(64),
    attempts        BIGINT       NOT NULL DEFAULT 1,
    waited_ms       BIGINT       NOT NULL DEFAULT 0,
    others_waited_ms BIGINT      NOT NULL DEFAULT 0,
    blockers        TEXT,
    looked          TEXT,
    KEY change_steps_open (project, state),
    KEY change_steps_change (change_id)";
/// Which database a project's records are about: all databases of a server share a registry.
const DATABASES: &str = "
    project         VARCHAR(255) PRIMARY KEY,
    database_name   VARCHAR(64)  NOT NULL";
/// The journal: runs, and the steps they took.
const JOURNAL: [(&str, &str); 3] =
    [("change_runs", RUNS), ("change_steps", STEPS), ("change_databases", DATABASES)];

/// What of a registry is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    tables: Vec<String>,
    version: Option<f64>,
}

impl Found {
    fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table == name)
    }

    /// Whether our own tables are there.
    pub(super) fn has_journal(&self) -> bool {
        JOURNAL.iter().all(|(name, _)| self.has(name))
    }

    /// What that means.
    pub(super) fn presence(&self) -> Presence {
        let count = SQITCH.iter().filter(|(name, _)| self.has(name)).count();
        match (count, self.has("changes"), self.has("releases")) {
            (0, ..) => Presence::Missing,
            // An older registry has no releases, and all the rest.
            (5, true, false) => Presence::Version(0.0),
            (6, ..) => self.version.map_or(Presence::HalfMade, Presence::Version),
            _ => Presence::HalfMade,
        }
    }
}

/// Looks for a registry.
pub(super) fn look(db: &mut Db) -> Result<Found> {
    if let Some(found) = &db.found {
        return Ok(found.clone());
    }
    let registry = Value::Text(db.registry.clone());
    let rows =
        db.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = ?1", &[registry])?;
    let tables = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
    let mut found = Found { tables, version: None };
    if found.has("releases") {
        let version = db.value("SELECT CAST(ROUND(MAX(version), 1) AS CHAR) FROM {r}releases", &[])?;
        found.version = version.and_then(|text| text.parse().ok());
    }
    // What is there stays as it is; what is not, stays so only as long as the lock keeps others away.
    let whole = found.has_journal() && found.presence() == Presence::Version(REGISTRY_VERSION);
    db.found = (whole || db.locked).then(|| found.clone());
    Ok(found)
}

/// Makes what is missing. Each statement commits by itself; whoever comes next finds what is there
/// and makes the rest, of which the release is the last.
pub(super) fn create(db: &mut Db, found: &Found, who: &Person) -> Result<()> {
    db.found = None;
    let registry = Value::Text(db.registry.clone());
    let sql = "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?1";
    if db.value(sql, &[registry])?.is_none() {
        let name = quoted(&db.registry);
        db.batch(&format!("CREATE DATABASE IF NOT EXISTS {name}"))?;
    }
    make_tables(db, &SQITCH, TABLE)?;
    make_helpers(db)?;
    create_journal(db)?;
    if found.version.is_none() {
        insert_release(db, REGISTRY_VERSION, who)?;
    }
    Ok(())
}

fn make_tables(db: &mut Db, tables: &[(&str, &str)], options: &str) -> Result<()> {
    for (name, columns) in tables {
        db.batch(&format!("CREATE TABLE IF NOT EXISTS {{r}}{name} ({columns}){options}"))?;
    }
    Ok(())
}

/// The function and the triggers. Where they need a privilege that the user has not, they are left
/// out: Sqitch from 1.5 does without them, too.
fn make_helpers(db: &mut Db) -> Result<()> {
    let registry = || [Value::Text(db.registry.clone())];
    let (routine, trigger) = (registry(), registry());
    let has =
        "SELECT 1 FROM information_schema.routines WHERE routine_schema = ?1 AND routine_name = 'checkit'";
    if db.value(has, &routine)?.is_none() {
        tolerated(db.batch(CHECKIT))?;
    }
    let has = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = ?1";
    let there = db.rows(has, &trigger)?;
    let known = |name: &str| there.iter().flatten().flatten().any(|known| known == name);
    for (name, event) in TRIGGERS {
        if !known(name) {
            let sql = format!(
                "CREATE TRIGGER {{r}}{name} BEFORE {event} ON {{r}}dependencies FOR EACH ROW {TRIGGER}"
            );
            tolerated(db.batch(&sql))?;
        }
    }
    Ok(())
}

/// Error 1419: with a binary log, whoever makes a function needs SUPER. 1304 and 1359: it is there.
fn tolerated(done: Result<()>) -> Result<()> {
    let known = |error: &Error| {
        ["ERROR 1419 ", "ERROR 1304 ", "ERROR 1359 "].iter().any(|code| error.message().starts_with(code))
    };
    match done {
        Err(error) if known(&error) => Ok(()),
        done => done,
    }
}

/// Adds our own tables to a registry that Sqitch made.
pub(super) fn create_journal(db: &mut Db) -> Result<()> {
    db.found = None;
    make_tables(db, &JOURNAL, " ENGINE InnoDB, CHARACTER SET 'utf8'")
}

fn insert_release(db: &mut Db, version: f64, who: &Person) -> Result<()> {
    let values = [format!("{version:.1}"), who.name.clone(), who.email.clone()].map(Value::Text);
    let sql = "INSERT INTO {r}releases (version, installed_at, installer_name, installer_email) \
               VALUES (?1, UTC_TIMESTAMP(6), ?2, ?3)";
    db.rows(sql, &values).map(|_| ())
}

fn has_column(db: &mut Db, column: &str) -> Result<bool> {
    let values = [Value::Text(db.registry.clone()), Value::Text(column.to_owned())];
    let sql = "SELECT 1 FROM information_schema.columns WHERE table_schema = ?1 AND table_name = 'changes' AND column_name = ?2";
    Ok(db.value(sql, &values)?.is_some())
}

fn unique_keys(db: &mut Db) -> Result<Vec<(String, String)>> {
    let values = [Value::Text(db.registry.clone())];
    let sql = "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
               WHERE table_schema = ?1 AND table_name = 'changes' AND non_unique = 0 GROUP BY index_name";
    let rows = db.rows(sql, &values)?;
    let pair = |row: crate::engine::columns::Row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        (columns.next().unwrap_or_default(), columns.next().unwrap_or_default())
    };
    Ok(rows.into_iter().map(pair).collect())
}

/// Brings an older registry to version 1.1. Every step looks whether it was done already, because
/// each commits by itself; a version gets its release when all of it is there.
pub(super) fn upgrade(db: &mut Db, from: f64, who: &Person) -> Result<()> {
    db.found = None;
    if from < 1.0 {
        if !has_column(db, "script_hash")? {
            db.batch(
                "ALTER TABLE {r}changes ADD COLUMN script_hash VARCHAR(40) NULL UNIQUE AFTER change_id",
            )?;
        }
        // Before 1.0 there were no script hashes; Sqitch puts the change's id there and replaces it
        // by the hash at the next deployment.
        db.batch("UPDATE {r}changes SET script_hash = change_id WHERE script_hash IS NULL")?;
        db.batch("ALTER TABLE {r}events MODIFY event ENUM ('deploy', 'fail', 'merge', 'revert') NOT NULL")?;
        make_tables(db, SQITCH.get(..1).unwrap_or_default(), TABLE)?;
        make_helpers(db)?;
        insert_release(db, 1.0, who)?;
    }
    let keys = unique_keys(db)?;
    if !keys.iter().any(|(_, columns)| columns == "project,script_hash") {
        db.batch("ALTER TABLE {r}changes ADD UNIQUE (project, script_hash)")?;
    }
    if let Some((name, _)) = keys.iter().find(|(_, columns)| columns == "script_hash") {
        db.batch(&format!("ALTER TABLE {{r}}changes DROP INDEX {}", quoted(name)))?;
    }
    create_journal(db)?;
    insert_release(db, REGISTRY_VERSION, who)
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
