//! An expand change that takes something away.

use super::words::{broken, lost};
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::directive::Phase;

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH06",
        name: "expand-breaks",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A change of the phase expand removes or breaks what running code uses",
        reason: "Expand changes are deployed before the code that needs them, while the old code runs. They \
                 may only add. What they take away, rename or forbid is missed by the old code at once, on \
                 every instance, until the new release is out everywhere.",
        lock: "",
        recipe: "Leave the additions in the expand change, and move what removes into a contract change that \
                 is deployed when no old instance is left.\n\n    \
                 -- change: phase=expand\n    \
                 ALTER TABLE users ADD COLUMN username TEXT;\n    \
                 -- in a later change\n    \
                 -- change: phase=contract\n    \
                 ALTER TABLE users DROP COLUMN user_name;",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);\n\
                      -- deploy/rename.sql\n-- change: phase=expand\nALTER TABLE users RENAME COLUMN \
                      user_name TO username;",
            },
            Example { given: "", sql: "-- deploy/clear.sql\n-- change: phase=expand\nDELETE FROM sessions;" },
        ],
        good: &[Example {
            given: "",
            sql: "-- deploy/users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);\n-- \
                  deploy/add.sql\n\
                  -- change: phase=expand\nALTER TABLE users ADD COLUMN username TEXT;\nCREATE TABLE t (a \
                  INT);\nDROP TABLE t;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let meant = seen.change.phase() == Some(Phase::Expand);
    let Some(script) = seen.change.deploy.as_ref().filter(|_| meant) else { return Vec::new() };
    let mut hits = Vec::new();
    for step in seen.steps {
        let taken = step.effects.broken.iter().filter_map(|own| Some((broken(own, seen.after)?, own.span)));
        let lost = step.effects.lost.iter().filter_map(|own| Some((lost(own)?, own.span)));
        let mut all = taken.chain(lost);
        let Some((what, span)) = all.next() else { continue };
        let message = format!("an expand change only adds, but {what}");
        let mut hit = PlanHit::new(script.place(&step.statement, span), message);
        hit.notes.extend(all.map(|(what, _)| what).filter(|what| !hit.message.ends_with(what.as_str())));
        hits.push(hit.note("old code runs until the new release is everywhere; remove in a contract change"));
    }
    hits
}
