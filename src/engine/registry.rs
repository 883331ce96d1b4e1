//! Sqitch's registry, version 1.1: which rows a deployment, a revert and a failure write.
//!
//! The SQL is written once; a [`Dialect`] says where the tables are and how lists are stored. Our
//! own tables stand beside Sqitch's six and carry `change_` in front of their names: Sqitch never
//! looks at them, and removing them loses history, not correctness.

use super::Direction;
use super::record::ChangeRecord;
use crate::plan::{Id, Person};

/// The small differences between databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What stands before a table's name, with its dot: `main.`, `sqitch.`
    pub prefix: String,
}

impl Dialect {
    /// The statement with the tables' place filled in.
    #[must_use]
    pub fn fill(&self, sql: &str) -> String {
        sql.replace("{r}", &self.prefix).replace("{change}", "change").replace("{text}", "TEXT")
    }
}

/// A value that is bound to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// Text for people, of which a database may keep what its encoding has.
    Note(String),
    /// A number.
    Number(i64),
    /// A list; where there are no arrays, its items are joined by the character.
    List(Vec<String>, char),
    /// What an expression of our own says when it is run.
    Expression(String),
    /// Nothing.
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// One statement with its values. `{r}` stands before every table; `{change}` is the column of that
/// name, which some databases want quoted, and `{text}` the type that any value can be cast to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The statement.
    pub sql: &'static str,
    /// Its values, `?1` first.
    pub values: Vec<Value>,
}

pub(super) fn write<const N: usize>(sql: &'static str, values: [Value; N]) -> Write {
    Write { sql, values: values.into() }
}

const INSERT_CHANGE: &str = "INSERT INTO {r}changes (change_id, script_hash, {change}, project, note, \
     committed_at, committer_name, committer_email, planned_at, planner_name, planner_email) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const INSERT_DEPENDENCY: &str =
    "INSERT INTO {r}dependencies (change_id, type, dependency, dependency_id) VALUES (?1, ?2, ?3, ?4)";
const INSERT_TAG: &str = "INSERT INTO {r}tags (tag_id, tag, project, change_id, note, committed_at, \
     committer_name, committer_email, planned_at, planner_name, planner_email) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const INSERT_EVENT: &str = "INSERT INTO {r}events (event, change_id, {change}, project, note, requires, conflicts, \
     tags, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
const UPDATE_HASH: &str = "UPDATE {r}changes SET script_hash = ?1 WHERE change_id = ?2";
const DELETE_TAGS: &str = "DELETE FROM {r}tags WHERE change_id = ?1";
const DELETE_DEPENDENCIES: &str = "DELETE FROM {r}dependencies WHERE change_id = ?1";
const DELETE_CHANGE: &str = "DELETE FROM {r}changes WHERE change_id = ?1";

/// The two points in time of a recorded change, as the registry spells them. Each change of a run
/// has later ones than the change before it, so the order of rows is the order of their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// Of the change.
    pub change: Value,
    /// Of its tags, one by one, where the clock tells them apart; else they share the event's.
    pub tags: Vec<Value>,
    /// Of the event.
    pub event: Value,
}

/// The rows of a deployed change.
#[must_use]
pub fn deploy_rows(record: &ChangeRecord, who: &Person, times: &Times) -> Vec<Write> {
    let id = record.id.to_string();
    let mut rows = vec![write(
        INSERT_CHANGE,
        [
            id.as_str().into(),
            record.script_hash.clone().into(),
            record.name.as_str().into(),
            record.project.as_str().into(),
            record.note.as_str().into(),
            times.change.clone(),
            who.name.as_str().into(),
            who.email.as_str().into(),
            record.planned_at.to_sql().into(),
            record.planner.name.as_str().into(),
            record.planner.email.as_str().into(),
        ],
    )];
    for (text, required) in &record.requires {
        let values =
            [id.as_str().into(), "require".into(), text.as_str().into(), required.to_string().into()];
        rows.push(write(INSERT_DEPENDENCY, values));
    }
    for text in &record.conflicts {
        rows.push(write(
            INSERT_DEPENDENCY,
            [id.as_str().into(), "conflict".into(), text.as_str().into(), Value::Null],
        ));
    }
    rows.extend(tag_rows(record, who, times));
    rows.push(event_row("deploy", record, who, times, lists(record, ' ')));
    rows
}

