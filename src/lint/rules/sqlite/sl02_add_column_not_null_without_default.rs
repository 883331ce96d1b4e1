//! A column that may not be null is added without a value for the rows that are there.

use super::written::{added, failures, ident, some_value, typed};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "SL02",
    name: "add-column-not-null-without-default",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A NOT NULL column is added without a default, which fails as soon as there is one row",
    reason: "The rows that are there would have no value for the new column, so SQLite refuses the statement \
             (\"Cannot add a NOT NULL column with default value NULL\"). On an empty table it passes: that \
             is why it works on the developer's machine and in the test database, and stops the deployment \
             in production. DEFAULT NULL is the same as no default.",
    lock: "",
    recipe: "Give the column a constant default. It is kept in the table's definition: no row is touched, \
             and code that does not know the column yet goes on inserting.\n\n    \
             ALTER TABLE orders ADD COLUMN state TEXT NOT NULL DEFAULT 'new';\n\n\
             Or add it without NOT NULL and fill it in a later change.",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT NOT NULL;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD state TEXT DEFAULT NULL NOT NULL;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT NOT NULL DEFAULT 'new';",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN state TEXT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY);\nALTER TABLE orders ADD COLUMN state TEXT \
                  NOT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, span) in added(seen) {
        if failures(seen, Fails::RequiredColumn).all(|failure| failure.span != span) {
            continue;
        }
        let message = format!(
            "SQLite refuses this as soon as {table} has a row: the rows that are there would have no {}",
            column.name
        );
        let name = ident(&column.name);
        let better = format!(
            "ALTER TABLE {table} ADD COLUMN {name}{} NOT NULL DEFAULT {};",
            typed(column),
            some_value(column)
        );
        hits.push(Hit::new(span, message).note("on an empty database it passes").instead(better).on(table));
    }
}
