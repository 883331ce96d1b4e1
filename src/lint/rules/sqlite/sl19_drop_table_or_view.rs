//! A table or view is dropped.

use super::written::{WRITE_LOCK, list};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "SL19",
    name: "drop-table-or-view",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A table or view that was there before is dropped",
    reason: "Its rows are gone for good once this is committed; a revert script can make the table again, \
             but not its rows. Code that still uses it fails at once. Views and triggers of other tables \
             that speak of it stay, and fail, too; while one of them is there, SQLite refuses every RENAME \
             and DROP COLUMN in the database.",
    lock: WRITE_LOCK,
    recipe: "Do it last: first let the code stop using it, and wait longer than the rarest job takes to come \
             round. Take a copy, then drop it in a contract change of its own, after the views and triggers \
             that speak of it.\n\n    \
             -- change: phase=contract\n    \
             DROP VIEW IF EXISTS open_orders;\n    \
             DROP TABLE orders;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1); CREATE VIEW \
                    all_orders AS SELECT id FROM orders;",
            sql: "DROP TABLE orders;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); CREATE VIEW open_orders AS SELECT id FROM \
                    orders;",
            sql: "DROP VIEW open_orders;",
        },
        Example {
            given: "",
            sql: "DROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id INTEGER PRIMARY \
                                   KEY);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE scratch (id INTEGER);\nDROP TABLE scratch;" },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, ref INT);",
            sql: "CREATE TABLE new_orders (id INTEGER PRIMARY KEY, ref TEXT);\n\
                  INSERT INTO new_orders SELECT id, ref FROM orders;\nDROP TABLE orders;\n\
                  ALTER TABLE new_orders RENAME TO orders;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); CREATE VIEW open_orders AS SELECT id FROM \
                    orders;",
            sql: "BEGIN;\nDROP VIEW open_orders;\nCREATE VIEW open_orders AS SELECT id FROM orders WHERE id \
                  > 0;\nCOMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !matches!(seen.statement.said, Said::Drop { .. }) {
        return;
    }
    let gone = |broken: &&Broken| broken.how == How::Gone && broken.part.is_none();
    for broken in seen.effects.broken.iter().filter(gone) {
        let name = &broken.on;
        if broken.object == Object::View {
            if made_again(seen, &name.name) {
                continue;
            }
            let message = format!("the view {name} is gone: running code that reads it fails");
            hits.push(Hit::new(broken.span, message));
            continue;
        }
        if broken.object != Object::Table {
            continue;
        }
        let message = format!("the table {name} is gone, with all its rows: running code that uses it fails");
        let mut hit = Hit::new(broken.span, message).on(name);
        let failing: Vec<String> = seen
            .effects
            .broken
            .iter()
            .filter(|other| matches!(other.how, How::ReadsDiffer(_)))
            .map(|other| format!("the {} {}", other.object.word(), other.on))
            .collect();
        if !failing.is_empty() {
            let verb = if failing.len() == 1 { "speaks" } else { "speak" };
            hit = hit.note(format!(
                "{} {verb} of it and will fail, and so will every RENAME and DROP COLUMN until that is \
                 dropped",
                list(&failing)
            ));
        }
        if seen.script.statements.iter().skip(seen.position).any(|next| is_made(&next.said, &name.name)) {
            hit = hit.note("it is made again, but empty: nothing copies its rows");
        }
        hits.push(hit.note("take a copy first; the revert script cannot bring the rows back"));
    }
}

fn made_again(seen: &Seen<'_>, view: &str) -> bool {
    let later = seen.script.statements.iter().skip(seen.position + 1);
    later.into_iter().any(|next| matches!(&next.said, Said::CreateView { name, .. } if name.name == view))
}

fn is_made(said: &Said, table: &str) -> bool {
    matches!(said, Said::CreateTable(create) if create.name.name == table)
}
