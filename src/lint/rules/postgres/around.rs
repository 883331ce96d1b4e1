//! What the other statements of a script do for the one that is looked at.
//!
//! Knows: scripts and the state before a statement. Must never know: one rule in particular.

use super::words;
use crate::lint::rule::{Seen, Severity};
use crate::sql::statement::{Action, Column, Name, Said, Span, Statement, WriteKind};

/// How many statements away a statement may stand: in a script of a hundred thousand nobody looks at all of
/// them for each.
const FARTHEST: usize = 2_000;

/// The statements before this one and those after it, bodies included.
fn split<'a>(seen: &Seen<'a>) -> (Vec<&'a Statement>, Vec<&'a Statement>) {
    let mut all: Vec<&'a Statement> = Vec::new();
    let mut at = None;
    let first = seen.position.saturating_sub(FARTHEST);
    let near = seen.script.statements.iter().enumerate().skip(first).take(2 * FARTHEST);
    for (number, statement) in near {
        let mut waiting = vec![statement];
        while let Some(next) = waiting.pop() {
            if std::ptr::eq(next, seen.statement) {
                at = Some(all.len());
            }
            all.push(next);
            waiting.extend(next.body.iter().rev());
        }
        // A statement in a function's body stands where the function is called.
        if number == seen.position && at.is_none() {
            at = Some(all.len().saturating_sub(1));
        }
    }
    let at = at.unwrap_or(all.len());
    let later = all.split_off((at + 1).min(all.len()));
    all.truncate(at);
    (all, later)
}

/// The statements of the script before this one.
pub(super) fn earlier<'a>(seen: &Seen<'a>) -> Vec<&'a Statement> {
    split(seen).0
}

/// The statements of the script after this one.
pub(super) fn later<'a>(seen: &Seen<'a>) -> Vec<&'a Statement> {
    split(seen).1
}

/// The statements after this one that are committed together with it.
pub(super) fn together<'a>(seen: &Seen<'a>) -> Vec<&'a Statement> {
    if !seen.before.in_transaction {
        return Vec::new();
    }
    let mut list = later(seen);
    let end = list.iter().position(|next| matches!(next.said, Said::Commit | Said::Rollback));
    list.truncate(end.unwrap_or(list.len()));
    list
}

/// What a statement does to a table, if it alters one.
pub(super) fn actions(statement: &Statement) -> Option<(&Name, &[(Action, Span)])> {
    match &statement.said {
        Said::AlterTable { table, actions, .. } => Some((table, actions)),
        _ => None,
    }
}

/// What these statements do to this table, action by action.
pub(super) fn actions_on<'a>(seen: &Seen<'_>, statements: &[&'a Statement], table: &Name) -> Vec<&'a Action> {
    let key = seen.before.key(table);
    let on = statements.iter().filter_map(|statement| actions(statement));
    let on = on.filter(|(table, _)| seen.before.key(table) == key);
    on.flat_map(|(_, actions)| actions).map(|(action, _)| action).collect()
}

/// The column as an earlier statement of this script adds it: nobody else uses it yet.
pub(super) fn added_here<'a>(seen: &Seen<'a>, table: &Name, column: &str) -> Option<&'a Column> {
    actions_on(seen, &earlier(seen), table).into_iter().rev().find_map(|action| match action {
        Action::AddColumn { column: added, .. } if added.name == column => Some(added),
        _ => None,
    })
}

/// The name with which a `DROP INDEX` finds an index of a table.
pub(super) fn index_name(seen: &Seen<'_>, index: &Name, table: &Name) -> Name {
    let schema = index.schema.clone().or_else(|| seen.before.key(table).schema);
    Name { schema: schema.filter(|schema| schema != "public"), name: index.name.clone() }
}

/// Whether a column was added by what is not deployed yet: nobody else uses it.
pub(super) fn is_new_column(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    seen.before.is_new_column(table, column) || added_here(seen, table, column).is_some()
}

/// What is known of a column: whether it may not be null, and its default.
pub(super) fn column<'a>(seen: &Seen<'a>, table: &Name, column: &str) -> Option<&'a crate::schema::Column> {
    seen.before.relation(table).and_then(|relation| relation.column(column))
}

/// The key of what a statement renames.
pub(super) fn renamed_key(seen: &Seen<'_>, name: &Name, to: &str) -> Name {
    Name { schema: seen.before.key(name).schema, name: to.to_owned() }
}

