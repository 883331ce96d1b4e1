//! PR07: a table becomes logged or unlogged.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR07",
    name: "set-logged-unlogged",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SET LOGGED or SET UNLOGGED writes the table anew",
    reason: "Every row is written into a new file and every index built again, while nobody can use the \
             table, not even to read it. SET LOGGED writes all of it into the log of the server as \
             well, and every replica has to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A new table of the wanted kind, filled in batches, and the names swapped in a moment:\n\n",
        "    CREATE TABLE scratch_new (LIKE scratch INCLUDING ALL);\n",
        "    -- the next changes: write both, copy the old rows in batches\n",
        "    -- the last change:\n",
        "    ALTER TABLE scratch RENAME TO scratch_old;\n",
        "    ALTER TABLE scratch_new RENAME TO scratch;",
    ),
    bad: &[
        Example { given: "CREATE UNLOGGED TABLE scratch (a int);", sql: "ALTER TABLE scratch SET LOGGED;" },
        Example { given: "", sql: "ALTER TABLE orders SET UNLOGGED;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders SET (fillfactor = 70);" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);",
            sql: "ALTER TABLE orders SET LOGGED;",
        },
        Example {
            given: "",
            sql: "CREATE UNLOGGED TABLE t (a int);\n\
                  ALTER TABLE t SET LOGGED;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Logged) {
        let message = format!("nobody can use {} while it is written anew", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        let logged = matches!(common::action_at(seen, effort.span), Some((Action::SetLogged, _)));
        let (hit, kind) = match logged {
            true => (hit.note("all of it goes through the server's log, and every replica reads it"), ""),
            false => (hit, "UNLOGGED "),
        };
        hits.push(hit.instead(common::swapped(&effort.on, kind, "")));
    }
}
