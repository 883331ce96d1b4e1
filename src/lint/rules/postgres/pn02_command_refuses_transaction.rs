//! PN02: a command that refuses to run inside a transaction.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PN02",
    name: "command-refuses-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a command that refuses transactions stands inside one",
    reason: "VACUUM, CREATE and DROP DATABASE, CREATE and DROP TABLESPACE, ALTER SYSTEM and REINDEX of a \
             schema or a database are refused between BEGIN and COMMIT, in a DO block and in a function \
             (25001). The deploy stops at this statement.",
    lock: "",
    recipe: concat!(
        "Write the statement without BEGIN and COMMIT around it, alone in its change:\n\n",
        "    VACUUM (ANALYZE) orders;",
    ),
    bad: &[
        Example { given: "", sql: "BEGIN;\nVACUUM orders;\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nALTER SYSTEM SET work_mem = '64MB';\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nREINDEX SCHEMA app;\nCOMMIT;" },
    ],
    good: &[
        Example { given: "", sql: "VACUUM orders;" },
        Example { given: "", sql: "BEGIN;\nANALYZE orders;\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nALTER TABLE orders ADD COLUMN z int;\nCOMMIT;\nVACUUM orders;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if script::is_concurrent(&seen.statement.said) {
        return;
    }
    let refused = seen.effects.failures.iter().find(|failure| failure.sort == Fails::RefusesTransaction);
    let Some(failure) = refused else { return };
    let what = script::phrase(seen.statement);
    let message = format!("{what} cannot run inside a transaction: the deploy stops here");
    let mut hit = Hit::new(script::at(seen.statement, failure.span), message);
    if script::is_top(seen) {
        hit = hit.instead(format!("{};", script::text(seen.statement, seen.statement.span)));
        hit = hit.note("it belongs into a change of its own, without BEGIN and COMMIT");
    } else {
        hit = hit
            .note("a DO block and a function are always inside a transaction: take the statement out of it");
    }
    if !failure.surely {
        hit = hit.severity(Severity::Advice);
    }
    hits.push(hit);
}
