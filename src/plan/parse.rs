//! Reading a plan file: everything Sqitch accepts, and for the rest all errors at once, each
//! with its place, the offending text and what would be right.

use super::depend::Malformed;
use super::id::{ChangeInfo, TagInfo};
use super::name::{Fault, Naming, fault, is_blank};
use super::{Change, Dependency, Operator, Person, Plan, Stamp, Tag, check, uri};
use crate::error::{Error, Kind, Place, Result};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const LINE_SHAPE: &str =
    "a change line reads: NAME [DEPENDENCIES] 2026-01-31T12:00:00Z Planner Name <planner@example.org> # note";
const NAME_RULE: &str = "names must not begin with punctuation, contain \"@\", \":\", \"#\", \"\\\" or blanks, \
                         or end in punctuation or digits following punctuation";
/// A file with more errors than this is no plan; reading on would help nobody.
const MOST_ERRORS: usize = 200;

/// Reads a plan. `file` is used for messages only.
///
/// # Errors
/// All syntax errors of the file, or, if there are none, all dependency errors, joined.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Plan> {
    let text = decode(file, bytes)?;
    let mut parser = Parser::new(file, text);
    parser.header();
    parser.body();
    if let Some(error) = Error::join(parser.errors.drain(..)) {
        return Err(error);
    }
    let mut plan = std::mem::take(&mut parser.plan);
    plan.changes.shrink_to_fit();
    plan.tags.shrink_to_fit();
    match Error::join(check::dependencies(&plan, text)) {
        Some(error) => Err(error),
        None => Ok(plan),
    }
}

fn decode<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let place = Place::in_text(file, &good, good.len(), good.len());
        Error::new(Kind::Plan, "plan.utf8", "the plan is not valid UTF-8")
            .at(Place { text: None, ..place })
            .hint(format!("convert it: iconv -f latin1 -t utf-8 {file}"))
    })
}

