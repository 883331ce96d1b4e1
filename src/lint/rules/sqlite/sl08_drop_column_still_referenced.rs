//! A column is dropped that something still uses.

use super::written::{actions, failures, ident};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "SL08",
    name: "drop-column-still-referenced",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A column is dropped that an index, view, trigger, check or generated column still uses",
    reason: "SQLite drops nothing along with a column: it refuses while the column is in the primary key, is \
             UNIQUE, or an index (its WHERE included), a view, a trigger, a generated column, a CHECK or a \
             FOREIGN KEY of the table speaks of it. The deployment stops here. A CHECK or REFERENCES that \
             stands behind the column itself goes with it, and so does its place in UPDATE OF.",
    lock: "",
    recipe: "Drop what uses the column first, in the same script, and make again what is still wanted \
             without it. A UNIQUE or PRIMARY KEY column goes only by building the table again.\n\n    \
             DROP INDEX orders_ref;\n    \
             DROP VIEW open_orders;\n    \
             ALTER TABLE orders DROP COLUMN ref;\n    \
             CREATE VIEW open_orders AS SELECT id FROM orders WHERE state = 'open';",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); CREATE INDEX orders_ref ON \
                    orders (ref);",
            sql: "ALTER TABLE orders DROP COLUMN ref;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT UNIQUE);",
            sql: "ALTER TABLE orders DROP COLUMN ref;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); CREATE VIEW refs AS SELECT ref \
                    FROM orders;",
            sql: "ALTER TABLE orders DROP COLUMN ref;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, price INT, paid INT, CHECK (paid <= \
                    price));",
            sql: "ALTER TABLE orders DROP COLUMN paid;",
        },
        Example {
            given: "CREATE TABLE log (ref TEXT); CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); \
                    CREATE TRIGGER t AFTER INSERT ON orders BEGIN INSERT INTO log VALUES (new.ref); END;",
            sql: "ALTER TABLE orders DROP COLUMN ref;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref TEXT); CREATE INDEX orders_ref ON \
                    orders (ref);",
            sql: "DROP INDEX orders_ref;\nALTER TABLE orders DROP COLUMN ref;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, qty INT CHECK (qty > 0));",
            sql: "ALTER TABLE orders DROP COLUMN qty;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, action, span) in actions(seen) {
        let Action::DropColumn { name, .. } = action else { continue };
        let users = failures(seen, Fails::UsedColumn).filter(|failure| failure.span == span);
        let users: Vec<_> = users.collect();
        let Some(first) = users.first() else { continue };
        let surely = users.iter().any(|failure| failure.surely);
        let message = if surely {
            let sure = users.iter().find(|failure| failure.surely).unwrap_or(first);
            format!("SQLite refuses to drop {}: {}", ident(name), sure.why)
        } else {
            format!("SQLite may refuse to drop {}: {}, it seems", ident(name), first.why)
        };
        let mut hit = Hit::new(span, message).on(table);
        for other in &users {
            if !hit.message.contains(&other.why) {
                hit = hit.note(other.why.clone());
            }
        }
        hits.push(hit.note("drop what uses it first, in the same script"));
    }
}
