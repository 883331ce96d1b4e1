//! Cuts a script into what psql would act on: statements, and commands that begin with a backslash.
//!
//! Knows: the text of one file, the values of variables, and psql's rules for both. Must never
//! know: what a command does, or a connection.

use super::lex::{self, Form, Quote, Reference, Token};
use super::pending::{Origin, Pending};
use super::quote;
use super::source::Source;

/// What variables are when the scanner meets `:name`. In the branch of an `\if` that is not taken
/// all are unset.
pub trait Variables {
    /// The value of the variable; `None` if it is not set.
    fn get(&self, name: &[u8]) -> Option<Vec<u8>>;
}

/// The next thing the client would act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A statement that ended at its semicolon.
    Statement {
        /// The text as psql sends it: without the blanks and line comments before it.
        text: Vec<u8>,
        /// The line in which its first byte stands.
        start_line: usize,
        /// The line in which it ended.
        line: usize,
        /// Where its bytes stand in the file.
        origin: Origin,
    },
    /// A command; its arguments are read on demand. The statement begun before it stays pending.
    Command {
        /// The name without the backslash.
        name: Vec<u8>,
        /// The line in which it stands.
        line: usize,
    },
    /// The end of the file. What is pending, if anything, is to be sent.
    End {
        /// What is still open there: a quote, a comment, a parenthesis.
        unclosed: Option<&'static str>,
    },
}

/// Something that psql says while it scans, without stopping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A variable's value holds the variable itself, which is left as it is written.
    Recursive(Vec<u8>),
    /// An argument's quote is not closed in its line, so that the argument is lost.
    UnterminatedQuote,
    /// A value with a line end cannot be a word of a shell command.
    NotForShell(Vec<u8>),
}

/// What was pending when a branch of an `\if` began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    length: usize,
    parens: usize,
}

/// The construct in which the scanner stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Nothing,
    /// A text in quotes; whether a backslash escapes in it was decided where it began.
    Quoted(Quote),
    Dollar(Vec<u8>),
    Comment(usize),
}

/// The words by which psql recognises the body of a function that begins with `BEGIN ATOMIC`.
#[derive(Debug, Clone, Default)]
struct Words {
    count: usize,
    first: [u8; 4],
    depth: usize,
}

