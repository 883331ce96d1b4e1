//! The tokens of a statement, read one after the other.
//!
//! Knows: tokens and names. Must never know: what a statement means.

use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::{Name, Origin, Span};
use std::borrow::Cow;

/// Comments for versions from here on are meant for no server at all, but for a client.
const NO_SERVER: u32 = 999_999;

/// The text with what MySQL takes for code and others for a comment (`/*!40101 … */`) laid open; every
/// other byte stays where it is.
pub(super) fn laid_open(text: &str) -> Cow<'_, str> {
    if !text.contains("/*!") && !text.contains("/*M!") {
        return Cow::Borrowed(text);
    }
    let mut blanks: Vec<(usize, usize)> = Vec::new();
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(token) = text.get(at..).and_then(|rest| tokens(rest, Dialect::Mysql).next()) {
        let start = at + token.start;
        at = start + token.text.len();
        let inside = token.text.strip_prefix("/*!").or_else(|| token.text.strip_prefix("/*M!"));
        if let Some(inside) = inside.filter(|_| token.kind == TokenKind::Comment) {
            let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
            let version = inside.get(..digits).and_then(|digits| digits.parse::<u32>().ok());
            if version.is_none_or(|version| version < NO_SERVER) {
                at = start + (token.text.len() - inside.len()) + digits;
                blanks.push((start, at));
                open += 1;
            }
        } else if open > 0 && token.text == "*" && text.get(at..).is_some_and(|rest| rest.starts_with('/')) {
            at += 1;
            blanks.push((start, at));
            open -= 1;
        }
    }
    let mut plain = String::with_capacity(text.len());
    for (start, end) in blanks {
        plain.push_str(text.get(plain.len()..start).unwrap_or_default());
        plain.extend(std::iter::repeat_n(' ', end - start));
    }
    plain.push_str(text.get(plain.len()..).unwrap_or_default());
    Cow::Owned(plain)
}

/// The tokens of a text, and where its parentheses end.
#[derive(Debug)]
pub(super) struct Lexed<'a> {
    tokens: Vec<Token<'a>>,
    /// For each opening parenthesis, the place of the one that closes it; the end, if none does.
    ends: Vec<usize>,
}

/// The tokens of a text without comments, and where its parentheses end.
pub(super) fn lexed(text: &str) -> Lexed<'_> {
    let tokens = without_comments(text);
    let mut ends = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => open.push(at),
            ")" => {
                if let Some(end) = open.pop().and_then(|opened| ends.get_mut(opened)) {
                    *end = at;
                }
            }
            _ => {}
        }
    }
    Lexed { tokens, ends }
}

/// The tokens of a text without comments. `--` begins one only before a blank.
fn without_comments(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::new();
    let mut from = 0;
    'again: loop {
        for token in tokens(text.get(from..).unwrap_or_default(), Dialect::Mysql) {
            let token = Token { start: token.start + from, ..token };
            if token.kind != TokenKind::Comment {
                all.push(token);
                continue;
            }
            let after = token.text.strip_prefix("--").and_then(|rest| rest.chars().next());
            if after.is_some_and(|c| !c.is_whitespace() && !c.is_control()) {
                let minus = |at: usize| Token {
                    kind: TokenKind::Mark,
                    text: text.get(at..=at).unwrap_or_default(),
                    start: at,
                    closed: true,
                };
                all.extend([minus(token.start), minus(token.start + 1)]);
                from = token.start + 2;
                continue 'again;
            }
        }
        return all;
    }
}

/// Reads tokens from the first to the last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The text they are of.
    pub(super) text: &'a str,
    tokens: &'a [Token<'a>],
    ends: &'a [usize],
    at: usize,
    /// The place behind the last token to be read.
    to: usize,
    /// What is around the statement.
    pub(super) around: &'a Around<'a>,
}

