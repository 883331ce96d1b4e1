//! What several rules look for in a statement, and how it is written down.
//!
//! Knows: statements, effects, the state before them. Must never know: one rule in particular.

use crate::lint::effect::{Fails, Failure};
use crate::lint::rule::Seen;
use crate::sql::statement::{Action, Column, Expr, Name, Said, Span};

/// The lock that every writing statement takes, for the pages of the rules.
pub(super) const WRITE_LOCK: &str = "One lock for the whole database file, not for one table: from the first \
                                     write until COMMIT nobody else can write to any table (SQLITE_BUSY, \
                                     \"database is locked\"). Readers go on with a write-ahead log \
                                     (journal_mode WAL). With a rollback journal, the default, they are \
                                     refused, too, as soon as the changed pages no longer fit into the \
                                     cache, and at the COMMIT.";

/// The actions of an `ALTER TABLE`, each with its table.
pub(super) fn actions<'a>(seen: &Seen<'a>) -> impl Iterator<Item = (&'a Name, &'a Action, Span)> {
    let found = match &seen.statement.said {
        Said::AlterTable { table, actions, .. } => Some((table, actions)),
        _ => None,
    };
    found
        .into_iter()
        .flat_map(|(table, actions)| actions.iter().map(move |(action, span)| (table, action, *span)))
}

/// The columns that are added to a table that is there.
pub(super) fn added<'a>(seen: &Seen<'a>) -> impl Iterator<Item = (&'a Name, &'a Column, Span)> {
    actions(seen).filter_map(|(table, action, span)| match action {
        Action::AddColumn { column, .. } => Some((table, column, span)),
        _ => None,
    })
}

/// The failures of a sort.
pub(super) fn failures<'a>(seen: &Seen<'a>, sort: Fails) -> impl Iterator<Item = &'a Failure> {
    seen.effects.failures.iter().filter(move |failure| failure.sort == sort)
}

/// The default of a column, `NULL` among them.
pub(super) fn default(column: &Column) -> Option<&Expr> {
    column.find(|kind| match kind {
        crate::sql::statement::ConstraintKind::Default(expr) => Some(expr),
        _ => None,
    })
}

/// The declared type of a column, with a blank before it.
pub(super) fn typed(column: &Column) -> String {
    column.ty.as_ref().map(|ty| format!(" {}", ty.written())).unwrap_or_default()
}

/// A value that fits a type, for an example of a default.
pub(super) fn some_value(column: &Column) -> &'static str {
    let ty = column.ty.as_ref().map(|ty| ty.name.to_ascii_lowercase()).unwrap_or_default();
    let texts = ["char", "text", "clob", "date", "time"];
    if texts.iter().any(|word| ty.contains(word)) { "''" } else { "0" }
}

/// A name as it can stand in a statement.
pub(super) fn ident(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Names in a row: `a`, `a and b`, `a, b and c`.
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
