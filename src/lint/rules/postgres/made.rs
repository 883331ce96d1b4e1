//! What a statement makes: columns, and names of any sort.
//!
//! Knows: statements. Must never know: rules.

use super::{script, words};
use crate::lint::rule::{Hit, Seen};
use crate::sql::statement::{
    Action, Column, Constraint, ConstraintKind, Name, Object, Said, Span, Statement, Type,
};

/// A new column, and the constraints of its table that stand for themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewColumn<'a> {
    pub table: &'a Name,
    pub column: &'a Column,
    pub constraints: &'a [Constraint],
}

impl NewColumn<'_> {
    /// Whether it alone is the primary key.
    pub(super) fn is_key(&self) -> bool {
        let own = |kind: &ConstraintKind| matches!(kind, ConstraintKind::PrimaryKey { .. }).then_some(());
        self.column.find(own).is_some()
            || self.constraints.iter().any(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns, .. } => {
                    matches!(columns.as_slice(), [only] if *only == self.column.name)
                }
                _ => false,
            })
    }

    /// Whether it counts up by itself.
    pub(super) fn counts(&self) -> bool {
        let identity = |kind: &ConstraintKind| matches!(kind, ConstraintKind::Identity { .. }).then_some(());
        self.column.find(identity).is_some()
            || self.column.ty.as_ref().is_some_and(|ty| ty.serial().is_some())
    }
}

/// The columns that a statement makes, but for those of temporary tables.
pub(super) fn columns(statement: &Statement) -> Vec<NewColumn<'_>> {
    match &statement.said {
        Said::CreateTable(create) if !create.temporary => {
            let column = |column| NewColumn { table: &create.name, column, constraints: &create.constraints };
            create.columns.iter().map(column).collect()
        }
        Said::AlterTable { table, actions, .. } => {
            let added = actions.iter().filter_map(|(action, _)| match action {
                Action::AddColumn { column, .. } => Some(NewColumn { table, column, constraints: &[] }),
                _ => None,
            });
            added.collect()
        }
        _ => Vec::new(),
    }
}

/// One finding about all new columns whose type fits, if there are any: ""a" and "b" of "t" are `what`".
pub(super) fn of_type(seen: &Seen<'_>, what: &str, fits: impl Fn(&Type) -> bool) -> Option<Hit> {
    let fits = |new: &NewColumn<'_>| new.column.ty.as_ref().is_some_and(&fits);
    about(seen, what, fits)
}

/// One finding about all new columns that fit, if there are any.
pub(super) fn about(seen: &Seen<'_>, what: &str, fits: impl Fn(&NewColumn<'_>) -> bool) -> Option<Hit> {
    let found: Vec<NewColumn<'_>> = columns(seen.statement).into_iter().filter(fits).collect();
    let first = found.first()?;
    let names: Vec<&str> = found.iter().map(|new| new.column.name.as_str()).collect();
    let are = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} of \"{}\" {are} {what}", words::listed(&names), first.table);
    Some(Hit::new(script::at(seen.statement, first.column.span), message))
}

/// A name that a statement makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewName<'a> {
    pub object: Object,
    pub name: &'a str,
    pub span: Span,
}

/// The names that a statement makes, but for those of temporary tables.
pub(super) fn names(statement: &Statement) -> Vec<NewName<'_>> {
    let whole = statement.span;
    let mut found = Vec::new();
    let mut add = |object, name, span| found.push(NewName { object, name, span });
    match &statement.said {
        Said::CreateTable(create) if !create.temporary => {
            add(Object::Table, &create.name.name, whole);
            create.columns.iter().for_each(|column| of_column(column, &mut add));
            create.constraints.iter().for_each(|constraint| of_constraint(constraint, &mut add));
        }
        Said::AlterTable { object, actions, .. } => {
            for (action, span) in actions {
                match action {
                    Action::AddColumn { column, .. } => of_column(column, &mut add),
                    Action::AddConstraint(constraint) => of_constraint(constraint, &mut add),
                    Action::RenameColumn { to, .. } => add(Object::Column, to, *span),
                    Action::RenameConstraint { to, .. } => add(Object::Constraint, to, *span),
                    Action::RenameTo { to } => add(*object, to, *span),
                    _ => {}
                }
            }
        }
        Said::CreateIndex { name: Some(name), .. } => add(Object::Index, &name.name, whole),
        Said::CreateView { name, temporary: false, .. } => add(Object::View, &name.name, whole),
        Said::CreateFunction(function) => add(Object::Function, &function.name.name, whole),
        Said::CreateTrigger { name, .. } => add(Object::Trigger, name, whole),
        Said::CreatePolicy { name, .. } => add(Object::Policy, name, whole),
        Said::CreateRule { name, .. } => add(Object::Rule, name, whole),
        Said::CreateDomain { name, .. } => add(Object::Domain, &name.name, whole),
        Said::CreateType { name, attributes, .. } => {
            add(Object::Type, &name.name, whole);
            attributes.iter().for_each(|own| add(Object::Attribute, &own.name, own.span));
        }
        Said::CreateSchema { name, .. } => add(Object::Schema, name, whole),
        Said::CreateSequence { name } => add(Object::Sequence, &name.name, whole),
        Said::Rename { object, part: None, to, .. } => add(*object, to, whole),
        _ => {}
    }
    found
}

fn of_column<'a>(column: &'a Column, add: &mut impl FnMut(Object, &'a str, Span)) {
    add(Object::Column, &column.name, column.span);
    column.constraints.iter().for_each(|constraint| of_constraint(constraint, add));
}

fn of_constraint<'a>(constraint: &'a Constraint, add: &mut impl FnMut(Object, &'a str, Span)) {
    if let Some(name) = &constraint.name {
        add(Object::Constraint, name, constraint.span);
    }
}

/// The thing with a schema that a statement makes: a table, view, function, type, domain or sequence.
pub(super) fn object(said: &Said) -> Option<(Object, &Name)> {
    match said {
        Said::CreateTable(create) if !create.temporary => Some((Object::Table, &create.name)),
        Said::CreateView { name, temporary: false, materialized, .. } => {
            Some((if *materialized { Object::MaterializedView } else { Object::View }, name))
        }
        Said::CreateFunction(function) => {
            Some((if function.procedure { Object::Procedure } else { Object::Function }, &function.name))
        }
        Said::CreateType { name, .. } => Some((Object::Type, name)),
        Said::CreateDomain { name, .. } => Some((Object::Domain, name)),
        Said::CreateSequence { name } => Some((Object::Sequence, name)),
        _ => None,
    }
}
