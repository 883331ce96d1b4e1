//! PL13: `VALIDATE` in the transaction that added the constraint.

use super::{common, script};
use crate::lint::effect::{Cause, Mode};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Action;

pub(super) static RULE: Rule = Rule {
    code: "PL13",
    name: "validate-in-same-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Blocks,
    summary: "VALIDATE CONSTRAINT in the same transaction as its ADD … NOT VALID",
    reason: "NOT VALID and VALIDATE are two steps so that the strong lock is over before the long \
             reading begins. In one transaction the lock of the first step stays until COMMIT: nothing \
             is gained, the table stands still for the whole scan.",
    lock: "What the ADD took: ACCESS EXCLUSIVE for a check (every query waits, reads too), SHARE ROW \
           EXCLUSIVE on both tables for a foreign key (writes wait).",
    recipe: concat!(
        "Two changes, because each change is a transaction of its own:\n\n",
        "    -- deploy/orders_qty_check.sql\n",
        "    ALTER TABLE orders ADD CONSTRAINT orders_qty_check CHECK (qty > 0) NOT VALID;\n",
        "    \n",
        "    -- deploy/orders_qty_check_valid.sql\n",
        "    ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_check;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0) NOT VALID;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT qty_positive;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (account_id) REFERENCES accounts (id) \
                  NOT VALID;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT fk;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID, VALIDATE CONSTRAINT c;",
        },
        Example {
            given: "ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;",
            sql: "ALTER TABLE orders VALIDATE CONSTRAINT c, ADD COLUMN gift boolean;",
        },
    ],
    good: &[
        Example {
            given: "ALTER TABLE orders ADD CONSTRAINT qty_positive CHECK (qty > 0) NOT VALID;",
            sql: "ALTER TABLE orders VALIDATE CONSTRAINT qty_positive;",
        },
        Example {
            given: "",
            sql: "BEGIN;\n\
                  ALTER TABLE orders ADD CONSTRAINT c CHECK (qty > 0) NOT VALID;\n\
                  COMMIT;\n\
                  BEGIN;\n\
                  ALTER TABLE orders VALIDATE CONSTRAINT c;\n\
                  COMMIT;",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\n\
                  ALTER TABLE t VALIDATE CONSTRAINT c;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    for effort in seen.effects.efforts.iter().filter(|effort| effort.cause == Cause::Validate) {
        if !effort.under.stops_writes() || common::altered(seen) != Some(&effort.on) {
            continue;
        }
        let Some((Action::ValidateConstraint { name }, span)) = common::action_at(seen, effort.span) else {
            continue;
        };
        let here = common::is_added_here(seen, effort);
        if !here && seen.before.held(&effort.on).is_some_and(Mode::stops_writes) {
            // An earlier statement took the lock: that is another rule's.
            continue;
        }
        let message = if here {
            format!(
                "the lock that added \"{name}\" is held while every row of {} is checked",
                common::told(&effort.on)
            )
        } else {
            format!(
                "a lock of the same statement stops others while every row of {} is checked",
                common::told(&effort.on)
            )
        };
        let text = script::text(seen.statement, span);
        hits.push(
            common::work(seen, effort, message)
                .note("give the validation a change of its own, deployed after this one")
                .instead(format!("-- in the next change:\nALTER TABLE {} {text};", common::table_sql(seen))),
        );
    }
}
