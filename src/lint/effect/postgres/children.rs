//! Partitions and tables that inherit: what is done to a table is often done to them as well.

use super::table::{checks, literals, speaks_of};
use super::{Cause, Effort, Found, Mode};
use crate::schema::{Index, Kind, Relation};
use crate::sql::statement::{Action, ConstraintKind, Name, Object};

impl Found<'_> {
    /// The partitions of a table.
    pub(super) fn partitions(&self, table: &Name) -> Vec<Name> {
        let partitioned = self.state.relation(table).is_some_and(|own| own.partitioned);
        if partitioned { self.state.schema.children(table) } else { Vec::new() }
    }

    /// Takes the same lock on the partitions of a table.
    pub(super) fn lock_partitions(&mut self, table: &Name, mode: Mode) {
        for child in self.partitions(table) {
            self.lock(&child, Object::Table, mode);
        }
    }

    /// A new partition gets the foreign keys of the whole.
    pub(super) fn lock_keys_of(&mut self, table: &Name) {
        let constraints = self.state.relation(table).into_iter().flat_map(|own| &own.constraints);
        let referenced: Vec<Name> = constraints.filter_map(|own| own.to.clone()).collect();
        for name in referenced {
            self.lock(&name, Object::Table, Mode::ShareRowExclusive);
        }
    }

    /// The same happens to partitions and other children.
    pub(super) fn children(&mut self, table: &Name, action: &Action, partitioned: bool) {
        let key = self.state.key(table);
        let own =
            self.effects.locks.iter().find(|lock| self.state.key(&lock.on) == key).map(|lock| lock.mode);
        let Some(mode) = own.map(|mode| on_child(action, mode)) else { return };
        let whole = self.span;
        let within = move |own: &Effort| whole.start <= own.span.start && own.span.end <= whole.end;
        let efforts = self.effects.efforts.iter().filter(|own| own.on == *table && within(own));
        let efforts: Vec<Effort> = efforts.filter(|own| partitioned || spreads(own.cause)).cloned().collect();
        let children = self.state.schema.children(table);
        let before = self.effects.efforts.len();
        for child in &children {
            self.lock(child, Object::Table, mode);
            for effort in &efforts {
                if self.is_done_on(child, action, effort.cause) {
                    continue;
                }
                self.span = effort.span;
                self.effort(child, effort.work, effort.cause, effort.unless.clone());
            }
        }
        self.span = whole;
        // A partitioned table has no rows of its own.
        let known = self.state.schema.complete || !children.is_empty();
        if partitioned && known && self.effects.efforts.len() == before {
            let causes: Vec<Cause> = efforts.iter().map(|own| own.cause).collect();
            self.effects.efforts.retain(|own| !(within(own) && causes.contains(&own.cause)));
        }
    }

    /// Whether a child needs no work, because it has what the whole gets.
    fn is_done_on(&self, child: &Name, action: &Action, cause: Cause) -> bool {
        let Some(relation) = self.state.relation(child) else { return false };
        match action {
            Action::SetNotNull { column } => self.is_proven_not_null(child, column),
            Action::AddConstraint(constraint) => match &constraint.kind {
                ConstraintKind::Check(_) => {
                    let same = constraint.name.as_deref().and_then(|name| relation.constraint(name));
                    same.is_some_and(|own| own.validated && own.kind == Kind::Check)
                }
                ConstraintKind::NotNull { column: Some(column) } => self.is_proven_not_null(child, column),
                ConstraintKind::PrimaryKey { columns, .. } if relation.partition_of.is_none() => {
                    columns.iter().all(|column| self.is_proven_not_null(child, column))
                }
                ConstraintKind::Unique { columns, .. } | ConstraintKind::PrimaryKey { columns, .. } => {
                    let same = |own: &Index| {
                        own.columns == *columns && own.unique && own.valid && own.constraint.is_some()
                    };
                    cause != Cause::PrimaryKeyUsingIndex && relation.indexes.iter().any(same)
                }
                _ => false,
            },
            Action::ValidateConstraint { name } => relation.constraint(name).is_some_and(|own| own.validated),
            _ => false,
        }
    }

    /// Whether a validated check of a table speaks of the values of a bound, and so proves that its rows
    /// fit. A null fits no bound, but passes a check.
    pub(super) fn implies(&self, table: &Name, relation: &Relation, bound: &str, default: bool) -> bool {
        let values = literals(bound);
        let all = |text: &str| speaks_of(text, &values);
        let never_null = |own: &crate::schema::Constraint, column: &String| {
            own.proves_not_null.contains(column)
                || self.is_proven_not_null(table, column)
                || relation.column(column).is_none()
        };
        !default
            && !values.is_empty()
            && checks(relation)
                .any(|(own, text)| all(text) && own.columns.iter().all(|column| never_null(own, column)))
    }
}

/// Whether a table has an index that can be made part of a partitioned one. That of a constraint must
/// serve one, too.
pub(in crate::lint) fn has_index_like(relation: &Relation, index: &Index) -> bool {
    let same = |own: &Index| {
        own.columns == index.columns
            && own.unique == index.unique
            && own.valid
            && own.partial == index.partial
            && (own.constraint.is_some() || index.constraint.is_none())
    };
    relation.indexes.iter().any(same)
}

/// The lock on a partition: for a unique constraint only its index is built there.
fn on_child(action: &Action, mode: Mode) -> Mode {
    match action {
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Unique { .. } | ConstraintKind::Exclude => Mode::Share,
            _ => mode,
        },
        _ => mode,
    }
}

/// Whether work on a table is done to those that inherit from it, too: keys and foreign keys stay alone.
fn spreads(cause: Cause) -> bool {
    !matches!(
        cause,
        Cause::ForeignKey
            | Cause::ColumnReferences
            | Cause::Unique
            | Cause::ColumnUnique
            | Cause::PrimaryKeyUsingIndex
            | Cause::Exclusion
    )
}

/// Whether an action is done to the children of a table as well.
pub(super) fn recurses(action: &Action, partitioned: bool) -> bool {
    match action {
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Check(_) | ConstraintKind::NotNull { .. } => !constraint.no_inherit,
            // A key makes its columns NOT NULL, and those of the children with them.
            ConstraintKind::PrimaryKey { .. } => true,
            _ => partitioned,
        },
        Action::EnableTrigger(_) | Action::DisableTrigger(_) => partitioned,
        Action::RenameTo { .. }
        | Action::SetSchema { .. }
        | Action::Attach { .. }
        | Action::Detach { .. }
        | Action::Inherit { .. }
        | Action::NoInherit { .. }
        | Action::OwnerTo
        | Action::ReplicaIdentity
        | Action::ClusterOn
        | Action::SetLogged
        | Action::SetUnlogged
        | Action::SetTablespace { .. }
        | Action::SetAccessMethod { .. }
        | Action::EnableRule
        | Action::DisableRule
        | Action::EnableRls
        | Action::DisableRls
        | Action::ForceRls { .. }
        | Action::Options(_) => false,
        _ => true,
    }
}
