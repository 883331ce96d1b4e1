//! Reading the registry, and registering a project.

use super::db::Db;
use crate::engine::EventQuery;
use crate::engine::columns::{Columns, People, Row, deployed, deployed_tag, in_doubt, time};
use crate::engine::journal;
use crate::engine::record::{EventRow, TagRecord};
use crate::engine::registry::{Value, split_list};
use crate::error::{Error, Kind, Result};
use crate::plan::{Dependency, Id, Person, Subject};
use crate::steps::{Checksums, Dependent, Project, State};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// How many events are read at once.
const PAGE: usize = 2000;

/// Projects, the changes of one of them with their tags, and what of it stopped half-way.
pub(super) fn state(db: &mut Db, project: &str, most: Option<usize>, journal: bool) -> Result<State> {
    let mine = || [Value::from(project)];
    let mut people = People::default();
    let mut state = State::default();
    for mut row in
        db.rows("SELECT project, uri FROM {r}projects ORDER BY project", &[])?.into_iter().map(Columns::of)
    {
        state.projects.push(Project { name: row.text(), uri: row.maybe() });
    }
    let limit = most.map_or(String::new(), |most| format!(" LIMIT {}", most.saturating_add(1)));
    let sql = format!(
        "SELECT change_id, script_hash, {{change}}, note, committed_at, committer_name, committer_email, planned_at, \
         planner_name, planner_email FROM {{r}}changes WHERE project = ?1 ORDER BY committed_at DESC{limit}"
    );
    for mut row in db.rows(&sql, &mine())?.into_iter().rev().map(Columns::of) {
        state.changes.push(deployed(&mut row, &mut people)?);
    }
    state.keep_latest(most);
    let place: HashMap<Id, usize> =
        state.changes.iter().enumerate().map(|(at, change)| (change.id, at)).collect();
    let sql = "SELECT change_id, tag_id, tag, committed_at, committer_name, committer_email FROM {r}tags \
               WHERE project = ?1 ORDER BY committed_at";
    for mut row in db.rows(sql, &mine())?.into_iter().map(Columns::of) {
        let (change, tag) = (row.id()?, deployed_tag(&mut row, &mut people)?);
        if let Some(change) = place.get(&change).and_then(|at| state.changes.get_mut(*at)) {
            change.tags.push(tag);
        }
    }
    if journal {
        state.in_doubt = in_doubt(db.rows(journal::IN_DOUBT, &mine())?)?;
    }
    Ok(state)
}

