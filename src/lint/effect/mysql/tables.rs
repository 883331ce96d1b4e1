//! What statements do that make, alter, rename and drop tables and what stands beside them.
//!
//! Knows: actions and the catalogue. Must never know: rules.

use super::approach::Approach;
use super::modify::was;
use super::{Made, Server, is_old};
use crate::lint::effect::{Effort, Fails, How, Loss, Refusal};
use crate::sql::statement::{
    Action, Column, Constraint, ConstraintKind, CreateTable, Name, Object, Said, Statement,
};

/// A table that was there before is altered.
pub(super) fn altered(approach: &Approach<'_>, statement: &Statement, made: &mut Made<'_>) {
    let table = approach.table;
    if let Some(why) = &approach.refused {
        let surely = approach.parts.iter().all(|part| part.unless.is_none());
        made.fails(Fails::Unsupported, surely, why.clone());
        if surely {
            return;
        }
    }
    made.lock(table, Object::Table);
    if approach.refused.is_none() {
        for part in &approach.parts {
            let Some(work) = part.work() else { continue };
            made.effects.efforts.push(Effort {
                on: table.clone(),
                work,
                cause: part.cause(),
                under: approach.under,
                unless: part.unless.clone(),
                span: part.span,
            });
        }
    }
    match &statement.said {
        Said::AlterTable { actions, .. } => {
            for (action, span) in actions {
                made.span = *span;
                one(table, action, made);
            }
            made.span = statement.span;
        }
        Said::CreateIndex { unique: true, .. } => unique(table, made),
        _ => {}
    }
}

/// What one action breaks and loses.
fn one(table: &Name, action: &Action, made: &mut Made<'_>) {
    match action {
        Action::AddColumn { column, .. } => added(table, column, made),
        Action::DropColumn { name, .. } => {
            made.broken(Object::Column, table, Some(name), How::Gone);
            made.lost(Object::Column, table, Some(name), Loss::Values);
        }
        Action::RenameColumn { name, to } => {
            made.broken(Object::Column, table, Some(name), How::Renamed { to: to.clone() });
        }
        Action::RenameTo { to } => {
            made.broken(Object::Table, table, None, How::Renamed { to: to.clone() });
        }
        Action::Modify { old, column } => modified(table, old, column, made),
        Action::DropDefault { column } => made.refuses(table, Some(column), Refusal::DefaultDropped),
        Action::AddConstraint(constraint) => constrained(table, constraint, made),
        Action::AddIndex { unique: true, .. } => unique(table, made),
        Action::DropIndex { name } => {
            let relation = made.state.relation(table);
            let guards = relation.and_then(|own| own.index(name)).is_some_and(|index| index.unique);
            made.broken(Object::Index, table, Some(name), How::Gone);
            if guards {
                made.lost(Object::Constraint, table, Some(name), Loss::Guarantee);
            }
        }
        Action::DropConstraint { name, .. } | Action::DropForeignKey { name } => {
            made.lost(Object::Constraint, table, Some(name), Loss::Guarantee);
        }
        Action::DropPrimaryKey => made.lost(Object::Constraint, table, Some("PRIMARY"), Loss::Guarantee),
        Action::ConvertCharset { to } if !to.starts_with("utf8mb4") => {
            made.lost(Object::Table, table, None, Loss::Precision);
        }
        Action::Partitions { command } => partitions(table, command, made),
        Action::TableOption { name, value } if name == "tablespace file" && value == "discard" => {
            made.lost(Object::Table, table, None, Loss::Rows);
        }
        Action::Other(words) => {
            made.effects.opaque = Some(format!("\"{words}\" in ALTER TABLE is not understood"));
        }
        _ => {}
    }
}

fn partitions(table: &Name, command: &str, made: &mut Made<'_>) {
    let mut words = command.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let names = words.nth(if command.contains("IF EXISTS") { 2 } else { 0 });
    if matches!(verb, "DROP" | "TRUNCATE") {
        made.lost(Object::Partition, table, names, Loss::Rows);
    }
}

