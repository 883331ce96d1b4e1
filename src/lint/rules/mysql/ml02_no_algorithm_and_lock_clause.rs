//! ML02: an `ALTER TABLE` that leaves it to the server how to go about it.

use super::common::{approach_to, with_clause};
use crate::lint::effect::mysql::{Way, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "ML02",
    name: "no-algorithm-and-lock-clause",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "Without ALGORITHM and LOCK the server may silently copy the table",
    reason: "The server takes the cheapest way it can, and falls back to a copy of the table, with writes \
        waiting, when there is no other: because the column is of another type than you thought, the table \
        has a FULLTEXT index or a generated column, or the server is older. On the test database nobody \
        notices. With the clause written out the server refuses at once instead, and nobody waits.",
    lock: "none of its own; whichever the server chooses",
    recipe: "Say which way is meant. Try the cheapest first:\n\n    \
        ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;\n    \
        ALTER TABLE orders ADD INDEX (note(20)), ALGORITHM=INPLACE, LOCK=NONE;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT;" },
        Example { given: "", sql: "CREATE INDEX i ON orders (note);" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;" },
        Example { given: "", sql: "CREATE INDEX i ON orders (note) ALGORITHM=INPLACE LOCK=NONE;" },
        Example {
            given: "",
            sql: "SET alter_algorithm = 'INSTANT'; ALTER TABLE orders ADD COLUMN note TEXT;",
        },
        Example { given: "", sql: "CREATE TABLE orders (id INT); ALTER TABLE orders ADD COLUMN note TEXT;" },
        Example { given: "", sql: "ALTER TABLE orders DROP PARTITION p0;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some(approach) = approach_to(seen) else { return };
    if approach.clauses.algorithm.is_some() || approach.clauses.lock.is_some() {
        return;
    }
    let index = matches!(seen.statement.said, Said::CreateIndex { .. });
    // What only changes the catalogue has no other way.
    let by_catalogue = [Why::Default, Why::Rename, Why::Option, Why::DropIndex];
    if approach.parts.iter().all(|part| by_catalogue.contains(&part.why)) {
        return;
    }
    // A copy for sure is found by other rules, and the clause would only forbid it.
    let copied = approach.parts.iter().any(|part| part.way == Way::Copy && part.unless.is_none());
    if copied || approach.has(Why::Requested) {
        return;
    }
    let least = approach.parts.iter().filter(|part| part.unless.is_none()).map(|part| part.way).max();
    let instant = least.unwrap_or(Way::AtOnce) == Way::AtOnce;
    let shared = approach.parts.iter().any(|part| part.way == Way::Shared);
    let clause = match (index, instant, shared) {
        (true, _, true) => " ALGORITHM=INPLACE LOCK=SHARED",
        (true, ..) => " ALGORITHM=INPLACE LOCK=NONE",
        (false, true, _) => ", ALGORITHM=INSTANT",
        (false, false, true) => ", ALGORITHM=INPLACE, LOCK=SHARED",
        (false, false, false) => ", ALGORITHM=INPLACE, LOCK=NONE",
    };
    let message = "how the table is altered is left to the server, which copies it rather than refuse";
    hits.push(Hit::new(seen.statement.span, message).on(approach.table).instead(with_clause(seen, clause)));
}
