//! `ALTER TABLE`: the forms SQLite has, and those of other databases that it refuses.

use super::cursor::{Cursor, split};
use super::{expression, table};
use crate::sql::statement::{Action, Clauses, Object, Said, Span};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Said> {
    cursor.skip(1);
    if !cursor.eat("TABLE") {
        return None;
    }
    let if_exists = cursor.eat_all(&["IF", "EXISTS"]);
    let only = cursor.sees("ONLY") && cursor.ahead(1).is_some_and(super::cursor::is_name);
    let name = cursor.full_name()?;
    let parts = split(cursor.rest());
    let actions: Vec<(Action, Span)> = parts.into_iter().map(|part| one(cursor, part)).collect();
    if actions.is_empty() {
        return None;
    }
    Some(Said::AlterTable {
        object: Object::Table,
        table: name,
        if_exists,
        only,
        actions,
        clauses: Clauses::default(),
    })
}

fn one(cursor: &Cursor<'_>, part: &[crate::sql::lex::Token<'_>]) -> (Action, Span) {
    let span = cursor.span_of(part);
    let mut words = cursor.of(part);
    let action = action(&mut words).unwrap_or_else(|| Action::Other(cursor.of(part).beginning()));
    (action, span)
}

fn action(cursor: &mut Cursor<'_>) -> Option<Action> {
    match cursor.next()?.text.to_ascii_uppercase().as_str() {
        "RENAME" => rename(cursor),
        "ADD" => add(cursor),
        "DROP" => drop(cursor),
        "ALTER" => alter(cursor),
        "MODIFY" => {
            cursor.eat("COLUMN");
            let column = table::column(cursor)?;
            Some(Action::Modify { old: column.name.clone(), column })
        }
        "CHANGE" => {
            cursor.eat("COLUMN");
            let old = cursor.name()?;
            Some(Action::Modify { old, column: table::column(cursor)? })
        }
        _ => None,
    }
}

fn rename(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.sees("TO") && cursor.ahead(2).is_none() {
        cursor.skip(1);
        return Some(Action::RenameTo { to: cursor.name()? });
    }
    if cursor.eat("CONSTRAINT") {
        let name = cursor.name()?;
        return if cursor.eat("TO") {
            Some(Action::RenameConstraint { name, to: cursor.name()? })
        } else {
            None
        };
    }
    let column = cursor.sees("COLUMN") && !cursor.ahead(1).is_some_and(|next| next.is("TO"));
    cursor.skip(usize::from(column));
    let name = cursor.name()?;
    if cursor.eat("TO") { Some(Action::RenameColumn { name, to: cursor.name()? }) } else { None }
}

fn add(cursor: &mut Cursor<'_>) -> Option<Action> {
    let constraint =
        ["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "FOREIGN"].iter().any(|word| cursor.sees(word));
    let constraint = constraint && cursor.ahead(1).is_some();
    if let Some(constraint) = constraint.then(|| table::constraint(&mut cursor.clone(), true)).flatten() {
        return Some(Action::AddConstraint(constraint));
    }
    if cursor.sees("INDEX") || cursor.sees("KEY") {
        return None;
    }
    if cursor.sees("COLUMN") && cursor.ahead(1).is_some() {
        cursor.skip(1);
    }
    let if_not_exists = cursor.eat_all(&["IF", "NOT", "EXISTS"]);
    let column = table::column(cursor)?;
    Some(Action::AddColumn { column, if_not_exists })
}

fn drop(cursor: &mut Cursor<'_>) -> Option<Action> {
    let constraint = cursor.sees("CONSTRAINT") && cursor.ahead(1).is_some();
    let column = cursor.sees("COLUMN") && cursor.ahead(1).is_some();
    if cursor.eat_all(&["PRIMARY", "KEY"]) {
        return Some(Action::DropPrimaryKey);
    }
    if cursor.eat_all(&["FOREIGN", "KEY"]) {
        return Some(Action::DropForeignKey { name: cursor.name()? });
    }
    cursor.skip(usize::from(constraint || column));
    let if_exists = cursor.eat_all(&["IF", "EXISTS"]);
    let name = cursor.name()?;
    let cascade = cursor.eat("CASCADE");
    Some(if constraint {
        Action::DropConstraint { name, if_exists, cascade }
    } else {
        Action::DropColumn { name, if_exists, cascade }
    })
}

fn alter(cursor: &mut Cursor<'_>) -> Option<Action> {
    if cursor.sees("COLUMN") && cursor.ahead(1).is_some_and(super::cursor::is_name) {
        cursor.skip(1);
    }
    let column = cursor.name()?;
    if cursor.eat_all(&["SET", "NOT", "NULL"]) {
        return Some(Action::SetNotNull { column });
    }
    if cursor.eat_all(&["DROP", "NOT", "NULL"]) {
        return Some(Action::DropNotNull { column });
    }
    if cursor.eat_all(&["SET", "DEFAULT"]) {
        return Some(Action::SetDefault { column, expr: expression::read(cursor, cursor.rest()) });
    }
    if cursor.eat_all(&["DROP", "DEFAULT"]) {
        return Some(Action::DropDefault { column });
    }
    if cursor.eat_all(&["SET", "DATA", "TYPE"]) || cursor.eat("TYPE") {
        let ty = expression::ty(cursor, &["USING", "COLLATE"])?;
        return Some(Action::AlterType { column, ty, collate: None, using: None });
    }
    None
}
