//! A statement that SQLite does not know, or that nobody can look into.

use super::written::failures;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL22",
    name: "statement-not-understood",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A statement that SQLite does not know, or whose effect cannot be told from the script",
    reason: "A statement of another database (TRUNCATE, CREATE INDEX CONCURRENTLY, CREATE OR REPLACE VIEW, \
             DROP … CASCADE) is a syntax error: the deployment stops at it. What runs another file or \
             program, or edits SQLite's own list of tables, may do anything, and nothing here has looked at \
             it.",
    lock: "",
    recipe: "Write what SQLite knows.\n\n    \
             DELETE FROM sessions;              -- for TRUNCATE\n    \
             DROP VIEW IF EXISTS v;\n    \
             CREATE VIEW v AS SELECT 1 AS one;  -- for CREATE OR REPLACE VIEW\n    \
             CREATE INDEX i ON t (a);           -- for CREATE INDEX CONCURRENTLY\n\n\
             Put the statements of an included file into the script itself.",
    bad: &[
        Example { given: "CREATE TABLE sessions (id INTEGER);", sql: "TRUNCATE sessions;" },
        Example { given: "CREATE TABLE t (a INT);", sql: "CREATE INDEX CONCURRENTLY i ON t (a);" },
        Example { given: "", sql: "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;" },
        Example { given: "CREATE TABLE t (a INT);", sql: "DROP TABLE t CASCADE;" },
        Example { given: "CREATE TABLE t (a INT);", sql: "DROP INDEX i ON t;" },
    ],
    good: &[
        Example { given: "CREATE TABLE sessions (id INTEGER);", sql: "DELETE FROM sessions WHERE id = 1;" },
        Example {
            given: "CREATE TABLE t (a INT);",
            sql: "CREATE INDEX i ON t (a);\nPRAGMA user_version = 3;\nEXPLAIN SELECT 1;\nREINDEX \
                  i;\nANALYZE;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if matches!(seen.statement.said, Said::AlterTable { .. }) {
        return;
    }
    let mut said = false;
    for failure in failures(seen, Fails::Unsupported) {
        said = true;
        let hit = Hit::new(failure.span, failure.why.clone());
        hits.push(if failure.surely {
            hit.note("the deployment stops here")
        } else {
            hit.severity(Severity::Advice)
        });
    }
    if let (Some(why), false) = (&seen.effects.opaque, said) {
        let hit = Hit::new(seen.statement.span, format!("nobody has looked at what this does: {why}"));
        hits.push(hit.severity(Severity::Advice));
    }
}
