//! A trigger or rule does nothing from now on.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Object, Said, Trigger};

pub(super) static RULE: Rule = Rule {
    code: "PA25",
    name: "disable-trigger-or-rule",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "A trigger or rule is disabled or dropped",
    reason: "What it kept true lapses for everyone, not for this session only: audit rows are missing, \
             copies go out of step, columns it filled stay empty. ALL includes the triggers that hold \
             foreign keys, so rows without a parent get in, and nothing looks for them later.",
    lock: "SHARE ROW EXCLUSIVE on the table to disable (writes wait), ACCESS EXCLUSIVE to drop; both for a \
           moment.",
    recipe: "For a backfill switch triggers off in its own session only; that takes no lock and nobody else \
             notices.\n
    SET LOCAL session_replication_role = replica;
    UPDATE orders SET channel = 'web' WHERE id BETWEEN 1 AND 5000;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders DISABLE TRIGGER ALL;" },
        Example { given: "", sql: "DROP TRIGGER audit ON orders;" },
    ],
    good: &[
        Example { given: "", sql: "ALTER TABLE orders ENABLE TRIGGER audit;" },
        Example {
            given: "",
            sql: "BEGIN; ALTER TABLE orders DISABLE TRIGGER audit; UPDATE orders SET n = 1 WHERE id = 1; \
                  ALTER TABLE orders ENABLE TRIGGER audit; COMMIT;",
        },
        Example {
            given: "",
            sql: "DROP TRIGGER IF EXISTS audit ON orders; CREATE TRIGGER audit AFTER INSERT ON orders FOR \
                  EACH ROW EXECUTE FUNCTION audit();",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::AlterTable { table, actions, .. } if seen.before.is_old(table) => {
            for (action, span) in actions {
                let what = match action {
                    Action::DisableTrigger(Trigger::All) => "its triggers do".to_owned(),
                    Action::DisableTrigger(Trigger::Named(name)) => format!("its trigger {name} does"),
                    Action::DisableRule => "its rule does".to_owned(),
                    _ => continue,
                };
                if enabled_again(seen, table, action) {
                    continue;
                }
                let hit =
                    Hit::new(*span, format!("{what} nothing on {table} from now on, for everyone")).on(table);
                hits.push(if matches!(action, Action::DisableTrigger(Trigger::All)) {
                    hit.note("ALL takes the triggers of foreign keys with it: rows without a parent get in")
                } else {
                    hit.note(
                        "enable it again in the same transaction, or say in the recovery document who does",
                    )
                });
            }
        }
        Said::Drop { object: object @ (Object::Trigger | Object::Rule), names, on: Some(table), .. }
            if seen.before.is_old(table) =>
        {
            for name in
                names.iter().filter(|name| !made_again(seen, table, name) && may_be_there(seen, table, name))
            {
                let message = format!(
                    "the {} {} of {table} is gone: what it kept true lapses",
                    object.word(),
                    name.name
                );
                let hit = Hit::new(seen.statement.span, message)
                    .on(table)
                    .note("harmless if all it did is done by something else by now");
                hits.push(if ends_with_a_column(seen, table) { hit.severity(Severity::Advice) } else { hit });
            }
        }
        _ => {}
    }
}

/// Whether the same transaction gives a column of the table another name: then the trigger kept two alike,
/// most likely.
fn ends_with_a_column(seen: &Seen<'_>, table: &Name) -> bool {
    around::actions_on(seen, &around::together(seen), table)
        .into_iter()
        .any(|action| matches!(action, Action::RenameColumn { .. }))
}

/// Whether the same transaction takes the disabling back.
fn enabled_again(seen: &Seen<'_>, table: &Name, action: &Action) -> bool {
    around::actions_on(seen, &around::together(seen), table).into_iter().any(|later| match (action, later) {
        (Action::DisableTrigger(off), Action::EnableTrigger(on)) => on == off || *on == Trigger::All,
        (Action::DisableRule, Action::EnableRule) => true,
        _ => false,
    })
}

/// Whether the script makes a trigger or rule of that name, before or after.
fn made_again(seen: &Seen<'_>, table: &Name, name: &Name) -> bool {
    let key = seen.before.key(table);
    let mut statements = around::earlier(seen);
    statements.extend(around::later(seen));
    statements.into_iter().any(|next| match &next.said {
        Said::CreateTrigger { name: own, table: on, .. } | Said::CreateRule { name: own, table: on, .. } => {
            *own == name.name && seen.before.key(on) == key
        }
        _ => false,
    })
}

/// Whether a trigger or rule may be there that IF EXISTS drops: the catalogue knows triggers only.
fn may_be_there(seen: &Seen<'_>, table: &Name, name: &Name) -> bool {
    let Said::Drop { object: Object::Trigger, if_exists: true, .. } = &seen.statement.said else {
        return true;
    };
    let known = seen.before.relation(table).filter(|_| seen.before.schema.complete);
    known.is_none_or(|relation| relation.triggers.contains(&name.name))
}
