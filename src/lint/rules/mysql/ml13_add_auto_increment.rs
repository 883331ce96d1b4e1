//! ML13: a column that counts up, for a table with rows.

use super::common::{approach_to, by_a_tool, waits};
use crate::lint::effect::mysql::Why;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML13",
    name: "add-auto-increment",
    dialect: Dialect::Mysql,
    severity: Severity::Blocks,
    summary: "An AUTO_INCREMENT column for a table with rows keeps writes waiting while all rows get numbers",
    reason: "Each row has to get a number of its own, so the table is built anew, and nobody can write to \
        it meanwhile (LOCK=NONE is refused). Where replicas repeat the statement instead of the rows, the \
        same row may get another number there.",
    lock: "SHARED (no writes) on the table while it is built anew",
    recipe: "Have the table copied by gh-ost, pt-online-schema-change or spirit, or make a new table with \
        the column and move the rows in batches.",
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE log ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY;",
        },
        Example {
            given: "CREATE TABLE log (id BIGINT PRIMARY KEY);",
            sql: "ALTER TABLE log MODIFY id BIGINT AUTO_INCREMENT;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE log (id BIGINT AUTO_INCREMENT PRIMARY KEY);" },
        Example {
            given: "",
            sql: "CREATE TABLE log (id INT); ALTER TABLE log ADD COLUMN n BIGINT AUTO_INCREMENT UNIQUE;",
        },
        Example { given: "", sql: "ALTER TABLE log AUTO_INCREMENT = 1000;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let before = hits.len();
    waits(seen, &[Why::AutoIncrement], |part| format!("numbering the rows in \"{}\"", part.subject), hits);
    let Some(approach) = approach_to(seen) else { return };
    for hit in hits.iter_mut().skip(before) {
        hit.instead = Some(by_a_tool(seen, approach.table, hit.span));
    }
}
