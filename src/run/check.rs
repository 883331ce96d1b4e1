//! Comparing what is deployed with plan and scripts.

use super::Context;
use super::scripts::path_of_deployed;
use crate::engine::Presence;
use crate::error::{Error, Kind, Result};
use crate::project::{Digests, Which};
use crate::steps::drift::{self, Divergence, ScriptDigests};
use crate::steps::{Checksums, State, resolve};

/// What a check found.
#[derive(Debug, Clone)]
pub struct Report {
    /// Whether anything is deployed.
    pub deployed: usize,
    /// All differences, those of the plan first.
    pub divergences: Vec<Divergence>,
    /// A change that stopped half-way, which no comparison can judge.
    pub in_doubt: Option<Error>,
}

/// Compares every deployed change between two references.
///
/// # Errors
/// When there is no registry, a reference is unknown, or a script cannot be read.
pub fn check(context: &mut Context<'_>, from: Option<&str>, to: Option<&str>) -> Result<Report> {
    require_registry(context)?;
    let state = context.state()?;
    context.warn_of_unrecorded(&state);
    if state.changes.is_empty() {
        let in_doubt = state.in_doubt.as_ref().map(super::in_doubt_error);
        return Ok(Report { deployed: 0, divergences: Vec::new(), in_doubt });
    }
    context.require_target(&state)?;
    let at = |reference: Option<&str>| {
        reference.map(|reference| resolve::deployed_and_planned(context.plan, &state, reference)).transpose()
    };
    let (first, last) = (at(from)?, at(to)?);
    let whole = first.is_none() && last.is_none();
    let mut divergences = if whole { drift::of_plan(context.plan, &state) } else { Vec::new() };
    divergences.extend(drift::of_tags(context.plan, &state));
    let checksums = context.engine.checksums(&context.plan.project)?;
    for at in first.unwrap_or(0)..=last.unwrap_or(state.changes.len() - 1) {
        let Some(change) = state.changes.get(at) else { continue };
        let mut paths = [String::new(), String::new(), String::new()];
        for (slot, which) in paths.iter_mut().zip(Which::ALL) {
            *slot = path_of_deployed(context, &state, at, which)?;
        }
        let [deploy, revert, verify] = &paths;
        // Digests are of bytes: a script that Sqitch deployed need not be UTF-8.
        let [deployed, reverted, verified] =
            [deploy, revert, verify].map(|path| context.project.digests(path));
        let (deployed, reverted, verified) = (deployed?, reverted?, verified?);
        let sha256 = |found: Option<Digests>| found.map(|digests| digests.sha256);
        let now = ScriptDigests {
            deploy_sha1: deployed.as_ref().map(|digests| digests.sha1.clone()),
            sha256: Checksums {
                deploy: sha256(deployed),
                revert: sha256(reverted),
                verify: sha256(verified),
            },
        };
        let path = |which: &'static str| match which {
            "revert" => revert.clone(),
            "verify" => verify.clone(),
            _ => deploy.clone(),
        };
        let hash = change.script_hash.as_deref().filter(|hash| *hash != change.id.to_string());
        divergences.extend(drift::of_scripts(&change.label(), hash, checksums.get(&change.id), &now, &path));
    }
    let in_doubt = state.in_doubt.as_ref().map(super::in_doubt_error);
    Ok(Report { deployed: state.changes.len(), divergences, in_doubt })
}

/// Deployed changes whose deploy script is not what it was.
pub(super) fn edited_deploy_scripts(context: &mut Context<'_>, state: &State) -> Result<Vec<Divergence>> {
    // Sqitch leaves no hash of a change that was deployed without a script; our own tables may.
    let unhashed = state.changes.iter().any(|change| change.script_hash.is_none());
    let checksums =
        if unhashed { context.engine.checksums(&context.plan.project)? } else { Default::default() };
    let mut found = Vec::new();
    for (at, change) in state.changes.iter().enumerate() {
        let sha256 = || checksums.get(&change.id).and_then(|known| known.deploy.as_deref());
        let known = match change.script_hash.as_deref() {
            // A hash equal to the id stems from a Sqitch that knew no hashes.
            Some(hash) => (Some(hash).filter(|hash| *hash != change.id.to_string()), None),
            None => (None, sha256()),
        };
        if known == (None, None) {
            continue;
        }
        let path = path_of_deployed(context, state, at, Which::Deploy)?;
        // A script that is gone is no danger to what comes next; `check` reports it.
        let Some(digests) = context.project.digests(&path)? else { continue };
        let same = match known {
            (Some(sha1), _) => sha1 == digests.sha1,
            (None, sha256) => sha256.is_none_or(|sha256| sha256 == digests.sha256),
        };
        if !same {
            found.push(Divergence::Edited { change: change.label(), script: path, which: "deploy" });
        }
    }
    Ok(found)
}

/// Refuses to go on without a registry.
pub(super) fn require_registry(context: &mut Context<'_>) -> Result<()> {
    let registry = context.engine.registry_destination().to_owned();
    match context.engine.presence()? {
        Presence::Missing => Err(Error::new(
            Kind::Database,
            "registry.missing",
            format!("No registry found in {registry}. Have you ever deployed?"),
        )
        .hint("change deploy  makes it; --target and --registry name another place")),
        Presence::HalfMade => Err(half_made(&registry)),
        Presence::Version(version) if version < crate::engine::REGISTRY_VERSION => Err(Error::new(
            Kind::Database,
            "registry.old",
            format!(
                "Registry is at version {version:.1} but latest is {:.1}",
                crate::engine::REGISTRY_VERSION
            ),
        )
        .hint("change upgrade")),
        Presence::Version(version) if version > crate::engine::REGISTRY_VERSION => Err(Error::new(
            Kind::Database,
            "registry.newer",
            format!(
                "Registry version is {version} but {:.1} is the latest known",
                crate::engine::REGISTRY_VERSION
            ),
        )
        .hint("use a newer version of this program")),
        Presence::Version(_) => Ok(()),
    }
}

/// The error for a registry of which nobody can say what it holds before it is completed.
pub(super) fn half_made(registry: &str) -> Error {
    Error::new(Kind::Database, "registry.half_made", format!("The registry in {registry} was left half-made"))
        .hint("change deploy  completes it")
}

/// Refuses to go on without a registry, but takes an older one, which is upgraded on the way.
pub(super) fn require_registry_or_upgradable(context: &mut Context<'_>) -> Result<()> {
    match context.engine.presence()? {
        Presence::Version(version) if version < crate::engine::REGISTRY_VERSION => Ok(()),
        _ => require_registry(context),
    }
}
