//! PS15: a new object without a schema.

use super::made;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PS15",
    name: "unqualified-name",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new object is named without its schema",
    reason: "Where it is made depends on the search_path of whoever runs the script, and whether others \
             find it, on theirs.",
    lock: "",
    recipe: concat!(
        "Name the schema, or set the path in the script:\n\n",
        "    CREATE TABLE app.orders (…);"
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (id bigint PRIMARY KEY);" },
        Example { given: "", sql: "CREATE VIEW v AS SELECT 1 AS n;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE app.t (id bigint PRIMARY KEY);" },
        Example { given: "", sql: "SET search_path = app;\nCREATE TABLE t (id bigint PRIMARY KEY);" },
        Example { given: "", sql: "CREATE TEMPORARY TABLE t (id bigint);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.before.settings.contains_key("search_path") {
        return;
    }
    let Some((object, name)) = made::object(&seen.statement.said) else { return };
    if name.schema.is_none() {
        let message = format!("the {} \"{name}\" is made wherever search_path says", object.word());
        hits.push(Hit::new(seen.statement.span, message));
    }
}
