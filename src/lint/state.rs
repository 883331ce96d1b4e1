//! What is known while a plan is walked: the catalogue as it is by then, what is new in it, and what the
//! present transaction holds.
//!
//! Knows: statements and catalogues. Must never know: rules.

mod apply;
mod rename;
pub mod sqlite;
mod table;

pub(in crate::lint) use apply::{key_text, limits};

use super::effect::{Effects, Mode};
use crate::schema::{Relation, Schema};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Origin, Said, Statement, UNKNOWN_NAME};
use std::collections::BTreeMap;

/// When something came into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    /// In which of the scripts walked.
    pub script: usize,
    /// In which transaction of the walk.
    pub transaction: usize,
}

/// A constraint that was added without looking at the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The table.
    pub table: Name,
    /// Its name.
    pub name: String,
    /// In which transaction of the walk.
    pub transaction: usize,
}

/// What is known before a statement.
#[derive(Debug, Clone)]
pub struct State {
    /// Which database.
    pub dialect: Dialect,
    /// The catalogue.
    pub schema: Schema,
    /// What was made by what is not deployed yet, by its key in the catalogue. Nobody else uses it.
    born: BTreeMap<Name, Birth>,
    /// New tables that were filled with rows in the present transaction.
    filled: Vec<Name>,
    /// The locks of the present transaction on what was there before, by key.
    held: BTreeMap<Name, Mode>,
    /// Settings that differ from the usual, by name in lower case.
    pub settings: BTreeMap<String, String>,
    /// Settings that end with the transaction.
    local: Vec<(String, Option<String>)>,
    /// The constraints added without looking at the rows.
    added: Vec<Added>,
    /// The columns, constraints and indexes that were added by what is not deployed yet, by table.
    parts: Vec<(Name, Object, String)>,
    /// The values added to enums in this transaction.
    pub enum_values: Vec<(Name, String)>,
    /// The columns dropped in this script, as table and column.
    pub dropped_columns: Vec<(Name, String)>,
    /// The foreign keys with `ON DELETE CASCADE` dropped in this script, by table.
    pub dropped_keys: Vec<(Name, crate::schema::Constraint)>,
    /// What was dropped in this script.
    pub dropped: Vec<Name>,
    /// What was renamed in this script: old key, new key.
    pub renamed: Vec<(Name, Name)>,
    /// The bodies of functions and procedures that were read on the way, by key.
    bodies: BTreeMap<Name, Vec<Statement>>,
    /// Whether privileges are granted on whatever is made, so that nobody knows who may use it.
    pub(in crate::lint) grants_by_default: bool,
    /// The schemas in which a fresh session looks names up.
    home: Vec<String>,
    /// Whether statements run inside a transaction that stays open.
    pub in_transaction: bool,
    /// The number of transactions so far.
    transaction: usize,
    /// The number of the script.
    script: usize,
    /// What only SQLite has.
    pub sqlite: sqlite::Course,
}

impl State {
    /// The state before the first script.
    #[must_use]
    pub fn new(dialect: Dialect, schema: Schema) -> State {
        let usual = match dialect {
            Dialect::Postgres => "public",
            Dialect::Sqlite => "main",
            Dialect::Mysql => "",
        };
        let home = if schema.path.is_empty() { vec![usual.to_owned()] } else { schema.path.clone() };
        State {
            dialect,
            schema,
            born: BTreeMap::new(),
            filled: Vec::new(),
            held: BTreeMap::new(),
            settings: BTreeMap::new(),
            local: Vec::new(),
            added: Vec::new(),
            parts: Vec::new(),
            enum_values: Vec::new(),
            dropped_columns: Vec::new(),
            dropped_keys: Vec::new(),
            dropped: Vec::new(),
            renamed: Vec::new(),
            bodies: BTreeMap::new(),
            grants_by_default: false,
            home,
            in_transaction: false,
            transaction: 0,
            script: 0,
            sqlite: sqlite::Course::default(),
        }
    }

