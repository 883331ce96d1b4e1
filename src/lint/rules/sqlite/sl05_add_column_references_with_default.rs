//! A column is added that refers to another table and has a default.

use super::written::{added, default, failures, ident, typed};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "SL05",
    name: "add-column-references-with-default",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A REFERENCES column is added with a default, which SQLite refuses or does not check",
    reason: "With foreign keys on, SQLite refuses it where there are rows (\"Cannot add a REFERENCES column \
             with non-NULL default value\"). With foreign keys off, as in a script until it switches them \
             on, it passes, and every row that is there now points to one and the same row of the other \
             table, whether that exists or not. Nobody checks it until the application, with foreign keys \
             on, runs into it.",
    lock: "",
    recipe: "Add the column without a default and fill it with values that exist.\n\n    \
             ALTER TABLE orders ADD COLUMN shop_id INT REFERENCES shops (id);\n    \
             UPDATE orders SET shop_id = (SELECT min(id) FROM shops) WHERE id BETWEEN 1 AND 5000;\n    \
             PRAGMA foreign_key_check(orders);",
    bad: &[
        Example {
            given: "CREATE TABLE shops (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY); INSERT INTO orders VALUES (1);",
            sql: "PRAGMA foreign_keys = ON;\nALTER TABLE orders ADD COLUMN shop_id INT REFERENCES shops \
                  DEFAULT 1;",
        },
        Example {
            given: "CREATE TABLE shops (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN shop_id INT DEFAULT 1 REFERENCES shops (id);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE shops (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY); INSERT INTO orders VALUES (1);",
            sql: "PRAGMA foreign_keys = ON;\nALTER TABLE orders ADD COLUMN shop_id INT REFERENCES shops \
                  (id);",
        },
        Example {
            given: "CREATE TABLE shops (id INTEGER PRIMARY KEY); CREATE TABLE orders (id INTEGER PRIMARY \
                    KEY); INSERT INTO orders VALUES (1);",
            sql: "PRAGMA foreign_keys = ON;\nALTER TABLE orders ADD COLUMN shop_id INT REFERENCES shops \
                  DEFAULT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, column, span) in added(seen) {
        let target = column.find(|kind| match kind {
            ConstraintKind::Foreign(foreign) => Some(&foreign.table),
            _ => None,
        });
        let (Some(target), Some(default)) = (target, default(column).filter(|default| !default.null)) else {
            continue;
        };
        if seen.before.holds_rows(table) == Some(false) {
            continue;
        }
        let refused = failures(seen, Fails::Attribute).any(|failure| failure.span == span)
            && seen.before.pragma("foreign_keys", false);
        let better = format!(
            "ALTER TABLE {table} ADD COLUMN {}{} REFERENCES {target};",
            ident(&column.name),
            typed(column)
        );
        let hit = if refused {
            Hit::new(
                span,
                "SQLite refuses a REFERENCES column with a default while foreign_keys is \
                            on"
                .to_owned(),
            )
            .note("on an empty database it passes")
        } else {
            let message = format!(
                "every row of {table} that is there will point to row {} of {target}, and nobody checks that \
                 it exists",
                default.text
            );
            Hit::new(span, message)
                .note(
                    "where foreign_keys is on, SQLite refuses \
                                          it",
                )
                .severity(Severity::Advice)
        };
        hits.push(hit.instead(better).on(table));
    }
}
