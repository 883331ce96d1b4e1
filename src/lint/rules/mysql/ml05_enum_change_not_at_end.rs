//! ML05: values of an `ENUM` or `SET` that are not added at its end.

use super::common::waits;
use crate::lint::effect::mysql::Why;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML05",
    name: "enum-change-not-at-end",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "Values of an ENUM or SET are inserted, moved or removed, which copies the table",
    reason: "Rows hold the number of a value, not its text. A value added at the end leaves all numbers as \
        they are, and only the catalogue changes. A value inserted, moved or removed changes the numbers of \
        others, so the server copies the table and writes wait. Where a removed value is in use, the \
        statement fails, or the row gets an empty string if the SQL mode is not strict. So does a 256th \
        value of an ENUM or a 9th of a SET, which need another byte.",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Add values at the end only, and leave those that are no longer used:\n\n    \
        ALTER TABLE orders MODIFY state ENUM('new','paid','sent'), ALGORITHM=INSTANT;",
    bad: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, state ENUM('new','paid'));",
            sql: "ALTER TABLE orders MODIFY state ENUM('new','sent','paid');",
        },
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, state ENUM('new','paid'));",
            sql: "ALTER TABLE orders MODIFY state ENUM('new');",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY, state ENUM('new','paid'));",
            sql: "ALTER TABLE orders MODIFY state ENUM('new','paid','sent');",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN state ENUM('new','paid');" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let what = |part: &crate::lint::effect::mysql::Part| {
        format!("changing the values of \"{}\" other than at the end", part.subject)
    };
    waits(seen, &[Why::Enum], what, hits);
}
