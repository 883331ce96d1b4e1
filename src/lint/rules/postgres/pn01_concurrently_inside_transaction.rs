//! PN01: `CONCURRENTLY` inside a transaction.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PN01",
    name: "concurrently-inside-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a command with CONCURRENTLY stands inside a transaction",
    reason: "CREATE INDEX, DROP INDEX, REINDEX and DETACH PARTITION with CONCURRENTLY are several \
             transactions of their own, so the server refuses them between BEGIN and COMMIT, in a DO block \
             and in a function (25001). The deploy stops at this statement.",
    lock: "",
    recipe: concat!(
        "Write the statement without BEGIN and COMMIT around it, alone in its change:\n\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;  -- what a failed build left\n",
        "    CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n\n",
        "Such a script is run step by step: what came before the failure stays, and the change can be \
         resumed.",
    ),
    bad: &[
        Example {
            given: "",
            sql: "BEGIN;\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\nCOMMIT;",
        },
        Example {
            given: "CREATE INDEX orders_note_idx ON orders (note);",
            sql: "BEGIN;\nDROP INDEX CONCURRENTLY orders_note_idx;\nCOMMIT;",
        },
        Example { given: "", sql: "DO $$ BEGIN DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx; END $$;" },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);" },
        Example {
            given: "",
            sql: "BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nCOMMIT;\n\
                  CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        },
        Example { given: "", sql: "BEGIN;\nCREATE INDEX orders_note_idx ON orders (note);\nCOMMIT;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if !script::is_concurrent(&seen.statement.said) {
        return;
    }
    let refused = seen.effects.failures.iter().find(|failure| failure.sort == Fails::RefusesTransaction);
    let Some(failure) = refused else { return };
    let what = script::phrase(seen.statement);
    let message = format!("{what} cannot run inside a transaction: the deploy stops here");
    let mut hit = Hit::new(script::at(seen.statement, failure.span), message);
    if !script::is_top(seen) {
        hit = hit
            .note("a DO block and a function are always inside a transaction: take the statement out of it");
    } else {
        let own = script::opened(seen.script.statements, seen.position).is_some();
        let own = own || seen.script.directives.transaction != Some(true);
        hit = hit.note(if own {
            "BEGIN and COMMIT around it are the cause: take them off, and give it a change of its own"
        } else {
            "the directive transaction=on is the cause: take it off, and give the statement a change of its \
             own"
        });
        let text = script::text(seen.statement, seen.statement.span);
        hit = hit.instead(format!("{text};"));
    }
    if !failure.surely {
        hit = hit.severity(Severity::Advice);
    }
    hits.push(hit);
}
