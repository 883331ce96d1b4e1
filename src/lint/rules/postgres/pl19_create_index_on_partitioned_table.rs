//! PL19: an index on a partitioned table.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Key, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL19",
    name: "create-index-on-partitioned-table",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "CREATE INDEX on a partitioned table builds it on every partition at once",
    reason: "The index is built on one partition after the other in a single statement, and none of \
             them takes a write until the last is done. CONCURRENTLY is refused on a partitioned table. \
             The index can be made partition by partition instead.",
    lock: "SHARE on the partitioned table and on every partition: writes wait, reads go on.",
    recipe: concat!(
        "The index of the whole without its partitions takes a moment; then each partition gets its own \
         and is attached:\n\n",
        "    CREATE INDEX events_kind_idx ON ONLY events (kind);\n",
        "    -- for each partition, in a change of its own:\n",
        "    CREATE INDEX CONCURRENTLY events_2024_kind_idx ON events_2024 (kind);\n",
        "    -- in the last change:\n",
        "    ALTER INDEX events_kind_idx ATTACH PARTITION events_2024_kind_idx;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date, kind text) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO \
                    ('2025-01-01');",
            sql: "CREATE INDEX events_kind_idx ON events (kind);",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date, kind text) PARTITION BY RANGE (at);",
            sql: "CREATE UNIQUE INDEX ON events (id, at);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date, kind text) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO \
                    ('2025-01-01');",
            sql: "CREATE INDEX events_kind_idx ON ONLY events (kind);",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date, kind text) PARTITION BY RANGE (at);\n\
                    CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO \
                    ('2025-01-01');",
            sql: "CREATE INDEX CONCURRENTLY events_2024_kind_idx ON events_2024 (kind);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);\n\
                  CREATE INDEX ON events (id);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::CreateIndex) {
        if !seen.before.relation(&effort.on).is_some_and(|relation| relation.partitioned) {
            continue;
        }
        let message = format!(
            "writes to {} wait while the index is built on every partition",
            common::told(&effort.on)
        );
        let hit = common::work(seen, effort, message)
            .note("a partitioned table refuses CONCURRENTLY: the partitions get their indexes one by one");
        hits.push(match by_partition(seen, &effort.on) {
            Some(sql) => hit.instead(sql),
            None => hit,
        });
    }
}

/// The index of the whole alone, then those of the partitions.
fn by_partition(seen: &Seen<'_>, table: &Name) -> Option<String> {
    const MOST: usize = 3;
    let Said::CreateIndex { name, keys, unique, .. } = &seen.statement.said else { return None };
    let columns = keys.iter().filter_map(|key| match key {
        Key::Column(name) => Some(name.as_str()),
        Key::Expression(_) => None,
    });
    let columns = columns.collect::<Vec<_>>().join("_");
    let made_up = |table: &Name| words::ident(&format!("{}_{columns}_idx", table.name));
    let keys = keys.iter().map(words::key).collect::<Vec<_>>().join(", ");
    let unique = if *unique { "UNIQUE " } else { "" };
    let index = name.as_ref().map_or_else(|| made_up(table), |name| words::ident(&name.name));
    let mut sql = format!("CREATE {unique}INDEX {index} ON ONLY {} ({keys});", words::sql(table));
    let children = seen.before.schema.children(table);
    let mut attach = String::new();
    for child in children.iter().take(MOST) {
        let (own, on) = (made_up(child), common::short(child));
        sql.push_str(&format!(
            "\n-- in a change of its own:\nCREATE {unique}INDEX CONCURRENTLY {own} ON {on} ({keys});"
        ));
        attach.push_str(&format!("\nALTER INDEX {index} ATTACH PARTITION {own};"));
    }
    if children.len() > MOST || children.is_empty() {
        sql.push_str("\n-- and so for each partition, as for one that is called p:");
        sql.push_str(&format!("\nCREATE {unique}INDEX CONCURRENTLY p_{columns}_idx ON p ({keys});"));
        attach.push_str(&format!("\nALTER INDEX {index} ATTACH PARTITION p_{columns}_idx;"));
    }
    Some(format!("{sql}\n-- in the last change:{attach}"))
}
