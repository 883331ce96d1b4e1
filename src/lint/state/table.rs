//! What a statement makes of a table.

use super::apply::{add_index, free_name, known, move_object};
use super::{Added, State};
use crate::schema::{self, Index, Kind, Relation};
use crate::sql::statement::{
    Action, Column, Constraint, ConstraintKind, CreateTable, Name, Object, Span, Type,
};

/// A table is made.
pub(super) fn create(state: &mut State, create: &CreateTable) {
    if create.if_not_exists && state.relation(&create.name).is_some() {
        return;
    }
    let key = if create.temporary {
        Name::within("pg_temp", &create.name.name)
    } else {
        state.schema.key(&create.name)
    };
    let mut relation = Relation::new(Object::Table);
    relation.columns_known = create.filled_from.is_none();
    relation.partitioned = create.partitioning.by;
    relation.default_partition = create.partitioning.default;
    relation.unlogged = create.unlogged;
    relation.partition_of = create.partitioning.of.as_ref().map(|parent| state.key(parent));
    relation.inherits = create.inherits.iter().map(|parent| state.key(parent)).collect();
    let models = create.like.iter().chain(&create.inherits).chain(&create.partitioning.of);
    for model in models {
        match state.relation(model) {
            Some(model) => {
                relation.columns.extend(model.columns.iter().cloned());
                relation.columns_known &= model.columns_known;
            }
            None => relation.columns_known = false,
        }
    }
    // A partition has the keys and indexes of its parent.
    if let Some(parent) = create.partitioning.of.as_ref().and_then(|parent| state.relation(parent)) {
        relation.indexes.extend(parent.indexes.iter().cloned());
        relation.constraints.extend(parent.constraints.iter().cloned());
    }
    for (name, value) in &create.options {
        match name.as_str() {
            "engine" => relation.storage = Some(value.clone()),
            "charset" => relation.charset = Some(value.clone()),
            "auto_increment" => relation.auto_increment = value.parse().ok(),
            _ => {}
        }
    }
    state.schema.relations.insert(key.clone(), relation);
    state.bear(key.clone());
    if create.filled_from.is_some() {
        state.filled.push(key.clone());
    }
    for column in &create.columns {
        add_column(state, &key, column);
    }
    for constraint in &create.constraints {
        add_constraint(state, &key, constraint, None);
    }
}

/// A table is altered, and its children with it unless only the table itself is meant.
pub(super) fn alter(state: &mut State, table: &Name, only: bool, actions: &[(Action, Span)]) {
    for (action, _) in actions {
        let partitioned = state.relation(table).is_some_and(|own| own.partitioned);
        let reaches = !only && reaches_children(action, partitioned);
        let children = if reaches { state.schema.children(table) } else { Vec::new() };
        one(state, table, action);
        children.iter().for_each(|child| one(state, child, action));
    }
}

/// Whether what is done to the catalogue of a table is done to that of its children.
fn reaches_children(action: &Action, partitioned: bool) -> bool {
    match action {
        Action::AddColumn { .. }
        | Action::DropColumn { .. }
        | Action::RenameColumn { .. }
        | Action::AlterType { .. }
        | Action::SetDefault { .. }
        | Action::DropDefault { .. }
        | Action::SetNotNull { .. }
        | Action::DropNotNull { .. }
        | Action::DropExpression { .. }
        | Action::ValidateConstraint { .. }
        | Action::DropConstraint { .. }
        | Action::RenameConstraint { .. } => true,
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Check(_) | ConstraintKind::NotNull { .. } => !constraint.no_inherit,
            _ => partitioned,
        },
        _ => false,
    }
}

