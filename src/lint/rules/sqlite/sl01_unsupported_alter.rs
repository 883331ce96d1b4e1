//! `ALTER TABLE` in a form that SQLite does not have.

use super::written::failures;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL01",
    name: "unsupported-alter",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "ALTER TABLE in a form that SQLite refuses",
    reason: "SQLite can rename a table, and add, rename or drop a column; since 3.53 it can also add and \
             drop NOT NULL and CHECK. It cannot change a column's type or default, add a foreign key, a \
             primary key or UNIQUE, nor do two things in one ALTER TABLE. Such a statement is a syntax \
             error: the deployment stops at it, and whatever the script did before, outside of a \
             transaction, stays.",
    lock: "",
    recipe: "Build the table again: make the new one beside it, copy, drop the old one, give the new one its \
             name, and make the indexes, triggers and views again. Views and triggers of other tables that \
             speak of the table have to be dropped first. Foreign keys must be off, and that works only \
             before BEGIN. For UNIQUE, a unique index is enough.\n\n    \
             PRAGMA foreign_keys = OFF;\n    \
             BEGIN;\n    \
             CREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT NOT NULL, note TEXT);\n    \
             INSERT INTO new_orders (id, ref, note) SELECT id, ref, note FROM orders;\n    \
             DROP TABLE orders;\n    \
             ALTER TABLE new_orders RENAME TO orders;\n    \
             CREATE INDEX orders_ref ON orders (ref);\n    \
             PRAGMA foreign_key_check;\n    \
             COMMIT;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); INSERT INTO orders (ref) VALUES \
                    ('a');",
            sql: "ALTER TABLE orders ALTER COLUMN ref TYPE VARCHAR(20);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); INSERT INTO orders (ref) VALUES \
                    ('a');",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_ref UNIQUE (ref);",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY, user_id INT);",
            sql: "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT, note TEXT);",
            sql: "ALTER TABLE orders DROP COLUMN ref, DROP COLUMN note;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT DEFAULT 'x');",
            sql: "ALTER TABLE orders ALTER COLUMN ref DROP DEFAULT;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); INSERT INTO orders (ref) VALUES \
                    ('a');",
            sql: "CREATE UNIQUE INDEX orders_ref ON orders (ref);",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT); INSERT INTO orders (ref) VALUES \
                    (1);",
            sql: "BEGIN;\nCREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders (id, ref) SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;\nCOMMIT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT);",
            sql: "ALTER TABLE orders ADD COLUMN note TEXT;\nALTER TABLE orders RENAME COLUMN ref TO code;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AlterTable { table, .. } = &seen.statement.said else { return };
    for failure in failures(seen, Fails::Several) {
        let hit = Hit::new(failure.span, format!("{}: this is a syntax error", failure.why)).on(table);
        hits.push(hit.note("write one ALTER TABLE for each"));
    }
    for failure in failures(seen, Fails::Unsupported) {
        let hit = Hit::new(failure.span, failure.why.clone()).on(table);
        hits.push(if failure.surely {
            hit.note(format!("the deployment stops here; what is wanted needs {table} to be built again"))
        } else {
            hit.severity(Severity::Advice).note(
                "it works where the SQLite that runs it is new enough; the one that is built into this \
                 program is",
            )
        });
    }
}
