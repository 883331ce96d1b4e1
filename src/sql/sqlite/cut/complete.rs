//! When a text is complete: the rule of `sqlite3_complete`, taken line by line.
//!
//! Knows: tokens just well enough to find semicolons at statement level. Must never know: what
//! a statement means.

/// Where the reading stands between the tokens; the states of SQLite's own rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet, or a statement has just ended.
    Start,
    /// In a statement that ends at the next semicolon.
    Normal,
    /// After EXPLAIN, which may precede CREATE TRIGGER.
    Explain,
    /// After CREATE, perhaps with TEMP.
    Create,
    /// In a trigger, whose end is `; END ;`.
    Trigger,
    /// In a trigger, after a semicolon.
    TriggerSemicolon,
    /// In a trigger, after `; END`.
    TriggerEnd,
}

/// What the text read so far ends inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Plain,
    LineComment,
    BlockComment,
    /// A quote or name that this byte ends.
    Quote(u8),
}

/// The tokens that matter; blanks and comments are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Semicolon,
    Explain,
    Create,
    Temp,
    Trigger,
    End,
    Other,
}

/// Reads lines one after the other and knows whether they form complete statements.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    state: State,
    inside: Inside,
    /// There was something besides blanks, comments and semicolons.
    substance: bool,
    /// Where the comment that was opened last starts, in the caller's counting.
    comment_at: usize,
}

impl Scanner {
    pub(super) fn new() -> Scanner {
        Scanner { state: State::Start, inside: Inside::Plain, substance: false, comment_at: 0 }
    }

    /// Reads one line, which starts at offset `base` of the file. A line end is implied
    /// *before* it: a comment to the end of the line is over only once another line follows.
    pub(super) fn line(&mut self, line: &str, base: usize) {
        if self.inside == Inside::LineComment {
            self.inside = Inside::Plain;
        }
        self.scan(line.as_bytes(), base, |_| false);
    }

    /// Whether a whole number of statements was read.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Start && matches!(self.inside, Inside::Plain | Inside::LineComment)
    }

    /// Whether there were only blanks, whole comments and semicolons.
    pub(super) fn is_blank(&self) -> bool {
        !self.substance && matches!(self.inside, Inside::Plain | Inside::LineComment)
    }

    /// Whether one more semicolon, put right behind the text, would complete it.
    pub(super) fn semicolon_would_complete(&self) -> bool {
        self.inside == Inside::Plain && next_state(self.state, Token::Semicolon) == State::Start
    }

    /// Where the comment starts that is still open.
    pub(super) fn open_comment(&self) -> Option<usize> {
        (self.inside == Inside::BlockComment).then_some(self.comment_at)
    }

    /// Reads on until `stop` says so after a token; gives the start and end of that token.
    fn scan(&mut self, text: &[u8], base: usize, stop: impl Fn(&Self) -> bool) -> (usize, usize) {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let length = match self.inside {
                Inside::Plain => self.token(rest, base + at),
                Inside::LineComment => self.until(rest, b"\n"),
                Inside::BlockComment => self.until(rest, b"*/"),
                Inside::Quote(end) => self.until(rest, &[end]),
            };
            if stop(self) {
                return (at, at + length);
            }
            at += length;
        }
        (at, at)
    }

    /// Skips to behind `end`, or to the end of the text, staying inside.
    fn until(&mut self, text: &[u8], end: &[u8]) -> usize {
        match text.windows(end.len()).position(|window| window == end) {
            Some(found) => {
                self.inside = Inside::Plain;
                found + end.len()
            }
            None => text.len(),
        }
    }

    /// Reads one token, blank or opening mark; returns its length.
    fn token(&mut self, text: &[u8], at: usize) -> usize {
        match text {
            [b' ' | b'\t' | b'\n' | b'\r' | b'\x0c', ..] => 1,
            [b'-', b'-', ..] => {
                self.inside = Inside::LineComment;
                2
            }
            [b'/', b'*', ..] => {
                self.inside = Inside::BlockComment;
                self.comment_at = at;
                2
            }
            [b';', ..] => {
                self.state = next_state(self.state, Token::Semicolon);
                1
            }
            [quote @ (b'\'' | b'"' | b'`' | b'['), ..] => {
                self.inside = Inside::Quote(if *quote == b'[' { b']' } else { *quote });
                self.take(Token::Other);
                1
            }
            [first, ..] if is_word(*first) => {
                let length = text.iter().position(|&byte| !is_word(byte)).unwrap_or(text.len());
                self.take(keyword(text.get(..length).unwrap_or_default()));
                length
            }
            _ => {
                self.take(Token::Other);
                1
            }
        }
    }

    fn take(&mut self, token: Token) {
        self.substance = true;
        self.state = next_state(self.state, token);
    }
}

