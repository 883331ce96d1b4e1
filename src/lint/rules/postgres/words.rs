//! Names and lists, in sentences and in SQL.
//!
//! Knows: names, PostgreSQL's reserved words. Must never know: rules.

use crate::lint::rule::Seen;
use crate::sql::statement::{Key, Name};

/// The words that cannot be the name of a table or a column without quotes.
const RESERVED: &str = "\
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check \
    collate collation column concurrently constraint create cross current_catalog current_date \
    current_role current_schema current_time current_timestamp current_user default deferrable desc \
    distinct do else end except false fetch for foreign freeze from full grant group having ilike in \
    initially inner intersect into is isnull join lateral leading left like limit localtime \
    localtimestamp natural not notnull null offset on only or order outer overlaps placing primary \
    references returning right select session_user similar some symmetric system_user table tablesample \
    then to trailing true union unique user using variadic verbose when where window with";

/// Whether a name is a word that SQL keeps for itself.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.split(' ').any(|word| word == name)
}

/// Whether a name can be written without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    let starts = |c: char| c == '_' || c.is_lowercase() || (c.is_alphabetic() && !c.is_uppercase());
    let goes_on = |c: char| starts(c) || c == '$' || c.is_ascii_digit();
    name.starts_with(starts) && name.chars().all(goes_on) && !is_reserved(name)
}

/// A name as SQL writes it, quoted where it must be.
pub(super) fn ident(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A name with its schema, as SQL writes it.
pub(super) fn sql(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", ident(schema), ident(&name.name)),
        None => ident(&name.name),
    }
}

/// A name as a script would write it: without the schema in which it would be looked up anyway.
pub(super) fn shown(seen: &Seen<'_>, name: &Name) -> Name {
    match &name.schema {
        Some(schema) if schema == seen.before.schema.home() => Name::new(name.name.clone()),
        _ => name.clone(),
    }
}

/// The key of an index as SQL writes it.
pub(super) fn key(key: &Key) -> String {
    match key {
        Key::Column(name) => ident(name),
        Key::Expression(text) if text.starts_with('(') => text.clone(),
        Key::Expression(text) => format!("({text})"),
    }
}

/// Names in a sentence: `"a", "b" and "c"`; of many only the first.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 4;
    let quoted = |name: &T| format!("\"{}\"", name.as_ref());
    let shown: Vec<String> = names.iter().take(MOST).map(quoted).collect();
    match (names.len().checked_sub(MOST), shown.split_last()) {
        (Some(more), _) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        (_, Some((last, before))) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => shown.concat(),
    }
}

/// Identifiers with commas between them, as SQL.
pub(super) fn idents(names: &[String]) -> String {
    names.iter().map(|name| ident(name)).collect::<Vec<_>>().join(", ")
}

/// All of them in a sentence, as they are: `a, b and c`.
pub(super) fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}

/// How long a statement may be to be quoted in a sentence.
const SHORT: usize = 60;

/// The beginning of a text, in one line.
pub(super) fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHORT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (name, written) in
            [("a", "a"), ("order", "\"order\""), ("Id", "\"Id\""), ("é1", "é1"), ("a\"b", "\"a\"\"b\"")]
        {
            assert_eq!(ident(name), written);
        }
    }

    #[test]
    fn lists_are_short() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(&["a"]), "\"a\"");
        assert_eq!(listed(&["a", "b"]), "\"a\" and \"b\"");
        assert_eq!(listed(&["a", "b", "c", "d", "e", "f"]), "\"a\", \"b\", \"c\", \"d\" and 2 more");
    }
}
