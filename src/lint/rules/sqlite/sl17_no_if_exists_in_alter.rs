//! `IF EXISTS` and `IF NOT EXISTS` in `ALTER TABLE`.

use super::written::failures;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "SL17",
    name: "no-if-exists-in-alter",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "IF EXISTS or IF NOT EXISTS in ALTER TABLE, which is a syntax error on SQLite",
    reason: "CREATE and DROP know these guards on SQLite, ALTER TABLE does not: \"near \"EXISTS\": syntax \
             error\". The deployment stops here.",
    lock: "",
    recipe: "Leave the guard out: a change is deployed once, and a script that is one transaction leaves \
             nothing behind when it fails. Assert the column in the verify script instead.\n\n    \
             -- deploy\n    \
             ALTER TABLE orders ADD COLUMN note TEXT;\n    \
             -- verify\n    \
             SELECT note FROM orders WHERE 0;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
            sql: "ALTER TABLE orders ADD COLUMN IF NOT EXISTS note TEXT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
            sql: "ALTER TABLE IF EXISTS orders ADD COLUMN note TEXT;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);",
            sql: "ALTER TABLE orders DROP COLUMN IF EXISTS note;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
            sql: "ALTER TABLE orders ADD COLUMN note TEXT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE IF NOT EXISTS orders (id INTEGER);\nDROP TABLE IF EXISTS \
                                   orders;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for failure in failures(seen, Fails::Guard) {
        let text = seen.statement.text.replace('\n', " ");
        let better = without_guard(&text);
        let hit = Hit::new(failure.span, format!("{}: this is a syntax error", failure.why));
        hits.push(hit.note("the deployment stops here").instead(better));
    }
}

/// The statement without its guards.
fn without_guard(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        words.push(word);
        let is = |back: usize, wanted: &str| {
            let own = words.len().checked_sub(back).and_then(|at| words.get(at));
            own.is_some_and(|own| own.eq_ignore_ascii_case(wanted))
        };
        if is(1, "EXISTS") && is(2, "NOT") && is(3, "IF") {
            words.truncate(words.len() - 3);
        } else if is(1, "EXISTS") && is(2, "IF") {
            words.truncate(words.len() - 2);
        }
    }
    format!("{};", words.join(" "))
}
