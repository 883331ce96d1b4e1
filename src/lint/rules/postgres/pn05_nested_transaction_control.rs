//! PN05: transactions that begin or end in the middle of a script.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PN05",
    name: "nested-transaction-control",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a transaction begins or ends in the middle of the script",
    reason: "One BEGIN … COMMIT around everything, or none at all, makes a change that is there wholly or \
             not at all. A COMMIT in the middle lets the first half stay when the second fails; a second \
             BEGIN is only a warning for the server, and the next COMMIT ends both; a ROLLBACK takes work \
             back that the plan counts as deployed. Inside a transaction, COMMIT in a DO block fails \
             (2D000).",
    lock: "",
    recipe: "Leave transactions to the runner, or write one BEGIN at the start and one COMMIT at the end. \
             What needs several transactions belongs into several changes; what may be undone, behind a \
             SAVEPOINT.",
    bad: &[
        Example {
            given: "",
            sql: "BEGIN;\nALTER TABLE orders ADD COLUMN a int;\nCOMMIT;\n\
                  BEGIN;\nALTER TABLE orders ADD COLUMN b int;\nCOMMIT;",
        },
        Example {
            given: "",
            sql: "BEGIN;\nCREATE TABLE a (id int);\nBEGIN;\nCREATE TABLE b (id int);\nCOMMIT;",
        },
        Example { given: "", sql: "CREATE TABLE a (id int);\nCOMMIT;\nCREATE TABLE b (id int);" },
        Example { given: "", sql: "BEGIN;\nCREATE TABLE a (id int);\nROLLBACK;" },
    ],
    good: &[
        Example { given: "", sql: "BEGIN;\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\nCOMMIT;" },
        Example {
            given: "",
            sql: "BEGIN;\nCREATE TABLE a (id int);\nSAVEPOINT s;\nCREATE TABLE b (id int);\nROLLBACK TO s;\n\
                  COMMIT;",
        },
        Example { given: "", sql: "BEGIN;\nSELECT 1 FROM orders WHERE false;\nROLLBACK;" },
        Example { given: "", sql: "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nANALYZE a;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if let Said::Do { commits: true, .. } = seen.statement.said {
        commits_inside(seen, hits);
    }
    let controls = matches!(seen.statement.said, Said::Begin | Said::Commit | Said::Rollback);
    if !controls || !script::is_top(seen) {
        return;
    }
    let all = seen.script.statements;
    let open = script::opened(all, seen.position);
    let (message, note) = match (&seen.statement.said, open) {
        (Said::Begin, Some(_)) => (
            "BEGIN inside a transaction begins nothing: the next COMMIT ends all of it",
            "the server only warns; what follows that COMMIT is outside of any transaction",
        ),
        (Said::Begin, None) if ended_before(all, seen.position) => (
            "the script has several transactions: if this one fails, what came before stays",
            "give each transaction a change of its own",
        ),
        (Said::Commit | Said::Rollback, None) => (
            "the script ends a transaction that it did not begin",
            "run in one transaction, it would cut that short: what came before stays even if the rest fails",
        ),
        (Said::Commit, Some(_)) if goes_on(all, seen.position) => (
            "statements follow COMMIT outside of any transaction: if one fails, what came before stays",
            "move COMMIT to the end, or what follows into a change of its own",
        ),
        (Said::Rollback, Some(begin)) if has_acts(all.get(begin..seen.position)) => (
            "ROLLBACK takes back what the script did, and the change counts as deployed all the same",
            "end with COMMIT; to undo a part, use SAVEPOINT and ROLLBACK TO",
        ),
        _ => return,
    };
    hits.push(Hit::new(seen.statement.span, message).note(note));
}

/// A block that commits, inside a transaction.
fn commits_inside(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let told = seen.effects.failures.iter().any(|failure| failure.sort == Fails::RefusesTransaction);
    if seen.before.in_transaction && !told {
        let message = "the DO block ends transactions, which fails inside one: the deploy stops here";
        let hit = Hit::new(seen.statement.span, message).note(
            "run the block outside of a transaction: no BEGIN around it, and -- change: transaction=off",
        );
        hits.push(hit.severity(Severity::Breaks));
    }
}

fn has_acts(statements: Option<&[Statement]>) -> bool {
    statements.unwrap_or_default().iter().any(script::acts)
}

/// Whether a transaction that did something ended before.
fn ended_before(all: &[Statement], position: usize) -> bool {
    let before = all.get(..position).unwrap_or_default();
    let ended = before.iter().rposition(|statement| matches!(statement.said, Said::Commit));
    ended.is_some_and(|at| has_acts(before.get(..at)))
}

/// Whether something is done after a position before the next transaction begins. What refuses
/// transactions has to stand there.
fn goes_on(all: &[Statement], position: usize) -> bool {
    let after = all.iter().skip(position + 1);
    let mut outside = after.take_while(|statement| statement.said != Said::Begin);
    outside.any(|statement| script::acts(statement) && !script::refuses(&statement.said))
}
