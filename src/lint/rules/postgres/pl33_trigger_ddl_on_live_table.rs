//! PL33: triggers are made, switched or dropped on a table in use.

use super::common;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PL33",
    name: "trigger-ddl-on-live-table",
    dialect: Dialect::Postgres,
    severity: Severity::Brief,
    summary: "a trigger is made, switched or dropped on a table that was there before",
    reason: "No row is read, so it takes a moment only, but writers wait for it, and for DROP TRIGGER \
             readers as well. Behind a long query it waits, and every later query waits behind it.",
    lock: "SHARE ROW EXCLUSIVE on the table for CREATE, ENABLE and DISABLE TRIGGER: writes wait. ACCESS \
           EXCLUSIVE for DROP and ALTER TRIGGER: every query waits, reads too.",
    recipe: concat!(
        "A change of its own, so that nothing long keeps the lock:\n\n",
        "    CREATE OR REPLACE TRIGGER orders_touch BEFORE UPDATE ON orders\n",
        "      FOR EACH ROW EXECUTE FUNCTION touch();\n\n",
        "From version 14 on CREATE OR REPLACE saves the DROP with its stronger lock.",
    ),
    bad: &[
        Example { given: "", sql: "DROP TRIGGER orders_touch ON orders;" },
        Example {
            given: "",
            sql: "CREATE TRIGGER orders_touch BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION \
                  touch();",
        },
        Example { given: "", sql: "ALTER TABLE orders DISABLE TRIGGER USER;" },
    ],
    good: &[
        Example {
            given: "",
            sql: "CREATE TABLE t (a int);\n\
                  CREATE TRIGGER touch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch();",
        },
        Example {
            given: "",
            sql: "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END \
                  $$;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let what = match &seen.statement.said {
        Said::CreateTrigger { .. } => "to add a trigger",
        Said::Drop { object: Object::Trigger, .. } => "to drop a trigger",
        Said::Rename { object: Object::Trigger, .. } => "to rename a trigger",
        Said::AlterTable { actions, .. } => {
            let switches =
                |action: &Action| matches!(action, Action::EnableTrigger(_) | Action::DisableTrigger(_));
            if common::works(seen) || !actions.iter().any(|(action, _)| switches(action)) {
                return;
            }
            "to switch triggers"
        }
        _ => return,
    };
    for lock in common::strong(seen).filter(|lock| !common::is_child(seen, &lock.on)) {
        let message = match lock.mode.stops_reads() {
            true => format!("{} is locked against every query {what}", common::told(&lock.on)),
            false => format!("writes to {} are stopped {what}", common::told(&lock.on)),
        };
        hits.push(common::brief(seen, lock, message));
    }
}
