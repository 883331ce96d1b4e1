//! Which locks on tables that are there a statement takes, as far as its text tells.
//!
//! Facts: PostgreSQL's manual, "Explicit Locking", and the measured table of this project. When in
//! doubt a statement takes nothing here: this is for looking before a lock is asked for, and who
//! looks for too much waits for nothing.

use crate::sql::Dialect;
use crate::sql::lex::{Statement, Token, TokenKind, statements, tokens};

/// What a statement asks of tables, views or indexes that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locks {
    /// Their names, each part in double quotes, as the server's `to_regclass` reads them.
    pub names: Vec<String>,
    /// Whether even readers must be gone, else only writers.
    pub exclusive: bool,
}

/// The locks that a statement takes which keep others from reading or writing.
#[must_use]
pub fn locks(statement: &Statement<'_>) -> Option<Locks> {
    let tokens = &statement.tokens;
    let word = |at: usize| tokens.get(at).map(|token| token.text.to_ascii_uppercase()).unwrap_or_default();
    let (names, exclusive) = match (word(0).as_str(), word(1).as_str()) {
        ("ALTER", "TABLE") => altered(tokens)?,
        ("DROP", "TABLE" | "INDEX" | "VIEW") if word(2) != "CONCURRENTLY" => (names(tokens, 2), true),
        ("DROP", "MATERIALIZED") => (names(tokens, 3), true),
        ("TRUNCATE", "TABLE") => (names(tokens, 2), true),
        ("TRUNCATE", _) => (names(tokens, 1), true),
        ("CREATE", "INDEX" | "UNIQUE") if !tokens.iter().any(|token| token.is("CONCURRENTLY")) => {
            (after_on(tokens), false)
        }
        ("CREATE", "TRIGGER" | "CONSTRAINT" | "OR") if tokens.iter().any(|token| token.is("TRIGGER")) => {
            (after_on(tokens), false)
        }
        _ => return None,
    };
    (!names.is_empty()).then_some(Locks { names, exclusive })
}

/// Whether a statement takes a lock that keeps others from reading or writing.
#[must_use]
pub fn blocks_others(statement: &Statement<'_>) -> bool {
    let starts: [&[&str]; 11] = [
        &["ALTER"],
        &["DROP"],
        &["TRUNCATE"],
        &["LOCK"],
        &["CREATE", "INDEX"],
        &["CREATE", "UNIQUE", "INDEX"],
        &["CREATE", "TRIGGER"],
        &["CREATE", "CONSTRAINT", "TRIGGER"],
        &["CREATE", "RULE"],
        &["REINDEX"],
        &["CLUSTER"],
    ];
    starts.iter().any(|start| statement.begins(start))
        && !statement.tokens.iter().any(|token| token.is("CONCURRENTLY") || token.is("VALIDATE"))
}

/// The name of the table that a statement makes, quoted like those of [`Locks`].
#[must_use]
pub fn created(statement: &Statement<'_>) -> Option<String> {
    let tokens = &statement.tokens;
    let table = tokens.iter().take(4).position(|token| token.is("TABLE"))?;
    tokens.first().filter(|token| token.is("CREATE"))?;
    name(tokens, skip(tokens, table + 1, &["IF", "NOT", "EXISTS"])).map(|(name, _)| name)
}

/// The statements of a message, if any may lock or make a table: long data are not worth a look.
#[must_use]
pub fn parts(text: &str) -> Vec<Statement<'_>> {
    let words = ["ALTER", "DROP", "TRUNCATE", "LOCK", "CREATE", "REINDEX", "CLUSTER"];
    let first = tokens(text, Dialect::Postgres).find(|token| token.kind != TokenKind::Comment);
    match first {
        Some(first) if words.iter().any(|word| first.is(word)) => statements(text, Dialect::Postgres),
        _ => Vec::new(),
    }
}

