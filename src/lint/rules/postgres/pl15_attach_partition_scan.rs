//! PL15: a table with rows becomes a partition, and all are compared with its bound.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL15",
    name: "attach-partition-scan",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ATTACH PARTITION reads every row of the table that is attached",
    reason: "A partition may hold no row outside of its bound, so the whole table is read, and nobody \
             can use it meanwhile. A validated CHECK that says the same as the bound is proof enough, \
             and then attaching takes a moment. The column must be NOT NULL as well, or the check must \
             say so: a null fits no bound.",
    lock: "ACCESS EXCLUSIVE on the table that is attached (every query on it waits) and SHARE UPDATE \
           EXCLUSIVE on the whole (nobody waits).",
    recipe: concat!(
        "A check with the bound first, its validation while everybody goes on, then the attaching, after \
         which the check has served:\n\n",
        "    ALTER TABLE events_2025 ADD CONSTRAINT events_2025_bound\n",
        "      CHECK (at IS NOT NULL AND at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE events_2025 VALIDATE CONSTRAINT events_2025_bound;\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE events ATTACH PARTITION events_2025\n",
        "      FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n",
        "    ALTER TABLE events_2025 DROP CONSTRAINT events_2025_bound;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2025 (id bigint, at date NOT NULL);",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2025 (id bigint, at date, CHECK (at >= '2025-01-01' AND at < \
                    '2026-01-01'));",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2025 (id bigint, at date NOT NULL, CHECK (at >= '2025-01-01' AND \
                    at < '2026-01-01'));",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);",
            sql: "CREATE TABLE events_2025 (LIKE events);\n\
                  ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::AttachPartition) {
        let name = common::told(&effort.on);
        let message = format!("nobody can use {name} while every row is compared with the bound");
        let hit = common::work(seen, effort, message);
        let constraint = words::ident(&format!("{}_bound", effort.on.name));
        let (partition, table) = (words::sql(&effort.on), common::table_sql(seen));
        let hit = hit.note(
            "a validated CHECK that says the same as the bound makes it a moment; the column must be NOT \
             NULL, too",
        );
        let Some((_, span)) = common::action_at(seen, effort.span) else { continue };
        let attach = script::text(seen.statement, span);
        hits.push(hit.instead(format!(
            "ALTER TABLE {partition} ADD CONSTRAINT {constraint} CHECK (…the bound…) NOT VALID;\n\
             -- in the next change:\n\
             ALTER TABLE {partition} VALIDATE CONSTRAINT {constraint};\n\
             -- in the change after it:\n\
             ALTER TABLE {table} {attach};\n\
             ALTER TABLE {partition} DROP CONSTRAINT {constraint};"
        )));
    }
}