/// Whether a statement makes something of this key, or gives something else that name.
pub(super) fn makes(seen: &Seen<'_>, statement: &Statement, key: &Name) -> bool {
    let same = |name: &Name| seen.before.key(name) == *key;
    match &statement.said {
        Said::CreateTable(create) => !create.temporary && same(&create.name),
        Said::CreateView { name, temporary, .. } => !temporary && same(name),
        Said::CreateFunction(function) => same(&function.name),
        Said::CreateSequence { name } | Said::CreateType { name, .. } | Said::CreateDomain { name, .. } => {
            same(name)
        }
        Said::AlterTable { table, actions, .. } => actions.iter().any(|(action, _)| match action {
            Action::RenameTo { to } => renamed_key(seen, table, to) == *key,
            Action::SetSchema { to } => Name::within(to, &table.name) == *key,
            _ => false,
        }),
        Said::Rename { name, part: None, to, .. } => renamed_key(seen, name, to) == *key,
        Said::SetSchema { name, to, .. } => Name::within(to, &name.name) == *key,
        Said::Read(reads) => reads.into.as_ref().is_some_and(same),
        _ => false,
    }
}

/// The later statement that gives something this name again, and whether it comes in the same
/// transaction.
pub(super) fn made_again<'a>(seen: &Seen<'a>, key: &Name) -> Option<(&'a Statement, bool)> {
    let of = |list: Vec<&'a Statement>| list.into_iter().find(|next| makes(seen, next, key));
    match of(together(seen)) {
        Some(statement) => Some((statement, true)),
        None => of(later(seen)).map(|statement| (statement, false)),
    }
}

/// Whether an earlier statement of the script makes something of this key.
pub(super) fn made_before(seen: &Seen<'_>, key: &Name) -> bool {
    earlier(seen).into_iter().any(|old| makes(seen, old, key))
}

/// The tables into which earlier statements of the script copy rows of this one.
pub(super) fn copied_to(seen: &Seen<'_>, table: &Name) -> Vec<Name> {
    let key = seen.before.key(table);
    let from = |relations: &[Name]| relations.iter().any(|read| seen.before.key(read) == key);
    let mut found: Vec<Name> = Vec::new();
    for statement in earlier(seen) {
        match &statement.said {
            Said::CreateTable(create) => {
                let read = create.filled_from.as_ref().is_some_and(|reads| from(&reads.relations));
                found.extend(read.then(|| create.name.clone()));
            }
            Said::Read(reads) if from(&reads.relations) => found.extend(reads.into.clone()),
            Said::Write(writes, reads) if from(&reads.relations) => {
                let into = writes.iter().filter(|write| {
                    matches!(write.kind, WriteKind::InsertSelect | WriteKind::Upsert | WriteKind::Merge)
                });
                found.extend(into.map(|write| write.table.clone()));
            }
            _ => {}
        }
    }
    found.retain(|name| seen.before.key(name) != key);
    found.sort();
    found.dedup();
    found
}

/// Whether the privileges on something are given again to whoever had them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grants {
    /// They are, or nobody had any.
    Kept,
    /// These roles do without.
    Lacking(Vec<String>),
    /// Nobody knows who had any; `walked` says that the project made it and granted nothing.
    Unsure { walked: bool },
}

/// Compares the roles that have privileges on `old` with those to which statements grant some on `new`.
pub(super) fn grants(
    seen: &Seen<'_>,
    old: Option<&crate::schema::Relation>,
    new: &Name,
    statements: &[&Statement],
) -> Grants {
    let mut given: Vec<&str> = Vec::new();
    for statement in statements {
        let Said::Privileges { grant: true, objects, roles, on_objects: true, .. } = &statement.said else {
            continue;
        };
        // Without names it may be about all tables of a schema.
        if objects.is_empty() && covers_all(statement)
            || objects.iter().any(|name| seen.before.key(name) == *new)
        {
            given.extend(roles.iter().map(String::as_str));
        }
    }
    let had = old.map_or(&[][..], |relation| &relation.granted);
    if had.is_empty() {
        return match (given.is_empty() && !(old.is_some() && seen.before.schema.complete), old) {
            (false, _) => Grants::Kept,
            (true, old) => Grants::Unsure { walked: old.is_some_and(|old| old.columns_known) },
        };
    }
    let lacks = |role: &&String| !given.contains(&role.as_str()) && !given.contains(&"public");
    let lacking: Vec<String> = had.iter().filter(lacks).cloned().collect();
    if lacking.is_empty() { Grants::Kept } else { Grants::Lacking(lacking) }
}

