//! Everything that is no table: views, functions, types, domains, triggers, settings.

use super::{Cause, Fails, Found, How, Loss, Mode, Reversibility, Work};
use crate::lint::effect::Refusal;
use crate::lint::state::limits;
use crate::sql::statement::{Action, Constraint, ConstraintKind, Name, Object, Said, Span, Type};

impl Found<'_> {
    pub(super) fn other(&mut self, said: &Said) {
        match said {
            Said::CreateView { .. } => self.create_view(said),
            Said::Refresh { view, concurrently } => self.refresh(view, *concurrently),
            Said::CreateTrigger { name, table, timing, .. } => {
                self.lock(table, Object::Table, Mode::ShareRowExclusive);
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
                tables.iter().for_each(|table| self.lock(table, Object::Table, mode));
            }
            Said::Vacuum { tables, full } => {
                self.alone("VACUUM");
                let mode = if *full { Mode::AccessExclusive } else { Mode::ShareUpdateExclusive };
                let all = [Name::new("every table")];
                let tables = if tables.is_empty() && *full { &all[..] } else { tables.as_slice() };
                for table in tables {
                    self.lock(table, Object::Table, mode);
                    if *full {
                        self.effort(table, Work::Rewrite, Cause::VacuumFull, None);
                    }
                }
            }
            Said::Cluster { table } => {
                if table.is_none() {
                    self.alone("CLUSTER without a table");
                }
                let table = table.clone().unwrap_or_else(|| Name::new("every clustered table"));
                self.lock(&table, Object::Table, Mode::AccessExclusive);
                self.effort(&table, Work::Rewrite, Cause::Cluster, None);
            }
            Said::Analyze { tables } | Said::Attend { tables, .. } => {
                tables.iter().for_each(|table| self.lock(table, Object::Table, Mode::ShareUpdateExclusive));
            }
            Said::Comment { object, name: Some(table) }
                if matches!(object, Object::Table | Object::Column | Object::Constraint) =>
            {
                self.lock(table, Object::Table, Mode::ShareUpdateExclusive);
            }
            Said::AddEnumValue { .. } => self.effects.reversibility = Reversibility::Irreversible,
            Said::Alone { command } => self.alone(command),
            Said::Call { .. } | Said::Do { .. } => {}
            _ => {}
        }
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

    fn refresh(&mut self, view: &Name, concurrently: bool) {
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
            self.effort(view, Work::Rewrite, Cause::Refresh, None);
        }
    }

    fn alter_domain(&mut self, name: &Name, action: &Action) {
        if self.state.bore(name) {
            return;
        }
        let users = self.users_of_domain(name);
        let every = |found: &mut Self, cause: Cause| {
            if users.is_empty() && !found.state.schema.complete {
                let all = Name::new(format!("every table with {}", name.name));
                found.lock(&all, Object::Table, Mode::Share);
                found.effort(&all, Work::Scan, cause, Some("which tables use the domain".to_owned()));
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
                if !users.is_empty() || !self.state.schema.complete {
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

    /// The tables with a column of a domain.
    fn users_of_domain(&self, domain: &Name) -> Vec<Name> {
        let uses = |ty: &Type| {
            ty.name == domain.name
                && (domain.schema.is_none() || ty.schema.is_none() || ty.schema == domain.schema)
        };
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
        let users = self.users_of_domain(name);
        for (action, span) in actions {
            self.span = *span;
            match action {
                Action::AlterType { column, ty, .. } => {
                    if let Some(user) = users.first().filter(|_| !cascade) {
                        let why = format!("{user} has a column of the type");
                        self.fail(Fails::Attribute, true, why);
                    } else if cascade {
                        self.effort(
                            name,
                            Work::Rewrite,
                            Cause::Attribute,
                            Some("which tables are of the type".to_owned()),
                        );
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
