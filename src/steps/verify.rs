//! What a verification looks at, in which order, and what is wrong before any script runs.

use super::{State, resolve};
use crate::error::{Error, Kind, Result};
use crate::plan::Plan;

/// What is to be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Neither plan nor registry hold a change.
    NothingPlanned,
    /// Nothing is deployed.
    NothingDeployed,
    /// These.
    Run(Run),
}

/// The changes to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The deployed changes to look at.
    pub items: Vec<Item>,
    /// Planned positions that should be deployed by now but are not.
    pub absent: Vec<usize>,
    /// Planned positions that are still to come.
    pub pending: Vec<usize>,
    /// How many changes the range covers, for the summary.
    pub count: usize,
}

/// One deployed change to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its position in [`State::changes`].
    pub deployed: usize,
    /// Its position in the plan; none if the plan does not hold it.
    pub planned: Option<usize>,
    /// It stands at another place in the plan than in the registry.
    pub out_of_order: bool,
    /// A later change of the plan reworks it, so that its script no longer has to hold.
    pub reworked: bool,
}

/// Decides what to verify.
///
/// # Errors
/// Unknown references; deployed changes with an empty plan.
pub fn decide(plan: &Plan, state: &State, from: Option<&str>, to: Option<&str>) -> Result<Verification> {
    if state.changes.is_empty() {
        let planned = !plan.changes.is_empty();
        return Ok(if planned { Verification::NothingDeployed } else { Verification::NothingPlanned });
    }
    if plan.changes.is_empty() {
        return Err(Error::new(
            Kind::Verify,
            "verify.no_plan",
            "There are deployed changes, but none planned!",
        )
        .hint("check that the plan file is the right one: change plan"));
    }
    let lookup = |reference: Option<&str>| -> Result<Option<(usize, usize)>> {
        let Some(reference) = reference else { return Ok(None) };
        let at = resolve::deployed_and_planned(plan, state, reference)?;
        Ok(state.changes.get(at).and_then(|change| plan.position(&change.id)).map(|planned| (at, planned)))
    };
    let last = state.changes.len() - 1;
    let latest_planned =
        state.latest().and_then(|change| plan.position(&change.id)).unwrap_or(plan.changes.len() - 1);
    let (first_deployed, first_planned) = lookup(from)?.unwrap_or((0, 0));
    let (last_deployed, last_planned) = lookup(to)?.unwrap_or((last, latest_planned));

    let mut seen = vec![false; plan.changes.len()];
    let mut items = Vec::new();
    for deployed in first_deployed..=last_deployed.max(first_deployed) {
        let Some(change) = state.changes.get(deployed) else { continue };
        let planned = plan.position(&change.id);
        if let Some(slot) = planned.and_then(|at| seen.get_mut(at)) {
            *slot = true;
        }
        let aside =
            |at: usize| plan.changes.get(at).is_some_and(|change| state.set_aside.contains(&change.id));
        let expected =
            |at: usize| first_planned + items.len() + (first_planned..at).filter(|at| aside(*at)).count();
        items.push(Item {
            deployed,
            planned,
            out_of_order: planned.is_some_and(|at| at != expected(at)),
            reworked: planned.and_then(|at| plan.changes.get(at)).is_some_and(|change| change.is_reworked()),
        });
    }
    let aside = |at: &usize| plan.changes.get(*at).is_some_and(|change| state.set_aside.contains(&change.id));
    let (set_aside, absent): (Vec<usize>, Vec<usize>) =
        (first_planned..=last_planned).filter(|at| seen.get(*at) == Some(&false)).partition(aside);
    let later = if to.is_none() { last_planned + 1..plan.changes.len() } else { 0..0 };
    let pending = set_aside.into_iter().chain(later).collect();
    let range = (last_planned + 1).saturating_sub(first_planned);
    Ok(Verification::Run(Run { count: range.max(items.len()), items, absent, pending }))
}
