//! What differs between the catalogue before a change and after its revert.

use crate::schema::{Column, Constraint, Index, Kind, Relation, Schema};
use crate::sql::statement::Name;
use std::collections::BTreeMap;

/// What a revert script does not undo, as sentences that go on after its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Differences {
    /// What stays behind: the next deployment will find it.
    pub(super) left: Vec<String>,
    /// What does not come back.
    pub(super) missing: Vec<String>,
    /// What comes back otherwise: thing, how it was, how it is.
    pub(super) changed: Vec<String>,
}

impl Differences {
    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty() && self.missing.is_empty() && self.changed.is_empty()
    }
}

/// Compares; `born` are the relations that the deploy script made, `added` the columns that it added to
/// others, as table and column.
pub(super) fn between(
    before: &Schema,
    reverted: &Schema,
    born: &[Name],
    added: &[(Name, String)],
) -> Differences {
    let mut found = Differences::default();
    for (key, relation) in &reverted.relations {
        match before.relations.get(key) {
            Some(old) => {
                let own = added.iter().filter(|(table, _)| table == key);
                let own: Vec<&str> = own.map(|(_, column)| column.as_str()).collect();
                inside(key, old, relation, &own, &mut found);
            }
            None if born.contains(key) && !is_temporary(key) => {
                found.left.push(format!("the {} {}", relation.object.word(), shown(key)));
            }
            None => {}
        }
    }
    for (key, relation) in &before.relations {
        if !reverted.relations.contains_key(key) && !is_temporary(key) {
            found.missing.push(format!("the {} {}", relation.object.word(), shown(key)));
        }
    }
    names("the type", &before.types, &reverted.types, &mut found);
    names("the domain", &before.domains, &reverted.domains, &mut found);
    names("the function", &before.routines, &reverted.routines, &mut found);
    found
}

/// Whether something goes with the session.
fn is_temporary(key: &Name) -> bool {
    key.schema.as_deref() == Some("pg_temp")
}

/// A key of the catalogue as a person would write it.
pub(super) fn shown(key: &Name) -> String {
    match key.schema.as_deref() {
        Some("public" | "main" | "") => key.name.clone(),
        _ => key.to_string(),
    }
}

fn names<T>(what: &str, before: &BTreeMap<Name, T>, reverted: &BTreeMap<Name, T>, found: &mut Differences) {
    let lacks = |one: &BTreeMap<Name, T>, key: &&Name| !one.contains_key(*key) && !is_temporary(key);
    found
        .left
        .extend(reverted.keys().filter(|key| lacks(before, key)).map(|key| format!("{what} {}", shown(key))));
    found
        .missing
        .extend(before.keys().filter(|key| lacks(reverted, key)).map(|key| format!("{what} {}", shown(key))));
}

/// The same table before and after.
fn inside(key: &Name, old: &Relation, new: &Relation, added: &[&str], found: &mut Differences) {
    let table = shown(key);
    for column in &new.columns {
        match old.column(&column.name) {
            // What nobody knew of may have been there all the time.
            None if old.columns_known || added.contains(&column.name.as_str()) => {
                found.left.push(format!("the column {table}.{}", column.name));
            }
            None => {}
            Some(before) if old.columns_known => attributes(&table, before, column, found),
            Some(_) => {}
        }
    }
    for column in old.columns.iter().filter(|column| new.column(&column.name).is_none()) {
        if new.columns_known || !old.columns_known {
            found.missing.push(format!("the column {table}.{}", column.name));
        }
    }
    indexes(&table, old, new, found);
    constraints(&table, old, new, found);
    for trigger in old.triggers.iter().filter(|own| !new.triggers.contains(own)) {
        found.missing.push(format!("the trigger {trigger} of {table}"));
    }
    for trigger in new.triggers.iter().filter(|own| !old.triggers.contains(own)) {
        found.left.push(format!("the trigger {trigger} of {table}"));
    }
    for policy in old.policies.iter().filter(|own| !new.policies.contains(own)) {
        found.missing.push(format!("the policy {policy} of {table}"));
    }
}

fn attributes(table: &str, old: &Column, new: &Column, found: &mut Differences) {
    let column = format!("the column {table}.{}", old.name);
    let types = old.ty.as_ref().zip(new.ty.as_ref()).filter(|(before, after)| before != after);
    if let Some((before, after)) = types {
        found.changed.push(format!("{column} is {} and was {}", after.written(), before.written()));
    }
    if old.not_null != new.not_null {
        let word = |not_null| if not_null { "NOT NULL" } else { "nullable" };
        found.changed.push(format!("{column} is {} and was {}", word(new.not_null), word(old.not_null)));
    }
    // A serial column and an identity both count by themselves.
    let counts =
        |own: &Column| own.identity || own.default.as_deref().is_some_and(|text| text.starts_with("nextval"));
    let (before, after) = (old.default.as_deref().map(plain), new.default.as_deref().map(plain));
    if before != after && !(counts(old) && counts(new)) {
        let said = |default: &Option<String>| match default {
            Some(text) => format!("the default {text}"),
            None => "no default".to_owned(),
        };
        found.changed.push(format!("{column} has {} and had {}", said(&new.default), said(&old.default)));
    }
    if old.generated.is_some() != new.generated.is_some() {
        let word = |generated: Option<bool>| if generated.is_some() { "generated" } else { "not generated" };
        found.changed.push(format!("{column} is {} and was {}", word(new.generated), word(old.generated)));
    }
}

/// A default without casts, parentheses and blanks, which servers add and take away.
fn plain(text: &str) -> String {
    let mut text = text.trim().to_owned();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        text = inner.trim().to_owned();
    }
    if let Some((before, _)) = text.rsplit_once("::") {
        text = before.trim().to_owned();
    }
    if text.starts_with('\'') { text } else { text.to_lowercase().replace(' ', "") }
}

fn indexes(table: &str, old: &Relation, new: &Relation, found: &mut Differences) {
    let free = |relation: &Relation| -> Vec<Index> {
        relation.indexes.iter().filter(|index| index.constraint.is_none()).cloned().collect()
    };
    let (before, after) = (free(old), free(new));
    let same = |one: &Index, other: &Index| {
        one.name == other.name || one.columns == other.columns && one.unique == other.unique
    };
    for index in before.iter().filter(|own| !after.iter().any(|other| same(own, other))) {
        found.missing.push(format!("the index {} of {table}", index.name));
    }
    for index in after.iter().filter(|own| !before.iter().any(|other| same(own, other))) {
        found.left.push(format!("the index {} of {table}", index.name));
    }
}

fn constraints(table: &str, old: &Relation, new: &Relation, found: &mut Differences) {
    let counts = |own: &&Constraint| own.kind != Kind::NotNull;
    let same = |one: &Constraint, other: &Constraint| {
        one.kind == other.kind && one.columns == other.columns && one.to == other.to
    };
    for own in old.constraints.iter().filter(counts) {
        if !new.constraints.iter().any(|other| same(own, other)) {
            found.missing.push(format!("the {} of {table} ({})", word(own.kind), own.columns.join(", ")));
        }
    }
    for own in new.constraints.iter().filter(counts) {
        if !old.constraints.iter().any(|other| same(own, other)) && old.columns_known {
            found.left.push(format!("the {} of {table} ({})", word(own.kind), own.columns.join(", ")));
        }
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Check => "check",
        Kind::NotNull => "not null",
        Kind::Unique => "unique key",
        Kind::PrimaryKey => "primary key",
        Kind::Foreign => "foreign key",
        Kind::Exclude => "exclusion constraint",
    }
}
