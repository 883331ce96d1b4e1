//! Rows of the registry and of the journal, as values.

use crate::plan::{Id, Person, Stamp};
use serde::{Deserialize, Serialize};

/// A change with everything that its rows hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// The id.
    pub id: Id,
    /// SHA-1 of the deploy script; none if there is none.
    pub script_hash: Option<String>,
    /// The name.
    pub name: String,
    /// The project.
    pub project: String,
    /// The note.
    pub note: String,
    /// When it was planned.
    pub planned_at: Stamp,
    /// Who planned it.
    pub planner: Person,
    /// The tags of its plan line.
    pub tags: Vec<TagRecord>,
    /// What it requires: text and id.
    pub requires: Vec<(String, Id)>,
    /// What it conflicts with.
    pub conflicts: Vec<String>,
}

/// A tag with everything that its row holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRecord {
    /// The id.
    pub id: Id,
    /// The name without `@`.
    pub name: String,
    /// The note.
    pub note: String,
    /// When it was planned.
    pub planned_at: Stamp,
    /// Who planned it.
    pub planner: Person,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// `deploy`, `revert`, `fail` or `merge`
    pub event: String,
    /// The change's id, as it stands there.
    pub change_id: String,
    /// The change's name.
    pub change: String,
    /// Its project.
    pub project: String,
    /// Its note.
    pub note: String,
    /// What it required.
    pub requires: Vec<String>,
    /// What it conflicted with.
    pub conflicts: Vec<String>,
    /// Its tags, with `@`.
    pub tags: Vec<String>,
    /// When it happened.
    pub committed_at: jiff::Timestamp,
    /// Who did it.
    pub committer: Person,
    /// When it was planned.
    pub planned_at: Stamp,
    /// Who planned it.
    pub planner: Person,
}

/// One run of the program, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunRecord {
    /// The command.
    pub command: String,
    /// The project.
    pub project: String,
    /// The target in messages; never a password.
    pub target: String,
    /// The program's version.
    pub tool_version: String,
    /// The person.
    pub user_name: String,
    /// Their e-mail address.
    pub user_email: String,
    /// The login.
    pub login: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The commit that git has checked out where the project is.
    pub git_commit: Option<String>,
}
