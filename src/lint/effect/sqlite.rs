//! What statements do on SQLite: one lock for the whole database, tables that are written anew, and many
//! forms that it refuses.
//!
//! Knows: statements and the state before them. Must never know: whether an effect is good or bad.

mod alter;
mod check;
mod drop;

use super::{
    Broken, Cause, Effects, Effort, Fails, Failure, How, Lock, Loss, Lost, Mode, Refusal, Reversibility, Work,
};
use crate::lint::state::State;
use crate::lint::state::sqlite::key_text;
use crate::sql::Dialect;
use crate::sql::lex::tokens;
use crate::sql::statement::{
    CreateTable, Name, Object, Reach, Reads, Said, Span, Statement, Write, WriteKind,
};

/// From this release on, SQLite adds and removes `NOT NULL` and `CHECK`.
pub const CHANGES_CONSTRAINTS: (u32, u32) = (3, 53);

/// What a statement does, given what is known before it.
#[must_use]
pub fn of(statement: &Statement, state: &State) -> Effects {
    let mut look = Look { statement, state, effects: Effects::default() };
    look.statement();
    look.effects
}

/// Whether the library knows what came with a release; nobody may know which one it is.
fn has(state: &State, release: (u32, u32)) -> Option<bool> {
    state.version().map(|version| version >= release)
}

/// A look at one statement.
struct Look<'a> {
    statement: &'a Statement,
    state: &'a State,
    effects: Effects,
}

