//! PL26: long work in a transaction that holds a strong lock already.

use super::{common, script};
use crate::lint::effect::{Cause, Effort, Mode, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Name;

pub(super) static RULE: Rule = Rule {
    code: "PL26",
    name: "work-while-holding-strong-lock",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "long work in a transaction that holds a strong lock on a table already",
    reason: "A lock lasts until the transaction ends. One that would be over in a moment stays while a \
             later statement reads or builds, even on another table: everybody who needs the first \
             table waits for the second.",
    lock: "The lock of the earlier statement, up to ACCESS EXCLUSIVE, held as long as the work of this \
           one takes.",
    recipe: concat!(
        "Split the change so that the long work comes in a transaction of its own, or move the \
         statements with strong locks behind it:\n\n",
        "    -- deploy/accounts_rank.sql\n",
        "    ALTER TABLE accounts ADD COLUMN rank int;\n",
        "    \n",
        "    -- deploy/orders_check.sql\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_check;",
    ),
    bad: &[
        Example {
            given: "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;",
            sql: "ALTER TABLE accounts ADD COLUMN rank int;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT c;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE accounts ADD COLUMN rank int;\n\
                  CREATE INDEX orders_note_idx ON orders (note);",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  LOCK TABLE accounts IN SHARE MODE;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT c;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN weight int;
SELECT count(*) FROM orders WHERE weight IS NULL;",
        },
    ],
    good: &[
        Example {
            given: "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;",
            sql: "ALTER TABLE orders VALIDATE CONSTRAINT c;\n\
                  ALTER TABLE accounts ADD COLUMN rank int;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  ALTER TABLE accounts ADD COLUMN rank int;\n\
                  COMMIT;\n\
                  BEGIN;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT c;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT c;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN weight int;
SELECT max(id) FROM orders;
SELECT id FROM orders WHERE false;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // Rows that are written or copied are for PB02, and validations of what was just added for PL13.
    let ours = |effort: &&Effort| {
        let rows = effort.work == Work::Rows && effort.cause != Cause::RowLocks;
        !rows && effort.cause != Cause::Copy && !common::is_added_here(seen, effort)
    };
    let locks = |name: &Name| common::strong(seen).any(|lock| seen.before.key(&lock.on) == *name);
    let held: Vec<(Name, Mode)> = common::held(seen).into_iter().filter(|(name, _)| !locks(name)).collect();
    let Some((table, mode)) = held.first() else { return };
    let Some(effort) = seen.effects.efforts.iter().find(ours) else { return };
    let what = match effort.work {
        Work::Scan => "is read",
        Work::Index => "gets an index",
        Work::Rewrite => "is written anew",
        Work::Rows => "has its rows locked",
    };
    let message = format!("{} stays locked while {} {what}", common::told(table), common::told(&effort.on));
    let mut hit = Hit::new(script::at(seen.statement, effort.span), message).on(&effort.on).note(format!(
        "an earlier statement of this transaction took {} on {}, and it lasts until the end: {}",
        mode.written(),
        common::told(table),
        mode.who_waits()
    ));
    if held.len() > 1 {
        let others = held.iter().skip(1).map(|(name, _)| name);
        hit = hit.note(format!("so it is with {}", common::all_told(others)));
    }
    if let Some(unless) = &effort.unless {
        hit = hit.note(common::depends(unless));
    }
    hits.push(common::in_its_own(seen, hit));
}
