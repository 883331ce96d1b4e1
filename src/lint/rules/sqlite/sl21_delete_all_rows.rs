//! Every row of a table is deleted.

use super::written::{WRITE_LOCK, list};
use crate::lint::effect::Loss;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Said, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "SL21",
    name: "delete-all-rows",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "DELETE without a condition on a table that was there before, or one that takes rows of other \
              tables along",
    reason: "Every row is gone for good once this is committed; no revert script brings them back. With \
             foreign keys on, rows of other tables that point there with ON DELETE CASCADE go with them.",
    lock: WRITE_LOCK,
    recipe: "Say which rows are meant, keep a copy of them, and delete in batches.\n\n    \
             CREATE TABLE deleted_sessions AS SELECT * FROM sessions WHERE ended_at < '2026-01-01';\n    \
             DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ended_at < '2026-01-01' LIMIT \
             5000);",
    bad: &[
        Example {
            given: "CREATE TABLE sessions (id INTEGER PRIMARY KEY); INSERT INTO sessions VALUES (1);",
            sql: "DELETE FROM sessions;",
        },
        Example {
            given: "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE orders (user_id INT REFERENCES \
                    users ON DELETE CASCADE); INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1);",
            sql: "PRAGMA foreign_keys = ON;\nDELETE FROM users WHERE id = 1;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE sessions (id INTEGER PRIMARY KEY); INSERT INTO sessions VALUES (1);",
            sql: "DELETE FROM sessions WHERE id = 1;",
        },
        Example { given: "", sql: "CREATE TABLE t (a INT);\nINSERT INTO t VALUES (1);\nDELETE FROM t;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Write(writes, _) = &seen.statement.said else { return };
    for write in writes.iter().filter(|write| write.kind == WriteKind::Delete) {
        let table = &write.table;
        let here = || seen.effects.lost.iter().filter(|lost| lost.span == write.span);
        let also: Vec<String> =
            here().filter(|lost| lost.on.name != table.name).map(|lost| lost.on.to_string()).collect();
        let all = here().any(|lost| lost.what == Loss::Rows && lost.on.name == table.name);
        let message = match (all, also.is_empty()) {
            (true, true) => format!("every row of {table} is deleted, and no revert script brings them back"),
            (true, false) => {
                format!("every row of {table} is deleted, and the rows of {} that point there", list(&also))
            }
            (false, false) => format!(
                "the rows of {} that point to the deleted rows of {table} go with \
                                       them",
                list(&also)
            ),
            (false, true) => continue,
        };
        hits.push(Hit::new(write.span, message).on(table));
    }
}
