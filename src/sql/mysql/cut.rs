//! Cutting a script the way the `mariadb` client does: line by line, comments left out, at the
//! delimiter that is in force.
//!
//! How the client reads backslashes and double quotes depends on the server's mode, which a
//! statement before may have changed, so the pieces are handed out one by one. Source: what a server
//! logged and what the client printed for some hundred scripts (MariaDB 10.11).

use super::command::{Command, Word, command, named};

/// The modes of the server that decide how quotes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes {
    /// A backslash is an ordinary character.
    pub no_backslash: bool,
    /// Double quotes enclose names, in which a backslash is an ordinary character.
    pub ansi_quotes: bool,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text, without comments and without delimiter.
    pub text: String,
    /// The line where it starts, counted from 1.
    pub line: usize,
    /// Whether its rows are shown one column per line.
    pub vertical: bool,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A statement to send.
    Statement(Statement),
    /// A command of the client.
    Command(Command),
    /// What the client would fail at: why, and in which line.
    Wrong(String, usize),
    /// What the client warns of and goes on.
    Odd(String, usize),
}

/// A script on its way.
#[derive(Debug)]
pub struct Cutter<'a> {
    lines: std::str::Split<'a, char>,
    /// The line that is being read, and how far.
    line: &'a str,
    at: usize,
    number: usize,
    /// The statement that was begun.
    buffer: String,
    start: usize,
    delimiter: String,
    /// The quote that is open.
    quote: Option<char>,
    comment: bool,
    /// Inside `/*! … */`; forgotten at the end of the line, as the client does.
    conditional: bool,
    /// A comment has just ended, and words must not run together.
    space: bool,
    ended: bool,
    /// What comes before anything else is read.
    waiting: Option<Piece>,
}

impl<'a> Cutter<'a> {
    /// A script at its start.
    #[must_use]
    pub fn new(text: &'a str) -> Cutter<'a> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Cutter {
            lines: text.split('\n'),
            line: "",
            at: usize::MAX,
            number: 0,
            buffer: String::new(),
            start: 1,
            delimiter: ";".to_owned(),
            quote: None,
            comment: false,
            conditional: false,
            space: false,
            ended: false,
            waiting: None,
        }
    }

    /// Whether a comment is open.
    #[must_use]
    pub fn in_comment(&self) -> bool {
        self.comment
    }

    /// What stands between the statement before and here.
    #[must_use]
    pub fn begun(&self) -> &str {
        &self.buffer
    }

    /// The next piece; `None` at the end of the script.
    pub fn next(&mut self, modes: Modes) -> Option<Piece> {
        if let Some(piece) = self.waiting.take() {
            return Some(piece);
        }
        while !self.ended {
            if self.at > self.line.len() {
                match self.next_line() {
                    Some(Some(piece)) => return Some(piece),
                    Some(None) => continue,
                    None => break,
                }
            }
            if let Some(piece) = self.read(modes) {
                return Some(piece);
            }
        }
        self.ended = true;
        self.last()
    }

