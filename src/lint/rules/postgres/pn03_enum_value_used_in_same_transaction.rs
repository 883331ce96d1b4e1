//! PN03: an enum value is used in the transaction that adds it.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;

pub(super) static RULE: Rule = Rule {
    code: "PN03",
    name: "enum-value-used-in-same-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a value of an enum is used in the transaction that adds it",
    reason: "From PostgreSQL 12 on ALTER TYPE … ADD VALUE may run in a transaction, but the new value cannot \
             be used before that is committed (55P04), unless the type itself was made in the same \
             transaction. The deploy stops at this statement and the value is gone again.",
    lock: "",
    recipe: concat!(
        "Add the value in a change of its own, and use it in the next one:\n\n",
        "    -- deploy/order_state_refunded.sql\n",
        "    ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'refunded' AFTER 'paid';\n\n",
        "    -- deploy/refunds.sql\n",
        "    ALTER TABLE orders ALTER state SET DEFAULT 'refunded';",
    ),
    bad: &[
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "ALTER TYPE order_state ADD VALUE 'refunded';\n\
                  UPDATE orders SET state = 'refunded' WHERE id = 1;",
        },
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "BEGIN;\nALTER TYPE order_state ADD VALUE 'refunded';\n\
                  ALTER TABLE orders ALTER state SET DEFAULT 'refunded';\nCOMMIT;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');",
            sql: "ALTER TYPE order_state ADD VALUE 'refunded';",
        },
        Example {
            given: "",
            sql: "CREATE TYPE state AS ENUM ('new');\nALTER TYPE state ADD VALUE 'paid';\n\
                  CREATE TABLE t (id bigint PRIMARY KEY, s state DEFAULT 'paid');",
        },
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "BEGIN;\nALTER TYPE order_state ADD VALUE 'refunded';\nCOMMIT;\n\
                  BEGIN;\nUPDATE orders SET state = 'refunded' WHERE id = 1;\nCOMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::EnumValueUsed) {
        let text = &seen.statement.text;
        let is_used = |value: &str| text.contains(&format!("'{}'", value.replace('\'', "''")));
        let added = seen.before.enum_values.iter().find(|(_, value)| is_used(value));
        let message = match added {
            Some((name, value)) => format!(
                "the value \"{value}\" of \"{name}\" is used in the transaction that adds it: the deploy \
                 stops here"
            ),
            None => format!("{}: the deploy stops here", failure.why),
        };
        let mut hit = Hit::new(script::at(seen.statement, failure.span), message)
            .note("move ALTER TYPE … ADD VALUE into a change of its own, deployed before this one");
        if !failure.surely {
            hit = hit.severity(Severity::Advice).note("it is harmless if the text means something else");
        }
        hits.push(hit);
    }
}
