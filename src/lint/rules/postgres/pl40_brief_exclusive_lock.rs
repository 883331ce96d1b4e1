//! PL40: a strong lock for a moment, where no other rule says more.

use super::{common, script};
use crate::lint::effect::Lock;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL40",
    name: "brief-exclusive-lock",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "a statement that takes a strong lock on a table that was there before, for a moment only",
    reason: "Adding a column, renaming, setting a default and many others change the catalogue only and \
             are over at once, but they need the table for themselves for that moment. Behind a long \
             query they wait, and every later query waits behind them; and in a longer transaction the \
             lock stays until its end.",
    lock: "ACCESS EXCLUSIVE for most of ALTER TABLE (every query waits, reads too), SHARE ROW EXCLUSIVE \
           for NOT VALID foreign keys and for the table that a new one points to (writes wait).",
    recipe: concat!(
        "Nothing need be changed. change deploy looks who holds the table, asks for the lock for less \
         than a tenth of a second at a time, and tries again; keep such statements in a change without \
         long work.\n\n",
        "Where the script is run by something else, set a limit first:\n\n",
        "    SET lock_timeout = '2s';\n",
        "    ALTER TABLE orders ADD COLUMN note text;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note text;" },
        Example { given: "", sql: "ALTER TABLE orders RENAME COLUMN note TO remark;" },
        Example { given: "", sql: "CREATE TABLE visits (account_id bigint REFERENCES accounts (id));" },
        Example { given: "", sql: "DO $$ BEGIN ALTER TABLE orders ADD COLUMN note text; END $$;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int;",
        },
        Example { given: "", sql: "ALTER TABLE orders VALIDATE CONSTRAINT c;" },
        Example { given: "", sql: "CREATE INDEX orders_note_idx ON orders (note);" },
        Example { given: "", sql: "DROP INDEX orders_note_idx;" },
        Example { given: "", sql: "ALTER TABLE orders SET (fillfactor = 80);" },
    ],
    check,
};

/// The rules that say more about a strong lock without work.
static OTHERS: [&Rule; 7] = [
    &super::pl23_drop_index_not_concurrent::RULE,
    &super::pl24_detach_partition_not_concurrent::RULE,
    &super::pl27_explicit_lock_table::RULE,
    &super::pl28_several_tables_strongly_locked::RULE,
    &super::pl31_timeout_disabled_or_too_long::RULE,
    &super::pl32_drop_table_or_constraint_locks_referenced::RULE,
    &super::pl33_trigger_ddl_on_live_table::RULE,
];

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let mut locks: Vec<&Lock> =
        common::strong(seen).filter(|lock| !common::is_child(seen, &lock.on)).collect();
    if locks.is_empty() || common::works(seen) || script::is_concurrent(&seen.statement.said) {
        return;
    }
    let mut said = Vec::new();
    OTHERS.iter().for_each(|rule| (rule.check)(seen, &mut said));
    if !said.is_empty() {
        return;
    }
    locks.sort_by_key(|lock| std::cmp::Reverse(lock.mode));
    let Some((lock, others)) = locks.split_first() else { return };
    let name = common::told(&lock.on);
    let message = match lock.mode.stops_reads() {
        true => format!("{name} is locked against every query for a moment"),
        false => format!("writes to {name} are stopped for a moment"),
    };
    let mut hit = common::brief(seen, lock, message);
    if !others.is_empty() {
        hit = hit.note(format!("so it is with {}", common::all_told(others.iter().map(|lock| &lock.on))));
    }
    hits.push(hit);
}
