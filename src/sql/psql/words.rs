//! The words of a statement, quotes and comments passed over.
//!
//! Knows: bytes. Must never know: what the words mean.

use super::lex::{self, Quote, Token};

/// A word, a quoted thing, or a single character of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A word without quotes.
    Word(&'a [u8]),
    /// A name in double quotes, with them.
    Name(&'a [u8]),
    /// A text, with its quotes.
    Text(&'a [u8]),
    /// Anything else, by its first byte.
    Sign(u8),
}

impl Part<'_> {
    /// Whether it is this word, which is given in capitals.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Part::Word(text) if text.eq_ignore_ascii_case(word.as_bytes()))
    }
}

/// The parts of some SQL text, without blanks and comments, each with where it begins.
pub(super) struct Parts<'a> {
    text: &'a [u8],
    at: usize,
}

/// Walks through `text`, which is read as with `standard_conforming_strings`.
pub(super) fn parts(text: &[u8]) -> Parts<'_> {
    Parts { text, at: 0 }
}

/// Whether a text speaks of words in this order, whatever stands between them and in any case.
pub(super) fn speaks_of(text: &[u8], words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(text).to_ascii_uppercase();
    let all: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    all.windows(words.len()).any(|window| window == words)
}

impl<'a> Parts<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes on by so many bytes and returns them.
    fn take(&mut self, length: usize) -> &'a [u8] {
        let rest = self.rest();
        let length = length.clamp(1, rest.len().max(1));
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn quoted(&mut self, opening: usize, inside: impl Fn(&[u8]) -> usize) -> &'a [u8] {
        let body = self.rest().get(opening..).unwrap_or_default();
        self.take(opening + inside(body))
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = (usize, Part<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.at;
            let rest = self.rest();
            let part = match lex::token(rest)? {
                Token::Blank(length) => {
                    self.take(length);
                    continue;
                }
                Token::Comment => {
                    self.quoted(2, |body| lex::commented(body, 1).0);
                    continue;
                }
                Token::Word(length) => Part::Word(self.take(length)),
                Token::Quote { length, quote: Quote::Name } => {
                    Part::Name(self.quoted(length, |body| lex::quoted(body, Quote::Name).0))
                }
                Token::Quote { length, quote } => {
                    Part::Text(self.quoted(length, |body| lex::quoted(body, quote).0))
                }
                Token::Dollar(length) => {
                    let tag = rest.get(..length).unwrap_or_default();
                    Part::Text(self.quoted(length, |body| lex::dollar_quoted(body, tag).0))
                }
                Token::Variable(_) => Part::Sign(self.take(1).first().copied().unwrap_or_default()),
                Token::Escaped(_) => Part::Sign(self.take(1).first().copied().unwrap_or_default()),
                Token::Other(length) => Part::Sign(self.take(length).first().copied().unwrap_or_default()),
                Token::Open | Token::Close | Token::Semicolon | Token::Backslash => {
                    Part::Sign(self.take(1).first().copied().unwrap_or_default())
                }
            };
            return Some((start, part));
        }
    }
}
