//! ML27: a table that has seen as many instant changes as it can.

use super::common::approach_to;
use crate::lint::effect::mysql::{Server, Why};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "ML27",
    name: "instant-row-version-limit",
    dialect: Dialect::Mysql,
    severity: Severity::Advice,
    summary: "MySQL has counted 64 instant changes of the table's columns, and does no more of them",
    reason: "From MySQL 8.0.29 on, each instant ADD or DROP COLUMN leaves the rows as they are and \
        remembers one more version of them: up to 64, from 9.1 on up to 255. After that INSTANT is refused, \
        and a statement without the clause builds the table anew, which takes hours instead of a moment. \
        Only the catalogue of the target tells how many there were (INNODB_TABLES.TOTAL_ROW_VERSIONS).",
    lock: "the exclusive metadata lock for a moment at the beginning and the end; reads and writes go on \
        between",
    recipe: "Build the table anew at a time of your choice, which starts the count from nothing:\n\n    \
        ALTER TABLE orders FORCE, ALGORITHM=INPLACE, LOCK=NONE;",
    bad: &[Example {
        given: "CREATE TABLE orders (id INT PRIMARY KEY); -- fact: row_versions = 64",
        sql: "ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;",
    }],
    good: &[
        Example {
            given: "CREATE TABLE orders (id INT PRIMARY KEY); -- fact: row_versions = 12",
            sql: "ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let server = Server::of(seen.before);
    let Some(approach) = approach_to(seen).filter(|_| server.may_be_mysql()) else { return };
    let relation = seen.before.relation(approach.table);
    let Some(versions) = relation.and_then(|relation| relation.row_versions) else { return };
    let most = if server.is_mysql_since((9, 1)) { 255 } else { 64 };
    if versions < most {
        return;
    }
    for part in approach.parts.iter().filter(|part| matches!(part.why, Why::AddColumn | Why::DropColumn)) {
        let does = match approach.clauses.algorithm.as_deref() {
            Some("INSTANT") => "the server refuses this",
            _ => "the table is built anew for this",
        };
        let message = format!(
            "{does}: \"{}\" has seen {versions} instant changes, and {most} are the limit",
            approach.table.name
        );
        hits.push(Hit::new(part.span, message).on(approach.table));
    }
}
