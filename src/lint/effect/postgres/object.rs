//! Everything that is no table: views, functions, types, domains, triggers, settings.

use super::{Cause, Fails, Found, How, Loss, Mode, Reversibility, Work};
use crate::lint::effect::Refusal;
use crate::lint::state::limits;
use crate::schema::Domain;
use crate::sql::statement::{Action, Constraint, ConstraintKind, Name, Object, Said, Span, Type};

impl Found<'_> {
    pub(super) fn other(&mut self, said: &Said) {
        match said {
            Said::CreateView { .. } => self.create_view(said),
            Said::Refresh { view, concurrently, no_data } => self.refresh(view, *concurrently, *no_data),
            Said::CreateTrigger { name, table, timing, .. } => {
                self.lock(table, Object::Table, Mode::ShareRowExclusive);
                self.lock_partitions(table, Mode::ShareRowExclusive);
                if self.state.is_old(table) {
                    let how = if timing == "BEFORE" || timing == "INSTEAD OF" {
                        How::Refuses(Refusal::Trigger)
                    } else {
                        How::ReadsDiffer("it runs with every write from now on")
                    };
                    self.broke(Object::Trigger, table, Some(name), how);
                }
            }
            Said::CreateRule { name, table, instead, .. } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                if self.state.is_old(table) && *instead {
                    self.broke(Object::Rule, table, Some(name), How::Refuses(Refusal::Trigger));
                }
            }
            Said::CreatePolicy { name, table, restrictive } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                let on = self.state.relation(table).is_some_and(|own| own.row_security);
                if *restrictive && on && self.state.is_old(table) {
                    self.broke(Object::Policy, table, Some(name), How::ReadsDiffer("fewer rows are seen"));
                }
            }
            Said::AlterPolicy { name, table } => {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                if self.state.is_old(table) {
                    self.broke(Object::Policy, table, Some(name), How::ReadsDiffer("other rows may be seen"));
                }
            }
            Said::AlterDomain { name, action } => self.alter_domain(name, action),
            Said::Rename { object, name, part, to, on } => {
                self.rename(*object, name, part.as_deref(), to, on.as_ref())
            }
            Said::SetSchema { object, name, to } => {
                if !self.state.bore(name) {
                    self.broke(*object, name, None, How::Moved { to: to.clone() });
                }
            }
            Said::AlterAttributes { name, actions, cascade } => self.attributes(name, actions, *cascade),
            Said::Privileges { grant: false, objects, roles, on_objects: true, .. } => {
                for object in
                    objects.iter().filter(|object| self.state.is_old(object)).cloned().collect::<Vec<_>>()
                {
                    let who = roles.join(", ");
                    self.broke(Object::Table, &object, Some(&who), How::Refuses(Refusal::NoPrivilege));
                }
                if objects.is_empty() {
                    let who = Name::new(roles.join(", "));
                    self.broke(Object::Role, &who, None, How::Refuses(Refusal::NoPrivilege));
                }
            }
            said => self.upkeep(said),
        }
    }

    /// Locks, vacuuming, comments, and what refuses transactions.
    fn upkeep(&mut self, said: &Said) {
        match said {
            Said::Lock { tables, mode, .. } => {
                let mode = mode.as_deref().map_or(Mode::AccessExclusive, written_mode);
                tables.iter().for_each(|table| self.lock_with_all(table, mode));
            }
            Said::Vacuum { tables, full } => {
                self.alone("VACUUM");
                let mode = if *full { Mode::AccessExclusive } else { Mode::ShareUpdateExclusive };
                if tables.is_empty() && *full {
                    self.rewrites_all(&Name::new("every table"), Cause::VacuumFull);
                }
                for table in tables {
                    self.lock(table, Object::Table, mode);
                    if *full {
                        self.effort(table, Work::Rewrite, Cause::VacuumFull, None);
                    }
                }
            }
            Said::Cluster { table } => {
                let Some(table) = table else {
                    self.alone("CLUSTER without a table");
                    return self.rewrites_all(&Name::new("every clustered table"), Cause::Cluster);
                };
                self.lock(table, Object::Table, Mode::AccessExclusive);
                self.effort(table, Work::Rewrite, Cause::Cluster, None);
            }
            Said::Analyze { tables } | Said::Attend { tables, .. } => {
                tables.iter().for_each(|table| self.lock(table, Object::Table, Mode::ShareUpdateExclusive));
            }
            Said::Comment { object: Object::Table | Object::Column, name: Some(table) } => {
                self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
            }
            Said::AddEnumValue { .. } => self.effects.reversibility = Reversibility::Irreversible,
            Said::Alone { command } => self.alone(command),
            Said::Call { .. } | Said::Do { .. } => {}
            _ => {}
        }
    }

    /// Tables that nobody can name are written anew.
    fn rewrites_all(&mut self, all: &Name, cause: Cause) {
        self.lock_any(all, Object::Table, Mode::AccessExclusive);
        self.effort_any(all, Work::Rewrite, cause, None);
    }

    /// `LOCK TABLE` reaches the children of a table, and the tables that a view reads.
    fn lock_with_all(&mut self, table: &Name, mode: Mode) {
        let relation = self.state.relation(table);
        let object = relation.map_or(Object::Table, |own| own.object);
        let below = match object {
            Object::View => relation.map(|own| own.reads.clone()).unwrap_or_default(),
            _ => self.state.schema.children(table),
        };
        self.lock(table, object, mode);
        below.iter().for_each(|table| self.lock(table, Object::Table, mode));
    }

    fn create_view(&mut self, said: &Said) {
        let Said::CreateView { name, materialized, or_replace, columns, reads, no_data, .. } = said else {
            return;
        };
        self.adds();
        if *materialized && !no_data {
            self.copies(reads);
        }
        let Some(old) = self.state.relation(name).filter(|_| *or_replace && self.state.is_old(name)) else {
            return;
        };
        let (old, known) = (old.clone(), old.columns_known);
        self.lock(name, Object::View, Mode::AccessExclusive);
        if let (Some(columns), true) = (columns, known) {
            let kept = old.columns.iter().map(|column| &column.name).zip(columns).all(|(was, is)| was == is);
            if !kept || columns.len() < old.columns.len() {
                self.fail(
                    Fails::ViewColumn,
                    true,
                    format!("columns of {name} would be dropped, renamed or re-ordered"),
                );
            }
        }
    }

    fn refresh(&mut self, view: &Name, concurrently: bool, no_data: bool) {
        let relation = self.state.relation(view);
        if concurrently {
            self.lock(view, Object::MaterializedView, Mode::Exclusive);
            let unique =
                relation.is_some_and(|own| own.indexes.iter().any(|index| index.unique && !index.partial));
            if relation.is_some() && !unique && self.state.is_old(view) {
                let why = format!("{view} has no unique index over all its rows");
                self.fail(Fails::NeedsUniqueIndex, true, why);
            }
            self.effort(view, Work::Scan, Cause::RefreshConcurrently, None);
        } else {
            self.lock(view, Object::MaterializedView, Mode::AccessExclusive);
            if no_data {
                let how = How::ReadsDiffer("it cannot be read until it is filled again");
                self.broke_old(Object::MaterializedView, view, how);
            } else {
                self.effort(view, Work::Rewrite, Cause::Refresh, None);
            }
        }
    }

    fn alter_domain(&mut self, name: &Name, action: &Action) {
        if self.state.bore(name) {
            return;
        }
        let users = self.users_of_type(name);
        let schema = &self.state.schema;
        // Where the plan made the domain it made the tables that use it as well.
        let known = schema.complete || schema.resolve(&schema.domains, name).is_some();
        let every = |found: &mut Self, cause: Cause| {
            if users.is_empty() && !known {
                let all = Name::new(format!("every table with a column of {}", name.name));
                found.lock_any(&all, Object::Table, Mode::Share);
                found.effort_any(&all, Work::Scan, cause, Some("which tables use the domain".to_owned()));
            }
            for table in &users {
                found.lock(table, Object::Table, Mode::Share);
                found.effort(table, Work::Scan, cause, None);
            }
        };
        match action {
            Action::AddConstraint(constraint) => {
                if matches!(constraint.kind, ConstraintKind::NotNull { .. }) {
                    every(self, Cause::DomainNotNull);
                } else if !constraint.not_valid {
                    every(self, Cause::DomainCheck);
                }
                if !users.is_empty() || !known {
                    self.binds(name, constraint);
                }
            }
            Action::ValidateConstraint { .. } => every(self, Cause::DomainValidate),
            Action::SetNotNull { .. } => {
                every(self, Cause::DomainNotNull);
                self.broke(Object::Domain, name, None, How::Refuses(Refusal::ConstraintOnNewRows));
            }
            Action::DropConstraint { name: constraint, .. } => {
                self.lose(Object::Domain, name, Some(constraint), Loss::Guarantee);
            }
            Action::DropNotNull { .. } => self.lose(Object::Domain, name, None, Loss::Guarantee),
            Action::RenameTo { to } => {
                self.broke(Object::Domain, name, None, How::Renamed { to: to.clone() })
            }
            Action::SetSchema { to } => self.broke(Object::Domain, name, None, How::Moved { to: to.clone() }),
            _ => {}
        }
    }

    fn binds(&mut self, domain: &Name, constraint: &Constraint) {
        if limits(constraint) {
            let part = constraint.name.as_deref();
            self.broke(Object::Domain, domain, part, How::Refuses(Refusal::ConstraintOnNewRows));
        }
    }

    /// The tables with a column of a type, or of a domain that is made of it.
    pub(super) fn users_of_type(&self, name: &Name) -> Vec<Name> {
        let names = |of: &Name, ty: &Type| {
            ty.name == of.name && (of.schema.is_none() || ty.schema.is_none() || ty.schema == of.schema)
        };
        let mut all = vec![name.clone()];
        let mut at = 0;
        while let Some(base) = all.get(at).cloned() {
            let made = |(key, domain): &(&Name, &Domain)| {
                domain.base.as_ref().is_some_and(|ty| names(&base, ty)) && !all.contains(key)
            };
            let more: Vec<Name> =
                self.state.schema.domains.iter().filter(made).map(|(key, _)| key.clone()).collect();
            all.extend(more);
            at += 1;
        }
        let uses = |ty: &Type| all.iter().any(|name| names(name, ty));
        let relations = self.state.schema.relations.iter();
        relations
            .filter(|(_, own)| {
                own.stores_rows() && own.columns.iter().any(|column| column.ty.as_ref().is_some_and(&uses))
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn rename(&mut self, object: Object, name: &Name, part: Option<&str>, to: &str, on: Option<&Name>) {
        if let Some(table) = on {
            self.lock(table, Object::Table, Mode::AccessExclusive);
            return;
        }
        if object == Object::Index {
            let table = self.state.schema.table_of_index(name).map(|(table, _)| table.clone());
            self.lock(&table.unwrap_or_else(|| name.clone()), Object::Index, Mode::ShareUpdateExclusive);
            return;
        }
        if !self.state.bore(name) {
            self.broke(object, name, part, How::Renamed { to: to.to_owned() });
        }
    }

    fn attributes(&mut self, name: &Name, actions: &[(Action, Span)], cascade: bool) {
        if self.state.bore(name) {
            return;
        }
        let users = self.users_of_type(name);
        for (action, span) in actions {
            self.span = *span;
            match action {
                Action::AlterType { column, ty, .. } => {
                    if let Some(user) = users.first().filter(|_| !cascade) {
                        let why = format!("{user} has a column of the type");
                        self.fail(Fails::Attribute, true, why);
                    } else if cascade {
                        let all = Name::new(format!("every table of {}", name.name));
                        let unless = Some("which tables are made OF the type".to_owned());
                        self.lock_any(&all, Object::Table, Mode::AccessExclusive);
                        self.effort_any(&all, Work::Rewrite, Cause::Attribute, unless);
                    } else if !self.state.schema.complete {
                        self.fail(Fails::Attribute, false, "it fails when a table has a column of the type");
                    }
                    self.broke(Object::Attribute, name, Some(column), How::Retyped { to: ty.written() });
                }
                Action::DropColumn { name: attribute, .. } => {
                    self.broke(Object::Attribute, name, Some(attribute), How::Gone);
                    self.lose(Object::Attribute, name, Some(attribute), Loss::Values);
                }
                _ => {}
            }
        }
    }
}

/// A lock mode as `LOCK TABLE` writes it.
fn written_mode(text: &str) -> Mode {
    [
        Mode::AccessShare,
        Mode::RowShare,
        Mode::RowExclusive,
        Mode::ShareUpdateExclusive,
        Mode::Share,
        Mode::ShareRowExclusive,
        Mode::Exclusive,
    ]
    .into_iter()
    .find(|mode| mode.written() == text)
    .unwrap_or(Mode::AccessExclusive)
}
