//! PR11: `CLUSTER`.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PR11",
    name: "cluster",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "CLUSTER writes the table and its indexes anew",
    reason: "Every row is written into a new file in the order of the index and every index built \
             again, while nobody can use the table, not even to read it. New rows do not keep the order.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "pg_repack --order-by does the same while everybody goes on. To note the index for a later \
         CLUSTER alone takes a moment:\n\n",
        "    ALTER TABLE orders CLUSTER ON orders_placed_idx;",
    ),
    bad: &[
        Example { given: "", sql: "CLUSTER orders USING orders_placed_idx;" },
        Example { given: "", sql: "CLUSTER orders;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders CLUSTER ON orders_placed_idx;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int PRIMARY KEY);\n\
                  CLUSTER t USING t_pkey;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Cluster) {
        let message = format!("{} while it is written anew", common::nobody_uses(&effort.on));
        hits.push(
            common::work(seen, effort, message).note("pg_repack --order-by does it while everybody goes on"),
        );
    }
}
