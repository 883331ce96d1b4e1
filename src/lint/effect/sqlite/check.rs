//! Whether one value meets a `CHECK`, as far as that can be told without a database.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use std::cmp::Ordering;

/// Deeper parentheses are not looked into.
const DEEPEST: usize = 40;

/// Whether a check is met when its column has this value; nobody can tell if it speaks of anything else.
/// A check that comes out null is met.
#[must_use]
pub(super) fn met(check: &str, column: &str, value: &str, numeric: bool) -> Option<bool> {
    let of_value: Vec<Token<'_>> = significant(value);
    let tokens: Vec<Token<'_>> = significant(check);
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0, column, value: Value::Null, numeric };
    let mut own = Reader { tokens: &of_value, at: 0, depth: 0, column: "", value: Value::Null, numeric };
    let value = own.operand()?;
    if own.at < of_value.len() {
        return None;
    }
    reader.value = reader.shaped(value);
    let result = reader.either()?;
    (reader.at == tokens.len()).then_some(result != Truth::No)
}

/// Whether a declared type turns texts into numbers where it can.
#[must_use]
pub(super) fn is_numeric(ty: &str) -> bool {
    let texts = ["char", "clob", "text", "blob"];
    ty.contains("int") || !texts.iter().any(|word| ty.contains(word))
}

fn significant(text: &str) -> Vec<Token<'_>> {
    tokens(text, Dialect::Sqlite).filter(|token| token.kind != TokenKind::Comment).collect()
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Number(f64),
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    Unknown,
}

impl Truth {
    fn of(yes: bool) -> Truth {
        if yes { Truth::Yes } else { Truth::No }
    }

    fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }

    fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Unknown,
        }
    }
}

