//! PL24: `DETACH PARTITION` without `CONCURRENTLY`.

use super::{common, script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL24",
    name: "detach-partition-not-concurrent",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "DETACH PARTITION without CONCURRENTLY",
    reason: "Detaching takes no time, but the strongest lock on the whole partitioned table. Behind a \
             long query it waits, and every query that comes later waits behind it.",
    lock: "ACCESS EXCLUSIVE on the partitioned table and on the partition, for a moment or until the \
           transaction ends: every query waits, reads too. With CONCURRENTLY (14 and later) the whole \
           is under SHARE UPDATE EXCLUSIVE: nobody waits for that.",
    recipe: concat!(
        "A change with nothing but this statement; change sees CONCURRENTLY and runs it outside of a \
         transaction:\n\n",
        "    ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY;\n\n",
        "A table with a default partition refuses that: then keep the statement alone in its change.",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE events DETACH PARTITION events_2020;" },
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO \
                    ('2021-01-01');",
            sql: "ALTER TABLE events DETACH PARTITION events_2020;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE events DETACH PARTITION events_2020 CONCURRENTLY;" },
        Example {
            given: "",
            sql: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n\
                  CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO \
                  ('2021-01-01');\n\
                  ALTER TABLE events DETACH PARTITION events_2020;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return };
    let detach = actions.iter().find_map(|(action, span)| match action {
        Action::Detach { partition, concurrently: false } => Some((partition, *span)),
        _ => None,
    });
    let Some((partition, span)) = detach else { return };
    let Some(lock) = common::strong(seen).find(|lock| lock.on == *table) else { return };
    let message = format!("all of {} is locked to detach {}", common::told(table), common::told(partition));
    let hit = common::brief(seen, lock, message);
    let relations = &seen.before.schema.relations;
    let key = seen.before.key(table);
    let default =
        relations.values().any(|own| own.default_partition && own.partition_of.as_ref() == Some(&key));
    hits.push(if default || !seen.before.at_least(14) {
        let why = if default { "because of its default partition" } else { "before PostgreSQL 14" };
        hit.note(format!("CONCURRENTLY is refused {why}: keep this statement alone in its change"))
    } else {
        let text = script::text(seen.statement, span);
        hit.note("it runs outside of a transaction then: give it a change of its own")
            .instead(format!("ALTER TABLE {} {text} CONCURRENTLY;", words::sql(table)))
    });
}
