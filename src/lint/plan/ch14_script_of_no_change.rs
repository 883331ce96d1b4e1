//! A script that nothing runs.

use super::{ANY, Check, Plan, PlanHit, PlanRule, nothing};
use crate::error::Place;
use crate::lint::rule::{Example, Rule, Severity};
use crate::suggest::suggest;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH14",
        name: "script-of-no-change",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A file in the folders of scripts belongs to no change of the plan",
        reason: "Nothing runs it. Either its line in the plan was forgotten or lost in a merge, and \
                 production will miss the change; or its name is misspelt, and its change goes without it; \
                 or it is left over.",
        lock: "",
        recipe: "Add the change, give the file the right name, or delete it.\n\n    \
                 change add drop_note -n 'Nobody reads it any more.'",
        bad: &[Example {
            given: "",
            sql: "-- sqitch.plan\norders\n-- deploy/orders.sql\nCREATE TABLE orders (id INT);\n-- \
                  revert/order.sql\nDROP TABLE orders;",
        }],
        good: &[Example {
            given: "",
            sql: "-- sqitch.plan\norders\n-- deploy/orders.sql\nCREATE TABLE orders (id INT);\n-- \
                  revert/orders.sql\nDROP TABLE orders;",
        }],
        check: nothing,
    },
    check: Check::Plan(check),
};

fn check(plan: &Plan) -> Vec<PlanHit> {
    let hits = plan.stray.iter().map(|file| {
        let name = file.split_once('/').map_or(file.as_str(), |(_, name)| name);
        let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
        let message = format!("no change of the plan is called {name}: nothing runs this file");
        let hit = PlanHit::new(Place::new(file, 1, 1), message);
        match suggest(name, plan.changes.iter().map(|change| change.name.as_str())) {
            Some(near) => hit.note(format!("there is a change called {near}")),
            None => hit.note(format!("change add {name} makes one, and leaves the file as it is")),
        }
    });
    hits.collect()
}