fn one(state: &mut State, table: &Name, action: &Action) {
    let key = state.key(table);
    match action {
        Action::AddColumn { column, if_not_exists } => {
            let there = state.relation(table).is_some_and(|own| own.column(&column.name).is_some());
            if !(*if_not_exists && there) {
                add_column(state, &key, column);
            }
        }
        Action::DropColumn { name, .. } => drop_column(state, &key, name),
        Action::AddConstraint(constraint) => add_constraint(state, &key, constraint, None),
        Action::DropConstraint { name, .. } | Action::DropForeignKey { name } => {
            drop_constraint(state, &key, name)
        }
        Action::ValidateConstraint { name } => {
            let relation = known(state, &key);
            for own in relation.constraints.iter_mut().filter(|own| own.name == *name) {
                own.validated = true;
            }
        }
        Action::RenameConstraint { name, to } => {
            let relation = known(state, &key);
            relation.constraints.iter_mut().filter(|own| own.name == *name).for_each(|own| {
                own.name.clone_from(to);
            });
            relation.indexes.iter_mut().filter(|own| own.name == *name).for_each(|own| {
                own.name.clone_from(to);
            });
        }
        Action::RenameColumn { name, to } => rename_column(state, &key, name, to),
        Action::RenameTo { to } => {
            let new = Name { schema: key.schema.clone(), name: to.clone() };
            move_object(state, Object::Table, &key, new);
        }
        Action::SetSchema { to } => {
            let new = Name::within(to, &key.name);
            move_object(state, Object::Table, &key, new);
        }
        Action::Attach { partition, default, .. } => {
            let child = known(state, partition);
            child.partition_of = Some(key);
            child.default_partition = *default;
        }
        Action::Detach { partition, .. } => {
            let child = known(state, partition);
            child.partition_of = None;
            child.default_partition = false;
        }
        action if of_index(state, &key, action) => {}
        Action::Modify { old, column } => {
            rename_column(state, &key, old, &column.name);
            let relation = known(state, &key);
            match relation.column_mut(&column.name) {
                Some(own) => *own = catalogued(column),
                None => relation.columns.push(catalogued(column)),
            }
        }
        action => attribute(state, &key, action),
    }
}

/// Actions on indexes; says whether it was one.
fn of_index(state: &mut State, key: &Name, action: &Action) -> bool {
    match action {
        Action::AddIndex { name, keys, unique, .. } => {
            add_index(state, key, super::apply::index(name.clone(), keys, *unique), false);
        }
        Action::DropIndex { name } => known(state, key).indexes.retain(|index| index.name != *name),
        Action::RenameIndex { name, to } => {
            let indexes = known(state, key).indexes.iter_mut();
            indexes.filter(|own| own.name == *name).for_each(|own| own.name.clone_from(to));
        }
        Action::IndexVisibility { name, visible } => {
            let relation = known(state, key);
            match relation.indexes.iter_mut().find(|own| own.name == *name) {
                Some(own) => own.valid = *visible,
                None => {
                    relation.indexes.push(Index { name: name.clone(), valid: *visible, ..Index::default() });
                }
            }
        }
        _ => return false,
    }
    true
}

/// Actions that set an attribute of a table or a column.
fn attribute(state: &mut State, key: &Name, action: &Action) {
    let found = match action {
        Action::AlterType { ty, .. } => Some(state.schema.found_type(ty.clone())),
        _ => None,
    };
    let relation = known(state, key);
    match action {
        Action::AlterType { column, collate, .. } => {
            if let Some(own) = relation.column_mut(column) {
                own.ty = found;
                own.collate.clone_from(collate);
            }
        }
        Action::SetDefault { column, expr } => {
            if let Some(own) = relation.column_mut(column) {
                own.default = Some(expr.text.clone());
            }
        }
        Action::DropDefault { column } => {
            if let Some(own) = relation.column_mut(column) {
                own.default = None;
            }
        }
        Action::SetNotNull { column } | Action::DropNotNull { column } => {
            let not_null = matches!(action, Action::SetNotNull { .. });
            match relation.column_mut(column) {
                Some(own) => own.not_null = not_null,
                None => relation.columns.push(schema::Column {
                    name: column.clone(),
                    not_null,
                    ..schema::Column::default()
                }),
            }
        }
        Action::AddIdentity { column, .. } | Action::DropIdentity { column } => {
            if let Some(own) = relation.column_mut(column) {
                own.identity = matches!(action, Action::AddIdentity { .. });
            }
        }
        Action::DropExpression { column } => {
            if let Some(own) = relation.column_mut(column) {
                own.generated = None;
            }
        }
        action => of_table(relation, action),
    }
}

