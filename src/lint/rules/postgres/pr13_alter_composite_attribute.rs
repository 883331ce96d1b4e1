//! PR13: another type for an attribute of a composite type.

use super::{common, script};
use crate::lint::effect::{Cause, Fails};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Said;

pub(super) static RULE: Rule = Rule {
    code: "PR13",
    name: "alter-composite-attribute",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ALTER TYPE … ALTER ATTRIBUTE fails if a column has the type, and writes typed tables anew",
    reason: "If any table has a column of the composite type, the statement fails and the deploy stops \
             there. With CASCADE tables that were made OF the type are written anew, while nobody can \
             use them, not even to read them.",
    lock: "ACCESS EXCLUSIVE on every table that is OF the type: every query waits, reads too.",
    recipe: concat!(
        "A new type with the other attribute, and a new column of it beside the old one:\n\n",
        "    CREATE TYPE address2 AS (street text, zip int);\n",
        "    ALTER TABLE people ADD COLUMN address2 address2;",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TYPE address ALTER ATTRIBUTE zip TYPE int;" },
        Example {
            given: "CREATE TYPE address AS (street text, zip text);\n\
                    CREATE TABLE people (id bigint, home address);",
            sql: "ALTER TYPE address ALTER ATTRIBUTE zip TYPE int;",
        },
        Example { given: "", sql: "ALTER TYPE address ALTER ATTRIBUTE zip TYPE int CASCADE;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TYPE address ADD ATTRIBUTE country text;" },
        Example {
            given: "",
            sql: "CREATE TYPE address AS (street text, zip text);\n\
                  ALTER TYPE address ALTER ATTRIBUTE zip TYPE int;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::AlterAttributes { name, .. } = &seen.statement.said else { return };
    for effort in seen.effects.efforts.iter().filter(|effort| effort.cause == Cause::Attribute) {
        let message = format!("{} while it is written anew", common::nobody_uses(&effort.on));
        hits.push(common::work(seen, effort, message));
    }
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::Attribute) {
        let span = script::at(seen.statement, failure.span);
        let message = if failure.surely {
            format!("this fails, because {}: the deploy stops here", failure.why)
        } else {
            format!("this fails if a table has a column of the type \"{name}\"")
        };
        let hit = Hit::new(span, message).severity(Severity::Breaks);
        hits.push(if failure.surely { hit } else { hit.note(common::depends("which tables use the type")) });
    }
}
