//! Whether a statement leaves anything behind in its session, beside what it does to the database.
//!
//! Between two scripts that leave nothing the session need not be made fresh. In doubt a statement
//! leaves something: making it fresh costs a fraction of a millisecond and nothing else. What a view,
//! an operator or an event trigger calls is not looked at.

use super::StatementKind;
use super::words::{Part, parts};

/// What a statement leaves behind in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Traces {
    /// Nothing.
    None,
    /// Settings or a role, which `RESET` takes back.
    Settings,
    /// It may be anything: temporary objects, prepared statements, locks, cursors, the last value of
    /// a sequence.
    Any,
}

/// Objects that are made, changed or dropped without anything of the user's being run.
const OBJECTS: [&str; 27] = [
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONSTRAINT",
    "CONVERSION",
    "DEFAULT",
    "DOMAIN",
    "FOREIGN",
    "FUNCTION",
    "INDEX",
    "MATERIALIZED",
    "OPERATOR",
    "OR",
    "POLICY",
    "PROCEDURE",
    "PUBLICATION",
    "ROUTINE",
    "RULE",
    "SCHEMA",
    "SEQUENCE",
    "STATISTICS",
    "TABLE",
    "TRIGGER",
    "TYPE",
    "UNIQUE",
    "UNLOGGED",
    "VIEW",
];

/// Words before a parenthesis that is no call, and functions that leave no traces.
const HARMLESS: [&str; 75] = [
    "ALL",
    "AND",
    "ANY",
    "ARRAY",
    "ARRAY_AGG",
    "AS",
    "AVG",
    "BIT",
    "BY",
    "CHAR",
    "CHARACTER",
    "CHECK",
    "COALESCE",
    "COUNT",
    "CURRENT_DATABASE",
    "CURRENT_SCHEMA",
    "DECIMAL",
    "ELSE",
    "EXCEPT",
    "EXISTS",
    "FILTER",
    "FORMAT_TYPE",
    "FROM",
    "GREATEST",
    "HAS_ANY_COLUMN_PRIVILEGE",
    "HAS_COLUMN_PRIVILEGE",
    "HAS_DATABASE_PRIVILEGE",
    "HAS_FUNCTION_PRIVILEGE",
    "HAS_SCHEMA_PRIVILEGE",
    "HAS_SEQUENCE_PRIVILEGE",
    "HAS_TABLE_PRIVILEGE",
    "HAS_TYPE_PRIVILEGE",
    "IN",
    "INTERSECT",
    "IS",
    "JOIN",
    "KEY",
    "LATERAL",
    "LEAST",
    "LENGTH",
    "LIKE",
    "LOWER",
    "MAX",
    "MIN",
    "NOT",
    "NOW",
    "NULLIF",
    "NUMERIC",
    "OBJ_DESCRIPTION",
    "ON",
    "OR",
    "OVER",
    "PG_GET_CONSTRAINTDEF",
    "PG_GET_EXPR",
    "PG_GET_FUNCTIONDEF",
    "PG_GET_INDEXDEF",
    "PG_GET_VIEWDEF",
    "PG_HAS_ROLE",
    "SELECT",
    "STRING_AGG",
    "SUM",
    "THEN",
    "TIME",
    "TIMESTAMP",
    "TO_REGCLASS",
    "TO_REGNAMESPACE",
    "TO_REGPROC",
    "TO_REGTYPE",
    "UNION",
    "UNNEST",
    "UPPER",
    "USING",
    "VARCHAR",
    "VARYING",
    "WHERE",
];

