//! ML15: text in another character set.

use super::common::waits;
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML15",
    name: "convert-charset",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "Text is written anew in another character set, while writes wait",
    reason: "Every row is copied with its text in the new character set, and writes wait until the last one \
        is there. Letters that the new set does not have become question marks or make the statement fail. \
        With another collation, texts that were different may count as equal, which a unique index refuses, \
        and joins with tables that were not converted can no longer use their indexes.",
    lock: "SHARED (no writes) on the table for the whole copy, then the exclusive metadata lock for a moment",
    recipe: "Set the character set for new columns, which only changes the catalogue, and have the old ones \
        converted by gh-ost, pt-online-schema-change or spirit:\n\n    \
        ALTER TABLE users DEFAULT CHARACTER SET utf8mb4;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4;" },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1);",
            sql: "ALTER TABLE users MODIFY name VARCHAR(20) CHARACTER SET utf8mb4;",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE users DEFAULT CHARACTER SET utf8mb4;" },
        Example {
            given: "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20)) DEFAULT CHARSET=utf8mb4;",
            sql: "ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let what =
        |part: &Part| format!("writing text in another character set or collation (\"{}\")", part.subject);
    waits(seen, &[Why::Charset], what, hits);
}