struct Parser<'a> {
    file: &'a str,
    text: &'a str,
    /// Where the next line starts.
    at: usize,
    /// Where the current line starts.
    line_start: usize,
    line: u32,
    plan: Plan,
    uri: Option<String>,
    errors: Vec<Error>,
    /// The lines of the change names since the last tag.
    section: HashMap<&'a str, u32>,
    /// How many changes stood before the first of this section.
    section_start: usize,
    planner: Option<Arc<Person>>,
    tag_lines: HashMap<&'a str, u32>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str) -> Self {
        Parser {
            file,
            text,
            at: 0,
            line_start: 0,
            line: 0,
            plan: Plan { file: file.to_owned(), ..Plan::default() },
            uri: None,
            errors: Vec::new(),
            section: HashMap::new(),
            section_start: 0,
            planner: None,
            tag_lines: HashMap::new(),
        }
    }

    /// The next line without its line end.
    fn next_line(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        self.line_start = self.at;
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.at += length;
        self.line += 1;
        let text = rest.get(..length)?;
        // A carriage return is part of the line end only before a line feed.
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        Some(text)
    }

    /// Notes an error about `part`, which is a slice of the current line.
    fn hint(&mut self, part: &str, message: impl Into<String>, hint: impl Into<String>) {
        if self.errors.len() >= MOST_ERRORS {
            return;
        }
        let line = self.text.get(self.line_start..self.at).unwrap_or_default();
        // A part is a slice of the text, so its address tells its place.
        let start = (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        let place = Place::in_text(self.file, line, start, start + part.len());
        let place = Place { line: self.line as usize, ..place };
        self.errors.push(Error::new(Kind::Plan, "plan.syntax", message).at(place).hint(hint));
    }

    fn header(&mut self) {
        let mut may_end = false;
        let mut project = None;
        loop {
            let before = (self.at, self.line);
            let Some(line) = self.next_line() else { break };
            let content = line.trim_start_matches(is_blank);
            if content.is_empty() {
                break;
            }
            if let Some(comment) = content.strip_prefix('#') {
                if comment.is_empty() {
                    self.hint(
                        content,
                        "a line that is just \"#\" is no comment",
                        "write some text after it, or delete the line",
                    );
                }
                // Sqitch takes a comment of blanks only for the blank line that ends the header.
                may_end |= comment.trim_start_matches(is_blank).is_empty();
                continue;
            }
            if may_end && !content.starts_with('%') {
                (self.at, self.line) = before;
                break;
            }
            if let Some((name, value)) = self.pragma(content) {
                match name {
                    "project" => project = self.project(content, value),
                    "uri" => self.uri = Some(value.unwrap_or("1").to_owned()),
                    _ => {}
                }
            }
        }
        match project {
            Some(project) => self.plan.project = project.to_owned(),
            None if self.errors.is_empty() => self.errors.push(
                Error::new(Kind::Plan, "plan.project", format!("Missing %project pragma in {}", self.file))
                    .hint("the first lines of a plan read:  %syntax-version=1.0.0  and  %project=NAME, then an empty line"),
            ),
            None => {}
        }
        self.uri = self.uri.take().filter(|uri| uri != "0");
        self.plan.uri = self.uri.as_deref().map(uri::stored);
        self.uri = self.uri.as_deref().map(uri::canonical);
    }

    /// Name and value of a pragma line.
    fn pragma(&mut self, content: &'a str) -> Option<(&'a str, Option<&'a str>)> {
        let parsed = split_pragma(content);
        if parsed.is_none() {
            let hint = if content.starts_with('%') {
                "a pragma reads %NAME=VALUE"
            } else if content.starts_with('\u{feff}') {
                "the file begins with a byte order mark, which Sqitch refuses; save it without"
            } else {
                "put an empty line between the pragmas and the first change"
            };
            self.hint(content, "Invalid pragma; a blank line must come between pragmas and changes", hint);
        }
        parsed
    }

    fn project(&mut self, content: &'a str, value: Option<&'a str>) -> Option<&'a str> {
        let name = value.unwrap_or_default();
        if fault(name, Naming::Project).is_none() {
            return Some(name);
        }
        let part = value.unwrap_or(content);
        self.hint(part, format!("invalid project name \"{name}\""), format!("project {NAME_RULE}"));
        None
    }

    fn body(&mut self) {
        while let Some(line) = self.next_line() {
            let content = line.trim_start_matches(is_blank);
            if content.is_empty() {
                continue;
            }
            if let Some(comment) = content.strip_prefix('#') {
                if comment.is_empty() {
                    self.hint(
                        content,
                        "a line that is just \"#\" is no comment",
                        "write some text after it, or delete the line",
                    );
                }
                continue;
            }
            self.entry(line);
        }
    }

    fn entry(&mut self, line: &'a str) {
        let (content, note) = match line.split_once('#') {
            Some((content, note)) => (content.trim_end_matches(is_blank), note),
            None => (line.trim_end_matches(is_blank), ""),
        };
        let content = content.trim_start_matches(is_blank);
        let note = unescape(note.trim());
        match content.strip_prefix('@') {
            Some(rest) => self.tag(content, rest, note),
            None => self.change(content, note),
        }
    }

    fn change(&mut self, content: &'a str, note: String) {
        let (operator, rest) = match content.strip_prefix(['+', '-']) {
            Some(rest) => (
                if content.starts_with('-') { Operator::Revert } else { Operator::Deploy },
                rest.trim_start_matches(is_blank),
            ),
            None => (Operator::Deploy, content),
        };
        let Some((name, fields)) = self.fields(rest, Naming::Change) else { return };
        let Some((requires, conflicts)) = self.dependencies(fields.dependencies) else { return };
        if let Some(earlier) = self.section.get(name).copied() {
            self.hint(
                name,
                format!("Change \"{name}\" duplicates earlier declaration on line {earlier}"),
                format!("give it another name, or put a tag between the two and use: change rework {name}"),
            );
            return;
        }
        self.section.insert(name, self.line);
        let parent = self.plan.changes.last().map(|change| change.id);
        let planner = self.person(fields.planner, fields.email);
        let info = ChangeInfo {
            project: &self.plan.project,
            uri: self.uri.as_deref(),
            name,
            parent,
            planner: &planner,
            planned_at: fields.stamp,
            requires: &requires,
            conflicts: &conflicts,
            note: &note,
        };
        let id = info.id();
        let position = self.plan.changes.len();
        self.rework(name, position);
        self.plan.by_id.insert(id, position);
        self.plan.by_name.entry(name.to_owned()).or_default().push(position as u32);
        let tags = self.plan.tags.len() as u32;
        self.plan.changes.push(Change {
            id,
            name: name.to_owned(),
            operator,
            requires,
            conflicts,
            note,
            planner,
            planned_at: fields.stamp,
            line: self.line,
            tags: tags..tags,
            rework_tags: Vec::new(),
        });
    }

    /// Notes on the former instance of `name` which tags may name its files: those of the changes
    /// after it, the latest change first, then its own. Only changes of finished sections count.
    fn rework(&mut self, name: &str, position: usize) {
        let Some(before) = self.plan.instances(name).last().copied() else { return };
        let after = (before as usize + 1..self.section_start.min(position)).rev();
        let mut tags: Vec<u32> = Vec::new();
        for at in after.chain([before as usize]) {
            if let Some(change) = self.plan.changes.get(at) {
                tags.extend(change.tags.clone());
            }
        }
        if let Some(change) = self.plan.changes.get_mut(before as usize) {
            change.rework_tags = tags;
        }
    }

    fn tag(&mut self, content: &'a str, rest: &'a str, note: String) {
        let Some((name, fields)) = self.fields(rest, Naming::Tag) else { return };
        let Some(change) = self.plan.changes.last() else {
            // With errors above, the change may well be there, only unreadable.
            if self.errors.is_empty() {
                self.hint(
                    content,
                    format!("Tag \"{name}\" declared without a preceding change"),
                    "a tag belongs to the change above it",
                );
            }
            return;
        };
        let id_of_change = change.id;
        if let Some(earlier) = self.tag_lines.get(name).copied() {
            self.hint(
                name,
                format!("Tag \"{name}\" duplicates earlier declaration on line {earlier}"),
                "give it another name",
            );
            return;
        }
        if let Some(list) = fields.dependencies {
            self.hint(list, "Tags may not specify dependencies", "remove the brackets and what is in them");
            return;
        }
        self.tag_lines.insert(name, self.line);
        let planner = self.person(fields.planner, fields.email);
        let info = TagInfo {
            project: &self.plan.project,
            uri: self.uri.as_deref(),
            name,
            change: id_of_change,
            planner: &planner,
            planned_at: fields.stamp,
            note: &note,
        };
        let id = info.id();
        let position = self.plan.tags.len();
        self.plan.tag_by_name.insert(name.to_owned(), position);
        self.plan.tag_by_id.insert(id, position);
        self.section.clear();
        self.section_start = self.plan.changes.len();
        let change = self.plan.changes.len() - 1;
        if let Some(change) = self.plan.changes.last_mut() {
            if change.tags.is_empty() {
                change.tags = position as u32..position as u32;
            }
            change.tags.end = position as u32 + 1;
        }
        self.plan.tags.push(Tag {
            id,
            name: name.to_owned(),
            change,
            note,
            planner,
            planned_at: fields.stamp,
            line: self.line,
        });
    }

    /// Takes a line apart that begins with a name; `None` when an error was noted.
    fn fields(&mut self, rest: &'a str, naming: Naming) -> Option<(&'a str, Fields<'a>)> {
        let name_length = rest.find(is_blank).unwrap_or(rest.len());
        let (name, rest) = rest.split_at_checked(name_length)?;
        let after_name = rest.trim_start_matches(is_blank);
        // The name comes first in Sqitch too: whatever else is wrong, a bad name is said first.
        match fault(name, naming) {
            Some(Fault::Shape(why)) => {
                self.hint(name, format!("Invalid name \"{name}\": {why}"), NAME_RULE);
                return None;
            }
            None if name == "0" => {
                self.hint(
                    name,
                    "Invalid name \"0\": Sqitch takes it for no name at all",
                    "give it another name",
                );
                return None;
            }
            _ => {}
        }
        let fields = self.after_name(name, after_name)?;
        let at = if naming == Naming::Tag { "@" } else { "" };
        match fault(name, naming) {
            Some(Fault::Reserved) => {
                self.hint(
                    name,
                    format!("\"{at}{name}\" is a reserved name"),
                    "HEAD and ROOT stand for the last and the first change",
                );
                None
            }
            Some(Fault::LikeId) => {
                self.hint(
                    name,
                    format!("\"{name}\" is invalid because it could be confused with a SHA1 ID"),
                    "give it another name",
                );
                None
            }
            Some(Fault::Slash) => {
                self.hint(
                    name,
                    format!("Tag \"{name}\" contains illegal character /"),
                    format!(
                        "old releases of Sqitch allowed it; rename the tag, for example to \"{}\"",
                        name.replace('/', "-")
                    ),
                );
                None
            }
            _ => Some((name, fields)),
        }
    }

    fn after_name(&mut self, name: &'a str, rest: &'a str) -> Option<Fields<'a>> {
        let (dependencies, rest) = match rest.strip_prefix('[') {
            None => (None, rest),
            Some(list) => match list.split_once(']') {
                Some(("", _)) => {
                    self.hint(rest, "the list of dependencies is empty", "leave out the brackets");
                    return None;
                }
                Some((list, rest)) => (Some(list), rest.trim_start_matches(is_blank)),
                None => {
                    self.hint(
                        rest,
                        "the list of dependencies is not closed",
                        "put a \"]\" after the last dependency",
                    );
                    return None;
                }
            },
        };
        let stamp_text = rest.get(..20).filter(|text| Stamp::has_shape(text.as_bytes()));
        let planner_text = if stamp_text.is_some() { rest.get(20..).unwrap_or_default() } else { rest };
        let planner = split_planner(planner_text);
        match (stamp_text, planner) {
            (Some(stamp_text), Some((planner, email))) => match Stamp::parse(stamp_text) {
                Ok(stamp) => Some(Fields { dependencies, stamp, planner, email }),
                Err(why) => {
                    self.hint(
                        stamp_text,
                        format!("Invalid timestamp \"{stamp_text}\": {why}"),
                        "times are in UTC, like 2026-01-31T12:00:00Z",
                    );
                    None
                }
            },
            (None, Some(_)) => {
                self.hint(rest, "Missing timestamp", LINE_SHAPE);
                None
            }
            (Some(stamp_text), None) if planner_text.is_empty() => {
                self.hint(stamp_text, "Missing planner name and email", LINE_SHAPE);
                None
            }
            (None, None) if rest.is_empty() => {
                self.hint(name, "Missing timestamp and planner name and email", LINE_SHAPE);
                None
            }
            _ => {
                self.hint(planner_text, planner_fault(planner_text), LINE_SHAPE);
                None
            }
        }
    }

    fn dependencies(&mut self, list: Option<&'a str>) -> Option<(Vec<Dependency>, Vec<Dependency>)> {
        let (mut requires, mut conflicts) = (Vec::new(), Vec::new());
        let Some(list) = list.filter(|list| !list.trim_matches(is_blank).is_empty()) else {
            return Some((requires, conflicts));
        };
        if list.starts_with(is_blank) {
            self.hint(
                list,
                "the list of dependencies begins with a blank, which Sqitch cannot read",
                format!("write [{}]", list.trim_matches(is_blank)),
            );
            return None;
        }
        let errors = self.errors.len();
        let mut seen = HashSet::new();
        for item in list.split(is_blank).filter(|item| !item.is_empty()) {
            match Dependency::parse(item) {
                Err(fault) => {
                    let why =
                        if fault == Malformed::Nothing { ": it names no change and no tag" } else { "" };
                    self.hint(
                        item,
                        format!("\"{item}\" is not a valid dependency specification{why}"),
                        "write a change (users), a change at a tag (users@v1), a tag (@v1), another project's change (auth:users), and \"!\" before it for a conflict; blanks between them",
                    );
                }
                Ok(_) if !seen.insert(item) => {
                    self.hint(item, format!("Duplicate dependency \"{item}\""), "name it once");
                }
                Ok((dependency, conflict)) => {
                    let dependency = dependency.seen_from(&self.plan.project);
                    if conflict { conflicts.push(dependency) } else { requires.push(dependency) }
                }
            }
        }
        (self.errors.len() == errors).then_some((requires, conflicts))
    }

    /// The planner, shared with the line before if it is the same person.
    fn person(&mut self, name: &str, email: &str) -> Arc<Person> {
        if let Some(planner) = self.planner.as_ref().filter(|p| p.name == name && p.email == email) {
            return Arc::clone(planner);
        }
        let planner = Arc::new(Person { name: name.to_owned(), email: email.to_owned() });
        self.planner = Some(Arc::clone(&planner));
        planner
    }
}

