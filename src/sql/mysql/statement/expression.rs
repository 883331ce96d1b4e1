//! Expressions and queries, as far as they matter: what they call, name and read.
//!
//! Knows: tokens. Must never know: what a statement does with them.

use super::reader::{Reader, is, name_of};
use crate::sql::lex::{Token, TokenKind};
use crate::sql::statement::{Expr, Name, Reach, Reads, Span};

/// Words that are no columns.
const WORDS: [&str; 44] = [
    "AND", "OR", "NOT", "NULL", "IS", "IN", "LIKE", "BETWEEN", "TRUE", "FALSE", "UNKNOWN", "CASE", "WHEN",
    "THEN", "ELSE", "END", "AS", "INTERVAL", "DIV", "MOD", "XOR", "REGEXP", "RLIKE", "COLLATE", "BINARY",
    "DISTINCT", "EXISTS", "SELECT", "FROM", "WHERE", "USING", "ESCAPE", "SOUNDS", "ALL", "ANY", "SOME",
    "DAY", "HOUR", "MINUTE", "SECOND", "MONTH", "YEAR", "WEEK", "ON",
];
/// Functions that do without parentheses.
const BARE_CALLS: [&str; 10] = [
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "UTC_TIMESTAMP",
    "UTC_DATE",
    "UTC_TIME",
    "CURRENT_USER",
    "CURRENT_ROLE",
];
/// Words before parentheses that call nothing.
const NO_CALLS: [&str; 32] = [
    "AND", "OR", "NOT", "IN", "EXISTS", "ANY", "ALL", "SOME", "AS", "ON", "USING", "VALUES", "VALUE",
    "SELECT", "FROM", "WHERE", "HAVING", "WHEN", "THEN", "ELSE", "CASE", "BETWEEN", "LIKE", "IS", "INTO",
    "SET", "JOIN", "BY", "OVER", "DISTINCT", "LIMIT", "XOR",
];

/// All that is left, as an expression.
pub(super) fn expression(reader: &Reader<'_>) -> Expr {
    let tokens = reader.rest();
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Expr::default() };
    let span = Span { start: first.start, end: last.end() };
    Expr {
        text: reader.slice(span).to_owned(),
        calls: calls(tokens),
        columns: columns(tokens),
        literal: is_literal(tokens),
        null: matches!(tokens, [token] if token.is("NULL")),
        proves_not_null: proves_not_null(*reader),
        query: reader.has("SELECT"),
        span,
    }
}

fn is_literal(tokens: &[Token<'_>]) -> bool {
    let constant = |token: &Token<'_>| {
        matches!(token.kind, TokenKind::Number | TokenKind::Text)
            || ["TRUE", "FALSE", "NULL"].iter().any(|word| token.is(word))
    };
    let beside = |token: &Token<'_>| {
        matches!(token.text, "+" | "-" | ".")
            || ["DATE", "TIME", "TIMESTAMP"].iter().any(|word| token.is(word))
            || token.kind == TokenKind::Word && token.text.starts_with('_')
    };
    tokens.iter().any(constant) && tokens.iter().all(|token| constant(token) || beside(token))
}