/// Reads a condition and works it out on the way.
struct Reader<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    depth: usize,
    column: &'t str,
    value: Value,
    numeric: bool,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, word: &str) -> bool {
        let there = self.peek().is_some_and(|token| token.is(word) || token.text == word);
        self.at += usize::from(there);
        there
    }

    /// A value as the column would keep it.
    fn shaped(&self, value: Value) -> Value {
        match value {
            Value::Text(text) if self.numeric => text.trim().parse().map_or(Value::Text(text), Value::Number),
            value => value,
        }
    }

    fn either(&mut self) -> Option<Truth> {
        let mut result = self.both()?;
        while self.eat("OR") {
            result = result.not().and(self.both()?.not()).not();
        }
        Some(result)
    }

    fn both(&mut self) -> Option<Truth> {
        let mut result = self.negated()?;
        while self.eat("AND") {
            result = result.and(self.negated()?);
        }
        Some(result)
    }

    fn negated(&mut self) -> Option<Truth> {
        let mut odd = false;
        while self.eat("NOT") {
            odd = !odd;
        }
        let result = self.comparison()?;
        Some(if odd { result.not() } else { result })
    }

    fn comparison(&mut self) -> Option<Truth> {
        // A condition in parentheses, unless it is only a value.
        let start = self.at;
        if self.depth < DEEPEST && self.eat("(") {
            self.depth += 1;
            let inner = self.either();
            self.depth -= 1;
            if let Some(inner) = inner.filter(|_| self.eat(")")) {
                let ends = self.peek().is_none_or(|next| {
                    [")", "AND", "OR"].iter().any(|end| next.is(end) || next.text == *end)
                });
                if ends {
                    return Some(inner);
                }
            }
            self.at = start;
        }
        let left = self.operand()?;
        self.compared(left)
    }

    fn compared(&mut self, left: Value) -> Option<Truth> {
        if self.eat("IS") {
            let not = self.eat("NOT");
            let right = self.operand()?;
            return Some(Truth::of((left == right) != not));
        }
        if self.eat("NOTNULL") {
            return Some(Truth::of(left != Value::Null));
        }
        let not = self.eat("NOT");
        if not && self.eat("NULL") {
            return Some(Truth::of(left != Value::Null));
        }
        if self.eat("IN") {
            let found = self.listed(&left)?;
            return Some(if not { found.not() } else { found });
        }
        if self.eat("BETWEEN") {
            let low = self.operand()?;
            let high = if self.eat("AND") { self.operand()? } else { return None };
            let above =
                compare(&left, &low)?.map_or(Truth::Unknown, |order| Truth::of(order != Ordering::Less));
            let below =
                compare(&left, &high)?.map_or(Truth::Unknown, |order| Truth::of(order != Ordering::Greater));
            let within = above.and(below);
            return Some(if not { within.not() } else { within });
        }
        if not {
            return None;
        }
        let operator = self.operator();
        if operator.is_empty() {
            return match left {
                Value::Number(number) => Some(Truth::of(number != 0.0)),
                Value::Null => Some(Truth::Unknown),
                Value::Text(_) => None,
            };
        }
        let right = self.operand()?;
        let Some(order) = compare(&left, &right)? else { return Some(Truth::Unknown) };
        Some(Truth::of(match operator.as_str() {
            "=" | "==" => order == Ordering::Equal,
            "<>" | "!=" => order != Ordering::Equal,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">" => order == Ordering::Greater,
            ">=" => order != Ordering::Less,
            _ => return None,
        }))
    }

    fn operator(&mut self) -> String {
        let mut operator = String::new();
        while let Some(token) = self.peek().filter(|token| matches!(token.text, "=" | "<" | ">" | "!")) {
            operator.push_str(token.text);
            self.at += 1;
        }
        operator
    }

    fn listed(&mut self, left: &Value) -> Option<Truth> {
        if !self.eat("(") {
            return None;
        }
        let mut found = Truth::No;
        loop {
            let one = self.operand()?;
            let equal =
                compare(left, &one)?.map_or(Truth::Unknown, |order| Truth::of(order == Ordering::Equal));
            found = found.not().and(equal.not()).not();
            if self.eat(")") {
                return Some(found);
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    /// A value: the column, a literal, or the length of either.
    fn operand(&mut self) -> Option<Value> {
        let opened = (0..DEEPEST).take_while(|_| self.eat("(")).count();
        let negative = self.eat("-");
        if !negative {
            self.eat("+");
        }
        let token = self.peek()?;
        self.at += 1;
        let name = token.text.trim_matches(['"', '`', '[', ']']);
        let value = match token.kind {
            TokenKind::Number => Value::Number(token.text.parse().ok()?),
            TokenKind::Text if token.text.starts_with('\'') => {
                let inner = token.text.trim_start_matches('\'').trim_end_matches('\'');
                Value::Text(inner.replace("''", "'"))
            }
            _ if token.is("NULL") => Value::Null,
            _ if token.is("TRUE") => Value::Number(1.0),
            _ if token.is("FALSE") => Value::Number(0.0),
            _ if token.is("length") && self.depth < DEEPEST && self.eat("(") => {
                self.depth += 1;
                let inner = self.operand()?;
                self.depth -= 1;
                if !self.eat(")") {
                    return None;
                }
                match inner {
                    Value::Text(text) => Value::Number(count(&text)),
                    Value::Null => Value::Null,
                    Value::Number(_) => return None,
                }
            }
            TokenKind::Word | TokenKind::Quoted if name.eq_ignore_ascii_case(self.column) => {
                self.value.clone()
            }
            _ => return None,
        };
        let value = match value {
            Value::Number(number) if negative => Value::Number(-number),
            Value::Text(_) if negative => return None,
            value => value,
        };
        (0..opened).all(|_| self.eat(")")).then_some(value)
    }
}

#[allow(clippy::cast_precision_loss)]
fn count(text: &str) -> f64 {
    text.chars().count() as f64
}

/// The order of two values; the inner `None` if one is null. Values of different kinds are left alone.
fn compare(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Some(None),
        (Value::Number(left), Value::Number(right)) => Some(left.partial_cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(Some(left.cmp(right))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_worked_out() {
        for (check, value, expected) in [
            ("z > 0", "0", Some(false)),
            ("z > 0", "1", Some(true)),
            ("z > 0", "NULL", Some(true)),
            ("(z >= 0) AND z < 10", "(-1)", Some(false)),
            ("z IS NOT NULL", "NULL", Some(false)),
            ("z NOT NULL", "NULL", Some(false)),
            ("z IS NULL OR z IN (1, 2)", "3", Some(false)),
            ("z IN ('a', 'b')", "'a'", Some(true)),
            ("z NOT IN ('a', 'b')", "'a'", Some(false)),
            ("z BETWEEN 1 AND 5", "7", Some(false)),
            ("length(z) > 0", "''", Some(false)),
            ("NOT z = 5", "5", Some(false)),
            ("z <> ''", "'it''s'", Some(true)),
            ("\"Z\" != 0", "0", Some(false)),
            ("((z) > (0))", "0", Some(false)),
            ("z > 0", "'x'", None),
            ("z > other", "1", None),
            ("z % 2 = 0", "1", None),
            ("f(z)", "1", None),
            ("z > 0 AND", "1", None),
        ] {
            assert_eq!(met(check, "z", value, !value.starts_with('\'')), expected, "{check} with {value}");
        }
        assert_eq!(met("z > 0", "z", "'0'", true), Some(false));
    }

    #[test]
    fn deep_checks_are_left_alone() {
        let deep = format!("{}z > 0{}", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(met(&deep, "z", "0", true), None);
        let long = format!("{}z > 0", "length(".repeat(50_000));
        assert_eq!(met(&long, "z", "0", true), None);
    }
}
