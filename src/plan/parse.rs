//! Reading a plan file: everything Sqitch accepts, and for the rest all errors at once, each
//! with its place, the offending text and what would be right.

mod fields;
mod header;

use super::id::{ChangeInfo, TagInfo};
use super::line::unescape;
use super::name::{Naming, is_blank};
use super::{Change, Instances, Map, Operator, Person, Plan, Tag, check};
use crate::error::{Error, Kind, Place, Result};
use std::sync::Arc;

const NAME_RULE: &str = "names must not begin with punctuation, contain \"@\", \":\", \"#\", \"\\\" or blanks, \
                         or end in punctuation or digits following punctuation";
/// A file with more errors than this is no plan; reading on would help nobody.
const MOST_ERRORS: usize = 200;
/// `a 2026-01-05T10:00:00Z a <b@c>`, with its line feed.
const SHORTEST_LINE: usize = 31;

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
    section: Map<&'a str, u32>,
    planner: Option<Arc<Person>>,
    tag_lines: Map<&'a str, u32>,
    /// For the texts that ids cover.
    room: String,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str) -> Self {
        // No line of a change is shorter, and a file of line feeds must not reserve for millions.
        let lines = text.bytes().filter(|byte| *byte == b'\n').count().min(text.len() / SHORTEST_LINE);
        let mut plan = Plan { file: file.to_owned(), ..Plan::default() };
        plan.changes.reserve(lines);
        plan.by_id.reserve(lines);
        plan.by_name.reserve(lines);
        Parser {
            file,
            text,
            at: 0,
            line_start: 0,
            line: 0,
            plan,
            uri: None,
            errors: Vec::new(),
            section: Map::default(),
            planner: None,
            tag_lines: Map::default(),
            room: String::new(),
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

    fn body(&mut self) {
        while let Some(line) = self.next_line().filter(|_| self.errors.len() < MOST_ERRORS) {
            let content = line.trim_start_matches(is_blank);
            if !content.is_empty() && self.comment(content).is_none() {
                self.entry(line);
            }
        }
    }

    /// The text of a comment line.
    fn comment(&mut self, content: &'a str) -> Option<&'a str> {
        let text = content.strip_prefix('#')?;
        if text.is_empty() {
            let hint = "write some text after it, or delete the line";
            self.hint(content, "a line that is just \"#\" is no comment", hint);
        }
        Some(text)
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
        let id = info.id(&mut self.room);
        let at = self.plan.changes.len() as u32;
        self.rework(name);
        self.plan.by_id.insert(id, at);
        self.plan.by_name.entry(name.into()).and_modify(|all| all.push(at)).or_insert(Instances::One(at));
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
            rework_tags: 0..0,
        });
    }

    /// Notes on the former instance of `name` which tags may name its files: its own and all that
    /// follow up to here. They are of finished sections, because a tag ends its section.
    fn rework(&mut self, name: &str) {
        let Some(before) = self.plan.instances(name).last().copied() else { return };
        let end = self.plan.tags.len() as u32;
        if let Some(change) = self.plan.changes.get_mut(before as usize) {
            change.rework_tags = change.tags.start..end;
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
        let position = self.plan.tags.len() as u32;
        self.plan.tag_by_name.insert(name.into(), position);
        self.plan.tag_by_id.insert(id, position);
        self.section.clear();
        let change = self.plan.changes.len() - 1;
        if let Some(change) = self.plan.changes.last_mut() {
            if change.tags.is_empty() {
                change.tags = position..position;
            }
            change.tags.end = position + 1;
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
