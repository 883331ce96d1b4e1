//! Adding to a plan edits its text: every byte that was there stays, in the line endings it has.

use super::depend::Malformed;
use super::name::{Naming, check_new_name};
use super::{Change, Dependency, Person, Plan, Stamp};
use crate::error::{Error, Kind, Result};
use crate::suggest::suggest;

/// What is to be added.
#[derive(Debug, Clone)]
pub struct Addition<'a> {
    /// The name of the change or tag.
    pub name: &'a str,
    /// Requirements as typed.
    pub requires: &'a [String],
    /// Conflicts as typed, without `!`.
    pub conflicts: &'a [String],
    /// The note with real line feeds.
    pub note: &'a str,
    /// Who plans it.
    pub planner: &'a Person,
    /// When it is planned.
    pub planned_at: Stamp,
}

/// The plan's new text, and what was added as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The whole text to be written.
    pub text: String,
    /// `two [one !one]` for a change, the name of the tagged change for a tag.
    pub label: String,
}

/// The text of a plan without changes.
#[must_use]
pub fn new_plan_text(project: &str, uri: Option<&str>) -> String {
    let uri = uri.map(|uri| format!("%uri={}\n", super::uri::canonical(uri))).unwrap_or_default();
    format!("%syntax-version=1.0.0\n%project={project}\n{uri}\n")
}

/// The text of a plan with only the changes from one position to another, with their tags, below the
/// header as it is.
#[must_use]
pub fn part_of(plan: &Plan, text: &str, first: usize, last: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let header = lines.iter().take_while(|line| !line.trim().is_empty()).count();
    let line_of = |at: usize| plan.changes.get(at).map_or(0, |change| change.line as usize);
    let tags = plan.changes.get(last).map_or(&[][..], |change| plan.tags_of(change));
    let end = tags.iter().map(|tag| tag.line as usize).fold(line_of(last), usize::max);
    let start = line_of(first).saturating_sub(1);
    let mut part: String = lines.iter().take(header).copied().collect();
    part.push('\n');
    part.extend(lines.get(start..end).unwrap_or_default().iter().copied());
    part
}

/// Appends a change.
///
/// # Errors
/// When the name breaks the rule or is taken, or a requirement is unknown.
pub fn add_change(plan: &Plan, text: &str, new: &Addition<'_>) -> Result<Edited> {
    check_new_name(new.name, Naming::Change)?;
    if !plan.instances(new.name).is_empty() {
        return Err(Error::new(
            Kind::Plan,
            "plan.exists",
            format!("Change \"{}\" already exists in plan {}.", new.name, plan.file),
        )
        .hint(format!("to change what it does: change rework {}", new.name)));
    }
    let dependencies = dependency_list(plan, new, "add", None)?;
    let gap = plan.changes.last().is_some_and(|last| !last.tags.is_empty());
    Ok(append_change(text, new, &dependencies, gap))
}

/// Appends a new instance of a change that was tagged since its last instance.
///
/// # Errors
/// When the change is unknown or no tag stands between, or a requirement is unknown.
pub fn rework_change(plan: &Plan, text: &str, new: &Addition<'_>) -> Result<Edited> {
    let Some(latest) = plan.instances(new.name).last().copied() else {
        return Err(Error::new(
            Kind::Plan,
            "plan.unknown_change",
            format!("Change \"{}\" does not exist in {}.", new.name, plan.file),
        )
        .hint(format!("to add it to the plan: change add {}", new.name)));
    };
    let tag = rework_tag(plan, latest as usize).ok_or_else(|| {
        Error::new(
            Kind::Plan,
            "plan.no_tag_between",
            format!("Cannot rework \"{}\" without an intervening tag.", new.name),
        )
        .hint("tag what is released first: change tag NAME")
    })?;
    let former = format!("{}@{tag}", new.name);
    let dependencies = dependency_list(plan, new, "rework", Some(former))?;
    Ok(append_change(text, new, &dependencies, false))
}

/// The first tag of the last tagged change, if that stands at or after `position`.
#[must_use]
pub fn rework_tag(plan: &Plan, position: usize) -> Option<&str> {
    let tagged = plan.changes.get(position..)?.iter().rev().find(|change| !change.tags.is_empty())?;
    Some(plan.tags_of(tagged).first()?.name.as_str())
}

