//! PR17: `REINDEX` of a whole schema or database.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PR17",
    name: "reindex-schema-or-database",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "REINDEX SCHEMA, DATABASE or SYSTEM without CONCURRENTLY",
    reason: "Every index of every table is built anew, one table after the other, and each table stands \
             still for readers and writers while its turn is. On a live database that is an outage that \
             wanders.",
    lock: "SHARE on each table in turn and ACCESS EXCLUSIVE on its indexes: reads and writes wait.",
    recipe: concat!(
        "Only the indexes that need it, one by one, each in a change of its own:\n\n",
        "    REINDEX INDEX CONCURRENTLY orders_note_idx;\n\n",
        "Or all of them without locking anybody out (12 and later):\n\n",
        "    REINDEX SCHEMA CONCURRENTLY public;",
    ),
    bad: &[
        Example { given: "", sql: "REINDEX SCHEMA public;" },
        Example { given: "", sql: "REINDEX DATABASE app;" },
    ],
    good: &[
        Example { given: "", sql: "REINDEX INDEX CONCURRENTLY orders_note_idx;" },
        Example { given: "", sql: "REINDEX SCHEMA CONCURRENTLY public;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ReindexAll) {
        let message = format!("{} in turn while its indexes are built anew", common::nobody_uses(&effort.on));
        let hit = common::work(seen, effort, message);
        let text = script::text(seen.statement, seen.statement.span);
        let sql = common::with_word(text, &["SCHEMA", "DATABASE"], "CONCURRENTLY");
        hits.push(match sql.filter(|_| seen.before.at_least(12)) {
            Some(sql) => hit.instead(format!("{sql};")),
            None => hit,
        });
    }
}
