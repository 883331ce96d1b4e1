//! ML22: a generated column whose values are stored.

use super::common::waits;
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML22",
    name: "stored-generated-column",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "A stored generated column is computed for all rows while writes wait",
    reason: "Its value has to be computed and written for every row, which is only possible by copying the \
        table; writes wait until that is done. A virtual column is computed when it is read: adding one \
        only changes the catalogue, and it can have an index, too. And once a table has a stored column, \
        MariaDB copies it for changes that would otherwise let others write.",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Make it virtual, and give it an index if it is searched for:\n\n    \
        ALTER TABLE orders ADD COLUMN total INT AS (qty * price) VIRTUAL, ALGORITHM=INSTANT;",
    bad: &[Example { given: "", sql: "ALTER TABLE orders ADD COLUMN total INT AS (qty * price) STORED;" }],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN total INT AS (qty * price) VIRTUAL;" },
        Example { given: "", sql: "CREATE TABLE orders (qty INT, total INT AS (qty * 2) STORED);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let what = |part: &Part| format!("storing the values of \"{}\"", part.subject);
    waits(seen, &[Why::StoredGenerated], what, hits);
}