/// The rows of a reverted change. `record` holds the tags and dependencies as the registry had them.
#[must_use]
pub fn revert_rows(record: &ChangeRecord, who: &Person, times: &Times) -> Vec<Write> {
    let id = || [record.id.to_string().into()];
    vec![
        write(DELETE_TAGS, id()),
        write(DELETE_DEPENDENCIES, id()),
        write(DELETE_CHANGE, id()),
        event_row("revert", record, who, times, lists(record, ',')),
    ]
}

/// The event of a change that failed.
#[must_use]
pub fn failure_rows(record: &ChangeRecord, who: &Person, times: &Times) -> Vec<Write> {
    vec![event_row("fail", record, who, times, lists(record, ' '))]
}

/// The hashes of deploy scripts, for changes that were deployed before the registry held any.
#[must_use]
pub fn hash_rows(hashes: &[(Id, Option<String>)]) -> Vec<Write> {
    let row =
        |(id, hash): &(Id, Option<String>)| write(UPDATE_HASH, [hash.clone().into(), id.to_string().into()]);
    hashes.iter().map(row).collect()
}

/// The rows of a change's tags.
#[must_use]
pub fn tag_rows(record: &ChangeRecord, who: &Person, times: &Times) -> Vec<Write> {
    let row = |(position, tag): (usize, &super::record::TagRecord)| {
        let at = times.tags.get(position).unwrap_or(&times.event);
        write(
            INSERT_TAG,
            [
                tag.id.to_string().into(),
                format!("@{}", tag.name).into(),
                record.project.as_str().into(),
                record.id.to_string().into(),
                tag.note.as_str().into(),
                at.clone(),
                who.name.as_str().into(),
                who.email.as_str().into(),
                tag.planned_at.to_sql().into(),
                tag.planner.name.as_str().into(),
                tag.planner.email.as_str().into(),
            ],
        )
    };
    record.tags.iter().enumerate().map(row).collect()
}

/// The lists of an event: requirements, conflicts and tags. Where there are no arrays, Sqitch joins
/// the tags by a blank when it deploys and by a comma when it reverts.
fn lists(record: &ChangeRecord, between_tags: char) -> [Value; 3] {
    let requires = record.requires.iter().map(|(text, _)| text.clone()).collect();
    let tags = record.tags.iter().map(|tag| format!("@{}", tag.name)).collect();
    [Value::List(requires, ','), Value::List(record.conflicts.clone(), ','), Value::List(tags, between_tags)]
}

fn event_row(event: &str, record: &ChangeRecord, who: &Person, times: &Times, lists: [Value; 3]) -> Write {
    let [requires, conflicts, tags] = lists;
    write(
        INSERT_EVENT,
        [
            event.into(),
            record.id.to_string().into(),
            record.name.as_str().into(),
            record.project.as_str().into(),
            record.note.as_str().into(),
            requires,
            conflicts,
            tags,
            times.event.clone(),
            who.name.as_str().into(),
            who.email.as_str().into(),
            record.planned_at.to_sql().into(),
            record.planner.name.as_str().into(),
            record.planner.email.as_str().into(),
        ],
    )
}

/// The rows that a deployed or reverted change writes.
#[must_use]
pub fn rows(direction: Direction, record: &ChangeRecord, who: &Person, times: &Times) -> Vec<Write> {
    match direction {
        Direction::Deploy => deploy_rows(record, who, times),
        Direction::Revert => revert_rows(record, who, times),
    }
}

/// Reads a list as any version and engine may have stored it: with commas or blanks between.
#[must_use]
pub fn split_list(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}
