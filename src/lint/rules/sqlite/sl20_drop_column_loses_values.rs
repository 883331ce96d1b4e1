//! A column is dropped, with its values.

use super::written::{WRITE_LOCK, actions};
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Said, WriteKind};

pub(super) static RULE: Rule = Rule {
    code: "SL20",
    name: "drop-column-loses-values",
    dialect: Dialect::Sqlite,
    severity: Severity::Breaks,
    summary: "A column is dropped, with all its values",
    reason: "The values are gone for good once this is committed; a revert script can add the column again, \
             but empty. Running code that names it fails at once, and so does INSERT INTO t VALUES (…), \
             which counts the columns.",
    lock: WRITE_LOCK,
    recipe: "Expand, migrate, contract: let all code stop reading the column, then stop writing it, wait \
             longer than the rarest job, take a copy, and drop it in a contract change of its own.\n\n    \
             -- change: phase=contract\n    \
             ALTER TABLE orders DROP COLUMN note;",
    bad: &[Example {
        given: "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO orders VALUES (1, 'x');",
        sql: "ALTER TABLE orders DROP COLUMN note;",
    }],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);",
            sql: "ALTER TABLE orders ADD COLUMN work INT;\nUPDATE orders SET work = 1 WHERE id = 1;\n\
                  ALTER TABLE orders DROP COLUMN work;",
        },
        Example { given: "", sql: "CREATE TABLE t (a INT, b INT);\nALTER TABLE t DROP COLUMN b;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for (table, action, span) in actions(seen) {
        let Action::DropColumn { name, .. } = action else { continue };
        let gone = |broken: &&crate::lint::effect::Broken| broken.span == span && broken.how == How::Gone;
        if seen.effects.broken.iter().find(gone).is_none() {
            continue;
        }
        let message = format!(
            "the column {table}.{name} is gone, with its values: running code that names \
                               it fails"
        );
        let hit = Hit::new(span, message).on(table);
        hits.push(match copied(seen, &table.name, name) {
            Some(other) => hit.note(format!(
                "this script copied its values to {other}; code that still names {name} \
                                  fails"
            )),
            None => hit.note("take a copy first; the revert script cannot bring the values back"),
        });
    }
}

/// The column to which an earlier `UPDATE` of the script copies the values.
fn copied<'a>(seen: &Seen<'a>, table: &str, column: &str) -> Option<&'a str> {
    let earlier = seen.script.statements.get(..seen.position).unwrap_or_default();
    earlier.iter().find_map(|statement| {
        let Said::Write(writes, _) = &statement.said else { return None };
        let own = writes.iter().filter(|write| write.kind == WriteKind::Update && write.table.name == table);
        own.flat_map(|write| &write.sets)
            .find(|(set, expr)| set != column && expr.columns.iter().any(|read| read == column))
            .map(|(set, _)| set.as_str())
    })
}
