//! Expressions and types.

use super::cursor::{Cursor, is_name, unquoted};
use crate::sql::lex::{Token, TokenKind};
use crate::sql::statement::{Expr, Name, Type};

/// Words that are no names inside an expression.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "collate",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "false",
    "filter",
    "from",
    "full",
    "glob",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "isnull",
    "join",
    "left",
    "like",
    "limit",
    "match",
    "natural",
    "not",
    "notnull",
    "null",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "raise",
    "regexp",
    "right",
    "select",
    "then",
    "true",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];
/// What the present moment is called.
const MOMENTS: [&str; 3] = ["current_date", "current_time", "current_timestamp"];

/// Whether a word is no name inside an expression.
pub(super) fn is_keyword(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Word && KEYWORDS.contains(&token.text.to_ascii_lowercase().as_str())
}

/// Reads what stands behind `DEFAULT`, where a bare word is a text.
pub(super) fn read_default(cursor: &Cursor<'_>, tokens: &[Token<'_>]) -> Expr {
    let mut expr = read(cursor, tokens);
    if let [word] = tokens {
        let moment = MOMENTS.iter().any(|moment| word.is(moment));
        if matches!(word.kind, TokenKind::Word | TokenKind::Quoted) && !moment {
            expr.literal = true;
            expr.columns.clear();
        }
    }
    expr
}

/// Reads an expression out of its tokens.
pub(super) fn read(cursor: &Cursor<'_>, tokens: &[Token<'_>]) -> Expr {
    let bare = without_parentheses(tokens);
    let mut expr = Expr {
        text: cursor.written(tokens).to_owned(),
        literal: is_constant(tokens),
        null: matches!(bare, [only] if only.is("null")),
        proves_not_null: proofs(bare),
        query: tokens.iter().any(|token| token.is("select")),
        span: cursor.span_of(tokens),
        ..Expr::default()
    };
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        let named = before.is_some_and(|before| before.is("as") || before.is("collate"));
        if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted) || is_keyword(token) || named {
            continue;
        }
        let name = unquoted(token.text).to_ascii_lowercase();
        if next == "(" || MOMENTS.contains(&name.as_str()) {
            expr.calls.push(Name::new(name));
        } else if next != "." && !expr.columns.contains(&name) {
            expr.columns.push(name);
        }
    }
    expr
}

/// What is inside of the parentheses around the whole.
pub(super) fn without_parentheses<'a, 'b>(tokens: &'b [Token<'a>]) -> &'b [Token<'a>] {
    let opening = tokens.iter().take_while(|token| token.text == "(").count();
    if opening == 0 {
        return tokens;
    }
    let mut open: Vec<usize> = Vec::new();
    // Where those at the start are closed.
    let mut closed: Vec<usize> = vec![0; opening];
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => open.push(at),
            ")" => {
                if let Some(slot) = open.pop().and_then(|start| closed.get_mut(start)) {
                    *slot = at;
                }
            }
            _ => {}
        }
    }
    let around =
        closed.iter().enumerate().take_while(|(start, end)| start + **end + 1 == tokens.len()).count();
    tokens.get(around..tokens.len() - around).unwrap_or_default()
}

/// Whether SQLite takes it for a constant where it adds a column: a literal, perhaps with a sign or a
/// cast; nothing that has to be computed.
fn is_constant(tokens: &[Token<'_>]) -> bool {
    let mut inner = without_parentheses(tokens);
    // CAST ( value AS type )
    while let [cast, open, rest @ .., close] = inner {
        if !cast.is("cast") || open.text != "(" || close.text != ")" {
            break;
        }
        let end = rest.iter().rposition(|token| token.is("as")).unwrap_or(0);
        inner = without_parentheses(rest.get(..end).unwrap_or_default());
    }
    match inner {
        [sign, rest @ ..] if is_sign(sign) => is_number(rest),
        [only] => match only.kind {
            TokenKind::Number | TokenKind::Text => true,
            TokenKind::Word if ["null", "true", "false"].iter().any(|word| only.is(word)) => true,
            _ => false,
        },
        // A number with an exponent that has a sign is cut into three.
        [number, sign, exponent] => is_exponent(number, sign, exponent),
        _ => false,
    }
}

fn is_sign(token: &Token<'_>) -> bool {
    matches!(token.text, "-" | "+")
}

fn is_exponent(number: &Token<'_>, sign: &Token<'_>, exponent: &Token<'_>) -> bool {
    let numbers = number.kind == TokenKind::Number && exponent.kind == TokenKind::Number;
    numbers && number.text.ends_with(['e', 'E']) && is_sign(sign)
}

fn is_number(tokens: &[Token<'_>]) -> bool {
    let signs = tokens.iter().take_while(|token| is_sign(token)).count();
    match without_parentheses(tokens.get(signs..).unwrap_or_default()) {
        [only] => only.kind == TokenKind::Number,
        [point, digits] => point.text == "." && digits.kind == TokenKind::Number,
        [number, sign, exponent] => is_exponent(number, sign, exponent),
        _ => false,
    }
}

/// The columns of which it is untrue when they are null.
fn proofs(tokens: &[Token<'_>]) -> Vec<String> {
    let mut proven = Vec::new();
    for part in conjuncts(tokens) {
        let part = without_parentheses(part);
        let (name, rest) = match part {
            [_, dot, name, rest @ ..] if dot.text == "." => (name, rest),
            [name, rest @ ..] => (name, rest),
            [] => continue,
        };
        let says = |words: &[&str]| {
            rest.len() == words.len() && words.iter().zip(rest).all(|(word, token)| token.is(word))
        };
        if is_name(name) && (says(&["is", "not", "null"]) || says(&["not", "null"]) || says(&["notnull"])) {
            proven.push(unquoted(name.text).to_ascii_lowercase());
        }
    }
    proven
}

/// The parts that are joined by `AND` at the top; the whole when an `OR` joins them.
pub(super) fn conjuncts<'a, 'b>(tokens: &'b [Token<'a>]) -> Vec<&'b [Token<'a>]> {
    let mut depth = 0_usize;
    let mut between = false;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if token.is("case") => depth += 1,
            _ if token.is("end") => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if token.is("or") => return vec![tokens],
            _ if token.is("between") => between = true,
            _ if token.is("and") && between => between = false,
            _ if token.is("and") => {
                parts.push(tokens.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tokens.get(start..).unwrap_or_default());
    parts
}

/// A type: words, and perhaps numbers in parentheses.
pub(super) fn ty(cursor: &mut Cursor<'_>, ends: &[&str]) -> Option<Type> {
    let mut words: Vec<String> = Vec::new();
    while let Some(token) = cursor.peek().filter(|token| is_name(token)) {
        if token.kind == TokenKind::Word && ends.iter().any(|end| token.is(end)) {
            break;
        }
        words.push(unquoted(token.text).to_ascii_lowercase());
        cursor.skip(1);
    }
    if words.is_empty() {
        return None;
    }
    let inside = cursor.parenthesised().unwrap_or_default();
    let args = inside.iter().filter_map(|token| token.text.parse().ok()).collect();
    Some(Type { args, ..Type::plain(words.join(" ")) })
}
