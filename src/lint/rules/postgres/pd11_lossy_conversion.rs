//! A change of type that rounds or cuts values.

use super::around;
use crate::lint::effect::Loss;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PD11",
    name: "lossy-conversion",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A change of type that rounds, cuts or shifts values",
    reason: "A smaller scale rounds, timestamptz(0) drops the fractions of seconds, a USING expression may cut letters: \
             without an error, in every row, and for good. To change the type back does not bring the values back. \
             (Where a value does not fit at all, the statement fails instead.)",
    lock: "ACCESS EXCLUSIVE on the table while all of it is rewritten.",
    recipe: "Count first the rows that would change. If there are any, keep the old column beside the new one until \
             nobody needs what is lost.\n
    SELECT count(*) FROM orders WHERE placed_at <> placed_at::timestamptz(0);",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint, placed_at timestamptz);",
            sql: "ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz(0);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, total numeric(12, 4));",
            sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint, total numeric(10, 2));",
            sql: "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, note varchar(10));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE text;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Precision) {
        let Some(column) = &lost.part else { continue };
        let table = &lost.on;
        if around::added_here(seen, table, column).is_some() {
            continue;
        }
        let rows = seen.before.relation(table).and_then(|relation| relation.rows);
        if rows == Some(0) {
            continue;
        }
        let was = around::column(seen, table, column).and_then(|own| own.ty.as_ref());
        let was = was.map(|ty| format!(" from {}", ty.written())).unwrap_or_default();
        let message = format!("values of {table}.{column} are rounded or cut by the conversion{was}, without an error");
        hits.push(
            Hit::new(lost.span, message)
                .on(table)
                .note("harmless if every value comes back the same: compare before and after on a copy")
                .note("the revert script cannot bring back what is cut off"),
        );
    }
}
