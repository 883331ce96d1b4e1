//! PB01: an `UPDATE` of every row.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Reach, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB01",
    name: "update-all-rows",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "UPDATE without WHERE on a table that was there before",
    reason: "Every row is written anew, and each stays locked until the transaction ends: an application \
             that wants to change one of them waits for all. The table and its indexes grow to twice their \
             size, replicas fall behind, and a failure near the end loses everything.",
    lock: "ROW EXCLUSIVE on the table (reads and other writes go on) and a lock on every row until COMMIT: \
           writers of these rows wait.",
    recipe: concat!(
        "Batch by batch along the key, each committed, in a change of its own outside of a transaction:\n\n",
        "    -- change: transaction=off\n",
        "    DO $$\n",
        "    DECLARE\n",
        "      batch_done orders.id%TYPE;\n",
        "      batch_end orders.id%TYPE;\n",
        "    BEGIN\n",
        "      LOOP\n",
        "        SELECT id INTO batch_end FROM (\n",
        "          SELECT id FROM orders\n",
        "           WHERE batch_done IS NULL OR id > batch_done ORDER BY id LIMIT 5000\n",
        "        ) AS batch ORDER BY id DESC LIMIT 1;\n",
        "        EXIT WHEN batch_end IS NULL;\n",
        "        UPDATE orders SET state = 'new'\n",
        "         WHERE (batch_done IS NULL OR id > batch_done) AND id <= batch_end\n",
        "           AND state IS DISTINCT FROM 'new';\n",
        "        COMMIT;\n",
        "        batch_done := batch_end;\n",
        "      END LOOP;\n",
        "    END $$;",
    ),
    bad: &[
        Example { given: "", sql: "UPDATE orders SET state = 'new';" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, state text);",
            sql: "BEGIN;\nUPDATE orders SET state = 'new';\nCOMMIT;",
        },
        Example { given: "", sql: "DO $$ BEGIN UPDATE orders SET state = 'new'; END $$;" },
    ],
    good: &[
        Example { given: "", sql: "UPDATE orders SET state = 'new' WHERE id BETWEEN 1 AND 1000;" },
        Example { given: "", sql: "UPDATE orders SET state = 'new' WHERE id = 7;" },
        Example {
            given: "",
            sql: "CREATE TABLE fresh (id bigint PRIMARY KEY, state text);\nUPDATE fresh SET state = 'new';",
        },
        Example {
            given: "",
            sql: "UPDATE orders SET state = 'new' WHERE id IN (SELECT id FROM orders WHERE state IS NULL \
                  LIMIT 1000);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for write in rows::written(seen) {
        let simple = matches!(write.kind, WriteKind::Update | WriteKind::Delete);
        let simple = simple && !write.joined && !write.in_with;
        if !simple || write.reach != Reach::All {
            continue;
        }
        let table = &write.table;
        let done = if write.kind == WriteKind::Delete { "deleted" } else { "rewritten" };
        let message =
            format!("every row of \"{table}\" is {done}, and stays locked until the transaction ends");
        let hit = Hit::new(script::at(seen.statement, write.span), message)
            .note("who wants to change one of these rows waits for all of them; reads go on")
            .on(table);
        hits.push(match rows::batches(seen, write) {
            Some(sql) => hit.instead(sql),
            None => {
                hit.note("do it batch by batch along the key, each batch committed, in a change of its own")
            }
        });
    }
}