/// The server's time, and that of the latest record.
pub(super) fn latest_time(db: &mut Db) -> Result<(Timestamp, Option<Timestamp>)> {
    let rows = db.rows(
        "SELECT UTC_TIMESTAMP(6), (SELECT MAX(committed_at) FROM {r}changes), (SELECT MAX(committed_at) FROM {r}events)",
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
    let project = || Value::from(dependency.project.as_deref().unwrap_or(own_project));
    let found = match &dependency.subject {
        Subject::Id(id) => db.value("SELECT change_id FROM {r}changes WHERE change_id = ?1", &[id.to_string().into()])?,
        Subject::Change(name) => db.value(
            "SELECT change_id FROM {r}changes WHERE project = ?1 AND {change} = ?2 ORDER BY committed_at LIMIT 1",
            &[project(), name.as_str().into()],
        )?,
        Subject::ChangeAtTag(name, tag) => db.value(
            "SELECT c.change_id FROM {r}changes c JOIN {r}tags t ON t.project = c.project AND t.tag = ?3 \
             AND c.committed_at <= t.committed_at WHERE c.project = ?1 AND c.{change} = ?2 \
             ORDER BY c.committed_at DESC LIMIT 1",
            &[project(), name.as_str().into(), format!("@{tag}").into()],
        )?,
        Subject::Tag(tag) => db.value(
            "SELECT change_id FROM {r}tags WHERE project = ?1 AND tag = ?2",
            &[project(), format!("@{tag}").into()],
        )?,
    };
    Ok(found.as_deref().and_then(Id::parse))
}

/// Deployed changes that require one of `ids`, in any project.
pub(super) fn dependents(db: &mut Db, ids: &[Id]) -> Result<Vec<Dependent>> {
    let wanted: HashSet<Id> = ids.iter().copied().collect();
    let tags = db.rows(
        "SELECT c.committed_at, t.project, t.tag FROM {r}tags t JOIN {r}changes c ON c.change_id = t.change_id \
         ORDER BY c.committed_at, t.committed_at",
        &[],
    )?;
    let mut tagged = Vec::new();
    for mut row in tags.into_iter().map(Columns::of) {
        tagged.push((row.time()?, row.text(), row.text()));
    }
    let rows = db.rows(
        "SELECT d.dependency_id, c.change_id, c.project, c.{change}, c.committed_at \
         FROM {r}dependencies d JOIN {r}changes c ON c.change_id = d.change_id \
         WHERE d.dependency_id IS NOT NULL ORDER BY c.committed_at",
        &[],
    )?;
    let mut found = Vec::new();
    for mut row in rows.into_iter().map(Columns::of) {
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
         JOIN {r}changes c ON c.change_id = s.change_id AND c.committed_at = s.recorded_at WHERE s.project = ?1",
        &[project.into()],
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
        let sql = format!(
            "SELECT event, change_id, {{change}}, project, note, requires, conflicts, tags, committed_at, committer_name, \
             committer_email, planned_at, planner_name, planner_email FROM {{r}}events \
             ORDER BY committed_at {order}, change_id {order} LIMIT {PAGE} OFFSET {from}"
        );
        let rows = db.rows(&sql, &[])?;
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
        requires: split_list(&row.text()),
        conflicts: split_list(&row.text()),
        tags: split_list(&row.text()),
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

/// The tags and dependencies of a change, both in the order of their keys, which is the order that Sqitch
/// finds them in.
pub(super) fn recorded(db: &mut Db, change: Id) -> Result<Recorded> {
    let of = || [Value::from(change.to_string())];
    let tags = db.rows(
        "SELECT tag_id, tag, note, planned_at, planner_name, planner_email FROM {r}tags WHERE change_id = ?1 \
         ORDER BY tag_id",
        &of(),
    )?;
    let mut found = Recorded::default();
    for mut row in tags.into_iter().map(Columns::of) {
        found.tags.push(TagRecord {
            id: row.id()?,
            name: row.text().trim_start_matches('@').to_owned(),
            note: row.text(),
            planned_at: row.stamp()?,
            planner: row.person(),
        });
    }
    let sql =
        "SELECT dependency, dependency_id FROM {r}dependencies WHERE change_id = ?1 ORDER BY dependency";
    for mut row in db.rows(sql, &of())?.into_iter().map(Columns::of) {
        let text = row.text();
        match row.maybe().as_deref().and_then(Id::parse) {
            Some(id) => found.requires.push((text, id)),
            None => found.conflicts.push(text),
        }
    }
    Ok(found)
}

/// Whether the registry holds a change as deployed.
pub(super) fn is_deployed(db: &mut Db, change: Id) -> Result<bool> {
    Ok(db.value("SELECT 1 FROM {r}changes WHERE change_id = ?1", &[change.to_string().into()])?.is_some())
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
    let known = db.rows("SELECT uri FROM {r}projects WHERE project = ?1", &[project.into()])?;
    match known.into_iter().next().map(|row| Columns::of(row).maybe()) {
        Some(known) if known.as_deref() == uri => return Ok(()),
        Some(None) => return refuse("already exists with NULL URI".to_owned()),
        Some(Some(known)) => return refuse(format!("already exists with URI {known}")),
        None => {}
    }
    if let Some(uri) = uri
        && let Some(other) = db.value("SELECT project FROM {r}projects WHERE uri = ?1", &[uri.into()])?
    {
        return refuse(format!("project \"{other}\" already using that URI"));
    }
    let values =
        [project.into(), uri.map(str::to_owned).into(), who.name.as_str().into(), who.email.as_str().into()];
    db.rows(
        "INSERT INTO {r}projects (project, uri, created_at, creator_name, creator_email) \
         VALUES (?1, ?2, UTC_TIMESTAMP(6), ?3, ?4)",
        &values,
    )
    .map(|_| ())
}
