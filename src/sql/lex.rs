//! Cutting SQL into tokens, tolerant of anything: what is not closed ends with the text.

use super::Dialect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A bare word: keyword or name.
    Word,
    /// A name in `"…"`, `` `…` `` or `[…]`.
    Quoted,
    /// A string or blob literal, dollar quotes included.
    Text,
    /// A number.
    Number,
    /// `-- …`, `# …` or `/* … */`.
    Comment,
    /// `;`
    Semicolon,
    /// Any other character.
    Mark,
}

/// A token: its kind and its bytes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text.
    pub text: &'a str,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Whether what opened it was also closed.
    pub closed: bool,
}

impl Token<'_> {
    /// Whether it is this keyword, in any case.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Where it ends, in bytes.
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, comments included, blanks left out.
#[must_use]
pub fn tokens(text: &str, dialect: Dialect) -> Tokens<'_> {
    Tokens { text, at: 0, dialect }
}

/// The iterator behind [`tokens`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text.get(self.at..)?;
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let start = self.at + (rest.len() - trimmed.len());
        let first = trimmed.chars().next()?;
        let (kind, length, closed) = self.measure(trimmed, first);
        self.at = start + length;
        Some(Token { kind, text: trimmed.get(..length)?, start, closed })
    }
}

impl Tokens<'_> {
    fn measure(&self, rest: &str, first: char) -> (TokenKind, usize, bool) {
        let mysql = self.dialect == Dialect::Mysql;
        let whole = |kind, length: Option<usize>| (kind, length.unwrap_or(rest.len()), length.is_some());
        match first {
            ';' => (TokenKind::Semicolon, 1, true),
            '-' if rest.starts_with("--") => (TokenKind::Comment, line_length(rest), true),
            '#' if mysql => (TokenKind::Comment, line_length(rest), true),
            '/' if rest.starts_with("/*") => {
                whole(TokenKind::Comment, comment_length(rest, self.dialect == Dialect::Postgres))
            }
            '\'' => whole(TokenKind::Text, quoted_length(rest, '\'', mysql)),
            '"' if mysql => whole(TokenKind::Text, quoted_length(rest, '"', true)),
            '"' | '`' => whole(TokenKind::Quoted, quoted_length(rest, first, false)),
            '[' if self.dialect == Dialect::Sqlite => {
                whole(TokenKind::Quoted, rest.find(']').map(|end| end + 1))
            }
            '$' if self.dialect == Dialect::Postgres => match dollar_length(rest) {
                Some(length) => whole(TokenKind::Text, length),
                None => (TokenKind::Mark, 1, true),
            },
            _ if first.is_ascii_digit() => (TokenKind::Number, word_length(rest, |c| c == '.'), true),
            _ if is_word_start(first) => self.word(rest),
            _ => (TokenKind::Mark, first.len_utf8(), true),
        }
    }

    /// A word, or a string with a letter before its quote (`E'…'`, `x'…'`).
    fn word(&self, rest: &str) -> (TokenKind, usize, bool) {
        let length = word_length(rest, |c| c == '$' && self.dialect != Dialect::Sqlite);
        let after = rest.get(length..).unwrap_or_default();
        if length == 1 && after.starts_with('\'') {
            let escapes = self.dialect == Dialect::Mysql
                || (self.dialect == Dialect::Postgres && rest.starts_with(['e', 'E']));
            let quoted = quoted_length(after, '\'', escapes);
            return (TokenKind::Text, quoted.map_or(rest.len(), |quoted| length + quoted), quoted.is_some());
        }
        (TokenKind::Word, length, true)
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || !c.is_ascii()
}

fn word_length(text: &str, also: impl Fn(char) -> bool) -> usize {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || !c.is_ascii() || also(c);
    text.find(|c| !inside(c)).unwrap_or(text.len()).max(1)
}

fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn comment_length(text: &str, nested: bool) -> Option<usize> {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let next = bytes.peek().map(|(_, next)| *next);
        match (byte, next) {
            (b'/', Some(b'*')) if nested || depth == 0 => depth += 1,
            (b'*', Some(b'/')) => depth = depth.saturating_sub(1),
            _ => continue,
        }
        bytes.next();
        if depth == 0 {
            return Some(at + 2);
        }
    }
    None
}

fn quoted_length(text: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return Some(at + quote.len_utf8());
            }
        }
    }
    None
}

