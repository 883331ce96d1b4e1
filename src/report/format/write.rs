//! Codes filled in from a record.
//!
//! Knows: what each code shows of a record. Must never know: how a format string is written.

use super::code::{Code, Layout, List, Who, labelled};
use super::colour;
use super::record::{Event, Person, Record};
use crate::report::date::DateFormat;
use jiff::Timestamp;
use jiff::tz::TimeZone;

impl Code {
    /// The text of this code for `record`.
    pub(super) fn text(&self, record: &Record, zone: &TimeZone) -> String {
        match self {
            Code::Fixed(text) => text.clone(),
            Code::Event => record.event.name().to_owned(),
            Code::EventTitle => record.event.title().to_owned(),
            Code::EventColour => colour::escape(event_colour(record.event)).unwrap_or_default(),
            Code::Id => record.change_id.clone(),
            Code::ShortId(length) => short_id(&record.change_id, *length),
            Code::Change => record.change.clone(),
            Code::Project => record.project.clone(),
            Code::DeployFile => record.deploy_file.clone().unwrap_or_default(),
            Code::Planner(who) => person(who, Some(&record.planner), Some(record.planned_at), zone),
            Code::Committer(who) => person(who, record.committer.as_ref(), record.committed_at, zone),
            Code::List { list, layout, separator } => listed(*list, *layout, separator, record),
            Code::Subject(prefix) => format!("{prefix}{}", first_line(&record.note)),
            Code::Body(prefix) => body(&record.note, prefix),
            Code::Note(prefix) => indented(&record.note, prefix),
            Code::Attribute(name) => attribute(name, record),
        }
    }
}

fn event_colour(event: Event) -> &'static str {
    match event {
        Event::Deploy => "green",
        Event::Revert => "blue",
        Event::Fail | Event::Merge => "red",
    }
}

fn short_id(id: &str, length: i64) -> String {
    let wanted = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    let wanted = if length < 0 { id.chars().count().saturating_sub(wanted) } else { wanted };
    id.chars().take(wanted).collect()
}

/// A record without the person shows empty names, as Sqitch does for the committer of a plan.
fn person(who: &Who, person: Option<&Person>, time: Option<Timestamp>, zone: &TimeZone) -> String {
    let name = person.map(|person| person.name.as_str()).unwrap_or_default();
    let email = person.map(|person| person.email.as_str()).unwrap_or_default();
    match who {
        Who::NameAndEmail => format!("{name} <{email}>"),
        Who::Name => name.to_owned(),
        Who::Email => email.to_owned(),
        Who::Date(format) => time.map(|time| format.render(time, zone)).unwrap_or_default(),
        Who::Nothing => String::new(),
    }
}

fn listed(list: List, layout: Layout, separator: &str, record: &Record) -> String {
    let (items, word) = match list {
        List::Tags => (&record.tags, "tags"),
        List::Requires => (&record.requires, "requires"),
        List::Conflicts => (&record.conflicts, "conflicts"),
    };
    if items.is_empty() {
        return String::new();
    }
    let items = items.join(separator);
    match layout {
        Layout::Blank => format!(" {items}"),
        Layout::Parentheses => format!(" ({items})"),
        Layout::Line => format!("{} {items}\n", labelled(word)),
    }
}

/// The characters that end a line, to Perl.
const LINE_ENDS: [char; 7] = ['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

fn first_line(note: &str) -> &str {
    note.split(LINE_ENDS).next().unwrap_or_default()
}

/// What follows the first line. Where line feeds are, the first of them counts; if only other ends of
/// lines are, the last of those, because that is how far Sqitch's pattern reaches.
fn body(note: &str, prefix: &str) -> String {
    let text = match note.find('\n').or_else(|| note.rfind(LINE_ENDS)) {
        None => "",
        Some(0) => note,
        Some(at) => note.get(at..).unwrap_or_default().trim_start_matches(LINE_ENDS),
    };
    if text.is_empty() { String::new() } else { indented(text, prefix) }
}

/// Puts `prefix` before each line, also before the one line of an empty text.
fn indented(text: &str, prefix: &str) -> String {
    if text.is_empty() {
        return prefix.to_owned();
    }
    text.split_inclusive('\n').flat_map(|line| [prefix, line]).collect()
}

/// The line `name value`; no line for a value that is missing or an empty list.
fn attribute(name: &str, record: &Record) -> String {
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    let date = |time| DateFormat::Raw.render(time, &TimeZone::UTC);
    let committer = record.committer.as_ref();
    let value = match name {
        "event" => Some(record.event.name().to_owned()),
        "project" => Some(record.project.clone()),
        "change_id" => Some(record.change_id.clone()),
        "change" => Some(record.change.clone()),
        "note" => Some(record.note.clone()),
        "requires" => list(&record.requires),
        "conflicts" => list(&record.conflicts),
        "tags" => list(&record.tags),
        "planner_name" => Some(record.planner.name.clone()),
        "planner_email" => Some(record.planner.email.clone()),
        "planned_at" => Some(date(record.planned_at)),
        "committer_name" => committer.map(|person| person.name.clone()),
        "committer_email" => committer.map(|person| person.email.clone()),
        "committed_at" => record.committed_at.map(date),
        "deploy_file" => record.deploy_file.clone(),
        _ => None,
    };
    value.map(|value| format!("{name:<9} {value}\n")).unwrap_or_default()
}
