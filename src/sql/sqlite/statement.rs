//! What one statement of SQLite says, and the statements of a whole script.
//!
//! Knows: SQLite's grammar as far as schema changes go, with the foreign forms that people bring along
//! and that SQLite refuses. Must never know: what a statement does to a database.

mod alter;
mod create;
mod cursor;
mod expression;
mod query;
mod script;
mod table;

pub use script::{script, script_with};

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::{Name, Object, Origin, Said, Span, Statement};
use cursor::Cursor;

/// Reads one statement. What cannot be understood is [`Said::Opaque`].
#[must_use]
pub fn read(text: &str, origin: Origin) -> Statement {
    let tokens = meaningful(text);
    let mut cursor = Cursor::new(text, &tokens);
    let open = tokens.last().is_some_and(|token| !token.closed);
    let unclosed = || Said::Opaque { why: "a text in quotes is not closed".to_owned() };
    let said = if open { Some(unclosed()) } else { said(&mut cursor) };
    let said = said.unwrap_or_else(|| Said::Opaque {
        why: format!("SQLite does not understand the statement that begins with \"{}\"", cursor.beginning()),
    });
    Statement {
        said,
        text: text.to_owned(),
        origin,
        span: Span { start: 0, end: text.len() },
        body: Vec::new(),
    }
}

/// The tokens without comments and semicolons at the end.
fn meaningful(text: &str) -> Vec<Token<'_>> {
    let mut list: Vec<Token<'_>> =
        tokens(text, Dialect::Sqlite).filter(|token| token.kind != TokenKind::Comment).collect();
    while list.last().is_some_and(|token| token.kind == TokenKind::Semicolon) {
        list.pop();
    }
    list
}

fn said(cursor: &mut Cursor<'_>) -> Option<Said> {
    let Some(first) = cursor.peek() else { return Some(Said::Harmless) };
    if first.kind != TokenKind::Word {
        return None;
    }
    match first.text.to_ascii_uppercase().as_str() {
        "BEGIN" => Some(Said::Begin),
        "COMMIT" | "END" => Some(Said::Commit),
        "ROLLBACK" if cursor.holds("TO") => Some(Said::Savepoint),
        "ROLLBACK" => Some(Said::Rollback),
        "SAVEPOINT" | "RELEASE" => Some(Said::Savepoint),
        "EXPLAIN" | "ATTACH" | "DETACH" => Some(Said::Harmless),
        "PRAGMA" => pragma(cursor),
        "CREATE" => create::read(cursor),
        "ALTER" => alter::read(cursor),
        "DROP" => drop(cursor),
        "VACUUM" if cursor.holds("INTO") => Some(Said::Alone { command: "VACUUM INTO" }),
        "VACUUM" => Some(Said::Vacuum { tables: Vec::new(), full: true }),
        "ANALYZE" => {
            cursor.skip(1);
            Some(Said::Analyze { tables: cursor.full_name().into_iter().collect() })
        }
        "REINDEX" => {
            cursor.skip(1);
            Some(Said::Reindex { object: Object::Other, name: cursor.full_name(), concurrently: false })
        }
        "SELECT" | "VALUES" | "WITH" | "INSERT" | "REPLACE" | "UPDATE" | "DELETE" => query::read(cursor),
        _ => None,
    }
}

/// `PRAGMA [schema.] name [= value | (value)]`. One that only reports is harmless.
fn pragma(cursor: &mut Cursor<'_>) -> Option<Said> {
    cursor.skip(1);
    let name = cursor.full_name()?.name;
    let sets = cursor.eat_mark("=") || cursor.eat_mark("(");
    let words: Vec<&str> = cursor.rest().iter().map(|token| token.text).filter(|text| *text != ")").collect();
    if !sets || words.is_empty() || super::shape::only_reports(&name) {
        return Some(Said::Harmless);
    }
    let value = cursor::unquoted(&words.concat());
    Some(Said::Set { name: format!("pragma {name}"), value: Some(value), local: false })
}

/// `DROP TABLE|INDEX|VIEW|TRIGGER [IF EXISTS] name`, and what other databases have behind it.
fn drop(cursor: &mut Cursor<'_>) -> Option<Said> {
    cursor.skip(1);
    let object = match cursor.next()?.text.to_ascii_uppercase().as_str() {
        "TABLE" => Object::Table,
        "INDEX" => Object::Index,
        "VIEW" => Object::View,
        "TRIGGER" => Object::Trigger,
        _ => return None,
    };
    let concurrently = cursor.eat("CONCURRENTLY");
    let if_exists = cursor.eat_all(&["IF", "EXISTS"]);
    let mut names: Vec<Name> = vec![cursor.full_name()?];
    while cursor.eat_mark(",") {
        names.push(cursor.full_name()?);
    }
    let on = if cursor.eat("ON") { Some(cursor.full_name()?) } else { None };
    Some(Said::Drop { object, names, on, if_exists, cascade: cursor.eat("CASCADE"), concurrently })
}

#[cfg(test)]
mod tests;
