//! What statements do on PostgreSQL.
//!
//! The lock modes and the answers to "does it scan, does it rewrite?" were measured on versions 12 to 18.

mod change_type;
mod children;
mod column;
mod constraint;
mod drop;
mod index;
mod object;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod volatile;

pub(in crate::lint) use children::has_index_like;

use super::{
    Broken, Cause, Effects, Effort, Fails, Failure, How, Lock, Loss, Lost, Mode, Reversibility, Work,
};
use crate::lint::state::State;
use crate::sql::statement::{Action, Name, Object, Said, Span, Statement};

/// What a statement does, given what is known before it.
#[must_use]
pub fn of(statement: &Statement, state: &State) -> Effects {
    let mut found =
        Found { state, effects: Effects::default(), span: statement.span, actions: actions(statement) };
    found.statement(statement);
    found.finish()
}

fn actions(statement: &Statement) -> &[(Action, Span)] {
    match &statement.said {
        Said::AlterTable { actions, .. } => actions,
        _ => &[],
    }
}

/// What is found so far.
struct Found<'a> {
    state: &'a State,
    effects: Effects,
    /// The part of the statement that is looked at.
    span: Span,
    /// All that the statement does to its table: the server does it in an order of its own.
    actions: &'a [(Action, Span)],
}

impl Found<'_> {
    fn statement(&mut self, statement: &Statement) {
        self.enum_values(statement);
        match &statement.said {
            Said::AlterTable { object, table, if_exists, only, actions, .. } => {
                if *if_exists && self.state.is_known_missing(table) {
                    return;
                }
                let index =
                    self.state.relation(table).is_none() && self.state.schema.table_of_index(table).is_some();
                match object {
                    Object::Index => self.alter_index(table, actions),
                    // Spelt so, even a new name takes the strongest lock.
                    Object::Table if index => self.alter_index_as_table(table, actions),
                    Object::View | Object::MaterializedView => self.alter_view(*object, table, actions),
                    _ => self.alter_table(table, *only, actions),
                }
            }
            Said::CreateTable(create) => self.create_table(create),
            Said::CreateIndex { .. } | Said::Reindex { .. } => self.index(&statement.said),
            Said::Drop { .. } | Said::Truncate { .. } => self.drop(&statement.said),
            Said::Write(writes, reads) => self.writes(writes, reads),
            Said::Read(reads) => self.reads(reads),
            Said::Opaque { why } => {
                self.effects.opaque = Some(why.clone());
                self.effects.reversibility = Reversibility::Irreversible;
            }
            Said::Dynamic => {
                self.effects.opaque = Some("its SQL is put together while it runs".to_owned());
                self.effects.reversibility = Reversibility::Irreversible;
            }
            said => self.other(said),
        }
    }

    /// A value that the present transaction added to an enum cannot be used before it ends.
    fn enum_values(&mut self, statement: &Statement) {
        if !self.state.in_transaction || matches!(statement.said, Said::AddEnumValue { .. }) {
            return;
        }
        let text = statement.text.get(statement.span.start..statement.span.end).unwrap_or_default();
        for (name, value) in &self.state.enum_values {
            if text.contains(&format!("'{value}'")) {
                let why = format!("the value '{value}' was added to {name} in the same transaction");
                self.fail(Fails::EnumValueUsed, true, why);
            }
        }
    }

    /// Adds a lock on something, if it was there before.
    fn lock(&mut self, on: &Name, object: Object, mode: Mode) {
        if self.state.is_old(on) {
            self.lock_any(on, object, mode);
        }
    }

    /// Adds a lock on something that stands for others, as `every table`.
    fn lock_any(&mut self, on: &Name, object: Object, mode: Mode) {
        let key = self.state.key(on);
        let known = self.effects.locks.iter_mut().find(|lock| self.state.key(&lock.on) == key);
        match known {
            Some(lock) => lock.mode = lock.mode.max(mode),
            None => self.effects.locks.push(Lock { on: on.clone(), object, mode, span: self.span }),
        }
    }

    /// Adds work on the rows of something, if it was there before.
    fn effort(&mut self, on: &Name, work: Work, cause: Cause, unless: Option<String>) {
        if self.state.is_old(on) && !self.is_known_empty(on) {
            self.effort_any(on, work, cause, unless);
        }
    }

    /// Adds work on the rows of something that stands for others.
    fn effort_any(&mut self, on: &Name, work: Work, cause: Cause, unless: Option<String>) {
        let under = Mode::AccessShare;
        self.effects.efforts.push(Effort { on: on.clone(), work, cause, under, unless, span: self.span });
    }

    /// Whether the server's statistics say that there are no rows.
    fn is_known_empty(&self, on: &Name) -> bool {
        let empty = |name: &Name| self.state.relation(name).is_some_and(|own| own.rows == Some(0));
        let whole = self.state.relation(on).is_some_and(|relation| relation.partitioned);
        empty(on) && !whole && self.state.schema.children(on).iter().all(empty)
    }

    fn broke(&mut self, object: Object, on: &Name, part: Option<&str>, how: How) {
        let part = part.map(str::to_owned);
        self.effects.broken.push(Broken { object, on: on.clone(), part, how, span: self.span });
    }

    fn lose(&mut self, object: Object, on: &Name, part: Option<&str>, what: Loss) {
        let part = part.map(str::to_owned);
        self.effects.lost.push(Lost { object, on: on.clone(), part, what, span: self.span });
        let hardest = match what {
            Loss::Rows | Loss::SomeRows | Loss::Values | Loss::Precision | Loss::Dependants => {
                Reversibility::Irreversible
            }
            Loss::Durability | Loss::Guarantee | Loss::Privileges => Reversibility::Reversible,
        };
        self.effects.reversibility = self.effects.reversibility.max(hardest);
    }

    fn fail(&mut self, sort: Fails, surely: bool, why: impl Into<String>) {
        self.effects.failures.push(Failure { why: why.into(), sort, surely, span: self.span });
    }

    /// A command that refuses to be run in a transaction block.
    fn alone(&mut self, command: &str) {
        if self.state.in_transaction {
            let why = format!("{command} cannot be run in a transaction");
            self.fail(Fails::RefusesTransaction, true, why);
        }
    }

    /// Reverting it takes away what was written meanwhile.
    fn adds(&mut self) {
        self.effects.reversibility = self.effects.reversibility.max(Reversibility::WithDataLoss);
    }

    /// Works out under which lock each piece of work is done: this statement's, or one that the
    /// transaction took before.
    fn finish(mut self) -> Effects {
        let Effects { locks, efforts, .. } = &mut self.effects;
        for effort in efforts.iter_mut() {
            let key = self.state.key(&effort.on);
            let own = locks.iter().filter(|lock| self.state.key(&lock.on) == key).map(|lock| lock.mode);
            let held = self.state.held(&effort.on);
            effort.under = own.chain(held).max().unwrap_or(Mode::AccessShare);
        }
        self.effects
    }
}
