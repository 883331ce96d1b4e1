//! A table is built again, and something of the old one is not carried over.

use super::written::{WRITE_LOCK, failures, list};
use crate::lint::effect::{Fails, How, Loss, Lost};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::lint::state::sqlite::{Order, Rebuild};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "SL15",
    name: "rebuild-loses-objects",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A table is built again without its indexes, triggers, keys, columns or rows, or under the eyes \
              of a view",
    reason: "When a table is made anew, copied and put in the place of the old one, everything that hung \
             from the old one goes with it, and no error tells you so: indexes (queries get slow), unique \
             indexes (doubles get in), triggers (nobody writes the log any more), columns that are not \
             copied. Views and triggers of other tables that speak of the table make the last step fail \
             (\"error in view …: no such table\"). If the old table is renamed away first, they and the \
             foreign keys of other tables follow it, and point to nothing once it is dropped.",
    lock: WRITE_LOCK,
    recipe: "Make the new table beside the old one, never rename the old one away. Drop the views first and \
             make them again at the end, with every index and trigger. To see what there is:\n\n    \
             SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'orders';\n\n\
             The order that loses nothing:\n\n    \
             PRAGMA foreign_keys = OFF;\n    \
             BEGIN;\n    \
             DROP VIEW open_orders;\n    \
             CREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT NOT NULL);\n    \
             INSERT INTO new_orders (id, ref) SELECT id, ref FROM orders;\n    \
             DROP TABLE orders;\n    \
             ALTER TABLE new_orders RENAME TO orders;\n    \
             CREATE UNIQUE INDEX orders_ref ON orders (ref);\n    \
             CREATE VIEW open_orders AS SELECT id FROM orders;\n    \
             PRAGMA foreign_key_check;\n    \
             COMMIT;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT); CREATE UNIQUE INDEX orders_ref ON \
                    orders (ref);",
            sql: "BEGIN;\nCREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;\nCOMMIT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT); CREATE VIEW refs AS SELECT ref \
                    FROM orders;",
            sql: "CREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT); CREATE VIEW refs AS SELECT ref \
                    FROM orders;",
            sql: "ALTER TABLE orders RENAME TO old_orders;\nCREATE TABLE orders (id INTEGER PRIMARY KEY, ref \
                  TEXT);\n\
                  INSERT INTO orders SELECT id, ref FROM old_orders;\nDROP TABLE old_orders;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT, note TEXT); INSERT INTO orders \
                    VALUES (1, 2, 'x');",
            sql: "CREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders (id, ref) SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;",
        },
    ],
    good: &[Example {
        given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT); CREATE UNIQUE INDEX orders_ref ON \
                    orders (ref); CREATE VIEW refs AS SELECT ref FROM orders; INSERT INTO orders VALUES (1, \
                    2);",
        sql: "BEGIN;\nDROP VIEW refs;\nCREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;\nCREATE UNIQUE INDEX orders_ref ON orders (ref);\n\
                  CREATE VIEW refs AS SELECT ref FROM orders;\nCOMMIT;",
    }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::Drop { object: Object::Table, names, .. } => {
            let Some(name) = names.first() else { return };
            if let Some(rebuild) = seen.before.sqlite.rebuild_dropping(name) {
                hanging(seen, rebuild, hits);
                content(seen, rebuild, hits);
                followers(seen, rebuild, hits);
                let makes_none = rebuild.indexes.is_empty() && rebuild.made.is_empty();
                if seen.before.relation(name).is_none() && makes_none {
                    unknown(seen, rebuild, hits);
                }
            }
        }
        Said::AlterTable { table, .. } => {
            for failure in failures(seen, Fails::ViewColumn) {
                let message = format!("this fails: {}", failure.why);
                hits.push(
                    Hit::new(failure.span, message)
                        .note(
                            "drop it first, and make it again at the \
                                                                end",
                        )
                        .on(table),
                );
            }
        }
        _ => {}
    }
}

