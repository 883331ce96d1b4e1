//! The tokens of a line as psql's scanner sees them: how far each one goes, and what it opens.
//!
//! Knows: bytes. Must never know: what has been gathered so far, variables' values, or files.

/// A token at the start of some text outside quotes and comments, with its length in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Blanks, or a comment to the end of the line.
    Blank(usize),
    /// `/*`
    Comment,
    /// The opening of a quoted text, its prefix included.
    Quote {
        length: usize,
        quote: Quote,
    },
    /// `$tag$`
    Dollar(usize),
    /// A word that is not quoted.
    Word(usize),
    Open,
    Close,
    Semicolon,
    /// `\;` or `\:`, which put the bare character into the statement.
    Escaped(u8),
    Backslash,
    /// A variable: `:name`, `:'name'`, `:"name"` or `:{?name}`.
    Variable(Reference),
    /// Anything else that changes nothing.
    Other(usize),
}

/// What stands in quotes, and what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// `'…'` whose backslash is a character like any other, also `U&'…'`.
    Plain,
    /// `B'…'` and `X'…'`, which know no doubled quote.
    Bits,
    /// `'…'` with the server's rule for backslashes.
    Standard,
    /// `E'…'`
    Escape,
    /// `"…"`
    Name,
}

/// How a variable is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Literal,
    Identifier,
    Test,
}

/// A reference to a variable: its form, its whole length, and where in it the name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub form: Form,
    pub length: usize,
    pub name: std::ops::Range<usize>,
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// What a variable's name is made of.
pub(super) fn is_name(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit()
}

fn is_word(byte: u8) -> bool {
    is_name(byte) || byte == b'$'
}

fn run(text: &[u8], from: usize, wanted: fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len())
}

fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(0)
}

/// The token at the start of `text`; `None` if there is no text.
pub(super) fn token(text: &[u8]) -> Option<Token> {
    let first = *text.first()?;
    let quote = |length, quote| Token::Quote { length, quote };
    Some(match first {
        _ if is_space(first) => Token::Blank(run(text, 0, is_space)),
        b'-' if at(text, 1) == b'-' => Token::Blank(run(text, 0, |byte| !matches!(byte, b'\n' | b'\r'))),
        b'/' if at(text, 1) == b'*' => Token::Comment,
        b'\'' => quote(1, Quote::Standard),
        b'"' => quote(1, Quote::Name),
        b'$' => dollar(text),
        b'(' => Token::Open,
        b')' => Token::Close,
        b';' => Token::Semicolon,
        b'\\' => match at(text, 1) {
            escaped @ (b';' | b':') => Token::Escaped(escaped),
            _ => Token::Backslash,
        },
        b':' => colon(text),
        b'.' if at(text, 1).is_ascii_digit() => Token::Other(number(text)),
        _ if first.is_ascii_digit() => Token::Other(number(text)),
        b'e' | b'E' if at(text, 1) == b'\'' => quote(2, Quote::Escape),
        b'b' | b'B' | b'x' | b'X' if at(text, 1) == b'\'' => quote(2, Quote::Bits),
        b'n' | b'N' if at(text, 1) == b'\'' => Token::Other(1),
        b'u' | b'U' if at(text, 1) == b'&' => match at(text, 2) {
            b'\'' => quote(3, Quote::Plain),
            b'"' => quote(3, Quote::Name),
            _ => Token::Other(1),
        },
        _ if is_word_start(first) => Token::Word(run(text, 0, is_word)),
        _ => Token::Other(1),
    })
}

/// `$tag$`, `$1`, or a lone dollar.
fn dollar(text: &[u8]) -> Token {
    if at(text, 1).is_ascii_digit() {
        return Token::Other(junk(text, run(text, 1, |byte| byte.is_ascii_digit())));
    }
    let end = run(text, 1, is_name);
    if at(text, end) == b'$' { Token::Dollar(end + 1) } else { Token::Other(1) }
}

