//! Which changes a deployment takes, in which order, and what their dependencies resolve to.

use super::{State, drift, resolve};
use crate::error::{Error, Kind, Result};
use crate::plan::{Change, Dependency, Id, Plan, Subject};
use std::collections::HashSet;

/// One edited line changes the ids of all after it; the first differences tell the story.
const SHOWN_DIFFERENCES: usize = 5;

/// What happens to the changes of a run when one of them fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// All changes of the run are taken back.
    #[default]
    All,
    /// Changes are taken back to the last tag of the run.
    Tag,
    /// What was deployed stays.
    Change,
}

impl Mode {
    /// Reads `all`, `tag` or `change`.
    ///
    /// # Errors
    /// Names the three.
    pub fn parse(text: &str) -> Result<Mode> {
        match text {
            "all" => Ok(Mode::All),
            "tag" => Ok(Mode::Tag),
            "change" => Ok(Mode::Change),
            _ => Err(Error::new(Kind::Usage, "deploy.mode", format!("Unknown deployment mode: \"{text}\""))
                .hint("use --mode all, tag or change")),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deployment {
    /// Everything up to the target is deployed.
    UpToDate,
    /// The database stands at the change that was asked for.
    AlreadyAt(String),
    /// These changes.
    Run(Run),
}

/// The changes to deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Positions in the plan, in order.
    pub positions: Vec<usize>,
    /// The position that `--to` named.
    pub through: Option<usize>,
    /// For each position: what its dependencies are recorded as.
    pub dependencies: Vec<Vec<Resolved>>,
}

/// One dependency as the registry records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The text, without `!` and without the own project's name.
    pub text: String,
    /// The id of the required change; none for a conflict.
    pub id: Option<Id>,
}

/// Where the database stands in the plan: the position after the latest deployed change.
///
/// # Errors
/// When the plan does not hold the latest deployed change.
pub fn position(plan: &Plan, state: &State) -> Result<usize> {
    let Some(latest) = state.latest() else { return Ok(0) };
    plan.position(&latest.id).map(|at| at + 1).ok_or_else(|| {
        let differences = drift::of_plan(plan, state);
        let shown = differences.iter().take(SHOWN_DIFFERENCES);
        let lines: String = shown.map(|one| format!("\n  * {}", one.describe(&plan.file))).collect();
        Error::new(
            Kind::Plan,
            "deploy.not_in_plan",
            format!("Cannot find change {} ({}) in {}{lines}", latest.id, latest.label(), plan.file),
        )
        .hint("if lines were moved, or a merge put some in between: change plan --repair")
        .hint(
            "otherwise put the plan back as it was (git log -p shows what it was); change check  lists all differences",
        )
        .hint("if the plan is right, the target is not: check the database it names")
    })
}

/// Decides what to deploy.
///
/// # Errors
/// Unknown targets, a target behind the database, missing requirements, conflicts, and changes
/// that are deployed out of order.
pub fn decide(plan: &Plan, state: &State, to: Option<&str>) -> Result<Deployment> {
    let from = position(plan, state)?;
    if plan.changes.is_empty() {
        return Err(Error::new(Kind::Plan, "deploy.empty", "Nothing to deploy (empty plan)")
            .hint("plan a first change: change add NAME"));
    }
    let through = to.map(|to| resolve::in_plan(plan, to)).transpose()?;
    let end = through.map_or(plan.changes.len(), |at| at + 1);
    if end == from {
        return Ok(match to {
            Some(to) => Deployment::AlreadyAt(to.to_owned()),
            None => Deployment::UpToDate,
        });
    }
    if end < from {
        return Err(Error::new(
            Kind::Usage,
            "deploy.earlier",
            "Cannot deploy to an earlier change; use \"revert\" instead",
        )
        .hint(format!("change revert --to {}", to.unwrap_or_default())));
    }
    let positions: Vec<usize> = (from..end).collect();
    let dependencies = dependencies(plan, state, &positions)?;
    Ok(Deployment::Run(Run { positions, through, dependencies }))
}

/// The dependencies of the pending changes that only the registry can answer: those on other
/// projects and on ids.
#[must_use]
pub fn foreign_dependencies(plan: &Plan, from: usize) -> Vec<Dependency> {
    let pending = plan.changes.get(from..).unwrap_or_default();
    let all = pending.iter().flat_map(|change| change.requires.iter().chain(&change.conflicts));
    let mut seen = HashSet::new();
    all.filter(|dependency| needs_registry(plan, dependency))
        .filter(|dependency| seen.insert(dependency.to_string()))
        .cloned()
        .collect()
}

fn needs_registry(plan: &Plan, dependency: &Dependency) -> bool {
    dependency.project.is_some() || own_position(plan, dependency).is_none()
}

/// The change of the plan that a dependency means. Like Sqitch, a bare name means its first
/// instance.
fn own_position(plan: &Plan, dependency: &Dependency) -> Option<usize> {
    match &dependency.subject {
        Subject::Change(name) => plan.instances(name).first().map(|at| *at as usize),
        _ => dependency.position(plan, usize::MAX),
    }
}

fn dependencies(plan: &Plan, state: &State, positions: &[usize]) -> Result<Vec<Vec<Resolved>>> {
    let deployed: HashSet<Id> = state.changes.iter().map(|change| change.id).collect();
    let mut there = deployed.clone();
    let mut trouble = Trouble::default();
    let mut resolved = Vec::with_capacity(positions.len());
    for change in positions.iter().filter_map(|at| plan.changes.get(*at)) {
        resolved.push(of_change(plan, state, change, &there, &mut trouble));
        if deployed.contains(&change.id) {
            trouble.again.push(format!("{} ({})", plan.label(change), change.id));
        }
        there.insert(change.id);
    }
    match trouble.error() {
        Some(error) => Err(error),
        None => Ok(resolved),
    }
}

fn of_change(
    plan: &Plan,
    state: &State,
    change: &Change,
    there: &HashSet<Id>,
    trouble: &mut Trouble,
) -> Vec<Resolved> {
    let find = |dependency: &Dependency| {
        if dependency.project.is_none()
            && let Some(at) = own_position(plan, dependency)
        {
            return plan.changes.get(at).map(|change| change.id).filter(|id| there.contains(id));
        }
        state.foreign.get(&dependency.to_string()).copied().flatten()
    };
    let mut list = Vec::with_capacity(change.requires.len() + change.conflicts.len());
    for dependency in &change.requires {
        let id = find(dependency);
        if id.is_none() {
            trouble.missing.push(dependency.to_string());
        }
        list.push(Resolved { text: dependency.to_string(), id });
    }
    for dependency in &change.conflicts {
        if find(dependency).is_some() {
            trouble.conflicts.push(dependency.to_string());
        }
        list.push(Resolved { text: dependency.to_string(), id: None });
    }
    list
}

#[derive(Default)]
struct Trouble {
    conflicts: Vec<String>,
    missing: Vec<String>,
    again: Vec<String>,
}

impl Trouble {
    fn error(self) -> Option<Error> {
        let mut lines = Vec::new();
        for (list, one, many) in [
            (
                self.conflicts,
                "Conflicts with previously deployed change:",
                "Conflicts with previously deployed changes:",
            ),
            (self.missing, "Missing required change:", "Missing required changes:"),
        ] {
            let mut seen = HashSet::new();
            let list: Vec<String> = list.into_iter().filter(|item| seen.insert(item.clone())).collect();
            match list.len() {
                0 => {}
                1 => lines.push(format!("{one} {}", list.join(" "))),
                _ => lines.push(format!("{many} {}", list.join(" "))),
            }
        }
        if !lines.is_empty() {
            return Some(
                Error::new(Kind::Plan, "deploy.dependencies", lines.join("\n"))
                    .hint("change log  shows what is deployed here, of all projects"),
            );
        }
        let message = match self.again.as_slice() {
            [] => return None,
            [one] => format!("Change \"{one}\" has already been deployed"),
            many => format!("Changes have already been deployed: {}", many.join(", ")),
        };
        Some(
            Error::new(Kind::Plan, "deploy.again", message)
                .hint("the plan was reordered after these were deployed: change plan --repair  puts it back"),
        )
    }
}
