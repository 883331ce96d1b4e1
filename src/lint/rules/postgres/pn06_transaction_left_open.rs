//! PN06: a transaction that is never committed.

use super::script;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PN06",
    name: "transaction-left-open",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "BEGIN without COMMIT",
    reason: "At the end of the script the session ends, and the server takes back what was not committed. \
             No statement fails, so the change is recorded as deployed although nothing of it is there. \
             Until then all its locks are held.",
    lock: "All locks of the statements since BEGIN, until the session ends.",
    recipe: "End the script with COMMIT, or leave BEGIN away: the runner makes a transaction of the script.",
    bad: &[
        Example { given: "", sql: "BEGIN;\nALTER TABLE orders ADD COLUMN z int;" },
        Example {
            given: "",
            sql: "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (id int);",
        },
    ],
    good: &[
        Example { given: "", sql: "BEGIN;\nALTER TABLE orders ADD COLUMN z int;\nCOMMIT;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN z int;" },
        Example { given: "", sql: "START TRANSACTION;\nALTER TABLE orders ADD COLUMN z int;\nEND;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.statement.said != Said::Begin || !script::is_top(seen) {
        return;
    }
    let all = seen.script.statements;
    let nested = script::opened(all, seen.position).is_some();
    let rest = all.get(seen.position + 1..).unwrap_or_default();
    if nested || rest.iter().any(script::closes) {
        return;
    }
    let message = "this transaction is never committed: the server takes its work back when the script ends";
    let hit = Hit::new(seen.statement.span, message)
        .note("no statement fails, so the change would count as deployed")
        .note("write COMMIT at the end, or leave BEGIN away");
    hits.push(hit);
}
