//! A column may be null from now on.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Said};

pub(super) static RULE: Rule = Rule {
    code: "PA20",
    name: "drop-not-null",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A column may be null from now on",
    reason: "Writers that were held to a value no longer are, and readers that never met NULL in the column \
             may: typed clients fail to decode it, comparisons and NOT IN lose rows. To set NOT NULL again \
             takes a scan, and fails once there is a NULL.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Let readers cope with NULL first, then drop the constraint, then let writers leave the value \
             out.\n
    ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN qty DROP NOT NULL;" },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int NOT NULL);",
            sql: "ALTER TABLE orders ALTER qty DROP NOT NULL;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, qty int);",
            sql: "ALTER TABLE orders ALTER qty DROP NOT NULL;",
        },
        Example { given: "", sql: "CREATE TABLE t (n int NOT NULL); ALTER TABLE t ALTER n DROP NOT NULL;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::AlterDomain { name, action: Action::DropNotNull { .. } } = &seen.statement.said {
        if !seen.before.bore(name) {
            let message =
                format!("columns of the domain {name} may be null from now on: readers may meet NULL");
            hits.push(Hit::new(seen.statement.span, message));
        }
        return;
    }
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        let Action::DropNotNull { column } = action else { continue };
        let nullable = around::column(seen, table, column).is_some_and(|own| !own.not_null);
        // As the first step of dropping the column it is just right.
        let dropped = actions
            .iter()
            .any(|(other, _)| matches!(other, Action::DropColumn { name, .. } if name == column));
        if nullable || dropped || around::is_new_column(seen, table, column) {
            continue;
        }
        hits.push(
            Hit::new(*span, format!("{table}.{column} may be null from now on: readers may meet NULL"))
                .on(table)
                .note("harmless if all readers cope with NULL; a revert has to scan the table"),
        );
    }
}
