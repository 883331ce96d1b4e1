//! PL23: `DROP INDEX` without `CONCURRENTLY`.

use super::{common, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL23",
    name: "drop-index-not-concurrent",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "DROP INDEX without CONCURRENTLY",
    reason: "Dropping an index takes no time, but the strongest lock on its table. Behind a long query \
             it waits, and every query that comes later waits behind it, so a moment becomes as long as \
             the longest query that happens to run.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment or until the transaction ends: every query \
           waits, reads too. With CONCURRENTLY it is SHARE UPDATE EXCLUSIVE: nobody waits.",
    recipe: concat!(
        "A change with nothing but this statement; change sees CONCURRENTLY and runs it outside of a \
         transaction:\n\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;\n\n",
        "The index of a constraint goes with its constraint, and cannot be dropped CONCURRENTLY.",
    ),
    bad: &[
        Example { given: "", sql: "DROP INDEX orders_note_idx;" },
        Example {
            given: "CREATE INDEX orders_note_idx ON orders (note);",
            sql: "DROP INDEX IF EXISTS orders_note_idx;",
        },
    ],
    good: &[
        Example { given: "", sql: "DROP INDEX CONCURRENTLY orders_note_idx;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  CREATE INDEX t_a_idx ON t (a);\n\
                  DROP INDEX t_a_idx;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Drop { object: Object::Index, names, if_exists, concurrently: false, .. } =
        &seen.statement.said
    else {
        return;
    };
    let exists = if *if_exists { "IF EXISTS " } else { "" };
    let drops = names.iter().map(|name| format!("DROP INDEX CONCURRENTLY {exists}{};", words::sql(name)));
    let drops = drops.collect::<Vec<_>>().join("\n");
    for lock in common::strong(seen) {
        let message = match lock.object {
            Object::Index => format!("the table of {} is locked to drop it", common::told(&lock.on)),
            _ => format!("{} is locked to drop an index of it", common::told(&lock.on)),
        };
        hits.push(
            common::brief(seen, lock, message)
                .note("a concurrent drop runs outside of a transaction: give it a change of its own")
                .instead(drops.clone()),
        );
    }
}
