//! PS24: one column is set twice.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Said, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PS24",
    name: "duplicate-assignment",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a statement sets the same column twice",
    reason: "The server refuses it (42601): the deploy stops at this statement.",
    lock: "",
    recipe: "Set each column once.",
    bad: &[
        Example { given: "", sql: "UPDATE orders SET a = 1, a = 2 WHERE id = 1;" },
        Example {
            given: "",
            sql: "INSERT INTO orders (id, a) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET a = 1, a = 2;",
        },
    ],
    good: &[
        Example { given: "", sql: "UPDATE orders SET a = 1, b = 2 WHERE id = 1;" },
        Example { given: "", sql: "UPDATE orders SET tags[1] = 'a', tags[2] = 'b' WHERE id = 1;" },
        Example { given: "", sql: "UPDATE orders SET place.x = 1, place.y = 2 WHERE id = 1;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Write(writes, _) = &seen.statement.said else { return };
    for write in writes.iter().filter(|write| matches!(write.kind, WriteKind::Update | WriteKind::Upsert)) {
        let again = write
            .sets
            .iter()
            .enumerate()
            .find(|(at, (column, _))| write.sets.iter().take(*at).any(|(before, _)| before == column));
        if let Some((_, (column, _))) = again {
            let verb = rows::verb(write.kind);
            let message =
                format!("this {verb} sets \"{column}\" of \"{}\" twice: the deploy stops here", write.table);
            hits.push(Hit::new(script::at(seen.statement, write.span), message));
        }
    }
}
