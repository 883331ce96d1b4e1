//! PL20: a check on a domain that tables use.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL20",
    name: "alter-domain-add-check",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER DOMAIN … ADD CHECK reads every table that uses the domain",
    reason: "Every table with a column of the domain is read and tested, and none of them takes a write \
             meanwhile. Nothing in the statement names these tables, which is why it surprises.",
    lock: "SHARE on every table that uses the domain: writes wait, reads go on.",
    recipe: concat!(
        "With NOT VALID new values are tested and no table is locked:\n\n",
        "    ALTER DOMAIN email ADD CONSTRAINT email_at CHECK (VALUE LIKE '%@%') NOT VALID;\n\n",
        "Its validation locks the tables all the same (PL21): if the old values must be tested, too, use \
         a CHECK on each table, which can be validated while everybody goes on.",
    ),
    bad: &[
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    CREATE TABLE contacts (id bigint, n points);",
            sql: "ALTER DOMAIN points ADD CHECK (VALUE > -5);",
        },
        Example { given: "", sql: "ALTER DOMAIN points ADD CONSTRAINT points_min CHECK (VALUE > 0);" },
    ],
    good: &[
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    CREATE TABLE contacts (id bigint, n points);",
            sql: "ALTER DOMAIN points ADD CHECK (VALUE > -5) NOT VALID;",
        },
        Example { given: "CREATE DOMAIN points AS int;", sql: "ALTER DOMAIN points ADD CHECK (VALUE > -5);" },
        Example {
            given: "",
            sql: "CREATE DOMAIN points AS int;\n\
                  ALTER DOMAIN points ADD CHECK (VALUE > -5);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let text = script::text(seen.statement, seen.statement.span);
    for effort in common::blocking(seen, Cause::DomainCheck) {
        let message = format!(
            "writes to {} wait while its values are tested against the domain",
            common::told(&effort.on)
        );
        hits.push(common::work(seen, effort, message).instead(format!("{text} NOT VALID;")));
    }
}
