//! ML03: an `ALTER TABLE` that asks for a copy, or for a lock that keeps others waiting.

use super::common::approach_to;
use crate::lint::effect::mysql::{Way, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML03",
    name: "copy-or-shared-lock-requested",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "ALGORITHM=COPY, LOCK=SHARED or LOCK=EXCLUSIVE is asked for",
    reason: "Each of these makes the statement stronger than it has to be. ALGORITHM=COPY copies every row \
        although there may be a cheaper way, and writes wait meanwhile. With LOCK=SHARED writes wait, with \
        LOCK=EXCLUSIVE reads wait too, for as long as an index or the table is built.",
    lock: "ALGORITHM=COPY and LOCK=SHARED: no writes until it is done. LOCK=EXCLUSIVE: nobody until it is \
        done.",
    recipe: "Leave the clause out, or ask for the opposite:\n\n    \
        ALTER TABLE orders ADD INDEX (placed_at), ALGORITHM=INPLACE, LOCK=NONE;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD INDEX (placed_at), LOCK=EXCLUSIVE;" },
        Example { given: "", sql: "ALTER TABLE orders ADD INDEX (placed_at), LOCK=SHARED;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=COPY;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD INDEX (placed_at), LOCK=NONE;" },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INT); ALTER TABLE orders ADD INDEX (id), LOCK=EXCLUSIVE;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some(approach) = approach_to(seen).filter(|approach| approach.refused.is_none()) else { return };
    let table = approach.table;
    let span = seen.statement.span;
    if approach.has(Why::Requested) && approach.under.stops_writes() {
        let message = format!(
            "ALGORITHM=COPY copies every row of \"{}\", and writes to it wait until that is done",
            table.name
        );
        hits.push(Hit::new(span, message).on(table));
        return;
    }
    let (lock, who) = match approach.clauses.lock.as_deref() {
        Some("SHARED") => ("SHARED", "writes to"),
        Some("EXCLUSIVE") => ("EXCLUSIVE", "all reads and writes of"),
        _ => return,
    };
    let needed = lock == "SHARED" && approach.parts.iter().any(|part| part.way >= Way::Shared);
    let works = approach.way >= Way::Index;
    let (message, severity) = match (works, needed) {
        // What waits anyway is found by the rule for its reason.
        (_, true) => return,
        (true, false) => (
            format!("LOCK={lock} keeps {who} \"{}\" waiting until the work is done", table.name),
            Severity::Blocks,
        ),
        (false, false) => (format!("LOCK={lock} asks for more than this needs"), Severity::Advice),
    };
    hits.push(Hit::new(span, message).on(table).severity(severity));
}
