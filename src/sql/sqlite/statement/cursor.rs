//! A walk along the tokens of a statement.

use crate::sql::lex::{Token, TokenKind};
use crate::sql::statement::{Name, Span};

/// Where the reading stands.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token<'a>]) -> Cursor<'a> {
        Cursor { text, tokens, at: 0 }
    }

    /// A walk along some of the tokens of the same text.
    pub(super) fn of(&self, tokens: &'a [Token<'a>]) -> Cursor<'a> {
        Cursor { text: self.text, tokens, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at)
    }

    /// The token that comes `ahead` tokens after the next.
    pub(super) fn ahead(&self, ahead: usize) -> Option<&'a Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token<'a>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.tokens.len());
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The tokens that are left.
    pub(super) fn rest(&self) -> &'a [Token<'a>] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    /// The tokens between two places.
    pub(super) fn between(&self, start: usize, end: usize) -> &'a [Token<'a>] {
        self.tokens.get(start..end.min(self.tokens.len())).unwrap_or_default()
    }

    /// Whether the next token is this keyword.
    pub(super) fn sees(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    pub(super) fn sees_mark(&self, mark: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == TokenKind::Mark && token.text == mark)
    }

    /// Whether any token that is left is this keyword.
    pub(super) fn holds(&self, word: &str) -> bool {
        self.rest().iter().any(|token| token.is(word))
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let there = self.sees(word);
        self.at += usize::from(there);
        there
    }

    /// Takes all of these keywords, or none.
    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let there = words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.ahead(ahead).is_some_and(|token| token.is(word)));
        if there {
            self.at += words.len();
        }
        there
    }

    pub(super) fn eat_mark(&mut self, mark: &str) -> bool {
        let there = self.sees_mark(mark);
        self.at += usize::from(there);
        there
    }

    /// A name, folded and without quotes. SQLite takes a text in single quotes for one, too.
    pub(super) fn name(&mut self) -> Option<String> {
        let token = self.peek().filter(|token| is_name(token))?;
        self.at += 1;
        Some(unquoted(token.text).to_ascii_lowercase())
    }

    /// A name, perhaps with a schema.
    pub(super) fn full_name(&mut self) -> Option<Name> {
        let first = self.name()?;
        if !self.eat_mark(".") {
            return Some(Name::new(first));
        }
        let name = self.name()?;
        Some(Name::within(if first == "temp" { "pg_temp".to_owned() } else { first }, name))
    }

    /// The tokens inside the parentheses that open here; what is not closed ends with the statement.
    pub(super) fn parenthesised(&mut self) -> Option<&'a [Token<'a>]> {
        if !self.eat_mark("(") {
            return None;
        }
        let start = self.at;
        let mut depth = 1_usize;
        while let Some(token) = self.next() {
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(self.between(start, self.at - 1));
            }
        }
        Some(self.between(start, self.at))
    }

    /// A list of names in parentheses; empty if there is none.
    pub(super) fn names(&mut self) -> Vec<String> {
        let Some(inside) = self.parenthesised() else { return Vec::new() };
        let firsts = split(inside).into_iter();
        firsts.filter_map(|part| self.of(part).name()).collect()
    }

    /// From the token at `start` to the last one taken.
    pub(super) fn span_since(&self, start: usize) -> Span {
        self.span_of(self.between(start, self.at))
    }

    /// Where some tokens stand.
    pub(super) fn span_of(&self, tokens: &[Token<'_>]) -> Span {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => Span { start: first.start, end: last.end() },
            _ => Span { start: self.text.len(), end: self.text.len() },
        }
    }

    /// Some tokens as they are written.
    pub(super) fn written(&self, tokens: &[Token<'_>]) -> &'a str {
        let Span { start, end } = self.span_of(tokens);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The first words, for a sentence about the statement.
    pub(super) fn beginning(&self) -> String {
        let words: Vec<&str> = self
            .tokens
            .iter()
            .take_while(|token| token.kind == TokenKind::Word)
            .map(|token| token.text)
            .collect();
        match words.get(..2.min(words.len())).unwrap_or_default() {
            [] => self.tokens.first().map(|token| token.text.chars().take(20).collect()).unwrap_or_default(),
            words => words.join(" "),
        }
    }
}

/// Whether a token can be a name.
pub(super) fn is_name(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Word | TokenKind::Quoted => true,
        TokenKind::Text => token.text.starts_with('\''),
        _ => false,
    }
}

/// A name or text without its quotes.
pub(super) fn unquoted(text: &str) -> String {
    let inner = |open: char, close: char| {
        text.strip_prefix(open).map(|rest| rest.strip_suffix(close).unwrap_or(rest))
    };
    match text.chars().next() {
        Some(quote @ ('"' | '`' | '\'')) => {
            inner(quote, quote).unwrap_or_default().replace(&format!("{quote}{quote}"), &quote.to_string())
        }
        Some('[') => inner('[', ']').unwrap_or_default().to_owned(),
        _ => text.to_owned(),
    }
}

/// Cuts at the commas that stand in no parentheses.
pub(super) fn split<'a>(tokens: &'a [Token<'a>]) -> Vec<&'a [Token<'a>]> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(tokens.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tokens.get(start..).unwrap_or_default());
    parts.retain(|part| !part.is_empty());
    parts
}
