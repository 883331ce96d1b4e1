//! `DROP` and `TRUNCATE`.

use super::{Fails, Found, How, Loss, Mode};
use crate::lint::effect::Refusal;
use crate::sql::statement::{Name, Object, Said};

/// How something is dropped.
struct Drop<'a> {
    if_exists: bool,
    cascade: bool,
    /// What the same statement drops, by key.
    going: &'a [Name],
}

impl Found<'_> {
    pub(super) fn drop(&mut self, said: &Said) {
        match said {
            Said::Drop { object, names, on, if_exists, cascade, concurrently } => {
                // What goes at the same time stops nothing.
                let going: Vec<Name> = names.iter().map(|name| self.state.key(name)).collect();
                for name in names {
                    let how = Drop { if_exists: *if_exists, cascade: *cascade, going: &going };
                    self.one(*object, name, on.as_ref(), &how, *concurrently);
                }
            }
            Said::Truncate { tables, cascade } => {
                tables.iter().for_each(|table| self.truncate(table, *cascade))
            }
            _ => {}
        }
    }

    fn one(&mut self, object: Object, name: &Name, on: Option<&Name>, how: &Drop<'_>, concurrently: bool) {
        let Drop { if_exists, cascade, .. } = *how;
        match object {
            Object::Table | Object::ForeignTable | Object::View | Object::MaterializedView => {
                self.relation(object, name, how);
            }
            Object::Index => self.drop_index(name, if_exists, concurrently),
            Object::Trigger | Object::Rule | Object::Policy => {
                let Some(table) = on.filter(|table| self.state.is_old(table)) else { return };
                self.lock(table, Object::Table, Mode::AccessExclusive);
                if object == Object::Trigger {
                    self.lock_partitions(table, Mode::AccessExclusive);
                }
                let known = self.state.relation(table).filter(|_| self.knows(table));
                let own = known
                    .is_none_or(|own| own.triggers.contains(&name.name) || own.policies.contains(&name.name));
                if own || object == Object::Rule {
                    self.lose(object, table, Some(&name.name), Loss::Guarantee);
                }
            }
            Object::Database => self.alone_and_gone("DROP DATABASE", object, name),
            Object::Role | Object::Statistics | Object::Publication => {
                self.broke(object, name, None, How::Gone);
            }
            Object::Other => {
                self.lose(object, name, None, Loss::Dependants);
                self.effects.opaque = Some("what the role owns is not known".to_owned());
            }
            _ => self.other_object(object, name, if_exists, cascade),
        }
    }

    fn alone_and_gone(&mut self, command: &str, object: Object, name: &Name) {
        self.alone(command);
        self.broke(object, name, None, How::Gone);
        self.lose(object, name, None, Loss::Rows);
    }

    fn relation(&mut self, object: Object, name: &Name, how: &Drop<'_>) {
        let Drop { if_exists, cascade, going } = *how;
        if !self.state.is_old(name) || if_exists && self.state.is_known_missing(name) {
            return;
        }
        self.lock(name, object, Mode::AccessExclusive);
        let relation = self.state.relation(name).cloned();
        let referenced = relation.iter().flat_map(|own| &own.constraints).filter_map(|own| own.to.clone());
        for referenced in referenced.collect::<Vec<_>>() {
            self.lock(&referenced, Object::Table, Mode::AccessExclusive);
            self.lock_partitions(&referenced, Mode::AccessExclusive);
        }
        let referencing: Vec<Name> =
            self.state.schema.referencing(name).map(|(table, _)| table.clone()).collect();
        for table in &referencing {
            if cascade {
                self.lock(table, Object::Table, Mode::AccessExclusive);
                self.lose(Object::Constraint, table, None, Loss::Guarantee);
            } else if !going.contains(&self.state.key(table)) {
                self.fail(Fails::UsedColumn, true, format!("{table} has a foreign key to it"));
            }
        }
        if let Some(parent) = relation.as_ref().and_then(|own| own.partition_of.clone()) {
            self.lock(&parent, Object::Table, Mode::AccessExclusive);
        }
        self.broke(object, name, None, How::Gone);
        if matches!(object, Object::Table) {
            self.lose(object, name, None, Loss::Rows);
            for child in self.state.schema.children(name) {
                self.lock(&child, Object::Table, Mode::AccessExclusive);
            }
        }
        if cascade {
            self.lose(object, name, None, Loss::Dependants);
        }
    }

    fn drop_index(&mut self, name: &Name, if_exists: bool, concurrently: bool) {
        if concurrently {
            self.alone("DROP INDEX CONCURRENTLY");
        }
        let table = self.state.schema.table_of_index(name).map(|(table, own)| (table.clone(), own.clone()));
        let Some((table, relation)) = table else {
            if if_exists && self.state.schema.complete {
                return;
            }
            let mode = if concurrently { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
            self.lock(name, Object::Index, mode);
            self.broke(Object::Index, name, None, How::Refuses(Refusal::NoArbiter));
            return;
        };
        if self.state.is_new(&table) || self.state.is_index_of_script(&table, &name.name) {
            return;
        }
        let mode = if concurrently { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
        self.lock(&table, Object::Table, mode);
        self.lock_partitions(&table, mode);
        let index = relation.index(&name.name);
        if let Some(index) = index.filter(|own| own.unique && own.valid)
            && !self.is_unique_otherwise(&table, &index.name, &index.columns)
        {
            self.lose(Object::Index, &table, Some(&index.name), Loss::Guarantee);
            self.broke(Object::Index, &table, Some(&index.name), How::Refuses(Refusal::NoArbiter));
        }
    }

    /// Types, functions, schemas, sequences and whatever else has no rows.
    fn other_object(&mut self, object: Object, name: &Name, if_exists: bool, cascade: bool) {
        let new = self.state.bore(name);
        let missing = if_exists && self.state.is_object_missing(object, name);
        if new || missing {
            return;
        }
        if object == Object::Schema {
            let inside: Vec<Name> = self
                .state
                .schema
                .relations
                .keys()
                .filter(|key| key.schema.as_deref() == Some(name.name.as_str()) && self.state.is_old(key))
                .cloned()
                .collect();
            if inside.is_empty() && self.state.schema.complete {
                return;
            }
            for relation in inside {
                self.lock(&relation, Object::Table, Mode::AccessExclusive);
            }
            if cascade {
                self.lose(object, name, None, Loss::Rows);
            }
        }
        if cascade && matches!(object, Object::Type | Object::Domain) {
            for table in self.users_of_type(name) {
                self.lock(&table, Object::Table, Mode::AccessExclusive);
            }
        }
        self.broke(object, name, None, How::Gone);
        if object == Object::Sequence {
            self.lose(object, name, None, Loss::Values);
        }
        if cascade {
            self.lose(object, name, None, Loss::Dependants);
        }
    }

    fn truncate(&mut self, table: &Name, cascade: bool) {
        if !self.state.is_old(table) {
            return;
        }
        self.lock(table, Object::Table, Mode::AccessExclusive);
        for child in self.state.schema.children(table) {
            self.lock(&child, Object::Table, Mode::AccessExclusive);
        }
        let referencing: Vec<Name> =
            self.state.schema.referencing(table).map(|(name, _)| name.clone()).collect();
        if cascade {
            for name in referencing {
                self.lock(&name, Object::Table, Mode::AccessExclusive);
                self.lose(Object::Table, &name, None, Loss::Rows);
            }
        }
        let empty = self.state.relation(table).is_some_and(|own| own.rows == Some(0));
        if !empty {
            self.lose(Object::Table, table, None, Loss::Rows);
        }
        if cascade {
            self.lose(Object::Table, table, None, Loss::Dependants);
        }
    }
}
