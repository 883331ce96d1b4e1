//! PL18: attaching a partition builds the indexes it lacks.

use super::{common, script, words};
use crate::lint::effect::Cause;
use crate::lint::effect::postgres::has_index_like;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::{Index, Kind, Relation};
use crate::sql::Dialect;
use crate::sql::statement::Name;

pub(super) static RULE: Rule = Rule {
    code: "PL18",
    name: "attach-partition-builds-index",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ATTACH PARTITION builds every index of the whole that the table lacks",
    reason: "A partition has every index of the whole. Those that the table lacks are built while it is \
             attached, under its strongest lock, one after the other.",
    lock: "ACCESS EXCLUSIVE on the table that is attached: every query on it waits, reads too.",
    recipe: concat!(
        "Build the same indexes on the table beforehand, each in a change of its own; attaching then \
         takes them over:\n\n",
        "    CREATE INDEX CONCURRENTLY events_2025_kind_idx ON events_2025 (kind);\n",
        "    -- in the next change:\n",
        "    ALTER TABLE events ATTACH PARTITION events_2025\n",
        "      FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);\n\
                    CREATE INDEX events_kind_idx ON events (kind);\n\
                    CREATE TABLE events_2025 (id bigint, at date NOT NULL, kind text);",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY \
                    RANGE (at);\n\
                    CREATE TABLE events_2025 (id bigint NOT NULL, at date NOT NULL, CHECK (at >= \
                    '2025-01-01' AND at < '2026-01-01'));",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);\n\
                    CREATE INDEX events_kind_idx ON events (kind);\n\
                    CREATE TABLE events_2025 (id bigint, at date NOT NULL, kind text);\n\
                    CREATE INDEX events_2025_kind_idx ON events_2025 (kind);",
            sql: "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);\n\
                    CREATE INDEX events_kind_idx ON events (kind);",
            sql: "CREATE TABLE events_2025 (LIKE events);\n\
                  ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::AttachIndexes) {
        let name = common::told(&effort.on);
        let message = format!("nobody can use {name} while the indexes that it lacks are built");
        let hit = common::work(seen, effort, message);
        let parent = common::altered(seen).and_then(|table| seen.before.relation(table));
        let own = seen.before.relation(&effort.on);
        let has = |index: &Index| own.is_some_and(|own| has_index_like(own, index));
        let lacks = parent.into_iter().flat_map(|own| &own.indexes).filter(|index| !has(index));
        let builds: Vec<String> = lacks.map(|index| build(&effort.on, parent, index)).collect();
        hits.push(hit.instead(format!(
            "{}\n-- then, in a change of its own:\n{};",
            builds.join("\n"),
            script::text(seen.statement, seen.statement.span)
        )));
    }
}

/// An index of the whole, built on a table that is to become a part of it.
fn build(table: &Name, parent: Option<&Relation>, index: &Index) -> String {
    let keys: Vec<String> = index.columns.iter().map(|column| common::key_sql(column)).collect();
    let (unique, on) = (if index.unique { "UNIQUE " } else { "" }, words::sql(table));
    let constraint = index.constraint.as_deref().and_then(|name| parent?.constraint(name));
    let kind = match constraint.map(|constraint| constraint.kind) {
        Some(Kind::PrimaryKey) => "PRIMARY KEY",
        Some(Kind::Unique) => "UNIQUE",
        _ => return format!("CREATE {unique}INDEX CONCURRENTLY ON {on} ({});", keys.join(", ")),
    };
    let end = if kind == "UNIQUE" { "key" } else { "pkey" };
    let name = words::ident(&format!("{}_{end}", table.name));
    format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {on} ({});\n\
         -- in the next change:\n\
         ALTER TABLE {on} ADD CONSTRAINT {name} {kind} USING INDEX {name};",
        keys.join(", ")
    )
}