    /// Stops reading: what was begun is still sent.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Drops what was begun.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.quote = None;
    }

    /// Takes the next line; a command that fills it is handed out at once.
    fn next_line(&mut self) -> Option<Option<Piece>> {
        let line = self.lines.next()?;
        // Behind the last line feed there is no line.
        if line.is_empty() && self.lines.clone().next().is_none() {
            return None;
        }
        self.line = line.strip_suffix('\r').unwrap_or(line);
        self.at = 0;
        self.conditional = false;
        self.number += 1;
        if self.buffer.is_empty() {
            self.start = self.number;
        }
        if !self.buffer.is_empty() || self.comment || self.quote.is_some() {
            return Some(None);
        }
        let delimits = is_delimiter_command(self.line);
        if !delimits && (self.line.contains("\\g") || self.line.contains(self.delimiter.as_str())) {
            return Some(None);
        }
        let Some((word, argument)) = named(self.line) else { return Some(None) };
        self.at = usize::MAX;
        Some(self.command(word, argument.to_owned()))
    }

    /// Reads on in the line until something is to be done, or to its end.
    fn read(&mut self, modes: Modes) -> Option<Piece> {
        while let Some(c) = self.line.get(self.at..).and_then(|rest| rest.chars().next()) {
            let rest = self.line.get(self.at..).unwrap_or_default();
            let escapes = match self.quote {
                Some('`') => false,
                Some('"') => !modes.ansi_quotes && !modes.no_backslash,
                Some(_) => !modes.no_backslash,
                None => true,
            };
            if !self.comment && c == '\\' && escapes {
                if let Some(piece) = self.backslash() {
                    return Some(piece);
                }
            } else if !self.comment && self.quote.is_none() && rest.starts_with(self.delimiter.as_str()) {
                self.at += self.delimiter.len();
                if let Some(piece) = self.delimited() {
                    return Some(piece);
                }
            } else if !self.comment && self.quote.is_none() && self.comments_out(rest) {
                self.at = self.line.len();
            } else if !self.comment && self.quote.is_none() && opens_comment(rest) {
                self.comment = true;
                self.at += 2;
            } else if self.comment && !self.conditional && rest.starts_with("*/") {
                self.comment = false;
                self.space = true;
                self.at += 2;
            } else {
                self.at += c.len_utf8();
                self.accept(c, rest);
            }
        }
        self.at = usize::MAX;
        self.end_line();
        None
    }

    /// Whether the rest of the line is a comment.
    fn comments_out(&self, rest: &str) -> bool {
        if rest.starts_with('#') {
            return true;
        }
        let Some(after) = rest.strip_prefix("--") else { return false };
        after.chars().next().is_none_or(|c| c.is_ascii_whitespace()) || self.buffer.is_empty()
    }

    /// An ordinary character.
    fn accept(&mut self, c: char, rest: &str) {
        if self.comment {
            return;
        }
        if c.is_ascii_whitespace() && self.buffer.is_empty() && self.quote.is_none() && !self.space {
            return;
        }
        if self.buffer.is_empty() {
            self.start = self.number;
        }
        if self.quote.is_none() {
            if rest.starts_with("/*!") || rest.starts_with("/*M!") {
                self.conditional = true;
            } else if self.conditional && rest.starts_with("*/") {
                self.conditional = false;
            }
        }
        if self.quote == Some(c) {
            self.quote = None;
        } else if self.quote.is_none() && matches!(c, '\'' | '"' | '`') {
            self.quote = Some(c);
        }
        if self.space && !c.is_ascii_whitespace() {
            self.buffer.push(' ');
        }
        self.space = false;
        self.buffer.push(c);
    }

    /// A backslash: an escape in quotes, a command outside.
    fn backslash(&mut self) -> Option<Piece> {
        self.at += 1;
        let letter = self.line.get(self.at..).and_then(|rest| rest.chars().next())?;
        self.at += letter.len_utf8();
        if self.quote.is_some() || letter == 'N' {
            self.buffer.push('\\');
            self.buffer.push(letter);
            return None;
        }
        let Some((word, takes)) = command(letter) else {
            return Some(Piece::Wrong(format!("Unknown command '\\{letter}'."), self.number));
        };
        let rest = self.line.get(self.at..).unwrap_or_default();
        let argument = if takes { rest.trim_start().to_owned() } else { String::new() };
        if takes {
            let skipped = rest.find(self.delimiter.as_str()).map(|at| at + self.delimiter.len());
            self.at += skipped.unwrap_or(rest.len());
        }
        self.command(word, argument)
    }

    /// A delimiter: what was begun is complete.
    fn delimited(&mut self) -> Option<Piece> {
        match named(&self.buffer) {
            // The client sends these to the server, as nobody means it.
            None | Some((Word::Exit, _)) => self.complete(false),
            Some((Word::Delimiter, _)) => {
                self.buffer.clear();
                let why = "DELIMITER must stand at the start of a line".to_owned();
                Some(Piece::Wrong(why, self.start))
            }
            Some((word, argument)) => {
                let argument = argument.trim_end().to_owned();
                self.buffer.clear();
                self.command(word, argument)
            }
        }
    }

    fn complete(&mut self, vertical: bool) -> Option<Piece> {
        let text = std::mem::take(&mut self.buffer);
        self.space = false;
        let text = text.trim_end_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control());
        let blank = text.trim_start().is_empty();
        (!blank).then(|| Piece::Statement(Statement { text: text.to_owned(), line: self.start, vertical }))
    }

    /// What only the cutting is concerned with is done here.
    fn command(&mut self, word: Word, argument: String) -> Option<Piece> {
        match word {
            Word::Go => self.complete(false),
            Word::Ego => self.complete(true),
            Word::Clear => {
                self.clear();
                None
            }
            Word::Delimiter => self.delimiter(&argument),
            Word::Exit => {
                self.end();
                None
            }
            _ => Some(Piece::Command(Command { word, argument, line: self.number })),
        }
    }

    fn delimiter(&mut self, argument: &str) -> Option<Piece> {
        let word = argument.split_ascii_whitespace().next().unwrap_or_default();
        let quote = word.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
        let word = match quote {
            Some(quote) => word.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default(),
            None => word,
        };
        if word.is_empty() {
            let why = "DELIMITER must be followed by a 'delimiter' character or string".to_owned();
            return Some(Piece::Odd(why, self.number));
        }
        if word.contains('\\') {
            return Some(Piece::Wrong(
                "DELIMITER cannot contain a backslash character".to_owned(),
                self.number,
            ));
        }
        word.clone_into(&mut self.delimiter);
        None
    }

    fn end_line(&mut self) {
        // Words of two lines do not run together anyway.
        self.space = false;
        if !self.buffer.is_empty() && !self.comment {
            self.buffer.push('\n');
        }
    }

    /// What has no delimiter is sent at the end.
    fn last(&mut self) -> Option<Piece> {
        if self.comment {
            self.comment = false;
            let start = self.number;
            self.waiting = self.complete(false);
            return Some(Piece::Wrong(
                "a comment is not closed, and hides the rest of the script".to_owned(),
                start,
            ));
        }
        self.complete(false)
    }
}

/// Whether a comment begins here that is not meant for the server.
fn opens_comment(rest: &str) -> bool {
    rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!")
}

fn is_delimiter_command(line: &str) -> bool {
    let line = line.trim_start().as_bytes();
    let (word, after) = (line.get(..9), line.get(9));
    word.is_some_and(|word| word.eq_ignore_ascii_case(b"delimiter"))
        && after.is_none_or(u8::is_ascii_whitespace)
}
