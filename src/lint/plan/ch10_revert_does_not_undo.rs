//! A revert script that does not undo what the deploy script did.

use super::difference::{self, Differences};
use super::names;
use super::words::list;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, Script, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::policy::way_back::WayBack;
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said, Statement};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH10",
        name: "revert-does-not-undo",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "After deploy and revert the schema is not what it was, or the revert script fails",
        reason: "The deploy and the revert script were followed through what is known of the schema, and it \
                 did not come back the same. What stays behind makes the next deployment fail (\"already \
                 exists\"). What does not come back, or comes back with another type, default or NOT NULL, \
                 is missed by the code that the revert was meant to save.",
        lock: "",
        recipe: "Undo everything, in reverse order: drop what was made, make again what was dropped, with \
                 the same type, default and constraints.\n\n    \
                 -- deploy\n    \
                 ALTER TABLE orders ADD COLUMN paid_at TEXT;\n    \
                 ALTER TABLE orders DROP COLUMN note;\n    \
                 -- revert\n    \
                 ALTER TABLE orders ADD COLUMN note TEXT NOT NULL DEFAULT '';\n    \
                 ALTER TABLE orders DROP COLUMN paid_at;",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/shop.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\nCREATE TABLE items \
                      (id INTEGER PRIMARY KEY);\n-- revert/shop.sql\nDROP TABLE orders;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT NOT NULL \
                      DEFAULT 'x');\n\
                      -- revert/orders.sql\nDROP TABLE orders;\n-- deploy/drop_note.sql\nALTER TABLE orders \
                      DROP COLUMN note;\n\
                      -- revert/drop_note.sql\nALTER TABLE orders ADD COLUMN note INT;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\nCREATE \
                      INDEX i ON orders (note);\n-- revert/orders.sql\nDROP TABLE orders;\n-- \
                      deploy/index.sql\nDROP INDEX i;\nALTER TABLE orders RENAME COLUMN note TO remark;\n-- \
                      revert/index.sql\nALTER TABLE orders RENAME COLUMN remark TO note;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      revert/orders.sql\nDROP TABLE orders;\n-- deploy/index.sql\nCREATE INDEX i ON orders \
                      (note);\n-- revert/index.sql\nALTER TABLE orders DROP COLUMN note;",
            },
        ],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/shop.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\nCREATE \
                      INDEX i ON orders (note);\n-- revert/shop.sql\nDROP TABLE orders;\n-- \
                      deploy/rename.sql\nALTER TABLE orders RENAME TO o;\n\
                      ALTER TABLE o ADD COLUMN n INT;\n-- revert/rename.sql\nALTER TABLE o DROP COLUMN \
                      n;\nALTER TABLE o RENAME TO orders;",
            },
            Example {
                given: "",
                sql: "-- deploy/drop.sql\nDROP TABLE unknown;\nALTER TABLE other DROP COLUMN c;\n-- \
                      revert/drop.sql\nCREATE TABLE unknown (a INT);\nALTER TABLE other ADD COLUMN c INT;",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let (Some(script), Some(reverted)) = (&seen.change.revert, seen.reverted) else { return Vec::new() };
    // Whether it does anything at all is the question of another rule.
    let dark = |statement: &Statement| is_dark(statement, seen.plan.dialect);
    if seen.way_back.as_ref().ok() != Some(&WayBack::Script) || script.statements.iter().any(dark) {
        return Vec::new();
    }
    if let Some(failed) = seen.revert_fails.first().filter(|_| !seen.dark) {
        let message = format!("the revert script fails here: {}", failed.why);
        return vec![PlanHit::new(failed.place.clone(), message).note("with it the whole revert fails")];
    }
    let added = added(seen);
    let mut found = difference::between(seen.before, reverted, seen.born, &added);
    found.left.extend(unnamed(seen, script));
    told(script, &found)
}

/// Whether nobody can tell what a statement does to the schema.
fn is_dark(statement: &Statement, dialect: Dialect) -> bool {
    names::is_dark(statement, dialect, false) || statement.body.iter().any(|inner| is_dark(inner, dialect))
}

/// The columns that the deploy script adds to tables that it does not make.
fn added(seen: &ChangeSeen<'_>) -> Vec<(Name, String)> {
    let mut found = Vec::new();
    for step in seen.steps {
        let Said::AlterTable { table, actions, .. } = &step.statement.said else { continue };
        let key = seen.after.relation_key(table).unwrap_or_else(|| seen.after.key(table));
        for (action, _) in actions {
            if let Action::AddColumn { column, .. } = action {
                found.push((key.clone(), column.name.clone()));
            }
        }
    }
    found
}

/// Things that no catalogue here holds, and that the revert script does not even name.
fn unnamed(seen: &ChangeSeen<'_>, script: &Script) -> Vec<String> {
    let words = names::all(std::iter::once(script.text.as_str()), seen.plan.dialect);
    let made = seen.steps.iter().filter_map(|step| match &step.statement.said {
        Said::CreateSequence { name } => Some(("sequence", name.name.as_str())),
        Said::CreateSchema { name, database: false } => Some(("schema", name.as_str())),
        _ => None,
    });
    let left = made.filter(|(_, name)| !names::says(&words, name));
    left.map(|(what, name)| format!("the {what} {name}")).collect()
}

fn told(script: &Script, found: &Differences) -> Vec<PlanHit> {
    if found.is_empty() {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    if !found.left.is_empty() {
        sentences.push(format!("the revert script leaves {} behind", list(&found.left)));
    }
    if !found.missing.is_empty() {
        sentences.push(format!("the revert script does not bring back {}", list(&found.missing)));
    }
    sentences.extend(found.changed.iter().map(|what| format!("after the revert {what}")));
    let mut rest = sentences.into_iter();
    let mut hit = PlanHit::new(script.start(), rest.next().unwrap_or_default());
    hit.notes.extend(rest);
    if !found.left.is_empty() {
        hit = hit.note("the next deployment will find it there and fail");
    }
    vec![hit]
}
