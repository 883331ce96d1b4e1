//! What the texts that a catalogue holds prove by themselves.
//!
//! Knows: checks, types and bodies as a server prints them. Must never know: how they were learnt.
//!
//! Whatever is not seen here proves nothing: an answer is never more than the text says.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::Type;

/// Deeper than this nobody looks into parentheses.
const DEEPEST: usize = 200;

/// The columns of which a check is untrue when they are null: `c IS NOT NULL`, alone or joined by `AND`.
#[must_use]
pub fn proves_not_null(check: &str, dialect: Dialect) -> Vec<String> {
    let all: Vec<Token<'_>> =
        tokens(check, dialect).filter(|token| token.kind != TokenKind::Comment).collect();
    let mut found = Vec::new();
    conjuncts(&all, 0, &mut found);
    found
}

fn conjuncts(tokens: &[Token<'_>], depth: usize, found: &mut Vec<String>) {
    let tokens = bare(tokens);
    if let [name, is, not, null] = tokens {
        let proves = is.is("is") && not.is("not") && null.is("null");
        found.extend(name_of(name).filter(|name| proves && !found.contains(name)));
        return;
    }
    let Some(parts) = parts(tokens).filter(|parts| parts.len() > 1 && depth < DEEPEST) else { return };
    parts.into_iter().for_each(|part| conjuncts(part, depth + 1, found));
}

/// The tokens without the parentheses around all of them.
fn bare<'a, 'b>(tokens: &'b [Token<'a>]) -> &'b [Token<'a>] {
    let is = |token: &Token<'_>, mark: &str| token.kind == TokenKind::Mark && token.text == mark;
    let opened = tokens.iter().take_while(|token| is(token, "(")).count();
    let closed = tokens.iter().rev().take_while(|token| is(token, ")")).count();
    let Some(inside) = tokens.get(opened..tokens.len().saturating_sub(closed)) else { return tokens };
    // Those that stay open all the way are around everything.
    let (mut depth, mut around) = (opened, opened.min(closed));
    for token in inside {
        if is(token, "(") {
            depth += 1;
        } else if is(token, ")") {
            depth = depth.saturating_sub(1);
            around = around.min(depth);
        }
    }
    if depth == closed { tokens.get(around..tokens.len() - around).unwrap_or(tokens) } else { tokens }
}

/// What the outermost `AND`s join; nothing if something else binds more loosely than they do.
fn parts<'a, 'b>(tokens: &'b [Token<'a>]) -> Option<Vec<&'b [Token<'a>]>> {
    let (mut depth, mut cases, mut between) = (0_usize, 0_usize, false);
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" if token.kind == TokenKind::Mark => depth += 1,
            ")" if token.kind == TokenKind::Mark => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if token.is("case") => cases += 1,
            _ if token.is("end") => cases = cases.saturating_sub(1),
            _ if cases > 0 => {}
            "|" => return None,
            _ if token.is("or") || token.is("xor") => return None,
            _ if token.is("between") => between = true,
            _ if token.is("and") && between => between = false,
            _ if token.is("and") => {
                parts.push(tokens.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tokens.get(start..)?);
    Some(parts)
}

/// A name, its quotes taken off.
#[must_use]
pub fn name_of(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_owned()),
        TokenKind::Quoted => {
            let quote = token.text.chars().next()?;
            let last = if quote == '[' { ']' } else { quote };
            let inside = token.text.strip_prefix(quote)?.strip_suffix(last)?;
            Some(inside.replace(&format!("{last}{last}"), &last.to_string()))
        }
        _ => None,
    }
}

/// Whether a body of SQL is one literal, perhaps with a sign or a cast: `SELECT 1`, `SELECT 'a'::text`.
#[must_use]
pub fn is_literal_query(body: &str, dialect: Dialect) -> bool {
    let all: Vec<Token<'_>> = tokens(body, dialect)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Semicolon))
        .collect();
    let expression = match all.as_slice() {
        [select, expression @ ..] if select.is("select") => expression,
        [result, expression @ ..] if result.is("return") => expression,
        _ => return false,
    };
    let expression = match bare(expression) {
        [sign, rest @ ..] if matches!(sign.text, "-" | "+") => rest,
        all => all,
    };
    let [literal, cast @ ..] = expression else { return false };
    let word = ["true", "false", "null"].iter().any(|word| literal.is(word));
    let plain = word || matches!(literal.kind, TokenKind::Text | TokenKind::Number);
    plain && is_cast(cast)
}

