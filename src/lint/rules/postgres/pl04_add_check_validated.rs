//! PL04: a check that is tested at once.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL04",
    name: "add-check-validated",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a CHECK is added to a table with rows, and every row is tested",
    reason: "Every row is read and tested while nobody can use the table, not even to read it: the \
             strongest lock there is, held for a whole scan. Partitions and tables that inherit are \
             locked and read as well.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. VALIDATE CONSTRAINT takes SHARE \
           UPDATE EXCLUSIVE: nobody waits.",
    recipe: concat!(
        "Two changes. The first adds the check for new rows only, which takes a moment:\n\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_qty_check CHECK (qty > 0) NOT VALID;\n\n",
        "The second tests the rows that were there, while everybody goes on:\n\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_check;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE accounts ADD CHECK (score > 0);" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, qty int);",
            sql: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0);",
        },
        Example {
            given: "",
            sql: "DO $$ BEGIN ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0); END $$;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE accounts ADD CHECK (score > 0) NOT VALID;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (qty int);\n\
                  ALTER TABLE t ADD CHECK (qty > 0);",
        },
        Example { given: "", sql: "ALTER TABLE accounts ADD CHECK (score > 0) NOT ENFORCED;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Check) {
        let message = format!("nobody can use {} while every row is tested", common::told(&effort.on));
        let hit = common::work(seen, effort, message);
        hits.push(match common::constraint_at(seen, effort.span) {
            Some(constraint) => {
                let columns = match &constraint.kind {
                    ConstraintKind::Check(expr) => expr.columns.as_slice(),
                    _ => &[],
                };
                let name = common::name_of(&effort.on, constraint, columns);
                let sql = common::named(seen, constraint, &name);
                hit.instead(common::in_two_changes(&common::table_sql(seen), &sql, &words::ident(&name)))
            }
            None => hit,
        });
    }
}
