//! What plan rules look at.

use super::super::effect::Effects;
use super::super::place;
use crate::error::Place;
use crate::policy::recovery;
use crate::policy::way_back::{self, Texts, WayBack};
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::directive::{Directives, Phase};
use crate::sql::statement::{Name, Span, Statement};
use std::collections::{BTreeMap, HashSet};

/// A plan with everything that lint may know of it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which database its scripts are for.
    pub dialect: Dialect,
    /// The path of the plan file.
    pub file: String,
    /// Its changes, in order.
    pub changes: Vec<Change>,
    /// The plan of the commit that it is compared with, if it is compared.
    pub base: Option<Base>,
    /// The files that differ from that commit, as paths from the project's folder; those outside of it
    /// begin with `../`.
    pub changed_files: Vec<String>,
    /// The folders of the project's scripts and documents, and its own files: what is no application.
    pub own_paths: Vec<String>,
    /// The files in the folders of scripts that belong to no change.
    pub stray: Vec<String>,
    /// The variables that scripts use, where each is used first in its file.
    pub used: Vec<Used>,
    /// The variables that are set: by the configuration, the command line or a script itself.
    pub set: Vec<String>,
}

/// A variable that a script uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Its name.
    pub name: String,
    /// The path of the script.
    pub file: String,
    /// The line.
    pub line: usize,
}

/// The plan as another commit has it.
#[derive(Debug, Clone, Default)]
pub struct Base {
    /// What the commit is called: `origin/main`.
    pub reference: String,
    /// Its changes, in order.
    pub changes: Vec<BaseChange>,
}

/// A change as another commit has it.
#[derive(Debug, Clone, Default)]
pub struct BaseChange {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The text of its deploy script.
    pub deploy: Option<String>,
}

/// A change of the plan with its scripts.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its name with its tags, as findings show it.
    pub label: String,
    /// Its id.
    pub id: String,
    /// Its note.
    pub note: String,
    /// The line of the plan file.
    pub line: usize,
    /// The names of the changes it requires, without tags; those of other projects as `project:name`.
    pub requires: Vec<String>,
    /// Its deploy script, if there is a file.
    pub deploy: Option<Script>,
    /// Its verify script, if there is a file.
    pub verify: Option<Script>,
    /// Its revert script, if there is a file.
    pub revert: Option<Script>,
    /// Path and text of its recovery document, if there is a file.
    pub recovery: Option<(String, String)>,
    /// Whether findings in it are wanted; otherwise it is only walked through.
    pub judged: bool,
    /// Whether it is deployed together with the one before it.
    pub pending: bool,
}

impl Change {
    /// Its phase, as its deploy script says it.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.deploy.as_ref().and_then(|script| script.directives.phase)
    }

    /// Its scripts, as far as they are there.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        [&self.deploy, &self.verify, &self.revert].into_iter().flatten()
    }
}

/// A script.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What its directives say.
    pub directives: Directives,
    /// Whether it is run in one transaction that is not its own.
    pub atomic: bool,
    /// Whether its last transaction is left open.
    pub left_open: bool,
}

impl Script {
    /// The place of its beginning.
    #[must_use]
    pub fn start(&self) -> Place {
        let end = self.text.find('\n').unwrap_or(self.text.len());
        Place::in_text(&self.path, &self.text, 0, end)
    }

    /// The place of a part of one of its statements.
    #[must_use]
    pub fn place(&self, statement: &Statement, span: Span) -> Place {
        let own = statement.origin.file == self.path;
        place::of(statement, span, own.then_some(self.text.as_str()))
    }
}

/// A statement of a deploy script that was walked, bodies included.
#[derive(Debug, Clone)]
pub struct Stepped {
    /// The statement.
    pub statement: Statement,
    /// What it does.
    pub effects: Effects,
}

/// A statement of a revert script that surely fails.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Where.
    pub place: Place,
    /// Why, in a sentence without its full stop.
    pub why: String,
}

/// The tables that a change locks one after the other, so that the second waits while the first is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockOrder {
    /// The first.
    pub first: Name,
    /// The one that is locked while the first is held.
    pub then: Name,
}

/// A change with everything around it that a rule may look at.
#[derive(Debug)]
pub struct ChangeSeen<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its position in the plan.
    pub position: usize,
    /// The change.
    pub change: &'a Change,
    /// What its deploy script does, statement by statement.
    pub steps: &'a [Stepped],
    /// What is known before it of the things that its scripts speak of.
    pub before: &'a Schema,
    /// The same after its deploy script.
    pub after: &'a Schema,
    /// The same after its revert script; none if there is none.
    pub reverted: Option<&'a Schema>,
    /// Why statements of its revert script surely fail.
    pub revert_fails: &'a [Failed],
    /// The relations that its deploy script makes, by key.
    pub born: &'a [Name],
    /// The relations that it or changes before it dropped or renamed, and that are not there, by key.
    pub gone: &'a HashSet<Name>,
    /// Whether it or a change before it does something that nobody can look into.
    pub dark: bool,
    /// The order in which it locks tables that were there before.
    pub orders: &'a [LockOrder],
    /// Who locked two tables first in which order: the position of the change.
    pub ordered: &'a BTreeMap<(Name, Name), usize>,
    /// Its way back, or why there is none.
    pub way_back: Result<WayBack, String>,
    /// What its recovery document lacks; empty if there is none.
    pub lacks: Vec<String>,
}

impl ChangeSeen<'_> {
    /// The changes before it.
    #[must_use]
    pub fn earlier(&self) -> &[Change] {
        self.plan.changes.get(..self.position).unwrap_or_default()
    }

    /// The place of what is said of it as a whole: its deploy script, or its line in the plan.
    #[must_use]
    pub fn place(&self) -> Place {
        match &self.change.deploy {
            Some(script) => script.start(),
            None => Place::new(&self.plan.file, self.change.line, 1),
        }
    }

    /// The path of one of its other scripts, as it would be called.
    #[must_use]
    pub fn sibling(&self, folder: &str) -> String {
        let own = self.change.deploy.as_ref().map(|script| script.path.as_str());
        let sibling = own.and_then(|path| {
            let (before, name) = path.split_once("deploy/")?;
            Some(format!("{before}{folder}/{name}"))
        });
        sibling.unwrap_or_else(|| format!("{folder}/{}.sql", self.change.name))
    }
}

/// The way back of a change, as the policy sees it, and what its recovery document lacks.
pub(super) fn way_back(change: &Change, dialect: Dialect) -> (Result<WayBack, String>, Vec<String>) {
    let none = Directives::default();
    let document = change.recovery.as_ref().map(|(_, text)| text.as_str());
    let texts = Texts {
        revert: change.revert.as_ref().map(|script| script.text.as_str()),
        directives: change.revert.as_ref().map_or(&none, |script| &script.directives),
        recovery: document,
    };
    (way_back::judge(texts, dialect), document.map(recovery::missing).unwrap_or_default())
}
