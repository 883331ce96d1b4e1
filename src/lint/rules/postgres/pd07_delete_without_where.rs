//! All rows of a table are deleted.

use super::words::{list, sql};
use super::{around, rows, script};
use crate::lint::effect::Loss;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::lex::{Token, tokens};
use crate::sql::statement::{Reach, Said, Write, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PD07",
    name: "delete-without-where",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "DELETE without a condition, or with one that names no keys",
    reason: "All rows are gone for good once this is committed. Until then each of them is locked, so \
             writers of the same rows wait, and the space is not free before a vacuum. Most often the \
             condition was forgotten. A condition that names no keys takes as many rows as meet it on that \
             day: more in production than in a test, and they are gone as well.",
    lock: "ROW EXCLUSIVE on the table, and a lock on every row until the transaction ends.",
    recipe: "Say which rows, and delete them in batches by key, each committed by itself, after a snapshot.\n
    DELETE FROM events WHERE id BETWEEN 1 AND 5000 AND happened_at < '2024-01-01';",
    bad: &[
        Example { given: "", sql: "DELETE FROM orders;" },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone;",
        },
        Example { given: "", sql: "DELETE FROM sessions WHERE expires_at < '2024-01-01';" },
    ],
    good: &[
        Example { given: "", sql: "DELETE FROM orders WHERE id = 1;" },
        Example { given: "", sql: "CREATE TABLE t (id int); DELETE FROM t;" },
        Example {
            given: "",
            sql: "DELETE FROM sessions WHERE id BETWEEN 1 AND 1000 AND expires_at < '2024-01-01';",
        },
    ],
    check,
};

/// Nobody knows how many rows meet a condition that names no keys.
fn some(seen: &Seen<'_>, write: &Write) -> Option<Hit> {
    let table = &write.table;
    let relation = seen.before.relation(table);
    let empty = relation.is_some_and(|relation| relation.rows == Some(0));
    if rows::reach(seen, write) != Reach::Some || !seen.before.is_old(table) || empty {
        return None;
    }
    let message = format!("the rows of {table} that meet the condition are deleted");
    let hit = Hit::new(script::at(seen.statement, write.span), message).on(table);
    // What is older than a day is there; whether rows without a parent are, nobody knows.
    let hit = if is_of_a_range(seen, write) { hit } else { hit.severity(Severity::Advice) };
    let copies = around::copied_to(seen, table);
    Some(if copies.is_empty() {
        hit.note("the revert script cannot bring them back: copy them first, or see that there are none")
    } else {
        hit.note(format!("this script copied rows of it to {}", list(&copies)))
    })
}

/// Whether the condition compares with a value: `expires_at < '2024-01-01'`.
fn is_of_a_range(seen: &Seen<'_>, write: &Write) -> bool {
    let text = script::text(seen.statement, write.span);
    let all: Vec<Token<'_>> = tokens(text, Dialect::Postgres).collect();
    let from = all.iter().position(|token| token.is("WHERE")).unwrap_or(all.len());
    let condition = all.get(from..).unwrap_or_default();
    let sign = |token: &Token<'_>| matches!(token.text, "<" | ">");
    let other = |token: &Token<'_>| sign(token) || token.text == "-";
    let alone = |three: &[Token<'_>]| match three {
        [before, own, after] => sign(own) && !other(before) && !sign(after),
        _ => false,
    };
    let compares = condition.windows(3).any(alone) || condition.iter().any(|token| token.is("BETWEEN"));
    compares && !write.joined && !condition.iter().any(|token| token.is("SELECT"))
}

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Write(writes, _) = &seen.statement.said else { return };
    for write in writes.iter().filter(|write| write.kind == WriteKind::Delete) {
        hits.extend(some(seen, write));
    }
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Rows) {
        let table = &lost.on;
        let rows = seen.before.relation(table).and_then(|relation| relation.rows);
        if rows == Some(0) {
            continue;
        }
        let count = rows.map_or("all rows".to_owned(), |rows| format!("all of about {rows} rows"));
        let hit = Hit::new(lost.span, format!("{count} of {table} are deleted")).on(table);
        let copies = around::copied_to(seen, table);
        hits.push(if copies.is_empty() {
            hit.note("take a snapshot first; the revert script cannot bring the rows back")
                .instead(format!("DELETE FROM {} WHERE …;  -- say which, in batches by key", sql(table)))
        } else {
            hit.note(format!("this script copied rows of it to {}", list(&copies)))
        });
    }
}
