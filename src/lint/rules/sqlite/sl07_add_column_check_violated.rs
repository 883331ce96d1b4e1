//! A column is added with a check that the rows that are there do not meet.

use super::written::{WRITE_LOCK, added, default, failures};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "SL07",
    name: "add-column-check-violated",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A column is added with a CHECK that its default, or the rows that are there, do not meet",
    reason: "SQLite tests the check against every row that is there, each with the new column's default. If \
             one does not meet it, the statement fails (\"CHECK constraint failed\") and the deployment \
             stops; on an empty test database it passes. A check that comes out NULL is met, so a column \
             without a default passes.",
    lock: WRITE_LOCK,
    recipe: "Choose a default that meets the check, or none.\n\n    \
             ALTER TABLE orders ADD COLUMN qty INT NOT NULL DEFAULT 1 CHECK (qty > 0);",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN qty INT DEFAULT 0 CHECK (qty > 0);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT CHECK (state IS NOT NULL);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, price INT); INSERT INTO orders VALUES (1, \
                    5);",
            sql: "ALTER TABLE orders ADD COLUMN paid INT DEFAULT 0 CHECK (paid >= price);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN qty INT CHECK (qty > 0);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', \
                  'done'));",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, _) in added(seen) {
        for constraint in &column.constraints {
            let ConstraintKind::Check(expr) = &constraint.kind else { continue };
            let mut found = failures(seen, Fails::ExistingRows);
            let Some(failure) = found.find(|failure| failure.span == constraint.span) else { continue };
            let value = default(column).map_or("NULL", |default| default.text.as_str());
            let hit = if failure.surely {
                let message = format!(
                    "every row of {table} would get {} = {value}, which does not meet CHECK ({}): SQLite \
                     refuses this",
                    column.name, expr.text
                );
                Hit::new(constraint.span, message).note("on an empty database it passes")
            } else {
                let message =
                    format!("SQLite refuses this if any row of {table} does not meet CHECK ({})", expr.text);
                let count = format!(
                    "count them first: SELECT count(*) FROM {table} WHERE NOT ({}), with {value} in the \
                     place of {}",
                    expr.text, column.name
                );
                Hit::new(constraint.span, message).note(count)
            };
            hits.push(hit.on(table));
        }
    }
}
