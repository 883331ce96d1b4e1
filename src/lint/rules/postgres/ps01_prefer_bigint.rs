//! PS01: a key of 32 bits.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS01",
    name: "prefer-bigint",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new key is a 32-bit integer",
    reason: "After two billion values, those of failed INSERTs included, the key has run out, and every INSERT \
             fails. To make it bigint then rewrites the table while every query waits.",
    lock: "",
    recipe: concat!(
        "Four bytes more from the start:\n\n",
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id serial PRIMARY KEY);" },
        Example { given: "", sql: "CREATE TABLE t (id int PRIMARY KEY, n int);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (id));",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, n int);" },
        Example { given: "", sql: "CREATE TABLE t (id bigserial PRIMARY KEY);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let small = |new: &made::NewColumn<'_>| {
        let ty = new.column.ty.as_ref();
        let name = ty.map(|ty| ty.serial().unwrap_or(ty.name.as_str()));
        matches!(name, Some("int2" | "int4")) && (new.counts() || new.is_key())
    };
    hits.extend(
        made::about(seen, "too narrow for a key (32 bits or less)", small)
            .map(|hit| hit.note("bigint never runs out")),
    );
}
