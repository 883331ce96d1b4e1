//! Reading the registry, and registering a project.

use super::db::Db;
use crate::engine::EventQuery;
use crate::engine::record::{EventRow, TagRecord};
use crate::engine::registry::split_list;
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person, Stamp, Subject};
use crate::steps::{Checksums, Dependent, Deployed, DeployedTag, Project, State};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};
use std::collections::HashMap;
use std::sync::Arc;

/// A point in time as Sqitch stores it in SQLite: UTC, milliseconds.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// The same point without what is finer than a millisecond.
pub(super) fn to_millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

pub(super) fn time(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.trim_end_matches('Z').parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Reads a column of a registry row, or says which row cannot be read.
fn parsed<T>(row: &Row<'_>, column: usize, read: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    read(text).ok_or_else(|| {
        let message = format!("the registry holds \"{text}\" where it should not");
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, message.into())
    })
}

/// Reads an id.
pub(super) fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Id> {
    parsed(row, column, Id::parse)
}

fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    parsed(row, column, time)
}

fn stamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Stamp> {
    parsed(row, column, Stamp::from_sql)
}

fn person(row: &Row<'_>, column: usize) -> rusqlite::Result<Person> {
    Ok(Person { name: row.get(column)?, email: row.get(column + 1)? })
}

/// The few people of a registry, each kept once.
#[derive(Default)]
struct People(Vec<Arc<Person>>);

