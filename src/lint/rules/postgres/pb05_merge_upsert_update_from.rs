//! PB05: rows are written from other rows.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Reach, Said, Write, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB05",
    name: "merge-upsert-update-from",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "MERGE, UPDATE … FROM, DELETE … USING or an upsert from a query",
    reason: "How many rows are written is decided by the rows of another table: often all of them. Each \
             stays locked until the transaction ends, as with an UPDATE of every row.",
    lock: "ROW EXCLUSIVE on the table that is written and a lock on every row that is met, until COMMIT.",
    recipe: concat!(
        "Batch by batch along the key of the table that is written, each committed (PB01):\n\n",
        "    UPDATE orders AS o SET total = s.total FROM sums AS s\n",
        "     WHERE s.order_id = o.id AND o.id > 10000 AND o.id <= 15000;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "MERGE INTO orders AS o USING updates AS u ON u.id = o.id WHEN MATCHED THEN UPDATE SET \
                  state = u.state;",
        },
        Example {
            given: "",
            sql: "UPDATE orders AS o SET total = s.total FROM sums AS s WHERE s.order_id = o.id;",
        },
        Example {
            given: "",
            sql: "INSERT INTO orders (id, state) SELECT id, state FROM updates \
                  ON CONFLICT (id) DO UPDATE SET state = excluded.state;",
        },
        Example {
            given: "",
            sql: "INSERT INTO orders (id, state) SELECT id, state FROM orders ON CONFLICT (id) DO UPDATE SET state = excluded.state;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "INSERT INTO orders (id, state) VALUES (1, 'new') ON CONFLICT (id) DO UPDATE SET state = \
                  excluded.state;",
        },
        Example {
            given: "",
            sql: "UPDATE orders AS o SET total = s.total FROM sums AS s \
                  WHERE s.order_id = o.id AND o.id BETWEEN 1 AND 1000;",
        },
        Example {
            given: "",
            sql: "WITH batch AS (SELECT id FROM orders WHERE state IS NULL ORDER BY id LIMIT 1000)\n\
                  UPDATE orders AS o SET state = 'new' FROM batch AS b WHERE b.id = o.id;",
        },
        Example {
            given: "CREATE TABLE products (sku text PRIMARY KEY, price int);",
            sql: "CREATE TEMP TABLE prices (sku text, price int); INSERT INTO prices VALUES ('a', 1); UPDATE products p SET price = f.price FROM prices f WHERE f.sku = p.sku;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.before.all_held().any(|(_, mode)| mode.stops_writes()) {
        return;
    }
    for write in rows::written(seen).filter(|write| !write.in_with && is_joined(seen, write)) {
        let table = &write.table;
        let upserts = rows::upserts_query(seen, write);
        // How many of its rows are there already, nobody knows.
        let reach = match rows::reach(seen, write) {
            Reach::All if upserts && !reads_itself(seen, write) => Reach::Some,
            reach => reach,
        };
        let Some(severity) = rows::severity(seen, table, reach) else { continue };
        let what = match write.kind {
            WriteKind::Update => "this UPDATE … FROM",
            WriteKind::Delete => "this DELETE … USING",
            WriteKind::Merge => "this MERGE",
            _ => "this INSERT … ON CONFLICT DO UPDATE",
        };
        let many = if reach == Reach::All { "all" } else { "many" };
        let message =
            format!("{what} may write {many} rows of \"{table}\", which stay locked until it is committed");
        let hit = Hit::new(script::at(seen.statement, write.span), message)
            .note("who wants to change one of these rows waits; reads go on")
            .note(rows::unsettled(seen, table));
        hits.push(hit.on(table).severity(severity));
    }
}

/// Whether the rows come from the table itself, so that all of them are there already.
fn reads_itself(seen: &Seen<'_>, write: &Write) -> bool {
    let own = |name: &Name| seen.before.key(name) == seen.before.key(&write.table);
    matches!(&seen.statement.said, Said::Write(_, reads) if reads.relations.iter().any(own))
}

fn is_joined(seen: &Seen<'_>, write: &Write) -> bool {
    let copies = match &seen.statement.said {
        Said::Write(_, reads) => {
            !rows::sources(seen, reads, &write.table).is_empty() || reads_itself(seen, write)
        }
        _ => false,
    };
    match write.kind {
        WriteKind::Update | WriteKind::Delete => write.joined,
        WriteKind::Merge => true,
        _ => rows::upserts_query(seen, write) && copies,
    }
}
