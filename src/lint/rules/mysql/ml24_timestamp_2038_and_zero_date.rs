//! ML24: `TIMESTAMP`, which ends in 2038, and dates that are none.

use crate::lint::effect::mysql::Server;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Column, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "ML24",
    name: "timestamp-2038-and-zero-date",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "A TIMESTAMP column ends in January 2038; a zero date is no date",
    reason: "TIMESTAMP counts seconds in 32 bits and holds nothing after 19 January 2038: an expiry date \
        ten years ahead is refused already. It also changes with the session's time zone. The date \
        0000-00-00 stands for nothing, is refused by the usual SQL modes, and most programs cannot read it. \
        (MariaDB 11.5 reaches to 2106.)",
    lock: "",
    recipe: "Use DATETIME and write UTC; let a date that is not known be NULL:\n\n    \
        ALTER TABLE orders ADD COLUMN sent_at DATETIME NULL;",
    bad: &[
        Example { given: "", sql: "CREATE TABLE orders (id INT PRIMARY KEY, expires TIMESTAMP NULL);" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN sent DATE DEFAULT '0000-00-00';" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE orders (id INT PRIMARY KEY, expires DATETIME);" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN sent DATE DEFAULT '2000-01-01';" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let ends = !Server::of(seen.before).is_mariadb_since((11, 5));
    let (table, columns) = declared(&seen.statement.said);
    let Some(table) = table else { return };
    let is = |column: &Column, name: &str| column.ty.as_ref().is_some_and(|ty| ty.name == name);
    let mut found = |columns: Vec<&(&Column, Span)>, what: &str| {
        let Some((_, span)) = columns.first() else { return };
        let names: Vec<String> = columns.iter().map(|(column, _)| format!("\"{}\"", column.name)).collect();
        hits.push(Hit::new(*span, format!("{} {what}", names.join(", "))).on(table));
    };
    if ends {
        let short = columns.iter().filter(|(column, _)| is(column, "timestamp")).collect();
        found(short, "(TIMESTAMP) can hold nothing after January 2038");
    }
    let zero = |column: &Column| column.default_value().is_some_and(|expr| expr.text.contains("0000-00-00"));
    let zero = columns.iter().filter(|(column, _)| zero(column)).collect();
    found(zero, "begins with the date 0000-00-00, which is none");
}

/// The columns that a statement declares, with their places.
pub(super) fn declared(said: &Said) -> (Option<&Name>, Vec<(&Column, Span)>) {
    match said {
        Said::CreateTable(create) => {
            (Some(&create.name), create.columns.iter().map(|column| (column, column.span)).collect())
        }
        Said::AlterTable { table, actions, .. } => {
            let columns = actions.iter().filter_map(|(action, span)| match action {
                Action::AddColumn { column, .. } | Action::Modify { column, .. } => Some((column, *span)),
                _ => None,
            });
            (Some(table), columns.collect())
        }
        _ => (None, Vec::new()),
    }
}