impl Words {
    fn word(&mut self, word: &[u8], in_parens: bool) {
        let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
        if self.count == 0 {
            self.first = [0; 4];
        }
        if ["create", "function", "procedure", "or", "replace"].into_iter().any(is)
            && let (Some(slot), Some(letter)) = (self.first.get_mut(self.count), word.first())
        {
            *slot = letter.to_ascii_lowercase();
        }
        self.count += 1;
        let routine = matches!(self.first, [b'c', b'f' | b'p', ..] | [b'c', b'o', b'r', b'f' | b'p']);
        if !routine || in_parens {
        } else if is("begin") || (is("case") && self.depth > 0) {
            self.depth += 1;
        } else if is("end") {
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

/// Why scanning paused.
enum Pause {
    Semicolon,
    Backslash,
    LineEnd,
}

/// Reads one file.
#[derive(Debug, Clone)]
pub struct Scanner {
    pub(super) source: Source,
    pending: Pending,
    inside: Inside,
    parens: usize,
    words: Words,
    /// The server's rule for backslashes when the present line was begun.
    std_strings: bool,
    in_line: bool,
    /// A command's name was returned and its line is not finished.
    pub(super) in_command: bool,
    /// In the branch of an `\if` that is not taken.
    skipping: bool,
    single_line: bool,
    pub(super) notes: Vec<Note>,
    /// Length of what was pending when a line feed had been put after it for the present line.
    fed: Option<usize>,
}

impl Scanner {
    /// A scanner at the start of a file. With `utf8`, which is for the client's encoding, a byte
    /// order mark is passed over.
    #[must_use]
    pub fn new(text: Vec<u8>, utf8: bool) -> Scanner {
        Scanner {
            source: Source::new(text, utf8),
            pending: Pending::default(),
            inside: Inside::Nothing,
            parens: 0,
            words: Words::default(),
            std_strings: true,
            in_line: false,
            in_command: false,
            skipping: false,
            single_line: false,
            notes: Vec::new(),
            fed: None,
        }
    }

    /// The next thing the client would act on. `std_strings` is what the server's
    /// `standard_conforming_strings` is now; as in psql it holds from the next line on.
    pub fn next(&mut self, variables: &dyn Variables, std_strings: bool) -> Piece {
        if self.in_command {
            self.finish_command();
        }
        loop {
            if !self.in_line && !self.begin_line(std_strings) {
                return Piece::End { unclosed: self.unclosed() };
            }
            match self.scan(variables) {
                Pause::Semicolon if self.skipping => {}
                Pause::Semicolon => return self.statement(),
                Pause::Backslash => return self.command(),
                Pause::LineEnd => {
                    self.in_line = false;
                    let at_rest = self.inside == Inside::Nothing && self.parens == 0 && self.words.depth == 0;
                    if self.single_line && at_rest && !self.skipping && !self.pending.text.is_empty() {
                        return self.statement();
                    }
                }
            }
        }
    }

    /// From now on text is passed over (`true`), because it stands in a branch that is not taken:
    /// semicolons end nothing, only commands and the end are returned.
    pub fn skip_text(&mut self, skipping: bool) {
        self.skipping = skipping;
    }

    /// Whether the end of a line ends a statement, as psql's variable `SINGLELINE` says.
    pub fn single_line(&mut self, single_line: bool) {
        self.single_line = single_line;
    }

    /// A line of data after `COPY … FROM STDIN`, with its line feed; `None` at `\.` or the end of
    /// the file. The data begin after the line in which the statement ended.
    pub fn copy_line(&mut self) -> Option<Vec<u8>> {
        let line = self.source.data_line()?;
        let end = matches!(line, b"\\.\n" | b"\\.\r\n" | b"\\." | b"\\.\r");
        (!end).then(|| line.to_vec())
    }

    /// The line in which the client stands, counted from 1; 0 before the first.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.line
    }

    /// The statement so far.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        &self.pending.text
    }

    /// Where the statement so far stands in the file.
    #[must_use]
    pub fn pending_origin(&self) -> &Origin {
        &self.pending.origin
    }

    /// The line in which the statement so far begins.
    #[must_use]
    pub fn pending_line(&self) -> usize {
        self.pending.start_line
    }

    /// Takes the statement so far, to send it; a new one begins.
    pub fn take_pending(&mut self) -> Vec<u8> {
        self.inside = Inside::Nothing;
        self.parens = 0;
        self.words = Words::default();
        std::mem::take(&mut self.pending).text
    }

    /// Drops the statement so far.
    pub fn reset_pending(&mut self) {
        self.take_pending();
    }

    /// Adds text to the statement so far, without looking into it.
    pub fn append(&mut self, text: &[u8]) {
        let (spot, line) = (self.source.spot(), self.source.line);
        self.pending.push(text, super::source::Spot { exact: false, ..spot }, line);
    }

    /// What `\if` and its like keep when a branch begins.
    #[must_use]
    pub fn save(&self) -> Saved {
        Saved { length: self.pending.text.len(), parens: self.parens }
    }

    /// Drops what a branch that was not taken left in the statement.
    pub fn restore(&mut self, saved: Saved) {
        self.pending.truncate(saved.length);
        self.parens = saved.parens;
    }

    /// What psql would have said since this was asked last.
    pub fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// The lines that hold a NUL byte, which hides the rest of its line.
    #[must_use]
    pub fn nul_lines(&self) -> &[usize] {
        &self.source.nuls
    }

    fn unclosed(&self) -> Option<&'static str> {
        match &self.inside {
            Inside::Quoted(Quote::Name) => Some("a quoted name"),
            Inside::Quoted(_) => Some("a text in quotes"),
            Inside::Dollar(_) => Some("a dollar-quoted text"),
            Inside::Comment(_) => Some("a comment"),
            Inside::Nothing if self.parens > 0 => Some("a parenthesis"),
            Inside::Nothing if self.words.depth > 0 => Some("the body of a routine"),
            Inside::Nothing => None,
        }
    }

    /// Reads the next line that is not passed over; false at the end of the file.
    fn begin_line(&mut self, std_strings: bool) -> bool {
        while self.source.read_line() {
            // Empty lines count in quotes and comments only.
            if self.source.is_blank_line() && self.inside == Inside::Nothing {
                continue;
            }
            self.std_strings = std_strings;
            self.in_line = true;
            self.fed = None;
            if !self.pending.text.is_empty() {
                let mut spot = self.source.spot();
                spot.offset = spot.offset.saturating_sub(1);
                self.pending.push(b"\n", spot, self.source.line);
                self.fed = Some(self.pending.text.len());
            }
            return true;
        }
        false
    }

    fn statement(&mut self) -> Piece {
        let Pending { text, origin, start_line } = std::mem::take(&mut self.pending);
        self.fed = None;
        Piece::Statement { text, start_line, line: self.source.line, origin }
    }

