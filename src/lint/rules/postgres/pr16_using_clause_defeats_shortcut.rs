//! PR16: a change of type with an expression.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PR16",
    name: "using-clause-defeats-shortcut",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER COLUMN … TYPE with a USING expression writes the whole table anew, even if the type \
              stays",
    reason: "The expression is computed for every row, so every row is written anew, while nobody can \
             use the table, not even to read it. Without it the same change of type may take a moment.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Leave USING out where the server converts by itself:\n\n",
        "    ALTER TABLE accounts ALTER COLUMN nick TYPE text;\n\n",
        "Change the values apart from the type, in batches (PB01):\n\n",
        "    UPDATE accounts SET nick = lower(nick) WHERE nick <> lower(nick) AND id BETWEEN 1 AND 5000;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, nick varchar(50));",
            sql: "ALTER TABLE accounts ALTER nick TYPE text USING lower(nick);",
        },
        Example {
            given: "",
            sql: "ALTER TABLE accounts ALTER COLUMN score TYPE int USING trim(score)::int;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamp);",
            sql: "ALTER TABLE orders ALTER placed TYPE timestamptz USING placed AT TIME ZONE 'UTC';",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, nick varchar(50));",
            sql: "ALTER TABLE accounts ALTER nick TYPE text;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, nick varchar(50));",
            sql: "ALTER TABLE accounts ALTER nick TYPE text USING nick::text;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::TypeUsing) {
        let Some((Action::AlterType { column, ty, using, .. }, _)) = common::action_at(seen, effort.span)
        else {
            continue;
        };
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while the expression is computed and written for every row");
        let hit = common::keys(seen, effort, common::work(seen, effort, message));
        let own = words::ident(column);
        let table = words::sql(&effort.on);
        let old = seen.before.relation(&effort.on).and_then(|relation| relation.column(column));
        let same = old.and_then(|old| old.ty.as_ref()).is_some_and(|old| old == ty);
        let expr = using.as_ref().map(|expr| expr.text.as_str()).unwrap_or_default();
        hits.push(if same {
            hit.instead(format!("-- batch by batch:\nUPDATE {table} SET {own} = {expr} WHERE …;"))
        } else {
            let fresh = words::ident(&format!("{column}_new"));
            hit.instead(format!(
                "ALTER TABLE {table} ADD COLUMN {fresh} {};\n\
                 -- the next changes: a trigger fills it for new rows, then batch by batch:\n\
                 UPDATE {table} SET {fresh} = {expr} WHERE {fresh} IS NULL AND …;\n\
                 -- the last change, when nobody reads the old one:\n\
                 ALTER TABLE {table} DROP COLUMN {own};\n\
                 ALTER TABLE {table} RENAME COLUMN {fresh} TO {own};",
                common::type_sql(ty)
            ))
        });
    }
}
