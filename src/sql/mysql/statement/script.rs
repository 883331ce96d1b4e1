//! Whole scripts: what the client cuts out of them, each statement with its place.
//!
//! Knows: how the client cuts. Must never know: how files are read.

use super::dynamic::{Texts, running};
use super::reader::{Around, Reader, laid_open, lexed};
use super::{Read, opaque, read_in};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::mysql::{Command, Cutter, Modes, Piece, Word, modes_set_by};
use crate::sql::statement::{Origin, Span, Statement};

/// Deeper, a script includes itself.
const DEEPEST: usize = 50;
/// More files than these are read by no script in earnest.
const MOST_FILES: usize = 10_000;

/// Reads a script. What it includes is not read, and said to be opaque.
#[must_use]
pub fn script(path: &str, text: &str) -> (Vec<Statement>, Vec<Error>) {
    walk(path, text, None)
}

/// Reads a script with what it includes; `include` reads a file whose path is relative to the project's
/// folder.
#[must_use]
pub fn script_with(
    path: &str,
    text: &str,
    include: &mut dyn FnMut(&str) -> Result<String>,
) -> (Vec<Statement>, Vec<Error>) {
    walk(path, text, Some(include))
}

/// Reads a file that a script includes.
type Include<'a> = &'a mut dyn FnMut(&str) -> Result<String>;

fn walk(path: &str, text: &str, include: Option<Include<'_>>) -> (Vec<Statement>, Vec<Error>) {
    let mut walk = Walk {
        statements: Vec::new(),
        errors: Vec::new(),
        modes: Modes::default(),
        home: None,
        texts: Texts::default(),
        files: 0,
        include,
    };
    walk.file(path, text, 0);
    (walk.statements, walk.errors)
}

struct Walk<'a> {
    statements: Vec<Statement>,
    errors: Vec<Error>,
    modes: Modes,
    /// The database that the script says it uses.
    home: Option<String>,
    texts: Texts,
    files: usize,
    include: Option<Include<'a>>,
}

impl Walk<'_> {
    fn file(&mut self, path: &str, text: &str, depth: usize) {
        let mut places = Places::new(text);
        let mut cutter = Cutter::new(text);
        while let Some(piece) = cutter.next(self.modes) {
            match piece {
                Piece::Statement(one) => {
                    let offset = places.find(one.text.trim_start(), one.line);
                    let text = one.text.trim_start();
                    for (start, part) in sent_together(text) {
                        let before = text.get(..start).unwrap_or_default();
                        let line = one.line + before.matches('\n').count();
                        let offset = offset.map(|offset| offset + start);
                        self.statement(part, Origin { file: path.to_owned(), line, offset });
                    }
                }
                Piece::Command(command) => self.command(&command, path, depth),
                Piece::Wrong(why, line) => self.problem("script.client", why, path, line),
                // The client says something about it, and goes on.
                Piece::Odd(..) => {}
            }
        }
    }

    fn statement(&mut self, text: &str, origin: Origin) {
        if let Some(modes) = modes_set_by(text) {
            self.modes = modes;
        }
        let mut statement = read_in(text, origin, self.home.as_deref(), 0);
        let plain = laid_open(text);
        let tokens = lexed(&plain);
        let around = Around { origin: &statement.origin, home: self.home.as_deref(), depth: 0 };
        let reader = Reader::new(&plain, &tokens, &around);
        if reader.is("EXECUTE")
            && let Some(texts) = self.texts.executed(reader)
        {
            let Read { said, body } = running(texts, &reader);
            (statement.said, statement.body) = (said, body);
        } else if reader.is_any(&["SET", "SELECT", "PREPARE"]) {
            self.texts.note(reader);
        } else if reader.is("USE") {
            let mut name = reader;
            name.skip(1);
            self.home = name.name();
        }
        self.statements.push(statement);
    }

    fn command(&mut self, command: &Command, path: &str, depth: usize) {
        match command.word {
            Word::Source => self.source(command, path, depth),
            Word::Use => {
                let name = command.argument.split_ascii_whitespace().next().unwrap_or_default();
                let name = name.trim_end_matches(';').trim_matches(['`', '"', '\'']);
                self.home = (!name.is_empty()).then(|| name.to_owned());
            }
            Word::Connect => {
                let name = command.argument.split_ascii_whitespace().next();
                self.home = name.map(str::to_owned).or(self.home.take());
            }
            Word::System => self.opaque(command, path, "a shell command may do anything"),
            Word::Edit => {
                let why = "an editor cannot be opened in a script".to_owned();
                self.problem("script.client", why, path, command.line);
            }
            Word::Sandbox => {
                let why = "the client's sandbox mode is not supported in a script".to_owned();
                self.problem("script.client", why, path, command.line);
            }
            _ => {}
        }
    }

    fn source(&mut self, command: &Command, path: &str, depth: usize) {
        let file = command.argument.as_str();
        if file.is_empty() {
            let why = "Usage: \\. <filename> | source <filename>".to_owned();
            return self.problem("script.client", why, path, command.line);
        }
        self.files += 1;
        if depth >= DEEPEST || self.files > MOST_FILES {
            return self.problem("script.include", format!("\"{file}\" includes itself"), path, command.line);
        }
        match self.include.as_mut().map(|include| include(file)) {
            None => self.opaque(command, path, "what it includes was not read"),
            Some(Ok(text)) => self.file(file, &text, depth + 1),
            Some(Err(error)) => self.errors.push(error.at(Place::new(path, command.line, 1))),
        }
    }

    /// A command of the client that nobody can see through.
    fn opaque(&mut self, command: &Command, path: &str, why: &str) {
        let word = if command.word == Word::Source { "source" } else { "system" };
        let text = format!("{word} {}", command.argument);
        let origin = Origin { file: path.to_owned(), line: command.line, offset: None };
        let span = Span { start: 0, end: text.len() };
        self.statements.push(Statement { said: opaque(why), text, origin, span, body: Vec::new() });
    }

    fn problem(&mut self, code: &'static str, why: String, path: &str, line: usize) {
        self.errors.push(Error::new(Kind::Script, code, why).at(Place::new(path, line, 1)));
    }
}

