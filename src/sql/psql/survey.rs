//! A walk through a script and what it includes, without running it: what would be run, and what
//! stands in the way.
//!
//! Knows: psql's rules for scripts. Must never know: how files are read, or a connection.

use super::command::{self, Reach, Support};
use super::found::{Call, Found};
use super::kind::{StatementKind, kind};
use super::known::Known;
use super::quiet::{Traces, traces};
use super::scanner::{Piece, Saved, Scanner};
use super::shape::{Course, Shape};
use super::words::{parts, speaks_of};
use crate::error::{Error, Kind, Place, Result};

/// What a script's text tells about running it.
#[derive(Debug)]
pub struct Survey {
    /// The statements in the order in which they would be run. Where a result decides, those of
    /// all branches; what a result spells itself is not among them.
    pub statements: Vec<Found>,
    /// The commands that would be run.
    pub commands: Vec<Call>,
    /// What makes it impossible to run the script.
    pub problems: Vec<Error>,
    /// How it can be run.
    pub shape: Shape,
    /// The script's own `BEGIN`, with whatever it asks for.
    pub begin: Option<String>,
    /// Whether its last transaction is left open, so that its work would be lost.
    pub left_open: bool,
    /// Whether a transaction of its own ends in a rollback.
    pub rolls_back: bool,
    /// Whether results decide what follows, so that each must be seen before going on.
    pub needs_look: bool,
    /// Whether results decide which statements are run, or what they say.
    pub result_decides: bool,
    /// Whether it may leave behind what only a new connection is free of.
    pub needs_new_session: bool,
    /// What it leaves behind in its session.
    pub traces: Traces,
    /// Whether it has a `SET TRANSACTION`, before which no query may stand.
    pub sets_transaction: bool,
    /// Whether it adds a value to an enum, which its own transaction cannot use.
    pub adds_enum_value: bool,
}

/// Deeper, a script includes itself.
const DEEPEST: usize = 50;
/// More files than these are read by no script in earnest.
const MOST_FILES: usize = 10_000;

/// Walks through the script at `path`. `include` reads a file whose path is relative to the
/// project's folder.
pub fn survey(
    path: &str,
    text: &[u8],
    variables: &[(String, String)],
    include: &mut dyn FnMut(&str) -> Result<Vec<u8>>,
) -> Survey {
    let mut walk = Walk {
        survey: Survey {
            statements: Vec::new(),
            commands: Vec::new(),
            problems: Vec::new(),
            shape: Shape::Atomic { own_transaction: false },
            begin: None,
            left_open: false,
            rolls_back: false,
            needs_look: false,
            result_decides: false,
            needs_new_session: false,
            traces: Traces::None,
            sets_transaction: false,
            adds_enum_value: false,
        },
        course: Course::default(),
        known: Known::new(variables),
        std_strings: true,
        folder: String::new(),
        writes_files: false,
        files: 0,
        include,
    };
    walk.file(path, text, true, 0);
    let Walk { mut survey, course, .. } = walk;
    survey.left_open = course.is_open();
    survey.rolls_back = course.rolled_back;
    survey.begin.clone_from(&course.begin);
    survey.shape = course.shape();
    if !survey.commands.is_empty() || survey.needs_look {
        survey.traces = Traces::Any;
    }
    survey
}

/// What is carried from one file to the next.
pub(super) struct Walk<'a> {
    pub(super) survey: Survey,
    pub(super) course: Course,
    pub(super) known: Known,
    std_strings: bool,
    /// Where `\cd` went, relative to the project's folder.
    pub(super) folder: String,
    /// Something before may have written files.
    pub(super) writes_files: bool,
    files: usize,
    include: &'a mut dyn FnMut(&str) -> Result<Vec<u8>>,
}

/// Whether the present branch of an `\if` is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// Not, but a later one may be.
    NotYet,
    /// Not, and none after it.
    Never,
    /// A result decides.
    Perhaps,
}

/// One `\if`.
#[derive(Debug)]
pub(super) struct Branch {
    pub taken: Taken,
    pub saved: Saved,
    pub line: usize,
    pub in_else: bool,
}

/// One file on the way.
pub(super) struct File<'a> {
    pub path: &'a str,
    pub text: &'a [u8],
    pub scanner: Scanner,
    pub branches: Vec<Branch>,
    /// Whether the file is certainly read.
    certain: bool,
    pub depth: usize,
    /// The statement that was sent last.
    pub last: Vec<u8>,
}

impl File<'_> {
    pub(super) fn is_active(&self) -> bool {
        self.branches.iter().all(|branch| matches!(branch.taken, Taken::Yes | Taken::Perhaps))
    }

    pub(super) fn is_certain(&self) -> bool {
        self.certain && self.branches.iter().all(|branch| branch.taken == Taken::Yes)
    }
}

