//! Statements that read and write rows.

use super::cursor::{Cursor, is_name, split, unquoted};
use super::expression::{self, conjuncts, is_keyword, without_parentheses};
use crate::sql::lex::{Token, TokenKind};
use crate::sql::statement::{Expr, Name, Reach, Reads, Said, Span, Write, WriteKind};

/// Columns that tell one row from another by their name.
const KEYS: [&str; 6] = ["id", "rowid", "_rowid_", "oid", "uuid", "pk"];

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Said> {
    let tokens = cursor.rest();
    let verb = verb(tokens);
    let main = tokens.get(verb..).unwrap_or_default();
    let mut at = cursor.of(main);
    let target = match main.first()?.text.to_ascii_uppercase().as_str() {
        "INSERT" | "REPLACE" => insert(&mut at),
        "UPDATE" => update(&mut at),
        "DELETE" => delete(&mut at),
        _ => return Some(Said::Read(reads(tokens))),
    };
    let mut write = target?;
    write.span = cursor.span_of(main);
    let mut reads = reads(tokens);
    // The table from which rows are deleted is not read from, unless it is named again.
    let own = reads.relations.iter().position(|name| *name == write.table);
    if let (Some(own), WriteKind::Delete) = (own, write.kind) {
        reads.relations.remove(own);
    }
    write.joined |= !reads.relations.is_empty();
    Some(Said::Write(vec![write], reads))
}