/// The statements of a text that is sent at once: with another delimiter, semicolons are the server's. Each
/// with the byte at which it begins.
fn sent_together(text: &str) -> Vec<(usize, &str)> {
    if !text.contains(';') {
        return vec![(0, text)];
    }
    let plain = laid_open(text);
    let origin = Origin::default();
    let around = Around { origin: &origin, home: None, depth: 0 };
    let tokens = lexed(&plain);
    let mut reader = Reader::new(&plain, &tokens, &around);
    let mut all = Vec::new();
    let is_end = |reader: &Reader<'_>| reader.peek().is_some_and(|token| token.text == ";");
    while !reader.done() {
        if is_end(&reader) {
            reader.skip(1);
            continue;
        }
        let start = reader.here();
        let end = if has_body(reader) {
            reader.until(|_| false);
            text.trim_end().len()
        } else {
            reader.until(is_end);
            reader.end()
        };
        all.extend(text.get(start..end).map(|part| (start, part)));
    }
    if all.is_empty() { vec![(0, text)] } else { all }
}

/// Whether semicolons may stand inside a statement.
fn has_body(mut reader: Reader<'_>) -> bool {
    if reader.are(&["BEGIN", "NOT", "ATOMIC"]) {
        return true;
    }
    let bodies = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"];
    let definer = reader.eat(&["CREATE"]) || reader.eat(&["ALTER"]);
    let others = ["TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", ";", "("];
    definer
        && reader.until(|reader| reader.is_any(&bodies) || reader.is_any(&others)).rest().len() < 24
        && reader.is_any(&bodies)
}

/// Finds statements in the text they were cut from.
struct Places<'a> {
    text: &'a str,
    /// Where the lines begin.
    lines: Vec<usize>,
    /// Where the statement before ends.
    after: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Places<'a> {
        let feeds = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(feeds.map(|(at, _)| at + 1)).collect();
        Places { text, lines, after: 0 }
    }

    /// The byte at which a statement begins, if it stands in the text letter by letter, in a line.
    fn find(&mut self, statement: &str, line: usize) -> Option<usize> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        let from = start.max(self.after.min(end));
        let first = statement.split('\n').next().unwrap_or_default();
        let here = self.text.get(from..end)?;
        let fits = |at: &usize| self.text.get(*at..).is_some_and(|rest| rest.starts_with(statement));
        let found = here.match_indices(first).map(|(at, _)| from + at).find(fits)?;
        self.after = found + statement.len();
        Some(found)
    }
}

#[cfg(test)]
mod tests;
