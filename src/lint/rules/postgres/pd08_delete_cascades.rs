//! DELETE removes rows of other tables, too.

use super::words::list;
use super::{around, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PD08",
    name: "delete-cascades",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "DELETE on a table whose rows others follow by ON DELETE CASCADE",
    reason: "Every row that points to a deleted one is deleted with it, and so on from table to table. The \
             count that the server reports leaves them out. Where the pointing column has no index, each \
             deleted row costs a scan of the other table.",
    lock: "ROW EXCLUSIVE on all these tables, and a lock on every row that goes, until the transaction ends.",
    recipe: "Delete the pointing rows first, by name and in batches, so that the script says what goes.\n
    DELETE FROM order_items WHERE order_id BETWEEN 1 AND 5000;
    DELETE FROM orders WHERE id BETWEEN 1 AND 5000;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE order_items (order_id bigint \
                    REFERENCES orders (id) ON DELETE CASCADE);",
            sql: "DELETE FROM orders WHERE id < 100;",
        },
        Example {
            given: "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a \
                    (id) ON DELETE CASCADE); CREATE TABLE c (b int REFERENCES b (id) ON DELETE CASCADE);",
            sql: "DELETE FROM a WHERE id = 1;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE order_items (order_id bigint \
                    REFERENCES orders (id));",
            sql: "DELETE FROM orders WHERE id < 100;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE order_items (order_id bigint \
                    REFERENCES orders (id) ON DELETE CASCADE);",
            sql: "DELETE FROM order_items WHERE order_id < 100; DELETE FROM orders WHERE id < 100;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Write(writes, _) = &seen.statement.said else { return };
    for write in writes.iter().filter(|write| write.kind == WriteKind::Delete) {
        let table = &write.table;
        if !seen.before.is_old(table) {
            continue;
        }
        let reached: Vec<Name> = reached(seen, table).iter().map(|table| words::shown(seen, table)).collect();
        if !reached.is_empty() {
            let message =
                format!("rows of {} go with those of {table}, by ON DELETE CASCADE", list(&reached));
            hits.push(
                Hit::new(write.span, message)
                    .on(table)
                    .note("the server reports the rows of the one table only")
                    .note("delete these first, by name, so that the script says what is lost"),
            );
        }
    }
}

/// The tables whose rows go with those of this one and are not deleted by the script itself.
fn reached(seen: &Seen<'_>, table: &Name) -> Vec<Name> {
    let deleted: Vec<Name> = around::earlier(seen)
        .into_iter()
        .filter_map(|statement| match &statement.said {
            Said::Write(writes, _) => Some(writes),
            _ => None,
        })
        .flatten()
        .filter(|write| write.kind == WriteKind::Delete)
        .map(|write| seen.before.key(&write.table))
        .collect();
    let mut waiting = vec![seen.before.key(table)];
    let mut found: Vec<Name> = Vec::new();
    while let Some(next) = waiting.pop() {
        for (child, constraint) in seen.before.schema.referencing(&next) {
            let fresh = !found.contains(child) && !seen.before.is_new(child) && !deleted.contains(child);
            if constraint.cascades && fresh && *child != seen.before.key(table) {
                found.push(child.clone());
                waiting.push(child.clone());
            }
        }
    }
    found.sort();
    found
}
