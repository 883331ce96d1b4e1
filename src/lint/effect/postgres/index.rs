//! Indexes.

use super::{Cause, Fails, Found, Mode, Work};
use crate::lint::state::key_text;
use crate::schema::Index;
use crate::sql::statement::{Action, Key, Name, Object, Said, Span};

impl Found<'_> {
    pub(super) fn index(&mut self, said: &Said) {
        match said {
            Said::CreateIndex { name, table, keys, unique, concurrently, if_not_exists, only, .. } => {
                let there = name.as_ref().is_some_and(|name| {
                    self.state
                        .relation(table)
                        .and_then(|own| own.index(&name.name))
                        .is_some_and(|own| own.valid)
                });
                if there && *if_not_exists {
                    // The table is locked before the index is found to be there.
                    let mode = if *concurrently { Mode::ShareUpdateExclusive } else { Mode::Share };
                    return self.lock(table, Object::Table, mode);
                }
                self.create_index(table, (keys, *unique), *concurrently, *only);
            }
            Said::Reindex { object, name, concurrently } => {
                self.reindex(*object, name.as_ref(), *concurrently)
            }
            _ => {}
        }
    }

    fn create_index(&mut self, table: &Name, index: (&[Key], bool), concurrently: bool, only: bool) {
        let (keys, unique) = index;
        if concurrently {
            self.alone("CREATE INDEX CONCURRENTLY");
        }
        let relation = self.state.relation(table).cloned();
        // ONLY stands where partitions have theirs already, also if nothing else is known of the table.
        let partitioned = relation.as_ref().map_or(only, |own| own.partitioned);
        if partitioned && concurrently {
            let why = "an index on a partitioned table cannot be built CONCURRENTLY";
            self.fail(Fails::ConcurrentOnPartitioned, true, why);
        }
        let object = relation.as_ref().map_or(Object::Table, |own| own.object);
        let mode = if concurrently { Mode::ShareUpdateExclusive } else { Mode::Share };
        self.lock(table, object, mode);
        if partitioned && only {
            return;
        }
        if partitioned {
            let keys: Vec<String> = keys.iter().map(key_text).collect();
            self.index_partitions(table, mode, &keys, unique);
        } else {
            self.effort(table, Work::Index, Cause::CreateIndex, None);
        }
        if unique && self.state.is_old(table) {
            self.fail(Fails::Duplicates, false, "doubles make it fail");
            if concurrently {
                let why = "a build that fails leaves an index that cannot be used but is kept up";
                self.fail(Fails::Several, false, why);
            }
        }
    }

    /// A partitioned table has no rows of its own: the index is built on each partition, but for those
    /// that have such a one already.
    fn index_partitions(&mut self, table: &Name, mode: Mode, keys: &[String], unique: bool) {
        let children = self.state.schema.children(table);
        let same = |own: &Index| own.columns == keys && own.unique == unique && own.valid && !own.partial;
        let lacks =
            |child: &Name| !self.state.relation(child).is_some_and(|own| own.indexes.iter().any(same));
        let lacking: Vec<Name> = children.iter().filter(|child| lacks(child)).cloned().collect();
        children.iter().for_each(|child| self.lock(child, Object::Table, mode));
        let before = self.effects.efforts.len();
        lacking.iter().for_each(|child| self.effort(child, Work::Index, Cause::CreateIndex, None));
        let worked = self.effects.efforts.len() > before;
        if worked || children.is_empty() && !self.state.schema.complete {
            self.effort(table, Work::Index, Cause::CreateIndex, None);
        }
    }

    fn reindex(&mut self, object: Object, name: Option<&Name>, concurrently: bool) {
        if concurrently {
            self.alone("REINDEX CONCURRENTLY");
            if !self.state.at_least(12) {
                self.fail(Fails::Unsupported, true, "REINDEX CONCURRENTLY needs PostgreSQL 12");
            }
        }
        let mode = if concurrently { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
        match (object, name) {
            (Object::Table, Some(table)) => {
                self.lock(table, Object::Table, mode);
                self.effort(table, Work::Index, Cause::Reindex, None);
            }
            (Object::Index, Some(index)) => {
                let table = self.state.schema.table_of_index(index).map(|(table, _)| table.clone());
                let (on, object) = match table {
                    Some(table) => (table, Object::Table),
                    None => (index.clone(), Object::Index),
                };
                self.lock(&on, object, mode);
                self.effort(&on, Work::Index, Cause::Reindex, None);
            }
            (_, name) => {
                if !concurrently {
                    self.alone("REINDEX of a schema or database");
                }
                let all = match (object, name) {
                    (Object::Schema, Some(schema)) => Name::new(format!("every table of {schema}")),
                    _ => Name::new("every table"),
                };
                self.lock_any(&all, object, mode);
                self.effort_any(&all, Work::Index, Cause::ReindexAll, None);
            }
        }
    }

    pub(super) fn alter_index_as_table(&mut self, index: &Name, actions: &[(Action, Span)]) {
        let table = self.state.schema.table_of_index(index).map(|(table, _)| table.clone());
        if let Some(table) = table {
            self.lock(&table, Object::Table, Mode::AccessExclusive);
        }
        self.alter_index(index, actions);
    }

    pub(super) fn alter_index(&mut self, index: &Name, actions: &[(Action, Span)]) {
        let table = self.state.schema.table_of_index(index).map(|(table, _)| table.clone());
        let on = table.unwrap_or_else(|| index.clone());
        for (action, span) in actions {
            self.span = *span;
            match action {
                Action::RenameTo { .. } | Action::Options(_) | Action::ColumnOptions { .. } => {
                    self.lock(&on, Object::Index, Mode::ShareUpdateExclusive);
                }
                Action::Attach { partition, .. } => {
                    let child = self.state.schema.table_of_index(partition).map(|(table, _)| table.clone());
                    self.lock(&on, Object::Index, Mode::ShareUpdateExclusive);
                    let child = child.unwrap_or_else(|| partition.clone());
                    self.lock(&child, Object::Index, Mode::AccessExclusive);
                }
                Action::SetTablespace { .. } => {
                    self.lock(&on, Object::Index, Mode::AccessExclusive);
                    self.effort(&on, Work::Rewrite, Cause::Tablespace, None);
                }
                _ => {}
            }
        }
    }
}
