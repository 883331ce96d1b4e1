//! PX04: a statement that could not be understood.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PX04",
    name: "not-understood",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A statement that could not be understood",
    reason: "A misspelt word, a variable of psql that nothing sets, or a form that is not known here: what \
             the statement locks, rewrites or loses cannot be told, so it is not judged. Nor is what follows \
             on it.",
    lock: "Unknown.",
    recipe: "Read the statement again. If it is right, try it on a copy of the database and look at \
             pg_locks.",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders AD COLUMN note text;" },
        Example { given: "", sql: "ALTERTABLE orders ADD COLUMN note text;" },
    ],
    good: &[Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note text;" }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // What is put together while it runs has a rule of its own.
    if seen.statement.said == Said::Dynamic {
        return;
    }
    if let Some(why) = &seen.effects.opaque {
        let message = format!("what this does is not known: {why}");
        hits.push(
            Hit::new(seen.statement.span, message)
                .note("it is not judged: it may lock, change or lose anything"),
        );
    }
}
