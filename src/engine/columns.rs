//! What a row of a registry says, column by column, where a driver hands it out as text.

use crate::error::{Error, Kind, Result};
use crate::plan::{Id, Person, Stamp};
use crate::steps::{Deployed, DeployedTag, InDoubt};
use jiff::Timestamp;
use std::sync::Arc;

/// One row, column by column, as text.
pub(super) type Row = Vec<Option<String>>;

/// A point in time as a registry's connection shows it: in UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("+00").unwrap_or(text);
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

/// The columns of a row, read one after the other.
pub(super) struct Columns<I>(pub(super) I);

impl Columns<std::vec::IntoIter<Option<String>>> {
    pub(super) fn of(row: Row) -> Self {
        Columns(row.into_iter())
    }
}

impl<S: AsRef<str> + Into<String>, I: Iterator<Item = Option<S>>> Columns<I> {
    pub(super) fn next(&mut self) -> Option<S> {
        self.0.next().flatten()
    }

    pub(super) fn maybe(&mut self) -> Option<String> {
        self.next().map(Into::into)
    }

    pub(super) fn text(&mut self) -> String {
        self.maybe().unwrap_or_default()
    }

    pub(super) fn number(&mut self) -> i64 {
        self.next().and_then(|text| text.as_ref().parse().ok()).unwrap_or_default()
    }

    pub(super) fn count(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or_default()
    }

    /// Reads a column, or says what cannot be read.
    pub(super) fn parsed<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text = self.next();
        let text = text.as_ref().map_or("", S::as_ref);
        read(text).ok_or_else(|| {
            let message = format!("the registry holds \"{text}\" where it should not");
            Error::new(Kind::Database, "registry.value", message)
        })
    }

    pub(super) fn id(&mut self) -> Result<Id> {
        self.parsed(Id::parse)
    }

    pub(super) fn time(&mut self) -> Result<Timestamp> {
        self.parsed(time)
    }

    pub(super) fn stamp(&mut self) -> Result<Stamp> {
        self.parsed(Stamp::from_sql)
    }

    pub(super) fn person(&mut self) -> Person {
        Person { name: self.text(), email: self.text() }
    }

    /// An array, which the statement turned into JSON.
    pub(super) fn list(&mut self) -> Vec<String> {
        self.next().and_then(|text| serde_json::from_str(text.as_ref()).ok()).unwrap_or_default()
    }
}

/// The few people of a registry, each kept once.
#[derive(Default)]
pub(super) struct People(Vec<Arc<Person>>);

impl People {
    /// The person in the next two columns.
    pub(super) fn next<S, I>(&mut self, row: &mut Columns<I>) -> Arc<Person>
    where
        S: AsRef<str> + Into<String>,
        I: Iterator<Item = Option<S>>,
    {
        let (name, email) = (row.next(), row.next());
        let [is_name, is_email] = [&name, &email].map(|text| text.as_ref().map_or("", S::as_ref));
        let is = |person: &Person| person.name == is_name && person.email == is_email;
        // The latest is the likeliest, and beyond some dozens looking costs more than it saves.
        if let Some(known) = self.0.iter().rev().take(50).find(|known| is(known)) {
            return Arc::clone(known);
        }
        let own = |text: Option<S>| text.map(Into::into).unwrap_or_default();
        let person = Arc::new(Person { name: own(name), email: own(email) });
        self.0.push(Arc::clone(&person));
        person
    }
}

/// A change, its columns in the order of the table.
pub(super) fn deployed<S: AsRef<str> + Into<String>>(
    row: &mut Columns<impl Iterator<Item = Option<S>>>,
    people: &mut People,
) -> Result<Deployed> {
    Ok(Deployed {
        id: row.id()?,
        script_hash: row.maybe(),
        name: row.text(),
        note: row.text(),
        committed_at: row.time()?,
        committer: people.next(row),
        planned_at: row.stamp()?,
        planner: people.next(row),
        tags: Vec::new(),
    })
}

/// A tag without the change it is of.
pub(super) fn deployed_tag<S: AsRef<str> + Into<String>>(
    row: &mut Columns<impl Iterator<Item = Option<S>>>,
    people: &mut People,
) -> Result<DeployedTag> {
    Ok(DeployedTag {
        id: row.id()?,
        name: row.text().trim_start_matches('@').to_owned(),
        committed_at: row.time()?,
        committer: people.next(row),
    })
}

/// The change that stopped half-way, if the answer to [`super::journal::IN_DOUBT`] holds one.
pub(super) fn in_doubt(rows: Vec<Row>) -> Result<Option<InDoubt>> {
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