/// A column is added: those that write rows without it may be refused.
fn added(table: &Name, column: &Column, made: &mut Made<'_>) {
    let fills_itself = column.find(|kind| match kind {
        ConstraintKind::Identity { .. } | ConstraintKind::Generated { .. } => Some(()),
        _ => None,
    });
    let name = column.name.as_str();
    if column.not_null() && column.default_value().is_none() && fills_itself.is_none() {
        made.refuses(table, Some(name), Refusal::RequiredColumn);
        let zero = column.ty.as_ref().is_some_and(|ty| matches!(ty.name.as_str(), "date" | "datetime"));
        if zero {
            made.fails(
                Fails::ExistingRows,
                false,
                format!(
                    "the rows that are there would get a zero date in \"{name}\", which NO_ZERO_DATE forbids"
                ),
            );
        }
    }
    let is_unique = column.find(|kind| match kind {
        ConstraintKind::Unique { .. } | ConstraintKind::PrimaryKey { .. } => Some(()),
        _ => None,
    });
    let same_everywhere = column.not_null() || column.default_value().is_some();
    if is_unique.is_some() && same_everywhere && fills_itself.is_none() {
        let why = format!("all rows that are there get the same value in \"{name}\", which shall be unique");
        made.fails(Fails::Duplicates, false, why);
    }
    for constraint in &column.constraints {
        let heeded = super::heeds_references(Server::of(made.state));
        if heeded && let ConstraintKind::Foreign(foreign) = &constraint.kind {
            parent(&foreign.table, made);
        }
    }
}

/// A table that a foreign key points to is locked, too.
fn parent(table: &Name, made: &mut Made<'_>) {
    if is_old(made.state, table) {
        made.lock(table, Object::Table);
    }
}

fn constrained(table: &Name, constraint: &Constraint, made: &mut Made<'_>) {
    let name = constraint.name.as_deref();
    match &constraint.kind {
        ConstraintKind::Foreign(foreign) => parent(&foreign.table, made),
        ConstraintKind::Unique { .. } | ConstraintKind::PrimaryKey { .. } => return unique(table, made),
        ConstraintKind::Check(_) if constraint.not_enforced => return,
        ConstraintKind::Check(_) => {}
        _ => return,
    }
    made.broken(Object::Constraint, table, name, How::Refuses(Refusal::ConstraintOnNewRows));
    made.fails(Fails::ExistingRows, false, "a row that is there may break the new constraint");
}

fn unique(table: &Name, made: &mut Made<'_>) {
    made.broken(Object::Constraint, table, None, How::Refuses(Refusal::ConstraintOnNewRows));
    made.fails(Fails::Duplicates, false, "two rows that are there may have the same values");
}

/// A column is declared anew.
fn modified(table: &Name, old: &str, column: &Column, made: &mut Made<'_>) {
    let name = column.name.as_str();
    if !old.eq_ignore_ascii_case(name) {
        made.broken(Object::Column, table, Some(old), How::Renamed { to: name.to_owned() });
    }
    let relation = made.state.relation(table);
    let gone = relation.is_some_and(|own| {
        own.columns_known && !own.columns.iter().any(|column| column.name.eq_ignore_ascii_case(old))
    });
    if gone {
        made.fails(Fails::NotThere, true, format!("there is no column \"{old}\""));
    }
    let Some((known, _)) = was(relation, old) else { return };
    if column.not_null() && !known.not_null {
        made.fails(Fails::ExistingRows, false, format!("a row that is there may have no \"{old}\""));
        if column.default_value().is_none() {
            made.refuses(table, Some(name), Refusal::RequiredColumn);
        }
    }
    let counts = column.find(|kind| matches!(kind, ConstraintKind::Identity { .. }).then_some(()));
    let filled = known.default.is_some() || known.identity && counts.is_none();
    if filled && counts.is_none() && column.default_value().is_none() && column.not_null() {
        made.refuses(table, Some(name), Refusal::DefaultDropped);
    }
    if known.not_null && !column.not_null() {
        made.lost(Object::Constraint, table, Some(name), Loss::Guarantee);
    }
    let narrows = super::approach::narrows(made.state, table, old, column);
    if narrows {
        made.lost(Object::Column, table, Some(name), Loss::Precision);
        made.fails(Fails::ExistingRows, false, format!("values of \"{old}\" may not fit into the new type"));
    }
}

