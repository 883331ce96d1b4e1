//! ML04: a `VARCHAR` that grows over 255 bytes.

use super::common::{approach_to, by_a_tool, waits};
use crate::lint::effect::mysql::Why;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML04",
    name: "varchar-crosses-length-byte",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "A VARCHAR that grows over 255 bytes is a copy of the table",
    reason: "The length of each value is kept in one byte while the column holds at most 255 bytes, and in \
        two bytes from there on. Growing within either range only changes the catalogue; growing over the \
        border changes every row, so the server copies the table and writes wait. It counts bytes, not \
        letters: with utf8mb4 a letter may take four, so the border lies between VARCHAR(63) and \
        VARCHAR(64); with utf8mb3 between 85 and 86, with latin1 between 255 and 256. (MariaDB spares \
        columns of at most 127 bytes.)",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Stay below the border, or make a column of the new size beside the old one and move over:\n\n    \
        ALTER TABLE users MODIFY name VARCHAR(63), ALGORITHM=INPLACE, LOCK=NONE;\n\n\
        Give new columns 64 letters or more from the start, even if they need less now: then they can grow.",
    bad: &[
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50)) DEFAULT CHARSET=utf8mb4;",
            sql: "ALTER TABLE users MODIFY name VARCHAR(100);",
        },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50));",
            sql: "ALTER TABLE users CHANGE name name VARCHAR(100);",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50)) DEFAULT CHARSET=utf8mb4;",
            sql: "ALTER TABLE users MODIFY name VARCHAR(63);",
        },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(64)) DEFAULT CHARSET=utf8mb4;",
            sql: "ALTER TABLE users MODIFY name VARCHAR(500);",
        },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(100) CHARACTER SET latin1);",
            sql: "ALTER TABLE users MODIFY name VARCHAR(255) CHARACTER SET latin1;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    waits(
        seen,
        &[Why::VarcharBorder],
        |part| format!("letting \"{}\" grow over 255 bytes", part.subject),
        hits,
    );
    let Some(approach) = approach_to(seen) else { return };
    for hit in hits.iter_mut().skip(before) {
        hit.instead = Some(by_a_tool(seen, approach.table, hit.span));
    }
}
