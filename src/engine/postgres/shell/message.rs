//! What the server says, laid out as psql shows it.
//!
//! Knows: the fields of an error or a notice, the text that was sent. Must never know: where the
//! lines go, or what follows from them.

use super::variables::Variables;
use crate::engine::postgres::wire::ServerError;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// How much of a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbosity {
    Default,
    Verbose,
    Terse,
    SqlState,
}

/// How messages are laid out now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub verbosity: Verbosity,
    /// Whether the context is shown, too.
    pub context: bool,
    /// Whether the text that was sent is UTF-8; else each byte counts as one character.
    pub utf8: bool,
}

impl Layout {
    /// The layout that psql's variables ask for, for an error or a notice.
    pub(super) fn new(variables: &Variables, is_error: bool, utf8: bool) -> Layout {
        let verbosity = match () {
            () if variables.is("VERBOSITY", "verbose") => Verbosity::Verbose,
            () if variables.is("VERBOSITY", "terse") => Verbosity::Terse,
            () if variables.is("VERBOSITY", "sqlstate") => Verbosity::SqlState,
            () => Verbosity::Default,
        };
        let context =
            variables.is("SHOW_CONTEXT", "always") || (is_error && !variables.is("SHOW_CONTEXT", "never"));
        Layout { verbosity, context, utf8 }
    }
}

/// The lines for an error or a notice, the last one without its line feed.
pub(super) fn lines(error: &ServerError, sent: &[u8], layout: Layout) -> Vec<u8> {
    let mut out = format!("{}:  ", error.severity).into_bytes();
    if layout.verbosity == Verbosity::SqlState {
        out.extend_from_slice(error.code.as_bytes());
        return out;
    }
    if layout.verbosity == Verbosity::Verbose {
        out.extend_from_slice(format!("{}: ", error.code).as_bytes());
    }
    out.extend_from_slice(error.message.as_bytes());
    let (position, text) = match (error.position, error.internal_position) {
        (Some(position), _) => (Some(position), Some(sent)),
        (None, position) => (position, error.internal_query.as_ref().map(String::as_bytes)),
    };
    if layout.verbosity == Verbosity::Terse {
        if let Some(position) = position {
            out.extend_from_slice(format!(" at character {position}").as_bytes());
        }
        return out;
    }
    if let (Some(position), Some(text)) = (position, text)
        && let Some(excerpt) = excerpt(text, position, layout.utf8)
    {
        out.push(b'\n');
        out.extend_from_slice(&excerpt);
    }
    let mut add = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            out.extend_from_slice(format!("\n{name}:  {value}").as_bytes());
        }
    };
    add("DETAIL", error.detail.as_ref());
    add("HINT", error.hint.as_ref());
    add("QUERY", error.internal_query.as_ref());
    if layout.context {
        add("CONTEXT", error.context.as_ref());
    }
    if layout.verbosity == Verbosity::Verbose {
        add("SCHEMA NAME", error.schema.as_ref());
        add("TABLE NAME", error.table.as_ref());
        add("COLUMN NAME", error.column.as_ref());
        add("DATATYPE NAME", error.datatype.as_ref());
        add("CONSTRAINT NAME", error.constraint.as_ref());
        add("LOCATION", location(error).as_ref());
    }
    out
}

fn location(error: &ServerError) -> Option<String> {
    let mut text = String::new();
    if let Some(routine) = &error.routine {
        let _ = write!(text, "{routine}, ");
    }
    if let (Some(file), Some(line)) = (&error.file, &error.line) {
        let _ = write!(text, "{file}:{line}");
    }
    (!text.is_empty()).then_some(text)
}

/// Columns that an excerpt may take.
const WIDTH: usize = 60;
/// Columns that are kept free to the right of the place.
const RIGHT: usize = 10;

/// A character of the text: where its bytes begin, and its column.
#[derive(Clone, Copy)]
struct Spot {
    byte: usize,
    column: usize,
}

/// `LINE n: …` and a line with a caret below the character at `position`, counted from 1.
fn excerpt(text: &[u8], position: usize, utf8: bool) -> Option<Vec<u8>> {
    let place = position.checked_sub(1)?;
    let (spots, line, start, end) = line_around(text, place, utf8);
    let column = |at: usize| spots.get(at).map_or(0, |spot| spot.column);
    let (mut from, mut to) = (start, end);
    let (mut cut_left, mut cut_right) = (false, false);
    if place > to {
        return None;
    }
    if column(to) - column(from) > WIDTH {
        if column(from) + WIDTH >= column(place) + RIGHT {
            while column(to) - column(from) > WIDTH {
                to -= 1;
            }
            cut_right = true;
        } else {
            while column(place) + RIGHT < column(to) {
                to -= 1;
                cut_right = true;
            }
            while column(to) - column(from) > WIDTH {
                from += 1;
                cut_left = true;
            }
        }
    }
    let head = format!("LINE {line}: {}", if cut_left { "..." } else { "" });
    let byte = |at: usize| spots.get(at).map_or(text.len(), |spot| spot.byte);
    let shown = text.get(byte(from)..byte(to)).unwrap_or_default();
    let indent = head.len() + (column(place) - column(from));
    let mut out = head.into_bytes();
    out.extend(shown.iter().map(|byte| if *byte == b'\t' { b' ' } else { *byte }));
    if cut_right {
        out.extend_from_slice(b"...");
    }
    out.push(b'\n');
    out.resize(out.len() + indent, b' ');
    out.push(b'^');
    Some(out)
}

