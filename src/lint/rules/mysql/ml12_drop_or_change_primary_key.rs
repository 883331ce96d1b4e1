//! ML12: a primary key that is dropped.

use super::common::{approach_to, quoted_name, waits};
use crate::lint::effect::mysql::Why;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML12",
    name: "drop-or-change-primary-key",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "Dropping the primary key copies the table while writes wait",
    reason: "InnoDB keeps the rows in the order of the primary key. Without one they are copied into a \
        table ordered by a hidden number, and writes wait until the last row is there. Replicas that look \
        rows up by the key then read the whole table for each row that is changed. If a new key takes the \
        place of the old one in the same statement, the table is built anew while others read and write.",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Drop the old key and add the new one in one statement:\n\n    \
        ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (tenant_id, id), ALGORITHM=INPLACE, LOCK=NONE;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders DROP PRIMARY KEY;" },
        Example {
            given: "",
            sql: "ALTER TABLE orders DROP PRIMARY KEY; ALTER TABLE orders ADD PRIMARY KEY (tenant_id, id);",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (tenant_id, id);" },
        Example {
            given: "",
            sql: "CREATE TABLE orders (id INT PRIMARY KEY); ALTER TABLE orders DROP PRIMARY KEY;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    waits(seen, &[Why::DropPrimaryKey], |_| "dropping the primary key".to_owned(), hits);
    let Some(approach) = approach_to(seen) else { return };
    let table = quoted_name(approach.table);
    for hit in hits.iter_mut().skip(before) {
        hit.instead = Some(format!(
            "ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (…), ALGORITHM=INPLACE, LOCK=NONE;"
        ));
    }
}