impl People {
    fn get(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<Person>> {
        let (name, email) = (row.get_ref(column)?.as_str()?, row.get_ref(column + 1)?.as_str()?);
        // The latest is the likeliest, and beyond some dozens looking costs more than it saves.
        let known = self.0.iter().rev().take(50).find(|person| person.name == name && person.email == email);
        if let Some(person) = known {
            return Ok(Arc::clone(person));
        }
        let person = Arc::new(Person { name: name.to_owned(), email: email.to_owned() });
        self.0.push(Arc::clone(&person));
        Ok(person)
    }
}

/// Projects, and the changes of one of them with their tags: three queries, whatever their number.
pub(super) fn state(db: &Db, project: &str, most: Option<usize>) -> Result<State> {
    let projects = db.rows("SELECT project, uri FROM main.projects ORDER BY project", [], |row| {
        Ok(Project { name: row.get(0)?, uri: row.get(1)? })
    })?;
    let mut people = People::default();
    let order = match most {
        Some(most) => format!("committed_at DESC, rowid DESC LIMIT {}", most.saturating_add(1)),
        None => "rowid".to_owned(),
    };
    let changes = db.rows(
        &format!(
            "SELECT change_id, script_hash, change, note, committed_at, committer_name, committer_email, planned_at, \
             planner_name, planner_email FROM main.changes NOT INDEXED WHERE project = ?1 ORDER BY {order}"
        ),
        [project],
        |row| {
            Ok(Deployed {
                id: id(row, 0)?,
                script_hash: row.get(1)?,
                name: row.get(2)?,
                note: row.get(3)?,
                committed_at: at(row, 4)?,
                committer: people.get(row, 5)?,
                planned_at: stamp(row, 7)?,
                planner: people.get(row, 8)?,
                tags: Vec::new(),
            })
        },
    )?;
    // They mostly stand in this order: sorting them here is quicker than an index or a sorter there.
    let mut state = State { projects, changes, ..State::default() };
    if most.is_some() {
        state.changes.reverse();
    }
    state.changes.sort_by_key(|change| change.committed_at);
    state.keep_latest(most);
    let changes = &mut state.changes;
    let tags = db.rows(
        "SELECT change_id, tag_id, tag, committed_at, committer_name, committer_email FROM main.tags \
         WHERE project = ?1 ORDER BY committed_at, rowid",
        [project],
        |row| {
            let name: String = row.get(2)?;
            let name = name.trim_start_matches('@').to_owned();
            Ok((
                id(row, 0)?,
                DeployedTag {
                    id: id(row, 1)?,
                    name,
                    committed_at: at(row, 3)?,
                    committer: people.get(row, 4)?,
                },
            ))
        },
    )?;
    if !tags.is_empty() {
        let place: HashMap<Id, usize> =
            changes.iter().enumerate().map(|(at, change)| (change.id, at)).collect();
        for (id, tag) in tags {
            if let Some(change) = place.get(&id).and_then(|at| changes.get_mut(*at)) {
                change.tags.push(tag);
            }
        }
    }
    Ok(state)
}

/// The latest time of any record.
pub(super) fn latest_time(db: &Db) -> Result<Option<Timestamp>> {
    let latest: Option<String> = db
        .value(
            "SELECT MAX(t) FROM (SELECT MAX(committed_at) AS t FROM main.changes UNION ALL \
             SELECT MAX(committed_at) FROM main.events)",
            [],
        )?
        .flatten();
    Ok(latest.as_deref().and_then(time))
}

/// The deployed change that a dependency means; of several, the earliest.
pub(super) fn find(db: &Db, own_project: &str, dependency: &Dependency) -> Result<Option<Id>> {
    let project = dependency.project.as_deref().unwrap_or(own_project);
    let found: Option<String> = match &dependency.subject {
        Subject::Id(id) => db.value("SELECT change_id FROM main.changes WHERE change_id = ?1", [id.to_string()])?,
        Subject::Change(name) => db.value(
            "SELECT change_id FROM main.changes WHERE project = ?1 AND change = ?2 ORDER BY committed_at LIMIT 1",
            [project, name],
        )?,
        Subject::ChangeAtTag(name, tag) => db.value(
            "SELECT c.change_id FROM main.changes c JOIN main.tags t ON t.project = c.project AND t.tag = ?3 \
             AND c.committed_at <= t.committed_at WHERE c.project = ?1 AND c.change = ?2 \
             ORDER BY c.committed_at DESC LIMIT 1",
            [project, name, &format!("@{tag}")],
        )?,
        Subject::Tag(tag) => db.value(
            "SELECT change_id FROM main.tags WHERE project = ?1 AND tag = ?2",
            [project, &format!("@{tag}")],
        )?,
    };
    Ok(found.as_deref().and_then(Id::parse))
}

/// Deployed changes that require one of `ids`, in any project.
pub(super) fn dependents(db: &Db, ids: &[Id]) -> Result<Vec<Dependent>> {
    let wanted: std::collections::HashSet<Id> = ids.iter().copied().collect();
    let tagged = tagged(db)?;
    let all = db.rows(
        "SELECT d.dependency_id, c.change_id, c.project, c.change, c.committed_at \
         FROM main.dependencies d JOIN main.changes c ON c.change_id = d.change_id \
         WHERE d.dependency_id IS NOT NULL ORDER BY c.committed_at",
        [],
        |row| {
            let required = id(row, 0)?;
            if !wanted.contains(&required) {
                return Ok(None);
            }
            let (project, at): (String, String) = (row.get(2)?, row.get(4)?);
            let later = tagged.get(tagged.partition_point(|tag| tag.at < at)..).unwrap_or_default();
            let as_of_tag = later.iter().find(|tag| tag.project == project).map(|tag| tag.name.clone());
            Ok(Some(Dependent { required, id: id(row, 1)?, project, name: row.get(3)?, as_of_tag }))
        },
    )?;
    Ok(all.into_iter().flatten().collect())
}

/// A tag with the time at which its change was deployed.
struct Tagged {
    at: String,
    project: String,
    name: String,
}

/// All tags, in the order in which their changes were deployed.
fn tagged(db: &Db) -> Result<Vec<Tagged>> {
    db.rows(
        "SELECT c.committed_at, c.project, t.tag FROM main.tags t JOIN main.changes c ON c.change_id = t.change_id \
         ORDER BY c.committed_at, t.rowid",
        [],
        |row| {
            let name: String = row.get(2)?;
            Ok(Tagged { at: row.get(0)?, project: row.get(1)?, name: name.trim_start_matches('@').to_owned() })
        },
    )
}

/// Our checksums of a project's scripts.
pub(super) fn checksums(db: &Db, project: &str) -> Result<HashMap<Id, Checksums>> {
    let rows = db.rows(
        "SELECT s.change_id, s.deploy_sha256, s.verify_sha256, s.revert_sha256 FROM main.change_steps s \
         JOIN main.changes c ON c.change_id = s.change_id AND c.committed_at = s.recorded_at WHERE s.project = ?1",
        [project],
        |row| Ok((id(row, 0)?, Checksums { deploy: row.get(1)?, verify: row.get(2)?, revert: row.get(3)? })),
    )?;
    Ok(rows.into_iter().collect())
}

/// Hands out the events one by one until there are no more or `each` says that it has enough.
pub(super) fn events(
    db: &Db,
    query: &EventQuery,
    each: &mut dyn FnMut(EventRow) -> Result<bool>,
) -> Result<()> {
    let order = if query.oldest_first { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT event, change_id, change, project, note, requires, conflicts, tags, committed_at, committer_name, \
         committer_email, planned_at, planner_name, planner_email FROM main.events ORDER BY committed_at {order}, rowid {order}"
    );
    crate::fault::point("sqlite.events")?;
    let mut statement = db.conn.prepare(&sql).map_err(|error| db.error(&error))?;
    let mut rows = statement.query([]).map_err(|error| db.error(&error))?;
    while let Some(row) = rows.next().map_err(|error| db.error(&error))? {
        if !each(event(row).map_err(|error| db.error(&error))?)? {
            break;
        }
    }
    Ok(())
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let list =
        |column: usize| -> rusqlite::Result<Vec<String>> { Ok(split_list(row.get_ref(column)?.as_str()?)) };
    Ok(EventRow {
        event: row.get(0)?,
        change_id: row.get(1)?,
        change: row.get(2)?,
        project: row.get(3)?,
        note: row.get(4)?,
        requires: list(5)?,
        conflicts: list(6)?,
        tags: list(7)?,
        committed_at: at(row, 8)?,
        committer: person(row, 9)?,
        planned_at: stamp(row, 11)?,
        planner: person(row, 12)?,
    })
}

/// The tags of a deployed change as they were recorded.
pub(super) fn tags_of(db: &Db, change: Id) -> Result<Vec<TagRecord>> {
    db.rows(
        "SELECT tag_id, tag, note, planned_at, planner_name, planner_email FROM main.tags WHERE change_id = ?1 ORDER BY rowid",
        [change.to_string()],
        |row| {
            let name: String = row.get(1)?;
            Ok(TagRecord {
                id: id(row, 0)?,
                name: name.trim_start_matches('@').to_owned(),
                note: row.get(2)?,
                planned_at: stamp(row, 3)?,
                planner: person(row, 4)?,
            })
        },
    )
}

/// What the registry holds about the dependencies of a change.
#[derive(Debug)]
pub(super) struct Dependencies {
    pub(super) requires: Vec<(String, Id)>,
    pub(super) conflicts: Vec<String>,
}

/// The recorded dependencies of a change, in the order of the registry's index, which is the order
/// that Sqitch finds them in.
pub(super) fn dependencies_of(db: &Db, change: Id) -> Result<Dependencies> {
    let rows = db.rows(
        "SELECT type, dependency, dependency_id FROM main.dependencies WHERE change_id = ?1 ORDER BY dependency",
        [change.to_string()],
        |row| {
            let required: Option<String> = row.get(2)?;
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, required.as_deref().and_then(Id::parse)))
        },
    )?;
    let mut requires = Vec::new();
    let mut conflicts = Vec::new();
    for (kind, text, required) in rows {
        match (kind.as_str(), required) {
            ("require", Some(id)) => requires.push((text, id)),
            _ => conflicts.push(text),
        }
    }
    Ok(Dependencies { requires, conflicts })
}