    /// A script begins: its session is fresh. With `pending`, what earlier scripts made counts as new
    /// still, because it is deployed together with this one.
    pub fn begin_script(&mut self, atomic: bool, pending: bool) {
        self.script += 1;
        self.end_transaction();
        self.settings.clear();
        self.local.clear();
        self.schema.path = self.home_path();
        self.dropped_columns.clear();
        self.dropped_keys.clear();
        self.dropped.clear();
        self.renamed.clear();
        if !pending {
            self.born.clear();
            self.added.clear();
            self.parts.clear();
        }
        self.in_transaction = atomic;
        self.sqlite.begin_script(pending);
    }

    /// The schemas in which a fresh session looks names up.
    fn home_path(&self) -> Vec<String> {
        self.home.clone()
    }

    /// The server's version, as far as it is known.
    #[must_use]
    pub fn version(&self) -> Option<(u32, u32)> {
        self.schema.version
    }

    /// Whether the server is at least of this major version; taken for granted when nobody knows.
    #[must_use]
    pub fn at_least(&self, major: u32) -> bool {
        self.schema.version.is_none_or(|(own, _)| own >= major)
    }

    /// A relation, if anything is known of it.
    #[must_use]
    pub fn relation(&self, name: &Name) -> Option<&Relation> {
        self.schema.relation(name)
    }

    /// The key under which something is known, or would be.
    #[must_use]
    pub fn key(&self, name: &Name) -> Name {
        self.schema.relation_key(name).unwrap_or_else(|| self.schema.key(name))
    }

    /// Whether it was made by what is not deployed yet, so that nobody else uses it.
    #[must_use]
    pub fn is_new(&self, name: &Name) -> bool {
        self.is_temporary(name) || self.born.contains_key(&self.key(name))
    }

    /// Whether it was made by the very script that is walked.
    #[must_use]
    pub fn is_of_this_script(&self, name: &Name) -> bool {
        self.is_temporary(name)
            || self.born.get(&self.key(name)).is_some_and(|birth| birth.script == self.script)
    }

    fn is_temporary(&self, name: &Name) -> bool {
        name.schema.as_deref() == Some("pg_temp")
            || name.schema.is_none()
                && self.schema.relations.contains_key(&Name::within("pg_temp", &name.name))
    }

    /// Whether it was there before and is there now, as far as anyone knows.
    #[must_use]
    pub fn is_old(&self, name: &Name) -> bool {
        !self.is_new(name) && !self.is_known_missing(name)
    }

    /// Whether it is certain that there is no such relation.
    #[must_use]
    pub fn is_known_missing(&self, name: &Name) -> bool {
        let key = self.key(name);
        let gone = self.dropped.contains(&key) || self.renamed.iter().any(|(old, _)| *old == key);
        let of_system = matches!(name.schema.as_deref(), Some("pg_catalog" | "information_schema"))
            || name.schema.is_none() && name.name.starts_with("pg_");
        let known = name.name != UNKNOWN_NAME && name.schema.as_deref() != Some(UNKNOWN_NAME);
        known && self.schema.relation_key(name).is_none() && (self.schema.complete && !of_system || gone)
    }

    /// Whether nobody but its owner may use it, while others may write to other tables: then running code,
    /// which has a role of its own, does not.
    #[must_use]
    pub fn is_unused(&self, name: &Name) -> bool {
        let key = self.key(name);
        let other = |own: &Name| *own != key && own.schema == key.schema;
        let all = || self.schema.relations.iter();
        let tables = || all().filter(|(name, own)| other(name) && own.object == Object::Table);
        // Few grants say nothing of the application, which may own what it uses.
        let granted = || tables().filter(|(_, own)| !own.granted.is_empty()).count();
        let others = || {
            tables().any(|(_, own)| !own.writers.is_empty())
                && granted() >= 3
                && 2 * granted() >= tables().count()
        };
        let mut shown = self.schema.relations.values().filter(|own| own.reads.contains(&key));
        let shown = shown.any(|own| !own.granted.is_empty());
        let parent = |own: &Relation| own.partition_of.is_some() || !own.inherits.is_empty();
        let own =
            self.relation(name).filter(|own| own.granted.is_empty() && own.columns_known && !parent(own));
        own.is_some() && !shown && !self.grants_by_default && others()
    }

