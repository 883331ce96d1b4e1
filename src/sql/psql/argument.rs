//! The arguments of a command, as psql reads them from the rest of the line.
//!
//! Knows: how arguments are quoted and where they end. Must never know: which command they are for.

use super::lex::{self, Form};
use super::quote;
use super::scanner::{Note, Scanner, Variables};

/// How an argument is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Quotes are taken off, variables and backticks are replaced.
    Normal,
    /// A name as in SQL: lowered unless it is in double quotes, which are taken off.
    SqlId,
    /// A name whose letters stay as they are.
    SqlIdKeepCase,
    /// A file, or a vertical bar and a shell command to the end of the line.
    Filepipe,
    /// All that is left of the line, as it is.
    WholeLine,
    /// Read to be passed over: nothing is replaced or run.
    NoEval,
}

/// One argument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its text.
    pub text: Vec<u8>,
    /// What quoted some part of it, last: `'`, `"`, a backtick, or `:` for a variable.
    pub quote: Option<u8>,
    /// How many bytes at its end were written without any quoting.
    bare: usize,
}

impl Argument {
    /// The text without the semicolons that end it and were not quoted.
    #[must_use]
    pub fn without_semicolons(mut self) -> Vec<u8> {
        let bare = self.text.len().saturating_sub(self.bare);
        while self.text.len() > bare && self.text.last() == Some(&b';') {
            self.text.pop();
        }
        self.text
    }

    /// The text of a whole line without the blanks and semicolons that end it.
    #[must_use]
    pub fn line_without_semicolons(mut self) -> Vec<u8> {
        while self.text.last().is_some_and(|&byte| byte == b';' || lex::is_space(byte) || byte == 0x0b) {
            self.text.pop();
        }
        self.text
    }
}

/// In which part of an argument the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    Bare,
    Single,
    Double,
    /// In backticks, whose command begins at this length of the text.
    Backtick(usize),
    Line,
}

/// What evaluates variables and backticks.
struct Replacer<'a> {
    variables: &'a dyn Variables,
    backtick: &'a mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
    kind: ArgumentKind,
}

/// No variable is set.
struct Unset;

