//! PB06: `SELECT … FOR UPDATE` of every row.

use super::{rows, script, words};
use crate::lint::effect::{Cause, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Reach, Reads, Said};

pub(super) static RULE: Rule = Rule {
    code: "PB06",
    name: "select-for-update-all",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SELECT … FOR UPDATE or FOR SHARE takes every row",
    reason: "Each row that it reads stays locked until the transaction ends, as if it had been updated: \
             whoever wants to change one of them waits. The lock is written into the row, so all of the \
             table is written, too.",
    lock: "ROW SHARE on the table and a lock on every row, until COMMIT.",
    recipe: concat!(
        "Lock only what is worked on at once:\n\n",
        "    SELECT id FROM orders WHERE state = 'new' ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;",
    ),
    bad: &[
        Example { given: "", sql: "SELECT id FROM orders FOR UPDATE;" },
        Example { given: "", sql: "BEGIN;\nSELECT id FROM orders WHERE state = 'new' FOR UPDATE;\nCOMMIT;" },
    ],
    good: &[
        Example { given: "", sql: "SELECT id FROM orders ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;" },
        Example { given: "", sql: "SELECT id FROM orders WHERE id = 1 FOR UPDATE;" },
        Example { given: "", sql: "SELECT id FROM orders;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let reads: &Reads = match &seen.statement.said {
        Said::Read(reads) | Said::Write(_, reads) => reads,
        _ => return,
    };
    let Some(reach) = reads.locks_rows else { return };
    let locks = |cause, work| work == Work::Rows && cause == Cause::RowLocks;
    // Alone, the statement lets go of them at once.
    if !seen.before.in_transaction {
        return;
    }
    for effort in seen.effects.efforts.iter().filter(|effort| locks(effort.cause, effort.work)) {
        let table = &effort.on;
        let Some(severity) = rows::severity(seen, table, reach) else { continue };
        let many = if reach == Reach::All { "every row" } else { "perhaps many rows" };
        let message = format!("{many} of \"{table}\" will be locked until the transaction ends");
        let hit = Hit::new(script::at(seen.statement, effort.span), message)
            .note("who wants to change one of these rows waits; reads go on")
            .note(format!("ORDER BY … LIMIT … FOR UPDATE SKIP LOCKED takes a few of {}", words::sql(table)));
        hits.push(hit.on(table).severity(severity));
    }
}
