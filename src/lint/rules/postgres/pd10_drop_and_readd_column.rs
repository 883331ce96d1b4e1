//! A column is dropped and added again.

use super::around;
use super::pd02_drop_column::added_again;
use super::words::{ident, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PD10",
    name: "drop-and-readd-column",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A column is dropped and one of the same name added",
    reason: "The name is there again, and the values are not: every row holds NULL or the default. No query \
             fails, so it is noticed late. Tools that compare two schemas write this for a new type or a new \
             name.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Change the type in place where that is free, or add a column of another name, fill it in \
             batches, move the readers over, and drop the old one later.\n
    ALTER TABLE orders ADD COLUMN state_text text;
    UPDATE orders SET state_text = state::text WHERE id BETWEEN 1 AND 5000;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders DROP COLUMN state, ADD COLUMN state text;" },
        Example {
            given: "CREATE TABLE orders (id bigint, state int);",
            sql: "ALTER TABLE orders DROP COLUMN state; ALTER TABLE orders ADD COLUMN state text DEFAULT \
                  'new';",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, state int);",
            sql: "ALTER TABLE orders ALTER COLUMN state TYPE text;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int); ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        let Action::DropColumn { name, .. } = action else { continue };
        let generated = around::column(seen, table, name).is_some_and(|own| own.generated.is_some());
        if generated || around::is_new_column(seen, table, name) || !added_again(seen, table, name) {
            continue;
        }
        let message =
            format!("{table}.{name} is dropped and added again: its values are gone, and no query says so");
        let hit = Hit::new(*span, message).on(table);
        hits.push(match around::copied_column(seen, table, name) {
            Some(other) => hit
                .severity(Severity::Advice)
                .note(format!("this script copied its values to {other} before")),
            None => hit
                .note("take a snapshot first; the revert script cannot bring the values back")
                .instead(format!(
                    "ALTER TABLE {table} RENAME COLUMN {name} TO {old};  -- keeps the values; drop it later",
                    table = sql(table),
                    name = ident(name),
                    old = ident(&format!("{name}_old")),
                )),
        });
    }
}
