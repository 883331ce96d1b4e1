//! Cuts a script into what the sqlite3 shell would run piece by piece: gathered SQL text and
//! dot-commands, with the files it reads put in place.
//!
//! Knows: how the shell gathers lines. Must never know: files (they come through a function), or
//! the meaning of a statement.

mod complete;

pub use complete::{first_statement, leading_blank};

use super::dot::DotCall;
use crate::error::{Error, Kind, Place, Result};
use complete::Scanner;

/// How deep `.read` may nest.
const DEEPEST: usize = 32;

/// One piece of a script, run as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which of `Script.files` holds it.
    pub file: usize,
    /// The line, from 1, on which it starts.
    pub line: usize,
    /// What it is.
    pub kind: ItemKind,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// One or several statements; also what is left at the end of a file without a semicolon.
    Sql(String),
    /// A command of the shell.
    Dot(DotCall),
}

/// A script with everything it reads, in the order of execution.
#[derive(Debug, Default)]
pub struct Script {
    /// The files: the script itself first, then what it reads, as paths seen from the directory
    /// in which the script starts.
    pub files: Vec<String>,
    /// The pieces.
    pub items: Vec<Item>,
    /// Why the script must not be run: commands that cannot be, comments without an end.
    pub problems: Vec<Error>,
    /// Some files could not be opened yet and are read when the script gets there: what they
    /// hold is not among `items`.
    pub late_reads: bool,
}

/// Cuts the script `text`, known to the user as `path`.
///
/// `open` gives the text of a file that the script reads, by its path seen from the directory
/// in which the script starts. A file that cannot be opened is no problem yet, as a command
/// before it may create it: its `.read` stays in the items.
pub fn read_script(path: &str, text: &str, open: &mut dyn FnMut(&str) -> Result<String>) -> Script {
    let mut reader = Reader { script: Script::default(), open, directory: String::new(), ended: false };
    reader.file(path, text, 1);
    reader.script
}

/// `path` as seen from where `directory` is seen from.
#[must_use]
pub fn join_path(directory: &str, path: &str) -> String {
    if directory.is_empty() || std::path::Path::new(path).has_root() {
        path.to_owned()
    } else {
        format!("{}/{path}", directory.trim_end_matches('/'))
    }
}

struct Reader<'o> {
    script: Script,
    open: &'o mut dyn FnMut(&str) -> Result<String>,
    /// Where `.cd` has led so far.
    directory: String,
    /// Nothing further is reached, in any file.
    ended: bool,
}

impl Reader<'_> {
    /// Cuts one file; `depth` counts the files that are open, this one included.
    fn file(&mut self, path: &str, text: &str, depth: usize) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = self.script.files.len();
        self.script.files.push(path.to_owned());
        if let Some(at) = text.find('\0') {
            self.problem("script.zero_byte", ZERO_BYTE, Place::in_text(path, text, at, at + 1));
        }
        let mut lines = Lines::new(text);
        while let Some(piece) = lines.next_piece() {
            match piece {
                Piece::Sql { line, text } => {
                    self.script.items.push(Item { file, line, kind: ItemKind::Sql(text) });
                }
                Piece::Dot { line, text: command } => {
                    if !self.command(command, Spot { file, line, depth }) {
                        return;
                    }
                }
            }
        }
        if let Some(at) = lines.scanner.open_comment() {
            self.problem("script.open_comment", OPEN_COMMENT, Place::in_text(path, text, at, at + 2));
        }
    }

    /// Takes a line with a command; false when nothing after it in this file is reached.
    fn command(&mut self, line: &str, spot: Spot) -> bool {
        let call = match DotCall::parse(line) {
            Ok(Some(call)) => call,
            Ok(None) => return true,
            Err(refusal) => {
                let place = self.place(line, &spot);
                self.problem("script.command", (&refusal.reason, &refusal.hint), place);
                return true;
            }
        };
        if call.ends_file() && call.exit_status().is_none() {
            return false;
        }
        if call.exit_status().is_some() {
            self.ended = true;
        } else if call.name == "cd" {
            self.directory = join_path(&self.directory, call.arg(0).unwrap_or_default());
        } else if call.name == "read" && self.read(&call, &spot) {
            return !self.ended;
        }
        self.script.items.push(Item { file: spot.file, line: spot.line, kind: ItemKind::Dot(call) });
        !self.ended
    }

    /// Puts the file that `.read` names in its place; false if that has to wait.
    fn read(&mut self, call: &DotCall, spot: &Spot) -> bool {
        let named = call.arg(0).unwrap_or_default();
        if named.starts_with('|') {
            self.script.late_reads = true;
            return false;
        }
        if spot.depth >= DEEPEST {
            let place = self.place(&call.raw, spot);
            self.problem("script.nesting", TOO_DEEP, place);
            // Files that read each other twice would take for ever to list.
            self.ended = true;
            return true;
        }
        let path = join_path(&self.directory, named);
        let Ok(text) = (self.open)(&path) else {
            self.script.late_reads = true;
            return false;
        };
        self.file(&path, &text, spot.depth + 1);
        true
    }

    /// The place of a command, which fills its line.
    fn place(&self, line: &str, spot: &Spot) -> Place {
        let file = self.script.files.get(spot.file).cloned().unwrap_or_default();
        let mut place = Place::in_text(file, line, 0, line.len());
        place.line = spot.line;
        place
    }

    fn problem(&mut self, code: &'static str, (message, hint): (&str, &str), place: Place) {
        self.script.problems.push(Error::new(Kind::Script, code, message).at(place).hint(hint));
    }
}

