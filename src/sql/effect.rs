//! Whether a script does anything: the question behind "is there a way back?".

use super::Dialect;
use super::lex::{Statement, TokenKind, statements};

/// The functions that a `SELECT` may call and still only read; any other call may do something.
const READING_CALLS: &[&str] = &[
    "abs",
    "avg",
    "cast",
    "coalesce",
    "count",
    "current_database",
    "current_schema",
    "current_schemas",
    "current_setting",
    "exists",
    "format",
    "greatest",
    "has_column_privilege",
    "has_database_privilege",
    "has_function_privilege",
    "has_schema_privilege",
    "has_sequence_privilege",
    "has_table_privilege",
    "has_type_privilege",
    "in",
    "least",
    "length",
    "lower",
    "max",
    "min",
    "now",
    "nullif",
    "obj_description",
    "pg_get_functiondef",
    "pg_get_indexdef",
    "pg_get_viewdef",
    "pg_has_role",
    "round",
    "sum",
    "to_regclass",
    "to_regproc",
    "to_regprocedure",
    "to_regtype",
    "upper",
    "values",
    "version",
];

/// Whether a script holds at least one statement that may change something in the database.
/// Comments, transaction control, settings of the session and reading do not count.
#[must_use]
pub fn does_something(text: &str, dialect: Dialect) -> bool {
    let text = without_client_lines(text, dialect);
    // What a transaction did that is rolled back was not done.
    let mut inside = false;
    let mut pending = false;
    for statement in statements(&text, dialect) {
        if statement.begins(&["BEGIN"]) || statement.begins(&["START"]) {
            inside = true;
        } else if statement.begins(&["COMMIT"]) || statement.begins(&["END"]) {
            if pending {
                return true;
            }
            inside = false;
        } else if statement.begins(&["ROLLBACK"]) && !statement.tokens.iter().any(|token| token.is("TO")) {
            (inside, pending) = (false, false);
        } else if is_effective(&statement, dialect) {
            if !inside {
                return true;
            }
            pending = true;
        }
    }
    pending
}

/// Client commands that write to the database count as statements; all others are dropped.
fn without_client_lines(text: &str, dialect: Dialect) -> String {
    let (mark, effective): (&str, &[&str]) = match dialect {
        Dialect::Sqlite => (".", &[".read", ".import", ".restore", ".shell", ".system"]),
        Dialect::Postgres => ("\\", &["\\i", "\\ir", "\\include", "\\copy", "\\gexec", "\\!"]),
        Dialect::Mysql => ("\\", &["\\.", "\\!"]),
    };
    let keep = |line: &str| {
        if !line.starts_with(mark) {
            return line.to_owned();
        }
        let word = line.split_whitespace().next().unwrap_or_default();
        // A word that no grammar knows is a statement of unknown effect.
        if effective.contains(&word) { "client_command;".to_owned() } else { String::new() }
    };
    text.lines().map(keep).collect::<Vec<_>>().join("\n")
}

fn is_effective(statement: &Statement<'_>, dialect: Dialect) -> bool {
    let Some(first) = statement.token(0) else { return false };
    if first.kind != TokenKind::Word {
        // `(SELECT …)` and `\command` reach here; only a parenthesis can be judged.
        return first.text != "(" && first.text != "\\";
    }
    let word = first.text.to_ascii_uppercase();
    match word.as_str() {
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => false,
        "SET" | "RESET" | "SHOW" | "USE" | "EXPLAIN" | "ANALYZE" | "VALUES" | "TABLE" | "DISCARD" => false,
        "VACUUM" | "REINDEX" | "ATTACH" | "DETACH" | "CLUSTER" | "CHECKPOINT" => false,
        "PRAGMA" => pragma_writes(statement),
        "SELECT" => select_acts(statement, dialect),
        "WITH" => with_writes(statement) || select_acts(statement, dialect),
        _ => true,
    }
}

/// A word that writes, and is not a function of that name.
fn with_writes(statement: &Statement<'_>) -> bool {
    let writes = |word: &&str, token: &super::lex::Token<'_>| token.is(word);
    let words = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"];
    statement.tokens.iter().enumerate().any(|(at, token)| {
        let called = statement.token(at + 1).is_some_and(|next| next.text == "(");
        !called && words.iter().any(|word| writes(word, token))
    })
}

/// The pragmas that are stored in the database file.
fn pragma_writes(statement: &Statement<'_>) -> bool {
    let assigns = statement.tokens.iter().any(|token| matches!(token.text, "=" | "("));
    assigns
        && statement.tokens.iter().skip(1).any(|token| {
            [
                "user_version",
                "application_id",
                "schema_version",
                "journal_mode",
                "auto_vacuum",
                "page_size",
                "encoding",
            ]
            .iter()
            .any(|name| token.is(name))
        })
}

/// SQLite's functions only compute, so there a `SELECT` never counts. Elsewhere a call of a
/// function that is not known to read may do anything.
fn select_acts(statement: &Statement<'_>, dialect: Dialect) -> bool {
    if dialect == Dialect::Sqlite {
        return false;
    }
    let into = statement.tokens.iter().any(|token| token.is("INTO"));
    let calls = statement.tokens.windows(2).any(|pair| match pair {
        [name, open] => {
            open.text == "("
                && matches!(name.kind, TokenKind::Word | TokenKind::Quoted)
                && !READING_CALLS.iter().any(|known| name.text.eq_ignore_ascii_case(known))
                && !is_keyword_before_parenthesis(name.text)
        }
        _ => false,
    });
    into || calls
}

fn is_keyword_before_parenthesis(word: &str) -> bool {
    [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "ON", "AS", "JOIN", "BY", "ANY", "ALL", "SOME",
        "UNION", "CASE", "WHEN", "THEN", "ELSE", "USING", "OVER", "FILTER",
    ]
    .iter()
    .any(|keyword| word.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_transactions_and_reading_do_nothing() {
        for text in [
            "",
            "-- Revert a:b from sqlite\n\nBEGIN;\n\n-- XXX Add DDLs here.\n\nCOMMIT;\n",
            "BEGIN; SELECT 1; SELECT * FROM users WHERE (a) IN (SELECT 2); END;",
            "PRAGMA foreign_keys = ON;\n.print nothing",
            ".print nothing\n.headers on\n",
            "BEGIN; DROP TABLE t; ROLLBACK;",
            "VACUUM;",
            "WITH a AS (SELECT 1) SELECT replace('a', 'b', 'c')",
            "/* DROP TABLE users; */",
        ] {
            assert!(!does_something(text, Dialect::Sqlite), "{text}");
        }
        for text in
            ["SET client_min_messages = warning;", "SELECT count(*) FROM t WHERE (a OR b)", "SHOW all"]
        {
            assert!(!does_something(text, Dialect::Postgres), "{text}");
        }
    }

    #[test]
    fn what_may_change_something_counts() {
        for text in [
            "DROP TABLE users;",
            "BEGIN; DELETE FROM a; COMMIT;",
            "WITH x AS (SELECT 1) DELETE FROM a",
            ".read other.sql",
            "PRAGMA user_version = 3",
        ] {
            assert!(does_something(text, Dialect::Sqlite), "{text}");
        }
        for text in ["SELECT drop_partition('x')", "SELECT 1 INTO t", "DO $$ BEGIN NULL; END $$"] {
            assert!(does_something(text, Dialect::Postgres), "{text}");
        }
    }
}
