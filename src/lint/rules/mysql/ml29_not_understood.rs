//! ML29: a statement that could not be understood.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML29",
    name: "mysql-not-understood",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "A statement that could not be understood, or that hides what it does",
    reason: "A misspelt word, a form that is not known here, a procedure that no script makes, a text put \
             together while it runs: what it locks, copies or loses cannot be told, so it is not judged.",
    lock: "Unknown.",
    recipe: "Write the statement plainly. If it must be as it is, try it on a copy of the database and look \
             at performance_schema.metadata_locks.",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders FROBNICATE note;" },
        Example { given: "", sql: "CALL nobody_knows();" },
    ],
    good: &[Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT;" }],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Some(why) = &seen.effects.opaque {
        let message = format!("what this does is not known: {why}");
        hits.push(
            Hit::new(seen.statement.span, message)
                .note("it is not judged: it may lock, change or lose anything"),
        );
    }
}
