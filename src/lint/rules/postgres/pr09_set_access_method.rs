//! PR09: a table gets another access method.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR09",
    name: "set-access-method",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SET ACCESS METHOD writes the table anew",
    reason: "Every row is written anew in the other form and every index built again, while nobody can \
             use the table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A new table with the other method, filled in batches, and the names swapped in a moment:\n\n",
        "    CREATE TABLE events_new (LIKE events INCLUDING ALL) USING columnar;\n",
        "    -- the next changes: write both, copy the old rows in batches\n",
        "    -- the last change:\n",
        "    ALTER TABLE events RENAME TO events_old;\n",
        "    ALTER TABLE events_new RENAME TO events;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE events SET ACCESS METHOD columnar;" },
        Example {
            given: "CREATE TABLE events (id bigint);",
            sql: "ALTER TABLE events SET ACCESS METHOD columnar;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE events SET ACCESS METHOD heap;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t SET ACCESS METHOD columnar;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::AccessMethod) {
        let message = format!("nobody can use {} while it is written anew", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        hits.push(match common::action_at(seen, effort.span) {
            Some((Action::SetAccessMethod { to }, _)) => {
                hit.instead(common::swapped(&effort.on, "", &format!(" USING {}", words::ident(to))))
            }
            _ => hit,
        });
    }
}
