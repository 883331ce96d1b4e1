//! TRUNCATE … CASCADE empties tables that the script does not name.

use super::words::{self, list, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD06",
    name: "truncate-cascade",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "TRUNCATE … CASCADE empties every table whose foreign keys point there",
    reason: "All tables whose foreign keys point to the table are emptied with it, and those that point to \
             them, whatever their keys say about ON DELETE. The script names none of them.",
    lock: "ACCESS EXCLUSIVE on the table and on every table that is reached, until the transaction ends.",
    recipe: "Name every table that is to be emptied: without CASCADE the server refuses if one is missing.\n
    TRUNCATE orders, order_items;",
    bad: &[
        Example { given: "", sql: "TRUNCATE orders CASCADE;" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE order_items (order_id bigint \
                    REFERENCES orders (id));",
            sql: "TRUNCATE TABLE orders CASCADE;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id int); TRUNCATE t CASCADE;" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE order_items (order_id bigint \
                    REFERENCES orders (id));",
            sql: "TRUNCATE orders, order_items CASCADE;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Truncate { tables, cascade: true } = &seen.statement.said else { return };
    if !tables.iter().any(|table| seen.before.is_old(table)) {
        return;
    }
    let reached = reached(seen, tables);
    let reached: Vec<Name> = reached.iter().map(|table| words::shown(seen, table)).collect();
    let named: Vec<String> = tables.iter().map(sql).collect();
    if !reached.is_empty() {
        let message = format!("CASCADE empties {} too, by way of foreign keys", list(&reached));
        let all = reached.iter().map(sql);
        let all: Vec<String> = named.into_iter().chain(all).collect();
        hits.push(Hit::new(seen.statement.span, message).instead(format!("TRUNCATE {};", all.join(", "))));
        return;
    }
    let schema = &seen.before.schema;
    let known = tables.iter().all(|table| seen.before.relation(table).is_some());
    if known && (schema.complete || tables.len() > 1) {
        return;
    }
    let hit = Hit::new(
        seen.statement.span,
        format!("CASCADE empties every table whose foreign keys point to {}, unseen", list(tables)),
    )
    .note("the target's catalogue would tell which these are")
    .instead(format!("TRUNCATE {};", named.join(", ")));
    hits.push(if known { hit.severity(Severity::Advice) } else { hit });
}

/// The tables that are not named and whose foreign keys lead there, as far as they are known.
fn reached(seen: &Seen<'_>, tables: &[Name]) -> Vec<Name> {
    let named: Vec<Name> = tables.iter().map(|table| seen.before.key(table)).collect();
    let mut waiting = named.clone();
    let mut found: Vec<Name> = Vec::new();
    while let Some(next) = waiting.pop() {
        for (child, _) in seen.before.schema.referencing(&next) {
            if !named.contains(child) && !found.contains(child) && !seen.before.is_new(child) {
                found.push(child.clone());
                waiting.push(child.clone());
            }
        }
    }
    found.sort();
    found
}
