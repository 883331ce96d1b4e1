//! What several rules for MySQL and MariaDB say alike.
//!
//! Knows: how the server goes about an `ALTER TABLE`. Must never know: one rule in particular.

use crate::lint::effect::mysql::{Approach, Part, Way, Why, approach};
use crate::lint::rule::{Hit, Seen};
use crate::sql::statement::{Name, Span};

/// How the server goes about the statement, if it alters a table that was there before.
pub(super) fn approach_to<'a>(seen: &Seen<'a>) -> Option<Approach<'a>> {
    approach(seen.statement, seen.before)
}

/// A part of the statement as it is written, on one line.
pub(super) fn written(seen: &Seen<'_>, span: Span) -> String {
    let text = seen.statement.text.get(span.start..span.end).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the parts that keep writes waiting for one of these reasons; `what` begins the sentence.
pub(super) fn waits(seen: &Seen<'_>, reasons: &[Why], what: impl Fn(&Part) -> String, hits: &mut Vec<Hit>) {
    let Some(approach) = approach_to(seen) else { return };
    for part in approach.blocking(reasons) {
        let table = approach.table;
        let sure = part.unless.is_none();
        let does = match (part.way, sure) {
            (Way::Copy, true) => "copies every row",
            (Way::Copy, false) => "may copy every row",
            (_, true) => "goes through every row",
            (_, false) => "may go through every row",
        };
        let who = if approach.under.stops_reads() { "reads and writes of it" } else { "writes to it" };
        let message =
            format!("{} {does} of \"{}\", and {who} wait until that is done", what(part), table.name);
        hits.push(settled(Hit::new(part.span, message).on(table), part));
    }
}

/// Adds what would settle it.
pub(super) fn settled(hit: Hit, part: &Part) -> Hit {
    match &part.unless {
        Some(unless) => hit.note(format!("worst case; what would settle it: {unless}")),
        None => hit,
    }
}

/// How to have a table copied by a tool that lets others write meanwhile.
pub(super) fn by_a_tool(seen: &Seen<'_>, table: &Name, span: Span) -> String {
    let alter = written(seen, span).replace('\'', "'\\''");
    format!("gh-ost --table={} --alter='{alter}' --execute", table.name)
}

/// The statement with a clause at its end.
pub(super) fn with_clause(seen: &Seen<'_>, clause: &str) -> String {
    let text = seen.statement.text.trim_end().trim_end_matches(';').trim_end();
    format!("{text}{clause};")
}

/// A name as it is written in a statement.
pub(super) fn quoted(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// A name with its database, as it is written in a statement.
pub(super) fn quoted_name(name: &Name) -> String {
    match &name.schema {
        Some(schema) if !schema.is_empty() => format!("{}.{}", quoted(schema), quoted(&name.name)),
        _ => quoted(&name.name),
    }
}