const ZERO_BYTE: (&str, &str) = (
    "there is a zero byte in the script",
    "remove it: the sqlite3 shell ignores the rest of such a line without a word",
);
const OPEN_COMMENT: (&str, &str) = (
    "this comment has no end",
    "close it with */: the sqlite3 shell skips everything after it without a word",
);
const TOO_DEEP: (&str, &str) =
    ("scripts that .read one another are nested more than 32 deep", "look for a script that reads itself");

/// Where a command stands.
struct Spot {
    file: usize,
    line: usize,
    /// How many files are open there.
    depth: usize,
}

/// What the lines of one file amount to.
enum Piece<'t> {
    Sql { line: usize, text: String },
    Dot { line: usize, text: &'t str },
}

/// Gathers the lines of one file.
struct Lines<'t> {
    text: &'t str,
    /// How far it is read, in bytes and in lines.
    at: usize,
    number: usize,
    pending: Option<(usize, String)>,
    scanner: Scanner,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Lines { text, at: 0, number: 0, pending: None, scanner: Scanner::new() }
    }

    fn next_piece(&mut self) -> Option<Piece<'t>> {
        while let Some((base, mut line)) = self.next_line() {
            if is_terminator(line) && self.scanner.semicolon_would_complete() {
                line = ";";
            }
            if self.pending.is_none() && line.starts_with(['.', '#']) {
                if line.starts_with('.') {
                    return Some(Piece::Dot { line: self.number, text: line });
                }
                continue;
            }
            self.scanner.line(line, base);
            self.append(line);
            if self.scanner.is_blank() {
                self.take();
            } else if self.scanner.is_complete() {
                return self.take();
            }
        }
        // What is left may be a whole statement or not: the database judges it. The scanner
        // stays, as it knows about an open comment.
        let (line, text) = self.pending.take()?;
        Some(Piece::Sql { line, text })
    }

    /// The next line and where it starts; a carriage return before the line end belongs to it.
    fn next_line(&mut self) -> Option<(usize, &'t str)> {
        let base = self.at;
        let rest = self.text.get(base..).filter(|rest| !rest.is_empty())?;
        let (line, length) = match rest.split_once('\n') {
            Some((line, _)) => (line.strip_suffix('\r').unwrap_or(line), line.len() + 1),
            None => (rest, rest.len()),
        };
        self.at += length;
        self.number += 1;
        Some((base, line))
    }

    fn append(&mut self, line: &str) {
        match &mut self.pending {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(line);
            }
            None => self.pending = Some((self.number, line.to_owned())),
        }
    }

    fn take(&mut self) -> Option<Piece<'t>> {
        self.scanner = Scanner::new();
        let (line, text) = self.pending.take()?;
        Some(Piece::Sql { line, text })
    }
}

/// A line that is only `/` or `go`, the ends of a statement elsewhere.
fn is_terminator(line: &str) -> bool {
    let line = line.trim_ascii_start();
    let rest = match line.as_bytes() {
        [b'/', ..] => line.get(1..),
        [b'g' | b'G', b'o' | b'O', ..] => line.get(2..),
        _ => None,
    };
    rest.is_some_and(|rest| {
        let rest = rest.trim_ascii_start();
        rest.is_empty() || rest.starts_with("--")
    })
}

#[cfg(test)]
mod tests;
