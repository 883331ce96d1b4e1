//! Dependencies as a plan line writes them: `a`, `a@v1`, `@v1`, `other:a`, an id, and `!` for a
//! conflict.

use super::name::{Naming, check_name};
use super::{Id, Plan};
use std::fmt;

/// What a dependency points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A change by its 40-digit id.
    Id(Id),
    /// A change by name.
    Change(String),
    /// A change by name, as it stood at a tag.
    ChangeAtTag(String, String),
    /// The change that carries a tag.
    Tag(String),
}

/// One dependency, without its `!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The other project it names; `None` for the plan's own.
    pub project: Option<String>,
    /// What it points at.
    pub subject: Subject,
}

/// Why a text is no dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// It does not follow the grammar.
    Grammar,
    /// It follows the grammar but names neither change nor tag nor id.
    Nothing,
}

impl Dependency {
    /// Reads one dependency; the flag says whether it was a conflict (`!`).
    ///
    /// # Errors
    /// Says whether the text breaks the grammar or names nothing.
    pub fn parse(text: &str) -> Result<(Dependency, bool), Malformed> {
        let (text, conflict) = match text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (project, text) = match text.split_once(':') {
            Some((project, rest)) if named(project) => (Some(project.to_owned()), rest),
            Some(_) => return Err(Malformed::Grammar),
            None => (None, text),
        };
        if text.is_empty() {
            return Err(Malformed::Nothing);
        }
        let subject = match text.split_once('@') {
            None => match Id::parse(text) {
                Some(id) => Subject::Id(id),
                None if named(text) => Subject::Change(text.to_owned()),
                None => return Err(Malformed::Grammar),
            },
            Some((_, tag)) if !named(tag) => return Err(Malformed::Grammar),
            Some(("", tag)) => Subject::Tag(tag.to_owned()),
            Some((name, tag)) if named(name) => Subject::ChangeAtTag(name.to_owned(), tag.to_owned()),
            Some(_) => return Err(Malformed::Grammar),
        };
        Ok((Dependency { project, subject }, conflict))
    }

    /// The same dependency seen from `project`: its own name as prefix is dropped.
    #[must_use]
    pub fn seen_from(mut self, project: &str) -> Dependency {
        if self.project.as_deref() == Some(project) {
            self.project = None;
        }
        self
    }

    /// The text without project, as a key for looking it up.
    #[must_use]
    pub fn key(&self) -> String {
        self.subject.to_string()
    }

    /// The change of the own plan it points at, looking at the changes before `limit` only.
    #[must_use]
    pub fn position(&self, plan: &Plan, limit: usize) -> Option<usize> {
        let last_before = |name: &str| {
            let instances = plan.instances(name);
            let before = instances.partition_point(|at| (*at as usize) < limit);
            Some(*instances.get(before.checked_sub(1)?)? as usize)
        };
        let found = match &self.subject {
            Subject::Id(id) => plan.position(id)?,
            Subject::Change(name) => last_before(name)?,
            Subject::ChangeAtTag(name, tag) => plan.at_tag(name, plan.tag(tag)?)?,
            Subject::Tag(tag) => plan.tag(tag)?.change,
        };
        (found < limit).then_some(found)
    }
}

/// Whether a part of a dependency follows the rule for names. The ids and the reserved words do
/// too: what they mean is settled when they are looked up.
fn named(text: &str) -> bool {
    match check_name(text, Naming::Project) {
        Ok(()) => true,
        Err(_) => false,
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(project) = &self.project {
            write!(f, "{project}:")?;
        }
        self.subject.fmt(f)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Id(id) => id.fmt(f),
            Subject::Change(name) => f.write_str(name),
            Subject::ChangeAtTag(name, tag) => write!(f, "{name}@{tag}"),
            Subject::Tag(tag) => write!(f, "@{tag}"),
        }
    }
}

impl serde::Serialize for Dependency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
