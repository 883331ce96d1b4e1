//! The registry's state as values.

use crate::plan::{Entry, Id, Person, Sequence, Stamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A tag as the registry holds it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeployedTag {
    /// Its id.
    pub id: Id,
    /// Its name without `@`.
    pub name: String,
    /// When it was recorded.
    pub committed_at: jiff::Timestamp,
    /// Who recorded it.
    pub committer: Arc<Person>,
}

/// A change as the registry holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Its id.
    pub id: Id,
    /// The SHA-1 of its deploy script; none if there was no script, or another change has the same.
    pub script_hash: Option<String>,
    /// Its name.
    pub name: String,
    /// Its note.
    pub note: String,
    /// When it was deployed.
    pub committed_at: jiff::Timestamp,
    /// Who deployed it.
    pub committer: Arc<Person>,
    /// When it was planned.
    pub planned_at: Stamp,
    /// Who planned it.
    pub planner: Arc<Person>,
    /// Its tags, in the order they were recorded.
    pub tags: Vec<DeployedTag>,
}

impl Deployed {
    /// The name followed by the tags.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = self.name.clone();
        for tag in &self.tags {
            label.push_str(" @");
            label.push_str(&tag.name);
        }
        label
    }
}

/// A project as the registry holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its URI.
    pub uri: Option<String>,
}

/// A deployed change that requires another deployed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependent {
    /// The change that is required.
    pub required: Id,
    /// The change that requires it.
    pub id: Id,
    /// Its project.
    pub project: String,
    /// Its name.
    pub name: String,
    /// The first tag at or after it, if any.
    pub as_of_tag: Option<String>,
}

/// SHA-256 of the scripts as they were when a change was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checksums {
    /// Of the deploy script.
    pub deploy: Option<String>,
    /// Of the verify script.
    pub verify: Option<String>,
    /// Of the revert script.
    pub revert: Option<String>,
}

/// A change that stopped half-way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct InDoubt {
    /// The row of the journal.
    pub step: i64,
    /// The change.
    pub change_id: Id,
    /// Its name.
    pub change: String,
    /// `deploy` or `revert`
    pub direction: String,
    /// How many units of the script are certainly done.
    pub done: usize,
    /// How many units the script has.
    pub total: usize,
    /// Whether unit `done + 1` was begun and may have taken effect.
    pub begun: bool,
    /// Where the unit that stopped it stands: script and line.
    pub script: String,
    /// The line of that unit, counted from 1.
    pub line: usize,
    /// The text of that unit.
    pub statement: String,
    /// The digests of all units, to find out whether the done part was edited since.
    pub units: Vec<String>,
    /// What stopped it; none if the run just ended.
    pub error: Option<String>,
    /// When it stopped, or was last heard of.
    pub at: jiff::Timestamp,
    /// Who ran it.
    pub by: String,
    /// On which machine.
    pub host: String,
}

/// A change that is committed but not yet recorded: its run ended in between, or is about to do it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unrecorded {
    /// The change's name.
    pub change: String,
    /// `deploy` or `revert`
    pub direction: String,
}

/// Everything the registry knows about one project, as far as steps depend on it.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// All projects of the registry.
    pub projects: Vec<Project>,
    /// The deployed changes of this project, in the order of their deployment.
    pub changes: Vec<Deployed>,
    /// Whether there are more before the first of them, which were not asked for.
    pub partial: bool,
    /// What dependencies on other projects, and on ids, were found to mean (key: as written).
    pub foreign: HashMap<String, Option<Id>>,
    /// Changes that were reverted on their own, while others after them stayed.
    pub set_aside: HashSet<Id>,
    /// A change that stopped half-way.
    pub in_doubt: Option<InDoubt>,
    /// A change that the next run will record.
    pub unrecorded: Option<Unrecorded>,
}

impl State {
    /// Keeps the latest changes, of which one more was asked for to know whether there are more.
    pub fn keep_latest(&mut self, most: Option<usize>) {
        let more = most.map_or(0, |most| self.changes.len().saturating_sub(most));
        self.changes.drain(..more);
        self.partial = more > 0;
    }

    /// The latest deployed change.
    #[must_use]
    pub fn latest(&self) -> Option<&Deployed> {
        self.changes.last()
    }

    /// The deployed changes as a sequence that references are looked up in.
    #[must_use]
    pub fn sequence(&self) -> Sequence<'_> {
        Sequence::deployed(self.changes.iter().map(|change| Entry {
            id: change.id,
            name: &change.name,
            tags: change.tags.iter().map(|tag| tag.name.as_str()).collect(),
        }))
    }
}
