//! A stored generated column is added.

use super::written::{added, failures, ident, typed};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "SL06",
    name: "add-stored-generated-column",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A STORED generated column is added, which fails as soon as there is one row",
    reason: "A stored column would have to be written into every row, and ADD COLUMN writes none: \"cannot \
             add a STORED column\". Only an empty table, such as that of a fresh test database, takes it.",
    lock: "",
    recipe: "Make it VIRTUAL: it is computed when it is read, and an index on it stores the values.\n\n    \
             ALTER TABLE orders ADD COLUMN total INT GENERATED ALWAYS AS (price * qty) VIRTUAL;\n    \
             CREATE INDEX orders_total ON orders (total);",
    bad: &[Example {
        given: "CREATE TABLE orders (price INT, qty INT); INSERT INTO orders VALUES (2, 3);",
        sql: "ALTER TABLE orders ADD COLUMN total INT GENERATED ALWAYS AS (price * qty) STORED;",
    }],
    good: &[
        Example {
            given: "CREATE TABLE orders (price INT, qty INT); INSERT INTO orders VALUES (2, 3);",
            sql: "ALTER TABLE orders ADD COLUMN total INT GENERATED ALWAYS AS (price * qty) VIRTUAL;",
        },
        Example { given: "", sql: "CREATE TABLE orders (price INT, total INT AS (price * 2) STORED);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, span) in added(seen) {
        let stored = column.find(|kind| match kind {
            ConstraintKind::Generated { expr, stored: true } => Some(expr),
            _ => None,
        });
        let Some(expr) = stored else { continue };
        if failures(seen, Fails::ExistingRows).all(|failure| failure.span != span) {
            continue;
        }
        let better = format!(
            "ALTER TABLE {table} ADD COLUMN {}{} GENERATED ALWAYS AS ({}) VIRTUAL;",
            ident(&column.name),
            typed(column),
            expr.text
        );
        let message = format!("SQLite refuses a STORED column as soon as {table} has a row");
        hits.push(Hit::new(span, message).note("on an empty database it passes").instead(better).on(table));
    }
}
