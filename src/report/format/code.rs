//! One code of a format string, read: its letter and the argument in braces.
//!
//! Knows: every letter and what its argument may be. Must never know: a record.

use super::{Subject, colour};
use crate::error::{Error, Kind, Result};
use crate::report::date::DateFormat;

/// The words for which there is a label.
const LABELS: [&str; 13] = [
    "event",
    "change",
    "committer",
    "planner",
    "by",
    "date",
    "committed",
    "planned",
    "name",
    "project",
    "email",
    "requires",
    "conflicts",
];

/// The values that `%{…}a` shows, of a plan as of a log.
const ATTRIBUTES: [&str; 11] = [
    "event",
    "project",
    "change_id",
    "change",
    "note",
    "requires",
    "conflicts",
    "tags",
    "planner_name",
    "planner_email",
    "planned_at",
];
const LOG_ATTRIBUTES: [&str; 3] = ["committer_name", "committer_email", "committed_at"];
const PLAN_ATTRIBUTES: [&str; 1] = ["deploy_file"];

/// What codes depend on besides themselves.
pub(super) struct Context {
    pub(super) subject: Subject,
    pub(super) dates: DateFormat,
    pub(super) abbrev: usize,
    pub(super) colour: bool,
}

/// One code, ready to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Code {
    /// The same for every record: a line feed, a label, a colour.
    Fixed(String),
    Event,
    EventTitle,
    EventColour,
    Id,
    /// So many digits of the identifier; a negative number leaves out so many at its end.
    ShortId(i64),
    Change,
    Project,
    DeployFile,
    Planner(Who),
    Committer(Who),
    List {
        list: List,
        layout: Layout,
        separator: String,
    },
    /// The note's first line, after the text given.
    Subject(String),
    /// The note without its first line, each line after the text given.
    Body(String),
    /// The note, each line after the text given.
    Note(String),
    Attribute(&'static str),
}

/// What to tell of a planner or a committer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    NameAndEmail,
    Name,
    Email,
    Date(DateFormat),
    /// Sqitch shows nothing for an argument that it does not know.
    Nothing,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Tags,
    Requires,
    Conflicts,
}

/// What stands around a list that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A blank before it.
    Blank,
    /// A blank and parentheses.
    Parentheses,
    /// A label before it, a line feed after it.
    Line,
}

impl Code {
    /// Reads a letter and its argument.
    ///
    /// # Errors
    /// A letter that means nothing, or an argument that it does not take.
    pub(super) fn parse(letter: char, argument: Option<&str>, context: &Context) -> Result<Code> {
        let list = |list, layout| {
            let separator = given(argument).unwrap_or(", ").to_owned();
            Code::List { list, layout, separator }
        };
        let prefix = || argument.unwrap_or_default().to_owned();
        Ok(match letter {
            'e' | 'l' => Code::Event,
            'L' => Code::EventTitle,
            'H' => Code::Id,
            'h' => short_id(argument, context)?,
            'n' => Code::Change,
            'o' => Code::Project,
            'F' => Code::DeployFile,
            'p' => Code::Planner(who(argument, context)?),
            'c' => Code::Committer(committer(argument, context)?),
            't' => list(List::Tags, Layout::Blank),
            'T' => list(List::Tags, Layout::Parentheses),
            'r' => list(List::Requires, Layout::Blank),
            'R' => list(List::Requires, Layout::Line),
            'x' => list(List::Conflicts, Layout::Blank),
            'X' => list(List::Conflicts, Layout::Line),
            's' => Code::Subject(prefix()),
            'b' => Code::Body(prefix()),
            'B' => Code::Note(prefix()),
            'a' => attribute(argument, context)?,
            'v' => Code::Fixed("\n".to_owned()),
            '_' => Code::Fixed(label(argument)?),
            'C' => paint(argument, context)?,
            _ => return Err(unknown(letter)),
        })
    }
}

/// The argument, unless it is one of those that Perl takes for none.
fn given(argument: Option<&str>) -> Option<&str> {
    argument.filter(|text| !text.is_empty() && *text != "0")
}