struct Fields<'a> {
    dependencies: Option<&'a str>,
    stamp: Stamp,
    planner: &'a str,
    email: &'a str,
}

/// `%NAME`, or `%NAME = VALUE`, with a note cut off.
fn split_pragma(content: &str) -> Option<(&str, Option<&str>)> {
    let content = content.split('#').next().unwrap_or_default().trim_end_matches(is_blank);
    let rest = content.strip_prefix('%')?.trim_start_matches(is_blank);
    let (name, value) = match rest.split_once('=') {
        None => (rest, None),
        Some((name, value)) => {
            let value = value.trim_start_matches(is_blank);
            if value.is_empty() {
                return None;
            }
            (name.trim_end_matches(is_blank), Some(value))
        }
    };
    let mark = |c: char| c.is_ascii_punctuation() && c != '_';
    let fits =
        !name.is_empty() && !name.contains(is_blank) && !name.starts_with(mark) && !name.ends_with(mark);
    fits.then_some((name, value))
}

/// `Planner Name <email>` as Sqitch's expression takes it apart: the name keeps all but the last
/// of the blanks that follow it.
fn split_planner(text: &str) -> Option<(&str, &str)> {
    let (before, after) = text.split_once('<')?;
    let email = after.strip_suffix('>').filter(|email| !email.is_empty() && !email.contains('>'))?;
    let trimmed = before.trim_start_matches(is_blank);
    let source = if trimmed.is_empty() { last_two(before)? } else { trimmed };
    let last = source.chars().next_back().filter(|c| is_blank(*c))?;
    let name = source.get(..source.len() - last.len_utf8()).filter(|name| !name.is_empty())?;
    Some((name, email))
}

