//! A verify script that looks at something else than what the deploy script makes.

use super::ch03_verify_asserts_nothing::asserts;
use super::names::{self, made, says};
use super::words::list;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::statement::{Said, Statement};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH04",
        name: "verify-names-less-than-deploy-makes",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A verify script does not name a table, column, view, function or type that the deploy \
                  script makes",
        reason: "What the verify script does not name it cannot miss. Typically a column was added to the \
                 deploy script later, or the verify script was copied from another change: it goes on saying \
                 yes when half of the change is not there.",
        lock: "",
        recipe: "Name everything that was made.\n\n    \
                 -- deploy\n    \
                 ALTER TABLE orders ADD COLUMN note TEXT;\n    \
                 ALTER TABLE orders ADD COLUMN paid_at TEXT;\n    \
                 -- verify\n    \
                 SELECT note, paid_at FROM orders WHERE false;",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      deploy/note.sql\nALTER TABLE orders ADD COLUMN note TEXT;\n-- verify/note.sql\nSELECT \
                      id FROM orders WHERE 0;",
            },
            Example {
                given: "",
                sql: "-- deploy/shop.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\nCREATE TABLE items \
                      (id INTEGER PRIMARY KEY);\n-- verify/shop.sql\nSELECT id FROM orders WHERE 0;",
            },
        ],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      verify/orders.sql\nSELECT id FROM orders WHERE 0;\n-- deploy/note.sql\nALTER TABLE \
                      orders ADD COLUMN note TEXT;\n\
                      -- verify/note.sql\nSELECT note FROM orders WHERE 0;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, n INT);\n-- \
                      verify/orders.sql\n\
                      SELECT id FROM orders WHERE 0;\n-- deploy/text.sql\nCREATE TABLE new_orders (id \
                      INTEGER PRIMARY KEY, n TEXT);\nINSERT INTO new_orders SELECT id, n FROM orders;\nDROP \
                      TABLE orders;\nALTER TABLE new_orders RENAME TO orders;\n-- verify/text.sql\nSELECT n \
                      FROM orders WHERE 0;",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some(verify) = &seen.change.verify else { return Vec::new() };
    let words = names::all(std::iter::once(verify.text.as_str()), seen.plan.dialect);
    // A script that asserts nothing has a rule of its own, and one that includes others may name it there.
    let opaque = |statement: &Statement| matches!(statement.said, Said::Opaque { .. } | Said::Dynamic);
    if !asserts(verify, seen.plan.dialect) || verify.statements.iter().any(opaque) {
        return Vec::new();
    }
    let said: Vec<&Said> = seen.steps.iter().map(|step| &step.statement.said).collect();
    let unnamed: Vec<String> = made(seen.before, seen.after, seen.born, &said)
        .into_iter()
        .filter(|made| !says(&words, &made.name))
        .map(|made| made.shown())
        .collect();
    if unnamed.is_empty() {
        return Vec::new();
    }
    let message = format!("the verify script does not look at {}", list(&unnamed));
    vec![PlanHit::new(verify.start(), message).note("it says yes whether that was made or not")]
}
