//! PS10: a new enum.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS10",
    name: "new-enum-type",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new type is an enum",
    reason: "A value can be added to an enum but never removed, and never moved: that takes a new type and a \
             rewrite of every table that uses it.",
    lock: "",
    recipe: concat!(
        "A table of the values, which can be added to and deleted from:\n\n",
        "    CREATE TABLE order_state (name text PRIMARY KEY);",
    ),
    bad: &[
        Example { given: "", sql: "CREATE TYPE order_state AS ENUM ('new', 'paid');" },
        Example { given: "", sql: "CREATE TYPE app.mood AS ENUM ();" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE order_state (name text PRIMARY KEY);" },
        Example { given: "", sql: "CREATE TYPE pair AS (a int, b int);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::CreateType { name, values: Some(_), .. } = &seen.statement.said {
        let message = format!("values of the enum \"{name}\" can be added later, but not removed or moved");
        hits.push(Hit::new(seen.statement.span, message));
    }
}
