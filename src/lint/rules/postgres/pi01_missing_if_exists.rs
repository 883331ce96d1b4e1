//! A statement that cannot be repeated, in a script that may stop halfway.

use super::around;
use super::script;
use super::words::sql;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PI01",
    name: "missing-if-exists",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "Outside a transaction, a statement that fails when it is run again",
    reason: "Without a transaction around it, a script that fails halfway has done the first half. When it \
             is run again, it stops at the first thing that is there already, or already gone, and never \
             reaches the rest. A concurrent build that fails leaves an INVALID index of the same name.",
    lock: "",
    recipe: "Write such statements so that they may be run twice. Before a concurrent build, drop what a \
             failed one may have left: IF NOT EXISTS alone would take an INVALID index for a good one.\n
    DROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;
    CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
    bad: &[
        Example {
            given: "",
            sql: "-- change: transaction=off\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        },
        Example {
            given: "",
            sql: "-- change: transaction=off\nCREATE TABLE t (id int);\nCREATE INDEX CONCURRENTLY IF NOT \
                  EXISTS i ON orders (note);",
        },
    ],
    good: &[
        Example {
            given: "",
            sql: "-- change: transaction=off\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON \
                  orders (note);",
        },
        Example {
            given: "",
            sql: "-- change: transaction=off\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX \
                  CONCURRENTLY i ON orders (note);",
        },
        Example { given: "", sql: "BEGIN; CREATE TABLE t (id int); CREATE TABLE u (id int); COMMIT;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let span = seen.statement.span;
    if let Said::CreateIndex { name, table, concurrently: true, if_not_exists: false, .. } =
        &seen.statement.said
    {
        let Some(name) = name else { return };
        if dropped_before(seen, name) {
            return;
        }
        let message = format!(
            "run again after a failure, this stops: the index {name} is there already, perhaps INVALID"
        );
        let full = around::index_name(seen, name, table);
        hits.push(Hit::new(span, message).on(table).instead(format!(
            "DROP INDEX CONCURRENTLY IF EXISTS {};\n{};",
            sql(&full),
            script::text(seen.statement, seen.statement.span)
        )));
        return;
    }
    // In a transaction a failure leaves nothing behind, and neither does a statement that is alone.
    if seen.before.in_transaction || !has_company(seen) {
        return;
    }
    if let Some((what, words)) = unguarded(&seen.statement.said) {
        hits.push(
            Hit::new(span, format!("run again after a failure further down, this stops: {what}"))
                .note(format!("write {words}, or run the script in one transaction")),
        );
    }
}

/// Whether the script drops the index before, if it is there.
fn dropped_before(seen: &Seen<'_>, name: &Name) -> bool {
    around::earlier(seen).into_iter().any(|old| match &old.said {
        Said::Drop { names, if_exists: true, .. } => names.iter().any(|own| own.name == name.name),
        _ => false,
    })
}

/// Whether another statement of the script changes something, so that it can stop between them.
fn has_company(seen: &Seen<'_>) -> bool {
    seen.script.statements.iter().filter(|statement| changes(statement)).nth(1).is_some()
}

fn changes(statement: &Statement) -> bool {
    !matches!(
        statement.said,
        Said::Begin
            | Said::Commit
            | Said::Rollback
            | Said::Savepoint
            | Said::Set { .. }
            | Said::Harmless
            | Said::Comment { .. }
            | Said::Read(_)
    )
}

/// What is there, or not, the second time, and the words that help.
fn unguarded(said: &Said) -> Option<(String, &'static str)> {
    let there = |what: &str, name: &dyn ToString| {
        (format!("the {what} {} is there already", name.to_string()), "IF NOT EXISTS")
    };
    match said {
        Said::CreateTable(create) if !create.if_not_exists && !create.temporary => {
            Some(there("table", &create.name))
        }
        Said::CreateIndex { name: Some(name), if_not_exists: false, .. } => Some(there("index", name)),
        Said::CreateView {
            name,
            or_replace: false,
            if_not_exists: false,
            temporary: false,
            materialized,
            ..
        } => {
            let (what, words) =
                if *materialized { ("materialized view", "IF NOT EXISTS") } else { ("view", "OR REPLACE") };
            Some((format!("the {what} {name} is there already"), words))
        }
        Said::CreateFunction(function) if !function.or_replace => {
            Some((format!("the function {} is there already", function.name), "OR REPLACE"))
        }
        Said::Drop { object, names, if_exists: false, .. } => {
            let name = names.first()?;
            Some((format!("the {} {name} is gone by then", object.word()), "IF EXISTS"))
        }
        Said::AddEnumValue { name, value, if_not_exists: false, .. } => {
            Some((format!("{name} has the value '{value}' already"), "IF NOT EXISTS"))
        }
        Said::AlterTable { table, actions, .. } => actions.iter().find_map(|(action, _)| match action {
            Action::AddColumn { column, if_not_exists: false } => {
                Some((format!("{table} has the column {} already", column.name), "IF NOT EXISTS"))
            }
            Action::DropColumn { name, if_exists: false, .. } => {
                Some((format!("the column {name} of {table} is gone by then"), "IF EXISTS"))
            }
            Action::DropConstraint { name, if_exists: false, .. } => {
                Some((format!("the constraint {name} of {table} is gone by then"), "IF EXISTS"))
            }
            _ => None,
        }),
        _ => None,
    }
}