/// Registers a project, or finds it registered as the plan says.
pub(super) fn register(db: &Db, project: &str, uri: Option<&str>, who: &Person, now: &str) -> Result<()> {
    let refuse = |why: String| {
        let with = uri.map_or("without URI".to_owned(), |uri| format!("with URI {uri}"));
        Err(Error::new(
            Kind::Database,
            "registry.project",
            format!("Cannot register \"{project}\" {with}: {why}"),
        )
        .hint("the %uri pragma of the plan must stay as it was when the project was first deployed"))
    };
    let known: Option<Option<String>> = db
        .conn
        .query_row("SELECT uri FROM main.projects WHERE project = ?1", [project], |row| row.get(0))
        .optional()
        .map_err(|error| db.error(&error))?;
    match known {
        Some(known) if known.as_deref() == uri => return Ok(()),
        Some(None) => return refuse("already exists with NULL URI".to_owned()),
        Some(Some(known)) => return refuse(format!("already exists with URI {known}")),
        None => {}
    }
    if let Some(uri) = uri {
        let other: Option<String> = db.value("SELECT project FROM main.projects WHERE uri = ?1", [uri])?;
        if let Some(other) = other {
            return refuse(format!("project \"{other}\" already using that URI"));
        }
    }
    db.run(
        "INSERT INTO main.projects (project, uri, created_at, creator_name, creator_email) VALUES (?1, ?2, ?3, ?4, ?5)",
        rusqlite::params![project, uri, now, who.name, who.email],
    )
    .map(|_| ())
}

/// A time of the journal; the start of time if it cannot be read.
pub(super) fn time_of(text: &str) -> Timestamp {
    time(text).unwrap_or(Timestamp::UNIX_EPOCH)
}
