//! The head of a plan: comments and pragmas up to the first empty line.

use super::super::line::split_pragma;
use super::super::name::{Naming, fault, is_blank};
use super::super::uri;
use super::NAME_RULE;
use super::Parser;
use crate::error::{Error, Kind};

impl<'a> Parser<'a> {
    pub(super) fn header(&mut self) {
        let mut may_end = false;
        let mut project = None;
        loop {
            let before = (self.at, self.line);
            let Some(line) = self.next_line() else { break };
            let content = line.trim_start_matches(is_blank);
            if content.is_empty() {
                break;
            }
            if let Some(comment) = self.comment(content) {
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
}
