//! ML25: storage engines, numbers and character sets that are regretted later.

use super::ml24_timestamp_2038_and_zero_date::declared;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Column, Name, Said, Span, Type};

pub(super) static RULE: Rule = Rule {
    code: "ML25",
    name: "engine-float-charset-policy",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "An engine without transactions, FLOAT for exact numbers, or a character set with gaps",
    reason: "Tables of MyISAM, Aria and MEMORY know no transactions: nothing written to them can be rolled \
        back, a crash may lose rows, and every write locks the whole table. FLOAT and DOUBLE hold most \
        decimal numbers only nearly: sums of prices are off by a cent. utf8 (utf8mb3) and latin1 have no \
        room for many letters and for emoji, which are refused or become question marks.",
    lock: "",
    recipe: "Use InnoDB, DECIMAL for money and counts, and utf8mb4:\n\n    \
        CREATE TABLE orders (id BIGINT PRIMARY KEY, price DECIMAL(12,2), note TEXT)\n    \
        ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;",
    bad: &[
        Example { given: "", sql: "CREATE TABLE orders (id INT PRIMARY KEY) ENGINE=MyISAM;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN price FLOAT;" },
        Example { given: "", sql: "CREATE TABLE orders (id INT PRIMARY KEY) DEFAULT CHARSET=utf8;" },
    ],
    good: &[Example {
        given: "",
        sql: "CREATE TABLE orders (id INT PRIMARY KEY, price DECIMAL(9,2)) ENGINE=InnoDB DEFAULT \
                CHARSET=utf8mb4;",
    }],
    check,
};

/// Engines without transactions.
const CARELESS: [&str; 9] =
    ["myisam", "aria", "memory", "heap", "csv", "archive", "merge", "mrg_myisam", "federated"];

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let (table, columns) = declared(&seen.statement.said);
    let Some(table) = table else { return };
    match &seen.statement.said {
        Said::CreateTable(create) if !create.temporary => {
            for (name, value) in &create.options {
                option(name, value, table, seen.statement.span, hits);
            }
        }
        Said::AlterTable { actions, .. } => {
            for (action, span) in actions {
                match action {
                    Action::TableOption { name, value } => option(name, value, table, *span, hits),
                    Action::ConvertCharset { to } => option("charset", to, table, *span, hits),
                    _ => {}
                }
            }
        }
        _ => return,
    }
    let near = |ty: &Type| matches!(ty.name.as_str(), "float" | "double");
    let is_near = |column: &Column| column.ty.as_ref().is_some_and(near);
    let found: Vec<&(&Column, Span)> = columns.iter().filter(|(column, _)| is_near(column)).collect();
    if let Some((_, span)) = found.first() {
        let names: Vec<String> = found.iter().map(|(column, _)| format!("\"{}\"", column.name)).collect();
        let message = format!("{} holds most decimal numbers only nearly", names.join(", "));
        hits.push(
            Hit::new(*span, message)
                .on(table)
                .note("fine for measurements; use DECIMAL for money and counts"),
        );
    }
    for (column, span) in &columns {
        let words = column.ty.iter().flat_map(|ty| &ty.more);
        for charset in words.filter_map(|word| word.strip_prefix("charset ")) {
            option("charset", charset, table, *span, hits);
        }
    }
}

fn option(name: &str, value: &str, table: &Name, span: Span, hits: &mut Vec<Hit>) {
    let message = match name {
        "engine" if CARELESS.contains(&value) => {
            format!("\"{}\" is kept by the engine {value}, which knows no transactions", table.name)
        }
        "charset" if !matches!(value, "utf8mb4" | "binary" | "ascii" | "default") => {
            format!("the character set {value} has no room for all letters")
        }
        _ => return,
    };
    hits.push(Hit::new(span, message).on(table));
}
