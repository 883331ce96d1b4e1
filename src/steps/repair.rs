//! Bringing a plan back into the order in which its changes were deployed.
//!
//! Ids hash the line and the id of the change before, so that a line that was moved, or put in between by
//! a merge, gives all after it other ids. In the old order the old ids come back, without touching the
//! registry.

use super::State;
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Plan};

/// A plan that was put into order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Its text.
    pub text: String,
    /// The changes that stand elsewhere now, in their new order.
    pub moved: Vec<String>,
}

/// Puts the deployed changes first, in the order of their deployment; `None` if they stand so already.
///
/// # Errors
/// When the plan has no line for a deployed change, or lines were edited so that ids differ all the same.
pub fn repair(plan: &Plan, text: &str, state: &State) -> Result<Option<Repaired>> {
    let mut order = Vec::with_capacity(plan.changes.len());
    for change in &state.changes {
        let same = |at: &usize| {
            plan.changes.get(*at).is_some_and(|planned| {
                planned.name == change.name
                    && planned.planned_at == change.planned_at
                    && *planned.planner == *change.planner
            })
        };
        let found = (0..plan.changes.len()).find(|at| !order.contains(at) && same(at));
        order.push(found.ok_or_else(|| no_line(plan, change))?);
    }
    let pending: Vec<usize> = (0..plan.changes.len()).filter(|at| !order.contains(at)).collect();
    order.extend(pending);
    let text = plan::reordered(plan, text, &order);
    let repaired = plan::parse(&plan.file, text.as_bytes()).map_err(|error| {
        Error::new(Kind::Plan, "repair.order", "the order of deployment breaks the plan").and([error])
    })?;
    let differing =
        state.changes.iter().zip(&repaired.changes).find(|(deployed, planned)| deployed.id != planned.id);
    if let Some((deployed, planned)) = differing {
        let message = format!(
            "{} has the id {} even in its old place, not {}",
            deployed.name,
            planned.id.short(7),
            deployed.id.short(7)
        );
        return Err(Error::new(Kind::Plan, "repair.edited", message)
            .because(format!(
                "its line ({} in {}) was edited: the note, the dependencies, or %uri",
                planned.line, plan.file
            ))
            .hint(format!(
                "git log -p {}  shows what it was; put it back, and run the command again",
                plan.file
            )));
    }
    let moved: Vec<String> = order
        .iter()
        .enumerate()
        .filter(|(now, before)| now != *before)
        .filter_map(|(_, before)| plan.changes.get(*before))
        .map(|change| plan.label(change))
        .collect();
    Ok((!moved.is_empty()).then_some(Repaired { text, moved }))
}

fn no_line(plan: &Plan, change: &super::Deployed) -> Error {
    let planner = &change.planner;
    let message = format!("{} has no line for {}, which is deployed", plan.file, change.label());
    let line = format!("{} … {} {} <{}>", change.name, change.planned_at, planner.name, planner.email);
    let same_name = plan.instances(&change.name).last().and_then(|at| plan.changes.get(*at as usize));
    let error =
        Error::new(Kind::Plan, "repair.missing", message).because(format!("it was planned as: {line}"));
    match same_name {
        Some(other) => error.hint(format!(
            "line {} has its name, but another time or planner: put it back as it was",
            other.line
        )),
        None => error.hint(format!("git log -p {}  shows what became of it", plan.file)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::steps::{Deployed, DeployedTag};
    use std::sync::Arc;

    fn deployed(plan: &Plan) -> State {
        let changes = plan.changes.iter().map(|change| Deployed {
            id: change.id,
            script_hash: None,
            name: change.name.clone(),
            note: change.note.clone(),
            committed_at: jiff::Timestamp::UNIX_EPOCH,
            committer: Arc::clone(&change.planner),
            planned_at: change.planned_at,
            planner: Arc::clone(&change.planner),
            tags: Vec::<DeployedTag>::new(),
        });
        State { changes: changes.collect(), ..State::default() }
    }

    fn parsed(names: &[&str]) -> (Plan, String) {
        let line = |name: &&str| {
            let second = name.bytes().next().unwrap() - b'a';
            format!("{name} 2024-01-01T00:00:{second:02}Z P Q <p@q.r> # {name}\n")
        };
        let text =
            format!("%syntax-version=1.0.0\n%project=p\n\n{}", names.iter().map(line).collect::<String>());
        (plan::parse("sqitch.plan", text.as_bytes()).unwrap(), text)
    }

    #[test]
    fn what_a_merge_put_in_between_goes_behind() {
        let (before, _) = parsed(&["a", "b", "c"]);
        let (mixed, text) = parsed(&["a", "x", "b", "y", "c"]);
        let repaired = repair(&mixed, &text, &deployed(&before)).unwrap().unwrap();
        assert_eq!(repaired.text, parsed(&["a", "b", "c", "x", "y"]).1);
        assert_eq!(repaired.moved, ["b", "c", "x", "y"]);
        let (whole, text) = parsed(&["a", "b", "c", "x"]);
        assert_eq!(repair(&whole, &text, &deployed(&before)).unwrap(), None);
    }

    #[test]
    fn what_was_edited_or_removed_is_named() {
        let (before, _) = parsed(&["a", "b"]);
        let (_, text) = parsed(&["a", "b"]);
        let edited = text.replace("# a", "# another note");
        let plan = plan::parse("sqitch.plan", edited.as_bytes()).unwrap();
        let error = repair(&plan, &edited, &deployed(&before)).unwrap_err();
        assert!(error.message().starts_with("a has the id"), "{error}");
        let (less, text) = parsed(&["a"]);
        assert!(repair(&less, &text, &deployed(&before)).unwrap_err().message().contains("no line for b"));
    }
}