/// The length of the first statement of `text`: up to and with the semicolon that ends it as
/// SQLite's parser would see it, or everything.
#[must_use]
pub fn first_statement(text: &str) -> usize {
    let ended = |now: &Scanner| now.substance && now.state == State::Start;
    Scanner::new().scan(text.as_bytes(), 0, ended).1
}

/// The length of the blanks, comments and empty statements at the start of `text`.
#[must_use]
pub fn leading_blank(text: &str) -> usize {
    Scanner::new().scan(text.as_bytes(), 0, |now| now.substance).0
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn keyword(word: &[u8]) -> Token {
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    match word.len() {
        3 if is(b"end") => Token::End,
        4 if is(b"temp") => Token::Temp,
        6 if is(b"create") => Token::Create,
        7 if is(b"trigger") => Token::Trigger,
        7 if is(b"explain") => Token::Explain,
        9 if is(b"temporary") => Token::Temp,
        _ => Token::Other,
    }
}

fn next_state(state: State, token: Token) -> State {
    use State::{Create, Explain, Normal, Start, Trigger, TriggerEnd, TriggerSemicolon};
    match (state, token) {
        (Start | Normal | Explain | Create | TriggerEnd, Token::Semicolon) => Start,
        (Trigger | TriggerSemicolon, Token::Semicolon) => TriggerSemicolon,
        (Start, Token::Explain) => Explain,
        (Start | Explain, Token::Create) => Create,
        (Explain, Token::Other) => Explain,
        (Create, Token::Temp) => Create,
        (Create, Token::Trigger) => Trigger,
        (TriggerSemicolon, Token::End) => TriggerEnd,
        (Trigger | TriggerSemicolon | TriggerEnd, _) => Trigger,
        _ => Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(text: &str) -> bool {
        let mut scanner = Scanner::new();
        for line in text.split('\n') {
            scanner.line(line, 0);
        }
        scanner.is_complete()
    }

    #[test]
    fn a_semicolon_in_quotes_comments_or_triggers_completes_nothing() {
        for text in ["SELECT 1;", "SELECT 1; -- x", "SELECT ';' /* ; */;", "SELECT [;], `;`;", "", ";"] {
            assert!(complete(text), "{text}");
        }
        for text in ["SELECT 1", "SELECT 1 -- ;", "SELECT ';", "SELECT 1; /* x", "SELECT 'a''b;", "SELECT [;"]
        {
            assert!(!complete(text), "{text}");
        }
    }

    #[test]
    fn a_trigger_is_complete_at_its_end() {
        let head = "EXPLAIN QUERY PLAN CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;";
        assert!(!complete(head));
        assert!(!complete(&format!("{head} SELECT CASE 1 WHEN 1 THEN 2 END;")));
        assert!(complete(&format!("{head} /* END; */ END;")));
        assert!(complete("CREATE TABLE trigger(i);"));
    }

    #[test]
    fn statements_are_taken_one_by_one() {
        let text = "-- c\n ; SELECT 1; SELECT 2";
        let first = first_statement(text);
        assert_eq!(text.get(..first), Some("-- c\n ; SELECT 1;"));
        assert_eq!(leading_blank(text), 8);
        assert_eq!(first_statement(" SELECT 2"), 9);
        assert_eq!(leading_blank("/* only */ -- this"), 18);
    }
}
