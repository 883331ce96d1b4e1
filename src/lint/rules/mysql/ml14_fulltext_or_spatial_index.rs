//! ML14: an index for texts or shapes, on a table with rows.

use super::common::waits;
use crate::lint::effect::mysql::{Part, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML14",
    name: "fulltext-or-spatial-index",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "A FULLTEXT or SPATIAL index is built while writes wait",
    reason: "An ordinary index is built while others write. A FULLTEXT or SPATIAL index is not: from the \
        first row to the last, writes to the table wait (LOCK=NONE is refused). The first FULLTEXT index of \
        a table also builds the table anew, for a hidden number in each row, and from then on many changes \
        of the table that were instant no longer are.",
    lock: "SHARED (no writes) on the table while the index is built",
    recipe: "Have it done by gh-ost, pt-online-schema-change or spirit, or when nobody writes. Give new \
        tables the index from the start.",
    bad: &[
        Example { given: "", sql: "ALTER TABLE articles ADD FULLTEXT INDEX ft (body);" },
        Example { given: "", sql: "CREATE SPATIAL INDEX here ON places (point);" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE articles ADD INDEX (author);" },
        Example {
            given: "",
            sql: "CREATE TABLE articles (id INT, body TEXT); CREATE FULLTEXT INDEX ft ON articles (body);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    waits(seen, &[Why::SpecialIndex], |part: &Part| format!("building the index \"{}\"", part.subject), hits);
}
