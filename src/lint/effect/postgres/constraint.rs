//! Constraints.

use super::{Cause, Fails, Found, How, Loss, Mode, Work};
use crate::lint::effect::Refusal;
use crate::schema::{self, Kind};
use crate::sql::statement::{Action, Constraint, ConstraintKind, Name, Object};

impl Found<'_> {
    pub(super) fn add_constraint(&mut self, table: &Name, constraint: &Constraint) {
        let checked = !constraint.not_valid && !constraint.not_enforced;
        let foreign = matches!(constraint.kind, ConstraintKind::Foreign(_));
        let mode = if foreign { Mode::ShareRowExclusive } else { Mode::AccessExclusive };
        self.lock(table, Object::Table, mode);
        if let ConstraintKind::Foreign(foreign) = &constraint.kind {
            self.lock(&foreign.table, Object::Table, Mode::ShareRowExclusive);
            self.lock_partitions(&foreign.table, Mode::ShareRowExclusive);
            self.not_valid_on_partitioned(table, constraint);
        }
        if !self.state.is_old(table) {
            self.of_new_table(table, constraint, checked);
            return;
        }
        let rows = |what: &str| format!("rows that break {what} make it fail");
        match &constraint.kind {
            ConstraintKind::Check(_) if checked => {
                self.effort(table, Work::Scan, Cause::Check, None);
                self.fail(Fails::ExistingRows, false, rows("the check"));
            }
            ConstraintKind::Foreign(foreign) if checked => {
                self.effort(table, Work::Scan, Cause::ForeignKey, None);
                if !self.is_known_empty(table) {
                    self.effort(&foreign.table, Work::Scan, Cause::ForeignKey, None);
                }
                self.fail(Fails::ExistingRows, false, rows("the foreign key"));
            }
            ConstraintKind::NotNull { column: Some(column) }
                if checked && !self.is_proven_not_null(table, column) =>
            {
                self.effort(table, Work::Scan, Cause::NotNullConstraint, None);
                self.fail(Fails::ExistingRows, false, rows("it"));
            }
            ConstraintKind::Unique { using_index: None, .. } => {
                self.effort(table, Work::Index, Cause::Unique, None);
                self.fail(Fails::Duplicates, false, "doubles make it fail");
            }
            ConstraintKind::PrimaryKey { using_index: None, .. } => {
                self.effort(table, Work::Index, Cause::PrimaryKey, None);
                self.fail(Fails::Duplicates, false, "doubles and nulls make it fail");
            }
            ConstraintKind::PrimaryKey { using_index: Some(index), .. } => self.key_using(table, index),
            ConstraintKind::Exclude => {
                self.effort(table, Work::Index, Cause::Exclusion, None);
                self.fail(Fails::ExistingRows, false, "rows that exclude each other make it fail");
            }
            _ => {}
        }
        let taken_over = matches!(
            &constraint.kind,
            ConstraintKind::Unique { using_index: Some(_), .. }
                | ConstraintKind::PrimaryKey { using_index: Some(_), .. }
        );
        if !(constraint.not_enforced || taken_over) {
            let name = constraint.name.as_deref();
            self.broke(Object::Constraint, table, name, How::Refuses(Refusal::ConstraintOnNewRows));
        }
    }

    /// A table that is new has no rows to look at, unless it was filled in this transaction: then the
    /// table it points to waits.
    fn of_new_table(&mut self, table: &Name, constraint: &Constraint, checked: bool) {
        if let ConstraintKind::Foreign(foreign) = &constraint.kind
            && checked
            && self.state.is_filled(table)
        {
            self.effort(&foreign.table, Work::Scan, Cause::FilledTable, None);
        }
    }

    fn not_valid_on_partitioned(&mut self, table: &Name, constraint: &Constraint) {
        let partitioned = self.state.relation(table).is_some_and(|own| own.partitioned);
        let before = self.state.version().is_some_and(|(major, _)| major < 18);
        if partitioned && constraint.not_valid && before {
            self.fail(
                Fails::Unsupported,
                true,
                "NOT VALID foreign keys on partitioned tables need PostgreSQL 18",
            );
        }
    }

    fn key_using(&mut self, table: &Name, index: &str) {
        let relation = self.state.relation(table);
        let columns = relation.and_then(|own| own.index(index)).map(|own| own.columns.clone());
        let unproven = match &columns {
            Some(columns) => columns.iter().find(|column| !self.is_proven_not_null(table, column)).cloned(),
            None => Some("the columns of the index".to_owned()),
        };
        if let Some(column) = unproven {
            let known = relation.is_some_and(|own| own.column(&column).is_some());
            let unless = (!known).then(|| format!("whether {column} may be null"));
            self.effort(table, Work::Scan, Cause::PrimaryKeyUsingIndex, unless);
        }
    }

    pub(super) fn constraint(&mut self, table: &Name, action: &Action) {
        match action {
            Action::ValidateConstraint { name } => {
                self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
                let own = self.state.relation(table).and_then(|own| own.constraint(name)).cloned();
                if let Some(referenced) = own.as_ref().and_then(|own| own.to.as_ref()) {
                    self.lock(referenced, Object::Table, Mode::RowShare);
                }
                let validated = own.as_ref().is_some_and(|own| own.validated);
                if !validated {
                    self.effort(table, Work::Scan, Cause::Validate, None);
                    let cause =
                        if self.state.is_filled(table) { Cause::FilledTable } else { Cause::Validate };
                    let empty = self.state.is_new(table) && cause == Cause::Validate;
                    if let Some(to) =
                        own.and_then(|own| own.to).filter(|_| !empty && !self.is_known_empty(table))
                    {
                        self.effort(&to, Work::Scan, cause, None);
                    }
                }
            }
            Action::DropConstraint { name, cascade, if_exists } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                self.drop_constraint(table, name, *cascade, *if_exists);
            }
            _ => {}
        }
    }

    fn drop_constraint(&mut self, table: &Name, name: &str, cascade: bool, if_exists: bool) {
        let relation = self.state.relation(table);
        let own = relation.and_then(|relation| relation.constraint(name)).cloned();
        if !self.state.is_old(table) || self.state.is_constraint_of_script(table, name) {
            return;
        }
        if own.is_none() && if_exists && self.knows(table) {
            return;
        }
        if let Some(referenced) = own.as_ref().and_then(|own| own.to.clone()) {
            self.lock(&referenced, Object::Table, Mode::AccessExclusive);
            self.lock_partitions(&referenced, Mode::AccessExclusive);
        }
        if !own.as_ref().is_some_and(|own| self.is_superfluous(table, own)) {
            self.lose(Object::Constraint, table, Some(name), Loss::Guarantee);
        }
        if own.as_ref().is_some_and(|own| matches!(own.kind, Kind::Unique | Kind::PrimaryKey)) {
            let columns = own.as_ref().map(|own| own.columns.clone()).unwrap_or_default();
            if !self.is_unique_otherwise(table, name, &columns) {
                self.broke(Object::Constraint, table, Some(name), How::Refuses(Refusal::NoArbiter));
            }
        }
        if cascade {
            self.lose(Object::Constraint, table, Some(name), Loss::Dependants);
            if own.as_ref().is_none_or(|own| matches!(own.kind, Kind::Unique | Kind::PrimaryKey)) {
                self.lock_referencing(table);
            }
        }
    }

    /// Foreign keys of others go with what they point to.
    pub(super) fn lock_referencing(&mut self, table: &Name) {
        let referencing: Vec<Name> =
            self.state.schema.referencing(table).map(|(name, _)| name.clone()).collect();
        for name in referencing {
            self.lock(&name, Object::Table, Mode::AccessExclusive);
        }
    }

    /// Whether what a constraint demands is demanded by something else as well.
    fn is_superfluous(&self, table: &Name, own: &schema::Constraint) -> bool {
        let Some(relation) = self.state.relation(table) else { return false };
        let not_null = |column: &String| relation.column(column).is_some_and(|column| column.not_null);
        let only_not_null = own.kind == Kind::Check
            && !own.proves_not_null.is_empty()
            && own.columns.iter().all(|column| own.proves_not_null.contains(column));
        if only_not_null && own.proves_not_null.iter().all(not_null) {
            return true;
        }
        relation.constraints.iter().any(|other| {
            other.name != own.name
                && other.kind == own.kind
                && other.columns == own.columns
                && other.to == own.to
                && (other.text == own.text || self.state.is_constraint_of_script(table, &other.name))
        })
    }

    /// Whether another unique index covers the same columns.
    pub(super) fn is_unique_otherwise(&self, table: &Name, index: &str, columns: &[String]) -> bool {
        self.state.relation(table).is_some_and(|own| {
            own.indexes.iter().any(|other| {
                other.unique && !other.partial && other.name != index && other.columns == columns
            })
        })
    }
}
