//! A script whose work is lost.

use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, Script, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::statement::Said;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH16",
        name: "change-left-open",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A deploy or revert script begins a transaction and does not end it",
        reason: "When the client leaves, the database rolls back what is open: everything since BEGIN is \
                 lost, without an error. With Sqitch the change is then recorded as deployed, and nothing of \
                 it is there. `change deploy` refuses such a script.",
        lock: "",
        recipe: "End it.\n\n    \
                 BEGIN;\n    \
                 CREATE TABLE orders (id INTEGER PRIMARY KEY);\n    \
                 COMMIT;",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nBEGIN;\nCREATE TABLE orders (id INTEGER PRIMARY \
                                       KEY);",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      revert/orders.sql\nBEGIN;\nDROP TABLE orders;",
            },
        ],
        good: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nBEGIN;\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\nCOMMIT;\n-- \
                  verify/orders.sql\nBEGIN;\n\
                  SELECT id FROM orders;\n-- revert/orders.sql\nDROP TABLE orders;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    // What a verify script leaves open is rolled back anyway.
    let scripts = [&seen.change.deploy, &seen.change.revert].into_iter().flatten();
    scripts.filter(|script| script.left_open).map(found).collect()
}

fn found(script: &Script) -> PlanHit {
    let begin = script.statements.iter().rev().find(|statement| statement.said == Said::Begin);
    let place = begin.map_or_else(|| script.start(), |statement| script.place(statement, statement.span));
    let message = "this transaction is never ended: what the script does after it is rolled back without an \
                   error";
    PlanHit::new(place, message).instead("COMMIT;")
}
