//! What statements do on MySQL and MariaDB.
//!
//! Knows: what the servers lock, and how they go about it. Must never know: whether that is good.
//!
//! Whatever changes a definition needs the table's metadata lock for itself, at least for a moment: that
//! is [`Mode::AccessExclusive`] here. What is held while rows are read or written is said by the effort.

mod approach;
mod modify;
mod parts;
mod rows;
mod server;
mod tables;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;

pub(in crate::lint) use approach::{Approach, Part, Way, Why, approach};
pub(in crate::lint) use parts::heeds_references;
pub(in crate::lint) use server::Server;

use super::{Broken, Effects, Fails, Failure, How, Lock, Loss, Lost, Mode, Refusal, Reversibility};
use crate::lint::state::State;
use crate::sql::statement::{Name, Object, Said, Span, Statement};

/// What a statement does, given what is known before it.
#[must_use]
pub fn of(statement: &Statement, state: &State) -> Effects {
    let mut made = Made { effects: Effects::default(), state, span: statement.span };
    if let Some(approach) = approach(statement, state) {
        tables::altered(&approach, statement, &mut made);
    }
    said(&statement.said, statement, &mut made);
    made.effects
}

/// Whether a table was there before and is there now, as far as anyone knows.
pub(in crate::lint) fn is_old(state: &State, name: &Name) -> bool {
    if is_of_server(name) {
        return false;
    }
    // The catalogue that was read is that of one database; of the others nobody knows anything.
    let elsewhere = name.schema.as_ref().is_some_and(|schema| {
        if state.schema.schemas.first() == Some(schema) {
            return false;
        }
        let here = |key: &&Name| key.schema.as_ref() == Some(schema);
        !state.schema.relations.keys().filter(here).any(|key| !state.is_new(key))
    });
    if elsewhere {
        let known = state.dropped.contains(name) || state.renamed.iter().any(|(old, _)| old == name);
        return !state.is_new(name) && !known;
    }
    state.is_old(name)
}

/// Whether it is the server's own, or made up by it: `seq_1_to_100` on MariaDB.
fn is_of_server(name: &Name) -> bool {
    let own = ["information_schema", "performance_schema", "mysql", "sys"];
    let counts = name.name.strip_prefix("seq_").is_some_and(|rest| rest.contains("_to_"));
    counts || name.schema.as_ref().is_some_and(|schema| own.contains(&schema.to_lowercase().as_str()))
}

/// The effects as far as they were found.
struct Made<'a> {
    effects: Effects,
    state: &'a State,
    /// The part of the statement that is looked at.
    span: Span,
}

impl Made<'_> {
    /// The metadata lock on a table that was there before, for the statement alone.
    fn lock(&mut self, table: &Name, object: Object) {
        if !self.effects.locks.iter().any(|lock| lock.on == *table) {
            let lock = Lock { on: table.clone(), object, mode: Mode::AccessExclusive, span: self.span };
            self.effects.locks.push(lock);
        }
    }

    fn broken(&mut self, object: Object, on: &Name, part: Option<&str>, how: How) {
        let part = part.map(str::to_owned);
        self.effects.broken.push(Broken { object, on: on.clone(), part, how, span: self.span });
    }

    fn refuses(&mut self, table: &Name, part: Option<&str>, why: Refusal) {
        self.broken(Object::Column, table, part, How::Refuses(why));
    }

    fn lost(&mut self, object: Object, on: &Name, part: Option<&str>, what: Loss) {
        let part = part.map(str::to_owned);
        self.effects.lost.push(Lost { object, on: on.clone(), part, what, span: self.span });
        let harm = match what {
            Loss::Rows | Loss::SomeRows | Loss::Values | Loss::Precision => Reversibility::WithDataLoss,
            _ => Reversibility::Reversible,
        };
        self.effects.reversibility = self.effects.reversibility.max(harm);
    }

    fn fails(&mut self, sort: Fails, surely: bool, why: impl Into<String>) {
        self.effects.failures.push(Failure { why: why.into(), sort, surely, span: self.span });
    }
}

fn said(said: &Said, statement: &Statement, made: &mut Made<'_>) {
    match said {
        Said::CreateTable(create) => tables::created(create, statement, made),
        Said::Drop { object, names, if_exists, .. } => tables::dropped(*object, names, *if_exists, made),
        Said::RenameTables { pairs } => tables::renamed(pairs, made),
        Said::Truncate { tables, .. } => {
            for table in tables.iter().filter(|table| is_old(made.state, table)) {
                made.lock(table, Object::Table);
                made.lost(Object::Table, table, None, Loss::Rows);
            }
        }
        Said::Write(writes, reads) => rows::written(writes, reads, made),
        Said::Lock { tables, mode, .. } => {
            let writes = mode.as_deref() == Some("WRITE");
            for table in tables.iter().filter(|table| is_old(made.state, table)) {
                let mode = if writes { Mode::AccessExclusive } else { Mode::Share };
                let lock = Lock { on: table.clone(), object: Object::Table, mode, span: made.span };
                made.effects.locks.push(lock);
            }
        }
        Said::Cluster { table: Some(table) } => rows::optimized(table, made),
        Said::CreateTrigger { table, .. } if is_old(made.state, table) => made.lock(table, Object::Table),
        Said::CreateView { name, or_replace: true, columns, .. } => {
            tables::view_replaced(name, columns.as_deref(), made);
        }
        Said::Privileges { grant: false, objects, on_objects: true, .. } => {
            for object in objects.iter().filter(|object| is_old(made.state, object)) {
                let how = How::Refuses(Refusal::NoPrivilege);
                made.broken(Object::Table, object, None, how);
            }
        }
        Said::Call { name } if made.state.bodies_called(statement).is_empty() => {
            made.effects.opaque = Some(format!("what the procedure {name} does is not known"));
        }
        Said::Dynamic => {
            made.effects.opaque = Some("it runs a text that is put together while it runs".to_owned());
        }
        Said::Opaque { why } => made.effects.opaque = Some(why.clone()),
        _ => {}
    }
}
