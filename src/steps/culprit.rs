//! Which later change took away what an earlier verify script looks for.
//!
//! Knows: scripts as text. Must never know: files, databases.

use crate::sql::Dialect;
use crate::sql::lex::{Statement, TokenKind, statements, tokens};
use std::collections::HashSet;

/// A deploy script that ran after the change that is verified.
#[derive(Debug, Clone)]
pub struct Later {
    /// The change, with its tags.
    pub change: String,
    /// The path of the script.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A statement that may be to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// The change, with its tags.
    pub change: String,
    /// The path of its deploy script.
    pub path: String,
    /// The line of the statement, counted from 1.
    pub line: usize,
    /// The statement, in one line.
    pub statement: String,
}

/// Words of SQL that are no names worth looking for.
const COMMON: [&str; 40] = [
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "NOT",
    "NULL",
    "TRUE",
    "FALSE",
    "LIMIT",
    "BEGIN",
    "ROLLBACK",
    "COMMIT",
    "COUNT",
    "CAST",
    "TABLE",
    "INDEX",
    "VIEW",
    "COLUMN",
    "CONSTRAINT",
    "DROP",
    "ALTER",
    "CREATE",
    "RENAME",
    "SET",
    "DEFAULT",
    "TYPE",
    "EXISTS",
    "CASCADE",
    "INTEGER",
    "TEXT",
    "PUBLIC",
    "ASSERT",
    "RAISE",
    "INFORMATION_SCHEMA",
    "PG_CATALOG",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
];
/// More of a statement than this is not shown.
const SHOWN: usize = 120;

/// Finds the statement of a later deploy script that most likely made a verify script fail: one that
/// drops, alters or renames something that the script names, first of all what the error names.
#[must_use]
pub fn find(error: &str, verify: &str, later: &[Later], dialect: Dialect) -> Option<Culprit> {
    let names = names_in(verify, dialect);
    let told = names_in(error, dialect);
    let mut best: Option<(u8, Culprit)> = None;
    for script in later {
        for statement in statements(&script.text, dialect) {
            let Some(weight) = weight(&statement, &names, &told) else { continue };
            if best.as_ref().is_none_or(|(known, _)| weight > *known) {
                best = Some((weight, culprit(script, &statement)));
            }
        }
    }
    best.map(|(_, culprit)| culprit)
}

fn culprit(script: &Later, statement: &Statement<'_>) -> Culprit {
    let start = statement.tokens.first().map_or(0, |token| token.start);
    let end = statement.tokens.last().map_or(start, |token| token.end());
    let before = script.text.get(..start).unwrap_or_default();
    let text = script.text.get(start..end).unwrap_or_default();
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
    Culprit {
        change: script.change.clone(),
        path: script.path.clone(),
        line: before.matches('\n').count() + 1,
        statement: text,
    }
}

/// How likely a statement is to blame; none if it is not.
fn weight(statement: &Statement<'_>, names: &HashSet<String>, told: &HashSet<String>) -> Option<u8> {
    let begins = |words: &[&str]| words.iter().any(|word| statement.begins(&[word]));
    let takes_away = begins(&["DROP", "RENAME"])
        || (begins(&["ALTER"])
            && statement.tokens.iter().any(|token| token.is("DROP") || token.is("RENAME")));
    let changes = begins(&["ALTER", "REVOKE"]) || statement.begins(&["CREATE", "OR", "REPLACE"]);
    let rows = begins(&["DELETE", "UPDATE", "TRUNCATE"]);
    let base = match (takes_away, changes, rows) {
        (true, ..) => 3,
        (_, true, _) => 2,
        (_, _, true) => 1,
        _ => return None,
    };
    let own: Vec<String> =
        statement.tokens.iter().filter_map(|token| name_of(token.kind, token.text)).collect();
    if own.iter().any(|name| told.contains(name) && names.contains(name)) {
        return Some(base + 4);
    }
    own.iter().any(|name| names.contains(name)).then_some(base)
}

/// The names in a text, in lower case.
fn names_in(text: &str, dialect: Dialect) -> HashSet<String> {
    let mut found: HashSet<String> =
        tokens(text, dialect).filter_map(|token| name_of(token.kind, token.text)).collect();
    // Names also stand in strings: 'users'::regclass, table_name = 'users', or in an error's quotes.
    for token in tokens(text, dialect).filter(|token| token.kind == TokenKind::Text) {
        let inner = token.text.trim_matches(['\'', '"', '$']);
        let words = inner.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        found.extend(words.filter_map(|word| name_of(TokenKind::Word, word)));
    }
    found
}

fn name_of(kind: TokenKind, text: &str) -> Option<String> {
    let plain = match kind {
        TokenKind::Word => text,
        TokenKind::Quoted => text.trim_matches(['"', '`', '[', ']']),
        _ => return None,
    };
    let common = COMMON.iter().any(|word| word.eq_ignore_ascii_case(plain));
    (plain.len() > 1 && !common).then(|| plain.to_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn later(change: &str, text: &str) -> Later {
        Later { change: change.to_owned(), path: format!("deploy/{change}.sql"), text: text.to_owned() }
    }

    #[test]
    fn what_dropped_the_table_is_named_with_its_line() {
        let all = [
            later("notes", "CREATE TABLE notes (id INT);\nALTER TABLE users ADD COLUMN x INT;\n"),
            later("away", "BEGIN;\n\nDROP TABLE\n  users;\nCOMMIT;\n"),
            later("again", "DROP TABLE users_old;\n"),
        ];
        let found = find(
            "relation \"users\" does not exist",
            "SELECT id FROM users WHERE FALSE;",
            &all,
            Dialect::Postgres,
        );
        let found = found.unwrap();
        assert_eq!((found.change.as_str(), found.line), ("away", 3));
        assert_eq!(found.statement, "DROP TABLE users");
    }

    #[test]
    fn a_renamed_column_and_a_name_in_a_string_are_found() {
        let all = [later("rename", "ALTER TABLE users RENAME COLUMN user_name TO username;")];
        let found = find("no such column: user_name", "SELECT user_name FROM users;", &all, Dialect::Sqlite);
        assert_eq!(found.unwrap().change, "rename");
        let verify = "SELECT 1/COUNT(*) FROM information_schema.tables WHERE table_name = 'users';";
        let all = [later("away", "DROP TABLE users;")];
        assert_eq!(find("division by zero", verify, &all, Dialect::Postgres).unwrap().change, "away");
    }

    #[test]
    fn nobody_is_blamed_without_a_reason() {
        let all = [later("other", "DROP TABLE orders;\nCREATE TABLE users_2 (id INT);")];
        assert_eq!(find("boom", "SELECT id FROM users;", &all, Dialect::Postgres), None);
    }
}