/// Which token is the verb of a statement that may begin with `WITH`.
fn verb(tokens: &[Token<'_>]) -> usize {
    if !tokens.first().is_some_and(|token| token.is("WITH")) {
        return 0;
    }
    let mut depth = 0_usize;
    let found = tokens.iter().position(|token| {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let verbs = ["SELECT", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE"];
        depth == 0 && verbs.iter().any(|verb| token.is(verb))
    });
    found.unwrap_or(0)
}

fn write(kind: WriteKind, table: Name) -> Write {
    Write {
        kind,
        table,
        reach: Reach::All,
        sets: Vec::new(),
        joined: false,
        in_with: false,
        span: Span::default(),
    }
}

fn insert(cursor: &mut Cursor<'_>) -> Option<Write> {
    let replace = cursor.eat("REPLACE");
    if !replace {
        cursor.skip(1);
    }
    let replace = replace || cursor.eat_all(&["OR", "REPLACE"]);
    if cursor.eat("OR") {
        cursor.skip(1);
    }
    if !cursor.eat("INTO") {
        return None;
    }
    let table = cursor.full_name()?;
    if cursor.eat("AS") {
        cursor.skip(1);
    }
    let names = cursor.names();
    let rows = cursor.rest();
    let updates = rows.windows(2).any(|pair| matches!(pair, [one, two] if one.is("DO") && two.is("UPDATE")));
    let selected = cursor.sees("SELECT") || cursor.sees("WITH");
    let kind = match (replace || updates, selected) {
        (true, false) => WriteKind::Upsert,
        (_, true) => WriteKind::InsertSelect,
        (false, false) => WriteKind::InsertValues,
    };
    let mut write = write(kind, table);
    write.reach = if selected { select_reach(rows) } else { Reach::Bounded };
    if selected {
        write.sets = filled(cursor, &names);
    }
    Some(write)
}

/// The columns that a query fills, each with what it becomes.
fn filled(cursor: &Cursor<'_>, names: &[String]) -> Vec<(String, Expr)> {
    let rest = cursor.rest();
    let list = rest.get(1..top(rest, &["FROM", "UNION", "WHERE", "LIMIT", "ORDER"])).unwrap_or_default();
    let parts = split(list);
    let values = parts.iter().map(|part| expression::read(cursor, part));
    if names.is_empty() {
        return values.map(|expr| (String::new(), expr)).collect();
    }
    names.iter().cloned().zip(values).collect()
}

fn update(cursor: &mut Cursor<'_>) -> Option<Write> {
    cursor.skip(1);
    if cursor.eat("OR") {
        cursor.skip(1);
    }
    let mut write = write(WriteKind::Update, cursor.full_name()?);
    let set = top(cursor.rest(), &["SET"]);
    cursor.skip(set + 1);
    let rest = cursor.rest();
    let sets = rest.get(..top(rest, &["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"])).unwrap_or_default();
    for part in split(sets) {
        let Some(equals) = part.iter().position(|token| token.text == "=") else { continue };
        let (left, right) = part.split_at_checked(equals)?;
        let value = expression::read(cursor, right.get(1..).unwrap_or_default());
        let names = left.iter().filter(|token| is_name(token));
        let names = names.map(|token| unquoted(token.text).to_ascii_lowercase());
        write.sets.extend(names.map(|name| (name, value.clone())));
    }
    write.joined = top(rest, &["FROM"]) < rest.len();
    write.reach = reach(rest);
    Some(write)
}

fn delete(cursor: &mut Cursor<'_>) -> Option<Write> {
    cursor.skip(1);
    if !cursor.eat("FROM") {
        return None;
    }
    let mut write = write(WriteKind::Delete, cursor.full_name()?);
    write.reach = reach(cursor.rest());
    Some(write)
}

/// The place of the first of these words that stands in no parentheses; the end if there is none.
fn top(tokens: &[Token<'_>], words: &[&str]) -> usize {
    let mut depth = 0_usize;
    let found = tokens.iter().enumerate().position(|(at, token)| {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && words.iter().any(|word| token.is(word)) && !is_distinct_from(tokens, at)
    });
    found.unwrap_or(tokens.len())
}

/// `IS [NOT] DISTINCT FROM` is no beginning of a list of tables.
fn is_distinct_from(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    before(1).is_some_and(|token| token.is("DISTINCT"))
        && before(2).is_some_and(|token| token.is("IS") || token.is("NOT"))
}

/// Which rows the condition behind `WHERE` takes.
fn reach(tokens: &[Token<'_>]) -> Reach {
    if tokens.iter().any(|token| token.is("LIMIT")) {
        return Reach::Bounded;
    }
    let start = top(tokens, &["WHERE"]);
    let Some(condition) = tokens.get(start + 1..) else { return Reach::All };
    let condition = condition.get(..top(condition, &["RETURNING", "ORDER"])).unwrap_or_default();
    let condition = without_parentheses(condition);
    match condition {
        [] => Reach::All,
        [only] if only.text == "1" || only.is("true") => Reach::All,
        _ if is_bounded(condition) => Reach::Bounded,
        _ => Reach::Some,
    }
}

/// Rows that a query gives: those of a table, or only some of them.
fn select_reach(tokens: &[Token<'_>]) -> Reach {
    if top(tokens, &["FROM"]) == tokens.len() { Reach::Bounded } else { reach(tokens) }
}

/// Whether a condition takes keys that are written out, or a range of them that ends on both sides.
fn is_bounded(condition: &[Token<'_>]) -> bool {
    let (mut above, mut below) = (false, false);
    for part in conjuncts(condition) {
        let part = without_parentheses(part);
        let (name, rest) = match part {
            [_, dot, name, rest @ ..] if dot.text == "." => (name, rest),
            [name, rest @ ..] => (name, rest),
            [] => continue,
        };
        let key = is_name(name) && KEYS.contains(&unquoted(name.text).to_ascii_lowercase().as_str());
        let Some(first) = rest.first().filter(|_| key) else { continue };
        let constants = rest.iter().skip(1).all(|token| {
            matches!(token.kind, TokenKind::Number | TokenKind::Text)
                || matches!(token.text, "(" | ")" | "," | "-" | "=")
                || token.is("AND")
        });
        match first.text.to_ascii_uppercase().as_str() {
            "=" | "IN" | "BETWEEN" | "IS" if constants => return true,
            "<" if constants => below = true,
            ">" if constants => above = true,
            _ => {}
        }
    }
    above && below
}

/// What the rows of a statement come from.
pub(super) fn reads(tokens: &[Token<'_>]) -> Reads {
    let mut found = Reads::default();
    let named = common_tables(tokens);
    // For each parenthesis that is open: whether a list of tables is being read, and whether the next
    // name is one of them.
    let mut stack = vec![(false, false)];
    for (at, token) in tokens.iter().enumerate() {
        let Some((listing, next)) = stack.last_mut() else { break };
        let following = tokens.get(at + 1).map_or("", |token| token.text);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        match token.text {
            "(" => {
                let inner = *next;
                *next = false;
                stack.push((inner, inner));
                continue;
            }
            ")" => {
                stack.pop();
                if stack.is_empty() {
                    stack.push((false, false));
                }
                continue;
            }
            "," if *listing => *next = true,
            _ => {}
        }
        let word = token.kind == TokenKind::Word;
        if word && token.is("FROM") && !is_distinct_from(tokens, at) || word && token.is("JOIN") {
            (*listing, *next) = (true, true);
        } else if word && ends_list(token) {
            (*listing, *next) = (false, false);
        } else if word && token.is("IN") && following != "(" {
            *next = true;
        } else if is_name(token)
            && !is_keyword(token)
            && !token.is("SET")
            && following == "("
            && token.kind != TokenKind::Text
        {
            *next = false;
            let words = ["INTO", "TABLE", "ON", "AS", "NOT"];
            let inserted = before.is_some_and(|before| words.iter().any(|word| before.is(word)));
            let cte = named.contains(&unquoted(token.text).to_ascii_lowercase());
            if !inserted && !cte && before.is_none_or(|before| before.text != ".") {
                push(&mut found.calls, Name::new(unquoted(token.text).to_ascii_lowercase()));
            }
        } else if *next && is_name(token) && !is_keyword(token) {
            *next = false;
            relation(tokens, at, &named, &mut found);
        }
    }
    found
}

/// A relation that is named here, with its schema if one is written.
fn relation(tokens: &[Token<'_>], at: usize, named: &[String], found: &mut Reads) {
    let Some(first) = tokens.get(at) else { return };
    let first = unquoted(first.text).to_ascii_lowercase();
    let name = match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(dot), Some(name)) if dot.text == "." => {
            Name::within(if first == "temp" { "pg_temp".to_owned() } else { first }, folded(name))
        }
        _ if named.contains(&first) => return,
        _ => Name::new(first),
    };
    push(&mut found.relations, name);
}

fn folded(token: &Token<'_>) -> String {
    unquoted(token.text).to_ascii_lowercase()
}

fn push(list: &mut Vec<Name>, name: Name) {
    if !list.contains(&name) {
        list.push(name);
    }
}

fn ends_list(token: &Token<'_>) -> bool {
    [
        "SELECT",
        "WHERE",
        "GROUP",
        "ORDER",
        "HAVING",
        "LIMIT",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "SET",
        "RETURNING",
    ]
    .iter()
    .chain(&["WINDOW", "VALUES"])
    .any(|word| token.is(word))
}

/// The names that `WITH` gives to queries.
fn common_tables(tokens: &[Token<'_>]) -> Vec<String> {
    if !tokens.iter().any(|token| token.is("WITH")) {
        return Vec::new();
    }
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is("AS")) {
        let after = |ahead: usize| tokens.get(at + ahead);
        let mut next = 1;
        next += usize::from(after(next).is_some_and(|token| token.is("NOT")));
        next += usize::from(after(next).is_some_and(|token| token.is("MATERIALIZED")));
        if after(next).is_none_or(|token| token.text != "(") {
            continue;
        }
        let before = tokens.get(..at).unwrap_or_default();
        let name = match before.last() {
            // name (columns) AS (
            Some(close) if close.text == ")" => {
                let open = before.iter().rposition(|token| token.text == "(").unwrap_or(0);
                before.get(..open).and_then(<[Token<'_>]>::last)
            }
            last => last,
        };
        names.extend(name.filter(|name| is_name(name) && !std::ptr::eq(*name, token)).map(folded));
    }
    names
}
