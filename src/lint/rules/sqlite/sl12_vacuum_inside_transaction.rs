//! `VACUUM` in a transaction.

use super::written::failures;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL12",
    name: "vacuum-inside-transaction",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "VACUUM inside a transaction, which fails",
    reason: "\"cannot VACUUM from within a transaction\": the statement fails, and with it the script. \
             Everything the transaction did before is rolled back.",
    lock: "VACUUM itself: the whole file is written anew; nobody else can write meanwhile, and with a \
           rollback journal nobody can read.",
    recipe: "Put VACUUM into a change of its own, without BEGIN and COMMIT. It needs free disk space of up \
             to twice the size of the file.\n\n    \
             VACUUM;",
    bad: &[
        Example {
            given: "CREATE TABLE t (a INT);",
            sql: "BEGIN;\nDELETE FROM t WHERE rowid = \
                                                          1;\nVACUUM;\nCOMMIT;",
        },
        Example { given: "", sql: "BEGIN;\nVACUUM INTO 'copy.db';\nCOMMIT;" },
    ],
    good: &[Example { given: "CREATE TABLE t (a INT);", sql: "VACUUM;" }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !matches!(seen.statement.said, Said::Vacuum { .. } | Said::Alone { .. }) {
        return;
    }
    for failure in failures(seen, Fails::RefusesTransaction) {
        let hit = Hit::new(failure.span, format!("{}: this fails", failure.why));
        hits.push(hit.note("put it into a change of its own, without BEGIN and COMMIT"));
    }
}
