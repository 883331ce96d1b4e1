//! PN04: an index is built concurrently on a partitioned table.

use super::{script, words};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PN04",
    name: "concurrent-index-on-partitioned-parent",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "CREATE INDEX CONCURRENTLY on a partitioned table",
    reason: "No version of PostgreSQL builds an index concurrently on a table that is divided into \
             partitions (0A000). The deploy stops at this statement. Without CONCURRENTLY the build takes a \
             SHARE lock on every partition: writes to all of them wait.",
    lock: "",
    recipe: concat!(
        "Make an invalid index on the parent alone, build one on each partition concurrently, each in a ",
        "change of its own, and attach them; the parent's index becomes valid with the last:\n\n",
        "    CREATE INDEX events_at_idx ON ONLY events (at);\n\n",
        "    CREATE INDEX CONCURRENTLY events_2024_at_idx ON events_2024 (at);\n\n",
        "    ALTER INDEX events_at_idx ATTACH PARTITION events_2024_at_idx;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);\nCREATE TABLE \
                    events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
            sql: "CREATE INDEX CONCURRENTLY events_at_idx ON events (at);",
        },
        Example {
            given: "CREATE TABLE metrics (id bigint, region text) PARTITION BY LIST (region);",
            sql: "CREATE UNIQUE INDEX CONCURRENTLY metrics_key ON metrics (id, region);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);\nCREATE TABLE \
                    events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
            sql: "CREATE INDEX CONCURRENTLY events_2024_at_idx ON events_2024 (at);",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at timestamptz);",
            sql: "CREATE INDEX CONCURRENTLY events_at_idx ON events (at);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let failures = seen.effects.failures.iter();
    for failure in failures.filter(|failure| failure.sort == Fails::ConcurrentOnPartitioned) {
        let what = script::phrase(seen.statement);
        let message = format!("{what} fails, since the table is partitioned: the deploy stops here");
        let mut hit = Hit::new(script::at(seen.statement, failure.span), message);
        if let Said::CreateIndex { table, .. } = &seen.statement.said {
            hit = hit
                .note("the index of the parent is invalid until that of the last partition is attached")
                .on(table);
            if let Some(sql) = one_by_one(seen, table) {
                hit = hit.instead(sql);
            }
        }
        if !failure.surely {
            hit = hit.severity(Severity::Advice);
        }
        hits.push(hit);
    }
}

/// The same index, made on the parent alone, then on each partition that is known.
fn one_by_one(seen: &Seen<'_>, table: &Name) -> Option<String> {
    let Said::CreateIndex { name, keys, unique, method, filter, .. } = &seen.statement.said else {
        return None;
    };
    let kind = if *unique { "UNIQUE INDEX" } else { "INDEX" };
    let keys = keys.iter().map(words::key).collect::<Vec<_>>().join(", ");
    let method = method.as_ref().map(|method| format!(" USING {method}")).unwrap_or_default();
    let filter = filter.as_ref().map(|filter| format!(" WHERE {}", filter.text)).unwrap_or_default();
    let own = name.as_ref().map_or_else(|| format!("{}_idx", table.name), |name| name.name.clone());
    let build = |only: &str, index: &str, on: &Name| {
        format!("CREATE {kind} {only}{} ON {}{method} ({keys}){filter};", words::ident(index), words::sql(on))
    };
    let mut sql = build("", &own, table).replacen(" ON ", " ON ONLY ", 1);
    let children = seen.before.schema.children(table);
    let leaves: Vec<&Name> = children
        .iter()
        .filter(|child| !seen.before.relation(child).is_some_and(|relation| relation.partitioned))
        .collect();
    if leaves.len() != children.len() {
        return None;
    }
    const MOST: usize = 3;
    for leaf in leaves.iter().take(MOST) {
        let leaf = words::shown(seen, leaf);
        let index = format!("{}_{own}", leaf.name);
        let attach = format!("ALTER INDEX {} ATTACH PARTITION {};", words::ident(&own), words::ident(&index));
        sql.push_str(&format!("\n\n{}\n\n{attach}", build("CONCURRENTLY ", &index, &leaf)));
    }
    if leaves.len() > MOST {
        sql.push_str("\n\n-- and so on for each of the other partitions");
    }
    Some(sql)
}
