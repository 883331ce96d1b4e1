//! PL30: long work under a strong lock for which nobody set `statement_timeout`.

use super::{common, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL30",
    name: "missing-statement-timeout",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "work under a strong lock without statement_timeout",
    reason: "A scan or a rewrite that was thought to be short, and is not, keeps the application \
             waiting until somebody notices and cancels it. statement_timeout does that by itself. \
             change deploy sets a limit; this is about files that something else runs.",
    lock: "That of the statement, for as long as its work takes.",
    recipe: concat!(
        "A limit that the application can bear, before such statements. Concurrent index builds and \
         VALIDATE need none, because nobody waits for them:\n\n",
        "    SET statement_timeout = '5s';\n",
        "    ALTER TABLE bookings ADD CONSTRAINT bookings_during_excl EXCLUDE USING gist (during WITH &&);",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD CHECK (qty > 0);" },
        Example { given: "", sql: "CREATE INDEX orders_note_idx ON orders (note);" },
    ],
    good: &[
        Example {
            given: "",
            sql: "SET statement_timeout = '10s';\n\
                  ALTER TABLE orders ADD CHECK (qty > 0);",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note text;" },
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.script.limited || !common::works(seen) || !common::held(seen).is_empty() {
        return;
    }
    if seen.before.settings.contains_key("statement_timeout") {
        return;
    }
    let Some(lock) = common::strong(seen).next() else { return };
    let message = format!("nothing limits how long this keeps {} locked", common::told(&lock.on));
    hits.push(Hit::new(script::at(seen.statement, lock.span), message).on(&lock.on).instead(format!(
        "SET statement_timeout = '5s';\n{};",
        script::text(seen.statement, seen.statement.span)
    )));
}
