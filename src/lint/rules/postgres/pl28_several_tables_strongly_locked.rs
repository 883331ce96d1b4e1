//! PL28: one transaction that locks several tables.

use super::common;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Name;

pub(super) static RULE: Rule = Rule {
    code: "PL28",
    name: "several-tables-strongly-locked",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "one transaction takes strong locks on more than one table",
    reason: "A transaction that locks one table and then waits for another keeps the first locked all \
             that time. If the application takes the two in the other order, both wait for each other, \
             and the server ends one of them with a deadlock.",
    lock: "A lock that stops writes, or reads too, on each of the tables until the transaction ends.",
    recipe: concat!(
        "One table to a change. Where they belong together, take them in the order in which the \
         application does:\n\n",
        "    -- deploy/accounts_rank.sql\n",
        "    ALTER TABLE accounts ADD COLUMN rank int;\n",
        "    \n",
        "    -- deploy/orders_rank.sql\n",
        "    ALTER TABLE orders ADD COLUMN rank int;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE accounts ADD COLUMN rank int;\n\
                  ALTER TABLE orders ADD COLUMN rank int;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  DROP TRIGGER t ON accounts;\n\
                  ALTER TABLE orders DROP COLUMN note;\n\
                  COMMIT;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE accounts ADD COLUMN rank int;" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN a int;\n\
                  ALTER TABLE orders ADD COLUMN b int;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int;\n\
                  ALTER TABLE orders ADD COLUMN rank int;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  ALTER TABLE accounts ADD COLUMN rank int;\n\
                  COMMIT;\n\
                  BEGIN;\n\
                  ALTER TABLE orders ADD COLUMN rank int;\n\
                  COMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if common::works(seen) {
        return;
    }
    let held = common::held(seen);
    let Some((before, mode)) = held.first() else { return };
    let is_held = |name: &Name| held.iter().any(|(own, _)| *own == seen.before.key(name));
    // What hangs together in one table is locked together.
    let near = |name: &Name| held.iter().any(|(own, _)| are_one(seen, own, name));
    let Some(lock) = common::strong(seen).find(|lock| !is_held(&lock.on) && !near(&lock.on)) else { return };
    let message =
        format!("{} is locked while {} is locked already", common::told(&lock.on), common::told(before));
    hits.push(
        common::brief(seen, lock, message)
            .note(format!(
                "an earlier statement of this transaction took {} on {}",
                mode.written(),
                common::all_told(held.iter().map(|(name, _)| name))
            ))
            .note("if the application takes them in the other order, both wait for each other: a deadlock"),
    );
}

/// Whether one of two tables is a partition or another child of the other, or both are of a third.
fn are_one(seen: &Seen<'_>, one: &Name, other: &Name) -> bool {
    let schema = &seen.before.schema;
    let (one, other) = (seen.before.key(one), seen.before.key(other));
    let parent = |name: &Name| schema.relation(name).and_then(|own| own.partition_of.clone());
    schema.children(&one).contains(&other)
        || schema.children(&other).contains(&one)
        || parent(&one).is_some_and(|parent| schema.children(&parent).contains(&other))
}
