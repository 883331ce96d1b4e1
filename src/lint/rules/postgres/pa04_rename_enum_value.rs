//! A value of an enum gets a new name.

use super::words::sql;
use crate::lint::effect::How;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Object;

pub(super) static RULE: Rule = Rule {
    code: "PA04",
    name: "rename-enum-value",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A value of an enum gets a new name",
    reason: "Rows show the new name at once, and running code that writes or compares the old one fails with \
             \"invalid input value for enum\". Code that reads the value meets a word it does not know.",
    lock: "No lock on any table.",
    recipe:
        "Add the new value, let the application understand both, move the rows in batches, and leave the old \
         value where it is: it does no harm.\n
    ALTER TYPE order_state ADD VALUE 'settled' AFTER 'paid';
    -- in a later change, in batches
    UPDATE orders SET state = 'settled' WHERE state = 'paid' AND id BETWEEN 1 AND 5000;",
    bad: &[
        Example { given: "", sql: "ALTER TYPE order_state RENAME VALUE 'paid' TO 'settled';" },
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');",
            sql: "ALTER TYPE order_state RENAME VALUE 'paid' TO 'settled';",
        },
    ],
    good: &[
        Example { given: "", sql: "ALTER TYPE order_state ADD VALUE 'settled';" },
        Example { given: "", sql: "CREATE TYPE s AS ENUM ('a'); ALTER TYPE s RENAME VALUE 'a' TO 'b';" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for broken in &seen.effects.broken {
        let (Object::EnumValue, How::Renamed { to }) = (broken.object, &broken.how) else { continue };
        let value = broken.part.as_deref().unwrap_or_default();
        let on = &broken.on;
        let message = format!(
            "the value '{value}' of {on} is called '{to}' from now on: running code that writes or compares \
             '{value}' fails"
        );
        let quoted = to.replace('\'', "''");
        hits.push(
            Hit::new(broken.span, message)
                .note("no row and no code may use the value for this to be harmless")
                .instead(format!(
                    "ALTER TYPE {} ADD VALUE '{quoted}';  -- then move the rows, leave the old",
                    sql(on)
                )),
        );
    }
}
