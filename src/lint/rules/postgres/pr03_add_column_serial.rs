//! PR03: a new serial column.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Type};

pub(super) static RULE: Rule = Rule {
    code: "PR03",
    name: "add-column-serial",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN of a serial type writes the table anew",
    reason: "Every row gets a number of its own, so every row is written anew while nobody can use the \
             table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "A plain column with a sequence for new rows; the old rows get their numbers in batches (PB01):\n\n",
        "    CREATE SEQUENCE orders_n_seq;\n",
        "    ALTER TABLE orders ADD COLUMN n bigint;\n",
        "    ALTER TABLE orders ALTER COLUMN n SET DEFAULT nextval('orders_n_seq');\n",
        "    ALTER SEQUENCE orders_n_seq OWNED BY orders.n;\n",
        "    -- in the next change, batch by batch:\n",
        "    UPDATE orders SET n = nextval('orders_n_seq') WHERE n IS NULL AND id BETWEEN 1 AND 5000;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN n bigserial;" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY);",
            sql: "ALTER TABLE orders ADD n serial NOT NULL;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN n bigint;" },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN n bigserial;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Serial) {
        let Some((Action::AddColumn { column, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while every row is written anew with a number of its own");
        let (table, own) = (words::sql(&effort.on), words::ident(&column.name));
        let sequence = words::ident(&format!("{}_{}_seq", effort.on.name, column.name));
        let serial = column.ty.as_ref().and_then(|ty| ty.serial()).unwrap_or("int8");
        let integer = common::type_sql(&Type::plain(serial));
        hits.push(common::not_null_later(column, common::work(seen, effort, message)).instead(format!(
            "CREATE SEQUENCE {sequence};\n\
             ALTER TABLE {table} ADD COLUMN {own} {integer};\n\
             ALTER TABLE {table} ALTER COLUMN {own} SET DEFAULT nextval('{sequence}');\n\
             ALTER SEQUENCE {sequence} OWNED BY {table}.{own};\n\
             -- in the next change, batch by batch:\n\
             UPDATE {table} SET {own} = nextval('{sequence}') WHERE {own} IS NULL AND …;"
        )));
    }
}