/// Whether this is nothing, or `::` and a type.
fn is_cast(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [] => true,
        [first, second, ty @ ..] if first.text == ":" && second.text == ":" => {
            let part = |token: &Token<'_>| {
                matches!(token.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Number)
                    || matches!(token.text, "(" | ")" | "[" | "]" | "," | "." | ":")
            };
            !ty.is_empty()
                && ty.iter().all(part)
                && !ty.iter().any(|token| token.is("from") || token.is("where"))
        }
        _ => false,
    }
}

/// A type from its name and the text in parentheses behind it, if there is one.
#[must_use]
pub fn type_with(name: String, inside: Option<&str>) -> Type {
    let mut ty = Type::plain(name);
    for part in inside.into_iter().flat_map(|inside| inside.split(',')).map(str::trim) {
        match part.parse() {
            Ok(number) if ty.more.is_empty() => ty.args.push(number),
            _ if part.is_empty() => {}
            _ => ty.more.push(part.to_lowercase()),
        }
    }
    ty
}

/// What stands in the first parentheses of a text.
#[must_use]
pub fn in_parentheses(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('(')?;
    rest.split_once(')').map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_check_proves_what_every_row_must_hold() {
        for (check, proved) in [
            ("(a IS NOT NULL)", &["a"][..]),
            ("((a IS NOT NULL))", &["a"]),
            ("((a IS NOT NULL) AND (b > 3))", &["a"]),
            ("((a IS NOT NULL) AND (((b IS NOT NULL) AND (c IS NOT NULL))))", &["a", "b", "c"]),
            ("(\"Odd \"\"name\" IS NOT NULL)", &["Odd \"name"]),
            ("((a IS NOT NULL) OR (b IS NOT NULL))", &[]),
            ("a is not null or b = 1 and c is not null", &[]),
            ("(NOT (a IS NOT NULL))", &[]),
            ("((NOT (a IS NOT NULL)) AND (b IS NOT NULL))", &["b"]),
            ("(num_nonnulls(a, b) = 1)", &[]),
            ("CASE WHEN a THEN b AND c IS NOT NULL AND d ELSE e END", &[]),
            ("(a) IS NOT NULL", &[]),
            ("((a IS NOT NULL) = (b IS NOT NULL))", &[]),
            ("(a IS NOT NULL) AND", &["a"]),
            ("a BETWEEN 1 AND b IS NOT NULL AND c IS NOT NULL", &["c"]),
            ("a IS NOT NULL || b", &[]),
            ("'a IS NOT NULL'", &[]),
            (")(", &[]),
            ("", &[]),
        ] {
            assert_eq!(proves_not_null(check, Dialect::Postgres), proved, "{check}");
        }
        assert_eq!(proves_not_null("`a` is not null and `b` > 1", Dialect::Mysql), ["a"]);
    }

    #[test]
    fn deep_parentheses_are_no_trouble() {
        let deep = |inner: &str| format!("{}{inner}{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(proves_not_null(&deep("a IS NOT NULL"), Dialect::Postgres), ["a"]);
        let nested = format!("{}a{}", "(b AND ".repeat(50_000), ")".repeat(50_000));
        assert!(proves_not_null(&nested, Dialect::Postgres).is_empty());
    }

    #[test]
    fn a_body_of_one_literal_is_told() {
        for (body, is) in [
            ("SELECT 1", true),
            (" select -1.5 ; ", true),
            ("SELECT 'a'::text", true),
            ("SELECT 'x'::character varying(3)", true),
            ("-- why\nSELECT NULL::int[]", true),
            ("SELECT (true)", true),
            ("RETURN 1", true),
            ("SELECT now()", false),
            ("SELECT 1, 2", false),
            ("SELECT 1 + 1", false),
            ("SELECT 1 FROM t", false),
            ("SELECT 1::int FROM t", false),
            ("SELECT a", false),
            ("SELECT", false),
            ("UPDATE t SET a = 1", false),
            ("", false),
        ] {
            assert_eq!(is_literal_query(body, Dialect::Postgres), is, "{body}");
        }
    }

    #[test]
    fn types_are_taken_apart() {
        let read = |text: &str| type_with(text.split('(').next().unwrap().to_owned(), in_parentheses(text));
        assert_eq!(read("varchar(20)").args, [20]);
        assert_eq!(read("numeric(10,-2)").args, [10, -2]);
        assert_eq!(read("geometry(Point,4326)").more, ["point", "4326"]);
        assert_eq!(read("text"), Type::plain("text"));
        assert_eq!(read("odd(").name, "odd");
    }
}
