//! PS11: a new enum value of which nobody says where it belongs.

use super::words;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PS11",
    name: "enum-value-without-position",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "ALTER TYPE … ADD VALUE without BEFORE or AFTER",
    reason: "The order of the values is the order of ORDER BY and of comparisons. Without BEFORE or AFTER \
             the new one becomes the last, for good.",
    lock: "",
    recipe: concat!(
        "Say where it belongs:\n\n",
        "    ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'paid' AFTER 'new';",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TYPE order_state ADD VALUE 'paid';" },
        Example { given: "", sql: "ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'paid';" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TYPE order_state ADD VALUE 'paid' AFTER 'new';" },
        Example { given: "", sql: "ALTER TYPE order_state ADD VALUE 'draft' BEFORE 'new';" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AddEnumValue { name, value, placed: false, .. } = &seen.statement.said else { return };
    let message = format!("\"{value}\" becomes the last value of \"{name}\", for good");
    let mut hit = Hit::new(seen.statement.span, message);
    let schema = &seen.before.schema;
    let known = schema.resolve(&schema.types, name).and_then(|key| schema.types.get(&key));
    if let Some(last) = known.and_then(|own| own.values.as_ref()).and_then(|values| values.last()) {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let sql =
            format!("ALTER TYPE {} ADD VALUE {} AFTER {};", words::sql(name), quoted(value), quoted(last));
        hit = hit.instead(sql);
    }
    hits.push(hit);
}
