//! PR08: a table or an index moves to another tablespace.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PR08",
    name: "set-tablespace",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SET TABLESPACE copies the table while it is locked",
    reason: "The file is copied block by block while nobody can use the table, not even to read it. The \
             indexes of a table stay where they are.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A new table in the other place, filled in batches, and the names swapped; or pg_repack, which \
         does that for you:\n\n",
        "    CREATE TABLE orders_new (LIKE orders INCLUDING ALL) TABLESPACE fast;\n\n",
        "An index is built again in the other place without locking anybody out:\n\n",
        "    CREATE INDEX CONCURRENTLY orders_note_idx2 ON orders (note) TABLESPACE fast;\n",
        "    -- in the next change:\n",
        "    DROP INDEX CONCURRENTLY orders_note_idx;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders SET TABLESPACE fast;" },
        Example {
            given: "CREATE INDEX orders_note_idx ON orders (note);",
            sql: "ALTER INDEX orders_note_idx SET TABLESPACE fast;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders SET (fillfactor = 70);" },
        Example {
            given: "ALTER TABLE orders SET TABLESPACE fast;",
            sql: "ALTER TABLE orders SET TABLESPACE fast;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t SET TABLESPACE fast;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Tablespace) {
        let what = match &seen.statement.said {
            Said::AlterTable { object: Object::Index, table, .. } => {
                format!("its index {}", common::told(table))
            }
            _ => "it".to_owned(),
        };
        let message = format!("nobody can use {} while {what} is copied", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let table = matches!(seen.statement.said, Said::AlterTable { object: Object::Table, .. });
        hits.push(match common::action_at(seen, effort.span) {
            Some((Action::SetTablespace { to }, _)) if table => {
                hit.instead(common::swapped(&effort.on, "", &format!(" TABLESPACE {}", words::ident(to))))
            }
            _ => hit,
        });
    }
}
