//! PN07: several statements in a change that cannot be one transaction.

use super::script;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PN07",
    name: "non-tx-change-with-several-statements",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a change that is no single transaction has several statements",
    reason: "A script that cannot be one transaction is run statement by statement. If one of them fails, \
             those before it stay, and the change is neither deployed nor reverted. change keeps a journal \
             and goes on at the right statement; other tools start from the top, where what is there \
             already fails.",
    lock: "",
    recipe: concat!(
        "One such statement per change; or statements that can be repeated:\n\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_a_idx;\n",
        "    CREATE INDEX CONCURRENTLY orders_a_idx ON orders (a);",
    ),
    bad: &[
        Example {
            given: "",
            sql: "CREATE INDEX CONCURRENTLY orders_a_idx ON orders (a);\n\
                  CREATE INDEX CONCURRENTLY orders_b_idx ON orders (b);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN z int;\nCREATE INDEX CONCURRENTLY orders_z_idx ON orders \
                  (z);",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_a_idx ON orders (a);" },
        Example {
            given: "",
            sql: "SET lock_timeout = '2s';\nDROP INDEX CONCURRENTLY IF EXISTS orders_a_idx;\n\
                  CREATE INDEX CONCURRENTLY orders_a_idx ON orders (a);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN y int;\nALTER TABLE orders ADD COLUMN z int;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.script.atomic || !script::is_top(seen) {
        return;
    }
    let all = seen.script.statements;
    let mut acting = all.iter().enumerate().filter(|(_, statement)| script::acts(statement));
    let second = acting.nth(1).map(|(at, _)| at);
    if !refuses(seen.statement) && second != Some(seen.position) {
        return;
    }
    let Some((place, cause)) = cause(all, second).filter(|(place, _)| *place == seen.position) else {
        return;
    };
    let acting: Vec<&Statement> = all.iter().filter(|own| script::acts(own)).collect();
    let Some((_, before)) = acting.split_last() else { return };
    let Some(first) = before.iter().find(|statement| !script::is_repeatable(statement)) else { return };
    let why = match cause {
        Some(cause) => format!("{} makes the change no single transaction", script::command(cause)),
        None => "the change is no single transaction".to_owned(),
    };
    let message = format!("{why}: if one of its {} statements fails, those before it stay", acting.len());
    let Some(statement) = all.get(place) else { return };
    let hit = Hit::new(statement.span, message).note(format!(
        "change deploy goes on where it stopped; other runners start again with {}, which cannot be repeated",
        script::command(first)
    ));
    hits.push(hit.note("give it a change of its own, or make each statement repeatable (IF NOT EXISTS)"));
}

/// Whether a statement makes the runner go step by step.
fn refuses(statement: &Statement) -> bool {
    script::refuses(&statement.said) || matches!(statement.said, Said::AddEnumValue { .. })
}

/// Where to point to, and the statement that refuses transactions, if that is why. `second` is the
/// second statement that acts.
fn cause(all: &[Statement], second: Option<usize>) -> Option<(usize, Option<&Statement>)> {
    // Inside a transaction of the script's own it fails, which is another rule's.
    let mut open = false;
    for (at, statement) in all.iter().enumerate() {
        match statement.said {
            Said::Begin => open = true,
            _ if script::closes(statement) => open = false,
            _ if !open && refuses(statement) => return Some((at, Some(statement))),
            _ => {}
        }
    }
    // Transactions of the script's own are another rule's, too.
    let controls = |own: &Statement| matches!(own.said, Said::Begin | Said::Commit | Said::Rollback);
    if all.iter().any(controls) { None } else { second.map(|at| (at, None)) }
}