impl Variables for Unset {
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

impl Scanner {
    /// The next argument of the command that was returned last; `None` if there is none left, or
    /// if its quote is not closed ([`Note::UnterminatedQuote`]).
    ///
    /// `backtick` runs a shell command and returns what it printed, whose last line feed is
    /// dropped here, or `None` if it could not be run.
    pub fn argument(
        &mut self,
        kind: ArgumentKind,
        variables: &dyn Variables,
        backtick: &mut dyn FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<Argument> {
        let mut replacer = Replacer { variables, backtick, kind };
        let mut argument = Argument::default();
        let mut part = if kind == ArgumentKind::WholeLine { Part::Line } else { Part::Before };
        while !self.source.is_done() {
            let Some(next) = self.argument_part(part, &mut argument, &mut replacer) else { break };
            part = next;
        }
        match part {
            Part::Single | Part::Double | Part::Backtick(_) => {
                self.notes.push(Note::UnterminatedQuote);
                return None;
            }
            Part::Bare if kind == ArgumentKind::SqlId => {
                argument.text = quote::unquote_identifier(&argument.text, true);
            }
            Part::Bare if kind == ArgumentKind::SqlIdKeepCase => {
                argument.text = quote::unquote_identifier(&argument.text, false);
            }
            _ => {}
        }
        (!argument.text.is_empty() || argument.quote.is_some()).then_some(argument)
    }

    /// Ends a command that was done: the arguments it did not take are returned unread, a `\\`
    /// that closes it is passed over.
    pub fn finish_command(&mut self) -> Vec<Vec<u8>> {
        let mut extra = Vec::new();
        while let Some(argument) = self.argument(ArgumentKind::NoEval, &Unset, &mut |_| None) {
            extra.push(argument.text);
        }
        self.end_command();
        extra
    }

    /// Ends a command that failed: the rest of its line is thrown away.
    pub fn skip_line(&mut self) {
        while self.argument(ArgumentKind::WholeLine, &Unset, &mut |_| None).is_some() {}
        self.end_command();
    }

    fn end_command(&mut self) {
        if !self.source.is_done() && self.source.rest().starts_with(b"\\\\") {
            self.source.advance(2);
        }
        self.in_command = false;
    }

    /// A command's name: to the next blank or backslash.
    pub(super) fn command_name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while !self.source.is_done() {
            let rest = self.source.rest();
            let end = rest.iter().position(|&byte| byte == b'\\' || lex::is_space(byte));
            name.extend_from_slice(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
            self.source.advance(end.unwrap_or(rest.len()));
            if end.is_some() {
                break;
            }
        }
        name
    }

    /// Reads the next few bytes; returns the part that follows, or `None` where the argument ends.
    fn argument_part(
        &mut self,
        part: Part,
        argument: &mut Argument,
        replacer: &mut Replacer<'_>,
    ) -> Option<Part> {
        let rest = self.source.rest();
        let first = *rest.first()?;
        let mut length = 1;
        let next = match part {
            Part::Before if lex::is_space(first) => Part::Before,
            Part::Before if first == b'|' && replacer.kind == ArgumentKind::Filepipe => {
                argument.text.push(first);
                Part::Line
            }
            Part::Before => {
                length = 0;
                Part::Bare
            }
            Part::Line => {
                if !(lex::is_space(first) && argument.text.is_empty()) {
                    argument.text.push(first);
                }
                Part::Line
            }
            Part::Bare if first == b'\\' || lex::is_space(first) => return None,
            Part::Bare => bare(rest, argument, replacer, &mut length),
            Part::Single => single(rest, argument, &mut length),
            Part::Double => {
                argument.text.push(first);
                if first == b'"' { Part::Bare } else { part }
            }
            Part::Backtick(start) if first == b'`' => {
                let command = argument.text.split_off(start.min(argument.text.len()));
                replacer.run(&command, argument);
                Part::Bare
            }
            Part::Backtick(_) => {
                length = replacer.replace(rest, argument, true, &mut self.notes);
                part
            }
        };
        self.source.advance(length);
        Some(next)
    }
}

/// Outside quotes.
fn bare(rest: &[u8], argument: &mut Argument, replacer: &mut Replacer<'_>, length: &mut usize) -> Part {
    let first = rest.first().copied().unwrap_or_default();
    if matches!(first, b'\'' | b'"' | b'`') {
        argument.quote = Some(first);
        argument.bare = 0;
    }
    match first {
        b'\'' => Part::Single,
        b'`' => Part::Backtick(argument.text.len()),
        b'"' => {
            argument.text.push(first);
            Part::Double
        }
        b':' => {
            *length = replacer.replace(rest, argument, false, &mut Vec::new());
            Part::Bare
        }
        _ => {
            argument.bare += 1;
            argument.text.push(first);
            Part::Bare
        }
    }
}

/// In single quotes: a doubled quote, and the escapes of C.
fn single(rest: &[u8], argument: &mut Argument, length: &mut usize) -> Part {
    match rest {
        [b'\'', b'\'', ..] => {
            *length = 2;
            argument.text.push(b'\'');
        }
        [b'\'', ..] => return Part::Bare,
        [b'\\', b'x', digits @ ..] if digits.first().is_some_and(u8::is_ascii_hexdigit) => {
            let (value, count) = digits_of(digits, 16, 2);
            *length = 2 + count;
            argument.text.push(value);
        }
        [b'\\', digits @ ..] if digits.first().is_some_and(|byte| (b'0'..=b'7').contains(byte)) => {
            let (value, count) = digits_of(digits, 8, 3);
            *length = 1 + count;
            argument.text.push(value);
        }
        [b'\\', escaped, ..] => {
            *length = 2;
            argument.text.push(match escaped {
                b'n' => b'\n',
                b't' => b'\t',
                b'b' => 8,
                b'r' => b'\r',
                b'f' => 0x0c,
                other => *other,
            });
        }
        [other, ..] => argument.text.push(*other),
        [] => {}
    }
    Part::Single
}

/// The byte that up to `most` digits spell, and how many there are.
fn digits_of(text: &[u8], radix: u32, most: usize) -> (u8, usize) {
    let mut value = 0_u32;
    let mut count = 0;
    for digit in text.iter().take(most).map_while(|&byte| char::from(byte).to_digit(radix)) {
        value = value * radix + digit;
        count += 1;
    }
    (value.to_le_bytes()[0], count)
}

impl Replacer<'_> {
    /// Puts a variable's value into the argument, or the colon as it is; returns how much was read.
    fn replace(
        &mut self,
        rest: &[u8],
        argument: &mut Argument,
        in_backtick: bool,
        notes: &mut Vec<Note>,
    ) -> usize {
        let reference = match rest.first() {
            Some(b':') => lex::reference(rest),
            _ => None,
        };
        // psql knows neither identifiers nor tests in a shell command.
        let known = |form| !in_backtick || matches!(form, Form::Plain | Form::Literal);
        let Some(reference) = reference.filter(|reference| known(reference.form)) else {
            argument.bare += usize::from(!in_backtick);
            argument.text.extend(rest.first());
            return 1;
        };
        let name = rest.get(reference.name.clone()).unwrap_or_default();
        let value = match self.kind {
            ArgumentKind::NoEval => None,
            _ => self.variables.get(name),
        };
        let text = match (reference.form, value) {
            (Form::Test, value) => Some(if value.is_some() { b"TRUE".to_vec() } else { b"FALSE".to_vec() }),
            (Form::Plain, value) => value,
            (Form::Literal, Some(value)) if in_backtick => {
                let word = quote::shell(&value);
                if word.is_none() {
                    notes.push(Note::NotForShell(value));
                }
                word
            }
            (Form::Literal, value) => value.map(|value| quote::literal(&value)),
            (Form::Identifier, value) => value.map(|value| quote::identifier(&value)),
        };
        match text {
            Some(text) => argument.text.extend_from_slice(&text),
            None => argument.text.extend_from_slice(rest.get(..reference.length).unwrap_or_default()),
        }
        if !in_backtick {
            argument.bare = 0;
            if reference.form != Form::Test {
                argument.quote = Some(b':');
            }
        }
        reference.length
    }

    /// Puts what a shell command printed into the argument.
    fn run(&mut self, command: &[u8], argument: &mut Argument) {
        if self.kind == ArgumentKind::NoEval {
            return;
        }
        if let Some(mut printed) = (self.backtick)(command) {
            if printed.last() == Some(&b'\n') {
                printed.pop();
            }
            argument.text.extend_from_slice(&printed);
        }
    }
}
