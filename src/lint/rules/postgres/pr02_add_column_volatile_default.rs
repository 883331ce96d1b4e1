//! PR02: a new column whose default is another for each row.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR02",
    name: "add-column-volatile-default",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN with a default that is computed anew for each row writes the table anew",
    reason: "A constant default, and one such as now(), is stored once and takes a moment. A default \
             such as gen_random_uuid() or clock_timestamp() is another for each row, so every row is \
             written anew while nobody can use the table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "The column without a default, then the default for new rows, then the old rows in batches \
         (PB01):\n\n",
        "    ALTER TABLE orders ADD COLUMN token uuid;\n",
        "    ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();\n",
        "    -- in the next change, batch by batch:\n",
        "    UPDATE orders SET token = gen_random_uuid() WHERE token IS NULL AND id BETWEEN 1 AND 5000;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN seen timestamptz NOT NULL DEFAULT clock_timestamp();",
        },
        Example {
            given: "CREATE FUNCTION new_code() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN \
                    md5(random()::text); END $$;",
            sql: "ALTER TABLE orders ADD COLUMN code text DEFAULT new_code();",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN placed timestamptz NOT NULL DEFAULT now();",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN data jsonb NOT NULL DEFAULT jsonb_build_object('a', 1);",
        },
        Example {
            given: "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;",
            sql: "ALTER TABLE orders ADD COLUMN n int DEFAULT one();",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::VolatileDefault) {
        let Some((Action::AddColumn { column, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let name = common::told(&effort.on);
        let message = match (&effort.unless, seen.before.at_least(11)) {
            (Some(_), _) => {
                format!(
                    "nobody can use {name} while every row is written anew, if the default is another for \
                     each"
                )
            }
            (None, true) => {
                format!(
                    "nobody can use {name} while every row is written anew: the default is another for each"
                )
            }
            (None, false) => {
                format!("nobody can use {name} while every row is written anew with the default")
            }
        };
        let default = column.default_value().map(|expr| expr.text.as_str()).unwrap_or_default();
        let (table, own) = (words::sql(&effort.on), words::ident(&column.name));
        let ty = column.ty.as_ref().map(common::type_sql).unwrap_or_default();
        hits.push(common::not_null_later(column, common::work(seen, effort, message)).instead(format!(
            "ALTER TABLE {table} ADD COLUMN {own} {ty};\n\
             ALTER TABLE {table} ALTER COLUMN {own} SET DEFAULT {default};\n\
             -- in the next change, batch by batch:\n\
             UPDATE {table} SET {own} = {default} WHERE {own} IS NULL AND …;"
        )));
    }
}