    fn command(&mut self) -> Piece {
        // A line that holds a command only adds no line feed to the statement around it.
        if let Some(fed) = self.fed.take()
            && fed == self.pending.text.len()
        {
            self.pending.truncate(fed - 1);
        }
        self.in_command = true;
        Piece::Command { name: self.command_name(), line: self.source.line }
    }

    /// Reads on in the line until something is to be done.
    fn scan(&mut self, variables: &dyn Variables) -> Pause {
        while !self.source.is_done() {
            match &self.inside {
                Inside::Nothing => {
                    if let Some(pause) = self.scan_token(variables) {
                        return pause;
                    }
                }
                Inside::Quoted(kind) => {
                    let (length, ends) = lex::quoted(self.source.rest(), *kind);
                    self.scan_inside(length, ends);
                }
                Inside::Dollar(tag) => {
                    let (length, ends) = lex::dollar_quoted(self.source.rest(), tag);
                    self.scan_inside(length, ends);
                }
                Inside::Comment(depth) => {
                    let (length, depth) = lex::commented(self.source.rest(), *depth);
                    self.inside = Inside::Comment(depth);
                    self.scan_inside(length, depth == 0);
                }
            }
        }
        Pause::LineEnd
    }

    fn scan_inside(&mut self, length: usize, ends: bool) {
        self.echo(length);
        if ends {
            self.inside = Inside::Nothing;
        }
    }

    fn scan_token(&mut self, variables: &dyn Variables) -> Option<Pause> {
        match lex::token(self.source.rest())? {
            Token::Blank(length) if self.pending.text.is_empty() => self.source.advance(length),
            Token::Blank(length) | Token::Other(length) => self.echo(length),
            Token::Comment => {
                self.echo(2);
                self.inside = Inside::Comment(1);
            }
            Token::Quote { length, quote } => {
                self.echo(length);
                self.inside = Inside::Quoted(match quote {
                    Quote::Standard if self.std_strings => Quote::Plain,
                    Quote::Standard => Quote::Escape,
                    other => other,
                });
            }
            Token::Dollar(length) => {
                let tag = self.source.rest().get(..length).unwrap_or_default().to_vec();
                self.echo(length);
                self.inside = Inside::Dollar(tag);
            }
            Token::Word(length) => {
                let word = self.source.rest().get(..length).unwrap_or_default();
                self.words.word(word, self.parens > 0);
                self.echo(length);
            }
            Token::Open => {
                self.parens += 1;
                self.echo(1);
            }
            Token::Close => {
                self.parens = self.parens.saturating_sub(1);
                self.echo(1);
            }
            Token::Semicolon => {
                self.echo(1);
                if self.parens == 0 && self.words.depth == 0 {
                    self.words.count = 0;
                    return Some(Pause::Semicolon);
                }
            }
            Token::Escaped(byte) => {
                self.put(&[byte]);
                self.source.advance(2);
                if byte == b';' {
                    self.words.count = 0;
                }
            }
            Token::Backslash => {
                self.source.advance(1);
                return Some(Pause::Backslash);
            }
            Token::Variable(reference) => self.variable(&reference, variables),
        }
        None
    }

    fn variable(&mut self, reference: &Reference, variables: &dyn Variables) {
        let name = self.source.rest().get(reference.name.clone()).unwrap_or_default().to_vec();
        match (reference.form, variables.get(&name)) {
            (Form::Test, value) => {
                self.put(if value.is_some() { b"TRUE" } else { b"FALSE" });
                self.source.advance(reference.length);
            }
            (_, None) => self.echo(reference.length),
            (Form::Literal, Some(value)) => {
                self.put(&quote::literal(&value));
                self.source.advance(reference.length);
            }
            (Form::Identifier, Some(value)) => {
                self.put(&quote::identifier(&value));
                self.source.advance(reference.length);
            }
            (Form::Plain, Some(_)) if self.source.is_expanding(&name) => {
                self.notes.push(Note::Recursive(name));
                self.echo(reference.length);
            }
            (Form::Plain, Some(value)) => {
                self.source.advance(reference.length);
                self.source.expand(name, value, reference.length);
            }
        }
    }

    /// Takes so many bytes into the statement, as they are.
    fn echo(&mut self, length: usize) {
        let bytes = self.source.rest().get(..length).unwrap_or_default();
        self.pending.push(bytes, self.source.spot(), self.source.line);
        self.source.advance(length);
    }

    /// Puts bytes into the statement that stand for what is written at this place.
    fn put(&mut self, bytes: &[u8]) {
        let spot = super::source::Spot { exact: false, ..self.source.spot() };
        self.pending.push(bytes, spot, self.source.line);
    }
}
