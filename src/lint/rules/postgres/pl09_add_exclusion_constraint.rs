//! PL09: an exclusion constraint on a table with rows.

use super::common;
use crate::lint::effect::Cause;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PL09",
    name: "add-exclusion-constraint",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "ADD EXCLUDE builds its index while the table is locked",
    reason: "The index behind an exclusion constraint is built under the strongest lock, and there is \
             no way around: it cannot be built CONCURRENTLY, and there is no NOT VALID for it. Nobody \
             can use the table until every row has been compared.",
    lock: "ACCESS EXCLUSIVE on the table: every query waits, reads too.",
    recipe: concat!(
        "Make a new table with the constraint, let the application write to both, copy the rows in \
         batches, and swap the names:\n\n",
        "    CREATE TABLE bookings_new (LIKE bookings INCLUDING ALL,\n",
        "      CONSTRAINT bookings_during_excl EXCLUDE USING gist (during WITH &&));\n\n",
        "Or accept the wait in hours in which nobody minds, and say so in the script:\n\n",
        "    -- change: allow=PL09 because \"maintenance on Sunday, 4 minutes in the rehearsal\"",
    ),
    bad: &[
        Example { given: "", sql: "ALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&);" },
        Example {
            given: "CREATE TABLE bookings (room int, during tsrange);",
            sql: "ALTER TABLE bookings ADD CONSTRAINT once EXCLUDE USING gist (room WITH =, during WITH \
                  &&);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE b (d tsrange);\n\
                  ALTER TABLE b ADD EXCLUDE USING gist (d WITH &&);",
        },
        Example { given: "", sql: "CREATE TABLE b (d tsrange, EXCLUDE USING gist (d WITH &&));" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in common::blocking(seen, Cause::Exclusion) {
        let message = format!(
            "nobody can use {} while every row is compared with the others",
            common::told(&effort.on)
        );
        hits.push(common::work(seen, effort, message).note(
            "it can neither be built CONCURRENTLY nor added NOT VALID: a new table with the constraint is \
             the way around",
        ));
    }
}
