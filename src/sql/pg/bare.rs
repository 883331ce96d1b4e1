//! Texts without what the parser does not know and the server never sees; everything else stays where
//! it is, byte for byte.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};

/// A text with psql's variables standing as names and texts of their own: `:"owner"` as ` "owner"`. None
/// if there are none.
pub(super) fn without_variables(text: &str) -> Option<String> {
    let all: Vec<Token<'_>> = tokens(text, Dialect::Postgres).collect();
    let mut colons = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let value = |next: &&Token<'_>| {
            next.start == token.start + 1
                && matches!(next.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Text)
                && !next.text.starts_with('$')
        };
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        let cast = before.is_some_and(|own| own.text == ":" && own.start + 1 == token.start);
        if token.text == ":" && !cast && all.get(at + 1).filter(value).is_some() {
            colons.push(token.start..token.start + 1);
        }
    }
    blanked(text, &colons)
}

/// A statement of PL/pgSQL without the variables into which it puts its result: `RETURNING id INTO STRICT
/// a, b.c` as `RETURNING id`. None if there are none.
pub(super) fn without_targets(text: &str) -> Option<String> {
    let all: Vec<Token<'_>> =
        tokens(text, Dialect::Postgres).filter(|token| token.kind != TokenKind::Comment).collect();
    let is = |at: usize, mark: &str| all.get(at).is_some_and(|own| own.text == mark);
    let name =
        |at: usize| all.get(at).is_some_and(|own| matches!(own.kind, TokenKind::Word | TokenKind::Quoted));
    let mut cuts = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        if !token.is("INTO") || before.is_none_or(|own| own.is("INSERT") || own.is("MERGE")) {
            continue;
        }
        let mut end = at + 1;
        end += usize::from(all.get(end).is_some_and(|own| own.is("STRICT")));
        while name(end) {
            end += 1;
            while is(end, ".") && name(end + 1) {
                end += 2;
            }
            if !is(end, ",") {
                break;
            }
            end += 1;
        }
        if let Some(last) = all.get(end - 1).filter(|_| end > at + 1) {
            cuts.push(token.start..last.start + last.text.len());
        }
    }
    blanked(text, &cuts)
}

fn blanked(text: &str, parts: &[std::ops::Range<usize>]) -> Option<String> {
    let mut rest = text.to_owned();
    for part in parts {
        rest.replace_range(part.clone(), &" ".repeat(part.len()));
    }
    (!parts.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{without_targets, without_variables};

    #[test]
    fn variables_become_what_they_stand_for() {
        for (text, expected) in [
            ("GRANT :\"a\" TO :b", Some("GRANT  \"a\" TO  b")),
            ("SELECT :'a', 1", Some("SELECT  'a', 1")),
            ("SELECT a::int, b[1:2], ':x', x := 1", None),
            ("SELECT a::int + :n", Some("SELECT a::int +  n")),
        ] {
            assert_eq!(without_variables(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn targets_are_taken_out() {
        for (text, expected) in [
            (
                "INSERT INTO t VALUES (1) RETURNING id INTO STRICT a, b.c",
                "INSERT INTO t VALUES (1) RETURNING id",
            ),
            ("SELECT a INTO b FROM t", "SELECT a        FROM t"),
            ("UPDATE t SET a = 1 RETURNING a, b INTO r;", "UPDATE t SET a = 1 RETURNING a, b       ;"),
        ] {
            let found = without_targets(text).unwrap_or_default();
            assert_eq!((found.trim_end(), found.len()), (expected, text.len()), "{text}");
        }
        assert_eq!(without_targets("INSERT INTO t SELECT 1"), None);
        assert_eq!(without_targets("SELECT 1 INTO"), None);
    }
}
