//! What can go wrong, as data: what failed, where, why, and what to type next.
//!
//! Knows: nothing of the rest of the house. Must never know: how an error is shown, or any
//! driver's error type (each floor turns those into this one).

use std::fmt;

/// The result of anything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of trouble it is. The kind alone picks the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The command line asks for something that does not exist or makes no sense.
    Usage,
    /// A configuration file or value cannot be used.
    Config,
    /// The plan file cannot be read as a plan, or does not hold what was asked for.
    Plan,
    /// Files of the project are missing, unreadable or in the way.
    Project,
    /// A script failed in the database, or holds something that cannot be run.
    Script,
    /// A verify script said no.
    Verify,
    /// The database or the registry cannot be used.
    Database,
    /// A policy forbids it: no way back, drift, a destructive act without a yes.
    Refused,
    /// Another runner holds the lock.
    Busy,
    /// A change stopped half-way earlier and needs a decision.
    InDoubt,
    /// Nothing is wrong, but there is nothing to show or the answer was no.
    Nothing,
    /// A signal asked to stop.
    Interrupted,
}

impl Kind {
    /// The exit status of the process; the table in `docs/reference/exit-status.md`.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Kind::Nothing => 1,
            Kind::Refused => 3,
            Kind::InDoubt => 4,
            Kind::Interrupted => 130,
            _ => 2,
        }
    }
}

/// A place in a text file: what to underline.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The path as the user knows it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// How many characters to underline; 0 puts one caret.
    pub length: usize,
    /// The text of that line, or of the few lines concerned, when it can be shown.
    pub text: Option<String>,
}

/// A longer line, in bytes, is not shown: it is no text, and every error would carry a copy of it.
const LONGEST_EXCERPT: usize = 10_000;

impl Place {
    /// A place without an excerpt.
    pub fn new(file: impl Into<String>, line: usize, column: usize) -> Self {
        Place { file: file.into(), line, column, length: 0, text: None }
    }

    /// Finds line and column of the byte range `start..end` in `source`.
    ///
    /// A range outside the text is moved to its end; nothing here panics.
    pub fn in_text(file: impl Into<String>, source: &str, start: usize, end: usize) -> Self {
        let start = floor_boundary(source, start);
        let end = floor_boundary(source, end.max(start));
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.get(line_start..).unwrap_or_default();
        let text = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let underlined = source.get(start..end).unwrap_or_default();
        Place {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            length: underlined.split('\n').next().unwrap_or_default().trim_end().chars().count(),
            text: (text.len() <= LONGEST_EXCERPT).then(|| text.to_owned()),
        }
    }

    /// The same for a range that may go over several lines: the text holds all of them, and the length
    /// counts the line feeds between them.
    pub fn over_lines(file: impl Into<String>, source: &str, start: usize, end: usize) -> Self {
        let place = Place::in_text(file, source, start, end);
        let start = floor_boundary(source, start);
        let end = floor_boundary(source, end.max(start));
        let marked = source.get(start..end).unwrap_or_default().trim_end();
        let line_start = source.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let rest = source.get(start + marked.len()..).unwrap_or_default();
        let line_end = source.len() - rest.len() + rest.find('\n').unwrap_or(rest.len());
        let text = source.get(line_start..line_end).unwrap_or_default();
        if text.len() > LONGEST_EXCERPT || !marked.contains('\n') {
            return place;
        }
        let unix = |text: &str| text.trim_end_matches('\r').replace("\r\n", "\n");
        Place { length: unix(marked).chars().count(), text: Some(unix(text)), ..place }
    }

    /// Line and column behind the last underlined character.
    #[must_use]
    pub fn end(&self) -> (usize, usize) {
        let behind = self.column.saturating_add(self.length);
        let Some(text) = self.text.as_deref().filter(|text| text.contains('\n')) else {
            return (self.line, behind);
        };
        let marked = text.chars().take(behind.saturating_sub(1));
        marked.fold((self.line, 1), |(line, column), letter| match letter {
            '\n' => (line.saturating_add(1), 1),
            _ => (line, column + 1),
        })
    }

