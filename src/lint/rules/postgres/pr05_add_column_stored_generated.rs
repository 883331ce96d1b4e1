//! PR05: a new column that is generated and stored.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind};

pub(super) static RULE: Rule = Rule {
    code: "PR05",
    name: "add-column-stored-generated",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD COLUMN … GENERATED ALWAYS AS (…) STORED writes the table anew",
    reason: "The value is computed for every row and stored with it, so every row is written anew while \
             nobody can use the table, not even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. A VIRTUAL column (18 and later) \
           takes a moment.",
    recipe: concat!(
        "From version 18 on let it be computed when it is read:\n\n",
        "    ALTER TABLE orders ADD COLUMN total int GENERATED ALWAYS AS (price * qty) VIRTUAL;\n\n",
        "Before, a plain column, a trigger that fills it for new rows, and the old rows in batches \
         (PB01):\n\n",
        "    ALTER TABLE orders ADD COLUMN total int;\n",
        "    -- a trigger BEFORE INSERT OR UPDATE: NEW.total := NEW.price * NEW.qty\n",
        "    -- in the next change, batch by batch:\n",
        "    UPDATE orders SET total = price * qty WHERE total IS NULL AND id BETWEEN 1 AND 5000;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN total int GENERATED ALWAYS AS (price * qty) STORED;",
        },
        Example {
            given: "CREATE TABLE docs (body text);",
            sql: "ALTER TABLE docs ADD COLUMN len int GENERATED ALWAYS AS (length(body)) STORED;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN total int GENERATED ALWAYS AS (price * qty) VIRTUAL;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::StoredGenerated) {
        let Some((Action::AddColumn { column, .. }, _)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while every row is written anew with the computed value");
        let (table, own) = (words::sql(&effort.on), words::ident(&column.name));
        let ty = column.ty.as_ref().map(common::type_sql).unwrap_or_default();
        let expr = column.find(|kind| match kind {
            ConstraintKind::Generated { expr, .. } => Some(expr.text.as_str()),
            _ => None,
        });
        let expr = expr.unwrap_or_default();
        let sql = if seen.before.version().is_some_and(|(major, _)| major >= 18) {
            format!("ALTER TABLE {table} ADD COLUMN {own} {ty} GENERATED ALWAYS AS ({expr}) VIRTUAL;")
        } else {
            format!(
                "ALTER TABLE {table} ADD COLUMN {own} {ty};\n\
                 -- a trigger BEFORE INSERT OR UPDATE fills it for new rows\n\
                 -- in the next change, batch by batch:\n\
                 UPDATE {table} SET {own} = {expr} WHERE {own} IS NULL AND …;"
            )
        };
        hits.push(common::not_null_later(column, common::work(seen, effort, message)).instead(sql));
    }
}