/// The functions that are called.
fn calls(tokens: &[Token<'_>]) -> Vec<Name> {
    let mut all: Vec<Name> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.text);
        let opens = tokens.get(at + 1).is_some_and(|next| next.text == "(");
        let word = token.kind == TokenKind::Word && !NO_CALLS.iter().any(|word| token.is(word));
        let bare = before != "." && BARE_CALLS.iter().any(|word| token.is(word));
        if !bare && !(opens && (word || token.kind == TokenKind::Quoted)) {
            continue;
        }
        let Some(name) = name_of(token) else { continue };
        let schema = if before == "." {
            at.checked_sub(2).and_then(|at| tokens.get(at)).and_then(name_of)
        } else {
            None
        };
        let name = Name { schema, name: name.to_lowercase() };
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn columns(tokens: &[Token<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let after = tokens.get(at + 1).map_or("", |token| token.text);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.text);
        let skipped = WORDS.iter().chain(&BARE_CALLS).any(|word| token.is(word))
            || token.text.starts_with('_')
            || matches!(after, "(" | ".")
            || before == "@";
        if matches!(token.kind, TokenKind::Word | TokenKind::Quoted) && !skipped {
            let name = name_of(token).unwrap_or_default();
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    all
}

/// The columns of which a condition is untrue when they are null.
fn proves_not_null(mut reader: Reader<'_>) -> Vec<String> {
    // One pair of parentheses around everything says nothing.
    for _ in 0..8 {
        let mut inner = reader;
        match inner.group() {
            Some(group) if inner.done() => reader = group,
            _ => break,
        }
    }
    let mut proved = Vec::new();
    while !reader.done() {
        let part = reader.until(|reader| reader.is("AND"));
        reader.skip(1);
        if part.has("OR") || part.has("XOR") || part.has("|") {
            return Vec::new();
        }
        if let [column, is_, not, null] = unwrapped(part).rest()
            && is_.is("IS")
            && not.is("NOT")
            && null.is("NULL")
        {
            proved.extend(name_of(column));
        }
    }
    proved
}

fn unwrapped(reader: Reader<'_>) -> Reader<'_> {
    let mut inner = reader;
    match inner.group() {
        Some(group) if inner.done() => group,
        _ => reader,
    }
}

/// What a query reads and calls; everything in it, however deep.
pub(super) fn reads(reader: &Reader<'_>) -> Reads {
    let tokens = reader.rest();
    let own = named_queries(tokens);
    let mut reads = Reads { calls: calls(tokens), ..Reads::default() };
    // Whether a FROM in these parentheses belongs to a function, as in TRIM(' ' FROM a).
    let mut functions: Vec<bool> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        match token.text {
            "(" => functions.push(before.is_some_and(takes_from)),
            ")" => drop(functions.pop()),
            _ => {}
        }
        let from = is(token, "FROM") && functions.last() != Some(&true);
        if from || is(token, "JOIN") || is(token, "STRAIGHT_JOIN") {
            let mut list = *reader;
            list.skip(at + 1);
            tables(&mut list, from, &own, &mut reads.relations);
        }
    }
    reads.locks_rows = locks(reader);
    reads
}

fn takes_from(token: &Token<'_>) -> bool {
    ["TRIM", "EXTRACT", "SUBSTRING", "SUBSTR", "MID"].iter().any(|word| token.is(word))
}

/// The tables of a `FROM` (all, with `list`) or a `JOIN` (one); a query in parentheses is met anyway.
fn tables(reader: &mut Reader<'_>, list: bool, own: &[String], found: &mut Vec<Name>) {
    loop {
        reader.eat(&["LATERAL"]);
        if let Some(group) = reader.group() {
            let queries = ["SELECT", "WITH", "VALUES", "TABLE", "("];
            if !group.is_any(&queries) {
                named_tables(group, own, found);
            }
        } else {
            let Some(name) = reader.qualified() else { return };
            let unknown = !own.contains(&name.name) && !name.name.eq_ignore_ascii_case("dual");
            if unknown && !reader.is("(") && !found.contains(&name) {
                found.push(name);
            }
            reader.group();
        }
        alias(reader);
        if !(list && reader.eat(&[","])) {
            return;
        }
    }
}

/// The tables of a list in parentheses; joins in it are met by themselves.
fn named_tables(reader: Reader<'_>, own: &[String], found: &mut Vec<Name>) {
    for mut part in reader.parts() {
        let Some(name) = part.qualified() else { continue };
        if !own.contains(&name.name) && !part.is("(") && !found.contains(&name) {
            found.push(name);
        }
    }
}

/// Words that may follow a table and are not its other name.
const AFTER_TABLE: [&str; 33] = [
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "CROSS",
    "NATURAL",
    "STRAIGHT_JOIN",
    "ON",
    "USING",
    "WHERE",
    "SET",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "FOR",
    "LOCK",
    "INTO",
    "PROCEDURE",
    "WINDOW",
    "PARTITION",
    "USE",
    "FORCE",
    "IGNORE",
    "READ",
    "WRITE",
    "OFFSET",
    "FETCH",
    "RETURNING",
    "VALUES",
];

/// The other name of a table, if one follows.
pub(super) fn alias(reader: &mut Reader<'_>) -> Option<String> {
    if reader.eat(&["PARTITION"]) {
        reader.group();
    }
    if reader.eat(&["AS"]) {
        return reader.name();
    }
    if reader.is_any(&AFTER_TABLE) {
        return None;
    }
    reader.name()
}

/// The names that a `WITH` gives to queries.
fn named_queries(tokens: &[Token<'_>]) -> Vec<String> {
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let query = tokens.get(at + 2).is_some_and(|third| {
            ["SELECT", "WITH", "VALUES", "TABLE", "("].iter().any(|word| is(third, word))
        });
        if !is(token, "AS") || !query || tokens.get(at + 1).is_none_or(|next| next.text != "(") {
            continue;
        }
        let before = tokens.get(..at).unwrap_or_default();
        let name = match before.last() {
            Some(last) if last.text == ")" => {
                let opened = before.iter().rposition(|token| token.text == "(");
                opened.and_then(|at| at.checked_sub(1)).and_then(|at| before.get(at))
            }
            last => last,
        };
        all.extend(name.and_then(name_of));
    }
    all
}

fn locks(reader: &Reader<'_>) -> Option<Reach> {
    let tokens = reader.rest();
    let two = |first: &str, second: &str| {
        tokens.windows(2).any(|pair| matches!(pair, [one, two] if is(one, first) && is(two, second)))
    };
    let locks = two("FOR", "UPDATE") || two("FOR", "SHARE") || two("LOCK", "IN");
    locks.then(|| {
        let mut rest = *reader;
        rest.until(|reader| reader.is("WHERE"));
        if !rest.eat(&["WHERE"]) {
            return if reader.has("LIMIT") { Reach::Bounded } else { Reach::All };
        }
        reach(Some(&rest), reader.has("LIMIT"))
    })
}

/// Which rows a condition takes.
pub(super) fn reach(condition: Option<&Reader<'_>>, limited: bool) -> Reach {
    if limited {
        return Reach::Bounded;
    }
    let Some(condition) = condition else { return Reach::All };
    let tokens = condition.rest();
    let always = match tokens {
        [] => true,
        [one] => one.is("TRUE") || one.text.parse::<f64>().is_ok_and(|number| number != 0.0),
        [left, equal, right] => {
            equal.text == "=" && left.text == right.text && left.kind == TokenKind::Number
        }
        _ => false,
    };
    if always {
        return Reach::All;
    }
    let mut rest = *condition;
    let (mut from, mut to) = (false, false);
    let mut keyed = false;
    let mut parts = Vec::new();
    while !rest.done() {
        parts.push(rest.until(|reader| reader.is("AND")));
        rest.skip(1);
    }
    if condition.has("OR") {
        return Reach::Some;
    }
    for part in &parts {
        let (column, rest) = match part.rest() {
            [_, dot, column, rest @ ..] if dot.text == "." => (column, rest),
            [column, rest @ ..] => (column, rest),
            [] => continue,
        };
        if !name_of(column).is_some_and(|name| is_key(&name)) {
            continue;
        }
        match rest {
            [operator, value, ..] if is(operator, "=") => {
                keyed |= matches!(value.kind, TokenKind::Number | TokenKind::Text) || value.text == "@";
            }
            [operator, ..] if is(operator, "IN") => keyed |= !part.has("SELECT"),
            [operator, ..] if is(operator, "BETWEEN") => keyed = true,
            [operator, ..] if operator.text == ">" => from = true,
            [operator, ..] if operator.text == "<" => to = true,
            _ => {}
        }
    }
    if keyed || (from && to) { Reach::Bounded } else { Reach::Some }
}

/// Whether a column's name is one that keys have.
fn is_key(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["id", "uuid", "key"].contains(&lower.as_str())
        || ["_id", "_uuid", "_key"].iter().any(|end| lower.ends_with(end))
        || name.ends_with("Id")
}
