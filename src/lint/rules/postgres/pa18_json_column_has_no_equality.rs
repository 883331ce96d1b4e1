//! A column of type json.

use super::around;
use super::words::{ident, sql};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Type};

pub(super) static RULE: Rule = Rule {
    code: "PA18",
    name: "json-column-has-no-equality",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A table in use gets a column of type json, which cannot be compared",
    reason: "The type json has no equality. SELECT DISTINCT over all columns, GROUP BY, UNION and IN over \
             whole rows fail on such a table with \"could not identify an equality operator for type json\", \
             though no query was changed: frameworks write SELECT DISTINCT orders.* by themselves.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Use jsonb, which can be compared and indexed.\n
    ALTER TABLE orders ADD COLUMN details jsonb;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN details json;" },
        Example {
            given: "CREATE TABLE orders (id int);",
            sql: "ALTER TABLE orders ADD COLUMN details json DEFAULT '{}';",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN details jsonb;" },
        Example { given: "", sql: "CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN details json;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    let is_json = |ty: &Type| ty.name == "json" && !ty.array;
    for (action, span) in actions {
        let (column, instead) = match action {
            Action::AddColumn { column, .. } if column.ty.as_ref().is_some_and(is_json) => (
                &column.name,
                format!("ALTER TABLE {} ADD COLUMN {} jsonb;", sql(table), ident(&column.name)),
            ),
            Action::AlterType { column, ty, .. } if is_json(ty) => {
                (column, format!("ALTER TABLE {} ALTER COLUMN {} TYPE jsonb;", sql(table), ident(column)))
            }
            _ => continue,
        };
        let message = format!(
            "{table}.{column} is json, which has no equality: SELECT DISTINCT, GROUP BY and UNION over it \
             fail"
        );
        hits.push(
            Hit::new(*span, message)
                .on(table)
                .note("harmless if every query that compares rows names its columns")
                .instead(instead),
        );
    }
}
