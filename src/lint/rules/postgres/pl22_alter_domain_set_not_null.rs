//! PL22: a domain that may hold no nulls any more.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL22",
    name: "alter-domain-set-not-null",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER DOMAIN … SET NOT NULL reads every table that uses the domain",
    reason: "Every table with a column of the domain is read for nulls, and none of them takes a write \
             meanwhile. Nothing in the statement names these tables, which is why it surprises.",
    lock: "SHARE on every table that uses the domain: writes wait, reads go on.",
    recipe: concat!(
        "Say it of the columns, not of the domain, in the three steps of PL05:\n\n",
        "    ALTER TABLE contacts ADD CONSTRAINT contacts_n_present CHECK (n IS NOT NULL) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE contacts VALIDATE CONSTRAINT contacts_n_present;\n",
        "    -- in the change after it:\n",
        "    ALTER TABLE contacts ALTER COLUMN n SET NOT NULL;\n",
        "    ALTER TABLE contacts DROP CONSTRAINT contacts_n_present;",
    ),
    bad: &[
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    CREATE TABLE contacts (id bigint, n points);",
            sql: "ALTER DOMAIN points SET NOT NULL;",
        },
        Example { given: "", sql: "ALTER DOMAIN points SET NOT NULL;" },
    ],
    good: &[
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    CREATE TABLE contacts (id bigint, n points);",
            sql: "ALTER DOMAIN points SET DEFAULT 1;",
        },
        Example { given: "CREATE DOMAIN points AS int;", sql: "ALTER DOMAIN points SET NOT NULL;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::DomainNotNull) {
        let message = format!("writes to {} wait while it is read for nulls", common::told(&effort.on));
        hits.push(
            common::work(seen, effort, message).note("say NOT NULL of the columns instead: PL05 says how"),
        );
    }
}