fn short_id(argument: Option<&str>, context: &Context) -> Result<Code> {
    let length = match given(argument) {
        Some(text) => text.parse().map_err(|_| {
            let message = format!("\"{text}\" is not a length for the h format");
            Error::new(Kind::Usage, "format.length", message).hint("write a number of digits, as in %{8}h")
        })?,
        None => i64::try_from(context.abbrev).unwrap_or_default(),
    };
    Ok(if length == 0 { Code::Id } else { Code::ShortId(length) })
}

fn who(argument: Option<&str>, context: &Context) -> Result<Who> {
    let argument = match argument {
        None => return Ok(Who::NameAndEmail),
        Some("n" | "name") => return Ok(Who::Name),
        Some("e" | "email") => return Ok(Who::Email),
        Some(argument) => argument,
    };
    let date = ["date", "d"].into_iter().find_map(|word| {
        let rest = argument.strip_prefix(word)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
    });
    match date {
        None => Ok(Who::Nothing),
        Some("" | "0") => Ok(Who::Date(context.dates.clone())),
        Some(format) => DateFormat::parse(format).map(Who::Date),
    }
}

fn committer(argument: Option<&str>, context: &Context) -> Result<Who> {
    let who = who(argument, context)?;
    if context.subject == Subject::Plan && matches!(who, Who::Date(_)) {
        return Err(Error::new(Kind::Usage, "format.committer", "A plan has no commit dates")
            .hint("%{date}p is the date of planning"));
    }
    Ok(who)
}

fn label(argument: Option<&str>) -> Result<String> {
    let error = |message: String| {
        let hint = format!("the labels are {}", LABELS.join(", "));
        Error::new(Kind::Usage, "format.label", message).hint(hint)
    };
    let Some(word) = argument else {
        return Err(error("No label passed to the _ format".to_owned()));
    };
    if !LABELS.contains(&word) {
        return Err(error(format!("Unknown label \"{word}\" passed to the _ format")));
    }
    Ok(labelled(word))
}

/// The label for `word`, filled up so that what follows stands in one column.
pub(super) fn labelled(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().unwrap_or_default().to_ascii_uppercase();
    format!("{:<10}", format!("{first}{}:", letters.as_str()))
}

fn attribute(argument: Option<&str>, context: &Context) -> Result<Code> {
    let own: &[&'static str] = match context.subject {
        Subject::Log => &LOG_ATTRIBUTES,
        Subject::Plan => &PLAN_ATTRIBUTES,
    };
    let mut names = ATTRIBUTES.iter().chain(own);
    let found = names.find(|name| argument == Some(**name));
    found.map(|name| Code::Attribute(name)).ok_or_else(|| {
        // Without an argument Sqitch shows the name of its placeholder; scripts may look for it.
        let message = format!("{} is not a valid change attribute", argument.unwrap_or("{attr}"));
        let all = [&ATTRIBUTES, own].concat().join(", ");
        Error::new(Kind::Usage, "format.attribute", message)
            .hint(format!("write %{{NAME}}a; the attributes are {all}"))
    })
}

fn paint(argument: Option<&str>, context: &Context) -> Result<Code> {
    let code = match given(argument) {
        Some(":event") => Some(Code::EventColour),
        Some(names) => colour::escape(names).map(Code::Fixed),
        None => None,
    };
    let code = code.ok_or_else(|| {
        let message = format!("{} is not a valid ANSI color", argument.unwrap_or("{color}"));
        Error::new(Kind::Usage, "format.colour", message)
            .hint("write %{COLOUR}C, with :event, reset or names such as bold, red, bright_blue, on_white")
    })?;
    Ok(if context.colour { code } else { Code::Fixed(String::new()) })
}

fn unknown(letter: char) -> Error {
    Error::new(Kind::Usage, "format.code", format!("Unknown format code \"%{letter}\""))
        .hint("for a percent sign write %%")
}
