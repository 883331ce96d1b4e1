//! PS05: `varchar(n)`.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS05",
    name: "varchar-with-limit",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new column is varchar(n)",
    reason: "The limit is part of the type. To widen it is free, but to narrow it rewrites the table while \
             every query waits.",
    lock: "",
    recipe: concat!(
        "A CHECK can be changed either way, NOT VALID first and validated later:\n\n",
        "    name text CHECK (length(name) <= 20)",
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, v varchar(20));" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN v character varying(20);" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, v text CHECK (length(v) <= 20));" },
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, v varchar);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let hit = made::of_type(seen, "varchar with a limit", |ty| ty.name == "varchar" && !ty.args.is_empty());
    hits.extend(
        hit.map(|hit| hit.note("to narrow it later rewrites the table; a CHECK on text can be changed")),
    );
}
