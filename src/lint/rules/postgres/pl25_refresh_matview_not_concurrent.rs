//! PL25: `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Index;
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PL25",
    name: "refresh-matview-not-concurrent",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "REFRESH MATERIALIZED VIEW without CONCURRENTLY",
    reason: "The query of the view runs while the view is locked against every reader: whoever asks for \
             a row waits until the last one is computed.",
    lock: "ACCESS EXCLUSIVE on the materialized view: every query on it waits. With CONCURRENTLY it is \
           EXCLUSIVE: reads go on.",
    recipe: concat!(
        "The view needs a unique index over all its rows, once; from then on:\n\n",
        "    REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
    ),
    bad: &[
        Example { given: "", sql: "REFRESH MATERIALIZED VIEW order_totals;" },
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total \
                    FROM orders GROUP BY account_id;",
            sql: "REFRESH MATERIALIZED VIEW order_totals;",
        },
        Example { given: "", sql: "REFRESH MATERIALIZED VIEW order_totals WITH NO DATA;" },
    ],
    good: &[
        Example {
            given: "CREATE MATERIALIZED VIEW order_totals AS SELECT account_id, sum(total) AS total FROM \
                    orders GROUP BY account_id;\n\
                    CREATE UNIQUE INDEX i ON order_totals (account_id);",
            sql: "REFRESH MATERIALIZED VIEW CONCURRENTLY order_totals;",
        },
        Example {
            given: "",
            sql: "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one WITH NO DATA;\n\
                  REFRESH MATERIALIZED VIEW m;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::Refresh { view, no_data: true, .. } = &seen.statement.said
        && seen.before.is_old(view)
    {
        let message = format!("nobody can read {} until it is filled again", common::told(view));
        hits.push(
            Hit::new(seen.statement.span, message)
                .on(view)
                .severity(Severity::Breaks)
                .note("WITH NO DATA empties it: a query on it fails with 55000 until the next REFRESH"),
        );
    }
    for effort in common::blocking(seen, Cause::Refresh) {
        let message = format!("nobody can read {} while it is computed", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let relation = seen.before.relation(&effort.on);
        let unique = |index: &Index| index.unique && !index.partial && index.valid;
        let hit = match relation {
            Some(relation) if relation.indexes.iter().any(unique) => hit,
            _ => hit.note("CONCURRENTLY needs a unique index over all rows of the view"),
        };
        let text = script::text(seen.statement, seen.statement.span);
        hits.push(match common::with_word(text, &["VIEW"], "CONCURRENTLY") {
            Some(sql) => hit.instead(format!("{sql};")),
            None => hit,
        });
    }
}
