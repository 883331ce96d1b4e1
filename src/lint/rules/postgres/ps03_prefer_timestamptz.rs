//! PS03: `timestamp` without a time zone.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS03",
    name: "prefer-timestamptz",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new column is timestamp without time zone",
    reason: "It keeps the digits of a clock on a wall and drops the zone: two servers in two zones write \
             different digits for the same moment. To make it timestamptz later rewrites the table unless \
             the session's zone is UTC.",
    lock: "",
    recipe: concat!(
        "It takes the same eight bytes:\n\n",
        "    created_at timestamptz NOT NULL DEFAULT now()"
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, at timestamp);" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN at timestamp without time zone;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, at timestamp with time zone, d date);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let hit = made::of_type(seen, "timestamp without time zone", |ty| ty.name == "timestamp");
    hits.extend(hit.map(|hit| hit.note("timestamptz keeps the moment, whatever the zone of the session")));
}