/// A number with a fraction and an exponent, and the word glued to it.
fn number(text: &[u8]) -> usize {
    let digits = |from| run(text, from, |byte| byte.is_ascii_digit());
    let mut end = digits(0);
    if at(text, end) == b'.' {
        if at(text, end + 1) == b'.' {
            return end.max(1);
        }
        end = digits(end + 1);
    }
    if matches!(at(text, end), b'e' | b'E') {
        let sign = usize::from(matches!(at(text, end + 1), b'+' | b'-'));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 {
            end = exponent;
        }
    }
    junk(text, end)
}

fn junk(text: &[u8], end: usize) -> usize {
    if text.get(end).is_some_and(|&byte| is_word_start(byte)) { run(text, end, is_word) } else { end }
}

fn colon(text: &[u8]) -> Token {
    match at(text, 1) {
        b':' | b'=' => Token::Other(2),
        _ => reference(text).map_or(Token::Other(1), Token::Variable),
    }
}

/// The reference to a variable at the start of `text`, which begins with a colon.
pub(super) fn reference(text: &[u8]) -> Option<Reference> {
    let (form, from, close) = match at(text, 1) {
        b'\'' => (Form::Literal, 2, Some(b'\'')),
        b'"' => (Form::Identifier, 2, Some(b'"')),
        b'{' if at(text, 2) == b'?' => (Form::Test, 3, Some(b'}')),
        _ => (Form::Plain, 1, None),
    };
    let end = run(text, from, is_name);
    if end == from || close.is_some_and(|close| text.get(end) != Some(&close)) {
        return None;
    }
    Some(Reference { form, length: end + usize::from(close.is_some()), name: from..end })
}

/// How much of `text` belongs to the quoted text it begins in, and whether the quote ends there.
pub(super) fn quoted(text: &[u8], quote: Quote) -> (usize, bool) {
    let close = if quote == Quote::Name { b'"' } else { b'\'' };
    let mut index = 0;
    while let Some(&byte) = text.get(index) {
        if byte == b'\\' && quote == Quote::Escape {
            index += 2;
        } else if byte != close {
            index += 1;
        } else if quote != Quote::Bits && text.get(index + 1) == Some(&close) {
            index += 2;
        } else {
            index += 1;
            match continuation(text.get(index..).unwrap_or_default()) {
                Some(length) if quote != Quote::Name => index += length,
                _ => return (index, true),
            }
        }
    }
    (index.min(text.len()), false)
}

/// A text in quotes goes on after blanks that hold a line end, if a further quote follows: the
/// length up to and with that quote. Lines are scanned one by one, so this is met in values only.
fn continuation(text: &[u8]) -> Option<usize> {
    let mut index = 0;
    let mut line_ends = false;
    loop {
        match at(text, index) {
            b'\n' | b'\r' => {
                line_ends = true;
                index += 1;
            }
            b' ' | b'\t' | 0x0c => index += 1,
            b'-' if at(text, index + 1) == b'-' => {
                index = run(text, index, |byte| !matches!(byte, b'\n' | b'\r'));
            }
            b'\'' if line_ends => return Some(index + 1),
            _ => return None,
        }
    }
}

/// How much of `text` belongs to the comment it begins in, and how deep the comment is after it;
/// depth 0 is outside.
pub(super) fn commented(text: &[u8], mut depth: usize) -> (usize, usize) {
    let mut index = 0;
    while index < text.len() && depth > 0 {
        match (at(text, index), at(text, index + 1)) {
            (b'/', b'*') => {
                depth += 1;
                index += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                index += 2;
            }
            _ => index += 1,
        }
    }
    (index, depth)
}

/// How much of `text` belongs to the dollar-quoted text it begins in, and whether it ends there.
pub(super) fn dollar_quoted(text: &[u8], tag: &[u8]) -> (usize, bool) {
    let mut index = 0;
    while let Some(&byte) = text.get(index) {
        let rest = text.get(index..).unwrap_or_default();
        if byte == b'$' && rest.starts_with(tag) {
            return (index + tag.len(), true);
        }
        index += 1;
    }
    (index, false)
}
