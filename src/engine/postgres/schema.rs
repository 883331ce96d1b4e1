//! The registry's tables in PostgreSQL: Sqitch's, as version 1.1 lays them out, and our own beside.

use super::db::{Db, fill, literal};
use crate::engine::columns::Row;
use crate::engine::{Presence, REGISTRY_VERSION};
use crate::error::{Error, Kind, Result};
use crate::plan::Person;

const RELEASES: &str = "CREATE TABLE IF NOT EXISTS {r}releases (
    version         REAL        PRIMARY KEY,
    installed_at    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    installer_name  TEXT        NOT NULL,
    installer_email TEXT        NOT NULL
)";
const PROJECTS: &str = "CREATE TABLE IF NOT EXISTS {r}projects (
    project         TEXT        PRIMARY KEY,
    uri             TEXT        NULL UNIQUE,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    creator_name    TEXT        NOT NULL,
    creator_email   TEXT        NOT NULL
)";
const CHANGES: &str = "CREATE TABLE IF NOT EXISTS {r}changes (
    change_id       TEXT        PRIMARY KEY,
    script_hash     TEXT            NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      TIMESTAMPTZ NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, script_hash)
)";
const TAGS: &str = "CREATE TABLE IF NOT EXISTS {r}tags (
    tag_id          TEXT        PRIMARY KEY,
    tag             TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    change_id       TEXT        NOT NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      TIMESTAMPTZ NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, tag)
)";
const DEPENDENCIES: &str = "CREATE TABLE IF NOT EXISTS {r}dependencies (
    change_id       TEXT        NOT NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE,
    type            TEXT        NOT NULL,
    dependency      TEXT        NOT NULL,
    dependency_id   TEXT            NULL REFERENCES {r}changes(change_id) ON UPDATE CASCADE
                                         CONSTRAINT dependencies_check CHECK (
        (type = 'require'  AND dependency_id IS NOT NULL)
     OR (type = 'conflict' AND dependency_id IS NULL)
    ),
    PRIMARY KEY (change_id, dependency)
)";
const EVENTS: &str = "CREATE TABLE IF NOT EXISTS {r}events (
    event           TEXT        NOT NULL CONSTRAINT events_event_check CHECK (
        event IN ('deploy', 'revert', 'fail', 'merge')
    ),
    change_id       TEXT        NOT NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES {r}projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    requires        TEXT[]      NOT NULL DEFAULT '{}',
    conflicts       TEXT[]      NOT NULL DEFAULT '{}',
    tags            TEXT[]      NOT NULL DEFAULT '{}',
    committed_at    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      TIMESTAMPTZ NOT NULL,
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
const JOURNAL: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS {r}change_runs (
    run_id          BIGSERIAL   PRIMARY KEY,
    command         TEXT        NOT NULL,
    project         TEXT        NOT NULL,
    target          TEXT        NOT NULL,
    started_at      TIMESTAMPTZ NOT NULL,
    ended_at        TIMESTAMPTZ,
    outcome         TEXT,
    tool_version    TEXT        NOT NULL,
    user_name       TEXT        NOT NULL,
    user_email      TEXT        NOT NULL,
    login           TEXT        NOT NULL,
    host            TEXT        NOT NULL,
    pid             BIGINT      NOT NULL,
    git_commit      TEXT
)",
    "CREATE TABLE IF NOT EXISTS {r}change_steps (
    step_id         BIGSERIAL   PRIMARY KEY,
    run_id          BIGINT      NOT NULL,
    project         TEXT        NOT NULL,
    change_id       TEXT        NOT NULL,
    change          TEXT        NOT NULL,
    direction       TEXT        NOT NULL CHECK (direction IN ('deploy', 'revert')),
    mode            TEXT        NOT NULL CHECK (mode IN ('atomic', 'stepwise', 'log-only')),
    state           TEXT        NOT NULL CHECK (state IN ('running', 'stopped', 'failed', 'done', 'settled')),
    started_at      TIMESTAMPTZ NOT NULL,
    ended_at        TIMESTAMPTZ,
    duration_ms     BIGINT,
    units_total     BIGINT      NOT NULL DEFAULT 0,
    units_done      BIGINT      NOT NULL DEFAULT 0,
    unit_begun      INTEGER     NOT NULL DEFAULT 0,
    units           TEXT,
    script          TEXT,
    line            BIGINT,
    statement       TEXT,
    error           TEXT,
    recorded_at     TIMESTAMPTZ,
    deploy_sha256   TEXT,
    verify_sha256   TEXT,
    revert_sha256   TEXT,
    attempts        BIGINT      NOT NULL DEFAULT 1,
    waited_ms       BIGINT      NOT NULL DEFAULT 0,
    others_waited_ms BIGINT     NOT NULL DEFAULT 0,
    blockers        TEXT,
    search_path     TEXT
)",
    "CREATE INDEX IF NOT EXISTS change_steps_open ON {r}change_steps (project) \
     WHERE state IN ('running', 'stopped')",
];

/// What of a registry is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    schema: bool,
    tables: Vec<String>,
    version: Option<f64>,
}

impl Found {
    fn has(&self, name: &str) -> bool {
        self.tables.iter().any(|table| table == name)
    }

