//! `change facts`: what is read of a live database, and the file it is kept in.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

#[cfg(feature = "mysql")]
#[path = "../support/mysql.rs"]
mod maria;
#[cfg(feature = "mysql")]
mod mysql;
mod postgres;
#[path = "../support/postgres.rs"]
mod server;
mod sqlite;
#[allow(dead_code)] // Parts of it are about Sqitch.
#[path = "../support/mod.rs"]
mod support;

use change::schema::file::{self, Facts};
use change::schema::{Column, Constraint, Index, Relation, Schema};
use change::sql::statement::{Name, Type};
use support::{Done, Tool, World};

/// What `change facts export` says of a target.
#[track_caller]
pub(crate) fn export(uri: &str) -> Facts {
    let done = ask(&World::new(), uri).ok();
    assert_eq!(done.err, "");
    let facts = file::parse("facts", &done.out).unwrap();
    assert_eq!(file::write(&facts), done.out, "what is read is what was written");
    facts
}

pub(crate) fn ask(world: &World, uri: &str) -> Done {
    world.run(Tool::Change, "", &["facts", "export", uri], "")
}

/// A relation by name and schema.
#[track_caller]
pub(crate) fn relation<'a>(schema: &'a Schema, within: &str, name: &str) -> &'a Relation {
    let key = Name::within(within, name);
    schema.relations.get(&key).unwrap_or_else(|| panic!("no {key} in {:?}", schema.relations.keys()))
}

#[track_caller]
pub(crate) fn column<'a>(relation: &'a Relation, name: &str) -> &'a Column {
    relation.column(name).unwrap_or_else(|| panic!("no {name}"))
}

#[track_caller]
pub(crate) fn constraint<'a>(relation: &'a Relation, name: &str) -> &'a Constraint {
    relation.constraint(name).unwrap_or_else(|| panic!("no {name} in {:?}", relation.constraints))
}

#[track_caller]
pub(crate) fn index<'a>(relation: &'a Relation, name: &str) -> &'a Index {
    relation.index(name).unwrap_or_else(|| panic!("no {name} in {:?}", relation.indexes))
}

/// A column's type as a person would write it.
#[track_caller]
pub(crate) fn written(relation: &Relation, name: &str) -> String {
    column(relation, name).ty.as_ref().map(Type::written).unwrap_or_default()
}
