//! Reading the registry, and registering a project.

use super::db::Db;
use crate::engine::EventQuery;
use crate::engine::columns::{Columns, People, Row, deployed, deployed_tag, in_doubt, time};
use crate::engine::journal;
use crate::engine::record::{EventRow, TagRecord};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person, Subject};
use crate::steps::{Checksums, Dependent, Project, State};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// How many events are read at once.
const PAGE: usize = 2000;

/// Projects, the changes of one of them with their tags, and what of it stopped half-way: one round
/// trip, whatever their number.
pub(super) fn state(db: &mut Db, project: &str, most: Option<usize>, journal: bool) -> Result<State> {
    let mine: &[Option<&str>] = &[Some(project)];
    let limit = most.map_or("ALL".to_owned(), |most| most.saturating_add(1).to_string());
    let latest = format!(
        "SELECT * FROM (SELECT change_id, script_hash, change, note, committed_at, committer_name, committer_email, \
         planned_at, planner_name, planner_email FROM {{r}}changes WHERE project = $1 ORDER BY committed_at DESC \
         LIMIT {limit}) t ORDER BY committed_at"
    );
    let of_latest = match most {
        Some(_) => format!(
            " AND change_id IN (SELECT change_id FROM {{r}}changes WHERE project = $1 ORDER BY committed_at DESC LIMIT {limit})"
        ),
        None => String::new(),
    };
    let tags_of_latest = format!(
        "SELECT change_id, tag_id, tag, committed_at, committer_name, committer_email FROM {{r}}tags \
         WHERE project = $1{of_latest} ORDER BY committed_at"
    );
    let statements: [(&str, &[Option<&str>]); 4] = [
        ("SELECT project, uri FROM {r}projects ORDER BY project", &[]),
        (&latest, mine),
        (&tags_of_latest, mine),
        (if journal { journal::IN_DOUBT } else { "SELECT WHERE $1 = ''" }, mine),
    ];
    let mut people = People::default();
    let mut state = State::default();
    let (mut tags, mut stopped) = (Vec::new(), Vec::new());
    db.each_of(statements, &mut |statement, cells| {
        if statement == 3 {
            stopped.push(cells.map(|cell| cell.map(Into::into)).collect());
            return Ok(());
        }
        let mut row = Columns(cells);
        match statement {
            0 => state.projects.push(Project { name: row.text(), uri: row.maybe() }),
            1 => state.changes.push(deployed(&mut row, &mut people)?),
            _ => tags.push((row.id()?, deployed_tag(&mut row, &mut people)?)),
        }
        Ok(())
    })?;
    state.keep_latest(most);
    let changes = &mut state.changes;
    if !tags.is_empty() {
        let place: HashMap<Id, usize> =
            changes.iter().enumerate().map(|(at, change)| (change.id, at)).collect();
        for (change, tag) in tags {
            if let Some(change) = place.get(&change).and_then(|at| changes.get_mut(*at)) {
                change.tags.push(tag);
            }
        }
    }
    state.in_doubt = in_doubt(stopped)?;
    Ok(state)
}

/// Asks for the server's time, and those of the latest records.
const LATEST_TIME: &str = "SELECT clock_timestamp(), (SELECT MAX(committed_at) FROM {r}changes), \
     (SELECT MAX(committed_at) FROM {r}events)";

/// The server's time, and that of the latest record.
pub(super) fn latest_time(db: &mut Db) -> Result<(Timestamp, Option<Timestamp>)> {
    let rows = db.rows(LATEST_TIME, &[])?;
    latest_of(rows)
}

fn latest_of(rows: Vec<Row>) -> Result<(Timestamp, Option<Timestamp>)> {
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
            if !each(event(row)?)? {
                return Ok(());
            }
        }
        if count < PAGE {
            return Ok(());
        }
        from += PAGE;
    }
}

fn event(row: Row) -> Result<EventRow> {
    let mut row = Columns::of(row);
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

/// Whether the registry holds a change as deployed.
pub(super) fn is_deployed(db: &mut Db, change: Id) -> Result<bool> {
    let found = db.value("SELECT 1 FROM {r}changes WHERE change_id = $1", &[Some(&change.to_string())])?;
    Ok(found.is_some())
}

/// Registers a project, or finds it registered as the plan says. Tells the times that
/// [`latest_time`] would.
pub(super) fn register(
    db: &mut Db,
    project: &str,
    uri: Option<&str>,
    who: &Person,
) -> Result<(Timestamp, Option<Timestamp>)> {
    let refuse = |why: String| {
        let with = uri.map_or("without URI".to_owned(), |uri| format!("with URI {uri}"));
        Err(Error::new(
            Kind::Database,
            "registry.project",
            format!("Cannot register \"{project}\" {with}: {why}"),
        )
        .hint("the %uri pragma of the plan must stay as it was when the project was first deployed"))
    };
    // All at once: the row is made unless one of the answers before it speaks against it.
    let [known, other, made, times] = db.several([
        ("SELECT uri FROM {r}projects WHERE project = $1", &[Some(project)]),
        ("SELECT project FROM {r}projects WHERE uri = $1 AND project <> $2", &[uri, Some(project)]),
        (
            "INSERT INTO {r}projects (project, uri, creator_name, creator_email) \
             SELECT $1::text, $2::text, $3::text, $4::text \
             WHERE NOT EXISTS (SELECT 1 FROM {r}projects p WHERE p.project = $1 OR p.uri = $2)",
            &[Some(project), uri, Some(&who.name), Some(&who.email)],
        ),
        (LATEST_TIME, &[]),
    ])?;
    match known?.into_iter().next().map(|row| Columns::of(row).maybe()) {
        Some(known) if known.as_deref() == uri => {}
        Some(None) => return refuse("already exists with NULL URI".to_owned()),
        Some(Some(known)) => return refuse(format!("already exists with URI {known}")),
        None => {
            if let Some(other) = other?.into_iter().next().map(|row| Columns::of(row).text()) {
                return refuse(format!("project \"{other}\" already using that URI"));
            }
            made?;
        }
    }
    latest_of(times?)
}
