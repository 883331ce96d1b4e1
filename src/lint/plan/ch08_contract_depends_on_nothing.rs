//! A contract change that could be deployed before what it completes.

use super::{ANY, Change, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::directive::Phase;
use std::collections::HashSet;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH08",
        name: "contract-depends-on-nothing",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A change of the phase contract requires no change of the phase expand or migrate",
        reason: "The removal is safe only after the new form is there and filled. Only a dependency says so: \
                 it keeps the change from being deployed, reordered or merged before that, and keeps the \
                 others from being reverted while it is deployed.",
        lock: "",
        recipe: "Require the change that moves the data, or the one that adds the new form.\n\n    \
                 change add drop_user_name --requires backfill_username -n 'Nobody reads it any more.'",
        bad: &[Example {
            given: "",
            sql: "-- sqitch.plan\nadd_username\ndrop_user_name\n-- deploy/add_username.sql\n-- change: \
                  phase=expand\nALTER TABLE users ADD COLUMN username TEXT;\n-- \
                  deploy/drop_user_name.sql\n-- change: phase=contract\nALTER TABLE users DROP COLUMN \
                  user_name;",
        }],
        good: &[Example {
            given: "",
            sql: "-- sqitch.plan\nadd_username\nbackfill [add_username]\ncheck [backfill]\ndrop_user_name \
                  [check]\n\
                  -- deploy/add_username.sql\n-- change: phase=expand\nALTER TABLE users ADD COLUMN username \
                  TEXT;\n\
                  -- deploy/backfill.sql\n-- change: phase=migrate\nUPDATE users SET username = user_name;\n\
                  -- deploy/drop_user_name.sql\n-- change: phase=contract\nALTER TABLE users DROP COLUMN \
                  user_name;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    if seen.change.phase() != Some(Phase::Contract) || rests_on_phase(seen) {
        return Vec::new();
    }
    let earlier = seen.earlier().iter().rev();
    let mut moving = earlier.filter(|change| matches!(change.phase(), Some(Phase::Migrate | Phase::Expand)));
    let message = format!("nothing keeps {} from being deployed before what it completes", seen.change.name);
    let hit = PlanHit::new(seen.place(), message);
    vec![match moving.next() {
        Some(Change { name, .. }) => {
            hit.note(format!("if it completes {name}, let it require that: [{name}] in the plan"))
        }
        None => hit.note("no change before it says phase=expand or phase=migrate"),
    }]
}

/// Whether it requires, directly or through others, a change that adds or moves.
fn rests_on_phase(seen: &ChangeSeen<'_>) -> bool {
    let mut met: HashSet<&str> = HashSet::new();
    let mut waiting: Vec<&str> = seen.change.requires.iter().map(String::as_str).collect();
    while let Some(name) = waiting.pop() {
        if !met.insert(name) {
            continue;
        }
        // Nobody here knows the phases of another project.
        if name.contains(':') {
            return true;
        }
        let of_name = |change: &&Change| change.name == name;
        let Some(change) = seen.plan.changes.iter().rev().find(of_name) else { continue };
        if matches!(change.phase(), Some(Phase::Expand | Phase::Migrate)) {
            return true;
        }
        waiting.extend(change.requires.iter().map(String::as_str));
    }
    false
}
