//! What only SQLite has: tables that a script builds again, texts that speak of tables and columns, and
//! settings that a transaction ignores.
//!
//! Knows: statements and the state. Must never know: effects, rules.

mod rebuild;

pub use rebuild::{Order, Rebuild, key_text};

use super::State;
use crate::schema::Relation;
use crate::sql::Dialect;
use crate::sql::lex::{TokenKind, statements, tokens};
use crate::sql::sqlite::shape;
use crate::sql::statement::{Action, Name, Object, Said, Statement, WriteKind};
use std::collections::{BTreeMap, BTreeSet};

/// What is known on the way through scripts of SQLite.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Whether the script's own transaction is open.
    pub begun: bool,
    /// The savepoints that are open, outermost first; outside a transaction the first begins one.
    savepoints: Vec<String>,
    /// The tables that the script builds again.
    pub rebuilds: Vec<Rebuild>,
    /// The names of the tables that the script drops and does not make again.
    drops: Vec<String>,
    /// The tables into which scripts put rows, by key.
    written: BTreeSet<Name>,
    /// What the tables that the script builds again were like before, by name.
    former: BTreeMap<String, Relation>,
    /// The columns that were added to tables by what is not deployed yet, as table and column.
    columns: Vec<(Name, String)>,
}

impl Course {
    pub(super) fn begin_script(&mut self, pending: bool) {
        self.begun = false;
        self.savepoints.clear();
        self.rebuilds.clear();
        self.drops.clear();
        self.former.clear();
        if !pending {
            self.columns.clear();
            self.written.clear();
        }
    }

    /// The transaction ends, and all savepoints with it.
    pub(super) fn end_transaction(&mut self) {
        self.begun = false;
        self.savepoints.clear();
    }

    /// The table that is built again and whose old form a statement drops.
    #[must_use]
    pub fn rebuild_dropping(&self, name: &Name) -> Option<&Rebuild> {
        self.rebuilds.iter().find(|rebuild| rebuild.drops(name))
    }

    /// Whether a transaction is open that the script itself began.
    #[must_use]
    pub fn inside(&self) -> bool {
        self.begun || !self.savepoints.is_empty()
    }

    /// Whether the script drops a table, so that what becomes of its rows and keys is of no interest.
    #[must_use]
    pub fn drops(&self, table: &Name) -> bool {
        self.drops.contains(&table.name)
    }

    /// Whether a table that is built again forbade doubles in these columns before.
    #[must_use]
    pub fn was_unique(&self, table: &Name, columns: &[String]) -> bool {
        let former = self.former.get(&table.name);
        former.is_some_and(|own| own.indexes.iter().any(|index| index.unique && index.columns == columns))
    }

    /// The table that is built again and that has this name now, or had it or will have it.
    #[must_use]
    pub fn rebuild_of(&self, name: &Name) -> Option<&Rebuild> {
        self.rebuilds.iter().find(|own| own.table.name == name.name || own.meanwhile.name == name.name)
    }
}

impl State {
    /// Looks at a script before it is walked, for what only its end tells.
    pub fn look_ahead(&mut self, statements: &[Statement]) {
        if self.dialect == Dialect::Sqlite {
            self.sqlite.rebuilds = rebuild::find(statements);
            self.sqlite.drops = rebuild::dropped(statements);
        }
    }

    /// Whether a table holds rows; nobody may know.
    #[must_use]
    pub fn holds_rows(&self, table: &Name) -> Option<bool> {
        if self.is_written(table) {
            return Some(true);
        }
        let counted = self.relation(table).and_then(|relation| relation.rows).map(|rows| rows > 0);
        if self.is_new(table) { Some(counted.unwrap_or(false)) } else { counted }
    }

    /// Whether what is not deployed yet writes to a table.
    #[must_use]
    pub fn is_written(&self, table: &Name) -> bool {
        self.sqlite.written.contains(&self.key(table))
    }

    /// Whether a column was added by what is not deployed yet, so that nobody else uses it.
    #[must_use]
    pub fn is_fresh_column(&self, table: &Name, column: &str) -> bool {
        let key = self.key(table);
        self.is_new(table) || self.sqlite.columns.iter().any(|(own, name)| *own == key && name == column)
    }

    /// Whether a pragma of SQLite is on; `usual` if nobody said.
    #[must_use]
    pub fn pragma(&self, name: &str, usual: bool) -> bool {
        let value = self.settings.get(&format!("pragma {name}"));
        value.map_or(usual, |value| {
            !["off", "0", "no", "false"].contains(&value.to_ascii_lowercase().as_str())
        })
    }

    /// The views and triggers that speak of a table, as SQLite looks for them when a table is altered.
    #[must_use]
    pub fn speaking_of(&self, table: &Name) -> Vec<(Object, String)> {
        let key = self.key(table);
        let mut found = Vec::new();
        for (name, relation) in &self.schema.relations {
            if relation.object == Object::View && relation.reads.contains(&key) {
                found.push((Object::View, name.name.clone()));
            }
            // The triggers of the table itself go with it.
            let triggers = relation.triggers.iter().filter(|_| *name != key);
            let speaks = |trigger: &&String| {
                relation.texts.get(*trigger).is_some_and(|text| mentions(text, &table.name))
            };
            found.extend(triggers.filter(speaks).map(|trigger| (Object::Trigger, trigger.clone())));
        }
        found
    }
}

/// Whether a text speaks of a name.
#[must_use]
pub fn mentions(text: &str, name: &str) -> bool {
    tokens(text, Dialect::Sqlite).any(|token| is_named(token.kind, token.text, name))
}

fn is_named(kind: TokenKind, text: &str, name: &str) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::Quoted)
        && text.trim_matches(['"', '`', '[', ']']).eq_ignore_ascii_case(name)
}

