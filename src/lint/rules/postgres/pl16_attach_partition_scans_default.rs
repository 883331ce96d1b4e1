//! PL16: attaching a partition searches the default partition.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL16",
    name: "attach-partition-scans-default",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ATTACH PARTITION reads the whole default partition",
    reason: "The default partition may hold rows that belong into the new one, so it is read from end \
             to end, locked against every query, even if the table that is attached needs no reading \
             itself. A validated CHECK on the default partition that excludes the new values saves the \
             reading.",
    lock: "ACCESS EXCLUSIVE on the default partition: every query that may touch it waits, and that is \
           most queries on the whole.",
    recipe: concat!(
        "Say first that the default partition holds none of these rows:\n\n",
        "    ALTER TABLE metrics_default ADD CONSTRAINT metrics_default_not_us\n",
        "      CHECK (region IS NOT NULL AND region <> 'us') NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE metrics_default VALIDATE CONSTRAINT metrics_default_not_us;\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;\n\
                    CREATE TABLE metrics_us (id bigint, region text NOT NULL, CHECK (region = 'us'));",
            sql: "ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');",
        },
        Example { given: "", sql: "ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_us (id bigint, region text NOT NULL, CHECK (region = 'us'));",
            sql: "ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');",
        },
        Example {
            given: "CREATE TABLE metrics (id bigint, region text NOT NULL) PARTITION BY LIST (region);\n\
                    CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;\n\
                    ALTER TABLE metrics_default ADD CHECK (region <> 'us');",
            sql: "CREATE TABLE metrics_us (LIKE metrics);\n\
                  ALTER TABLE metrics ATTACH PARTITION metrics_us FOR VALUES IN ('us');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let efforts = seen.effects.efforts.iter().filter(|effort| effort.cause == Cause::DefaultPartition);
    for effort in efforts {
        let span = script::at(seen.statement, effort.span);
        let hit = match &effort.unless {
            // Nobody knows the partitions of the table.
            Some(unless) => {
                let name = common::told(&effort.on);
                let message =
                    format!("if {name} has a default partition, nobody can use it while it is read");
                Hit::new(span, message)
                    .on(&effort.on)
                    .note("the default partition would be under ACCESS EXCLUSIVE: every query waits")
                    .note(common::depends(unless))
            }
            None => {
                let message = format!(
                    "nobody can use the default partition {} while it is searched for rows of the new one",
                    common::told(&effort.on)
                );
                common::work(seen, effort, message)
            }
        };
        hits.push(hit.note(
            "a validated CHECK on the default partition that excludes the new values saves the reading",
        ));
    }
}
