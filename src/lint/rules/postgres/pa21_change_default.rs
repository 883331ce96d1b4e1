//! A column gets another default.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PA21",
    name: "change-default",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A column gets another default",
    reason: "Rows that are there keep what they have; code that leaves the column out writes something else \
             from now on. Some frameworks read the defaults at the start and send them, or leave out what \
             equals the default they know: until they start anew, they write the old one.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Let running code name the column in its INSERTs before the default changes, and start it anew \
             after.\n
    ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 2;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 2;" },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int DEFAULT 1);",
            sql: "ALTER TABLE orders ALTER qty SET DEFAULT 2;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN u uuid; ALTER TABLE orders ALTER COLUMN u SET DEFAULT \
                  gen_random_uuid();",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int);",
            sql: "ALTER TABLE orders ALTER qty SET DEFAULT 2;",
        },
        Example { given: "", sql: "CREATE TABLE t (n int DEFAULT 1); ALTER TABLE t ALTER n SET DEFAULT 2;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        let Action::SetDefault { column, expr } = action else { continue };
        let known = around::column(seen, table, column);
        let same =
            known.is_some_and(|own| own.default.as_deref().is_none_or(|old| old.trim() == expr.text.trim()));
        let added_here = actions.iter().any(
            |(other, _)| matches!(other, Action::AddColumn { column: added, .. } if added.name == *column),
        );
        if same || added_here || around::is_new_column(seen, table, column) {
            continue;
        }
        let was = known.and_then(|own| own.default.as_deref());
        let was = was.map(|was| format!(", which was {}", was.trim())).unwrap_or_default();
        hits.push(
            Hit::new(
                *span,
                format!("code that leaves out {table}.{column} writes {} from now on{was}", expr.text.trim()),
            )
            .on(table)
            .note("frameworks that keep the old default in memory go on writing it until they start anew"),
        );
    }
}
