//! PB04: an `UPDATE` or `DELETE` of nobody knows how many rows.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Reach, WriteKind};

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
        let verb = rows::verb(write.kind);
        let message =
            format!("this {verb} may take many rows of \"{table}\", which stay locked until it is committed");
        let hit =
            Hit::new(script::at(seen.statement, write.span), message).note(rows::unsettled(seen, table));
        hits.push(hit.on(table).severity(severity));
    }
}
