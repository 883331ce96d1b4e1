//! PS04: `char(n)`.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Type;

pub(super) static RULE: Rule = Rule {
    code: "PS04",
    name: "prefer-text-over-char",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new column is char(n)",
    reason: "char(n) pads every value with blanks, which some comparisons count and others do not. It is no \
             faster than text, and to change it rewrites the table.",
    lock: "",
    recipe: concat!(
        "A CHECK keeps the length, and can be changed:\n\n",
        "    code text CHECK (length(code) = 3)"
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, c char(3));" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN c character(3);" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, c text);" },
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, c varchar(3));" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let padded = |ty: &Type| matches!(ty.name.as_str(), "bpchar" | "char" | "character");
    let hit = made::of_type(seen, "char(n), which pads with blanks", padded);
    hits.extend(hit.map(|hit| hit.note("text with a CHECK on the length does the same without the padding")));
}
