//! ML10: a change of a table in use, without a limit for the wait.

use super::common::with_clause;
use crate::lint::effect::Mode;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "ML10",
    name: "metadata-lock-wait",
    dialect: Dialect::Mysql,
    severity: Severity::Brief,
    summary: "The change may wait for the table as long as it likes, and everybody queues behind it",
    reason: "Every ALTER TABLE, even an instant one, needs the table's metadata lock for itself for a \
        moment. One transaction that is still open and has once read the table is enough to make it wait, \
        and while it waits every new query on the table queues behind it: nothing works any more, although \
        nothing is being done. The limit for this wait is a year on MySQL and a day on MariaDB. change \
        deploy sets it to seconds and tries again; a script that sets it anew, or is run by another client, \
        is on its own.",
    lock: "the exclusive metadata lock: for a moment, once it is granted",
    recipe: "Set a limit of a few seconds before the change, and try again when it is reached:\n\n    \
        SET lock_wait_timeout = 2;\n    \
        ALTER TABLE orders ADD COLUMN note TEXT, ALGORITHM=INSTANT;",
    bad: &[Example {
        given: "",
        sql: "SET lock_wait_timeout = 3600; ALTER TABLE orders ADD COLUMN note TEXT;",
    }],
    good: &[
        Example { given: "", sql: "SET lock_wait_timeout = 2; ALTER TABLE orders ADD COLUMN note TEXT;" },
        Example { given: "", sql: "ALTER TABLE orders ADD COLUMN note TEXT;" },
        Example {
            given: "",
            sql: "SET lock_wait_timeout = 3600; CREATE TABLE orders (id INT); ALTER TABLE orders ADD COLUMN \
                n INT;",
        },
    ],
    check,
};

/// A wait of more seconds than this is no limit.
const LONGEST: f64 = 10.0;

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let waits = match &seen.statement.said {
        Said::AlterTable { clauses, .. } | Said::CreateIndex { clauses, .. } => !clauses.wait,
        Said::Lock { .. } | Said::Write(..) => false,
        _ => true,
    };
    let lock = seen.effects.locks.iter().find(|lock| lock.mode == Mode::AccessExclusive);
    let Some(lock) = lock.filter(|lock| waits && lock.object == Object::Table) else { return };
    let set = seen.before.settings.get("lock_wait_timeout");
    let seconds = set.and_then(|value| value.trim().parse::<f64>().ok());
    let limited = match (set, seconds) {
        (None, _) => seen.script.limited,
        (Some(_), Some(seconds)) => seconds <= LONGEST,
        // What a variable holds, nobody can tell.
        (Some(_), None) => true,
    };
    if limited {
        return;
    }
    let wait = match seconds {
        Some(seconds) => format!("for {seconds} seconds"),
        None => "without a limit".to_owned(),
    };
    let message = format!(
        "behind an open transaction this waits {wait} for \"{}\", and every query on it queues behind",
        lock.on.name
    );
    let instead = format!("SET lock_wait_timeout = 2;\n{}", with_clause(seen, ""));
    hits.push(Hit::new(seen.statement.span, message).on(&lock.on).instead(instead));
}
