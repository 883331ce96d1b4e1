//! A script as a whole: its transactions, and which of its statements act.
//!
//! Knows: statements. Must never know: rules.

use super::calls;
use crate::lint::rule::Seen;
use crate::sql::statement::{Action, Object, Said, Span, Statement};

/// Whether a statement is one of the script's own, not one in a body.
pub(super) fn is_top(seen: &Seen<'_>) -> bool {
    seen.script.statements.get(seen.position).is_some_and(|own| std::ptr::eq(own, seen.statement))
}

/// A place to point to: the span if there is one, else the whole statement.
pub(super) fn at(statement: &Statement, span: Span) -> Span {
    if span.end > span.start { span } else { statement.span }
}

/// The text of a part of a statement.
pub(super) fn text(statement: &Statement, span: Span) -> &str {
    statement.text.get(span.start..span.end).unwrap_or_default().trim().trim_end_matches(';').trim_end()
}

/// The `BEGIN` of the script's own transaction that is open before a position.
pub(super) fn opened(statements: &[Statement], position: usize) -> Option<usize> {
    let mut open = None;
    for (at, statement) in statements.iter().enumerate().take(position) {
        match statement.said {
            Said::Begin => open = open.or(Some(at)),
            _ if closes(statement) => open = None,
            _ => {}
        }
    }
    open
}

/// Whether a statement ends a transaction.
pub(super) fn closes(statement: &Statement) -> bool {
    let prepares = || {
        let mut words = statement.text.split_whitespace();
        let mut is = |word: &str| words.next().is_some_and(|own| own.eq_ignore_ascii_case(word));
        is("PREPARE") && is("TRANSACTION")
    };
    matches!(statement.said, Said::Commit | Said::Rollback) || prepares()
}

/// Whether a statement changes something that stays: not settings, reading, statistics, notices.
pub(super) fn acts(statement: &Statement) -> bool {
    match &statement.said {
        Said::Begin | Said::Commit | Said::Rollback | Said::Savepoint | Said::Set { .. } => false,
        Said::Harmless | Said::Analyze { .. } | Said::Lock { .. } => false,
        Said::Read(reads) => reads.into.is_some() || reads.calls.iter().any(|name| !calls::is_harmless(name)),
        Said::Do { .. } => statement.body.iter().any(acts),
        _ => true,
    }
}

/// Whether a statement is spelt with `CONCURRENTLY` and therefore refuses transactions.
pub(super) fn is_concurrent(said: &Said) -> bool {
    match said {
        Said::CreateIndex { concurrently, .. }
        | Said::Drop { concurrently, .. }
        | Said::Reindex { concurrently, .. } => *concurrently,
        Said::AlterTable { actions, .. } => {
            actions.iter().any(|(action, _)| matches!(action, Action::Detach { concurrently: true, .. }))
        }
        _ => false,
    }
}

/// Whether a statement cannot be run in a transaction.
pub(super) fn refuses(said: &Said) -> bool {
    match said {
        Said::Vacuum { .. } | Said::Alone { .. } | Said::Cluster { table: None } => true,
        Said::CreateSchema { database, .. } => *database,
        Said::Drop { object: Object::Database | Object::Tablespace, .. } => true,
        Said::Reindex { object: Object::Schema | Object::Database | Object::Other, .. } => true,
        said => is_concurrent(said),
    }
}

/// Whether a statement can be run a second time without harm.
pub(super) fn is_repeatable(statement: &Statement) -> bool {
    match &statement.said {
        Said::CreateTable(create) => create.if_not_exists,
        Said::CreateIndex { if_not_exists, .. } | Said::AddEnumValue { if_not_exists, .. } => *if_not_exists,
        Said::Drop { if_exists, .. } => *if_exists,
        Said::AlterTable { actions, .. } => actions.iter().all(|(action, _)| repeats(action)),
        Said::CreateView { or_replace, if_not_exists, .. } => *or_replace || *if_not_exists,
        Said::CreateFunction(function) => function.or_replace,
        Said::Vacuum { .. }
        | Said::Cluster { .. }
        | Said::Reindex { .. }
        | Said::Refresh { .. }
        | Said::Truncate { .. }
        | Said::Comment { .. }
        | Said::Privileges { .. } => true,
        Said::Do { .. } => statement.body.iter().all(is_repeatable),
        _ => !acts(statement),
    }
}

