//! A column is dropped, and with that every row is written anew.

use super::written::WRITE_LOCK;
use crate::lint::effect::{Cause, Work};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "SL09",
    name: "drop-column-rewrites-table",
    dialect: Dialect::Sqlite,
    severity: Severity::Blocks,
    summary: "DROP COLUMN writes every row of the table anew under the write lock",
    reason: "Unlike ADD COLUMN and RENAME COLUMN, which change only the table's definition, DROP COLUMN \
             takes the value out of every row. Until it is done nobody else can write to the database, and \
             with a rollback journal, the default, nobody can read it either: on a table of 400 000 rows \
             nearly every query of another connection failed with \"database is locked\" meanwhile.",
    lock: WRITE_LOCK,
    recipe: "If the table is large, leave the column where it is: stop using it, and set it to NULL in \
             batches if the space matters. Else drop it in a change of its own at a quiet hour, with \
             busy_timeout set in the application, best with journal_mode WAL. A VIRTUAL generated column is \
             dropped without touching a row.\n\n    \
             -- in batches, each its own transaction\n    \
             UPDATE orders SET note = NULL WHERE id BETWEEN 1 AND 5000;",
    bad: &[Example {
        given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO orders VALUES (1, 'x');",
        sql: "ALTER TABLE orders DROP COLUMN note;",
    }],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO orders VALUES (1, \
                    'x');",
            sql: "ALTER TABLE orders RENAME COLUMN note TO remark;",
        },
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, n INT, twice INT AS (n * 2));",
            sql: "ALTER TABLE orders DROP COLUMN twice;",
        },
        Example { given: "", sql: "CREATE TABLE t (a INT, b INT);\nALTER TABLE t DROP COLUMN b;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let rewrites = |effort: &&crate::lint::effect::Effort| {
        effort.work == Work::Rewrite && effort.cause == Cause::Rebuild
    };
    for effort in seen.effects.efforts.iter().filter(rewrites) {
        let message = format!(
            "every row of {} is written anew, and nobody else can write to the database \
                               meanwhile",
            effort.on
        );
        let hit = Hit::new(effort.span, message).on(&effort.on);
        hits.push(hit.note("with a rollback journal (no WAL) nobody can read it either"));
    }
}