/// What a statement, alone in its message, leaves behind.
#[must_use]
pub(super) fn traces(text: &[u8], kind: &StatementKind) -> Traces {
    use StatementKind as Kind;
    match kind {
        Kind::Begin | Kind::Commit | Kind::Rollback | Kind::Empty => return Traces::None,
        Kind::Savepoint | Kind::Release | Kind::RollbackTo => return Traces::None,
        // Where temporary objects come first, what is made is one.
        Kind::Set { .. } if temporary(text) => return Traces::Any,
        Kind::Set { .. } => return Traces::Settings,
        Kind::Other | Kind::AddEnumValue => {}
        _ => return Traces::Any,
    }
    let all: Vec<Part<'_>> = parts(text).map(|(_, part)| part).collect();
    let is = |at: usize, words: &[&str]| {
        all.get(at).is_some_and(|part: &Part<'_>| words.iter().any(|word| part.is(word)))
    };
    let says = |words: &[&str]| all.iter().any(|part| words.iter().any(|word| part.is(word)));
    let several = all.iter().rev().skip(1).any(|part| *part == Part::Sign(b';'));
    // Those of our own are there, too.
    let sees_ours = says(&["PG_PREPARED_STATEMENTS"]);
    if several || sees_ours || temporary(text) || says(&["TEMP", "TEMPORARY"]) {
        return Traces::Any;
    }
    let quiet = if is(0, &["CREATE"]) {
        is(1, &OBJECTS) && !is(1, &["MATERIALIZED"]) && !(is(1, &["TABLE", "UNLOGGED"]) && is_filled(&all))
    } else if is(0, &["ALTER"]) {
        // What fills a new column may be a sequence.
        let counts =
            says(&["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8", "SERIAL2", "IDENTITY"]);
        is(1, &OBJECTS) && !counts && !calls(&all)
    } else if is(0, &["DROP"]) {
        is(1, &OBJECTS)
    } else if is(0, &["SELECT"]) {
        !says(&["INTO"]) && !calls(&all)
    } else {
        is(0, &["COMMENT", "GRANT", "REVOKE"])
    };
    if quiet { Traces::None } else { Traces::Any }
}

/// Whether a text speaks of the schema of temporary objects, in whatever quotes.
fn temporary(text: &[u8]) -> bool {
    text.windows(7).any(|window| window.eq_ignore_ascii_case(b"pg_temp"))
}

/// Whether a table is made from a query. A column that is generated or an identity says AS, too.
fn is_filled(all: &[Part<'_>]) -> bool {
    let generated = |part: &Part<'_>| part.is("ALWAYS") || part.is("DEFAULT");
    all.windows(2).any(|pair| matches!(pair, [before, word] if word.is("AS") && !generated(before)))
}

/// Whether anything is called that is not known to be harmless.
fn calls(all: &[Part<'_>]) -> bool {
    all.iter().enumerate().any(|(at, part)| {
        let before = |back: usize| at.checked_sub(back).and_then(|at| all.get(at));
        match (part, before(1)) {
            (Part::Sign(b'('), Some(word @ Part::Word(_))) => {
                let own =
                    before(2) == Some(&Part::Sign(b'.')) && !before(3).is_some_and(|of| of.is("PG_CATALOG"));
                (own || !HARMLESS.iter().any(|known| word.is(known))) && !is_referenced(all, at)
            }
            (Part::Sign(b'('), Some(Part::Name(_))) => !is_referenced(all, at),
            _ => false,
        }
    })
}

/// Whether what stands before a parenthesis is the table of a foreign key.
fn is_referenced(all: &[Part<'_>], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| all.get(at));
    let qualified = before(2) == Some(&Part::Sign(b'.'));
    before(if qualified { 4 } else { 2 }).is_some_and(|part| part.is("REFERENCES"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::psql::kind;

    #[test]
    fn what_leaves_nothing_and_what_may() {
        let cases = [
            (
                Traces::None,
                "CREATE TABLE t (id INT PRIMARY KEY, n INT GENERATED ALWAYS AS (id + f(1)) STORED);",
            ),
            (Traces::None, "CREATE TABLE IF NOT EXISTS s.t (id INT GENERATED BY DEFAULT AS IDENTITY)"),
            (Traces::Any, "CREATE TABLE t AS SELECT nextval('s')"),
            (Traces::Any, "CREATE TABLE t (a, b) AS VALUES (f(1), 2)"),
            (Traces::Any, "CREATE TABLE pg_temp.t (id INT)"),
            (Traces::Any, "CREATE TEMP TABLE t (id INT)"),
            (Traces::Any, "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1"),
            (
                Traces::None,
                "CREATE OR REPLACE FUNCTION f() RETURNS INT AS $$ PREPARE x AS SELECT 1 $$ LANGUAGE sql",
            ),
            (Traces::None, "-- why\nCREATE UNIQUE INDEX i ON t (lower(n))"),
            (Traces::Any, "CREATE MATERIALIZED VIEW v AS SELECT f()"),
            (Traces::Any, "CREATE EXTENSION citext"),
            (Traces::Any, "CREATE SCHEMA s; DISCARD PLANS"),
            (Traces::None, "ALTER TABLE t ADD COLUMN n NUMERIC(10, 2) DEFAULT 5 CHECK (n > 0)"),
            (Traces::None, "ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES s.\"u\" (a, b)"),
            (Traces::Any, "ALTER TABLE t ADD COLUMN n INT DEFAULT nextval('s')"),
            (Traces::Any, "ALTER TABLE t ALTER n TYPE INT USING \"F\"(n)"),
            (Traces::Any, "ALTER ROLE r SET search_path = s"),
            (Traces::Any, "ALTER TABLE t ADD COLUMN id BIGSERIAL"),
            (Traces::Any, "CREATE TABLE \"pg_temp\".t (id INT)"),
            (Traces::Any, "SET search_path = pg_temp"),
            (Traces::Any, "SELECT app.length('x')"),
            (Traces::None, "SELECT pg_catalog.length('x')"),
            (Traces::None, "DROP TABLE IF EXISTS t CASCADE"),
            (Traces::Any, "DROP EXTENSION citext"),
            (Traces::None, "GRANT SELECT ON t TO r"),
            (Traces::None, "SELECT id, owner FROM t WHERE FALSE"),
            (
                Traces::None,
                "SELECT 1/count(*) FROM pg_class WHERE relname IN ('a', 'b') AND has_table_privilege('a', 'SELECT')",
            ),
            (Traces::Any, "SELECT pg_advisory_lock(1)"),
            (Traces::Any, "SELECT count(s.f(1)) FROM t"),
            (Traces::Any, "SELECT * INTO t FROM u"),
            (Traces::Any, "INSERT INTO t VALUES (1)"),
            (Traces::Any, "DO $$ BEGIN END $$"),
            (Traces::Any, "SELECT count(*) FROM pg_prepared_statements"),
            (Traces::Any, "LISTEN x"),
            (Traces::Any, "PREPARE x AS SELECT 1"),
            (Traces::Any, "DECLARE c CURSOR WITH HOLD FOR SELECT 1"),
            (Traces::Settings, "SET search_path = s"),
            (Traces::Settings, "SET LOCAL ROLE r"),
            (Traces::None, "COMMIT"),
        ];
        for (expected, text) in cases {
            assert_eq!(traces(text.as_bytes(), &kind(text.as_bytes())), expected, "{text}");
        }
    }
}