/// Inserts a tag after a change and the tags it has.
///
/// # Errors
/// When the name breaks the rule or is taken.
pub fn add_tag(plan: &Plan, text: &str, change: &Change, new: &Addition<'_>) -> Result<Edited> {
    check_new_name(new.name, Naming::Tag)?;
    if plan.tag(new.name).is_some() {
        return Err(Error::new(Kind::Plan, "plan.exists", format!("Tag \"@{}\" already exists", new.name))
            .hint("change tag  lists the tags there are"));
    }
    let last_line = plan.tags_of(change).last().map_or(change.line, |tag| tag.line);
    let line = format!("@{} {}", new.name, signature(new));
    Ok(Edited { text: insert_after(text, last_line, &line), label: change.name.clone() })
}

/// The dependencies as they are written: requirements first, then conflicts.
fn dependency_list(
    plan: &Plan,
    new: &Addition<'_>,
    verb: &str,
    former: Option<String>,
) -> Result<Vec<String>> {
    let mut list: Vec<String> = former.into_iter().collect();
    for (texts, sign) in [(new.requires, ""), (new.conflicts, "!")] {
        for text in texts {
            let dependency = read_dependency(text)?.seen_from(&plan.project);
            let known = sign == "!"
                || dependency.project.is_some()
                || dependency.position(plan, plan.changes.len()).is_some();
            if !known {
                let error = Error::new(
                    Kind::Plan,
                    "plan.unknown_change",
                    format!(
                        "Cannot {verb} change \"{}\": requires unknown change \"{dependency}\"",
                        new.name
                    ),
                );
                let names = plan.changes.iter().map(|change| change.name.as_str());
                return Err(match suggest(&dependency.key(), names) {
                    Some(near) => error.hint(format!("did you mean \"{near}\"?")),
                    None => error.hint("change plan  lists the changes there are"),
                });
            }
            let item = format!("{sign}{dependency}");
            if list.contains(&item) {
                return Err(Error::new(
                    Kind::Usage,
                    "plan.dependency",
                    format!("Duplicate dependency \"{item}\""),
                ));
            }
            list.push(item);
        }
    }
    Ok(list)
}

fn read_dependency(text: &str) -> Result<Dependency> {
    if text.contains(']') {
        let message =
            format!("\"{text}\" cannot stand in a list of dependencies: its \"]\" would end the list");
        return Err(Error::new(Kind::Usage, "plan.dependency", message)
            .hint("name the change by a tag it carries (@v1) or by its id: change show change NAME"));
    }
    let malformed = |_: Malformed| {
        Error::new(Kind::Usage, "plan.dependency", format!("\"{text}\" is not a valid dependency specification"))
            .hint("name a change (users), a change at a tag (users@v1), a tag (@v1) or another project's change (auth:users)")
    };
    match Dependency::parse(text) {
        Ok((dependency, false)) => Ok(dependency),
        Ok((_, true)) => Err(malformed(Malformed::Grammar)),
        Err(fault) => Err(malformed(fault)),
    }
}

fn append_change(text: &str, new: &Addition<'_>, dependencies: &[String], gap: bool) -> Edited {
    let label = match dependencies {
        [] => new.name.to_owned(),
        list => format!("{} [{}]", new.name, list.join(" ")),
    };
    let end = line_end(text);
    let mut out = String::with_capacity(text.len() + label.len() + 128);
    out.push_str(text);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    if gap {
        out.push_str(end);
    }
    out.push_str(&format!("{label} {}{end}", signature(new)));
    Edited { text: out, label }
}

/// Time, planner and note as they end every line.
fn signature(new: &Addition<'_>) -> String {
    let Person { name, email } = new.planner;
    let note = new.note.trim();
    let note = if note.is_empty() { String::new() } else { format!(" # {}", escape(note)) };
    format!("{} {name} <{email}>{note}", new.planned_at)
}

fn escape(note: &str) -> String {
    note.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

/// The line end in use: that of the first line.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

fn insert_after(text: &str, line: u32, new: &str) -> String {
    let end = line_end(text);
    let at: usize = text.split_inclusive('\n').take(line as usize).map(str::len).sum();
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let joint = if before.ends_with('\n') { "" } else { end };
    format!("{before}{joint}{new}{end}{after}")
}
