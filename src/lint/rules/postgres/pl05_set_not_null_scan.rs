//! PL05: `SET NOT NULL` that has to read every row.

use super::{common, words};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL05",
    name: "set-not-null-scan",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "SET NOT NULL where nothing proves yet that no row is null",
    reason: "To be sure that no row is null the whole table is read, and nobody can use it meanwhile, \
             not even to read it. A validated CHECK (c IS NOT NULL) is proof enough for the server \
             (from 12 on); then it takes a moment. A check such as c > 0 proves nothing, because NULL \
             passes it, and neither does one that is NOT VALID still.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Three changes: a check for new rows, its validation while everybody goes on, and NOT NULL, \
         which then takes a moment:\n\n",
        "    ALTER TABLE accounts ADD CONSTRAINT accounts_score_present CHECK (score IS NOT NULL) NOT \
         VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE accounts VALIDATE CONSTRAINT accounts_score_present;\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE accounts ALTER COLUMN score SET NOT NULL;\n",
        "    ALTER TABLE accounts DROP CONSTRAINT accounts_score_present;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE accounts ALTER COLUMN score SET NOT NULL;" },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, score int);\n\
                    ALTER TABLE accounts ADD CHECK (score > 0);",
            sql: "ALTER TABLE accounts ALTER score SET NOT NULL;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, score int);\n\
                    ALTER TABLE accounts ADD CHECK (score IS NOT NULL) NOT VALID;",
            sql: "ALTER TABLE accounts ALTER score SET NOT NULL;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE accounts ADD COLUMN rank int DEFAULT 0, ALTER COLUMN rank SET NOT NULL;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, score int);\n\
                    ALTER TABLE accounts ADD CHECK (score IS NOT NULL);",
            sql: "ALTER TABLE accounts ALTER score SET NOT NULL;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY, score int);\n\
                    ALTER TABLE accounts ADD CONSTRAINT c CHECK (score IS NOT NULL AND score > 0) NOT \
                    VALID;\n\
                    ALTER TABLE accounts VALIDATE CONSTRAINT c;",
            sql: "ALTER TABLE accounts ALTER score SET NOT NULL;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY);",
            sql: "ALTER TABLE accounts ALTER id SET NOT NULL;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ALTER a SET NOT NULL;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::NotNull) {
        let Some((Action::SetNotNull { column }, _)) = common::action_at(seen, effort.span) else { continue };
        let name = common::told(&effort.on);
        let message =
            format!("nobody can use {name} while every row is looked at for a null in \"{column}\"");
        let hit = common::work(seen, effort, message);
        hits.push(if has_new_default(seen, &effort.on, column) {
            hit.note("the column is new: NOT NULL behind its default, in ADD COLUMN itself, takes a moment")
        } else {
            hit.instead(in_three_changes(seen, &effort.on, column))
        });
    }
}

/// Whether a column is added here, with a default.
fn has_new_default(seen: &Seen<'_>, table: &Name, column: &str) -> bool {
    let Said::AlterTable { actions, .. } = &seen.statement.said else { return false };
    let here = actions.iter().any(|(action, _)| match action {
        Action::AddColumn { column: added, .. } => added.name == column && added.default_value().is_some(),
        _ => false,
    });
    let own = seen.before.relation(table).and_then(|own| own.column(column));
    let before = seen.before.is_new_column(table, column) && own.is_some_and(|own| own.default.is_some());
    here || before
}

/// A proof for new rows, then for the old ones, then the thing itself.
fn in_three_changes(seen: &Seen<'_>, on: &Name, column: &str) -> String {
    let table = words::sql(on);
    let check = words::ident(&format!("{}_{column}_present", on.name));
    let column = words::ident(column);
    if seen.before.version().is_some_and(|(major, _)| major >= 18) {
        return common::in_two_changes(&table, &format!("CONSTRAINT {check} NOT NULL {column}"), &check);
    }
    let first =
        common::in_two_changes(&table, &format!("CONSTRAINT {check} CHECK ({column} IS NOT NULL)"), &check);
    format!(
        "{first}\n-- in the change after it:\n\
         ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n\
         ALTER TABLE {table} DROP CONSTRAINT {check};"
    )
}