fn last_two(text: &str) -> Option<&str> {
    let (at, _) = text.char_indices().rev().nth(1)?;
    text.get(at..)
}

fn planner_fault(text: &str) -> String {
    let why = match (text.find('<'), text.find('>')) {
        (None, _) => {
            "there is no \"<email>\" after the planner's name (a \"#\" in the name would begin the note)"
        }
        (Some(_), None) => "the \"<\" of the e-mail address is not closed",
        (Some(_), Some(end)) if text.get(end + 1..).is_some_and(|rest| !rest.is_empty()) => {
            "there is text after the e-mail address"
        }
        (Some(at), _) if text.get(..at).is_some_and(|name| name.trim().is_empty()) => {
            "the planner's name is missing"
        }
        (Some(at), _) if text.get(..at).is_some_and(|name| !name.ends_with(is_blank)) => {
            "a blank is missing before the \"<\""
        }
        _ => "the e-mail address is empty",
    };
    format!("this is not a planner's name and e-mail address: {why}")
}

/// Undoes the escapes of notes: `\n`, `\r` and `\\`; any other pair stays as it is.
#[must_use]
pub fn unescape(note: &str) -> String {
    if !note.contains('\\') {
        return note.to_owned();
    }
    let mut out = String::with_capacity(note.len());
    let mut chars = note.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
