//! A column gets a new name.

use super::around;
use super::words::{ident, sql};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA02",
    name: "rename-column",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A column gets a new name while running code uses the old one",
    reason: "From the commit on, every statement that names the old column fails with \"column does not \
             exist\". During a deploy old and new code run side by side, so there is no moment at which the \
             rename fits both. Views keep the old name for their readers; queries in the application do \
             not.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment; nothing is read or rewritten.",
    recipe: "Expand, migrate, contract: add the new column, let the application write both (or a trigger), \
             fill the new one in batches, move the readers over, and drop the old one in a later change.\n
    -- expand
    ALTER TABLE orders ADD COLUMN remark text;
    -- migrate, in batches
    UPDATE orders SET remark = note WHERE id BETWEEN 1 AND 5000 AND remark IS DISTINCT FROM note;
    -- contract, when nothing names it any more
    ALTER TABLE orders DROP COLUMN note;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders RENAME COLUMN note TO remark;" },
        Example {
            given: "CREATE TABLE orders (id bigint, note text);",
            sql: "ALTER TABLE orders RENAME note TO remark;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN remark text; ALTER TABLE orders RENAME remark TO comment;",
        },
        Example { given: "", sql: "CREATE TABLE t (a int); ALTER TABLE t RENAME a TO b;" },
        Example {
            given: "CREATE TABLE orders (id bigint, CONSTRAINT c CHECK (id > 0));",
            sql: "ALTER TABLE orders RENAME CONSTRAINT c TO id_is_positive;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int, qty_big bigint);",
            sql: "BEGIN; ALTER TABLE orders RENAME qty TO qty_int; ALTER TABLE orders RENAME qty_big TO qty; COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        let (Object::Column, How::Renamed { to }, Some(column)) = (broken.object, &broken.how, &broken.part)
        else {
            continue;
        };
        let table = &broken.on;
        if around::is_new_column(seen, table, column)
            || hidden_by_view(seen, table, column)
            || is_exchanged(seen, table, column, to)
        {
            continue;
        }
        let message = format!(
            "the column {table}.{column} is called {to} from now on: running code that names {column} fails"
        );
        let mut hit = Hit::new(broken.span, message).on(table).note(
            "old and new code run side by side during a deploy: one of them names a column that is not there",
        );
        if let Some(ty) = around::column(seen, table, column).and_then(|own| own.ty.as_ref()) {
            hit = hit.instead(format!(
                "ALTER TABLE {table} ADD COLUMN {to} {ty};  -- write both, copy {old} in batches, drop it \
                 later",
                table = sql(table),
                to = ident(to),
                ty = ty.written(),
                old = ident(column),
            ));
        }
        hits.push(hit);
    }
}

/// Whether another column gets the name at once, or this one gets the name of another that was there: who
/// names it goes on finding one.
fn is_exchanged(seen: &Seen<'_>, table: &Name, column: &str, to: &str) -> bool {
    if !seen.before.in_transaction {
        return false;
    }
    let follows = around::actions_on(seen, &around::together(seen), table)
        .into_iter()
        .any(|action| matches!(action, Action::RenameColumn { to, .. } if to == column));
    let renamed = around::actions_on(seen, &around::earlier(seen), table)
        .into_iter()
        .any(|action| matches!(action, Action::RenameColumn { name, .. } if name == to));
    follows || renamed
}

/// Whether the table was renamed in this script and a view of its old name still shows the column.
fn hidden_by_view(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    let key = seen.before.key(table);
    let Some((old, _)) = seen.before.renamed.iter().find(|(_, new)| *new == key) else { return false };
    let shows = |said: &Said| match said {
        Said::CreateView { columns: Some(columns), .. } => columns.iter().any(|own| own == column),
        _ => false,
    };
    around::made_again(seen, old).is_some_and(|(by, at_once)| at_once && shows(&by.said))
}
