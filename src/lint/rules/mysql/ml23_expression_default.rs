//! ML23: a column with a default that has to be computed for each row.

use super::common::{quoted, quoted_name, waits};
use crate::lint::effect::mysql::{Part, Why, approach};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML23",
    name: "expression-default",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "A new column with an expression as default is computed for all rows while writes wait",
    reason: "A constant default, or the present time, is noted once in the catalogue and counts for all \
        rows that are there. An expression has to be computed for each of them, so the server copies the \
        table, and writes wait. (MariaDB sees that some expressions are constant; MySQL does not look.)",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Add the column without it, set the default for new rows, and fill the old ones in batches:\n\n    \
        ALTER TABLE orders ADD COLUMN token CHAR(36), ALGORITHM=INSTANT;\n    \
        ALTER TABLE orders ALTER COLUMN token SET DEFAULT (uuid());\n    \
        UPDATE orders SET token = uuid() WHERE id BETWEEN 1 AND 5000; -- and so on",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN token CHAR(36) DEFAULT (uuid());" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN twice INT DEFAULT (qty * 2);" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN state INT DEFAULT 5;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN at DATETIME DEFAULT CURRENT_TIMESTAMP;" },
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN token SET DEFAULT (uuid());" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    let what =
        |part: &Part| format!("computing the default of \"{}\" for the rows that are there", part.subject);
    waits(seen, &[Why::ExpressionDefault], what, hits);
    let Said::AlterTable { table, actions, .. } = &seen.statement.said else { return };
    if approach(seen.statement, seen.before).is_none() {
        return;
    }
    for hit in hits.iter_mut().skip(before) {
        let at = actions.iter().find(|(_, span)| *span == hit.span);
        let Some((Action::AddColumn { column, .. }, _)) = at else { continue };
        let Some((ty, expr)) = column.ty.as_ref().zip(column.default_value()) else { continue };
        let (table, name) = (quoted_name(table), quoted(&column.name));
        hit.instead = Some(format!(
            "ALTER TABLE {table} ADD COLUMN {name} {}, ALGORITHM=INSTANT;\n\
             ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {};\n-- then fill the old rows in batches",
            ty.written().to_uppercase(),
            expr.text
        ));
    }
}
