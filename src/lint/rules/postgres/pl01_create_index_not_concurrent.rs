//! PL01: an index built without `CONCURRENTLY`.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Object;

pub(super) static RULE: Rule = Rule {
    code: "PL01",
    name: "create-index-not-concurrent",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "CREATE INDEX without CONCURRENTLY on a table that was there before",
    reason: "Until the whole table is read, sorted and written into the index, no INSERT, UPDATE or \
             DELETE on it goes through; SELECT goes on. On a table of a hundred million rows that is \
             many minutes in which nothing can be saved, and the waiting writers use up the connections.",
    lock: "SHARE on the table: writes wait, reads go on. With CONCURRENTLY it is SHARE UPDATE \
           EXCLUSIVE: nobody waits.",
    recipe: concat!(
        "A change with nothing but the index; change sees CONCURRENTLY and runs it outside of a \
         transaction:\n\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;\n",
        "    CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n\n",
        "A build that failed leaves an invalid index behind; the first line takes it away before the next \
         attempt.",
    ),
    bad: &[
        Example { given: "", sql: "CREATE INDEX orders_note_idx ON orders (note);" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, ref text);",
            sql: "CREATE UNIQUE INDEX ON orders (ref);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN ref text;\n\
                  CREATE INDEX orders_ref_idx ON orders (ref);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  CREATE INDEX t_a_idx ON t (a);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\n\
                    CREATE INDEX orders_note_idx ON orders (note);",
            sql: "CREATE INDEX IF NOT EXISTS orders_note_idx ON orders (note);",
        },
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);",
            sql: "CREATE INDEX events_at_idx ON ONLY events (at);",
        },
        Example { given: "", sql: "CREATE INDEX events_at_idx ON ONLY events (at);" },
        Example {
            given: "CREATE MATERIALIZED VIEW totals AS SELECT account_id FROM orders;",
            sql: "CREATE UNIQUE INDEX totals_key ON totals (account_id);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::CreateIndex) {
        let relation = seen.before.relation(&effort.on);
        // A partitioned table is for PL19; nothing but REFRESH writes to a materialized view.
        if relation.is_some_and(|own| own.partitioned || own.object == Object::MaterializedView) {
            continue;
        }
        let message = format!("writes to {} wait while the index is built", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let text = script::text(seen.statement, seen.statement.span);
        hits.push(match common::with_word(text, &["INDEX"], "CONCURRENTLY") {
            Some(sql) => hit
                .note("a concurrent build runs outside of a transaction: give it a change of its own")
                .instead(format!("{sql};")),
            None => hit,
        });
    }
}
