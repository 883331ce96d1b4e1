//! A verify script that cannot fail.

use super::names::is_catalogue;
use super::{ANY, ChangeSeen, Check, PlanHit, PlanRule, Script, nothing};
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::Dialect;
use crate::sql::lex::{TokenKind, tokens};
use crate::sql::statement::{Said, Statement};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH03",
        name: "verify-asserts-nothing",
        dialect: ANY,
        severity: Severity::Advice,
        summary: "A verify script holds no statement that fails when the change is not there",
        reason: "A verify script says no by failing; what it prints is not read. `SELECT 1` always succeeds, \
                 and so does a query on the catalogue that finds nothing: it gives no rows, which is no \
                 error. On SQLite and MySQL even `SELECT 1/count(*)` succeeds, since a division by zero is \
                 NULL there.",
        lock: "",
        recipe: "Name the things themselves: a query on a table or column that is not there fails.\n\n    \
                 SELECT id, ref FROM orders WHERE false;\n\n\
                 For what a query cannot name, such as an index, make it fail by hand. On PostgreSQL:\n\n    \
                 SELECT 1 / count(*) FROM pg_indexes WHERE indexname = 'orders_ref';\n\n\
                 On SQLite, an index that is not there fails when it is demanded:\n\n    \
                 SELECT ref FROM orders INDEXED BY orders_ref WHERE ref = '';",
        bad: &[
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      verify/orders.sql\nSELECT 1;",
            },
            Example {
                given: "",
                sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                      verify/orders.sql\nSELECT 1/count(*) FROM sqlite_master WHERE name = 'orders';",
            },
        ],
        good: &[Example {
            given: "",
            sql: "-- deploy/orders.sql\nCREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- \
                  verify/orders.sql\nSELECT id FROM orders WHERE 0;",
        }],
        check: nothing,
    },
    check: Check::Change(check),
};

fn check(seen: &ChangeSeen<'_>) -> Vec<PlanHit> {
    let Some(verify) = &seen.change.verify else { return Vec::new() };
    let idle = |statement: &&Statement| {
        matches!(statement.said, Said::Begin | Said::Commit | Said::Rollback | Said::Savepoint)
    };
    let mut others = verify.statements.iter().filter(|statement| !idle(statement));
    let Some(first) = others.next() else { return Vec::new() };
    if asserts(verify, seen.plan.dialect) {
        return Vec::new();
    }
    let message = format!("this verify script succeeds whether {} was deployed or not", seen.change.name);
    let looks = matches!(&first.said, Said::Read(reads) if !reads.relations.is_empty());
    let hit = PlanHit::new(verify.place(first, first.span), message);
    vec![if looks {
        hit.note("a query on the catalogue that finds nothing is no error")
    } else {
        hit.note("name what the change made: a query on a table or column that is not there fails")
    }]
}

/// Whether a verify script holds a statement that can fail because something is not there.
pub(super) fn asserts(verify: &Script, dialect: Dialect) -> bool {
    verify.statements.iter().any(|statement| can_fail(statement, dialect))
}

/// Whether a statement can fail because something is not there.
fn can_fail(statement: &Statement, dialect: Dialect) -> bool {
    match &statement.said {
        Said::Begin | Said::Commit | Said::Rollback | Said::Savepoint => false,
        Said::Set { .. } => false,
        // `SHOW CREATE TABLE t` and `EXPLAIN SELECT … FROM t` fail when there is no t.
        Said::Harmless => {
            let looks: &[&str] = match dialect {
                Dialect::Mysql => &["EXPLAIN", "DESCRIBE", "DESC", "SHOW", "CHECK"],
                _ => &["EXPLAIN"],
            };
            let first = tokens(&statement.text, dialect).find(|token| token.kind != TokenKind::Comment);
            first.is_some_and(|first| looks.iter().any(|word| first.is(word)))
        }
        Said::Read(reads) => {
            let own = reads.relations.iter().any(|name| !is_catalogue(name));
            // Only on PostgreSQL is a division by zero an error.
            let divides = dialect == Dialect::Postgres
                && tokens(&statement.text, dialect).any(|token| token.text == "/" || token.text == "%");
            let calls = match dialect {
                Dialect::Sqlite => reads.calls.iter().any(|call| !computes(&call.name)),
                _ => reads.calls.iter().any(|call| !counts(&call.name)),
            };
            own || divides || calls
        }
        _ => true,
    }
}

/// The functions that SQLite has built in never fail because something is not there.
fn computes(name: &str) -> bool {
    name.starts_with("pragma_") || name.starts_with("json") || counts(name)
}

/// Functions that only compute.
fn counts(name: &str) -> bool {
    let known = [
        "abs",
        "coalesce",
        "count",
        "current_date",
        "current_time",
        "current_timestamp",
        "date",
        "datetime",
        "exists",
        "group_concat",
        "ifnull",
        "iif",
        "instr",
        "length",
        "lower",
        "max",
        "min",
        "now",
        "nullif",
        "printf",
        "round",
        "strftime",
        "substr",
        "sum",
        "time",
        "total",
        "trim",
        "typeof",
        "upper",
    ];
    known.contains(&name)
}