    /// Whether the plan, which makes other things, never made anything of this name; somebody else may have.
    #[must_use]
    pub fn is_unheard_of(&self, name: &Name) -> bool {
        let schema = &self.schema;
        // A plan that begins in the middle makes little.
        let walked = schema.relations.keys().filter(|key| !self.is_new(key)).count() >= 3;
        let known = schema.relation(name).is_some()
            || schema.table_of_index(name).is_some()
            || schema.resolve(&schema.routines, name).is_some()
            || schema.resolve(&schema.types, name).is_some()
            || schema.resolve(&schema.domains, name).is_some()
            || schema.schemas.contains(&name.name);
        walked && !schema.complete && !known && name.name != UNKNOWN_NAME
    }

    /// Whether a new table was filled with rows in the present transaction.
    #[must_use]
    pub fn is_filled(&self, name: &Name) -> bool {
        self.filled.contains(&self.key(name))
    }

    /// Notes that something is new. Also for types, functions and schemas, under their own keys.
    pub fn bear(&mut self, key: Name) {
        self.born.insert(key, Birth { script: self.script, transaction: self.transaction });
    }

    /// Whether something that is no relation was made by what is not deployed yet.
    #[must_use]
    pub fn bore(&self, name: &Name) -> bool {
        self.born.contains_key(&self.schema.key(name)) || self.born.contains_key(name)
    }

    /// Notes that it is not new any more, because it is gone.
    pub(in crate::lint) fn unbear(&mut self, key: &Name) -> bool {
        self.born.remove(key).is_some()
    }

    /// The strongest lock that the transaction holds on it.
    #[must_use]
    pub fn held(&self, name: &Name) -> Option<Mode> {
        self.held.get(&self.key(name)).copied()
    }

    /// Notes that a part of a table is new.
    fn bear_part(&mut self, table: Name, object: Object, name: &str) {
        self.parts.push((table, object, name.to_owned()));
    }

    fn is_new_part(&self, table: &Name, object: Object, name: &str) -> bool {
        let key = self.key(table);
        self.parts.iter().any(|(on, what, own)| *on == key && *what == object && own == name)
    }

    /// Whether a column was added by what is not deployed yet.
    #[must_use]
    pub fn is_new_column(&self, table: &Name, column: &str) -> bool {
        self.is_new(table) || self.is_new_part(table, Object::Column, column)
    }

    /// Whether a constraint was added by what is not deployed yet.
    #[must_use]
    pub fn is_constraint_of_script(&self, table: &Name, constraint: &str) -> bool {
        self.is_new_part(table, Object::Constraint, constraint)
    }

    /// Whether an index was made by what is not deployed yet.
    #[must_use]
    pub fn is_index_of_script(&self, table: &Name, index: &str) -> bool {
        self.is_new_part(table, Object::Index, index)
    }

    /// Whether it is certain that there is no such type, function, schema or sequence.
    #[must_use]
    pub fn is_object_missing(&self, object: Object, name: &Name) -> bool {
        let schema = &self.schema;
        schema.complete
            && match object {
                Object::Domain => schema.resolve(&schema.domains, name).is_none(),
                Object::Type => {
                    schema.resolve(&schema.types, name).is_none()
                        && schema.resolve(&schema.domains, name).is_none()
                }
                Object::Function | Object::Procedure | Object::Aggregate => {
                    schema.resolve(&schema.routines, name).is_none()
                }
                Object::Schema => !schema.schemas.contains(&name.name),
                _ => false,
            }
    }