    /// Whether our own tables are there.
    pub(super) fn has_journal(&self) -> bool {
        self.has("change_runs") && self.has("change_steps")
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

/// Asks for the registry's tables; `$1` is its name.
pub(super) const TABLES: &str = "SELECT n.nspname, c.relname FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c \
     ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p') WHERE n.nspname = $1";
/// Asks for the registry's version, which fails if there is none.
pub(super) const VERSION: &str = "SELECT MAX(version)::float8::numeric(9,1)::text FROM {r}releases";

/// Looks for a registry.
pub(super) fn look(db: &mut Db) -> Result<Found> {
    if let Some(found) = &db.found {
        return Ok(found.clone());
    }
    let registry = db.registry.clone();
    let [tables, version] = db.several([(TABLES, &[Some(&registry)]), (VERSION, &[])])?;
    note(db, tables?, version)
}

/// Notes what the answers to [`TABLES`] and [`VERSION`] say.
pub(super) fn note(db: &mut Db, tables: Vec<Row>, version: Result<Vec<Row>>) -> Result<Found> {
    let mut found = Found { schema: !tables.is_empty(), tables: Vec::new(), version: None };
    found.tables = tables.into_iter().filter_map(|row| row.into_iter().nth(1).flatten()).collect();
    if found.has("releases") {
        let version = version?.into_iter().next().and_then(|row| row.into_iter().next().flatten());
        found.version = version.and_then(|text| text.parse().ok());
    }
    // What is there stays as it is; what is not, stays so only as long as the lock keeps others away.
    let whole = found.has_journal() && found.presence() == Presence::Version(REGISTRY_VERSION);
    db.found = (whole || db.locked).then(|| found.clone());
    Ok(found)
}

/// Makes what is missing, in one transaction, its release included.
pub(super) fn create(db: &mut Db, found: &Found, who: &Person) -> Result<()> {
    // Far away, each message less is felt.
    let together = db.flavour.makes_tables_in_transactions();
    let mut all: Vec<&str> = if together { vec!["BEGIN"] } else { Vec::new() };
    // Asking for a schema that is there needs a privilege that using it does not.
    if !found.schema {
        all.push("CREATE SCHEMA IF NOT EXISTS {s}");
        all.push("COMMENT ON SCHEMA {s} IS 'Sqitch database deployment metadata v1.1.'");
    }
    all.extend(SQITCH.iter().filter(|(name, _)| !found.has(name)).map(|(_, sql)| *sql));
    let mut sql = fill(&all.join(";\n"), &db.registry);
    if found.version.is_none() {
        let values = [&format!("{REGISTRY_VERSION:.1}"), &who.name, &who.email].map(|value| literal(value));
        let insert = "INSERT INTO {r}releases (version, installer_name, installer_email)";
        sql.push_str(&format!(";\n{} VALUES ({})", fill(insert, &db.registry), values.join(", ")));
    }
    sql.push_str(&format!(";\n{}", fill(&JOURNAL.join(";\n"), &db.registry)));
    if together {
        sql.push_str(";\nCOMMIT");
    }
    db.found = None;
    db.conn.batch(&sql).inspect_err(|_| {
        // If even this fails, the connection is gone, and the server rolls back by itself.
        let _ = db.batch("ROLLBACK");
    })
}

/// Adds our own tables to a registry that Sqitch made.
pub(super) fn create_journal(db: &mut Db) -> Result<()> {
    db.found = None;
    db.transaction(create_journal_tables)
}

fn create_journal_tables(db: &mut Db) -> Result<()> {
    db.batch(&JOURNAL.join(";\n"))
}

fn insert_release(db: &mut Db, version: f64, who: &Person) -> Result<()> {
    db.rows(
        "INSERT INTO {r}releases (version, installer_name, installer_email) VALUES ($1, $2, $3)",
        &[Some(&format!("{version:.1}")), Some(&who.name), Some(&who.email)],
    )
    .map(|_| ())
}

/// Brings an older registry to version 1.1, in one transaction. Every version on the way gets its
/// release, as Sqitch writes them.
pub(super) fn upgrade(db: &mut Db, from: f64, who: &Person) -> Result<()> {
    db.found = None;
    db.transaction(|db| {
        if from < 1.0 {
            db.batch(RELEASES)?;
            // Before 1.0 there were no script hashes; Sqitch puts the change's id there and
            // replaces it by the hash at the next deployment.
            db.batch("ALTER TABLE {r}changes ADD COLUMN script_hash TEXT NULL UNIQUE")?;
            db.batch("UPDATE {r}changes SET script_hash = change_id")?;
            db.batch("ALTER TABLE {r}events DROP CONSTRAINT IF EXISTS events_event_check")?;
            db.batch(
                "ALTER TABLE {r}events ADD CONSTRAINT events_event_check \
                 CHECK (event IN ('deploy', 'revert', 'fail', 'merge'))",
            )?;
            insert_release(db, 1.0, who)?;
        }
        db.batch("ALTER TABLE {r}changes DROP CONSTRAINT IF EXISTS changes_script_hash_key")?;
        db.batch("ALTER TABLE {r}changes ADD UNIQUE (project, script_hash)")?;
        insert_release(db, REGISTRY_VERSION, who)?;
        create_journal_tables(db)
    })
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
