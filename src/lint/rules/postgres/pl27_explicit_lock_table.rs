//! PL27: `LOCK TABLE` in a mode that keeps others waiting.

use super::common;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PL27",
    name: "explicit-lock-table",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "LOCK TABLE in a mode that stops writes or reads",
    reason: "LOCK TABLE without a mode takes the strongest lock there is, and it lasts until the \
             transaction ends, whatever the transaction does meanwhile. Behind a long query it waits, \
             and every later query waits behind it.",
    lock: "The mode that is written; ACCESS EXCLUSIVE if none is.",
    recipe: concat!(
        "Most statements take the lock that they need by themselves. Where one is needed for longer, \
         take the weakest that does, and nothing long behind it:\n\n",
        "    LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE NOWAIT;",
    ),
    bad: &[
        Example { given: "", sql: "LOCK TABLE orders;" },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  LOCK TABLE orders IN SHARE MODE;\n\
                  COMMIT;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "BEGIN;\n\
                  LOCK TABLE orders IN ACCESS SHARE MODE;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  LOCK TABLE orders IN ROW EXCLUSIVE MODE;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  LOCK TABLE t;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Lock { mode, nowait, .. } = &seen.statement.said else { return };
    for lock in common::strong(seen) {
        let message = format!("{} is locked until the transaction ends", common::told(&lock.on));
        let mut hit = common::brief(seen, lock, message);
        if mode.is_none() {
            hit =
                hit.note("without a mode it is the strongest: IN SHARE ROW EXCLUSIVE MODE lets reads go on");
        }
        if *nowait {
            hit = hit.note("NOWAIT: it fails at once where it would have to wait");
        }
        hits.push(hit);
    }
}
