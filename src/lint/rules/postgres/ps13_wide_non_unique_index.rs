//! PS13: an index of many columns.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS13",
    name: "wide-non-unique-index",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new index has more than three columns and is not unique",
    reason: "Each further column makes the index larger and every write dearer, and seldom narrows the \
             search that the first ones left.",
    lock: "",
    recipe: "Begin with the columns that narrow most, and stop at three unless a query proves that it needs \
             more.",
    bad: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_wide_idx ON orders (a, b, c, d);" },
        Example {
            given: "",
            sql: "CREATE INDEX CONCURRENTLY orders_wide_idx ON orders USING btree (a, b, c, d, e);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_abc_idx ON orders (a, b, c);" },
        Example { given: "", sql: "CREATE UNIQUE INDEX CONCURRENTLY orders_key ON orders (a, b, c, d);" },
        Example {
            given: "",
            sql: "CREATE INDEX CONCURRENTLY orders_brin ON orders USING brin (a, b, c, d);",
        },
    ],
    check,
};

/// More columns than these seldom pay.
const MOST: usize = 3;

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateIndex { table, keys, unique: false, method, .. } = &seen.statement.said else { return };
    if keys.len() > MOST && method.as_deref().is_none_or(|method| method == "btree") {
        let message =
            format!("this index on \"{table}\" has {} columns; more than {MOST} seldom pay", keys.len());
        hits.push(Hit::new(seen.statement.span, message));
    }
}
