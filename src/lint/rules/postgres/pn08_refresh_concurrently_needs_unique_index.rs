//! PN08: `REFRESH … CONCURRENTLY` without a unique index.

use super::{script, words};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PN08",
    name: "refresh-concurrently-needs-unique-index",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "REFRESH MATERIALIZED VIEW CONCURRENTLY without a unique index",
    reason: "To refresh without keeping readers waiting the server compares old and new rows by a unique \
             index over plain columns and all rows. Without one it refuses (55000), and the deploy stops.",
    lock: "",
    recipe: concat!(
        "Make the index first, in a change of its own:\n\n",
        "    CREATE UNIQUE INDEX CONCURRENTLY order_totals_key ON order_totals (account_id);\n",
        "    -- in the next change:\n",
        "    REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
    ),
    bad: &[
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total FROM \
                    orders GROUP BY account_id;",
            sql: "REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
        },
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total FROM \
                    orders GROUP BY account_id;\nCREATE INDEX order_totals_idx ON order_totals \
                    (account_id);",
            sql: "REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
        },
    ],
    good: &[
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total FROM \
                    orders GROUP BY account_id;\nCREATE UNIQUE INDEX order_totals_key ON order_totals \
                    (account_id);",
            sql: "REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
        },
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total FROM \
                    orders GROUP BY account_id;",
            sql: "REFRESH MATERIALIZED VIEW order_totals;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Refresh { view, .. } = &seen.statement.said else { return };
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::NeedsUniqueIndex) {
        let message = match failure.surely {
            true => format!("\"{view}\" has no unique index over all its rows: the deploy stops here"),
            false => format!("this fails unless \"{view}\" has a unique index over all its rows"),
        };
        let mut hit = Hit::new(script::at(seen.statement, failure.span), message).note(format!(
            "make it first: CREATE UNIQUE INDEX ON {} (…), over plain columns and without WHERE",
            words::sql(view)
        ));
        if !failure.surely {
            hit = hit.severity(Severity::Advice);
        }
        hits.push(hit);
    }
}