/// The characters up to the end of the line that holds the `place`-th; the line's number; where in
/// the characters it begins and ends.
fn line_around(text: &[u8], place: usize, utf8: bool) -> (Vec<Spot>, usize, usize, usize) {
    let mut spots = Vec::new();
    let (mut line, mut start) = (1, 0);
    let (mut byte, mut column) = (0, 0);
    let mut before = 0;
    while let Some(&first) = text.get(byte) {
        let at = spots.len();
        if first == b'\n' || first == b'\r' {
            if at >= place {
                break;
            }
            // A carriage return and a line feed end one line together.
            if first == b'\r' || before != b'\r' {
                line += 1;
            }
            start = at + 1;
        }
        spots.push(Spot { byte, column });
        let (length, width) = character(text.get(byte..).unwrap_or_default(), utf8);
        byte += length;
        column += width;
        before = first;
    }
    let end = spots.len();
    spots.push(Spot { byte, column });
    (spots, line, start, end)
}

/// How many bytes and how many columns the first character takes. What is no UTF-8 counts by bytes.
pub(super) fn character(text: &[u8], utf8: bool) -> (usize, usize) {
    let length = match text.first() {
        Some(0xc2..=0xdf) if utf8 => 2,
        Some(0xe0..=0xef) if utf8 => 3,
        Some(0xf0..=0xf4) if utf8 => 4,
        _ => return (1, 1),
    };
    let known = text.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match known.and_then(|text| text.chars().next()) {
        Some(letter) => (length, letter.width().filter(|width| *width > 0).unwrap_or(1)),
        None => (1, 1),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown(text: &str, position: usize) -> String {
        String::from_utf8(excerpt(text.as_bytes(), position, true).unwrap()).unwrap()
    }

    #[test]
    fn the_line_is_counted_and_underlined() {
        assert_eq!(shown("SELECT 1,\n  nope,\n 3", 13), "LINE 2:   nope,\n          ^");
        assert_eq!(shown("a\r\nb\r\nc", 7), "LINE 3: c\n        ^");
        assert_eq!(
            shown("SELECT\t'é漢字', nope", 15),
            "LINE 1: SELECT 'é漢字', nope\n                        ^"
        );
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        assert_eq!(shown("SELECT 3;", 10), "LINE 1: SELECT 3;\n                 ^");
        assert!(excerpt(b"abc", 5, true).is_none());
        assert!(excerpt(b"abc", 0, true).is_none());
    }

    #[test]
    fn long_lines_are_cut_where_the_place_is_not() {
        let long = format!("{}nope{}", "x".repeat(100), "y".repeat(100));
        let lines = shown(&long, 101);
        assert!(lines.starts_with("LINE 1: ...xxx") && lines.contains("nopeyyyyyy..."), "{lines}");
        let early = shown(&format!("nope{}", "y".repeat(100)), 1);
        assert!(early.starts_with("LINE 1: nopeyyy") && early.contains("y...\n        ^"), "{early}");
    }

    #[test]
    fn verbosity_decides_how_much_is_said() {
        let error = ServerError {
            severity: "ERROR".into(),
            code: "42601".into(),
            message: "syntax error".into(),
            position: Some(1),
            hint: Some("look".into()),
            context: Some("there".into()),
            ..ServerError::default()
        };
        let said = |verbosity, context| {
            let layout = Layout { verbosity, context, utf8: true };
            String::from_utf8(lines(&error, b"SELEC", layout)).unwrap()
        };
        assert_eq!(
            said(Verbosity::Default, true),
            "ERROR:  syntax error\nLINE 1: SELEC\n        ^\nHINT:  look\nCONTEXT:  there"
        );
        assert_eq!(said(Verbosity::Default, false).lines().count(), 4);
        assert_eq!(said(Verbosity::Terse, true), "ERROR:  syntax error at character 1");
        assert_eq!(said(Verbosity::SqlState, true), "ERROR:  42601");
        assert!(said(Verbosity::Verbose, true).starts_with("ERROR:  42601: syntax error\nLINE 1:"));
    }
}
