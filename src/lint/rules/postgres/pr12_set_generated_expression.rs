//! PR12: another expression for a generated column.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PR12",
    name: "set-generated-expression",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SET EXPRESSION on a stored generated column writes the table anew",
    reason: "The value of every row is computed again and stored, so every row is written anew while \
             nobody can use the table, not even to read it (17 and later).",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too. For a VIRTUAL column (18 and \
           later) it takes a moment.",
    recipe: concat!(
        "A new column beside the old one, filled as PR05 says; when the readers have switched, the old \
         one goes:\n\n",
        "    ALTER TABLE docs ADD COLUMN len2 int;\n",
        "    -- a trigger BEFORE INSERT OR UPDATE fills it for new rows, then the old ones in batches\n",
        "    -- the last change, when nobody reads the old one:\n",
        "    ALTER TABLE docs DROP COLUMN len;",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE docs (body text, len int GENERATED ALWAYS AS (length(body)) STORED);",
            sql: "ALTER TABLE docs ALTER len SET EXPRESSION AS (length(body) + 1);",
        },
        Example { given: "", sql: "ALTER TABLE docs ALTER COLUMN len SET EXPRESSION AS (length(body) + 1);" },
    ],
    good: &[
        Example {
            given: "CREATE TABLE docs (body text, len int GENERATED ALWAYS AS (length(body)) VIRTUAL);",
            sql: "ALTER TABLE docs ALTER len SET EXPRESSION AS (length(body) + 1);",
        },
        Example { given: "", sql: "ALTER TABLE docs ALTER len DROP EXPRESSION;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::SetExpression) {
        let message = format!(
            "nobody can use {} while every row is written anew with the new value",
            common::told(&effort.on)
        );
        hits.push(common::work(seen, effort, message));
    }
}