/// Actions that set an attribute of a table as a whole.
fn of_table(relation: &mut Relation, action: &Action) {
    match action {
        Action::EnableRls => relation.row_security = true,
        Action::DisableRls => relation.row_security = false,
        Action::SetLogged => relation.unlogged = false,
        Action::SetUnlogged => relation.unlogged = true,
        Action::SetTablespace { to } => relation.tablespace = Some(to.clone()),
        Action::SetAccessMethod { to } => relation.storage = Some(to.clone()),
        Action::ConvertCharset { to } => {
            relation.charset = Some(to.clone());
            for ty in relation.columns.iter_mut().filter_map(|own| own.ty.as_mut()) {
                ty.more.retain(|word| !word.starts_with("charset "));
            }
        }
        Action::TableOption { name, value } => match name.as_str() {
            "engine" => relation.storage = Some(value.clone()),
            "charset" => relation.charset = Some(value.clone()),
            "auto_increment" => relation.auto_increment = value.parse().ok(),
            _ => {}
        },
        Action::Inherit { parent } => {
            let parent = parent.clone();
            relation.inherits.push(parent);
        }
        Action::NoInherit { parent } => relation.inherits.retain(|own| own.name != parent.name),
        Action::DropPrimaryKey => relation.constraints.retain(|own| own.kind != Kind::PrimaryKey),
        _ => {}
    }
}

fn catalogued(column: &Column) -> schema::Column {
    let generated = column.find(|kind| match kind {
        ConstraintKind::Generated { stored, expr } => Some((*stored, expr.columns.clone())),
        _ => None,
    });
    let identity = |kind: &ConstraintKind| matches!(kind, ConstraintKind::Identity { .. }).then_some(());
    let serial = column.ty.as_ref().and_then(Type::serial);
    schema::Column {
        name: column.name.clone(),
        ty: serial.map(Type::plain).or_else(|| column.ty.clone()),
        not_null: column.not_null(),
        default: match serial {
            Some(_) => Some("nextval".to_owned()),
            None => column.default_value().map(|expr| expr.text.clone()),
        },
        generated: generated.as_ref().map(|(stored, _)| *stored),
        generated_from: generated.map(|(_, from)| from).unwrap_or_default(),
        identity: column.find(identity).is_some(),
        collate: column.collate.clone(),
    }
}

fn add_column(state: &mut State, key: &Name, column: &Column) {
    let mut made = catalogued(column);
    made.ty = made.ty.map(|ty| state.schema.found_type(ty));
    let relation = known(state, key);
    if relation.column(&column.name).is_none() {
        relation.columns.push(made);
        state.bear_part(key.clone(), Object::Column, &column.name);
    }
    for constraint in &column.constraints {
        add_constraint(state, key, constraint, Some(&column.name));
    }
}

/// Adds a constraint, of a column if it stands behind one.
fn add_constraint(state: &mut State, key: &Name, constraint: &Constraint, column: Option<&str>) {
    let Some((mut made, using)) = demanded(state, constraint, column) else { return };
    let transaction = state.transaction;
    let relation = known(state, key);
    if let Some(index) = using.and_then(|name| relation.index(name)) {
        made.columns.clone_from(&index.columns);
    }
    let taken = |name: &str| relation.constraint(name).is_some();
    made.name = match &constraint.name {
        Some(name) => name.clone(),
        None if using.is_some() => using.unwrap_or_default().to_owned(),
        None => free_name(&usual_name(key, &made), taken),
    };
    if made.kind == Kind::PrimaryKey || made.kind == Kind::NotNull && !constraint.not_valid {
        for name in &made.columns {
            if let Some(column) = relation.column_mut(name) {
                column.not_null = true;
            }
        }
    }
    if let (Kind::Unique | Kind::PrimaryKey | Kind::Exclude, None) = (made.kind, using) {
        relation.indexes.push(Index {
            name: made.name.clone(),
            columns: made.columns.clone(),
            unique: made.kind != Kind::Exclude,
            valid: true,
            constraint: Some(made.name.clone()),
            ..Index::default()
        });
    }
    let added = Added { table: key.clone(), name: made.name.clone(), transaction };
    relation.constraints.push(made);
    state.bear_part(key.clone(), Object::Constraint, &added.name);
    if constraint.not_valid {
        state.added.push(added);
    }
}

