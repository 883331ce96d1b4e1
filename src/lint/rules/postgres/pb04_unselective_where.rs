//! PB04: an `UPDATE` or `DELETE` of nobody knows how many rows.

use super::{around, rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::{Reach, Write, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB04",
    name: "unselective-where",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "UPDATE or DELETE with a condition that may take many rows",
    reason: "A condition on a status or a date may take ten rows or all of them. Each row that it takes \
             stays locked until the transaction ends, and without an index on it the whole table is read. \
             Nobody can tell from the text, so the worst is taken for granted; a table that is known to be \
             small settles it.",
    lock: "ROW EXCLUSIVE on the table and a lock on every row that the condition takes, until COMMIT.",
    recipe: concat!(
        "Ask the planner on the target how many rows it takes:\n\n",
        "    EXPLAIN UPDATE orders SET state = 'open' WHERE state = 'new';\n\n",
        "Many rows are done batch by batch along the key, as PB01 shows.",
    ),
    bad: &[
        Example { given: "", sql: "UPDATE orders SET state = 'open' WHERE state = 'new';" },
        Example { given: "", sql: "DELETE FROM orders WHERE placed < '2020-01-01';" },
    ],
    good: &[
        Example { given: "", sql: "UPDATE orders SET state = 'open' WHERE id = 1;" },
        Example { given: "", sql: "DELETE FROM orders WHERE id IN (1, 2, 3);" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, state text);",
            sql: "UPDATE orders SET state = 'open' WHERE id <= 500 AND state = 'new';",
        },
        Example {
            given: "",
            sql: "CREATE TABLE fresh (id bigint PRIMARY KEY, n int);\nUPDATE fresh SET n = 1 WHERE n = 0;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // PB02 says worse of the same rows.
    if seen.before.all_held().any(|(_, mode)| mode.stops_writes()) {
        return;
    }
    for write in rows::written(seen) {
        let simple =
            matches!(write.kind, WriteKind::Update | WriteKind::Delete) && !write.joined && !write.in_with;
        if !simple || rows::reach(seen, write) != Reach::Some {
            continue;
        }
        let table = &write.table;
        let Some(severity) = rows::severity(seen, table, write.reach) else { continue };
        let known = seen.before.relation(table).is_some_and(|own| own.rows.is_some());
        let severity = if !known && names_some(seen, write) { Severity::Advice } else { severity };
        let verb = rows::verb(write.kind);
        let message =
            format!("this {verb} may take many rows of \"{table}\", which stay locked until it is committed");
        let hit =
            Hit::new(script::at(seen.statement, write.span), message).note(rows::unsettled(seen, table));
        hits.push(hit.on(table).severity(severity));
    }
}

/// Whether a column holds a name of its row, as far as its own name tells.
fn is_name(column: &str) -> bool {
    let last = column.rsplit('_').next().unwrap_or_default().to_ascii_lowercase();
    ["name", "key", "code", "slug", "sku", "email", "title", "login", "uri", "url"].contains(&last.as_str())
}

/// Whether the rows are told by name, as in `name = 'Oslo'`: of such there are few.
fn names_some(seen: &Seen<'_>, write: &Write) -> bool {
    let text = script::text(seen.statement, write.span);
    let all: Vec<Token<'_>> = tokens(text, Dialect::Postgres).collect();
    let from = all.iter().rposition(|token| token.is("WHERE")).unwrap_or(all.len());
    let condition = all.get(from..).unwrap_or_default();
    if condition.iter().any(|token| token.is("OR") || token.is("NOT") || token.is("SELECT")) {
        return false;
    }
    let is_text = |column: &str| {
        let own = around::column(seen, &write.table, column.trim_matches('"'));
        let ty = own.and_then(|own| own.ty.as_ref());
        ty.is_some_and(|ty| matches!(ty.name.as_str(), "text" | "varchar" | "bpchar") && !ty.array)
    };
    condition.windows(3).any(|three| match three {
        [column, equal, value] => {
            let named = equal.text == "=" && value.kind == TokenKind::Text && value.text != "''";
            named && is_name(column.text.trim_matches('"')) && is_text(column.text)
        }
        _ => false,
    })
}
