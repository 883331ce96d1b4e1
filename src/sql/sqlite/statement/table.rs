//! `CREATE TABLE`: columns, constraints, options.

use super::cursor::{Cursor, is_name, split};
use super::expression;
use crate::sql::lex::Token;
use crate::sql::statement::{Column, Constraint, ConstraintKind, CreateTable, Foreign, Key};

/// The words that end a type.
const AFTER_TYPE: [&str; 14] = [
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
    "ON",
    "DEFERRABLE",
    "AUTOINCREMENT",
];
/// The words that begin a constraint of a table.
const TABLE_CONSTRAINTS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// Reads what stands between the parentheses into columns and constraints.
pub(super) fn body(cursor: &Cursor<'_>, tokens: &[Token<'_>], create: &mut CreateTable) {
    for part in split(tokens) {
        let mut part = cursor.of(part);
        if starts_table_constraint(&part) {
            // Commas between the constraints of a table may be left out.
            while let Some(constraint) = constraint(&mut part, true) {
                create.constraints.push(constraint);
            }
        } else if let Some(column) = column(&mut part) {
            create.columns.push(column);
            // Nor does the last column need one before them.
            while let Some(constraint) = constraint(&mut part, true) {
                create.constraints.push(constraint);
            }
        }
    }
}

fn starts_table_constraint(part: &Cursor<'_>) -> bool {
    let begins = TABLE_CONSTRAINTS.iter().any(|word| part.sees(word));
    // A column may be called `check`, but then no parenthesis or keyword follows.
    let follows = part.ahead(1).is_some_and(|next| next.text == "(" || is_name(next));
    begins && follows
}

/// The options behind the closing parenthesis, in lower case: `strict`, `without rowid`.
pub(super) fn options(cursor: &Cursor<'_>) -> Vec<(String, String)> {
    let parts = split(cursor.rest()).into_iter();
    parts.map(|part| (words(part), String::new())).filter(|(name, _)| !name.is_empty()).collect()
}

