//! PL21: the validation of a domain's constraint.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL21",
    name: "alter-domain-validate",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER DOMAIN … VALIDATE CONSTRAINT locks every table that uses the domain",
    reason: "VALIDATE on a table lets everybody go on, but VALIDATE on a domain does not: every table \
             with a column of the domain is read, and none of them takes a write meanwhile. It is so in \
             every version up to 18.",
    lock: "SHARE on every table that uses the domain: writes wait, reads go on.",
    recipe: concat!(
        "Leave the constraint of the domain NOT VALID, for new values, and let each table vouch for its \
         old ones:\n\n",
        "    ALTER TABLE contacts ADD CONSTRAINT contacts_n_check CHECK (n > 0) NOT VALID;\n",
        "    -- in the next change:\n",
        "    ALTER TABLE contacts VALIDATE CONSTRAINT contacts_n_check;",
    ),
    bad: &[
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    CREATE TABLE contacts (id bigint, n points);\n\
                    ALTER DOMAIN points ADD CONSTRAINT points_min CHECK (VALUE > 0) NOT VALID;",
            sql: "ALTER DOMAIN points VALIDATE CONSTRAINT points_min;",
        },
        Example { given: "", sql: "ALTER DOMAIN points VALIDATE CONSTRAINT points_min;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE contacts VALIDATE CONSTRAINT contacts_n_check;" },
        Example {
            given: "CREATE DOMAIN points AS int;\n\
                    ALTER DOMAIN points ADD CONSTRAINT points_min CHECK (VALUE > 0) NOT VALID;",
            sql: "ALTER DOMAIN points VALIDATE CONSTRAINT points_min;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::DomainValidate) {
        let message = format!(
            "writes to {} wait while its values are tested against the domain",
            common::told(&effort.on)
        );
        hits.push(
            common::work(seen, effort, message)
                .note("for domains VALIDATE is as hard as ADD: a CHECK on the table is validated without it"),
        );
    }
}