/// Whether a setting has no effect, because a transaction is open.
pub(super) fn is_ignored(state: &State, name: &str) -> bool {
    state.dialect == Dialect::Sqlite && state.sqlite.inside() && name == "pragma foreign_keys"
}

/// Notes what the catalogue no longer shows once a statement has passed.
pub(super) fn before(state: &mut State, statement: &Statement) {
    if state.dialect != Dialect::Sqlite {
        return;
    }
    match &statement.said {
        Said::AlterTable { table, actions, .. } => {
            let key = state.key(table);
            for (action, _) in actions {
                match action {
                    Action::RenameColumn { name, to } => rename_in_texts(state, &key, name, to),
                    Action::RenameTo { to } => rename_table(state, &key, to),
                    _ => {}
                }
            }
        }
        Said::Drop { object: Object::Table, names, .. } => {
            for name in names {
                let key = state.key(name);
                state.sqlite.written.remove(&key);
                let rebuilt = state.sqlite.rebuild_dropping(name).map(|rebuild| rebuild.table.name.clone());
                if let (Some(table), Some(former)) = (rebuilt, state.relation(name).cloned()) {
                    state.sqlite.former.insert(table, former);
                }
            }
        }
        _ => {}
    }
}

/// Notes what a statement leaves behind.
pub(super) fn after(state: &mut State, statement: &Statement) {
    if state.dialect != Dialect::Sqlite {
        return;
    }
    let text = &statement.text;
    match &statement.said {
        Said::CreateTable(create) => {
            if let Some(relation) = state.schema.relation_mut(&create.name) {
                relation.sql.get_or_insert_with(|| text.clone());
            }
            let key = state.key(&create.name);
            // What takes the place of a table that was there before is not new to the application.
            if state.sqlite.rebuilds.iter().any(|own| own.table.name == create.name.name) {
                state.unbear(&key);
            }
            if create.filled_from.is_some() {
                state.sqlite.written.insert(key);
            }
        }
        Said::Savepoint => savepoint(&mut state.sqlite, text),
        Said::AlterTable { table, actions, .. } => {
            actions.iter().for_each(|(action, _)| altered(state, table, action))
        }
        Said::CreateView { name, .. } => {
            if let Some(relation) = state.schema.relation_mut(name) {
                relation.sql.get_or_insert_with(|| text.clone());
            }
        }
        Said::CreateIndex { name: Some(name), table, .. } => keep_text(state, table, &name.name, text),
        Said::CreateTrigger { name, table, .. } => keep_text(state, table, name, text),
        Said::Drop { object: Object::Trigger | Object::Index, names, .. } => {
            for relation in state.schema.relations.values_mut() {
                relation.texts.retain(|own, _| names.iter().all(|name| name.name != *own));
            }
        }
        Said::Write(writes, _) => {
            for write in writes.iter().filter(|write| write.kind != WriteKind::Delete) {
                let key = state.key(&write.table);
                state.sqlite.written.insert(key);
            }
        }
        _ => {}
    }
}

fn savepoint(course: &mut Course, text: &str) {
    let Some(statement) = statements(text, Dialect::Sqlite).into_iter().next() else { return };
    if let Some(name) = shape::savepoint(&statement) {
        course.savepoints.push(name);
    } else if let Some(name) = shape::released(&statement) {
        let at = course.savepoints.iter().rposition(|open| *open == name);
        course.savepoints.truncate(at.unwrap_or(course.savepoints.len()));
    }
}

fn altered(state: &mut State, table: &Name, action: &Action) {
    match action {
        Action::AddColumn { column, .. } => {
            let key = state.key(table);
            state.sqlite.columns.push((key, column.name.clone()));
        }
        Action::RenameTo { to } if state.sqlite.rebuilds.iter().any(|own| own.table.name == *to) => {
            let key = state.key(&Name { schema: table.schema.clone(), name: to.clone() });
            state.unbear(&key);
        }
        _ => {}
    }
}

fn rename_table(state: &mut State, key: &Name, to: &str) {
    let new = Name { name: to.to_owned(), ..key.clone() };
    if state.sqlite.written.remove(key) {
        state.sqlite.written.insert(new.clone());
    }
    state.sqlite.columns.iter_mut().filter(|(own, _)| own == key).for_each(|(own, _)| own.clone_from(&new));
    if state.pragma("legacy_alter_table", false) {
        return;
    }
    for Relation { sql, texts, .. } in state.schema.relations.values_mut() {
        for text in texts.values_mut().chain(sql.as_mut()).filter(|text| mentions(text, &key.name)) {
            *text = renamed(text, &key.name, to);
        }
    }
}

fn keep_text(state: &mut State, table: &Name, name: &str, text: &str) {
    if let Some(relation) = state.schema.relation_mut(table) {
        relation.texts.entry(name.to_owned()).or_insert_with(|| text.to_owned());
    }
}

/// SQLite edits the texts of indexes, views and triggers when a column gets another name.
fn rename_in_texts(state: &mut State, table: &Name, name: &str, to: &str) {
    for (key, relation) in &mut state.schema.relations {
        let about = key == table || relation.reads.contains(table);
        let Relation { sql, texts, .. } = relation;
        for text in texts.values_mut().chain(sql.as_mut()) {
            if about || mentions(text, &table.name) {
                *text = renamed(text, name, to);
            }
        }
    }
}

fn renamed(text: &str, name: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for token in tokens(text, Dialect::Sqlite).filter(|token| is_named(token.kind, token.text, name)) {
        out.push_str(text.get(at..token.start).unwrap_or_default());
        out.push_str(to);
        at = token.end();
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
