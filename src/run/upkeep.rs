//! What is put right, compared and said before a deployment adds anything.

use super::scripts::path_of_deployed;
use super::{Context, record_of};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::plan::Plan;
use crate::policy::Answer;
use crate::project::Which;
use crate::steps::{Deployed, State, drift, resolve};
use std::collections::HashSet;

/// Tags that were planned after the latest change was deployed are recorded even if there is
/// nothing else to do, as Sqitch does.
pub(super) fn record_new_tags(context: &mut Context<'_>, state: &State) -> Result<()> {
    let Some(latest) = state.latest() else { return Ok(()) };
    let Some(planned) = context.plan.change(&latest.id) else { return Ok(()) };
    let mut record = record_of(context.plan, planned);
    record.tags.retain(|tag| !latest.tags.iter().any(|known| known.id == tag.id));
    for tag in &record.tags {
        let same_name =
            state.changes.iter().flat_map(|change| &change.tags).find(|known| known.name == tag.name);
        if same_name.is_some() {
            return Err(Error::new(
                Kind::Plan,
                "deploy.tag_moved",
                format!("the tag @{} is recorded with another id than the plan gives it", tag.name),
            )
            .hint("its line in the plan was edited after it was deployed; put the line back as it was"));
        }
    }
    if record.tags.is_empty() {
        return Ok(());
    }
    context.engine.record_tags(&record, context.who)
}

/// Whether the latest deployed change is the last one wanted, and nothing about it is to be put right.
pub(super) fn has_all(plan: &Plan, state: &State, to: Option<&str>) -> bool {
    let Some(latest) = state.latest() else { return false };
    let Some(at) = plan.position(&latest.id) else { return false };
    let wanted = match to {
        Some(to) => resolve::in_plan(plan, to).ok(),
        None => plan.changes.len().checked_sub(1),
    };
    let tagged = plan.changes.get(at).is_some_and(|change| {
        plan.tags_of(change).iter().all(|tag| latest.tags.iter().any(|known| known.id == tag.id))
    });
    let hashed = latest.script_hash.as_deref() != Some(latest.id.to_string().as_str());
    wanted == Some(at) && tagged && hashed && state.in_doubt.is_none() && state.unrecorded.is_none()
}

/// Sqitch knew no script hashes before its registry 1.0 and wrote the change's id in their place.
/// Like Sqitch, the first deployment that finds the id there puts the hashes in.
pub(super) fn record_missing_hashes(context: &mut Context<'_>, state: &mut State) -> Result<()> {
    let is_id = |change: &Deployed| change.script_hash.as_deref() == Some(change.id.to_string().as_str());
    if !state.latest().is_some_and(is_id) {
        return Ok(());
    }
    let mut taken = HashSet::new();
    let mut hashes = Vec::with_capacity(state.changes.len());
    for (at, change) in state.changes.iter().enumerate() {
        let path = path_of_deployed(context, state, at, Which::Deploy)?;
        let hash = context.project.read_any(&path)?.map(|text| text.sha1());
        hashes.push((change.id, super::unique_hash(hash, &mut taken)));
    }
    context.engine.record_hashes(&hashes)?;
    for (change, (_, hash)) in state.changes.iter_mut().zip(hashes) {
        change.script_hash = hash;
    }
    Ok(())
}

/// A gate that is switched off is never silent.
pub(super) fn tell_relaxed(context: &mut Context<'_>) {
    let gates = [
        ("policy.way_back", context.policies.way_back),
        ("policy.drift", context.policies.drift),
        ("policy.hazards", context.policies.hazards.answer),
    ];
    for (key, answer) in gates {
        if answer == Answer::Off {
            context.tell(&Event::Warning { text: format!("warning: {key} is off") });
        }
    }
    if context.policies.hazards.answer != Answer::Off {
        for note in context.policies.hazards.settings.notes.clone() {
            context.tell(&Event::Warning { text: format!("warning: {note}") });
        }
    }
}

/// Compares what is deployed with plan and scripts, before anything is added to it.
pub(super) fn check_drift(context: &mut Context<'_>, state: &State) -> Result<()> {
    if context.policies.drift == Answer::Off || state.changes.is_empty() {
        return Ok(());
    }
    let mut found = drift::of_plan(context.plan, state);
    found.extend(super::check::edited_deploy_scripts(context, state)?);
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        found.iter().map(|one| format!("  * {}", one.describe(&context.plan.file))).collect();
    let message = format!("what is deployed differs from the project:\n{}", super::listed(&lines));
    if context.policies.drift == Answer::Warn {
        context.tell(&Event::Warning { text: message });
        return Ok(());
    }
    Err(Error::new(Kind::Refused, "policy.drift", message)
        .hint("put the files back as they were (git log -p FILE), and change what is deployed by a new change: change rework NAME")
        .hint("change check  lists all differences; policy.drift = \"warn\" deploys in spite of them"))
}
