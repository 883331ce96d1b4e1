//! PL14: a not-null constraint that is tested at once (PostgreSQL 18).

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::ConstraintKind;

pub(super) static RULE: Rule = Rule {
    code: "PL14",
    name: "add-not-null-constraint-validated",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD CONSTRAINT … NOT NULL without NOT VALID reads every row",
    reason: "From PostgreSQL 18 on NOT NULL can be added as a constraint with a name. Without NOT VALID \
             every row is read for it under the strongest lock: nobody can use the table meanwhile, not \
             even to read it.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. VALIDATE CONSTRAINT takes SHARE \
           UPDATE EXCLUSIVE: nobody waits.",
    recipe: concat!(
        "Two changes. The first is for new rows only, which takes a moment:\n\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_total_not_null NOT NULL total NOT VALID;\n\n",
        "The second reads the rows that were there, while everybody goes on:\n\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_total_not_null;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_not_null NOT NULL total;" },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);",
            sql: "ALTER TABLE orders ADD NOT NULL total;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_total_not_null NOT NULL total NOT VALID;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);",
            sql: "ALTER TABLE orders ADD CONSTRAINT n NOT NULL total;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::NotNullConstraint) {
        let Some(constraint) = common::constraint_at(seen, effort.span) else { continue };
        let ConstraintKind::NotNull { column: Some(column) } = &constraint.kind else { continue };
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while every row is looked at for a null in \"{column}\"");
        let name = common::name_of(&effort.on, constraint, std::slice::from_ref(column));
        let sql = common::named(seen, constraint, &name);
        hits.push(common::work(seen, effort, message).instead(common::in_two_changes(
            &common::table_sql(seen),
            &sql,
            &words::ident(&name),
        )));
    }
}
