//! A column is added that is UNIQUE or the primary key.

use super::written::{added, failures, ident, typed};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "SL04",
    name: "add-column-unique-or-primary-key",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A UNIQUE or PRIMARY KEY column is added, which SQLite refuses",
    reason: "UNIQUE and PRIMARY KEY need an index over the rows, and ADD COLUMN makes none: \"Cannot add a \
             UNIQUE column\", \"Cannot add a PRIMARY KEY column\", on an empty table, too. The deployment \
             stops here.",
    lock: "",
    recipe: "Add the column bare, fill it, and build a unique index in a change of its own. NULLs do not \
             count as equal, so an empty column is no trouble.\n\n    \
             ALTER TABLE users ADD COLUMN email TEXT;\n    \
             CREATE UNIQUE INDEX users_email ON users (email);\n\n\
             For another primary key the table has to be built again.",
    bad: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1);",
            sql: "ALTER TABLE users ADD COLUMN email TEXT UNIQUE;",
        },
        Example {
            given: "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('x');",
            sql: "ALTER TABLE users ADD COLUMN id INTEGER PRIMARY KEY;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1);",
            sql: "ALTER TABLE users ADD COLUMN email TEXT;\nCREATE UNIQUE INDEX users_email ON users \
                  (email);",
        },
        Example { given: "", sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, span) in added(seen) {
        if failures(seen, Fails::Attribute).all(|failure| failure.span != span) {
            continue;
        }
        let name = ident(&column.name);
        for constraint in &column.constraints {
            let (what, better) = match constraint.kind {
                ConstraintKind::Unique { .. } => (
                    "UNIQUE",
                    Some(format!(
                        "ALTER TABLE {table} ADD COLUMN {name}{};\n\
                         CREATE UNIQUE INDEX {}_{name} ON {table} ({name});",
                        typed(column),
                        table.name
                    )),
                ),
                ConstraintKind::PrimaryKey { .. } => ("PRIMARY KEY", None),
                _ => continue,
            };
            let message = format!("SQLite cannot add a {what} column to a table that is there");
            let mut hit = Hit::new(constraint.span, message).on(table);
            hit.instead = better;
            hits.push(hit);
        }
    }
}
