//! Columns.

use super::change_type::{self, Cost};
use super::volatile::{self, Volatility};
use super::{Cause, Fails, Found, How, Loss, Mode, Work};
use crate::lint::effect::Refusal;
use crate::schema::Kind;
use crate::sql::statement::{Action, Column, ConstraintKind, Expr, Name, Object, Type};

impl Found<'_> {
    pub(super) fn add_column(&mut self, table: &Name, column: &Column, if_not_exists: bool) {
        self.lock(table, Object::Table, Mode::AccessExclusive);
        self.adds();
        let there = self.state.relation(table).is_some_and(|own| own.column(&column.name).is_some());
        if there && if_not_exists || !self.state.is_old(table) {
            return;
        }
        let generated = column.find(|kind| match kind {
            ConstraintKind::Generated { stored, .. } => Some(*stored),
            _ => None,
        });
        let identity = column.find(|kind| matches!(kind, ConstraintKind::Identity { .. }).then_some(()));
        let serial = column.ty.as_ref().and_then(Type::serial).is_some();
        if serial {
            self.effort(table, Work::Rewrite, Cause::Serial, None);
        } else if identity.is_some() {
            self.effort(table, Work::Rewrite, Cause::Identity, None);
        } else if generated == Some(true) {
            self.effort(table, Work::Rewrite, Cause::StoredGenerated, None);
        } else if self.is_constrained_domain(column) {
            self.effort(table, Work::Rewrite, Cause::ConstrainedDomain, None);
        } else if let Some(default) = column.default_value() {
            self.default(table, default);
        }
        let valued = serial || identity.is_some() || generated.is_some() || column.default_value().is_some();
        if column.not_null() && !valued {
            self.fail(
                Fails::RequiredColumn,
                false,
                format!("the rows of {table} have no value for \"{}\"", column.name),
            );
            self.broke(Object::Column, table, Some(&column.name), How::Refuses(Refusal::RequiredColumn));
        }
        self.inline_constraints(table, column, valued);
    }

    fn default(&mut self, table: &Name, default: &Expr) {
        if !self.state.at_least(11) {
            self.effort(table, Work::Rewrite, Cause::VolatileDefault, None);
            return;
        }
        match volatile::of(default, self.state) {
            Volatility::Once => {}
            Volatility::Each(_) => self.effort(table, Work::Rewrite, Cause::VolatileDefault, None),
            Volatility::Unknown(call) => {
                let unless = format!("whether {call}() is volatile");
                self.effort(table, Work::Rewrite, Cause::VolatileDefault, Some(unless));
            }
        }
    }

    fn is_constrained_domain(&self, column: &Column) -> bool {
        let Some(ty) = column.ty.as_ref().filter(|ty| !ty.array) else { return false };
        let name = Name { schema: ty.schema.clone(), name: ty.name.clone() };
        let key = self.state.schema.resolve(&self.state.schema.domains, &name);
        key.and_then(|key| self.state.schema.domains.get(&key)).is_some_and(|domain| domain.constrained)
    }

    fn inline_constraints(&mut self, table: &Name, column: &Column, valued: bool) {
        for constraint in &column.constraints {
            let whole = std::mem::replace(&mut self.span, constraint.span);
            match &constraint.kind {
                ConstraintKind::Check(_) if !constraint.not_valid && !constraint.not_enforced => {
                    self.effort(table, Work::Scan, Cause::ColumnCheck, None);
                }
                ConstraintKind::Unique { .. } | ConstraintKind::PrimaryKey { .. } => {
                    self.effort(table, Work::Index, Cause::ColumnUnique, None);
                }
                ConstraintKind::Foreign(foreign) => {
                    self.lock(&foreign.table, Object::Table, Mode::ShareRowExclusive);
                    if valued && !constraint.not_valid && !constraint.not_enforced {
                        self.effort(table, Work::Scan, Cause::ColumnReferences, None);
                        self.effort(&foreign.table, Work::Scan, Cause::ColumnReferences, None);
                    }
                }
                _ => {}
            }
            self.span = whole;
        }
    }

    pub(super) fn column(&mut self, table: &Name, action: &Action) {
        self.lock(table, Object::Table, Mode::AccessExclusive);
        let old = self.state.is_old(table);
        match action {
            Action::DropColumn { name, cascade, if_exists } => {
                self.drop_column(table, name, *cascade, *if_exists)
            }
            Action::AlterType { column, ty, collate, using } => {
                self.alter_type(table, column, ty, collate.as_deref(), using.as_ref());
            }
            Action::SetDefault { column, .. } if old && !self.is_new_column(table, column) => {
                self.broke(
                    Object::Column,
                    table,
                    Some(column),
                    How::ReadsDiffer("new rows get another default"),
                );
            }
            Action::DropDefault { column } if old => self.drop_default(table, column),
            Action::SetNotNull { column } => self.set_not_null(table, column),
            Action::DropNotNull { column } if old => {
                self.broke(Object::Column, table, Some(column), How::ReadsDiffer("readers may meet NULL"));
            }
            Action::SetIdentity { column, always: Some(true) } if old => {
                self.broke(Object::Column, table, Some(column), How::Refuses(Refusal::IdentityAlways));
            }
            Action::DropIdentity { column } if old => {
                self.broke(Object::Column, table, Some(column), How::Refuses(Refusal::DefaultDropped));
            }
            Action::SetExpression { column } => {
                let stored = self
                    .state
                    .relation(table)
                    .and_then(|own| own.column(column))
                    .and_then(|own| own.generated);
                if stored != Some(false) {
                    self.effort(table, Work::Rewrite, Cause::SetExpression, None);
                }
            }
            _ => {}
        }
    }

    fn drop_column(&mut self, table: &Name, name: &str, cascade: bool, if_exists: bool) {
        let relation = self.state.relation(table);
        let known = relation.filter(|own| own.columns_known);
        let missing = known.is_some_and(|own| own.column(name).is_none());
        if !self.state.is_old(table) || self.is_new_column(table, name) || missing && if_exists {
            return;
        }
        self.broke(Object::Column, table, Some(name), How::Gone);
        self.lose(Object::Column, table, Some(name), Loss::Values);
        if cascade {
            self.lose(Object::Column, table, Some(name), Loss::Dependants);
        }
        let foreign: Vec<Name> = relation
            .iter()
            .flat_map(|own| &own.constraints)
            .filter(|own| own.columns.iter().any(|column| column == name))
            .filter_map(|own| own.to.clone())
            .collect();
        for referenced in foreign {
            self.lock(&referenced, Object::Table, Mode::AccessExclusive);
        }
        if cascade && self.is_in_key(table, name) {
            self.lock_referencing(table);
        }
        if !cascade {
            let views = self.views_of(table, name);
            if let Some(view) = views.first() {
                self.fail(Fails::UsedColumn, true, format!("the view {view} uses the column"));
            }
        }
    }

    /// Whether a column is part of what a foreign key may point to.
    fn is_in_key(&self, table: &Name, column: &str) -> bool {
        let constraints = self.state.relation(table).into_iter().flat_map(|own| &own.constraints);
        let mut keys = constraints.filter(|own| matches!(own.kind, Kind::PrimaryKey | Kind::Unique));
        keys.any(|own| own.columns.iter().any(|part| part == column))
    }

    /// The views that are known to read a column.
    fn views_of(&self, table: &Name, column: &str) -> Vec<Name> {
        let key = self.state.key(table);
        let wanted = format!("{}.{column}", key.name);
        let full = format!("{key}.{column}");
        let reads = |own: &crate::schema::Relation| {
            let here = own.reads.is_empty() || own.reads.contains(&key);
            own.reads_columns.iter().any(|read| *read == wanted && here || *read == full)
        };
        self.state
            .schema
            .relations
            .iter()
            .filter(|(_, own)| reads(own))
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn drop_default(&mut self, table: &Name, column: &str) {
        let own = self.state.relation(table).and_then(|own| own.column(column));
        let nullable = own.is_some_and(|own| !own.not_null);
        let none = own.is_some_and(|own| own.default.is_none() && !own.identity);
        if !nullable && !none {
            self.broke(Object::Column, table, Some(column), How::Refuses(Refusal::DefaultDropped));
        }
    }

    fn set_not_null(&mut self, table: &Name, column: &str) {
        if !self.state.is_old(table) {
            return;
        }
        let relation = self.state.relation(table);
        let own = relation.and_then(|relation| relation.column(column));
        let already = own.is_some_and(|own| own.not_null);
        let proven = self.is_proven_not_null(table, column);
        let filled = self.actions.iter().any(|(action, _)| match action {
            Action::AddColumn { column: added, .. } => {
                added.name == column && added.default_value().is_some()
            }
            _ => false,
        });
        if already {
            return;
        }
        if filled {
            // Every row has the default, but the server looks all the same.
            return self.effort(table, Work::Scan, Cause::NotNull, None);
        }
        if !proven {
            let unless = own.is_none().then(|| {
                format!(
                    "whether \"{column}\" is NOT NULL already, or a validated CHECK ({column} IS NOT NULL) \
                     proves it"
                )
            });
            self.effort(table, Work::Scan, Cause::NotNull, unless);
            self.fail(Fails::ExistingRows, false, format!("rows in which \"{column}\" is null make it fail"));
        }
        // Running code knows nothing of a column that is new, and gives it no value.
        let valued = own.is_some_and(|own| own.default.is_some() || own.identity || own.generated.is_some());
        if self.state.is_new_column(table, column) && own.is_some() {
            if !valued {
                self.broke(Object::Column, table, Some(column), How::Refuses(Refusal::RequiredColumn));
            }
            return;
        }
        self.broke(Object::Constraint, table, Some(column), How::Refuses(Refusal::ConstraintOnNewRows));
    }

    /// Whether a validated constraint proves that a column is not null. What the statement drops is gone
    /// before.
    pub(super) fn is_proven_not_null(&self, table: &Name, column: &str) -> bool {
        let Some(relation) = self.state.relation(table) else { return false };
        let dropped = |constraint: &str| {
            self.actions.iter().any(|(action, _)| match action {
                Action::DropConstraint { name, .. } => name == constraint,
                _ => false,
            })
        };
        let key = relation
            .constraints
            .iter()
            .any(|own| own.kind == Kind::PrimaryKey && own.columns.iter().any(|part| part == column));
        let proof = relation.constraints.iter().any(|own| {
            own.validated && !dropped(&own.name) && own.proves_not_null.iter().any(|proven| proven == column)
        });
        key || proof && self.state.at_least(12) || relation.column(column).is_some_and(|own| own.not_null)
    }

    fn alter_type(
        &mut self,
        table: &Name,
        column: &str,
        ty: &Type,
        collate: Option<&str>,
        using: Option<&Expr>,
    ) {
        if !self.state.is_old(table) {
            return;
        }
        let relation = self.state.relation(table);
        let own = relation.and_then(|own| own.column(column));
        let old = own.and_then(|own| own.ty.clone());
        let cost = change_type::cost(self.state, column, old.as_ref(), ty, using);
        let unknown = || Some(format!("the type of \"{column}\" until now"));
        let (cause, unless) = match cost {
            Cost::Free => return self.free_type_change(table, column, old.as_ref(), ty, collate),
            Cost::Rewrite => (Cause::TypeChange, None),
            Cost::Narrow => (Cause::TypeNarrowing, None),
            Cost::TimeZone => (Cause::TypeTimeZone, None),
            Cost::Using => (Cause::TypeUsing, None),
            Cost::Unknown => (Cause::TypeChange, unknown()),
        };
        self.effort(table, Work::Rewrite, cause, unless);
        self.effects.reversibility =
            self.effects.reversibility.max(crate::lint::effect::Reversibility::WithDataLoss);
        if cost == Cost::Narrow {
            self.lose(Object::Column, table, Some(column), Loss::Precision);
            self.fail(
                Fails::ExistingRows,
                false,
                format!("values of \"{column}\" that do not fit make it fail"),
            );
        }
        self.broke(Object::Column, table, Some(column), How::Retyped { to: ty.written() });
        self.keys_with(table, column, true);
        let views = self.views_of(table, column);
        if let Some(view) = views.first() {
            self.fail(Fails::UsedColumn, true, format!("the view {view} uses the column"));
        }
    }

    /// The type changes in the catalogue only; checks and indexes on the column may still be worked on.
    fn free_type_change(
        &mut self,
        table: &Name,
        column: &str,
        old: Option<&Type>,
        ty: &Type,
        collate: Option<&str>,
    ) {
        self.keys_with(table, column, false);
        let relation = self.state.relation(table);
        let uses = |columns: &[String]| columns.iter().any(|own| own == column);
        let checked = relation.is_some_and(|own| {
            own.constraints.iter().any(|check| check.kind == Kind::Check && uses(&check.columns))
        });
        let was = relation.and_then(|own| own.column(column)).and_then(|own| own.collate.as_deref());
        let indexed = relation.is_some_and(|own| own.indexes.iter().any(|index| uses(&index.columns)));
        let computed = relation.is_some_and(|own| {
            let filters = own.indexes.iter().filter_map(|index| index.filter.as_ref());
            let filtered = filters.map(|filter| format!("({filter})")).any(|own| computes_with(&own, column));
            filtered
                || own.indexes.iter().flat_map(|index| &index.columns).any(|key| computes_with(key, column))
        });
        // Even if the type stays the same.
        if checked {
            self.effort(table, Work::Scan, Cause::TypeRecheck, None);
        }
        if collate.is_some() && collate != was && indexed {
            self.effort(table, Work::Index, Cause::Collation, None);
        }
        let other_order = old.is_some_and(|old| change_type::is_ordered_otherwise(old, ty));
        if computed || indexed && other_order {
            self.effort(table, Work::Index, Cause::TypeRecheck, None);
        }
        if old != Some(ty) {
            let views = self.views_of(table, column);
            if let Some(view) = views.first() {
                self.fail(Fails::UsedColumn, true, format!("the view {view} uses the column"));
            }
        }
    }

    /// Foreign keys on a column whose type changes are made anew at both ends, and checked unless the
    /// values stay as they are on disk.
    fn keys_with(&mut self, table: &Name, column: &str, checked: bool) {
        let named = |columns: &[String]| columns.iter().any(|own| own == column);
        let relation = self.state.relation(table);
        let outgoing: Vec<Name> = relation
            .iter()
            .flat_map(|own| &own.constraints)
            .filter(|own| named(&own.columns))
            .filter_map(|own| own.to.clone())
            .collect();
        for referenced in outgoing {
            self.lock(&referenced, Object::Table, Mode::AccessExclusive);
            if checked {
                self.effort(table, Work::Scan, Cause::ReferencingKey, None);
                self.effort(&referenced, Work::Scan, Cause::ReferencingKey, None);
            }
        }
        if self.is_in_key(table, column) {
            let incoming: Vec<Name> =
                self.state.schema.referencing(table).map(|(name, _)| name.clone()).collect();
            for referencing in incoming {
                self.lock(&referencing, Object::Table, Mode::AccessExclusive);
                if checked {
                    self.effort(&referencing, Work::Scan, Cause::ReferencingKey, None);
                }
            }
        }
    }
}

/// Whether the key of an index is an expression that speaks of a column.
fn computes_with(key: &str, column: &str) -> bool {
    let mut tokens = crate::sql::lex::tokens(key, crate::sql::Dialect::Postgres);
    key.starts_with('(') && tokens.any(|token| token.text.trim_matches('"') == column)
}
