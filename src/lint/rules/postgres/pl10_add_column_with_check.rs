//! PL10: a new column with a check behind it.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL10",
    name: "add-column-with-check",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN with CHECK tests every row, although all hold the same value",
    reason: "ADD COLUMN alone takes a moment. With a CHECK behind it every row is read and tested under \
             the strongest lock, although each of them is null or holds the default.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "The column and its check apart; the check is validated in a change of its own:\n\n",
        "    ALTER TABLE orders ADD COLUMN discount int;\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_discount_check CHECK (discount > 0) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_discount_check;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN discount int CHECK (discount > 0);" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN discount int NOT NULL DEFAULT 1 CONSTRAINT discount_min \
                  CHECK \
                  (discount > 0);",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN discount int;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int CHECK (b > 0);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN discount int;\n\
                  ALTER TABLE orders ADD CHECK (discount > 0) NOT VALID;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::ColumnCheck) {
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while the check of the new column is tested on every row");
        let hit = common::work(seen, effort, message);
        hits.push(match common::column_at(seen, effort.span) {
            Some((column, whole, Some(constraint))) => {
                let (table, columns) = (common::table_sql(seen), std::slice::from_ref(&column.name));
                let name = common::name_of(&effort.on, constraint, columns);
                let check = common::named(seen, constraint, &name);
                let bare = common::without(seen, whole, constraint.span);
                let rest = common::in_two_changes(&table, &check, &words::ident(&name));
                hit.instead(format!("ALTER TABLE {table} {bare};\n{rest}"))
            }
            _ => hit,
        });
    }
}
