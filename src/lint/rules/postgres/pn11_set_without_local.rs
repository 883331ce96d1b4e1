//! PN11: a setting that outlives the change.

use super::words;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PN11",
    name: "set-without-local",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "SET without LOCAL lasts as long as the session",
    reason: "A runner that uses one session for several changes hands the setting on to the next one, whose \
             names may then be looked up in another schema, or whose limits are those of this change. \
             change gives each script a fresh session, and finds nothing here.",
    lock: "",
    recipe: concat!("Inside a transaction:\n\n", "    SET LOCAL search_path = app, public;"),
    bad: &[
        Example { given: "", sql: "SET search_path = app;\nCREATE TABLE t (id bigint PRIMARY KEY);" },
        Example {
            given: "",
            sql: "BEGIN;\nSET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN z int;\nCOMMIT;",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN z int;\nCOMMIT;",
        },
        Example { given: "", sql: "SET ROLE app;\nCREATE TABLE t (id bigint PRIMARY KEY);\nRESET ROLE;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    if seen.script.limited || lasting(seen.statement).is_none() {
        return;
    }
    let all = seen.script.statements;
    let stays = |at: usize| {
        let name = all.get(at).and_then(lasting)?;
        let back = all.get(at + 1..).unwrap_or_default().iter().any(|later| resets(later, name));
        (!back).then_some(name)
    };
    let mut staying: Vec<(usize, &str)> = (0..all.len()).filter_map(|at| Some((at, stays(at)?))).collect();
    // Said once, at the first of them.
    if staying.first().is_none_or(|(at, _)| *at != seen.position) {
        return;
    }
    staying.dedup_by_key(|(_, name)| *name);
    let names: Vec<&str> = staying.iter().map(|(_, name)| *name).collect();
    let message = format!("SET of {} outlives the change in a shared session", words::listed(&names));
    let note = match seen.before.in_transaction {
        true => "write SET LOCAL, which ends with the transaction",
        false => "outside of a transaction only RESET at the end takes it back",
    };
    hits.push(Hit::new(seen.statement.span, message).note(note));
}

/// The name of a setting that lasts as long as the session.
fn lasting(statement: &Statement) -> Option<&str> {
    match &statement.said {
        Said::Set { name, value: Some(_), local: false } => Some(name),
        _ => None,
    }
}

fn resets(statement: &Statement, setting: &str) -> bool {
    match &statement.said {
        Said::Set { name, value: None, .. } => name == setting || name == "all",
        _ => false,
    }
}
