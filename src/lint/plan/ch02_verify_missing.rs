//! Nothing checks that a change worked.

use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::statement::Said;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH02",
        name: "verify-missing",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A change has no verify script, or an empty one",
        reason: "`change deploy` runs the verify script right after the deploy script and takes the change \
                 back when it fails; `change verify` runs it at any later time. Without one, a deploy script \
                 that runs without an error and does the wrong thing is recorded as a success.",
        lock: "",
        recipe: "Write a script that fails when the change is not there. A query that names what was made is \
                 enough:\n\n    \
                 SELECT id, ref FROM orders WHERE false;",
        bad: &[
            Example { given: "", sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);" },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      verify/orders.sql\nBEGIN;\n\
                      ROLLBACK;",
            },
        ],
        good: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                  verify/orders.sql\nSELECT id FROM orders WHERE 0;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some(deploy) = &seen.change.deploy else { return Vec::new() };
    if deploy.statements.iter().all(is_control) {
        return Vec::new();
    }
    let (name, path) = (&seen.change.name, seen.sibling("verify"));
    let hit = match &seen.change.verify {
        None => {
            let message = format!("nothing checks that {name} worked: {path} is missing");
            PlanHit::new(seen.place(), message)
        }
        Some(verify) if verify.statements.iter().all(is_control) => {
            let message = format!("nothing checks that {name} worked: its verify script is empty");
            PlanHit::new(verify.start(), message)
        }
        Some(_) => return Vec::new(),
    };
    vec![hit.note("write a query that fails when the change is not there")]
}

/// Whether a statement only begins or ends a transaction.
fn is_control(statement: &crate::sql::statement::Statement) -> bool {
    matches!(statement.said, Said::Begin | Said::Commit | Said::Rollback | Said::Savepoint)
}