/// A table is made: the tables that it points to are locked for a moment.
pub(super) fn created(create: &CreateTable, statement: &Statement, made: &mut Made<'_>) {
    let own = create.columns.iter().flat_map(|column| &column.constraints);
    for constraint in create.constraints.iter().chain(own) {
        if let ConstraintKind::Foreign(foreign) = &constraint.kind {
            parent(&foreign.table, made);
        }
    }
    // A condition may leave few of the rows.
    if let Some(reads) = create.filled_from.as_ref().filter(|_| takes_all(&statement.text)) {
        super::rows::filled_from(reads, made);
    }
}

/// Whether a query takes all rows, by its words.
fn takes_all(text: &str) -> bool {
    let limits = |word: &str| ["WHERE", "LIMIT"].iter().any(|limit| word.eq_ignore_ascii_case(limit));
    !text.split(|c: char| !c.is_alphanumeric()).any(limits)
}

/// Something is dropped.
pub(super) fn dropped(object: Object, names: &[Name], if_exists: bool, made: &mut Made<'_>) {
    for name in names {
        match object {
            Object::Table if is_old(made.state, name) => {
                made.lock(name, object);
                made.broken(object, name, None, How::Gone);
                made.lost(object, name, None, Loss::Rows);
                pointed_to(name, names, made);
            }
            Object::Table if !if_exists && !made.state.is_new(name) => {
                made.fails(Fails::NotThere, true, format!("there is no table \"{name}\""));
            }
            Object::Table => {}
            Object::View if is_old(made.state, name) => {
                made.lock(name, object);
                made.broken(object, name, None, How::Gone);
            }
            Object::Schema if !made.state.bore(&Name::new(name.name.as_str())) => {
                made.broken(object, name, None, How::Gone);
                made.lost(object, name, None, Loss::Rows);
            }
            Object::Procedure | Object::Function | Object::Sequence if !made.state.bore(name) => {
                made.broken(object, name, None, How::Gone);
            }
            Object::Trigger => made.lost(object, name, None, Loss::Guarantee),
            _ => {}
        }
    }
}

/// A table cannot be dropped while the foreign keys of others point to it.
fn pointed_to(table: &Name, going: &[Name], made: &mut Made<'_>) {
    let unchecked =
        matches!(made.state.settings.get("foreign_key_checks").map(String::as_str), Some("0" | "OFF"));
    let going: Vec<Name> = going.iter().map(|name| made.state.key(name)).collect();
    let mut others = made.state.schema.referencing(table).map(|(other, _)| other);
    let other = others.find(|other| !going.contains(other)).cloned();
    if let Some(other) = other.filter(|_| !unchecked) {
        made.fails(Fails::UsedColumn, true, format!("a foreign key of \"{}\" points to it", other.name));
    }
}

/// Tables get new names, one after the other but all at once for everybody else.
pub(super) fn renamed(pairs: &[(Name, Name)], made: &mut Made<'_>) {
    for (old, new) in pairs {
        if !is_old(made.state, old) {
            continue;
        }
        made.lock(old, Object::Table);
        // Whoever asks for the name still finds a table.
        let again = pairs.iter().any(|(_, to)| to == old);
        // What takes the place of another was not in use under its own name.
        let takes_place = pairs.iter().any(|(from, _)| from == new);
        if !again && !takes_place {
            made.broken(Object::Table, old, None, How::Renamed { to: new.to_string() });
        }
    }
}

/// A view is made anew: columns that it has no longer are gone.
pub(super) fn view_replaced(name: &Name, columns: Option<&[String]>, made: &mut Made<'_>) {
    if made.state.is_new(name) {
        return;
    }
    let Some(relation) = made.state.relation(name).filter(|relation| relation.columns_known) else { return };
    let Some(columns) = columns else { return };
    let kept = |own: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(own));
    let gone: Vec<String> =
        relation.columns.iter().filter(|own| !kept(&own.name)).map(|own| own.name.clone()).collect();
    for column in gone {
        made.broken(Object::Column, name, Some(&column), How::Gone);
    }
}
