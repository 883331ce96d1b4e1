//! PB02: many rows are written while the transaction holds a strong lock.

use super::{rows, script, words};
use crate::lint::effect::{Cause, Effort, Mode, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::lint::settings::SMALL_TABLE_ROWS;
use crate::sql::Dialect;
use crate::sql::statement::{Name, Reach, Said, Span, Write, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "PB02",
    name: "backfill-in-ddl-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "many rows are written in a transaction that holds a strong lock already",
    reason: "A lock lasts until the transaction ends. ALTER TABLE takes it for a moment only; an UPDATE or \
             a copy of many rows behind it in the same transaction makes minutes of that moment, and all \
             that time every query on the table waits.",
    lock: "The lock of the earlier statement (ACCESS EXCLUSIVE for most of ALTER TABLE, SHARE ROW EXCLUSIVE \
           for a foreign key or a trigger), held as long as the rows are written.",
    recipe: concat!(
        "Two changes: the first alters the table, the second writes the rows, batch by batch (PB01).\n\n",
        "    -- deploy/orders_state.sql\n",
        "    ALTER TABLE orders ADD COLUMN state text;\n\n",
        "    -- deploy/orders_state_fill.sql\n",
        "    -- change: transaction=off phase=migrate\n",
        "    DO $$ … COMMIT after each batch … $$;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE placed < \
                  '2024-01-01';",
        },
        Example {
            given: "",
            sql: "BEGIN;\nALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE visits (account_id bigint REFERENCES accounts (id), n int);\n\
                  INSERT INTO visits SELECT account_id, count(*) FROM clicks GROUP BY account_id;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN state text;" },
        Example {
            given: "",
            sql: "BEGIN;\nALTER TABLE orders ADD COLUMN state text;\nCOMMIT;\n\
                  BEGIN;\nUPDATE orders SET state = 'new' WHERE placed < '2024-01-01';\nCOMMIT;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE id = 7;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE fresh (id bigint PRIMARY KEY, n int);\nALTER TABLE fresh ADD COLUMN m int;\n\
                  UPDATE fresh SET m = n;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, what, span, of_new)) = long_work(seen) else { return };
    let own = (!of_new).then_some(&table);
    let Some((locked, mode)) = rows::held(seen, own) else { return };
    let waits = match mode {
        Mode::AccessExclusive => "every query on it waits",
        _ => "writes to it wait",
    };
    let locked = words::shown(seen, &locked);
    let message = format!("\"{locked}\" stays locked ({}) while {what}: {waits}", mode.written());
    let mut hit = Hit::new(script::at(seen.statement, span), message)
        .note("an earlier statement of the same transaction took the lock, and it lasts until the end")
        .note("move this statement into a change of its own, deployed after this one")
        .on(&table);
    if seen.before.relation(&table).and_then(|relation| relation.rows).is_none() {
        hit = hit.note(match of_new {
            true => format!("it is harmless if \"{table}\" is small"),
            false => format!("it is harmless if \"{table}\" is small, or few rows are taken by an index"),
        });
    }
    hits.push(hit);
}

/// The table whose rows take long, what is done with them, where, and whether they only are read, for a
/// table that is new.
fn long_work(seen: &Seen<'_>) -> Option<(Name, String, Span, bool)> {
    if let Some(write) = rows::written(seen).find(|write| is_long(seen, write)) {
        let what = match write.kind {
            WriteKind::InsertSelect | WriteKind::Load => format!("rows are copied into \"{}\"", write.table),
            _ => format!("rows of \"{}\" are written", write.table),
        };
        return Some((write.table.clone(), what, write.span, false));
    }
    let copied = |effort: &&Effort| effort.work == Work::Scan && effort.cause == Cause::Copy;
    let effort = seen.effects.efforts.iter().find(copied)?;
    let what = format!("rows are copied from \"{}\"", effort.on);
    Some((effort.on.clone(), what, effort.span, true))
}

/// Whether a write may take long.
fn is_long(seen: &Seen<'_>, write: &Write) -> bool {
    let small = |table: &Name| {
        let rows = seen.before.relation(table).and_then(|relation| relation.rows);
        rows.is_some_and(|rows| rows <= SMALL_TABLE_ROWS)
    };
    let reads = match &seen.statement.said {
        Said::Write(_, reads) => Some(reads),
        _ => None,
    };
    let copies = || reads.is_some_and(|reads| !rows::sources(seen, reads, &write.table).is_empty());
    match (write.kind, rows::reach(seen, write)) {
        (_, Reach::Bounded) | (WriteKind::InsertValues, _) => false,
        (WriteKind::InsertSelect, _) => copies(),
        (WriteKind::Upsert | WriteKind::Load, _) => write.joined && copies(),
        // The rows of a small table are written at once, whatever the condition.
        (_, Reach::Some) => !small(&write.table),
        (_, Reach::All) => true,
    }
}
