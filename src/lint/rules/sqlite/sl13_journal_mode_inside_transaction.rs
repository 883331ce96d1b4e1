//! The journal mode is changed in a transaction.

use super::written::failures;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "SL13",
    name: "journal-mode-inside-transaction",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "PRAGMA journal_mode or synchronous inside a transaction, which fails or does nothing",
    reason: "How SQLite writes its journal cannot change in the middle of a transaction. Going to or from \
             WAL is an error (\"cannot change into wal mode from within a transaction\"), or, once something \
             was written, nothing happens and nothing is said. PRAGMA synchronous is an error.",
    lock: "Changing from or to WAL needs, for a moment, a database that nobody else uses.",
    recipe: "Put the pragma into a change of its own, without BEGIN and COMMIT. journal_mode WAL is kept in \
             the file; synchronous has to be set by each connection of the application.\n\n    \
             PRAGMA journal_mode = WAL;",
    bad: &[
        Example { given: "", sql: "BEGIN;\nPRAGMA journal_mode = WAL;\nCREATE TABLE t (a INT);\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nPRAGMA synchronous = OFF;\nCOMMIT;" },
    ],
    good: &[Example { given: "", sql: "PRAGMA journal_mode = WAL;" }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !matches!(seen.statement.said, Said::Set { .. }) {
        return;
    }
    for failure in failures(seen, Fails::RefusesTransaction) {
        let hit = Hit::new(failure.span, failure.why.clone());
        hits.push(hit.note("put it before BEGIN, or into a change of its own"));
    }
}
