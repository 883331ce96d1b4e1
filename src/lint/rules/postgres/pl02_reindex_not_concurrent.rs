//! PL02: `REINDEX` without `CONCURRENTLY`.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL02",
    name: "reindex-not-concurrent",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "REINDEX of a table or an index without CONCURRENTLY",
    reason: "Each index is locked ACCESS EXCLUSIVE while it is built anew. The manual says that reads \
             of the table go on, but planning any query looks at all indexes of its tables: in practice \
             even a SELECT that has no use for the index waits until the end.",
    lock: "SHARE on the table and ACCESS EXCLUSIVE on each rebuilt index: reads and writes wait. With \
           CONCURRENTLY (12 and later) it is SHARE UPDATE EXCLUSIVE: nobody waits.",
    recipe: concat!(
        "A change with nothing but this statement, outside of a transaction:\n\n",
        "    REINDEX INDEX CONCURRENTLY orders_note_idx;",
    ),
    bad: &[
        Example { given: "", sql: "REINDEX TABLE orders;" },
        Example {
            given: "CREATE INDEX orders_note_idx ON orders (note);",
            sql: "REINDEX INDEX orders_note_idx;",
        },
    ],
    good: &[
        Example { given: "", sql: "REINDEX INDEX CONCURRENTLY orders_pkey;" },
        Example { given: "", sql: "REINDEX (CONCURRENTLY) TABLE orders;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int PRIMARY KEY);\n\
                  REINDEX TABLE t;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Reindex) {
        let message = match &seen.statement.said {
            Said::Reindex { object: Object::Index, name: Some(name), .. } if *name == effort.on => {
                format!("every query on the table of {} waits while it is built anew", common::told(name))
            }
            _ => {
                format!("every query on {} waits while its indexes are built anew", common::told(&effort.on))
            }
        };
        let hit = common::work(seen, effort, message);
        let text = script::text(seen.statement, seen.statement.span);
        let sql = common::with_word(text, &["INDEX", "TABLE"], "CONCURRENTLY");
        hits.push(match sql.filter(|_| seen.before.at_least(12)) {
            Some(sql) => hit.instead(format!("{sql};")),
            None => hit,
        });
    }
}