/// What is around a statement.
#[derive(Debug)]
pub(super) struct Around<'a> {
    /// Where it stands.
    pub(super) origin: &'a Origin,
    /// The database that names without one are in, if the script says it.
    pub(super) home: Option<&'a str>,
    /// In how many others it stands.
    pub(super) depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, lexed: &'a Lexed<'a>, around: &'a Around<'a>) -> Reader<'a> {
        let Lexed { tokens, ends } = lexed;
        Reader { text, tokens, ends, at: 0, to: tokens.len(), around }
    }

    /// The token that many places on.
    pub(super) fn ahead(&self, count: usize) -> Option<&'a Token<'a>> {
        let at = self.at.saturating_add(count);
        self.tokens.get(at).filter(|_| at < self.to)
    }

    /// The next token.
    pub(super) fn peek(&self) -> Option<&'a Token<'a>> {
        self.ahead(0)
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Option<&'a Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Whether nothing is left.
    pub(super) fn done(&self) -> bool {
        self.at >= self.to
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [Token<'a>] {
        self.tokens.get(self.at..self.to).unwrap_or_default()
    }

    /// Whether the next is this word or mark.
    pub(super) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Whether the token that many places on is this word or mark.
    pub(super) fn is_at(&self, count: usize, word: &str) -> bool {
        self.ahead(count).is_some_and(|token| is(token, word))
    }

    /// Whether these words come next.
    pub(super) fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(count, word)| self.is_at(count, word))
    }

    /// Whether one of these words comes next.
    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether a word or mark is anywhere in what is left.
    pub(super) fn has(&self, word: &str) -> bool {
        self.rest().iter().any(|token| is(token, word))
    }

    /// Takes these words if they come next.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let come = self.are(words);
        if come {
            self.at += words.len();
        }
        come
    }

    /// Takes one of these words if it comes next.
    pub(super) fn eat_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found = words.iter().find(|word| self.is(word))?;
        self.at += 1;
        Some(found)
    }

    /// Goes on by that many tokens.
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.to);
    }

    /// Where the next token begins, in bytes.
    pub(super) fn here(&self) -> usize {
        self.peek().map_or_else(|| self.end(), |token| token.start)
    }

    /// Where the last token that was taken ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, Token::end)
    }

    /// From a byte to the last token that was taken.
    pub(super) fn span(&self, start: usize) -> Span {
        Span { start, end: self.end().max(start) }
    }

    /// A part of the text.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// All that is left, as it is written.
    pub(super) fn rest_text(&self) -> &'a str {
        match (self.rest().first(), self.rest().last()) {
            (Some(first), Some(last)) => self.slice(Span { start: first.start, end: last.end() }),
            _ => "",
        }
    }

    /// What was taken since `before`, to be read again.
    pub(super) fn taken(&self, before: &Reader<'a>) -> Reader<'a> {
        Reader { at: before.at, to: self.at, ..*self }
    }

    /// A name.
    pub(super) fn name(&mut self) -> Option<String> {
        let name = name_of(self.peek()?)?;
        self.at += 1;
        Some(name)
    }

    /// The name of a table or something like it, perhaps with its database.
    pub(super) fn qualified(&mut self) -> Option<Name> {
        self.eat(&["."]);
        let first = self.name()?;
        if self.is(".") && self.ahead(1).is_some_and(|token| name_of(token).is_some()) {
            self.at += 1;
            let name = self.name()?;
            return Some(Name::within(first, name));
        }
        Some(Name { schema: self.around.home.map(str::to_owned), name: first })
    }

    /// The names of a list.
    pub(super) fn names(&mut self) -> Vec<Name> {
        let mut all = Vec::new();
        while let Some(name) = self.qualified() {
            all.push(name);
            if !self.eat(&[","]) {
                break;
            }
        }
        all
    }

    /// What stands in the parentheses that come next; they are taken.
    pub(super) fn group(&mut self) -> Option<Reader<'a>> {
        if !self.is("(") {
            return None;
        }
        let end = self.ends.get(self.at).copied().unwrap_or(self.to).min(self.to);
        let inside = Reader { at: self.at + 1, to: end, ..*self };
        self.at = (end + 1).min(self.to);
        Some(inside)
    }

    /// Takes one token, or all that stands in parentheses.
    pub(super) fn step(&mut self) {
        if self.group().is_none() {
            self.skip(1);
        }
    }

    /// Takes everything before a token outside parentheses for which `stop` says so.
    pub(super) fn until(&mut self, stop: impl Fn(&Reader<'a>) -> bool) -> Reader<'a> {
        let before = *self;
        while !self.done() && !stop(self) {
            self.step();
        }
        self.taken(&before)
    }

    /// What is left, cut at the commas outside parentheses.
    pub(super) fn parts(mut self) -> Vec<Reader<'a>> {
        let mut all = Vec::new();
        while !self.done() {
            all.push(self.until(|reader| reader.is(",")));
            self.skip(1);
        }
        all
    }
}

/// Whether a token is this word or mark.
pub(super) fn is(token: &Token<'_>, word: &str) -> bool {
    match token.kind {
        TokenKind::Word => token.text.eq_ignore_ascii_case(word),
        TokenKind::Mark => token.text == word,
        _ => false,
    }
}

/// The name that a token is.
pub(super) fn name_of(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_owned()),
        TokenKind::Quoted => Some(unquoted(token.text)),
        // A name if the server's mode says so; a string is in no place where a name is looked for.
        TokenKind::Text if token.text.starts_with('"') => Some(unquoted(token.text)),
        TokenKind::Number if token.text.contains(|c: char| c.is_alphabetic() || c == '_') => {
            Some(token.text.to_owned())
        }
        _ => None,
    }
}

/// A string or name without its quotes.
pub(super) fn unquoted(text: &str) -> String {
    let Some(at) = text.find(['\'', '"', '`']) else { return text.to_owned() };
    let quote = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\'');
    let inner = text.get(at + 1..).unwrap_or_default();
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c == quote && chars.peek() == Some(&quote) {
            chars.next();
        }
        let escaped = if c == '\\' && quote != '`' { chars.next() } else { None };
        plain.push(match escaped {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('0') => '\0',
            Some(other) => other,
            None => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests;
