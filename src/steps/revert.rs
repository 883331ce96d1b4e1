//! Which changes a revert takes back, and whether something else still needs them.

use super::{Dependent, State, resolve};
use crate::error::{Error, Kind, Result};
use crate::plan::{Id, Plan};
use std::collections::{HashMap, HashSet};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reversion {
    /// Nothing is deployed.
    NothingDeployed,
    /// Nothing was deployed after this reference.
    NothingSince(String),
    /// These changes.
    Run {
        /// Positions in [`State::changes`], the latest first.
        positions: Vec<usize>,
        /// The position of the change that stays, if one stays.
        to: Option<usize>,
    },
}

/// Decides what to revert.
///
/// # Errors
/// Unknown, ambiguous or undeployed references.
pub fn decide(plan: &Plan, state: &State, to: Option<&str>) -> Result<Reversion> {
    let stays = to.map(|to| resolve::deployed(plan, state, to)).transpose()?;
    if state.changes.is_empty() {
        return Ok(Reversion::NothingDeployed);
    }
    let first = stays.map_or(0, |at| at + 1);
    if first == state.changes.len() {
        return Ok(Reversion::NothingSince(to.unwrap_or_default().to_owned()));
    }
    Ok(Reversion::Run { positions: (first..state.changes.len()).rev().collect(), to: stays })
}

/// Decides to revert one change alone; others that were deployed after it stay.
///
/// # Errors
/// Unknown, ambiguous or undeployed references.
pub fn only(plan: &Plan, state: &State, change: &str) -> Result<Reversion> {
    let at = resolve::deployed(plan, state, change)?;
    Ok(Reversion::Run { positions: vec![at], to: None })
}

/// Refuses a revert of changes that others, in any project, still require.
///
/// # Errors
/// One line per blocked change.
pub fn check_dependents(
    plan: &Plan,
    state: &State,
    positions: &[usize],
    dependents: &[Dependent],
) -> Result<()> {
    let mut by_required: HashMap<Id, Vec<&Dependent>> = HashMap::new();
    for dependent in dependents {
        by_required.entry(dependent.required).or_default().push(dependent);
    }
    let mut going: HashSet<Id> = HashSet::new();
    let mut lines = Vec::new();
    for change in positions.iter().filter_map(|at| state.changes.get(*at)) {
        going.insert(change.id);
        let requiring: Vec<String> = by_required
            .get(&change.id)
            .into_iter()
            .flatten()
            .filter(|dependent| !going.contains(&dependent.id))
            .map(|dependent| {
                let project = if dependent.project == plan.project {
                    String::new()
                } else {
                    format!("{}:", dependent.project)
                };
                let tag = dependent.as_of_tag.as_deref().map(|tag| format!("@{tag}")).unwrap_or_default();
                format!("{project}{}{tag}", dependent.name)
            })
            .collect();
        let changes = if requiring.len() == 1 { "change" } else { "changes" };
        if !requiring.is_empty() {
            lines.push(format!(
                "Change \"{}\" required by currently deployed {changes}: {}",
                change.label(),
                requiring.join(" ")
            ));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    // Within a project, what is required goes after what requires it, unless it goes on its own.
    let elsewhere = dependents.iter().any(|dependent| dependent.project != plan.project);
    let hint = if elsewhere { "revert those first, in their own project" } else { "revert those first" };
    Err(Error::new(Kind::Plan, "revert.required", lines.join("\n")).hint(hint))
}
