//! A contract change that does something else, too.

use super::names::made;
use super::words::list;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::directive::Phase;
use crate::sql::statement::{Said, WriteKind};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH07",
        name: "contract-not-alone",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A change of the phase contract also adds something or moves data",
        reason: "Contract changes wait until no old instance is left, often for weeks, and cannot be taken \
                 back without loss. What else is in such a change waits with it, and when it has to be \
                 undone, the loss is undone with it. In a change of its own each part has its own time and \
                 its own way back.",
        lock: "",
        recipe: "One change adds (expand), one moves the data (migrate), one removes (contract).\n\n    \
                 change add drop_user_name --requires backfill_username -n 'Nobody reads it any more.'",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);\n\
                      -- deploy/names.sql\n-- change: phase=contract\nALTER TABLE users ADD COLUMN username \
                      TEXT;\nALTER TABLE users DROP COLUMN user_name;",
            },
            Example {
                given: "",
                sql: "-- deploy/users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, a TEXT, b TEXT);\n\
                      -- deploy/names.sql\n-- change: phase=contract\nUPDATE users SET b = a;\nALTER TABLE \
                      users DROP COLUMN a;",
            },
        ],
        good: &[Example {
            given: "",
            sql: "-- deploy/users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, user_name TEXT);\nCREATE \
                  VIEW names AS SELECT * FROM users;\n-- deploy/names.sql\n-- change: phase=contract\nDROP \
                  VIEW names;\nALTER TABLE users DROP COLUMN user_name;\nCREATE VIEW names AS SELECT id FROM \
                  users;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let meant = seen.change.phase() == Some(Phase::Contract);
    let Some(script) = seen.change.deploy.as_ref().filter(|_| meant) else { return Vec::new() };
    let mut hits = Vec::new();
    let said: Vec<&Said> = seen.steps.iter().map(|step| &step.statement.said).collect();
    let made: Vec<String> =
        made(seen.before, seen.after, seen.born, &said).iter().map(super::names::Made::shown).collect();
    if !made.is_empty() {
        let message = format!("a contract change only removes, but this one makes {}", list(&made));
        hits.push(PlanHit::new(script.start(), message).note("put that into an expand change of its own"));
    }
    let moving = seen.steps.iter().find(|step| match &step.statement.said {
        Said::Write(writes, _) => writes.iter().any(|write| {
            let moves = matches!(write.kind, WriteKind::Update | WriteKind::InsertSelect | WriteKind::Merge);
            moves && is_there(seen, &write.table)
        }),
        _ => false,
    });
    if let Some(step) = moving {
        let place = script.place(&step.statement, step.statement.span);
        let message = "a contract change only removes, but this moves data";
        hits.push(PlanHit::new(place, message).note(
            "put that into a migrate change of its own, before this \
                                                     one",
        ));
    }
    hits
}

/// Whether a table was there before and is there afterwards, so that it is no help for a rebuild.
fn is_there(seen: &ChangeSeen<'_>, table: &crate::sql::statement::Name) -> bool {
    seen.before.relation_key(table).is_some() && seen.after.relation_key(table).is_some()
}