/// What a constraint demands, still without a name, and the index it is made from.
fn demanded<'a>(
    state: &State,
    constraint: &'a Constraint,
    column: Option<&str>,
) -> Option<(schema::Constraint, Option<&'a str>)> {
    let own = |columns: &[String]| match column {
        Some(column) if columns.is_empty() => vec![column.to_owned()],
        _ => columns.to_vec(),
    };
    let mut made = schema::Constraint {
        name: String::new(),
        kind: Kind::Check,
        columns: Vec::new(),
        validated: !constraint.not_valid,
        to: None,
        cascades: false,
        proves_not_null: Vec::new(),
        text: None,
    };
    let mut using: Option<&str> = None;
    match &constraint.kind {
        ConstraintKind::Check(expr) => {
            made.columns.clone_from(&expr.columns);
            made.proves_not_null.clone_from(&expr.proves_not_null);
            made.text = Some(expr.text.clone());
        }
        ConstraintKind::NotNull { column: Some(named) } => {
            made.kind = Kind::NotNull;
            made.columns = vec![named.clone()];
            made.proves_not_null = vec![named.clone()];
        }
        ConstraintKind::Unique { columns, using_index } => {
            made.kind = Kind::Unique;
            made.columns = own(columns);
            using = using_index.as_deref();
        }
        ConstraintKind::PrimaryKey { columns, using_index } => {
            made.kind = Kind::PrimaryKey;
            made.columns = own(columns);
            using = using_index.as_deref();
        }
        ConstraintKind::Foreign(foreign) => {
            made.kind = Kind::Foreign;
            made.columns = own(&foreign.columns);
            made.to = Some(state.key(&foreign.table));
            made.cascades = foreign.cascades;
        }
        ConstraintKind::Exclude => made.kind = Kind::Exclude,
        _ => return None,
    }
    Some((made, using))
}

/// The name the server makes up.
fn usual_name(key: &Name, made: &schema::Constraint) -> String {
    let columns = match (made.kind, made.columns.as_slice()) {
        (Kind::Check, [_, _, ..]) => "",
        (_, columns) => return named(&key.name, columns, made.kind),
    };
    named(&key.name, &[columns.to_owned()], made.kind)
}

fn named(table: &str, columns: &[String], kind: Kind) -> String {
    let end = match kind {
        Kind::Check => "check",
        Kind::NotNull => "not_null",
        Kind::Unique => "key",
        Kind::PrimaryKey => return format!("{table}_pkey"),
        Kind::Foreign => "fkey",
        Kind::Exclude => "excl",
    };
    let columns: Vec<&str> = columns.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    if columns.is_empty() { format!("{table}_{end}") } else { format!("{table}_{}_{end}", columns.join("_")) }
}

fn drop_column(state: &mut State, key: &Name, name: &str) {
    let relation = known(state, key);
    relation.columns.retain(|column| column.name != name);
    let about = |columns: &[String]| columns.iter().any(|column| column == name);
    relation.constraints.retain(|constraint| !about(&constraint.columns));
    relation.indexes.retain(|index| !about(&index.columns));
    state.dropped_columns.push((key.clone(), name.to_owned()));
}

fn rename_column(state: &mut State, key: &Name, name: &str, to: &str) {
    let relation = known(state, key);
    let columns = relation.columns.iter_mut().map(|column| &mut column.name);
    let constraints = relation
        .constraints
        .iter_mut()
        .flat_map(|own| own.columns.iter_mut().chain(&mut own.proves_not_null));
    let indexes = relation.indexes.iter_mut().flat_map(|own| &mut own.columns);
    columns.chain(constraints).chain(indexes).filter(|own| *own == name).for_each(|own| to.clone_into(own));
}

fn drop_constraint(state: &mut State, key: &Name, name: &str) {
    let relation = known(state, key);
    let gone = relation.constraints.iter().find(|own| own.name == name && own.cascades).cloned();
    relation.constraints.retain(|own| own.name != name);
    relation.indexes.retain(|own| own.constraint.as_deref() != Some(name));
    state.dropped_keys.extend(gone.map(|own| (key.clone(), own)));
}
