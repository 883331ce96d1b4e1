//! Reading the registry, and registering a project.

use super::db::{Db, Row};
use crate::engine::EventQuery;
use crate::engine::journal;
use crate::engine::record::{EventRow, TagRecord};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person, Stamp, Subject};
use crate::steps::{Checksums, Dependent, Deployed, DeployedTag, InDoubt, Project, State};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many events are read at once.
const PAGE: usize = 2000;

/// A point in time as statements write it: UTC, microseconds.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

/// A point in time as the registry's connection shows it.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("+00")?;
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// The columns of a row, read one after the other.
struct Columns(std::vec::IntoIter<Option<String>>);

impl Columns {
    fn of(row: Row) -> Columns {
        Columns(row.into_iter())
    }

    fn maybe(&mut self) -> Option<String> {
        self.0.next().flatten()
    }

    fn text(&mut self) -> String {
        self.maybe().unwrap_or_default()
    }

    fn number(&mut self) -> i64 {
        self.maybe().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    fn count(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or_default()
    }

    /// Reads a column, or says what cannot be read.
    fn parsed<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text = self.text();
        read(&text).ok_or_else(|| {
            let message = format!("the registry holds \"{text}\" where it should not");
            Error::new(Kind::Database, "registry.value", message)
        })
    }

    fn id(&mut self) -> Result<Id> {
        self.parsed(Id::parse)
    }

    fn time(&mut self) -> Result<Timestamp> {
        self.parsed(time)
    }

    fn stamp(&mut self) -> Result<Stamp> {
        self.parsed(Stamp::from_sql)
    }

    fn person(&mut self) -> Person {
        Person { name: self.text(), email: self.text() }
    }

