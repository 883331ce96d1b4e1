//! PL17: making a partition searches the default partition.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PL17",
    name: "create-partition-scans-default",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "CREATE TABLE … PARTITION OF reads the whole default partition",
    reason: "The default partition may hold rows that belong into the new one, so it is read from end \
             to end, and meanwhile the whole partitioned table is locked against every query. Making \
             the table apart and attaching it locks the default partition only.",
    lock: "ACCESS EXCLUSIVE on the partitioned table and on its default partition: every query waits, \
           reads too.",
    recipe: concat!(
        "Make the table apart and attach it; before that, say that the default partition holds none of \
         its rows (PL16):\n\n",
        "    CREATE TABLE metrics_us (LIKE metrics INCLUDING ALL);\n",
        "    ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;",
            sql: "CREATE TABLE metrics_us PARTITION OF metrics FOR VALUES IN ('us');",
        },
        Example { given: "", sql: "CREATE TABLE metrics_us PARTITION OF metrics FOR VALUES IN ('us');" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;",
            sql: "CREATE TABLE metrics_us (LIKE metrics INCLUDING ALL);",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);",
            sql: "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;\n\
                    ALTER TABLE metrics_default ADD CHECK (region <> 'us');",
            sql: "CREATE TABLE metrics_us PARTITION OF metrics FOR VALUES IN ('us');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::CreatePartition) {
        let Said::CreateTable(create) = &seen.statement.said else { continue };
        let Some(parent) = &create.partitioning.of else { continue };
        let message = match &effort.unless {
            Some(_) => format!(
                "nobody can use {} while its default partition, if it has one, is searched for rows of the \
                 new",
                common::told(parent)
            ),
            None => format!(
                "nobody can use {} while its default partition {} is searched for rows of the new one",
                common::told(parent),
                common::told(&effort.on)
            ),
        };
        let hit = common::work(seen, effort, message)
            .note("attaching a table that was made apart locks the default partition only");
        let (name, table) = (words::sql(&create.name), words::sql(parent));
        hits.push(match &create.partitioning.bound {
            Some(bound) => hit.instead(format!(
                "CREATE TABLE {name} (LIKE {table} INCLUDING ALL);\n\
                 ALTER TABLE {table} ATTACH PARTITION {name} {bound};"
            )),
            None => hit,
        });
    }
}
