//! A table is dropped, if it is there, to be made anew.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PI04",
    name: "force-recreate",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "DROP TABLE IF EXISTS right before CREATE TABLE",
    reason: "Where the table is not there, the DROP does nothing; where it is, it throws the rows away. \
             Nobody needs it for the first deploy, and run a second time, or against the wrong database, it \
             empties a table in use.",
    lock: "ACCESS EXCLUSIVE on the table, if it is there.",
    recipe: "Write plain CREATE TABLE: if the table is there, the deploy stops, and nothing is lost.\n
    CREATE TABLE orders (id bigint PRIMARY KEY);",
    bad: &[
        Example {
            given: "",
            sql: "DROP TABLE IF EXISTS orders; CREATE TABLE orders (id bigint PRIMARY KEY);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint);",
            sql: "BEGIN; DROP TABLE IF EXISTS orders CASCADE; CREATE TABLE orders (id bigint, note text); \
                  COMMIT;",
        },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE orders (id bigint PRIMARY KEY);" },
        Example { given: "", sql: "DROP TABLE IF EXISTS pg_temp.work; CREATE TEMP TABLE work (id int);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id int); DROP TABLE IF EXISTS t; CREATE TABLE t (id bigint);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::Drop { object: Object::Table, names, if_exists: true, .. } = &seen.statement.said else {
        return;
    };
    let later = around::later(seen);
    for name in names.iter().filter(|name| seen.before.is_old(name)) {
        let key = seen.before.key(name);
        let again = |said: &Said| match said {
            Said::CreateTable(create) => !create.temporary && seen.before.key(&create.name) == key,
            _ => false,
        };
        if later.iter().any(|next| again(&next.said)) {
            let message = format!("if there is a table {name}, this throws its rows away to make it anew");
            hits.push(
                Hit::new(seen.statement.span, message)
                    .on(name)
                    .note("leave the DROP out: CREATE TABLE then stops where the table is in the way"),
            );
        }
    }
}
