//! PR14: timestamp to timestamptz, or back, in a zone that is not UTC.

use super::{common, script};
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PR14",
    name: "timestamp-conversion-depends-on-timezone",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "a change between timestamp and timestamptz writes the table anew unless the session's \
              time zone is UTC",
    reason: "In UTC both are the same on disk, and the change takes a moment (12 and later). In any \
             other zone every value is computed anew, and so is every row, while nobody can use the \
             table. Which zone counts is that of the session, so it may be quick on a laptop and an \
             outage in production.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "If the values are meant in UTC, say so for this script, and leave USING … AT TIME ZONE out, \
         which always computes anew:\n\n",
        "    SET timezone = 'UTC';\n",
        "    ALTER TABLE orders ALTER COLUMN placed TYPE timestamptz;\n\n",
        "If they are not, a new column beside the old one (PR01).",
    ),
    bad: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamp);",
            sql: "ALTER TABLE orders ALTER placed TYPE timestamptz;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamptz);",
            sql: "SET timezone = 'Europe/Oslo';\n\
                  ALTER TABLE orders ALTER placed TYPE timestamp;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamp);",
            sql: "SET timezone = 'UTC';\n\
                  ALTER TABLE orders ALTER placed TYPE timestamptz;",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamptz(3));",
            sql: "ALTER TABLE orders ALTER placed TYPE timestamptz(6);",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::TypeTimeZone) {
        let zone = seen.before.settings.get("timezone").or(seen.before.schema.time_zone.as_ref());
        let name = common::told(&effort.on);
        let message = match zone {
            Some(zone) => {
                format!("nobody can use {name} while every row is written anew: the time zone is {zone}")
            }
            None => {
                format!("nobody can use {name} while every row is written anew, unless the time zone is UTC")
            }
        };
        let hit = common::keys(seen, effort, common::work(seen, effort, message));
        let hit = match zone {
            Some(_) => hit,
            None => hit.note(common::depends("the time zone of the server")),
        };
        let text = script::text(seen.statement, seen.statement.span);
        hits.push(
            hit.note("if the values are meant in UTC, setting the zone for this script makes it a moment")
                .instead(format!("SET timezone = 'UTC';\n{text};")),
        );
    }
}
