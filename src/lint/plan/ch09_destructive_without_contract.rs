//! A change that takes something away and does not say that it is a contract change.

use super::words::{broken, lost};
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::directive::Phase;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH09",
        name: "destructive-without-contract",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A change drops or renames what running code uses, or loses data, and does not say \
                  phase=contract",
        reason: "The phase tells everybody, and every later check, when a change may be deployed: expand \
                 before the code, contract only when no old instance is left. A removal without a phase goes \
                 out with the next deployment, whoever is running.",
        lock: "",
        recipe: "Say it in the deploy script, and keep the change for removals only.\n\n    \
                 -- change: phase=contract\n    \
                 ALTER TABLE orders DROP COLUMN note;",
        bad: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                  deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;",
        }],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n\
                      -- deploy/drop_note.sql\n-- change: phase=contract\nALTER TABLE orders DROP COLUMN \
                      note;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      deploy/scratch.sql\nCREATE TABLE t (a INT);\nDROP TABLE t;\nALTER TABLE orders ADD \
                      COLUMN note TEXT;",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    // Expand changes have a rule of their own.
    let Some(script) = &seen.change.deploy else { return Vec::new() };
    if matches!(seen.change.phase(), Some(Phase::Contract | Phase::Expand)) {
        return Vec::new();
    }
    let found = seen.steps.iter().find_map(|step| {
        let gone = step
            .effects
            .broken
            .iter()
            .filter(|own| matches!(own.how, How::Gone | How::Renamed { .. } | How::Moved { .. }));
        let taken = gone.filter_map(|own| Some((broken(own, seen.after)?, own.span)));
        let mut all = taken.chain(step.effects.lost.iter().filter_map(|own| Some((lost(own)?, own.span))));
        all.next().map(|(what, span)| (what, script.place(&step.statement, span)))
    });
    let Some((what, place)) = found else { return Vec::new() };
    let said = match seen.change.phase() {
        Some(_) => "this change says phase=migrate",
        None => "this change says no phase",
    };
    let hit = PlanHit::new(place, format!("{what}, and {said}"));
    vec![hit.instead("-- change: phase=contract").note(
        "a contract change is deployed when no old instance \
                                                        is left",
    )]
}