/// Indexes, triggers and keys.
fn hanging(seen: &Seen<'_>, rebuild: &Rebuild, hits: &mut Vec<Hit>) {
    let hangs = |lost: &&Lost| matches!(lost.object, Object::Index | Object::Trigger | Object::Constraint);
    let named = |lost: &Lost| {
        let what = match (lost.object, lost.what) {
            (Object::Index, Loss::Guarantee) => "unique index",
            (object, _) => object.word(),
        };
        format!("the {what} {}", lost.part.as_deref().unwrap_or_default())
    };
    let lost: Vec<String> = seen.effects.lost.iter().filter(hangs).map(named).collect();
    if lost.is_empty() {
        return;
    }
    let verb = if lost.len() == 1 { "goes" } else { "go" };
    let message =
        format!("{} {verb} with the old {}, and nothing makes it again", list(&lost), rebuild.table);
    hits.push(
        Hit::new(seen.statement.span, message)
            .note(format!(
                "to see them: SELECT sql FROM sqlite_schema WHERE tbl_name = '{}'",
                rebuild.table.name
            ))
            .on(&rebuild.table),
    );
}

/// Columns and rows.
fn content(seen: &Seen<'_>, rebuild: &Rebuild, hits: &mut Vec<Hit>) {
    let table = &rebuild.table;
    for lost in seen.effects.lost.iter().filter(|lost| lost.on.name == table.name) {
        let message = match (lost.what, &lost.part) {
            (Loss::Rows, _) => format!("no rows of {table} are copied before it is dropped"),
            (Loss::SomeRows, None) => {
                format!("only some of the rows of {table} are copied before it is dropped")
            }
            (Loss::Values, Some(column)) if is_gone(seen, column) => {
                format!(
                    "the new {table} has no column {column}: its values are lost, and code that names it \
                     fails"
                )
            }
            (Loss::Values, Some(column)) => format!("the values of {column} are not copied"),
            _ => continue,
        };
        hits.push(Hit::new(lost.span, message).on(table));
    }
    for broken in &seen.effects.broken {
        let (Some(column), How::Renamed { to }) = (&broken.part, &broken.how) else { continue };
        let message = format!("{column} is called {to} in the new {table}: code that names {column} fails");
        hits.push(Hit::new(broken.span, message).on(table));
    }
}

/// Whether the new table lacks a column.
fn is_gone(seen: &Seen<'_>, column: &str) -> bool {
    seen.effects.broken.iter().any(|own| own.how == How::Gone && own.part.as_deref() == Some(column))
}

/// Views and foreign keys that followed the old table to its new name.
fn followers(seen: &Seen<'_>, rebuild: &Rebuild, hits: &mut Vec<Hit>) {
    if rebuild.order != Order::OldRenamed {
        return;
    }
    let gone = |how: &How| matches!(how, How::ReadsDiffer(_) | How::Refuses(_));
    let names: Vec<String> = seen
        .effects
        .broken
        .iter()
        .filter(|broken| gone(&broken.how) && broken.part.is_none())
        .map(|broken| format!("the {} {}", broken.object.word(), broken.on))
        .collect();
    if names.is_empty() {
        return;
    }
    let message = format!(
        "{} followed {} when it was renamed to {}, and will point to nothing",
        list(&names),
        rebuild.table,
        rebuild.meanwhile
    );
    let hit = Hit::new(seen.statement.span, message).on(&rebuild.table);
    hits.push(hit.note("make the new table beside the old one instead, and rename the new one at the end"));
}

/// Nobody knows what hung from the old table.
fn unknown(seen: &Seen<'_>, rebuild: &Rebuild, hits: &mut Vec<Hit>) {
    let message =
        format!("the indexes and triggers of the old {}, if it has any, are not made again", rebuild.table);
    hits.push(
        Hit::new(seen.statement.span, message)
            .note(format!("look: SELECT sql FROM sqlite_schema WHERE tbl_name = '{}'", rebuild.table.name))
            .severity(Severity::Advice)
            .on(&rebuild.table),
    );
}
