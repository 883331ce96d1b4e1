//! A table is emptied.

use super::around;
use super::words::{list, sql};
use crate::lint::effect::Loss;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD05",
    name: "truncate",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "TRUNCATE empties a table",
    reason: "All rows are gone for good once this is committed. Row triggers are not run for them, and \
             sessions with an older snapshot see an empty table as well, not the rows they should.",
    lock: "ACCESS EXCLUSIVE on the table until the transaction ends: every query waits.",
    recipe: "Take a snapshot first. Where the rows are only old, delete them in batches, each committed by \
             itself.\n
    DELETE FROM events WHERE id BETWEEN 1 AND 5000 AND happened_at < '2024-01-01';",
    bad: &[
        Example { given: "", sql: "TRUNCATE orders;" },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "TRUNCATE TABLE ONLY orders RESTART IDENTITY;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id int); TRUNCATE t;" },
        Example { given: "", sql: "CREATE TEMP TABLE work (id int); TRUNCATE work;" },
    ],
    check,
};

/// Whether the same transaction puts rows of these tables into the one that is emptied.
fn is_filled_again(seen: &Seen<'_>, table: &Name, copies: &[Name]) -> bool {
    let key = seen.before.key(table);
    let copied = |name: &Name| copies.iter().any(|copy| copy.name == name.name);
    around::together(seen).into_iter().any(|next| match &next.said {
        Said::Write(writes, reads) => {
            let into = writes.iter().any(|write| seen.before.key(&write.table) == key);
            into && reads.relations.iter().any(copied)
        }
        _ => false,
    })
}

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Truncate { tables, .. } = &seen.statement.said else { return };
    let mut told: Vec<Name> = Vec::new();
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Rows) {
        let table = &lost.on;
        let named = tables.iter().any(|own| seen.before.key(own) == seen.before.key(table));
        let rows = seen.before.relation(table).and_then(|relation| relation.rows);
        let key = seen.before.key(table);
        let again = told.contains(&key);
        told.push(key);
        if again || !named || rows == Some(0) {
            continue;
        }
        let count = rows.map_or("all rows".to_owned(), |rows| format!("all of about {rows} rows"));
        let hit = Hit::new(lost.span, format!("{count} of {table} are lost for good")).on(table);
        let copies = around::copied_to(seen, table);
        hits.push(if copies.is_empty() {
            hit.note("take a snapshot first; the revert script cannot bring the rows back")
                .instead(format!("DELETE FROM {} WHERE …;  -- what may go, in batches by key", sql(table)))
        } else {
            let hit = hit.note(format!("this script copied rows of it to {}", list(&copies)));
            if is_filled_again(seen, table, &copies) { hit.severity(Severity::Advice) } else { hit }
        });
    }
}