impl Walk<'_> {
    pub(super) fn file(&mut self, path: &str, text: &[u8], certain: bool, depth: usize) {
        let scanner = Scanner::new(text.to_vec(), true);
        let mut file = File { path, text, scanner, branches: Vec::new(), certain, depth, last: Vec::new() };
        if text.starts_with(b"PGDMP") {
            let message = "this is a dump in pg_dump's custom format, not a script";
            let error = self.error(&file, 1, "script.format", message);
            self.survey.problems.push(error.hint("turn it into a script: pg_restore -f SCRIPT DUMP"));
            return;
        }
        for line in file.scanner.nul_lines().to_vec() {
            let message = "a zero byte would hide the rest of the line";
            let error = self.error(&file, line, "script.zero_byte", message).hint("remove it");
            self.survey.problems.push(error);
        }
        loop {
            let active = file.is_active();
            file.scanner.skip_text(!active);
            file.scanner.single_line(self.known.is_on("SINGLELINE") == Some(true));
            self.known.unset.set(!active);
            match file.scanner.next(&self.known, self.std_strings) {
                Piece::Statement { text, start_line, .. } => self.statement(&mut file, text, start_line),
                Piece::Command { name, line } => {
                    if !self.command(&mut file, &name, line) {
                        self.rest(&mut file);
                        return;
                    }
                }
                Piece::End { unclosed } => {
                    self.end(&mut file, unclosed);
                    return;
                }
            }
        }
    }

    /// The end of the text: what is pending is sent.
    fn end(&mut self, file: &mut File<'_>, unclosed: Option<&'static str>) {
        // A backslash may hide the quote if the server says so, and a body may be none.
        let doubtful = file.scanner.pending().contains(&b'\\') || unclosed == Some("the body of a routine");
        if let Some(what) = unclosed
            && file.is_certain()
            && !doubtful
            && !self.survey.needs_look
        {
            let line = file.scanner.pending_line();
            let message = format!("{what} is not closed in the statement that begins here");
            self.problem(file, line, "script.unclosed", message, "close it");
        }
        self.rest(file);
        if let Some(line) = file.branches.last().map(|branch| branch.line) {
            self.problem(file, line, "script.branch", "\\if without \\endif".to_owned(), "add \\endif");
        }
    }

    fn rest(&mut self, file: &mut File<'_>) {
        if !file.scanner.pending().is_empty() && file.is_active() {
            self.send(file);
        }
    }

    /// Sends what is pending, or the last statement again.
    pub(super) fn send(&mut self, file: &mut File<'_>) {
        let line = file.scanner.pending_line();
        let pending = file.scanner.take_pending();
        if pending.is_empty() {
            let (last, line) = (file.last.clone(), file.scanner.line());
            self.statement(file, last, line);
        } else {
            self.statement(file, pending, line);
        }
    }

    pub(super) fn statement(&mut self, file: &mut File<'_>, text: Vec<u8>, line: usize) {
        let kind = kind(&text);
        if self.known.take_guessed() {
            self.survey.needs_look = true;
            self.survey.result_decides = true;
            if text.first() == Some(&b':') {
                self.course.refuse("a variable that is known only then is a statement");
            }
        }
        self.course.statement(&kind, &text, file.is_certain());
        self.survey.adds_enum_value |= kind == StatementKind::AddEnumValue;
        self.survey.traces = self.survey.traces.max(traces(&text, &kind));
        self.settings(&text, &kind);
        if kind.reads_data() {
            self.survey.needs_look = true;
            while file.scanner.copy_line().is_some() {}
        }
        file.last.clone_from(&text);
        self.survey.statements.push(Found { text, kind, file: file.path.to_owned(), line });
    }

    /// What a statement means for those after it, and for scripts after this one.
    fn settings(&mut self, text: &[u8], kind: &StatementKind) {
        let mut words = parts(text).map(|(_, part)| part);
        let (first, second) = (words.next(), words.next());
        let is = |part: Option<super::words::Part<'_>>, among: &[&str]| {
            part.is_some_and(|part| among.iter().any(|word| part.is(word)))
        };
        self.survey.needs_new_session |= is(first, &["LOAD"])
            || is(first, &["ALTER"]) && is(second, &["DATABASE", "ROLE", "USER", "GROUP", "SYSTEM"]);
        self.survey.sets_transaction |= is(first, &["SET"]) && is(second, &["TRANSACTION"]);
        if is(first, &["DO", "SELECT", "CALL", "EXECUTE", "WITH"]) {
            // What a statement spells may set defaults for new sessions, and a setting of one's own
            // stays known to the session, though empty.
            let makes_defaults =
                ["DATABASE", "ROLE", "USER", "SYSTEM"].iter().any(|what| speaks_of(text, &["ALTER", what]));
            self.survey.needs_new_session |= makes_defaults || speaks_of(text, &["SET_CONFIG"]);
        }
        if let StatementKind::Set { .. } = kind {
            let all: Vec<_> = parts(text).map(|(_, part)| part).collect();
            let has = |word: &str| all.iter().any(|part| part.is(word));
            let own = all.iter().any(|part| matches!(part, super::words::Part::Sign(b'.')));
            self.survey.needs_new_session |= own || has("AUTHORIZATION");
            if has("STANDARD_CONFORMING_STRINGS") {
                let quoted = |part: &super::words::Part<'_>| matches!(part, super::words::Part::Text(text) if text.eq_ignore_ascii_case(b"'off'"));
                self.std_strings = !(has("OFF") || has("FALSE") || all.iter().any(quoted));
            }
        }
    }

    /// Walks through another file; `name` is the path as psql would say it.
    pub(super) fn include(&mut self, file: &File<'_>, name: &str, line: usize) {
        let path = join(&self.folder, name);
        self.files += 1;
        if file.depth >= DEEPEST || self.files > MOST_FILES {
            let message = format!("{name} is included too often: files include each other");
            self.problem(file, line, "script.include", message, "take one of the commands out");
            return;
        }
        match (self.include)(&path) {
            Ok(text) => {
                self.file(name, &text, file.is_certain(), file.depth + 1);
            }
            Err(_) if self.writes_files || !file.is_certain() => {
                self.survey.needs_look = true;
                self.survey.result_decides = true;
                self.course.refuse("it reads a file that is made while it runs");
            }
            Err(error) if self.stops() => {
                self.survey.problems.push(error.at(place(file.path, file.text, line)));
            }
            Err(_) => {}
        }
    }

    /// Whether psql stops at an error here.
    pub(super) fn stops(&self) -> bool {
        self.known.is_on("ON_ERROR_STOP") != Some(false)
    }

    fn error(&self, file: &File<'_>, line: usize, code: &'static str, message: impl Into<String>) -> Error {
        Error::new(Kind::Script, code, message).at(place(file.path, file.text, line))
    }

    /// Notes what would stop the script half-way, unless it goes on after errors.
    pub(super) fn problem(
        &mut self,
        file: &File<'_>,
        line: usize,
        code: &'static str,
        message: String,
        hint: impl Into<String>,
    ) {
        if self.stops() {
            self.refuse(file, line, code, message, hint);
        }
    }

    /// Notes what is refused in any case.
    pub(super) fn refuse(
        &mut self,
        file: &File<'_>,
        line: usize,
        code: &'static str,
        message: String,
        hint: impl Into<String>,
    ) {
        let error = self.error(file, line, code, message).hint(hint);
        self.survey.problems.push(error);
    }

    /// Judges a command by its name; `None` if it is not run, with its reach otherwise.
    pub(super) fn reach(&mut self, file: &File<'_>, name: &[u8], line: usize) -> Option<(Reach, usize)> {
        let shown = String::from_utf8_lossy(name).into_owned();
        match command::support(name) {
            None => {
                let message = format!("\\{shown} is not a command of psql");
                self.problem(file, line, "script.command", message, "correct the name, or remove it");
                None
            }
            Some(Support::Refused { reason, hint }) => {
                if file.is_active() {
                    let message = format!("\\{shown} cannot be run here: {reason}");
                    let by_psql = "or let psql run the script: -- change: client=psql";
                    let error = self.error(file, line, "script.unsupported", message);
                    self.survey.problems.push(error.hint(hint).hint(by_psql));
                }
                None
            }
            Some(Support::Runs { reach, needs }) => {
                if file.is_active() {
                    let file = file.path.to_owned();
                    self.survey.commands.push(Call { name: shown, reach, file, line });
                }
                Some((reach, needs))
            }
        }
    }
}

/// The place of a whole line.
fn place(file: &str, text: &[u8], line: usize) -> Place {
    let content = text.split(|&byte| byte == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let content = String::from_utf8_lossy(content).into_owned();
    let trimmed = content.trim();
    let start = content.len() - content.trim_start().len();
    let mut place = Place::in_text(file, &content, start, start + trimmed.len());
    place.line = line;
    place
}

/// Joins a path to a folder, as psql simplifies it.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || path.starts_with('~') || folder.is_empty() {
        return canonical(path);
    }
    canonical(&format!("{folder}/{path}"))
}

/// A path without `.` and `name/..`, and without doubled or closing slashes.
#[must_use]
pub fn canonical(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if absolute => {}
            name => names.push(name),
        }
    }
    let joined = names.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
