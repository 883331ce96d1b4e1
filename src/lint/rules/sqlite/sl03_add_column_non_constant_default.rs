//! A column is added whose default has to be computed.

use super::written::{added, default, failures, ident, typed};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "SL03",
    name: "add-column-non-constant-default",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A column is added with a default that has to be computed, which fails as soon as there is one \
              row",
    reason: "ALTER TABLE … ADD COLUMN does not touch the rows that are there: their value is the default, \
             read from the table's definition. So it must be a literal. CURRENT_TIMESTAMP, CURRENT_DATE, a \
             function, and any expression in parentheses, even (1+2), are refused (\"Cannot add a column \
             with non-constant default\"), but only where there are rows: an empty test database lets it \
             pass.",
    lock: "",
    recipe: "Add the column without a default, fill it, and let the application (or a trigger) give the \
             value to new rows.\n\n    \
             ALTER TABLE orders ADD COLUMN created_at TEXT;\n    \
             UPDATE orders SET created_at = CURRENT_TIMESTAMP WHERE id BETWEEN 1 AND 5000;\n\n\
             A table that is built again can have any default.",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN created_at TEXT DEFAULT CURRENT_TIMESTAMP;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN created_at TEXT DEFAULT (datetime('now'));",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN weight INT DEFAULT (1+2);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN created_at TEXT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN weight INT DEFAULT (-3);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY, at TEXT DEFAULT \
                                   CURRENT_TIMESTAMP);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, _) in added(seen) {
        let Some(default) = default(column).filter(|default| !default.literal) else { continue };
        if failures(seen, Fails::ExistingRows).all(|failure| failure.span != default.span) {
            continue;
        }
        let message = format!(
            "SQLite refuses this as soon as {table} has a row: the default {} is no constant",
            default.text
        );
        let name = ident(&column.name);
        let better = format!(
            "ALTER TABLE {table} ADD COLUMN {name}{};\n\
             UPDATE {table} SET {name} = {} WHERE rowid BETWEEN 1 AND 5000;  -- and so on, in batches",
            typed(column),
            default.text
        );
        hits.push(
            Hit::new(default.span, message)
                .note(
                    "on an empty database it \
                                                        passes",
                )
                .instead(better)
                .on(table),
        );
    }
}
