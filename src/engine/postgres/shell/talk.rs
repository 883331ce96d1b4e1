//! What the client says: messages with the place where it stands, and the errors they stand for.
//!
//! Knows: the layout of psql's messages, places in a script. Must never know: what failed and why.

use super::message::{self, Layout};
use super::{Level, Run, Shell, Statement};
use crate::engine::postgres::wire::ServerError;
use crate::error::{Error, Kind, Place};

impl Shell {
    /// Writes to standard error, after what is still held back there.
    fn stderr(&mut self, run: &mut Run<'_, '_>, bytes: &[u8]) {
        if self.last_words.is_empty() {
            run.output.stderr(bytes);
        } else {
            self.last_words.extend_from_slice(bytes);
        }
    }

    fn located(&self, kind: &str, text: &[u8]) -> Vec<u8> {
        let line = if self.line == 0 { String::new() } else { format!("{}:", self.line) };
        let mut message = format!("psql:{}:{line} {kind}", self.path).into_bytes();
        message.extend_from_slice(text);
        message.push(b'\n');
        message
    }

    /// Says something that ends nothing; `kind` is `error: `, `warning: ` or nothing.
    pub(super) fn say(&mut self, run: &mut Run<'_, '_>, kind: &str, text: &[u8]) {
        let message = self.located(kind, text);
        self.stderr(run, &message);
    }

    /// Shows a notice of the server.
    pub(super) fn notice(&mut self, run: &mut Run<'_, '_>, notice: &ServerError, sent: &[u8]) {
        let layout = Layout::new(&self.variables, notice.is_fatal(), self.utf8(run));
        self.say(run, "", &message::lines(notice, sent, layout));
    }

    /// Adds to what the client says about the error that was noted last.
    pub(super) fn say_with_error(&mut self, kind: &str, text: &[u8]) {
        let message = self.located(kind, text);
        self.last_words.extend_from_slice(&message);
    }

    /// A command failed: what psql says, and the error with the place of the command.
    pub(super) fn fail(&mut self, level: &Level, text: impl Into<String>) {
        let text = text.into();
        self.say_with_error("error: ", text.as_bytes());
        let text = text.trim_start_matches("ERROR:  ");
        let error = Error::new(Kind::Script, "script.command", text).at(level.place_of_line(self.line));
        self.trouble.get_or_insert(error);
    }

    /// The server refused a statement: what psql says, and the error with the place that is meant.
    pub(super) fn server_failed(
        &mut self,
        run: &Run<'_, '_>,
        level: &Level,
        error: ServerError,
        statement: &Statement,
    ) {
        let utf8 = self.utf8(run);
        let layout = Layout::new(&self.variables, true, utf8);
        self.say_with_error("", &message::lines(&error, &statement.text, layout));
        let place = level.statement_place(statement, error.position, utf8);
        let trouble = error.to_error(Kind::Script, code_of(&error)).at(place);
        self.trouble.get_or_insert(trouble);
        self.last_error = Some((error, statement.text.clone()));
    }
}

/// The code of a refusal. Whoever tries again what was only locked out can tell it by this.
pub(in crate::engine::postgres) fn code_of(error: &ServerError) -> &'static str {
    match error.code.as_str() {
        "55P03" | "40P01" | "40001" => "script.locked",
        "57014" => "script.cancelled",
        _ => "script.statement",
    }
}

/// A notice as psql shows it when none of its settings are changed.
pub(in crate::engine::postgres) fn notice_lines(
    path: &str,
    line: usize,
    notice: &ServerError,
    sent: &[u8],
) -> Vec<u8> {
    let layout = Layout { verbosity: message::Verbosity::Default, context: notice.is_fatal(), utf8: true };
    let mut text = format!("psql:{path}:{line}: ").into_bytes();
    text.extend(message::lines(notice, sent, layout));
    text.push(b'\n');
    text
}

impl Level {
    /// The file's text, if it can be shown.
    fn shown(&self) -> Option<&str> {
        std::str::from_utf8(&self.text).ok()
    }

    /// Where the command of this line stands.
    pub(super) fn place_of_line(&self, line: usize) -> Place {
        let lines = self.text.split_inclusive(|byte| *byte == b'\n');
        let start: usize = lines.clone().take(line.saturating_sub(1)).map(<[u8]>::len).sum();
        let text = lines.clone().nth(line.saturating_sub(1)).unwrap_or_default();
        let slash = text.iter().position(|byte| *byte == b'\\').unwrap_or(0);
        match self.shown() {
            Some(shown) => Place::in_text(self.path.clone(), shown, start + slash, start + text.len()),
            None => Place::new(self.path.clone(), line.max(1), slash + 1),
        }
    }

    /// A statement, or the word in it that the server means by a position counted in characters.
    pub(super) fn statement_place(
        &self,
        statement: &Statement,
        position: Option<usize>,
        utf8: bool,
    ) -> Place {
        let text = &statement.text;
        let (from, to) = match position.and_then(|position| position.checked_sub(1)) {
            Some(characters) => {
                let from = byte_of(text, characters, utf8);
                (from, from + word_length(text.get(from..).unwrap_or_default()))
            }
            None => (0, text.len()),
        };
        let at = |offset: usize| statement.origin.in_file(offset);
        match (self.shown(), at(from)) {
            (Some(shown), Some(start)) => {
                let end = at(to.saturating_sub(1)).map_or(start, |end| end + 1);
                Place::in_text(self.path.clone(), shown, start, end.max(start))
            }
            // It was put together by a command, or stems from a result.
            _ => self.place_of_line(statement.line.max(1)),
        }
    }
}

/// Where the character with this number, counted from 0, begins.
fn byte_of(text: &[u8], characters: usize, utf8: bool) -> usize {
    let mut at = 0;
    for _ in 0..characters {
        match text.get(at..) {
            Some(rest) if !rest.is_empty() => at += message::character(rest, utf8).0,
            _ => break,
        }
    }
    at
}

/// How long the word, number or sign is that the text begins with.
fn word_length(text: &[u8]) -> usize {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    text.iter().take_while(|byte| word(byte)).count().max(usize::from(!text.is_empty()))
}
