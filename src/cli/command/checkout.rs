//! `change checkout`

use super::super::git::Git;
use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::ui;
use super::deploy::open;
use super::rebase::{Both, Reach};
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Plan};
use clap::Args;

/// Check out a git branch, and bring the database to its plan.
///
/// Reverts to the last change that both plans have, lets git check the branch out, and deploys what
/// its plan has besides.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The branch, and a target
    #[arg(value_name = "BRANCH|TARGET")]
    arguments: Vec<String>,
    #[command(flatten)]
    both: Both,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    Both::refuse_strict(session, "checkout")?;
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    // A branch may be called like a change.
    let mut branches = sorted.unknown.iter().chain(&sorted.changes);
    let Some(branch) = branches.next() else {
        return Err(
            Error::new(Kind::Usage, "usage.branch", "the branch is missing").hint("change checkout BRANCH")
        );
    };
    if let Some(extra) = branches.next() {
        return Err(Error::new(Kind::Usage, "usage.argument", format!("Unknown argument \"{extra}\"")));
    }
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let git = Git::of(session);
    let current = git.ask(&["rev-parse", "--abbrev-ref", "HEAD"])?.trim().to_owned();
    if current == *branch {
        return Err(Error::new(Kind::Nothing, "checkout.same", format!("Already on branch {branch}")));
    }
    let plan_file = &opened.project.layout.plan_file;
    let text = git.ask(&["show", &format!("{branch}:./{plan_file}")])?;
    let theirs = plan::parse(&format!("{branch}:{plan_file}"), text.as_bytes())?;
    let ours = opened.project.plan()?;
    let onto = last_in_common(&ours, &theirs);
    if onto.is_none() && !ours.changes.is_empty() {
        let message = format!("Branch {branch} has no changes in common with current branch {current}");
        return Err(Error::new(Kind::Plan, "checkout.nothing_in_common", message)
            .hint("to begin anew: change revert, git checkout, change deploy"));
    }
    if let Some(change) = onto.and_then(|at| ours.changes.get(at)).filter(|_| !session.face.quiet) {
        ui::print(&format!("Last change before the branches diverged: {}\n", ours.label(change)));
    }
    let onto = onto.and_then(|at| ours.changes.get(at)).map(|change| change.id.to_string());
    let reach = Reach {
        onto: deployed_onto(session, &opened, &ours, onto)?,
        upto: None,
        modified: false,
        same_plan: false,
    };
    let json = arguments.on.json();
    arguments.both.run(session, &opened, "checkout", json, reach, || {
        git.run(&["checkout", branch])?;
        opened.project.plan()
    })?;
    Ok(0)
}

/// The last place at which both plans hold the same change.
fn last_in_common(ours: &Plan, theirs: &Plan) -> Option<usize> {
    let same = ours.changes.iter().zip(&theirs.changes).take_while(|(one, other)| one.id == other.id);
    same.count().checked_sub(1)
}

/// The change to revert to; what is not deployed yet cannot be reverted to, nor need anything be.
fn deployed_onto(
    session: &Session,
    opened: &super::super::opened::Opened,
    ours: &Plan,
    onto: Option<String>,
) -> Result<Option<String>> {
    let Some(id) = onto else { return Ok(None) };
    let mut engine = session.engine(opened)?;
    let state = match engine.presence()? {
        crate::engine::Presence::Version(_) => engine.load(&ours.project, None)?,
        _ => return Ok(None),
    };
    let there = |change: &crate::steps::Deployed| change.id.to_string() == id;
    if state.changes.iter().any(there) {
        return Ok(Some(id));
    }
    Ok(state.latest().map(|change| change.id.to_string()))
}