    /// The underlined text, if it can be shown.
    #[must_use]
    pub fn marked(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        Some(text.chars().skip(self.column.saturating_sub(1)).take(self.length).collect())
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One trouble, complete: kind, stable code, message, place, causes and the next commands.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    code: &'static str,
    message: String,
    place: Option<Place>,
    label: Option<String>,
    causes: Vec<String>,
    hints: Vec<String>,
    also: Vec<Error>,
}

impl Error {
    /// An error of `kind` with a stable `code` (for machines, `area.what`) and a message for people.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            code,
            message: message.into(),
            place: None,
            label: None,
            causes: Vec::new(),
            hints: Vec::new(),
            also: Vec::new(),
        }))
    }

    /// Says where it happened.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// A few words to stand beside the underlined text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.0.label = Some(label.into());
        self
    }

    /// Adds what lies below: the operating system's or the database's own words.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds what to do or type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(hint.into());
        self
    }

    /// Adds further errors found in the same reading, to be shown together.
    #[must_use]
    pub fn and(mut self, others: impl IntoIterator<Item = Error>) -> Self {
        self.0.also.extend(others);
        self
    }

    /// Joins all errors of one reading into one, or nothing if there are none.
    pub fn join(errors: impl IntoIterator<Item = Error>) -> Option<Error> {
        let mut all = errors.into_iter();
        let first = all.next()?;
        Some(first.and(all))
    }

    /// The kind of trouble.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The stable identifier, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What happened, in one line or few.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it happened.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The words beside the underlined text.
    #[must_use]
    pub fn place_label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// What lies below it, outermost first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// What to do next.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Further errors of the same reading.
    #[must_use]
    pub fn others(&self) -> &[Error] {
        &self.0.also
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.0.place {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        f.write_str(&self.0.message)?;
        for cause in &self.0.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters() {
        let text = "one\ntwö three\n";
        let at = text.find("three").expect("is there");
        let place = Place::in_text("f", text, at, at + 5);
        assert_eq!((place.line, place.column, place.length), (2, 5, 5));
        assert_eq!(place.text.as_deref(), Some("twö three"));
    }

    #[test]
    fn a_place_may_go_over_lines() {
        let text = "one;\r\n  SELECT 1,\r\n    'é'\r\n  ;\r\nlast\r\n";
        let (start, end) = (text.find("SELECT").expect("is there"), text.find(';').expect("is there") + 1);
        let end = end + text[end..].find(';').expect("is there");
        let place = Place::over_lines("f", text, start, end);
        assert_eq!((place.line, place.column, place.end()), (2, 3, (3, 8)));
        assert_eq!(place.text.as_deref(), Some("  SELECT 1,\n    'é'"));
        assert_eq!(place.marked().as_deref(), Some("SELECT 1,\n    'é'"));
        let one = Place::over_lines("f", text, start, start + 6);
        assert_eq!(one, Place::in_text("f", text, start, start + 6));
        assert_eq!((one.end(), one.marked().as_deref()), ((2, 9), Some("SELECT")));
        let long = format!("a\n{}", "x".repeat(LONGEST_EXCERPT));
        assert_eq!(Place::over_lines("f", &long, 0, long.len()), Place::in_text("f", &long, 0, 1));
        for (start, end) in [(0, 99), (7, 3), (99, 99)] {
            let place = Place::over_lines("f", "é\né\n", start, end);
            assert!(place.end() >= (place.line, place.column));
        }
    }

    #[test]
    fn a_line_of_megabytes_is_not_copied() {
        let line = "x".repeat(LONGEST_EXCERPT + 1);
        assert_eq!(Place::in_text("f", &line, 5, 6).text, None);
        assert!(Place::in_text("f", &line[1..], 5, 6).text.is_some());
    }

    #[test]
    fn a_range_outside_the_text_does_not_panic() {
        let place = Place::in_text("f", "é", 1, 99);
        assert_eq!((place.line, place.column), (1, 1));
    }
}
