//! ML20: tables, databases and rows that go.

use super::common::{quoted, quoted_name};
use crate::lint::effect::{How, Loss};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML20",
    name: "drop-truncate",
    dialect: Dialect::Mysql,
    severity: Severity::Breaks,
    summary: "A table, database, partition, view or routine is dropped, or all rows are deleted",
    reason: "It cannot be rolled back, inside a transaction or not: the statement commits by itself. The \
        rows are gone, and only a backup brings them back, without what was written since. Whatever still \
        uses the table fails from that moment on.",
    lock: "the exclusive metadata lock of the table; dropping a large one can hold up the whole server for \
        seconds while its file and its pages in memory are given back",
    recipe: "Rename the table away first, so that whatever still needs it is found and can have it back at \
        once, and drop it in a later change, after a backup:\n\n    \
        RENAME TABLE orders TO orders_unused_2024;",
    bad: &[
        Example { given: "", sql: "DROP TABLE orders;" },
        Example { given: "", sql: "TRUNCATE TABLE orders;" },
        Example { given: "", sql: "ALTER TABLE orders DROP PARTITION p2023;" },
        Example { given: "", sql: "DROP DATABASE shop;" },
        Example { given: "", sql: "DROP VIEW active_users;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE orders (id INT); DROP TABLE orders;" },
        Example { given: "", sql: "DROP TEMPORARY TABLE scratch;" },
        Example { given: "", sql: "DROP PROCEDURE IF EXISTS p; CREATE PROCEDURE p() SELECT 1;" },
        Example { given: "", sql: "DROP VIEW v; CREATE VIEW v AS SELECT 1;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Rows) {
        let name = &lost.on;
        match (&seen.statement.said, lost.object) {
            (Said::Write(..), _) => {}
            (Said::Drop { if_exists, .. }, Object::Table) => table(seen, name, *if_exists, hits),
            (_, Object::Schema) => {
                let message =
                    format!("all tables of the database \"{}\" are gone with their rows", name.name);
                hits.push(Hit::new(lost.span, message));
            }
            (_, Object::Partition) => {
                let part = lost.part.as_deref().unwrap_or_default().to_lowercase();
                let message = format!("all rows in the partition \"{part}\" of \"{}\" are gone", name.name);
                hits.push(Hit::new(lost.span, message).on(name));
            }
            _ => {
                let message =
                    format!("all rows of \"{}\" are gone, and no ROLLBACK brings them back", name.name);
                hits.push(Hit::new(lost.span, message).on(name));
            }
        }
    }
    for broken in seen.effects.broken.iter().filter(|broken| broken.how == How::Gone) {
        let routine =
            matches!(broken.object, Object::View | Object::Procedure | Object::Function | Object::Sequence);
        if routine && !comes_back(seen, broken.object, &broken.on) {
            let word = broken.object.word();
            let message =
                format!("the {word} \"{}\" is gone, and whatever still uses it fails", broken.on.name);
            hits.push(Hit::new(broken.span, message));
        }
    }
}

fn table(seen: &Seen<'_>, name: &Name, if_exists: bool, hits: &mut Vec<Hit>) {
    // A script that makes the table is usually the first that speaks of it.
    if if_exists && seen.before.relation(name).is_none() && comes_back(seen, Object::Table, name) {
        let message = format!("if there is a \"{}\" already, it is gone with all its rows", name.name);
        let note = "the script makes a table of this name, so most likely there is none";
        hits.push(Hit::new(seen.statement.span, message).on(name).severity(Severity::Advice).note(note));
        return;
    }
    let message = format!("\"{}\" is gone with all its rows, and whatever still uses it fails", name.name);
    let away = format!("{}_unused", name.name);
    let instead = format!("RENAME TABLE {} TO {};", quoted_name(name), quoted(&away));
    hits.push(Hit::new(seen.statement.span, message).on(name).instead(instead));
}

/// Whether the script makes it again.
fn comes_back(seen: &Seen<'_>, object: Object, name: &Name) -> bool {
    // CREATE OR REPLACE says both at once.
    let after = seen.script.statements.get(seen.position..).unwrap_or_default();
    after.iter().any(|statement| match (&statement.said, object) {
        (Said::CreateTable(create), Object::Table) => create.name == *name,
        (Said::CreateView { name: made, .. }, Object::View) => made == name,
        (Said::CreateFunction(function), Object::Procedure | Object::Function) => function.name == *name,
        (Said::CreateSequence { name: made }, Object::Sequence) => made == name,
        _ => false,
    })
}