    /// An array, which the statement turned into JSON.
    fn list(&mut self) -> Vec<String> {
        self.maybe().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
}

/// The few people of a registry, each kept once.
#[derive(Default)]
struct People(Vec<Arc<Person>>);

impl People {
    fn get(&mut self, person: Person) -> Arc<Person> {
        // The latest is the likeliest, and beyond some dozens looking costs more than it saves.
        if let Some(known) = self.0.iter().rev().take(50).find(|known| ***known == person) {
            return Arc::clone(known);
        }
        let person = Arc::new(person);
        self.0.push(Arc::clone(&person));
        person
    }
}

/// Projects, the changes of one of them with their tags, and what of it stopped half-way: one round
/// trip, whatever their number.
pub(super) fn state(db: &mut Db, project: &str, journal: bool) -> Result<State> {
    let mine: &[Option<&str>] = &[Some(project)];
    let [projects, rows, tags, stopped] = db.several([
        ("SELECT project, uri FROM {r}projects ORDER BY project", &[]),
        (
            "SELECT change_id, script_hash, change, note, committed_at, committer_name, committer_email, planned_at, \
             planner_name, planner_email FROM {r}changes WHERE project = $1 ORDER BY committed_at",
            mine,
        ),
        (
            "SELECT change_id, tag_id, tag, committed_at, committer_name, committer_email FROM {r}tags \
             WHERE project = $1 ORDER BY committed_at",
            mine,
        ),
        (if journal { journal::IN_DOUBT } else { "SELECT WHERE $1 = ''" }, mine),
    ])?;
    let projects = projects?
        .into_iter()
        .map(Columns::of)
        .map(|mut row| Project { name: row.text(), uri: row.maybe() })
        .collect();
    let mut people = People::default();
    let rows = rows?;
    let mut changes = Vec::with_capacity(rows.len());
    for mut row in rows.into_iter().map(Columns::of) {
        changes.push(Deployed {
            id: row.id()?,
            script_hash: row.maybe(),
            name: row.text(),
            note: row.text(),
            committed_at: row.time()?,
            committer: people.get(row.person()),
            planned_at: row.stamp()?,
            planner: people.get(row.person()),
            tags: Vec::new(),
        });
    }
    let place: HashMap<Id, usize> = changes.iter().enumerate().map(|(at, change)| (change.id, at)).collect();
    for mut row in tags?.into_iter().map(Columns::of) {
        let change = row.id()?;
        let tag = DeployedTag {
            id: row.id()?,
            name: row.text().trim_start_matches('@').to_owned(),
            committed_at: row.time()?,
            committer: people.get(row.person()),
        };
        if let Some(change) = place.get(&change).and_then(|at| changes.get_mut(*at)) {
            change.tags.push(tag);
        }
    }
    let in_doubt = in_doubt(stopped?)?;
    Ok(State { projects, changes, foreign: HashMap::new(), in_doubt, unrecorded: None })
}

/// The server's time, and that of the latest record.
pub(super) fn latest_time(db: &mut Db) -> Result<(Timestamp, Option<Timestamp>)> {
    let rows = db.rows(
        "SELECT clock_timestamp(), (SELECT MAX(committed_at) FROM {r}changes), \
         (SELECT MAX(committed_at) FROM {r}events)",
        &[],
    )?;
    let mut row = Columns::of(rows.into_iter().next().unwrap_or_default());
    let now = row.time()?;
    let (changes, events) = (row.maybe(), row.maybe());
    let latest = [changes, events].iter().flatten().filter_map(|text| time(text)).max();
    Ok((now, latest))
}

/// The deployed change that a dependency means; of several, the earliest.
pub(super) fn find(db: &mut Db, own_project: &str, dependency: &Dependency) -> Result<Option<Id>> {
    let project = dependency.project.as_deref().unwrap_or(own_project);
    let found = match &dependency.subject {
        Subject::Id(id) => {
            db.value("SELECT change_id FROM {r}changes WHERE change_id = $1", &[Some(&id.to_string())])?
        }
        Subject::Change(name) => db.value(
            "SELECT change_id FROM {r}changes WHERE project = $1 AND change = $2 ORDER BY committed_at LIMIT 1",
            &[Some(project), Some(name)],
        )?,
        Subject::ChangeAtTag(name, tag) => db.value(
            "SELECT c.change_id FROM {r}changes c JOIN {r}tags t ON t.project = c.project AND t.tag = $3 \
             AND c.committed_at <= t.committed_at WHERE c.project = $1 AND c.change = $2 \
             ORDER BY c.committed_at DESC LIMIT 1",
            &[Some(project), Some(name), Some(&format!("@{tag}"))],
        )?,
        Subject::Tag(tag) => db.value(
            "SELECT change_id FROM {r}tags WHERE project = $1 AND tag = $2",
            &[Some(project), Some(&format!("@{tag}"))],
        )?,
    };
    Ok(found.as_deref().and_then(Id::parse))
}

/// Deployed changes that require one of `ids`, in any project.
pub(super) fn dependents(db: &mut Db, ids: &[Id]) -> Result<Vec<Dependent>> {
    let wanted: HashSet<Id> = ids.iter().copied().collect();
    let [rows, tags] = db.several([
        (
            "SELECT d.dependency_id, c.change_id, c.project, c.change, c.committed_at \
             FROM {r}dependencies d JOIN {r}changes c ON c.change_id = d.change_id \
             WHERE d.dependency_id IS NOT NULL ORDER BY c.committed_at",
            &[],
        ),
        (
            "SELECT c.committed_at, t.project, t.tag FROM {r}tags t JOIN {r}changes c ON c.change_id = t.change_id \
             ORDER BY c.committed_at, t.committed_at",
            &[],
        ),
    ])?;
    let mut tagged = Vec::new();
    for mut row in tags?.into_iter().map(Columns::of) {
        tagged.push((row.time()?, row.text(), row.text()));
    }
    let mut found = Vec::new();
    for mut row in rows?.into_iter().map(Columns::of) {
        let required = row.id()?;
        if !wanted.contains(&required) {
            continue;
        }
        let (id, project, name, at) = (row.id()?, row.text(), row.text(), row.time()?);
        let later = tagged.get(tagged.partition_point(|(tagged, ..)| *tagged < at)..).unwrap_or_default();
        let tag = later.iter().find(|(_, of, _)| *of == project);
        let as_of_tag = tag.map(|(.., tag)| tag.trim_start_matches('@').to_owned());
        found.push(Dependent { required, id, project, name, as_of_tag });
    }
    Ok(found)
}

/// Our own checksums of a project's scripts. What Sqitch deployed anew has none, whatever we noted
/// about an earlier deployment of the same change.
pub(super) fn checksums(db: &mut Db, project: &str) -> Result<HashMap<Id, Checksums>> {
    let rows = db.rows(
        "SELECT s.change_id, s.deploy_sha256, s.verify_sha256, s.revert_sha256 FROM {r}change_steps s \
         JOIN {r}changes c ON c.change_id = s.change_id AND c.committed_at = s.recorded_at WHERE s.project = $1",
        &[Some(project)],
    )?;
    let read = |row| {
        let mut row = Columns::of(row);
        Ok((row.id()?, Checksums { deploy: row.maybe(), verify: row.maybe(), revert: row.maybe() }))
    };
    rows.into_iter().map(read).collect()
}

/// Hands out the events one by one until there are no more or `each` says that it has enough.
pub(super) fn events(
    db: &mut Db,
    query: &EventQuery,
    each: &mut dyn FnMut(EventRow) -> Result<bool>,
) -> Result<()> {
    let order = if query.oldest_first { "ASC" } else { "DESC" };
    let mut from = 0;
    loop {
        let rows = db.rows(
            &format!(
                "SELECT event, change_id, change, project, note, array_to_json(requires), array_to_json(conflicts), \
                 array_to_json(tags), committed_at, committer_name, committer_email, planned_at, planner_name, \
                 planner_email FROM {{r}}events ORDER BY committed_at {order}, change_id {order} \
                 LIMIT {PAGE} OFFSET {from}"
            ),
            &[],
        )?;
        let count = rows.len();
        for row in rows {
            if !each(event(Columns::of(row))?)? {
                return Ok(());
            }
        }
        if count < PAGE {
            return Ok(());
        }
        from += PAGE;
    }
}

fn event(mut row: Columns) -> Result<EventRow> {
    Ok(EventRow {
        event: row.text(),
        change_id: row.text(),
        change: row.text(),
        project: row.text(),
        note: row.text(),
        requires: row.list(),
        conflicts: row.list(),
        tags: row.list(),
        committed_at: row.time()?,
        committer: row.person(),
        planned_at: row.stamp()?,
        planner: row.person(),
    })
}

/// What the registry holds with a change.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorded {
    pub(super) tags: Vec<TagRecord>,
    pub(super) requires: Vec<(String, Id)>,
    pub(super) conflicts: Vec<String>,
}

