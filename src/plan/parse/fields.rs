//! The fields of a change's or tag's line: name, dependencies, time, planner.

use super::super::Set;
use super::super::depend::{Dependency, Malformed};
use super::super::line::{planner_fault, split_planner};
use super::super::name::{Fault, Naming, fault, is_blank};
use super::super::stamp::Stamp;
use super::{MOST_ERRORS, NAME_RULE, Parser};

const LINE_SHAPE: &str =
    "a change line reads: NAME [DEPENDENCIES] 2026-01-31T12:00:00Z Planner Name <planner@example.org> # note";

/// What stands on a line after the name.
pub(super) struct Fields<'a> {
    pub(super) dependencies: Option<&'a str>,
    pub(super) stamp: Stamp,
    pub(super) planner: &'a str,
    pub(super) email: &'a str,
}

impl<'a> Parser<'a> {
    /// Takes a line apart that begins with a name; `None` when an error was noted.
    pub(super) fn fields(&mut self, rest: &'a str, naming: Naming) -> Option<(&'a str, Fields<'a>)> {
        let name_length = rest.find(is_blank).unwrap_or(rest.len());
        let (name, rest) = rest.split_at_checked(name_length)?;
        let after_name = rest.trim_start_matches(is_blank);
        // The name comes first in Sqitch too: whatever else is wrong, a bad name is said first.
        let fault = fault(name, naming);
        match fault {
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
        match fault {
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

    pub(super) fn dependencies(
        &mut self,
        list: Option<&'a str>,
    ) -> Option<(Vec<Dependency>, Vec<Dependency>)> {
        let Some(list) = list.filter(|list| !list.trim_matches(is_blank).is_empty()) else {
            return Some((Vec::new(), Vec::new()));
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
        let items = || list.split(is_blank).filter(|item| !item.is_empty());
        // Most lists hold one dependency, for which a vector would make room for four.
        let (count, against) = (items().count(), items().filter(|item| item.starts_with('!')).count());
        let (mut requires, mut conflicts) =
            (Vec::with_capacity(count - against), Vec::with_capacity(against));
        let mut seen = Set::default();
        for item in items() {
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
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
                Ok(_) if count > 1 && !seen.insert(item) => {
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
}
