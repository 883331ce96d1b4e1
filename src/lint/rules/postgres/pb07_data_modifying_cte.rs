//! PB07: rows are written inside a `WITH`.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Reach, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB07",
    name: "data-modifying-cte",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "UPDATE, DELETE or MERGE inside a WITH takes many rows",
    reason: "A statement that looks like a SELECT or an INSERT writes rows in its WITH clause, all of them \
             even if the rest reads only a few. Each stays locked until the transaction ends.",
    lock: "ROW EXCLUSIVE on the table that is written and a lock on every row that is met, until COMMIT.",
    recipe: concat!(
        "A bounded part of the rows at a time, each committed (PB01):\n\n",
        "    WITH moved AS (\n",
        "      DELETE FROM orders WHERE id > 10000 AND id <= 15000 RETURNING *\n",
        "    )\n",
        "    INSERT INTO orders_archive SELECT * FROM moved;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "WITH u AS (UPDATE orders SET state = 'new' RETURNING id) SELECT count(*) FROM u;",
        },
        Example {
            given: "",
            sql: "WITH moved AS (DELETE FROM orders WHERE placed < '2020-01-01' RETURNING *)\n\
                  INSERT INTO orders_archive SELECT * FROM moved;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "WITH moved AS (DELETE FROM orders WHERE id BETWEEN 1 AND 1000 RETURNING *)\n\
                  INSERT INTO orders_archive SELECT * FROM moved;",
        },
        Example {
            given: "",
            sql: "WITH made AS (INSERT INTO accounts (name) VALUES ('a') RETURNING id)\n\
                  INSERT INTO orders (account_id) SELECT id FROM made;",
        },
        Example { given: "", sql: "WITH few AS (SELECT id FROM orders LIMIT 3) SELECT count(*) FROM few;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let changes = |kind: WriteKind| matches!(kind, WriteKind::Update | WriteKind::Delete | WriteKind::Merge);
    for write in rows::written(seen).filter(|write| write.in_with && changes(write.kind)) {
        let table = &write.table;
        let reach = rows::reach(seen, write);
        let Some(severity) = rows::severity(seen, table, reach) else { continue };
        let many = if reach == Reach::All { "every row" } else { "perhaps many rows" };
        let verb = rows::verb(write.kind);
        let message =
            format!("{verb} inside WITH takes {many} of \"{table}\", locked until the transaction ends");
        let mut hit = Hit::new(script::at(seen.statement, write.span), message)
            .note("who wants to change one of these rows waits; reads go on");
        if reach == Reach::Some {
            hit = hit.note(rows::unsettled(seen, table));
        }
        hits.push(hit.on(table).severity(severity));
    }
}