/// The length of a dollar-quoted string; the outer `None` says it is none at all.
fn dollar_length(text: &str) -> Option<Option<usize>> {
    let after = text.get(1..)?;
    let tag_length = after.find('$')?;
    let tag = after.get(..tag_length)?;
    let fits = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    if !fits {
        return None;
    }
    let mark = text.get(..tag_length + 2)?;
    let body = text.get(mark.len()..)?;
    Some(body.find(mark).map(|end| mark.len() + end + mark.len()))
}

/// The statements of a text as byte ranges without their semicolons; comments do not make one.
/// The bodies of triggers and of `BEGIN ATOMIC` functions belong to their statement.
#[must_use]
pub fn statements(text: &str, dialect: Dialect) -> Vec<Statement<'_>> {
    let mut list = Vec::new();
    let mut current: Vec<Token<'_>> = Vec::new();
    let mut body = Body::default();
    for token in tokens(text, dialect) {
        if token.kind == TokenKind::Comment {
            continue;
        }
        if token.kind == TokenKind::Semicolon && !body.is_open() {
            push(&mut list, text, &mut current);
            body = Body::default();
            continue;
        }
        body.see(&token, current.len(), dialect);
        current.push(token);
    }
    push(&mut list, text, &mut current);
    list
}

fn push<'a>(list: &mut Vec<Statement<'a>>, text: &'a str, tokens: &mut Vec<Token<'a>>) {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
    let (start, end) = (first.start, last.end());
    list.push(Statement {
        text: text.get(start..end).unwrap_or_default(),
        start,
        tokens: std::mem::take(tokens),
    });
}

/// One statement: its text without the semicolon, and its tokens without comments.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// From the first to the last token.
    pub text: &'a str,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Its tokens, comments left out.
    pub tokens: Vec<Token<'a>>,
}

impl Statement<'_> {
    /// Whether it begins with these keywords.
    #[must_use]
    pub fn begins(&self, words: &[&str]) -> bool {
        self.tokens.len() >= words.len() && words.iter().zip(&self.tokens).all(|(word, token)| token.is(word))
    }

    /// The n-th token.
    #[must_use]
    pub fn token(&self, at: usize) -> Option<&Token<'_>> {
        self.tokens.get(at)
    }
}

/// Whether a semicolon is inside a body that belongs to its statement.
#[derive(Default)]
struct Body {
    creates: bool,
    trigger: bool,
    routine: bool,
    depth: usize,
    parens: usize,
    before: Option<String>,
}

impl Body {
    fn is_open(&self) -> bool {
        self.depth > 0 || self.parens > 0
    }

    fn see(&mut self, token: &Token<'_>, position: usize, dialect: Dialect) {
        match token.text {
            "(" if dialect == Dialect::Postgres => self.parens += 1,
            ")" if dialect == Dialect::Postgres => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        if token.kind != TokenKind::Word {
            self.before = None;
            return;
        }
        let word = token.text.to_ascii_uppercase();
        match word.as_str() {
            "CREATE" if position == 0 => self.creates = true,
            "TRIGGER" if self.creates && position < 4 => self.trigger = dialect != Dialect::Postgres,
            "FUNCTION" | "PROCEDURE" if self.creates && position < 4 => self.routine = true,
            "BEGIN" if self.trigger && self.depth == 0 => self.depth = 1,
            "ATOMIC" if self.routine && self.before.as_deref() == Some("BEGIN") && self.depth == 0 => {
                self.depth = 1
            }
            "CASE" if self.depth > 0 => self.depth += 1,
            "END" if self.depth > 0 => self.depth -= 1,
            _ => {}
        }
        self.before = Some(word);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn cut(text: &str, dialect: Dialect) -> Vec<&str> {
        statements(text, dialect).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_in_quotes_comments_and_bodies_do_not_cut() {
        let text = "SELECT 'a;b', \"c;d\" -- e;f\n; /* g;h */ CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM a; END; SELECT 3";
        assert_eq!(cut(text, Dialect::Sqlite).len(), 3);
        assert_eq!(cut("DO $x$ BEGIN a; END $x$; SELECT 1", Dialect::Postgres).len(), 2);
        assert_eq!(
            cut("CREATE RULE r AS ON INSERT TO t DO ALSO (a; b); SELECT 1", Dialect::Postgres).len(),
            2
        );
        assert_eq!(
            cut(
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 1",
                Dialect::Postgres
            )
            .len(),
            2
        );
    }

    #[test]
    fn nothing_but_comments_is_no_statement() {
        assert!(cut("-- a\n/* b; */ ;;\n", Dialect::Sqlite).is_empty());
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        let token = tokens("SELECT 'abc", Dialect::Sqlite).last().unwrap();
        assert!(!token.closed);
        assert_eq!(token.text, "'abc");
    }
}