/// Whether the project is known to grant anything on anything.
pub(super) fn grants_at_all(seen: &Seen<'_>) -> bool {
    seen.before.schema.relations.values().any(|relation| !relation.granted.is_empty())
}

/// Whether it is about all tables of a schema.
fn covers_all(statement: &Statement) -> bool {
    let words: Vec<String> = statement.text.split_whitespace().take(40).map(str::to_uppercase).collect();
    words.windows(2).any(|pair| matches!(pair, [all, tables] if all == "ALL" && tables == "TABLES"))
}

/// What stands in for a name that a statement takes away.
#[derive(Debug)]
pub(super) struct StandIn<'a> {
    /// The statement that makes it.
    pub(super) by: &'a Statement,
    /// Whether it comes in the same transaction, so that nobody ever misses the name.
    pub(super) at_once: bool,
    /// Whether those who used the old one may use it.
    pub(super) grants: Grants,
}

/// What later statements put in the place of a name.
pub(super) fn stand_in<'a>(seen: &Seen<'a>, key: &Name) -> Option<StandIn<'a>> {
    let (by, at_once) = made_again(seen, key)?;
    let statements = if at_once { together(seen) } else { later(seen) };
    Some(StandIn { by, at_once, grants: grants(seen, seen.before.relation(key), key, &statements) })
}

impl StandIn<'_> {
    /// What is wrong with it, and how grave that is; nothing if running code does not notice.
    pub(super) fn trouble(&self, key: &Name) -> Option<(Severity, String)> {
        match &self.grants {
            Grants::Lacking(roles) => Some((
                Severity::Breaks,
                format!("what takes its name is not granted to {}", words::list(roles)),
            )),
            Grants::Unsure { walked } => Some((
                if *walked { Severity::Advice } else { Severity::Breaks },
                format!(
                    "what takes the name {key} has no privileges: grant them in the same transaction, unless \
                     the application owns it"
                ),
            )),
            Grants::Kept if !self.at_once => Some((
                Severity::Advice,
                "what takes its name comes in another transaction: in between, running code fails".to_owned(),
            )),
            Grants::Kept => None,
        }
    }

    /// Whether it is a view.
    pub(super) fn is_view(&self) -> bool {
        matches!(self.by.said, Said::CreateView { materialized: false, .. })
    }
}

/// The column to which an earlier UPDATE of the script copies the values of this one.
pub(super) fn copied_column<'a>(seen: &Seen<'a>, table: &Name, column: &str) -> Option<&'a str> {
    let key = seen.before.key(table);
    earlier(seen).into_iter().find_map(|statement| {
        let Said::Write(writes, _) = &statement.said else { return None };
        let own = writes
            .iter()
            .filter(|write| write.kind == WriteKind::Update && seen.before.key(&write.table) == key);
        own.flat_map(|write| &write.sets)
            .find(|(set, expr)| set != column && expr.columns.iter().any(|read| read == column))
            .map(|(set, _)| set.as_str())
    })
}

/// What is made of a column, with its key if it is a relation.
pub(super) type User = (Option<Name>, String);

/// What is made of a column, as far as it is known, and whether it surely is.
pub(super) fn users(seen: &Seen<'_>, table: &Name, column: &str) -> (Vec<User>, bool) {
    let key = seen.before.key(table);
    let mut surely: Vec<User> = Vec::new();
    let mut perhaps: Vec<User> = Vec::new();
    let own = seen.before.relation(table);
    for generated in own.iter().flat_map(|own| &own.columns) {
        if generated.generated.is_some() && generated.generated_from.iter().any(|from| from == column) {
            surely.push((None, format!("the generated column {}", generated.name)));
        }
    }
    let paths = [format!("{}.{column}", key.name), format!("{key}.{column}")];
    for (name, view) in &seen.before.schema.relations {
        let told =
            || (Some(name.clone()), format!("the {} {}", view.object.word(), words::shown(seen, name)));
        let here = view.reads.is_empty() || view.reads.contains(&key);
        if here && view.reads_columns.iter().any(|path| paths.contains(path)) {
            surely.push(told());
        } else if view.reads.contains(&key) && view.reads_columns.is_empty() {
            // Only the names of its own columns are known.
            let shows = !view.columns_known || view.column(column).is_some();
            let list = if shows && view.reads.len() == 1 { &mut surely } else { &mut perhaps };
            list.push(told());
        }
    }
    if surely.is_empty() { (perhaps, false) } else { (surely, true) }
}
