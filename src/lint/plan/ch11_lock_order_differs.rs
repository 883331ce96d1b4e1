//! Two changes lock the same two tables, each in its own order.

use super::difference::shown;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH11",
        name: "lock-order-differs",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "Two changes lock the same two tables in one transaction, in different order",
        reason: "A transaction that holds one table and waits for another deadlocks with one that holds the \
                 other and waits for the first; the database then cancels one of the two, and that may be \
                 the deployment or a customer's request. One of the two orders is not that of the \
                 application.",
        lock: "",
        recipe: "Lock tables in the same order everywhere, the one that the application uses. Better: one \
                 table per transaction, so that nothing is held while something else is waited for.",
        bad: &[Example {
            given: "",
            sql: "-- deploy/one.sql\nALTER TABLE orders ADD COLUMN a int;\nALTER TABLE items ADD COLUMN a \
              int;\n-- deploy/two.sql\nALTER TABLE items ADD COLUMN b int;\nALTER TABLE orders ADD COLUMN b \
              int;",
        }],
        good: &[Example {
            given: "",
            sql: "-- deploy/one.sql\nALTER TABLE orders ADD COLUMN a int;\nALTER TABLE items ADD COLUMN a \
              int;\n-- deploy/two.sql\nALTER TABLE orders ADD COLUMN b int;\nALTER TABLE items ADD COLUMN b \
              int;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    for order in seen.orders {
        let other = seen.ordered.get(&(order.then.clone(), order.first.clone()));
        let Some(other) = other.and_then(|at| seen.plan.changes.get(*at)) else { continue };
        let (first, then) = (shown(&order.first), shown(&order.then));
        let other = &other.name;
        let message = format!("this locks {first}, then {then}, and {other} locks {then}, then {first}");
        return vec![PlanHit::new(seen.place(), message).note(
            "whichever order the application has, one of the two can deadlock with it; one table per \
             transaction cannot",
        )];
    }
    Vec::new()
}