/// The tags and dependencies of a project's changes, in the order in which they were written.
pub(super) fn recorded(db: &mut Db, project: &str) -> Result<HashMap<Id, Recorded>> {
    let mine: &[Option<&str>] = &[Some(project)];
    let [tags, dependencies] = db.several([
        (
            "SELECT change_id, tag_id, tag, note, planned_at, planner_name, planner_email FROM {r}tags \
             WHERE project = $1 ORDER BY committed_at",
            mine,
        ),
        (
            "SELECT d.change_id, d.dependency, d.dependency_id FROM {r}dependencies d \
             JOIN {r}changes c ON c.change_id = d.change_id WHERE c.project = $1 ORDER BY d.ctid",
            mine,
        ),
    ])?;
    let mut all: HashMap<Id, Recorded> = HashMap::new();
    for mut row in tags?.into_iter().map(Columns::of) {
        all.entry(row.id()?).or_default().tags.push(TagRecord {
            id: row.id()?,
            name: row.text().trim_start_matches('@').to_owned(),
            note: row.text(),
            planned_at: row.stamp()?,
            planner: row.person(),
        });
    }
    for mut row in dependencies?.into_iter().map(Columns::of) {
        let (change, text) = (all.entry(row.id()?).or_default(), row.text());
        match row.maybe().as_deref().and_then(Id::parse) {
            Some(id) => change.requires.push((text, id)),
            None => change.conflicts.push(text),
        }
    }
    Ok(all)
}

/// The change of a project that stopped half-way, if there is one.
fn in_doubt(rows: Vec<Row>) -> Result<Option<InDoubt>> {
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut row = Columns::of(row);
    Ok(Some(InDoubt {
        step: row.number(),
        change_id: row.id()?,
        change: row.text(),
        direction: row.text(),
        done: row.count(),
        total: row.count(),
        begun: row.number() != 0,
        script: row.text(),
        line: row.count(),
        statement: row.text(),
        units: row.list(),
        error: row.maybe(),
        at: row.time().unwrap_or(Timestamp::UNIX_EPOCH),
        by: row.text(),
        host: row.text(),
    }))
}

/// Whether the registry holds a change as deployed.
pub(super) fn is_deployed(db: &mut Db, change: Id) -> Result<bool> {
    let found = db.value("SELECT 1 FROM {r}changes WHERE change_id = $1", &[Some(&change.to_string())])?;
    Ok(found.is_some())
}

/// Registers a project, or finds it registered as the plan says.
pub(super) fn register(db: &mut Db, project: &str, uri: Option<&str>, who: &Person) -> Result<()> {
    let refuse = |why: String| {
        let with = uri.map_or("without URI".to_owned(), |uri| format!("with URI {uri}"));
        Err(Error::new(
            Kind::Database,
            "registry.project",
            format!("Cannot register \"{project}\" {with}: {why}"),
        )
        .hint("the %uri pragma of the plan must stay as it was when the project was first deployed"))
    };
    let known = db.rows("SELECT uri FROM {r}projects WHERE project = $1", &[Some(project)])?;
    match known.into_iter().next().map(|row| Columns::of(row).maybe()) {
        Some(known) if known.as_deref() == uri => return Ok(()),
        Some(None) => return refuse("already exists with NULL URI".to_owned()),
        Some(Some(known)) => return refuse(format!("already exists with URI {known}")),
        None => {}
    }
    if uri.is_some()
        && let Some(other) = db.value("SELECT project FROM {r}projects WHERE uri = $1", &[uri])?
    {
        return refuse(format!("project \"{other}\" already using that URI"));
    }
    db.rows(
        "INSERT INTO {r}projects (project, uri, creator_name, creator_email) VALUES ($1, $2, $3, $4)",
        &[Some(project), uri, Some(&who.name), Some(&who.email)],
    )
    .map(|_| ())
}