/// Most forms of ALTER TABLE keep even readers away.
fn altered(tokens: &[Token<'_>]) -> Option<(Vec<String>, bool)> {
    let at = skip(tokens, 2, &["IF", "EXISTS", "ONLY"]);
    let (table, rest) = name(tokens, at)?;
    let rest = tokens.get(rest..).unwrap_or_default();
    let says = |word: &str| rest.iter().any(|token| token.is(word));
    let options = rest
        .windows(2)
        .any(|pair| matches!(pair, [set, open] if (set.is("SET") || set.is("RESET")) && open.text == "("));
    if ["VALIDATE", "STATISTICS", "ATTACH", "CONCURRENTLY", "CLUSTER"].iter().any(|word| says(word))
        || options
    {
        return None;
    }
    let weak = (says("FOREIGN") && says("CONSTRAINT")) || says("TRIGGER");
    Some((vec![table], !weak))
}

/// The names in a list that starts at a token.
fn names(tokens: &[Token<'_>], at: usize) -> Vec<String> {
    let mut at = skip(tokens, at, &["IF", "EXISTS", "ONLY"]);
    let mut found = Vec::new();
    while let Some((one, next)) = name(tokens, at) {
        found.push(one);
        match tokens.get(next) {
            Some(token) if token.text == "," => at = skip(tokens, next + 1, &["ONLY"]),
            _ => break,
        }
    }
    found
}

/// The table after the word ON.
fn after_on(tokens: &[Token<'_>]) -> Vec<String> {
    let on = tokens.iter().position(|token| token.is("ON"));
    let found = on.and_then(|on| name(tokens, skip(tokens, on + 1, &["ONLY"])));
    found.map(|(name, _)| name).into_iter().collect()
}

fn skip(tokens: &[Token<'_>], mut at: usize, words: &[&str]) -> usize {
    while tokens.get(at).is_some_and(|token| words.iter().any(|word| token.is(word))) {
        at += 1;
    }
    at
}

/// A name of one or two parts, quoted, and what follows it.
fn name(tokens: &[Token<'_>], at: usize) -> Option<(String, usize)> {
    let first = part(tokens.get(at)?)?;
    let dot = |at: usize| tokens.get(at).is_some_and(|token| token.text == ".");
    if !dot(at + 1) {
        return Some((first, at + 1));
    }
    let second = part(tokens.get(at + 2)?)?;
    (!dot(at + 3)).then(|| (format!("{first}.{second}"), at + 3))
}

/// A part of a name as the server stores it, in double quotes.
fn part(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Quoted if token.closed && token.text.starts_with('"') => Some(token.text.to_owned()),
        TokenKind::Word => Some(format!("\"{}\"", token.text.to_lowercase())),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(Vec<String>, bool)> {
        let parts = statements(text, Dialect::Postgres);
        assert_eq!(parts.len(), 1, "{text}");
        locks(&parts[0]).map(|found| (found.names, found.exclusive))
    }

    #[test]
    fn what_a_statement_locks() {
        let cases: [(&str, &[&str], bool); 12] = [
            ("ALTER TABLE Users ADD COLUMN x int", &["\"users\""], true),
            ("ALTER TABLE IF EXISTS ONLY app.\"Us ers\" DROP COLUMN x", &["\"app\".\"Us ers\""], true),
            ("ALTER TABLE a RENAME TO b", &["\"a\""], true),
            ("ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b", &["\"a\""], false),
            ("ALTER TABLE a DISABLE TRIGGER t", &["\"a\""], false),
            ("DROP TABLE IF EXISTS a, b.c CASCADE", &["\"a\"", "\"b\".\"c\""], true),
            ("DROP INDEX i", &["\"i\""], true),
            ("TRUNCATE ONLY a, ONLY b", &["\"a\"", "\"b\""], true),
            ("TRUNCATE TABLE a", &["\"a\""], true),
            ("CREATE UNIQUE INDEX i ON app.t (x)", &["\"app\".\"t\""], false),
            ("CREATE INDEX ON t (x)", &["\"t\""], false),
            ("CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()", &["\"t\""], false),
        ];
        for (text, names, exclusive) in cases {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(of(text), Some((names, exclusive)), "{text}");
        }
    }

    #[test]
    fn what_keeps_nobody_waiting_or_is_not_understood() {
        for text in [
            "CREATE TABLE a (x int)",
            "CREATE INDEX CONCURRENTLY i ON t (x)",
            "DROP INDEX CONCURRENTLY i",
            "ALTER TABLE a VALIDATE CONSTRAINT c",
            "ALTER TABLE a ALTER COLUMN x SET STATISTICS 10",
            "ALTER TABLE a SET (fillfactor = 70)",
            "ALTER TABLE a.b.c.d ADD COLUMN x int",
            "ALTER TABLE",
            "DROP TABLE ,",
            "INSERT INTO a VALUES (1)",
            "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_statement_makes() {
        let made = |text: &str| created(&parts(text)[0]);
        assert_eq!(made("CREATE TABLE IF NOT EXISTS Foo (x int)").as_deref(), Some("\"foo\""));
        assert_eq!(made("CREATE UNLOGGED TABLE a.b (x int)").as_deref(), Some("\"a\".\"b\""));
        assert_eq!(made("ALTER TABLE a ADD x int"), None);
    }
}
