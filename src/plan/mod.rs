//! The plan: which changes there are, in which order, what they depend on, and their ids.
//!
//! Knows: the text of a plan file and the values in it. Must never know: files, the clock, the
//! environment, databases or the terminal. The facts about Sqitch's format were measured against
//! Sqitch 1.3.1; ids, names and references are equal to Sqitch's.

mod check;
mod depend;
mod edit;
mod id;
mod line;
mod name;
mod parse;
mod rearrange;
mod reference;
mod stamp;
pub mod uri;

pub use depend::{Dependency, Malformed, Subject};
pub use edit::{Addition, Edited, add_change, add_tag, new_plan_text, part_of, rework_change, rework_tag};
pub use id::{Id, change_info, tag_info};
pub use line::unescape;
pub use name::{Naming, check_name, check_new_name, is_blank};
pub use parse::parse;
pub use rearrange::{merged, reordered};
pub use reference::{Entry, Lookup, Sequence};
pub use stamp::Stamp;

use std::ops::Range;
use std::sync::Arc;

/// Names and ids are looked up by the hundred thousand. The hash is quick, and seeded anew in every
/// process, which is defence enough against names chosen to collide.
type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
type Set<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;

/// A person as plan lines and registry rows name them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// The full name.
    pub name: String,
    /// The e-mail address, without the angle brackets.
    pub email: String,
}

/// The sign before a change's name. Sqitch deploys both kinds alike and hashes neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Operator {
    /// `+`, or no sign.
    #[default]
    Deploy,
    /// `-`
    Revert,
}

/// One change of the plan.
#[derive(Debug, Clone)]
pub struct Change {
    /// Sqitch's id, which covers everything in the line and the id of the change before it.
    pub id: Id,
    /// The name, which is also the path of its scripts.
    pub name: String,
    /// The sign before the name.
    pub operator: Operator,
    /// What must be deployed before it.
    pub requires: Vec<Dependency>,
    /// What must not be deployed.
    pub conflicts: Vec<Dependency>,
    /// The note, unescaped; empty if there is none.
    pub note: String,
    /// Who planned it.
    pub planner: Arc<Person>,
    /// When it was planned, in UTC.
    pub planned_at: Stamp,
    /// The line of the plan file, counted from 1.
    pub line: u32,
    /// Its tags, as a range of [`Plan::tags`].
    pub tags: Range<u32>,
    /// For a change that a later line reworks: the tags that may name its script files, as a range
    /// of [`Plan::tags`]. Empty for a change that is current.
    pub rework_tags: Range<u32>,
}

impl Change {
    /// Whether a later line of the plan has the same name, so that this instance's scripts are
    /// the `NAME@TAG` files.
    #[must_use]
    pub fn is_reworked(&self) -> bool {
        !self.rework_tags.is_empty()
    }
}

/// One tag of the plan.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Sqitch's id of the tag.
    pub id: Id,
    /// The name without `@`.
    pub name: String,
    /// The index of the change that carries it.
    pub change: usize,
    /// The note, unescaped; empty if there is none.
    pub note: String,
    /// Who planned it.
    pub planner: Arc<Person>,
    /// When it was planned, in UTC.
    pub planned_at: Stamp,
    /// The line of the plan file, counted from 1.
    pub line: u32,
}

/// A plan, read completely.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The plan file as the user knows it, for messages.
    pub file: String,
    /// The project's name.
    pub project: String,
    /// The `%uri` pragma as it is written.
    pub uri: Option<String>,
    /// All changes, in order.
    pub changes: Vec<Change>,
    /// All tags, in order.
    pub tags: Vec<Tag>,
    by_id: Map<Id, u32>,
    by_name: Map<Box<str>, Instances>,
    tag_by_name: Map<Box<str>, u32>,
    tag_by_id: Map<Id, u32>,
}

/// The positions of the changes of one name; nearly every name has one.
#[derive(Debug, Clone)]
enum Instances {
    One(u32),
    #[expect(clippy::box_collection, reason = "rare, and it would make every other entry larger")]
    Many(Box<Vec<u32>>),
}

impl Instances {
    fn as_slice(&self) -> &[u32] {
        match self {
            Instances::One(position) => std::slice::from_ref(position),
            Instances::Many(positions) => positions,
        }
    }

    fn push(&mut self, position: u32) {
        match self {
            Instances::One(first) => *self = Instances::Many(Box::new(vec![*first, position])),
            Instances::Many(positions) => positions.push(position),
        }
    }
}

impl Plan {
    /// The position of the change with this id.
    #[must_use]
    pub fn position(&self, id: &Id) -> Option<usize> {
        self.by_id.get(id).map(|position| *position as usize)
    }

    /// The change with this id.
    #[must_use]
    pub fn change(&self, id: &Id) -> Option<&Change> {
        self.changes.get(self.position(id)?)
    }

    /// The positions of all instances of a name, first to last.
    #[must_use]
    pub fn instances(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], Instances::as_slice)
    }

    /// The tag of this name (without `@`).
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&Tag> {
        self.tags.get(*self.tag_by_name.get(name)? as usize)
    }

    /// The tag with this id.
    #[must_use]
    pub fn tag_with_id(&self, id: &Id) -> Option<&Tag> {
        self.tags.get(*self.tag_by_id.get(id)? as usize)
    }

    /// The tags of a change, in order.
    #[must_use]
    pub fn tags_of(&self, change: &Change) -> &[Tag] {
        self.tags.get(change.tags.start as usize..change.tags.end as usize).unwrap_or_default()
    }

    /// The change's name followed by its tags: `users @v1 @v1.1`.
    #[must_use]
    pub fn label(&self, change: &Change) -> String {
        let mut label = change.name.clone();
        for tag in self.tags_of(change) {
            label.push_str(" @");
            label.push_str(&tag.name);
        }
        label
    }

    /// The names that a reworked change's files may end in (`v2`, `v1` …), the likeliest first:
    /// those of the latest change before it was reworked, back to its own.
    #[must_use]
    pub fn suffixes<'a>(&'a self, change: &'a Change) -> Vec<&'a str> {
        let Range { start, end } = change.rework_tags;
        let tags = self.tags.get(start as usize..end as usize).unwrap_or_default();
        let by_change = tags.chunk_by(|one, next| one.change == next.change).rev();
        by_change.flatten().map(|tag| tag.name.as_str()).collect()
    }

    /// Everything in the plan as a sequence that references are looked up in.
    #[must_use]
    pub fn sequence(&self) -> Sequence<'_> {
        Sequence::of_plan(self)
    }

    /// The instance of `name` that stood last at or before the tag `tag` (`name@tag`).
    #[must_use]
    pub fn at_tag(&self, name: &str, tag: &Tag) -> Option<usize> {
        let instances = self.instances(name);
        let before = instances.partition_point(|at| *at as usize <= tag.change);
        Some(*instances.get(before.checked_sub(1)?)? as usize)
    }
}
