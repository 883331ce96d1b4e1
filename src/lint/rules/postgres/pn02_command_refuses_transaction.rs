//! PN02: a command that refuses to run inside a transaction.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PN02",
    name: "command-refuses-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a command that refuses transactions stands inside one",
    reason: "VACUUM, CREATE and DROP DATABASE, CREATE and DROP TABLESPACE, ALTER SYSTEM, CLUSTER of all \
             tables, and REINDEX of a schema or a database are refused between BEGIN and COMMIT, in a DO \
             block and in a function (25001). The deploy stops at this statement.",
    lock: "",
    recipe: concat!(
        "Write the statement without BEGIN and COMMIT around it, alone in its change:\n\n",
        "    VACUUM (ANALYZE) orders;",
    ),
    bad: &[
        Example { given: "", sql: "BEGIN;\nVACUUM orders;\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nALTER SYSTEM SET work_mem = '64MB';\nCOMMIT;" },
        Example { given: "", sql: "BEGIN;\nREINDEX SCHEMA app;\nCOMMIT;" },
        Example {
            given: "CREATE TABLE events (id bigint, at date) PARTITION BY RANGE (at);",
            sql: "BEGIN;\nREINDEX TABLE events;\nCOMMIT;",
        },
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
    let (span, surely) = match refused {
        Some(failure) => (failure.span, failure.surely),
        None if rebuilds_partitions(seen) => (seen.statement.span, true),
        None => return,
    };
    let what = script::phrase(seen.statement);
    let message = format!("{what} cannot run inside a transaction: the deploy stops here");
    let mut hit = Hit::new(script::at(seen.statement, span), message);
    if script::is_top(seen) {
        hit = hit.instead(format!("{};", script::text(seen.statement, seen.statement.span)));
        hit = hit.note("it belongs into a change of its own, without BEGIN and COMMIT");
    } else {
        let note = "a DO block and a function are always inside a transaction: take the statement out of it";
        hit = hit.note(note);
    }
    if !surely {
        hit = hit.severity(Severity::Advice);
    }
    hits.push(hit);
}

/// `REINDEX` of a partitioned table takes the partitions one after the other, each in a transaction of
/// its own.
fn rebuilds_partitions(seen: &Seen<'_>) -> bool {
    match &seen.statement.said {
        Said::Reindex { object: Object::Table, name: Some(name), .. } => {
            seen.before.in_transaction && seen.before.relation(name).is_some_and(|own| own.partitioned)
        }
        _ => false,
    }
}
