//! A change that loses rows or values, and nothing says where a copy of them is.

use super::words::lost;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, nothing};
use crate::lint::effect::{Loss, Lost};
use crate::lint::rule::{Example, Rule, Severity};
use crate::policy::recovery;
use crate::sql::statement::{Expr, Name, Reads, Said, Statement};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH18",
        name: "data-lost-without-copy",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A change loses rows or values, no script copies them before, and no recovery document \
                  names a backup",
        reason: "A revert script brings back the form of a table or a column, and it comes back empty. \
                 Whether the data can come back is decided before the change runs: by a copy that a script \
                 makes, or by a backup that somebody has looked at. Weeks later, when a job is found that \
                 needed the column, the nightly backups of that day may be gone.",
        lock: "",
        recipe: "Copy what goes into a table that stays for a while, in a change of its own before this \
                 one, and drop that table when nobody has missed anything.\n\n    \
                 CREATE TABLE orders_note_kept AS SELECT id, note FROM orders;\n\n\
                 Or write down in recovery/NAME.md which backup holds it and how it comes back.\n\n    \
                 ## Recovery path\n    \
                 - Backup: nightly dump in the vault, kept 30 days\n    \
                 - Rebuild: restore orders.note from it\n    \
                 - Estimated time: 20 min",
        bad: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                  deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;\n-- \
                  revert/drop_note.sql\nALTER TABLE orders ADD COLUMN note TEXT;",
        }],
        good: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      deploy/keep_note.sql\nCREATE TABLE orders_note_kept AS SELECT id, note FROM \
                      orders;\n-- deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;\n-- \
                      recovery/drop_note.md\n## Recovery path\n- Backup: nightly dump\n- Rebuild: restore \
                      the column from it\n- Estimated time: 20 min",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n-- \
                      deploy/move.sql\nALTER TABLE orders ADD COLUMN remark TEXT;\nUPDATE orders SET remark \
                      = note;\n-- deploy/drop_note.sql\nALTER TABLE orders DROP COLUMN note;",
            },
        ],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some(script) = &seen.change.deploy else { return Vec::new() };
    if seen.change.recovery.as_ref().is_some_and(|(_, text)| recovery::names_backup(text)) {
        return Vec::new();
    }
    let first = seen.steps.iter().enumerate().find_map(|(at, step)| {
        let own = step.effects.lost.iter().find(|own| !is_copied(own, seen, at))?;
        Some((lost(own)?, script.place(&step.statement, own.span)))
    });
    let Some((what, place)) = first else { return Vec::new() };
    let hit = PlanHit::new(place, format!("{what}, and nothing says where a copy is"));
    vec![
        hit.note("a revert script can bring back the form, not what was in it")
            .instead(format!("-- recovery/{}.md, or a copy in an earlier change", seen.change.name)),
    ]
}

/// Whether a statement before that one, of this change or of an earlier one, copies what is lost. What is
/// lost in part, or is no data, is for other rules.
fn is_copied(lost: &Lost, seen: &ChangeSeen<'_>, at: usize) -> bool {
    if !matches!(lost.what, Loss::Rows | Loss::Values) {
        return true;
    }
    let here = seen.steps.iter().take(at).map(|step| &step.statement);
    let earlier = seen.earlier().iter().filter_map(|change| change.deploy.as_ref());
    here.chain(earlier.flat_map(|script| &script.statements)).any(|statement| copies(statement, lost))
}

fn copies(statement: &Statement, lost: &Lost) -> bool {
    let reads = |reads: &Reads| reads.relations.iter().any(|name| name.name == lost.on.name);
    match &statement.said {
        Said::CreateTable(create) => create.filled_from.as_ref().is_some_and(reads),
        Said::Read(from) => from.into.is_some() && reads(from),
        Said::Write(writes, from) => {
            let into_column = |(column, value): &(String, Expr)| {
                lost.part.as_ref().is_some_and(|part| column != part && value.columns.contains(part))
            };
            let own = |table: &Name| table.name == lost.on.name;
            writes
                .iter()
                .any(|write| if own(&write.table) { write.sets.iter().any(into_column) } else { reads(from) })
        }
        _ => false,
    }
}