impl Look<'_> {
    fn statement(&mut self) {
        let whole = self.statement.span;
        match &self.statement.said {
            Said::CreateTable(create) => self.create_table(create),
            Said::CreateIndex { .. } => self.create_index(),
            Said::CreateView { or_replace, temporary, .. } => {
                if *or_replace {
                    self.unsupported("SQLite has no CREATE OR REPLACE", whole);
                }
                if !temporary {
                    self.lock(None, Mode::Exclusive);
                }
            }
            Said::CreateTrigger { table, .. } => self.lock(table.schema.as_deref(), Mode::Exclusive),
            Said::AlterTable { table, actions, if_exists, .. } => self.alter(table, actions, *if_exists),
            Said::Drop { .. } => self.drop(),
            Said::Write(writes, reads) => writes.iter().for_each(|write| self.write(write, reads)),
            Said::Reindex { name, .. } => {
                self.lock(None, self.long());
                let on = name.clone().unwrap_or_else(database);
                self.effort(on, Work::Index, Cause::Reindex, whole);
            }
            Said::Vacuum { .. } => {
                self.refuses_transaction("VACUUM cannot be run inside a transaction", true);
                self.lock(None, self.long());
                self.effort(database(), Work::Rewrite, Cause::VacuumFull, whole);
            }
            Said::Alone { command } => {
                self.refuses_transaction(&format!("{command} cannot be run inside a transaction"), true);
            }
            Said::Analyze { .. } => self.lock(None, Mode::Exclusive),
            Said::Set { name, .. } => self.pragma(name),
            Said::Opaque { why } => self.opaque(why),
            _ => {}
        }
    }

    /// How strong the lock of long work is: what does not fit into the cache is written to the file before
    /// the transaction ends, and with a rollback journal nobody may read the file meanwhile.
    fn long(&self) -> Mode {
        let wal = self.state.settings.get("pragma journal_mode");
        let wal = wal.is_some_and(|mode| mode.eq_ignore_ascii_case("wal"));
        if wal { Mode::Exclusive } else { Mode::AccessExclusive }
    }

    /// There is one lock, and it is on the whole database.
    fn lock(&mut self, schema: Option<&str>, mode: Mode) {
        if schema == Some("pg_temp") {
            return;
        }
        let on = schema.map_or_else(database, Name::new);
        self.effects.locks.push(Lock { on, object: Object::Database, mode, span: self.statement.span });
    }

    fn effort(&mut self, on: Name, work: Work, cause: Cause, span: Span) {
        let under = self.long();
        self.effects.efforts.push(Effort { on, work, cause, under, unless: None, span });
    }

    fn broken(&mut self, object: Object, on: &Name, part: Option<&str>, how: How, span: Span) {
        let part = part.map(str::to_owned);
        self.effects.broken.push(Broken { object, on: on.clone(), part, how, span });
    }

    fn lost(&mut self, object: Object, on: &Name, part: Option<&str>, what: Loss, span: Span) {
        let part = part.map(str::to_owned);
        self.effects.lost.push(Lost { object, on: on.clone(), part, what, span });
        if matches!(what, Loss::Rows | Loss::SomeRows | Loss::Values) {
            self.reversible_at_most(Reversibility::WithDataLoss);
        }
    }

    fn reversible_at_most(&mut self, most: Reversibility) {
        self.effects.reversibility = self.effects.reversibility.max(most);
    }

    fn fails(&mut self, sort: Fails, surely: bool, why: impl Into<String>, span: Span) {
        self.effects.failures.push(Failure { why: why.into(), sort, surely, span });
    }

    fn unsupported(&mut self, why: impl Into<String>, span: Span) {
        self.fails(Fails::Unsupported, true, why, span);
    }

    fn refuses_transaction(&mut self, why: &str, surely: bool) {
        // The transaction around a script that has none of its own gives way.
        if self.state.sqlite.inside() {
            self.fails(Fails::RefusesTransaction, surely, why, self.statement.span);
        }
    }

    /// Whether there may be rows that were there before.
    fn may_hold_rows(&self, table: &Name) -> bool {
        self.state.holds_rows(table) != Some(false)
    }

    /// Says so when a table is certainly not there.
    fn is_missing(&mut self, table: &Name, if_exists: bool, span: Span) -> bool {
        let missing = self.state.is_known_missing(table) && !is_internal(table);
        if missing && !if_exists {
            self.fails(Fails::NotThere, true, format!("there is no {table}"), span);
        }
        missing
    }

    fn create_table(&mut self, create: &CreateTable) {
        if !create.temporary {
            self.lock(create.name.schema.as_deref(), Mode::Exclusive);
        }
        if let Some(reads) = &create.filled_from {
            self.copies(reads, Reach::All, Cause::FilledTable);
        }
        let strict = create.options.iter().any(|(name, _)| name == "strict");
        if strict && has(self.state, (3, 37)) == Some(false) {
            self.unsupported("SQLite before 3.37 has no STRICT tables", self.statement.span);
        }
    }

    fn create_index(&mut self) {
        let whole = self.statement.span;
        let Said::CreateIndex { name, table, keys, unique, concurrently, if_not_exists, .. } =
            &self.statement.said
        else {
            return;
        };
        if *concurrently {
            self.unsupported("SQLite has no CREATE INDEX CONCURRENTLY", whole);
        }
        let there = name.as_ref().is_some_and(|name| self.state.schema.table_of_index(name).is_some());
        if self.is_missing(table, false, whole) || (*if_not_exists && there) {
            return;
        }
        self.lock(
            table.schema.as_deref(),
            if self.state.is_old(table) { self.long() } else { Mode::Exclusive },
        );
        if self.state.is_old(table) {
            self.effort(table.clone(), Work::Index, Cause::CreateIndex, whole);
        }
        let columns: Vec<String> = keys.iter().map(key_text).collect();
        // A column that is new holds nothing yet, unless the scripts fill it.
        let fresh = columns.iter().any(|own| self.state.is_fresh_column(table, own));
        let empty = fresh && self.state.is_old(table) && !self.state.is_written(table);
        if !unique || empty || self.state.sqlite.was_unique(table, &columns) {
            return;
        }
        if self.may_hold_rows(table) {
            let why = format!("it fails if two rows of {table} are equal in these columns");
            self.fails(Fails::Duplicates, false, why, whole);
        }
        if self.state.is_old(table) && !fresh {
            self.broken(Object::Table, table, None, How::Refuses(Refusal::ConstraintOnNewRows), whole);
        }
    }

    /// Rows that are read to be written elsewhere.
    fn copies(&mut self, reads: &Reads, reach: Reach, cause: Cause) {
        let old = reads.relations.iter().find(|name| self.state.is_old(name) && !is_internal(name));
        if let Some(old) = old.filter(|_| reach != Reach::Bounded) {
            self.effort(old.clone(), Work::Scan, cause, self.statement.span);
        }
    }

    fn write(&mut self, write: &Write, reads: &Reads) {
        let table = &write.table;
        if matches!(table.name.as_str(), "sqlite_master" | "sqlite_schema") {
            let why = "it edits SQLite's own list of tables by hand, and nobody can tell what that does";
            self.effects.opaque = Some(why.to_owned());
            self.reversible_at_most(Reversibility::Irreversible);
            return;
        }
        if self.is_missing(table, false, write.span) {
            return;
        }
        let old = self.state.is_old(table);
        let many = write.reach != Reach::Bounded;
        self.lock(table.schema.as_deref(), if many && old { self.long() } else { Mode::Exclusive });
        match write.kind {
            WriteKind::InsertSelect => self.copies(reads, write.reach, Cause::Copy),
            WriteKind::Update | WriteKind::Delete if old && many => {
                let cause = if write.kind == WriteKind::Update { Cause::Update } else { Cause::Delete };
                self.effort(table.clone(), Work::Rows, cause, write.span);
            }
            _ => {}
        }
        match write.kind {
            WriteKind::Delete if old => {
                let what = if write.reach == Reach::All { Loss::Rows } else { Loss::SomeRows };
                self.lost(Object::Table, table, None, what, write.span);
                if self.state.pragma("foreign_keys", false) {
                    self.children_lose_rows(table, write.span);
                }
            }
            WriteKind::Update if old && !self.fills_gaps(write) => {
                self.reversible_at_most(Reversibility::WithDataLoss);
            }
            WriteKind::Upsert if old => self.reversible_at_most(Reversibility::WithDataLoss),
            _ => {}
        }
    }

    /// Whether an `UPDATE` only writes columns that are new, or null where it writes them.
    fn fills_gaps(&self, write: &Write) -> bool {
        let tokens: Vec<_> = tokens(&self.statement.text, Dialect::Sqlite).collect();
        let is_null = |column: &str| {
            tokens.windows(3).any(|three| match three {
                [name, is, null] => {
                    let name = name.text.trim_matches(['"', '`', '[', ']']);
                    name.eq_ignore_ascii_case(column) && is.is("IS") && null.is("NULL")
                }
                _ => false,
            })
        };
        let fine = |column: &str| self.state.is_fresh_column(&write.table, column) || is_null(column);
        write.sets.iter().all(|(column, _)| fine(column))
    }

    fn pragma(&mut self, name: &str) {
        let whole = self.statement.span;
        match name {
            "pragma journal_mode" => {
                let why = "the journal mode cannot be changed inside a transaction: \
                           that is an error, or nothing happens";
                self.refuses_transaction(why, false);
            }
            "pragma synchronous" => {
                self.refuses_transaction("synchronous cannot be changed inside a transaction", true);
            }
            "pragma user_version" | "pragma application_id" => self.lock(None, Mode::Exclusive),
            "pragma schema_version" => {
                self.lock(None, Mode::Exclusive);
                self.fails(Fails::Unsupported, false, "a wrong schema_version corrupts the database", whole);
            }
            _ => {}
        }
    }

    fn opaque(&mut self, why: &str) {
        self.effects.opaque = Some(why.to_owned());
        if self.statement.text.starts_with('.') {
            self.reversible_at_most(Reversibility::Irreversible);
            self.lock(None, self.long());
        } else {
            self.unsupported(why, self.statement.span);
        }
    }
}

/// The database that is not called anything else.
fn database() -> Name {
    Name::new("main")
}

/// Tables that SQLite keeps for itself.
fn is_internal(name: &Name) -> bool {
    name.name.starts_with("sqlite_")
}

#[cfg(test)]
mod tests;
