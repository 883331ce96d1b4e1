//! A required column is added with a default, which the same change takes away again.

use super::around;
use super::pa09_drop_default_of_required_column::settled;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name};

pub(super) static RULE: Rule = Rule {
    code: "PA08",
    name: "default-removed-after-add",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A required column loses the default with which this change added it",
    reason: "The default fills the rows that are there, but running code does not know the column: once the \
             default is gone, each of its INSERTs fails with \"null value violates not-null constraint\". \
             Some frameworks write the two statements together by themselves.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Keep the default until no code runs that does not name the column; take it away in a later \
             change, or never: it does no harm.\n
    ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';
    -- in a later change
    ALTER TABLE orders ALTER COLUMN channel DROP DEFAULT;",
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web'; ALTER TABLE orders \
                  ALTER COLUMN channel DROP DEFAULT;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "ALTER TABLE orders ADD n int NOT NULL DEFAULT 0; UPDATE orders SET n = 1 WHERE id = 1; \
                  ALTER TABLE orders ALTER n DROP DEFAULT;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web';" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN channel text DEFAULT 'web'; ALTER TABLE orders ALTER COLUMN \
                  channel DROP DEFAULT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 0; ALTER TABLE t \
                  ALTER n DROP DEFAULT;",
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
        let Action::DropDefault { column } = action else { continue };
        let required = required_here(seen, table, column);
        if required && !settled(seen, table, column) {
            let message = format!(
                "{table}.{column} is new and must not be null: without its default every INSERT of running \
                 code fails"
            );
            hits.push(
                Hit::new(*span, message)
                    .on(table)
                    .note("take the default away in a later change, when all running code names the column"),
            );
        }
    }
}

/// Whether the column is new and may not be null by now.
fn required_here(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    around::is_new_column(seen, table, column)
        && around::column(seen, table, column).is_some_and(|own| own.not_null && own.default.is_some())
}