fn words(part: &[Token<'_>]) -> String {
    let words: Vec<String> = part.iter().map(|token| token.text.to_ascii_lowercase()).collect();
    words.join(" ")
}

/// A column with everything that is said about it.
pub(super) fn column(cursor: &mut Cursor<'_>) -> Option<Column> {
    let start = cursor.at();
    let name = cursor.name()?;
    let ty = expression::ty(cursor, &AFTER_TYPE);
    let mut column = Column { name, ty, ..Default::default() };
    while !cursor.is_over() {
        if cursor.eat("COLLATE") {
            column.collate = cursor.name();
        } else if cursor.sees("FOREIGN") {
            break;
        } else if let Some(constraint) = constraint(cursor, false) {
            column.constraints.push(constraint);
        } else {
            break;
        }
    }
    column.span = cursor.span_since(start);
    Some(column)
}

/// One constraint, of a table or of a column.
pub(super) fn constraint(cursor: &mut Cursor<'_>, of_table: bool) -> Option<Constraint> {
    let start = cursor.at();
    let name = if cursor.eat("CONSTRAINT") { cursor.name() } else { None };
    let kind = kind(cursor, of_table)?;
    trailing(cursor);
    Some(Constraint {
        name,
        kind,
        not_valid: false,
        not_enforced: false,
        no_inherit: false,
        span: cursor.span_since(start),
    })
}

fn kind(cursor: &mut Cursor<'_>, of_table: bool) -> Option<ConstraintKind> {
    if cursor.eat_all(&["PRIMARY", "KEY"]) {
        let columns = if of_table { indexed(cursor) } else { Vec::new() };
        if !(cursor.eat("ASC") || cursor.eat("DESC")) {
            cursor.eat("AUTOINCREMENT");
        }
        return Some(ConstraintKind::PrimaryKey { columns, using_index: None });
    }
    if cursor.eat("UNIQUE") {
        let columns = if of_table { indexed(cursor) } else { Vec::new() };
        return Some(ConstraintKind::Unique { columns, using_index: None });
    }
    if cursor.eat("CHECK") {
        let inside = cursor.parenthesised()?;
        return Some(ConstraintKind::Check(expression::read(cursor, inside)));
    }
    if cursor.eat_all(&["FOREIGN", "KEY"]) {
        let columns = cursor.names();
        return if cursor.eat("REFERENCES") { foreign(cursor, columns) } else { None };
    }
    if of_table {
        return None;
    }
    if cursor.eat_all(&["NOT", "NULL"]) {
        return Some(ConstraintKind::NotNull { column: None });
    }
    if cursor.eat("NULL") {
        return Some(ConstraintKind::Null);
    }
    if cursor.eat("DEFAULT") {
        return Some(ConstraintKind::Default(default(cursor)));
    }
    if cursor.eat("REFERENCES") {
        return foreign(cursor, Vec::new());
    }
    if cursor.eat_all(&["GENERATED", "ALWAYS", "AS"]) || cursor.eat("AS") {
        let inside = cursor.parenthesised()?;
        let expr = expression::read(cursor, inside);
        let stored = cursor.eat("STORED");
        cursor.eat("VIRTUAL");
        return Some(ConstraintKind::Generated { expr, stored });
    }
    None
}

/// What may follow a constraint and makes no difference here.
fn trailing(cursor: &mut Cursor<'_>) {
    loop {
        let conflict = cursor.sees("ON") && cursor.ahead(1).is_some_and(|next| next.is("CONFLICT"));
        let deferrable = cursor.sees("NOT") && cursor.ahead(1).is_some_and(|next| next.is("DEFERRABLE"));
        if conflict {
            cursor.skip(3);
        } else if deferrable {
            cursor.skip(2);
        } else if cursor.eat_all(&["INITIALLY"]) {
            cursor.skip(1);
        } else if !(cursor.eat("DEFERRABLE") || cursor.eat("AUTOINCREMENT")) {
            break;
        }
    }
}

/// What stands behind `DEFAULT`.
fn default(cursor: &mut Cursor<'_>) -> crate::sql::statement::Expr {
    let start = cursor.at();
    if cursor.parenthesised().is_none() {
        while cursor.eat_mark("-") || cursor.eat_mark("+") {}
        let exponent = cursor.peek().is_some_and(|token| {
            token.text.starts_with(|c: char| c.is_ascii_digit()) && token.text.ends_with(['e', 'E'])
        });
        let pointed = cursor.sees_mark(".");
        cursor.skip(1);
        if exponent {
            cursor.skip(2);
        } else if pointed {
            cursor.skip(1);
        }
    }
    let tokens = cursor.between(start, cursor.at());
    expression::read_default(cursor, tokens)
}

/// The columns of a key, without their order and collation.
fn indexed(cursor: &mut Cursor<'_>) -> Vec<String> {
    keys(cursor)
        .into_iter()
        .filter_map(|key| match key {
            Key::Column(name) => Some(name),
            Key::Expression(_) => None,
        })
        .collect()
}

/// The columns and expressions of an index.
pub(super) fn keys(cursor: &mut Cursor<'_>) -> Vec<Key> {
    let inside = cursor.parenthesised().unwrap_or_default();
    let parts = split(inside).into_iter();
    parts
        .map(|part| {
            let mut one = cursor.of(part);
            let name = one.name();
            if one.eat("COLLATE") {
                one.skip(1);
            }
            let _ordered = one.eat("ASC") || one.eat("DESC");
            match name {
                Some(name) if one.is_over() => Key::Column(name),
                _ => Key::Expression(cursor.written(part).to_owned()),
            }
        })
        .collect()
}

/// What stands behind `REFERENCES`.
fn foreign(cursor: &mut Cursor<'_>, columns: Vec<String>) -> Option<ConstraintKind> {
    let table = cursor.full_name()?;
    let to = cursor.names();
    let mut cascades = false;
    loop {
        if cursor.eat_all(&["ON", "DELETE"]) {
            cascades |= cursor.sees("CASCADE");
            action(cursor);
        } else if cursor.eat_all(&["ON", "UPDATE"]) {
            action(cursor);
        } else if cursor.eat("MATCH") {
            cursor.skip(1);
        } else {
            break;
        }
    }
    Some(ConstraintKind::Foreign(Foreign { columns, table, to, cascades }))
}

/// `CASCADE`, `RESTRICT`, `SET NULL`, `SET DEFAULT`, `NO ACTION`
fn action(cursor: &mut Cursor<'_>) {
    let two = cursor.sees("SET") || cursor.sees("NO");
    cursor.skip(if two { 2 } else { 1 });
}
