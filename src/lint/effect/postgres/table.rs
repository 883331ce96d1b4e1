//! `CREATE TABLE` and `ALTER TABLE`.

use super::children::{has_index_like, recurses};
use super::{Cause, Fails, Found, How, Loss, Mode, Work};
use crate::lint::effect::Refusal;
use crate::schema::{Constraint, Kind, Relation};
use crate::sql::statement::{Action, CreateTable, Name, Object, Reads, Span, Trigger};

impl Found<'_> {
    pub(super) fn create_table(&mut self, create: &CreateTable) {
        self.adds();
        if create.if_not_exists && self.state.relation(&create.name).is_some() {
            return;
        }
        let constraints = create.columns.iter().flat_map(|column| &column.constraints);
        for constraint in constraints.chain(&create.constraints) {
            if let crate::sql::statement::ConstraintKind::Foreign(foreign) = &constraint.kind {
                self.span = constraint.span;
                self.lock(&foreign.table, Object::Table, Mode::ShareRowExclusive);
            }
        }
        if let Some(parent) = &create.partitioning.of {
            self.lock(parent, Object::Table, Mode::AccessExclusive);
            self.lock_keys_of(parent);
            if !create.partitioning.default {
                self.default_partition(parent, Cause::CreatePartition, create.partitioning.bound.as_deref());
            }
        }
        for parent in &create.inherits {
            self.lock(parent, Object::Table, Mode::ShareUpdateExclusive);
        }
        if let Some(reads) = &create.filled_from {
            self.copies(reads);
        }
    }

    /// Rows are read to fill something new.
    pub(super) fn copies(&mut self, reads: &Reads) {
        for relation in &reads.relations {
            let stores = self.state.relation(relation).is_none_or(|own| own.stores_rows());
            if stores && !is_catalogue(relation) {
                self.effort(relation, Work::Scan, Cause::Copy, None);
            }
        }
    }

    /// A new partition takes its rows from none, so the default one is searched for such.
    fn default_partition(&mut self, parent: &Name, cause: Cause, bound: Option<&str>) {
        let key = self.state.key(parent);
        let children = &self.state.schema.relations;
        let default = children
            .iter()
            .find(|(_, own)| own.default_partition && own.partition_of.as_ref() == Some(&key))
            .map(|(name, own)| (name.clone(), own.clone()));
        match default {
            Some((name, relation)) => {
                self.lock(&name, Object::Table, Mode::AccessExclusive);
                if !excludes(&relation, bound) {
                    self.effort(&name, Work::Scan, cause, None);
                }
            }
            // Those of a table that is known from its beginning are known.
            None if self.knows(parent) => {}
            None => {
                let unless = format!("whether {parent} has a default partition with rows");
                self.effort(parent, Work::Scan, cause, Some(unless));
            }
        }
    }

    /// Whether all about a table is known: it was made by the plan, or looked at.
    pub(super) fn knows(&self, table: &Name) -> bool {
        self.state.schema.complete || self.state.relation(table).is_some_and(|own| own.columns_known)
    }

    pub(super) fn alter_table(&mut self, table: &Name, only: bool, actions: &[(Action, Span)]) {
        let whole = self.span;
        for (action, span) in actions {
            self.span = *span;
            self.action(table, action);
            let partitioned = self.state.relation(table).is_some_and(|own| own.partitioned);
            if !only && recurses(action, partitioned) {
                self.children(table, action, partitioned);
            }
        }
        self.span = whole;
    }

    fn action(&mut self, table: &Name, action: &Action) {
        match action {
            Action::AddColumn { column, if_not_exists } => self.add_column(table, column, *if_not_exists),
            Action::DropColumn { .. }
            | Action::AlterType { .. }
            | Action::SetDefault { .. }
            | Action::DropDefault { .. }
            | Action::SetNotNull { .. }
            | Action::DropNotNull { .. }
            | Action::AddIdentity { .. }
            | Action::SetIdentity { .. }
            | Action::DropIdentity { .. }
            | Action::SetExpression { .. }
            | Action::DropExpression { .. } => self.column(table, action),
            Action::AddConstraint(constraint) => self.add_constraint(table, constraint),
            Action::DropConstraint { .. } | Action::ValidateConstraint { .. } => {
                self.constraint(table, action)
            }
            Action::ColumnOptions { .. } | Action::ClusterOn | Action::Options(_) => {
                self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
            }
            Action::EnableTrigger(which) => {
                self.lock(table, Object::Table, Mode::ShareRowExclusive);
                if let Trigger::Named(name) = which {
                    self.broke(Object::Trigger, table, Some(name), How::ReadsDiffer("it fires from now on"));
                }
            }
            Action::DisableTrigger(which) => {
                self.lock(table, Object::Table, Mode::ShareRowExclusive);
                if self.state.is_old(table) {
                    let name = if let Trigger::Named(name) = which { Some(name.as_str()) } else { None };
                    self.lose(Object::Trigger, table, name, Loss::Guarantee);
                }
            }
            Action::RenameConstraint { .. } => self.lock(table, Object::Table, Mode::AccessExclusive),
            Action::RenameColumn { name, to } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                let new = self.is_new_column(table, name);
                if self.state.is_old(table) && !new {
                    self.broke(Object::Column, table, Some(name), How::Renamed { to: to.clone() });
                }
            }
            Action::RenameTo { to } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                self.broke_old(Object::Table, table, How::Renamed { to: to.clone() });
            }
            Action::SetSchema { to } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                self.broke_old(Object::Table, table, How::Moved { to: to.clone() });
            }
            Action::Attach { partition, default, bound } => self.attach(table, partition, *default, bound),
            Action::Detach { partition, concurrently } => self.detach(table, partition, *concurrently),
            action => self.storage(table, action),
        }
    }

    /// Actions on the table as a whole.
    fn storage(&mut self, table: &Name, action: &Action) {
        self.lock(table, Object::Table, Mode::AccessExclusive);
        let relation = self.state.relation(table);
        match action {
            Action::SetLogged | Action::SetUnlogged => {
                let unlogged = matches!(action, Action::SetUnlogged);
                let same = relation.is_some_and(|own| self.knows(table) && own.unlogged == unlogged);
                if !same {
                    self.effort(table, Work::Rewrite, Cause::Logged, None);
                }
                if unlogged && self.state.is_old(table) && !same {
                    self.lose(Object::Table, table, None, Loss::Durability);
                }
            }
            Action::SetTablespace { to } => {
                let usual = self.knows(table) && to == "pg_default";
                let same = relation.is_some_and(|own| match &own.tablespace {
                    Some(own) => own == to,
                    None => usual,
                });
                if !same {
                    self.effort(table, Work::Rewrite, Cause::Tablespace, None);
                }
            }
            Action::SetAccessMethod { to } => {
                let method = relation.and_then(|own| own.storage.as_deref());
                let heap = self.knows(table) || method.is_some();
                if !(heap && method.unwrap_or("heap") == to) && to != "heap" {
                    self.effort(table, Work::Rewrite, Cause::AccessMethod, None);
                }
            }
            Action::EnableRls | Action::ForceRls { on: true } if self.state.is_old(table) => {
                let policies = relation.is_some_and(|own| !own.policies.is_empty());
                let on = relation.is_some_and(|own| own.row_security);
                let forced = matches!(action, Action::ForceRls { .. });
                if !policies || forced {
                    self.broke(Object::Table, table, None, How::Refuses(Refusal::RowSecurity));
                } else if !on {
                    self.broke(
                        Object::Policy,
                        table,
                        None,
                        How::ReadsDiffer("only what a policy allows is seen"),
                    );
                }
            }
            Action::DisableRule if self.state.is_old(table) => {
                self.lose(Object::Rule, table, None, Loss::Guarantee);
            }
            Action::Inherit { parent } => self.lock(parent, Object::Table, Mode::ShareUpdateExclusive),
            _ => {}
        }
    }

    /// Something that was there before breaks for the application.
    pub(super) fn broke_old(&mut self, object: Object, on: &Name, how: How) {
        if self.state.is_old(on) {
            self.broke(object, on, None, how);
        }
    }

    /// Whether a column was made by the present script.
    pub(super) fn is_new_column(&self, table: &Name, column: &str) -> bool {
        self.state.is_new_column(table, column)
    }

    fn attach(&mut self, table: &Name, partition: &Name, default: bool, bound: &str) {
        self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
        self.lock(partition, Object::Table, Mode::AccessExclusive);
        self.lock_keys_of(table);
        let child = self.state.relation(partition).cloned();
        // The default partition of a table without others may hold anything.
        let alone = default && self.knows(table) && self.state.schema.children(table).is_empty();
        if !alone && !child.as_ref().is_some_and(|child| self.implies(partition, child, bound, default)) {
            self.effort(partition, Work::Scan, Cause::AttachPartition, None);
        }
        if !default {
            self.default_partition(table, Cause::DefaultPartition, Some(bound));
        }
        let parent = self.state.relation(table);
        let lacks = parent
            .zip(child.as_ref())
            .is_some_and(|(parent, child)| parent.indexes.iter().any(|index| !has_index_like(child, index)));
        if lacks {
            self.effort(partition, Work::Index, Cause::AttachIndexes, None);
        }
    }

    fn detach(&mut self, table: &Name, partition: &Name, concurrently: bool) {
        if concurrently {
            self.alone("ALTER TABLE ... DETACH PARTITION CONCURRENTLY");
            self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
            if !self.state.at_least(14) {
                self.fail(Fails::Unsupported, true, "DETACH ... CONCURRENTLY needs PostgreSQL 14");
            }
        } else {
            self.lock(table, Object::Table, Mode::AccessExclusive);
        }
        self.lock(partition, Object::Table, Mode::AccessExclusive);
        if self.state.is_old(partition) {
            self.lose(Object::Partition, partition, None, Loss::SomeRows);
        }
    }

    pub(super) fn alter_view(&mut self, object: Object, view: &Name, actions: &[(Action, Span)]) {
        self.lock(view, object, Mode::AccessExclusive);
        for (action, span) in actions {
            self.span = *span;
            match action {
                Action::RenameTo { to } => self.broke_old(object, view, How::Renamed { to: to.clone() }),
                Action::SetSchema { to } => self.broke_old(object, view, How::Moved { to: to.clone() }),
                Action::RenameColumn { name, to } if self.state.is_old(view) => {
                    self.broke(Object::Column, view, Some(name), How::Renamed { to: to.clone() });
                }
                Action::SetTablespace { .. } => self.effort(view, Work::Rewrite, Cause::Tablespace, None),
                _ => {}
            }
        }
    }
}