fn repeats(action: &Action) -> bool {
    match action {
        Action::AddColumn { if_not_exists, .. } => *if_not_exists,
        Action::DropColumn { if_exists, .. } | Action::DropConstraint { if_exists, .. } => *if_exists,
        Action::AddConstraint(_) | Action::AddIdentity { .. } | Action::DropIdentity { .. } => false,
        Action::RenameConstraint { .. } | Action::RenameColumn { .. } | Action::RenameTo { .. } => false,
        Action::Attach { .. } | Action::Detach { .. } | Action::Inherit { .. } => false,
        Action::NoInherit { .. } | Action::Other(_) => false,
        _ => true,
    }
}

/// The words a statement begins with, as the manual writes them.
pub(super) fn command(statement: &Statement) -> String {
    let with = |words: String, concurrently: bool| {
        if concurrently { format!("{words} CONCURRENTLY") } else { words }
    };
    match &statement.said {
        Said::CreateIndex { unique, concurrently, .. } => {
            with(if *unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" }.to_owned(), *concurrently)
        }
        Said::Drop { object, concurrently, .. } => {
            with(format!("DROP {}", object.word().to_uppercase()), *concurrently)
        }
        Said::Reindex { object, concurrently, .. } => {
            let what =
                if *object == Object::Other { "SYSTEM".to_owned() } else { object.word().to_uppercase() };
            with(format!("REINDEX {what}"), *concurrently)
        }
        Said::AlterTable { .. } if is_concurrent(&statement.said) => {
            "ALTER TABLE … DETACH PARTITION … CONCURRENTLY".to_owned()
        }
        Said::AlterTable { object, .. } => format!("ALTER {}", object.word().to_uppercase()),
        Said::Refresh { concurrently, .. } => with("REFRESH MATERIALIZED VIEW".to_owned(), *concurrently),
        Said::Vacuum { full, .. } => if *full { "VACUUM FULL" } else { "VACUUM" }.to_owned(),
        Said::CreateSchema { database: true, .. } => "CREATE DATABASE".to_owned(),
        Said::Alone { command } => (*command).to_owned(),
        Said::AddEnumValue { .. } => "ALTER TYPE … ADD VALUE".to_owned(),
        Said::CreateTable(_) => "CREATE TABLE".to_owned(),
        Said::Truncate { .. } => "TRUNCATE".to_owned(),
        Said::Cluster { .. } => "CLUSTER".to_owned(),
        Said::Lock { .. } => "LOCK TABLE".to_owned(),
        Said::CreateTrigger { .. } => "CREATE TRIGGER".to_owned(),
        Said::CreateRule { .. } => "CREATE RULE".to_owned(),
        Said::CreatePolicy { .. } => "CREATE POLICY".to_owned(),
        Said::AlterPolicy { .. } => "ALTER POLICY".to_owned(),
        _ => {
            let words = text(statement, statement.span).split_whitespace().take(2);
            words.map(str::to_uppercase).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A statement that refuses transactions in a sentence: its words, and what it is about.
pub(super) fn phrase(statement: &Statement) -> String {
    let command = command(statement);
    match (&statement.said, subject(&statement.said)) {
        (Said::CreateIndex { .. } | Said::AlterTable { .. }, Some(name)) => {
            format!("{command} on \"{name}\"")
        }
        (_, Some(name)) => format!("{command} \"{name}\""),
        (_, None) => command,
    }
}

/// What a statement that refuses transactions is about, if that has a name.
fn subject(said: &Said) -> Option<String> {
    match said {
        Said::CreateIndex { table, .. } | Said::AlterTable { table, .. } => Some(table.to_string()),
        Said::Drop { names, .. } => names.first().map(ToString::to_string),
        Said::Reindex { name, .. } => name.as_ref().map(ToString::to_string),
        Said::Cluster { table } => table.as_ref().map(ToString::to_string),
        Said::Vacuum { tables, .. } => tables.first().map(ToString::to_string),
        Said::CreateSchema { name, .. } => Some(name.clone()),
        _ => None,
    }
}

/// The action of an `ALTER TABLE` at a place.
pub(super) fn action(statement: &Statement, span: Span) -> Option<&Action> {
    let Said::AlterTable { actions, .. } = &statement.said else { return None };
    let meets = |own: &Span| own.start < span.end && span.start < own.end;
    let found = actions.iter().find(|(_, own)| meets(own));
    found.or_else(|| actions.first().filter(|_| actions.len() == 1)).map(|(action, _)| action)
}
