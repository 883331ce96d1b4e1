//! `DROP`, and tables that are built again.

use super::super::{Fails, How, Loss, Mode, Refusal};
use super::Look;
use crate::lint::state::sqlite::Rebuild;
use crate::schema::{Kind, Relation};
use crate::sql::statement::{Name, Object, Said, Span};

impl Look<'_> {
    pub(super) fn drop(&mut self) {
        let whole = self.statement.span;
        let Said::Drop { object, names, on, if_exists, cascade, concurrently } = &self.statement.said else {
            return;
        };
        if *cascade || on.is_some() || *concurrently || names.len() > 1 {
            let form = match (cascade, on, concurrently) {
                (true, ..) => "CASCADE",
                (_, Some(_), _) => "ON behind a name that is dropped",
                (.., true) => "CONCURRENTLY",
                _ => "more than one name in a DROP",
            };
            self.unsupported(format!("SQLite does not know {form}"), whole);
        }
        for name in names {
            match object {
                Object::Table => self.drop_table(name, *if_exists),
                Object::View => self.drop_view(name, *if_exists),
                Object::Index => self.drop_index(name),
                _ => {
                    self.lock(name.schema.as_deref(), Mode::Exclusive);
                    if *object == Object::Trigger && !self.is_made_again(name) {
                        self.lost(Object::Trigger, name, None, Loss::Guarantee, whole);
                    }
                }
            }
        }
    }

    /// Whether the script makes a trigger or view of this name for a table that it builds again.
    fn is_made_again(&self, name: &Name) -> bool {
        self.state.sqlite.rebuilds.iter().any(|rebuild| rebuild.made.contains(&name.name))
    }

    fn drop_view(&mut self, name: &Name, if_exists: bool) {
        if self.is_missing(name, if_exists, self.statement.span) {
            return;
        }
        self.lock(name.schema.as_deref(), Mode::Exclusive);
        if self.state.is_old(name) && !self.is_made_again(name) {
            self.broken(Object::View, name, None, How::Gone, self.statement.span);
        }
    }

    fn drop_index(&mut self, name: &Name) {
        let whole = self.statement.span;
        self.lock(name.schema.as_deref(), Mode::Exclusive);
        let Some((table, relation)) = self.state.schema.table_of_index(name) else { return };
        let unique = relation.index(&name.name).is_some_and(|index| index.unique);
        if unique && !self.state.is_new(table) {
            self.lost(Object::Index, table, Some(&name.name), Loss::Guarantee, whole);
            self.broken(Object::Index, table, Some(&name.name), How::Refuses(Refusal::NoArbiter), whole);
        }
    }

    fn drop_table(&mut self, name: &Name, if_exists: bool) {
        let whole = self.statement.span;
        if self.is_missing(name, if_exists, whole) {
            return;
        }
        self.lock(name.schema.as_deref(), Mode::Exclusive);
        let rebuild = self.state.sqlite.rebuild_dropping(name).cloned();
        // While a table is built again under another name, that is the name others know.
        let known_as = rebuild.as_ref().map_or(name, |rebuild| &rebuild.table);
        if self.state.pragma("foreign_keys", false) {
            self.children_lose_rows(name, whole);
        }
        match rebuild {
            Some(rebuild) => self.rebuilt(name, &rebuild),
            None if self.state.is_old(name) => {
                self.lost(Object::Table, name, None, Loss::Rows, whole);
                self.broken(Object::Table, name, None, How::Gone, whole);
                self.left_behind(known_as, whole);
            }
            None => {}
        }
    }

    /// With foreign keys on, `DROP TABLE` first deletes every row, and the keys that point there act.
    pub(super) fn children_lose_rows(&mut self, table: &Name, span: Span) {
        let children: Vec<(Name, bool)> = self
            .state
            .schema
            .referencing(table)
            .map(|(child, constraint)| (child.clone(), constraint.cascades))
            .collect();
        let own = self.state.key(table);
        let kept = |child: &Name| *child != own && !self.state.sqlite.drops(child);
        let children: Vec<(Name, bool)> = children.into_iter().filter(|(child, _)| kept(child)).collect();
        for (child, cascades) in children {
            if cascades {
                self.lost(Object::Table, &shown(&child), None, Loss::SomeRows, span);
            } else if self.may_hold_rows(&child) {
                let why = format!("it fails if any row of {} points to a row of {table}", child.name);
                self.fails(Fails::ExistingRows, false, why, span);
            }
        }
    }

    /// Foreign keys and views that speak of a table that is gone.
    fn left_behind(&mut self, table: &Name, span: Span) {
        let own = self.state.key(table);
        let children: Vec<Name> =
            self.state.schema.referencing(table).map(|(child, _)| child.clone()).collect();
        for child in children.iter().filter(|child| **child != own && !self.state.sqlite.drops(child)) {
            self.broken(Object::Table, &shown(child), None, How::Refuses(Refusal::ConstraintOnNewRows), span);
        }
        for (object, name) in self.state.speaking_of(table) {
            let how = How::ReadsDiffer("it fails, because it speaks of a table that is gone");
            self.broken(object, &Name::new(name), None, how, span);
        }
    }

    /// What is lost when the old form of a table goes.
    fn rebuilt(&mut self, dropped: &Name, rebuild: &Rebuild) {
        let whole = self.statement.span;
        let table = &rebuild.table;
        if rebuild.filled.is_none() {
            self.lost(Object::Table, table, None, Loss::Rows, whole);
        } else if rebuild.filtered {
            self.lost(Object::Table, table, None, Loss::SomeRows, whole);
        }
        if rebuild.order == crate::lint::state::sqlite::Order::OldRenamed
            && !self.state.pragma("legacy_alter_table", false)
        {
            self.left_behind(dropped, whole);
        }
        let Some(relation) = self.state.relation(dropped).cloned() else { return };
        for column in relation.columns.iter().filter(|column| !rebuild.carries(&column.name)) {
            let name = column.name.as_str();
            match rebuild.successor(name) {
                Some(to) => {
                    let how = How::Renamed { to: to.to_owned() };
                    self.broken(Object::Column, table, Some(name), how, whole);
                }
                None => {
                    self.lost(Object::Column, table, Some(name), Loss::Values, whole);
                    let there = rebuild.columns.iter().flatten().any(|own| own.name == name);
                    if !there {
                        self.broken(Object::Column, table, Some(name), How::Gone, whole);
                    }
                }
            }
        }
        self.guarantees(table, &relation, rebuild);
    }

    /// Indexes and triggers go with the old table.
    fn guarantees(&mut self, table: &Name, relation: &Relation, rebuild: &Rebuild) {
        let whole = self.statement.span;
        for index in relation.indexes.iter().filter(|index| index.constraint.is_none()) {
            let same = |made: &(String, Vec<String>)| made.0 == index.name || made.1 == index.columns;
            if !rebuild.indexes.iter().any(same) {
                let what = if index.unique { Loss::Guarantee } else { Loss::Dependants };
                self.lost(Object::Index, table, Some(&index.name), what, whole);
            }
        }
        let unique = |own: &&crate::schema::Constraint| matches!(own.kind, Kind::Unique | Kind::PrimaryKey);
        let known = rebuild.columns.is_some();
        for constraint in relation.constraints.iter().filter(unique).filter(|_| known) {
            let kept = rebuild.unique.contains(&constraint.columns)
                || rebuild.indexes.iter().any(|(_, columns)| *columns == constraint.columns);
            if !kept {
                self.lost(Object::Constraint, table, Some(&constraint.name), Loss::Guarantee, whole);
            }
        }
        for trigger in relation.triggers.iter().filter(|trigger| !rebuild.made.contains(trigger)) {
            self.lost(Object::Trigger, table, Some(trigger), Loss::Guarantee, whole);
        }
    }
}

/// A key of the catalogue as a person would write it.
fn shown(key: &Name) -> Name {
    match key.schema.as_deref() {
        Some("main") => Name::new(key.name.clone()),
        _ => key.clone(),
    }
}
