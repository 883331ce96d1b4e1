//! PS23: `money`.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS23",
    name: "money-type",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new column is money",
    reason: "It knows no currency, and what its digits mean follows the server's lc_monetary: restored \
             under another locale, dollars become yen.",
    lock: "",
    recipe: concat!("A number, and the currency beside it:\n\n", "    price numeric(12, 2), currency text"),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, price money);" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN price money;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY, price numeric(12, 2));" },
        Example { given: "", sql: "CREATE TABLE money (id bigint PRIMARY KEY);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let hit = made::of_type(seen, "money", |ty| ty.name == "money" && ty.schema.is_none());
    hits.extend(hit.map(|hit| hit.note("its meaning follows the server's locale; numeric has none")));
}