/// The catalogue's own tables are small.
pub(super) fn is_catalogue(name: &Name) -> bool {
    matches!(name.schema.as_deref(), Some("pg_catalog" | "information_schema"))
        || name.schema.is_none() && name.name.starts_with("pg_")
}

/// Whether a validated check of the default partition keeps the values of a bound out.
fn excludes(relation: &Relation, bound: Option<&str>) -> bool {
    let Some(bound) = bound else { return false };
    let values = literals(bound);
    !values.is_empty() && checks(relation).any(|(_, text)| speaks_of(text, &values))
}

/// The validated checks of a table, with their texts.
pub(super) fn checks(relation: &Relation) -> impl Iterator<Item = (&Constraint, &str)> {
    let checked = relation.constraints.iter().filter(|own| own.validated && own.kind == Kind::Check);
    checked.filter_map(|own| own.text.as_deref().map(|text| (own, text)))
}

/// Whether a check speaks of all these values, in whatever way it writes points of time.
pub(super) fn speaks_of(check: &str, values: &[String]) -> bool {
    let written = literals(check);
    let same = |one: &String, other: &String| moment(one).is_some_and(|own| Some(own) == moment(other));
    values.iter().all(|value| check.contains(value.as_str()) || written.iter().any(|own| same(own, value)))
}

/// A date or a point of time with all its parts, `+00` taken for none.
fn moment(text: &str) -> Option<String> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?.trim_start_matches(['T', ' ']));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !date.split('-').all(digits) {
        return None;
    }
    let zone_at = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
    let (time, zone) = (rest.get(..zone_at)?, rest.get(zone_at..)?);
    let mut parts: Vec<&str> = time.split(':').filter(|part| !part.is_empty()).collect();
    parts.resize(3, "00");
    let zone = zone.trim_end_matches(":00").trim_matches('Z');
    let zone = if matches!(zone, "+00" | "-00") { "" } else { zone };
    Some(format!("{date} {}{zone}", parts.join(":")))
}

/// The values written in a bound.
pub(super) fn literals(bound: &str) -> Vec<String> {
    use crate::sql::lex::{TokenKind, tokens};
    tokens(bound, crate::sql::Dialect::Postgres)
        .filter(|token| matches!(token.kind, TokenKind::Text | TokenKind::Number))
        .map(|token| token.text.trim_matches('\'').to_owned())
        .collect()
}
