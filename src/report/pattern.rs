//! Which records `log` and `plan` show: filters by event and by patterns.
//!
//! Knows: records and regular expressions. Must never know: options' parsing, or where records come from.

use super::format::{Event, Record};
use crate::error::{Error, Kind, Place, Result};
use regex::Regex;

/// Filters as they are written on the command line; the default lets everything pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patterns<'a> {
    /// Names of events.
    pub events: &'a [String],
    /// For names of changes.
    pub change: Option<&'a str>,
    /// For names of projects.
    pub project: Option<&'a str>,
    /// For names of committers.
    pub committer: Option<&'a str>,
    /// For names of planners.
    pub planner: Option<&'a str>,
}

/// Filters that were understood. All of them must let a record pass; one of the events is enough.
/// Patterns are looked for anywhere in the text.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The events to show; all if there are none.
    pub events: Vec<Event>,
    /// For the name of the change.
    pub change: Option<Regex>,
    /// For the name of the project.
    pub project: Option<Regex>,
    /// For the name of the committer; the address is not looked at, as in Sqitch.
    pub committer: Option<Regex>,
    /// For the name of the planner; the address is not looked at.
    pub planner: Option<Regex>,
}

impl Filter {
    /// Understands the filters.
    ///
    /// # Errors
    /// All of them that cannot be understood: an unknown event, or a pattern that is no regular
    /// expression, with the option's name and the position in the pattern.
    pub fn new(patterns: Patterns<'_>) -> Result<Filter> {
        let mut errors = Vec::new();
        let mut pattern = |option, text: Option<&str>| match text.map(|text| compile(option, text))? {
            Ok(regex) => Some(regex),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let mut filter = Filter {
            events: Vec::new(),
            change: pattern("--change", patterns.change),
            project: pattern("--project", patterns.project),
            committer: pattern("--committer", patterns.committer),
            planner: pattern("--planner", patterns.planner),
        };
        for name in patterns.events {
            match Event::parse(name) {
                Some(event) => filter.events.push(event),
                None => errors.push(unknown_event(name)),
            }
        }
        match Error::join(errors) {
            Some(error) => Err(error),
            None => Ok(filter),
        }
    }

    /// Whether `record` is to be shown.
    #[must_use]
    pub fn accepts(&self, record: &Record) -> bool {
        let passes = |pattern: &Option<Regex>, text: Option<&str>| match pattern {
            Some(pattern) => text.is_some_and(|text| pattern.is_match(text)),
            None => true,
        };
        let committer = record.committer.as_ref().map(|person| person.name.as_str());
        (self.events.is_empty() || self.events.contains(&record.event))
            && passes(&self.change, Some(&record.change))
            && passes(&self.project, Some(&record.project))
            && passes(&self.committer, committer)
            && passes(&self.planner, Some(&record.planner.name))
    }
}

fn unknown_event(name: &str) -> Error {
    let names = Event::ALL.map(Event::name).join(", ");
    Error::new(Kind::Usage, "pattern.event", format!("Unknown event \"{name}\""))
        .hint(format!("use one of {names}"))
}

fn compile(option: &str, pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        let message = format!("The pattern of {option} is not a regular expression");
        let error = Error::new(Kind::Usage, "pattern.syntax", message).because(reason(&text));
        match place(option, pattern, &text) {
            Some(place) => error.at(place),
            None => error,
        }
    })
}

/// The last line of the library's report, which says what is wrong.
fn reason(report: &str) -> &str {
    let last = report.lines().next_back().unwrap_or(report);
    last.strip_prefix("error: ").unwrap_or(last)
}

/// The library draws the pattern, indented, and marks below it what is wrong; this reads the mark.
/// Patterns of several lines are drawn otherwise and get no place.
fn place(option: &str, pattern: &str, report: &str) -> Option<Place> {
    const INDENT: usize = 4;
    let mut lines = report.lines();
    let drawn = lines.position(|line| line.get(INDENT..) == Some(pattern));
    let marks = drawn.and_then(|_| lines.next())?;
    let start = marks.find('^')?;
    let length = marks.get(start..)?.bytes().take_while(|mark| *mark == b'^').count();
    Some(Place {
        file: option.to_owned(),
        line: 1,
        column: start.checked_sub(INDENT)? + 1,
        length,
        text: Some(pattern.to_owned()),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::super::format::tests::bravo;
    use super::*;

    fn accepts(patterns: Patterns<'_>) -> bool {
        Filter::new(patterns).unwrap().accepts(&bravo())
    }

    #[test]
    fn everything_passes_where_nothing_is_asked() {
        assert!(accepts(Patterns::default()));
    }

    #[test]
    fn patterns_are_found_anywhere() {
        assert!(accepts(Patterns { change: Some("rav"), ..Patterns::default() }));
        assert!(accepts(Patterns { change: Some("^b.*o$"), ..Patterns::default() }));
        assert!(!accepts(Patterns { change: Some("^rav"), ..Patterns::default() }));
        assert!(accepts(Patterns { project: Some("acme"), ..Patterns::default() }));
        assert!(accepts(Patterns { committer: Some("Vera"), ..Patterns::default() }));
        assert!(accepts(Patterns { planner: Some("Pl"), ..Patterns::default() }));
    }

    #[test]
    fn people_are_found_by_name_only() {
        assert!(!accepts(Patterns { committer: Some("vera@"), ..Patterns::default() }));
        assert!(!accepts(Patterns { planner: Some("pia@"), ..Patterns::default() }));
        let planned = Record { committer: None, ..bravo() };
        let filter = Filter::new(Patterns { committer: Some(""), ..Patterns::default() }).unwrap();
        assert!(!filter.accepts(&planned));
    }

    #[test]
    fn all_filters_must_agree_and_one_event_is_enough() {
        let both = ["fail".to_owned(), "deploy".to_owned()];
        assert!(accepts(Patterns { events: &both, change: Some("bravo"), ..Patterns::default() }));
        assert!(!accepts(Patterns { events: &both[..1], change: Some("bravo"), ..Patterns::default() }));
        assert!(!accepts(Patterns { events: &both, change: Some("alpha"), ..Patterns::default() }));
        assert!(!accepts(Patterns { change: Some("bravo"), project: Some("other"), ..Patterns::default() }));
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_marked() {
        let patterns = Patterns { change: Some("ä(b"), planner: Some("x{2,1}"), ..Patterns::default() };
        let error = Filter::new(patterns).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.message(), "The pattern of --change is not a regular expression");
        assert_eq!(error.causes(), ["unclosed group"]);
        let place = error.place().unwrap();
        assert_eq!((place.file.as_str(), place.line, place.column, place.length), ("--change", 1, 2, 1));
        assert_eq!(place.text.as_deref(), Some("ä(b"));
        let second = error.others()[0].place().unwrap();
        assert_eq!((second.file.as_str(), second.column, second.length), ("--planner", 2, 5));
    }

    #[test]
    fn a_pattern_of_several_lines_still_has_its_reason() {
        let error = Filter::new(Patterns { change: Some("a\n(b"), ..Patterns::default() }).unwrap_err();
        assert_eq!(error.causes(), ["unclosed group"]);
        assert_eq!(error.place(), None);
    }

    #[test]
    fn an_unknown_event_is_named() {
        let error =
            Filter::new(Patterns { events: &["bogus".to_owned()], ..Patterns::default() }).unwrap_err();
        assert_eq!(error.message(), "Unknown event \"bogus\"");
        assert_eq!(error.hints(), ["use one of deploy, revert, fail, merge"]);
    }
}
