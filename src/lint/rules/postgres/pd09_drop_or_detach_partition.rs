//! A partition is dropped or taken out of its table.

use super::words::{ident, sql};
use super::{around, words};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PD09",
    name: "drop-or-detach-partition",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A partition is dropped, or its rows leave the table",
    reason: "With the partition all its rows are gone for good. Detached, they are still there under its own \
             name, but queries of the table do not find them any more, and INSERTs for its range fail unless \
             there is a default partition. So it is with a child table after NO INHERIT.",
    lock: "ACCESS EXCLUSIVE on the parent and the partition, for a moment; DETACH … CONCURRENTLY (PostgreSQL \
           14) takes SHARE UPDATE EXCLUSIVE on the parent.",
    recipe: "Detach it concurrently, keep it until nobody misses its rows and a snapshot holds them, and \
             drop it in a later change.\n
    ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY;
    -- in a later change
    DROP TABLE events_2023;",
    bad: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at); CREATE TABLE \
                    events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');",
            sql: "DROP TABLE events_2023;",
        },
        Example { given: "", sql: "ALTER TABLE events DETACH PARTITION events_2023;" },
        Example {
            given: "CREATE TABLE assets (id int); CREATE TABLE cars () INHERITS (assets);",
            sql: "ALTER TABLE cars NO INHERIT assets;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);",
            sql: "CREATE TABLE e24 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); \
                  DROP TABLE e24;",
        },
        Example {
            given: "",
            sql: "BEGIN; ALTER TABLE events DETACH PARTITION e23; ALTER TABLE events ATTACH PARTITION e23 \
                  FOR VALUES FROM ('2023-01-01') TO ('2024-02-01'); COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::Drop { object: Object::Table, .. } => {
            for broken in seen.effects.broken.iter().filter(|broken| broken.how == How::Gone) {
                let relation = seen.before.relation(&broken.on);
                let Some(parent) = relation.and_then(|relation| relation.partition_of.as_ref()) else {
                    continue;
                };
                let parent = words::shown(seen, parent);
                let rows = relation.and_then(|relation| relation.rows);
                let rows = rows.map_or("its rows".to_owned(), |rows| format!("its about {rows} rows"));
                hits.push(
                    Hit::new(
                        broken.span,
                        format!("the partition {} of {parent} is gone: {rows} are lost for good", broken.on),
                    )
                    .on(&broken.on)
                    .note("take a snapshot first; the revert script cannot bring the rows back")
                    .instead(format!(
                        "ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;  -- keep it for a while, drop it \
                         later",
                        sql(&parent),
                        sql(&broken.on)
                    )),
                );
            }
        }
        Said::AlterTable { table, actions, .. } if seen.before.is_old(table) => {
            for (action, span) in actions {
                if let Action::NoInherit { parent } = action
                    && seen.before.is_old(parent)
                {
                    let message = format!("queries of {parent} do not find the rows of {table} any more");
                    hits.push(Hit::new(*span, message).on(table).note("INHERIT brings them back"));
                }
                let Action::Detach { partition, .. } = action else { continue };
                let key = seen.before.key(partition);
                let together = around::together(seen);
                let attached = around::actions_on(seen, &together, table).into_iter().any(|later| {
                    matches!(later, Action::Attach { partition, .. } if seen.before.key(partition) == key)
                });
                if attached || seen.before.is_new(partition) {
                    continue;
                }
                let empty = seen.before.relation(partition).is_some_and(|own| own.rows == Some(0));
                hits.push(
                    Hit::new(
                        *span,
                        format!("queries of {table} do not find the rows of {partition} any more"),
                    )
                    .on(table)
                    .severity(if empty { Severity::Advice } else { Severity::Breaks })
                    .note(format!(
                        "they stay in {}, and ATTACH brings them back; INSERTs for its range fail unless \
                         there is a default partition",
                        ident(&partition.name)
                    )),
                );
            }
        }
        _ => {}
    }
}
