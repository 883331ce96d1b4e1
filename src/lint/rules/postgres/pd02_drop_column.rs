//! A column is dropped.

use super::around;
use super::words::{ident, list, sql};
use crate::lint::effect::{Broken, How};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object};

pub(super) static RULE: Rule = Rule {
    code: "PD02",
    name: "drop-column",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A column is dropped, with all its values",
    reason: "The values are gone for good once this is committed, and so are the indexes and constraints \
             over the column. Running code that names it fails at once; frameworks that read the columns at \
             the start go on naming it until they start anew. The space is not given back before the table \
             is rewritten.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment; nothing is read or rewritten.",
    recipe: "Expand, migrate, contract: let all code stop reading the column, then stop writing it, wait \
             longer than the rarest job, take a snapshot, and drop it in a contract change of its own.\n
    -- while code stops writing it
    ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;
    -- contract, in a later change
    ALTER TABLE orders DROP COLUMN note;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders DROP COLUMN note;" },
        Example {
            given: "CREATE TABLE orders (id bigint, note text NOT NULL);",
            sql: "ALTER TABLE orders DROP COLUMN IF EXISTS note CASCADE;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN work int; UPDATE orders SET work = 1 WHERE id = 1; ALTER \
                  TABLE orders DROP COLUMN work;",
        },
        Example { given: "", sql: "CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;" },
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in seen.effects.broken.iter().filter(|broken| broken.how == How::Gone) {
        let Some(part) = &broken.part else { continue };
        match broken.object {
            Object::Column => hits.extend(dropped(seen, broken, part)),
            Object::Attribute => hits.push(Hit::new(
                broken.span,
                format!(
                    "the attribute {part} of {} is gone, with the values it had in every column",
                    broken.on
                ),
            )),
            _ => {}
        }
    }
}

fn dropped(seen: &Seen<'_>, broken: &Broken, column: &str) -> Option<Hit> {
    let table = &broken.on;
    // A column of the same name that is added again has a rule of its own.
    if around::is_new_column(seen, table, column) || added_again(seen, table, column) {
        return None;
    }
    if let Some(why) = refused(seen, broken, column) {
        return Some(
            Hit::new(broken.span, format!("dropping {table}.{column} fails: {why}"))
                .on(table)
                .note("drop what uses it first, by name: CASCADE would take it along unseen"),
        );
    }
    let mut hit = Hit::new(
        broken.span,
        format!("the column {table}.{column} is gone, with its values: running code that names it fails"),
    )
    .on(table);
    if renamed_into(seen, table, column) {
        return Some(hit.severity(Severity::Advice).note(
            "another column takes its name in the same transaction: its values must have been copied \
             before",
        ));
    }
    if let Some(other) = around::copied_column(seen, table, column) {
        hit = hit
            .note(format!("this script copied its values to {other}; code that still names {column} fails"));
    } else {
        hit = hit.note("take a snapshot first; the revert script cannot bring the values back");
    }
    let (users, surely) = around::users(seen, table, column);
    if !users.is_empty() && !surely {
        let users: Vec<String> = users.into_iter().map(|(_, told)| told).collect();
        hit = hit.note(format!("if it is used by {}, this fails without CASCADE", list(&users)));
    }
    let gone = with_it(seen, table, column);
    if !gone.is_empty() {
        hit = hit.note(format!("with it goes what is built on it: {}", list(&gone)));
    }
    let known = around::column(seen, table, column);
    if known.is_some_and(|own| own.not_null && own.default.is_none() && !own.identity) {
        hit = hit.instead(format!(
            "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL;  -- so that code may leave it out; drop it later",
            sql(table),
            ident(column)
        ));
    }
    Some(hit)
}

/// Whether this statement or a later one adds a column of the same name.
pub(super) fn added_again(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    let mut statements = vec![seen.statement];
    statements.extend(around::later(seen));
    around::actions_on(seen, &statements, table)
        .into_iter()
        .any(|action| matches!(action, Action::AddColumn { column: added, .. } if added.name == column))
}

/// Whether another column gets the name in the same transaction.
fn renamed_into(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    around::actions_on(seen, &around::together(seen), table)
        .into_iter()
        .any(|action| matches!(action, Action::RenameColumn { to, .. } if to == column))
}

/// The indexes and constraints that go with the column.
fn with_it(seen: &Seen<'_>, table: &Name, column: &str) -> Vec<String> {
    let Some(relation) = seen.before.relation(table) else { return Vec::new() };
    let about = |columns: &[String]| columns.iter().any(|own| own == column);
    let constraints =
        relation.constraints.iter().filter(|own| about(&own.columns)).map(|own| own.name.clone());
    let indexes = relation.indexes.iter().filter(|own| about(&own.columns)).map(|own| own.name.clone());
    let mut names: Vec<String> = constraints.chain(indexes).collect();
    names.sort();
    names.dedup();
    names
}

/// Why the server surely refuses to drop it.
fn refused(seen: &Seen<'_>, broken: &Broken, column: &str) -> Option<String> {
    let cascades = around::actions(seen.statement).is_some_and(|(_, actions)| {
        actions.iter().any(|(action, _)| matches!(action, Action::DropColumn { cascade: true, .. }))
    });
    let (users, surely) = around::users(seen, &broken.on, column);
    let users: Vec<String> = users.into_iter().map(|(_, told)| told).collect();
    (surely && !cascades).then(|| format!("it is used by {}", list(&users)))
}
