//! PB03: a loop that writes rows and never commits.

use super::words;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Said, Statement, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB03",
    name: "loop-without-commit",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a DO block changes rows in a loop without COMMIT",
    reason: "A DO block is one transaction, however many batches it counts: each row stays locked until the \
             very end, VACUUM cannot clean up behind it, and whoever cancels it loses everything. The loop \
             only makes it slower than one UPDATE.",
    lock: "ROW EXCLUSIVE on the table and a lock on every row that was changed, until the block ends.",
    recipe: concat!(
        "COMMIT after each batch. The block must then stand outside of a transaction:\n\n",
        "    -- change: transaction=off\n",
        "    DO $$\n",
        "    DECLARE\n",
        "      batch_done bigint := 0;\n",
        "      batch_end bigint;\n",
        "    BEGIN\n",
        "      LOOP\n",
        "        SELECT max(id) INTO batch_end FROM (\n",
        "          SELECT id FROM orders WHERE id > batch_done ORDER BY id LIMIT 5000\n",
        "        ) AS batch;\n",
        "        EXIT WHEN batch_end IS NULL;\n",
        "        UPDATE orders SET state = 'new' WHERE id > batch_done AND id <= batch_end;\n",
        "        COMMIT;\n",
        "        batch_done := batch_end;\n",
        "      END LOOP;\n",
        "    END $$;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "DO $$\nDECLARE n int;\nBEGIN\n  LOOP\n    UPDATE orders SET state = 'new' WHERE id IN\n\
                  \x20     (SELECT id FROM orders WHERE state IS NULL LIMIT 1000);\n    GET DIAGNOSTICS n = \
                  ROW_COUNT;\n    EXIT WHEN n = 0;\n  END LOOP;\nEND $$;",
        },
        Example {
            given: "",
            sql: "DO $$\nDECLARE r record;\nBEGIN\n  FOR r IN SELECT id FROM accounts LOOP\n    \
                  DELETE FROM orders WHERE account_id = r.id;\n  END LOOP;\nEND $$;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "-- change: transaction=off\nDO $$\nDECLARE n int;\nBEGIN\n  LOOP\n    UPDATE orders SET \
                  state = 'new' WHERE id IN\n      (SELECT id FROM orders WHERE state IS NULL LIMIT 1000);\n\
                  \x20   GET DIAGNOSTICS n = ROW_COUNT;\n    EXIT WHEN n = 0;\n    COMMIT;\n  END LOOP;\n\
                  END $$;",
        },
        Example {
            given: "",
            sql: "DO $$\nBEGIN\n  FOR i IN 1..3 LOOP\n    RAISE NOTICE '%', i;\n  END LOOP;\nEND $$;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE fresh (id bigint PRIMARY KEY, n int);\nDO $$\nBEGIN\n  FOR i IN 1..3 LOOP\n\
                  \x20   UPDATE fresh SET n = i WHERE id = i;\n  END LOOP;\nEND $$;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !matches!(seen.statement.said, Said::Do { loops: true, commits: false }) {
        return;
    }
    let mut tables: Vec<&Name> = Vec::new();
    changed(&seen.statement.body, &mut tables);
    tables.retain(|table| seen.before.is_old(table));
    tables.dedup();
    let Some(first) = tables.first() else { return };
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    let message = format!(
        "this loop changes rows of {} without COMMIT: each stays locked until the whole block has ended",
        words::listed(&names)
    );
    let hit = Hit::new(seen.statement.span, message)
        .note("a block is one transaction: cancelled after an hour, it has done nothing")
        .note(
            "COMMIT after each batch, and run the block outside of a transaction (-- change: \
               transaction=off)",
        );
    hits.push(hit.on(first));
}

/// The tables whose rows are changed, as far as they are not made in the block itself.
fn changed<'a>(body: &'a [Statement], tables: &mut Vec<&'a Name>) {
    let mut made: Vec<&Name> = Vec::new();
    for statement in body {
        match &statement.said {
            Said::CreateTable(create) => made.push(&create.name),
            Said::Read(reads) => {
                made.extend(&reads.into);
                if reads.locks_rows.is_some() {
                    tables.extend(&reads.relations);
                }
            }
            Said::Write(writes, _) => {
                let changes = |kind: WriteKind| {
                    matches!(kind, WriteKind::Update | WriteKind::Delete | WriteKind::Merge)
                };
                let writes = writes.iter().filter(|write| changes(write.kind));
                tables.extend(writes.map(|write| &write.table));
            }
            _ => {}
        }
        changed(&statement.body, tables);
    }
    tables.retain(|table| !made.contains(table));
}
