//! PS12: a hash index.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS12",
    name: "hash-index",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new index is a hash index",
    reason: "It answers equality on one column only: no ranges, no sorting, no uniqueness, no index-only \
             scans. A btree is about as fast at that.",
    lock: "",
    recipe: concat!(
        "Leave the method away:\n\n",
        "    CREATE INDEX CONCURRENTLY orders_ref_idx ON orders (ref);"
    ),
    bad: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_ref_idx ON orders USING hash (ref);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, a int);\nCREATE INDEX ON t USING HASH (a);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_ref_idx ON orders (ref);" },
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_tags_idx ON orders USING gin (tags);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateIndex { table, method: Some(method), .. } = &seen.statement.said else { return };
    if method == "hash" {
        let message =
            format!("a hash index on \"{table}\" answers equality only; a btree does that and more");
        hits.push(Hit::new(seen.statement.span, message));
    }
}
