//! PR01: a change of type that writes the table anew.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR01",
    name: "alter-column-type-rewrite",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER COLUMN … TYPE writes the whole table and its indexes anew",
    reason: "Every row is written into a new file and every index is built again, while nobody can use \
             the table, not even to read it. On a large table that is an outage of minutes or hours, it \
             needs the space of the table once more, and replicas follow behind. If a foreign key hangs \
             on the column, the table at its other end is locked as well and checked again.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. The same on tables at the other \
           end of a foreign key on the column. Making a varchar longer, varchar to text, or a numeric \
           longer at the same scale changes the catalogue only.",
    recipe: concat!(
        "A new column beside the old one: add it, write both from the application or a trigger, fill it \
         in batches, switch the readers, drop the old one; each step in a change of its own:\n\n",
        "    ALTER TABLE orders ADD COLUMN id_new bigint;\n",
        "    -- the next changes: a trigger that keeps it equal, then the old rows in batches (PB01)\n",
        "    -- the last change, when nobody reads the old one:\n",
        "    ALTER TABLE orders DROP COLUMN id;\n",
        "    ALTER TABLE orders RENAME COLUMN id_new TO id;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN id TYPE bigint;" },
        Example {
            given: "CREATE TABLE orders (id int PRIMARY KEY, doc json);",
            sql: "ALTER TABLE orders ALTER doc TYPE jsonb;",
        },
        Example {
            given: "CREATE TABLE orders (id int PRIMARY KEY);\n\
                    CREATE TABLE order_items (id bigint, order_id int REFERENCES orders (id));",
            sql: "ALTER TABLE orders ALTER id TYPE bigint;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, note varchar(100));",
            sql: "ALTER TABLE orders ALTER COLUMN note TYPE text;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2));",
            sql: "ALTER TABLE orders ALTER total TYPE numeric(18,2);",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ALTER a TYPE bigint;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::TypeChange) {
        let Some((Action::AlterType { column, ty, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let name = common::told(&effort.on);
        let message = match &effort.unless {
            Some(_) => {
                format!(
                    "nobody can use {name} while every row is written anew, unless the old type makes it free"
                )
            }
            None => {
                format!("nobody can use {name} while every row is written anew for the type of \"{column}\"")
            }
        };
        let (table, fresh) = (words::sql(&effort.on), words::ident(&format!("{column}_new")));
        hits.push(common::keys(seen, effort, common::work(seen, effort, message)).instead(format!(
            "ALTER TABLE {table} ADD COLUMN {fresh} {};\n\
             -- the next changes: a trigger that keeps it equal, then the old rows in batches\n\
             -- the last change, when nobody reads the old one:\n\
             ALTER TABLE {table} DROP COLUMN {old};\n\
             ALTER TABLE {table} RENAME COLUMN {fresh} TO {old};",
            common::type_sql(ty),
            old = words::ident(column),
        )));
    }
}
