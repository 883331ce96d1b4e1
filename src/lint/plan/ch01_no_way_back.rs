//! A change cannot be taken back.

use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH01",
        name: "no-way-back",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A change has neither a revert script that does something nor a recovery document",
        reason: "When the change goes wrong in production, somebody has to find out at night how to undo it. \
                 An empty revert script, or one that only comments and selects, passes every check and \
                 undoes nothing. `change deploy` refuses such a change.",
        lock: "",
        recipe: "Write the revert script. If the change cannot be undone by a script, because it destroys \
                 data, write recovery/NAME.md: which backup, how the data is rebuilt, how long that takes. \
                 If there is nothing to undo, say so and why:\n\n    \
                 -- change: revert=nothing because \"only comments on columns\"",
        bad: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                  revert/orders.sql\nBEGIN;\nCOMMIT;",
        }],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      revert/orders.sql\nDROP TABLE orders;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nSELECT 1;\n-- revert/orders.sql\n-- change: revert=nothing \
                      because \"it only reads\"",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Err(why) = &seen.way_back else { return Vec::new() };
    // What a document lacks has a rule of its own.
    if seen.change.deploy.is_none() || seen.change.recovery.is_some() {
        return Vec::new();
    }
    let place = seen.change.revert.as_ref().map_or_else(|| seen.place(), super::Script::start);
    let message = format!("{} cannot be taken back: {why}", seen.change.name);
    vec![PlanHit::new(place, message).note(format!(
        "write {}, or recovery/{}.md if no script can undo it",
        seen.sibling("revert"),
        seen.change.name
    ))]
}