    /// All locks that the transaction holds on what was there before.
    pub fn all_held(&self) -> impl Iterator<Item = (&Name, Mode)> {
        self.held.iter().map(|(name, mode)| (name, *mode))
    }

    /// Whether a constraint was added, without looking at the rows, in the present transaction.
    #[must_use]
    pub fn added_here(&self, table: &Name, constraint: &str) -> bool {
        let key = self.key(table);
        self.in_transaction
            && self.added.iter().any(|added| {
                added.table == key && added.name == constraint && added.transaction == self.transaction
            })
    }

    /// Moves on past a statement: its locks are held, what it makes is there.
    pub fn pass(&mut self, statement: &Statement, effects: &Effects) {
        match statement.said {
            Said::Begin => {
                self.end_transaction();
                self.in_transaction = true;
                self.sqlite.begun = true;
            }
            Said::Commit | Said::Rollback => {
                self.end_transaction();
                self.in_transaction = false;
                self.sqlite.end_transaction();
            }
            _ => {
                for lock in &effects.locks {
                    let key = self.key(&lock.on);
                    let mode = self.held.entry(key).or_insert(lock.mode);
                    *mode = (*mode).max(lock.mode);
                }
                apply::apply(self, statement);
                if !self.in_transaction {
                    self.end_transaction();
                }
            }
        }
    }

    /// The statements of the functions that a statement calls, as far as their bodies are known.
    #[must_use]
    pub fn bodies_called(&self, statement: &Statement) -> Vec<Statement> {
        let calls: &[Name] = match &statement.said {
            Said::Call { name } => std::slice::from_ref(name),
            Said::Read(reads) | Said::Write(_, reads) => &reads.calls,
            _ => return Vec::new(),
        };
        calls.iter().filter_map(|name| self.body_of(name)).flatten().collect()
    }

    /// The statements in the body of a function, if they were read on the way or by a look.
    fn body_of(&self, name: &Name) -> Option<Vec<Statement>> {
        if let Some(key) = self.schema.resolve(&self.bodies, name) {
            return self.bodies.get(&key).cloned();
        }
        let key = self.schema.resolve(&self.schema.routines, name)?;
        let routine = self.schema.routines.get(&key).filter(|_| self.dialect == Dialect::Postgres)?;
        let language = routine.language.as_deref().filter(|own| matches!(*own, "sql" | "plpgsql"))?;
        let body = routine.body.as_deref().filter(|body| !body.contains("$body_of_it$"))?;
        let text =
            format!("CREATE FUNCTION f() RETURNS void LANGUAGE {language} AS $body_of_it${body}$body_of_it$");
        let origin = Origin { file: format!("the function {name}"), line: 1, offset: None };
        match crate::sql::pg::read(&text, origin).said {
            Said::CreateFunction(function) => function.body,
            _ => None,
        }
    }

    /// Whether the body of a function is known, so that calls of it are looked into.
    #[must_use]
    pub fn reads_body_of(&self, name: &Name) -> bool {
        self.body_of(name).is_some()
    }

    /// Keeps the body of a function, for those who call it.
    fn keep_body(&mut self, key: Name, body: Vec<Statement>) {
        self.bodies.insert(key, body);
    }

    /// A body is one transaction, whatever is around it. Says whether it was in one before.
    pub(super) fn enter_body(&mut self) -> bool {
        std::mem::replace(&mut self.in_transaction, true)
    }

    /// The body is over.
    pub(super) fn leave_body(&mut self, outside: bool) {
        self.in_transaction = outside;
        if !outside {
            self.end_transaction();
        }
    }

    fn end_transaction(&mut self) {
        self.transaction += 1;
        self.held.clear();
        self.filled.clear();
        self.enum_values.clear();
        for (name, value) in std::mem::take(&mut self.local).into_iter().rev() {
            apply::set(self, &name, value);
        }
    }
}
