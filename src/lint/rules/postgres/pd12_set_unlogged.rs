//! A table that a crash empties.

use crate::lint::effect::Loss;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PD12",
    name: "set-unlogged",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table is made UNLOGGED",
    reason: "After a crash an unlogged table is empty. Replicas do not have its rows: reading it there fails \
             from the commit on, and after a failover it is empty, too. Backups made from the log leave it \
             out.",
    lock: "ACCESS EXCLUSIVE on the table while all of it is rewritten.",
    recipe: "Only for rows that can be made again at any time. To fill a table fast, make it unlogged when \
             it is new, and SET LOGGED before anybody uses it.\n
    CREATE UNLOGGED TABLE import (LIKE orders);",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders SET UNLOGGED;" },
        Example { given: "CREATE TABLE orders (id bigint);", sql: "ALTER TABLE orders SET UNLOGGED;" },
    ],
    good: &[
        Example { given: "CREATE UNLOGGED TABLE cache (id bigint);", sql: "ALTER TABLE cache SET UNLOGGED;" },
        Example { given: "", sql: "CREATE TABLE t (id int); ALTER TABLE t SET UNLOGGED;" },
        Example { given: "", sql: "ALTER TABLE orders SET (fillfactor = 70);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for lost in seen.effects.lost.iter().filter(|lost| lost.what == Loss::Durability) {
        let table = &lost.on;
        if seen.before.relation(table).is_some_and(|relation| relation.unlogged) {
            continue;
        }
        hits.push(
            Hit::new(
                lost.span,
                format!("a crash empties {table} from now on, and replicas do not have its rows"),
            )
            .on(table)
            .note("harmless if all its rows can be made again at any time"),
        );
    }
}
