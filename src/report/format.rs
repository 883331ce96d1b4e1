//! Lines of `log` and `plan` by a format: one of Sqitch's named ones or a string with codes such as `%n`.
//!
//! Knows: records and format strings, which it reads once and completely, so that a mistake in one
//! shows before the first line is printed. Must never know: where records come from, whether the output
//! is a terminal, or the zone of the machine.

mod code;
mod colour;
mod named;
mod record;
mod width;
mod write;

pub use record::{Event, Person, Record};

use crate::error::{Error, Kind, Place, Result};
use crate::report::date::DateFormat;
use code::{Code, Context};
use jiff::tz::TimeZone;
use regex::{Captures, Regex};
use width::Width;

/// How many digits of an identifier `--oneline` shows unless told otherwise.
pub const ONELINE_ABBREV: usize = 6;

/// One code: a percent sign, perhaps `-`, a least and a greatest width, an argument in braces, and
/// the letter. Where that fails with the braces it is tried without, so an open brace is the letter.
const CODE: &str =
    r"%(?<left>-)?(?<least>[0-9]+)?(?:\.(?<most>[0-9]*))?(?:\{(?<argument>.*?)\})?(?<letter>\S)";

/// What is listed; it decides the layout of the named formats and which values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What happened in a database.
    Log,
    /// What is planned.
    Plan,
}

impl Subject {
    fn name(self) -> &'static str {
        match self {
            Subject::Log => "log",
            Subject::Plan => "plan",
        }
    }
}

/// A format string, understood.
#[derive(Debug)]
pub struct Formatter {
    parts: Vec<Part>,
    zone: TimeZone,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Code(Code, Width),
}

impl Formatter {
    /// Reads `format`: `raw`, `full`, `long`, `medium`, `short`, `oneline` or `format:STRING`.
    ///
    /// `dates` and `zone` are for dates without a format of their own, `abbrev` is how many digits `%h`
    /// shows (0 for all; see [`ONELINE_ABBREV`]), and without `colour` no colour code has an effect.
    ///
    /// # Errors
    /// A name that is not known; a code, label, attribute, colour, date format, width or length in
    /// the string that cannot be used, with its place in the string.
    pub fn new(
        subject: Subject,
        format: &str,
        dates: DateFormat,
        zone: TimeZone,
        abbrev: usize,
        colour: bool,
    ) -> Result<Formatter> {
        let context = Context { subject, dates, abbrev, colour };
        let string = match format.strip_prefix("format:") {
            Some(string) => string.to_owned(),
            None => named::text(subject, format).ok_or_else(|| unknown_name(subject, format))?,
        };
        Ok(Formatter { parts: parse(&string, &context)?, zone })
    }

    /// Writes one record. The caller ends it with a line feed, also after the named formats, most of
    /// which end with one already and so leave an empty line between records.
    #[must_use]
    pub fn render(&self, record: &Record) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Code(code, width) => out.push_str(&width.fit(code.text(record, &self.zone))),
            }
        }
        out
    }
}

fn parse(string: &str, context: &Context) -> Result<Vec<Part>> {
    let code = Regex::new(CODE)
        .map_err(|error| Error::new(Kind::Usage, "format.grammar", "Cannot read formats").because(error))?;
    let mut parts = Vec::new();
    let mut done = 0;
    for found in code.captures_iter(string) {
        let whole = found.get_match();
        parts.push(Part::Text(string.get(done..whole.start()).unwrap_or_default().to_owned()));
        done = whole.end();
        parts.push(if whole.as_str() == "%%" {
            Part::Text("%".to_owned())
        } else {
            let place = || Place::in_text("format", string, whole.start(), whole.end());
            part(&found, context).map_err(|error| error.at(place()))?
        });
    }
    parts.push(Part::Text(string.get(done..).unwrap_or_default().to_owned()));
    Ok(parts)
}

fn part(found: &Captures<'_>, context: &Context) -> Result<Part> {
    let group = |name| found.name(name).map(|group| group.as_str());
    let letter = group("letter").and_then(|letter| letter.chars().next()).unwrap_or_default();
    let code = Code::parse(letter, group("argument"), context)?;
    let width = Width::parse(group("left").is_some(), group("least"), group("most"))?;
    Ok(Part::Code(code, width))
}

fn unknown_name(subject: Subject, format: &str) -> Error {
    let message = format!("Unknown {} format \"{format}\"", subject.name());
    Error::new(Kind::Usage, "format.name", message)
        .hint(format!("use one of {}, or format:STRING", named::NAMES.join(", ")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
pub(crate) mod tests;
