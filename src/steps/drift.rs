//! Where the plan and the scripts differ from what was deployed.

use super::{Checksums, State};
use crate::plan::{Id, Plan};

/// The digests of a change's scripts as they are in the project now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptDigests {
    /// SHA-1 of the deploy script, as Sqitch stores it.
    pub deploy_sha1: Option<String>,
    /// SHA-256 of all three.
    pub sha256: Checksums,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Divergence {
    /// The plan does not hold a deployed change. `same_name` is the id it has there under that name.
    NotPlanned {
        /// The deployed id.
        id: Id,
        /// The name.
        change: String,
        /// A change of that name that the plan holds, with its line.
        same_name: Option<(Id, u32)>,
    },
    /// The plan has the change at another place.
    OutOfOrder {
        /// The name.
        change: String,
        /// Place in the plan, from 1.
        planned: usize,
        /// Place in the registry, from 1.
        deployed: usize,
    },
    /// The plan has a change before deployed ones that is not deployed.
    Skipped {
        /// The name.
        change: String,
        /// Its line in the plan.
        line: u32,
    },
    /// A tag that is recorded is not in the plan, or is there with another id.
    Tag {
        /// The tag, without `@`.
        tag: String,
        /// The change it is recorded for.
        change: String,
        /// Its line, if the plan holds a tag of that name.
        line: Option<u32>,
    },
    /// A script is not what it was when the change was deployed.
    Edited {
        /// The name.
        change: String,
        /// The script's path.
        script: String,
        /// `deploy`, `verify` or `revert`
        which: &'static str,
    },
    /// A script is gone.
    Missing {
        /// The name.
        change: String,
        /// The script's path.
        script: String,
        /// `deploy`, `verify` or `revert`
        which: &'static str,
    },
}

impl Divergence {
    /// The difference in one line.
    #[must_use]
    pub fn describe(&self, plan_file: &str) -> String {
        match self {
            Divergence::NotPlanned { id, change, same_name: None } => {
                format!("{change} ({}) is deployed, but {plan_file} does not hold it", id.short(7))
            }
            Divergence::NotPlanned { id, change, same_name: Some((planned, line)) } => format!(
                "{change} is deployed as {}, but line {line} of {plan_file} gives it the id {}: that line or one before it was edited, added, moved or removed",
                id.short(7),
                planned.short(7)
            ),
            Divergence::OutOfOrder { change, planned, deployed } => {
                format!("{change} was deployed as change {deployed}, but is change {planned} of {plan_file}")
            }
            Divergence::Skipped { change, line } => {
                format!(
                    "{change} (line {line} of {plan_file}) stands before deployed changes, but is not deployed"
                )
            }
            Divergence::Tag { tag, change, line: None } => {
                format!("@{tag} is recorded for {change}, but {plan_file} does not hold it")
            }
            Divergence::Tag { tag, change, line: Some(line) } => {
                format!("@{tag} is recorded for {change}, but line {line} of {plan_file} gives it another id")
            }
            Divergence::Edited { change, script, .. } => {
                format!("{script} was edited since {change} was deployed")
            }
            Divergence::Missing { change, script, .. } => {
                format!("{script} is gone since {change} was deployed")
            }
        }
    }
}

/// The differences of the plan: changes that are gone, moved or passed over.
#[must_use]
pub fn of_plan(plan: &Plan, state: &State) -> Vec<Divergence> {
    let mut list = Vec::new();
    let mut deployed = vec![false; plan.changes.len()];
    let mut furthest = 0;
    for (place, change) in state.changes.iter().enumerate() {
        match plan.position(&change.id) {
            None => {
                let same_name =
                    plan.instances(&change.name).last().and_then(|at| plan.changes.get(*at as usize));
                list.push(Divergence::NotPlanned {
                    id: change.id,
                    change: change.name.clone(),
                    same_name: same_name.map(|change| (change.id, change.line)),
                });
            }
            Some(at) => {
                if let Some(slot) = deployed.get_mut(at) {
                    *slot = true;
                }
                if at + 1 < furthest {
                    list.push(Divergence::OutOfOrder {
                        change: change.name.clone(),
                        planned: at + 1,
                        deployed: place + 1,
                    });
                }
                furthest = furthest.max(at + 1);
            }
        }
    }
    for (at, change) in plan.changes.iter().enumerate().take(furthest) {
        if deployed.get(at) == Some(&false) && !state.set_aside.contains(&change.id) {
            list.push(Divergence::Skipped { change: change.name.clone(), line: change.line });
        }
    }
    list
}

/// Recorded tags that the plan does not hold as they are recorded. Changes that the plan does not
/// hold are left out: their tags go with them.
#[must_use]
pub fn of_tags(plan: &Plan, state: &State) -> Vec<Divergence> {
    let planned = state.changes.iter().filter(|change| plan.position(&change.id).is_some());
    let tags = planned.flat_map(|change| change.tags.iter().map(move |tag| (change, tag)));
    tags.filter(|(_, tag)| plan.tag_with_id(&tag.id).is_none())
        .map(|(change, tag)| Divergence::Tag {
            tag: tag.name.to_string(),
            change: change.name.to_string(),
            line: plan.tag(&tag.name).map(|tag| tag.line),
        })
        .collect()
}

/// The differences of one deployed change's scripts. `recorded` are our own checksums, which a
/// registry made by Sqitch does not hold; then only the deploy script can be compared.
#[must_use]
pub fn of_scripts(
    change: &str,
    script_hash: Option<&str>,
    recorded: Option<&Checksums>,
    now: &ScriptDigests,
    path: &dyn Fn(&'static str) -> String,
) -> Vec<Divergence> {
    let mut list = Vec::new();
    let none = Checksums::default();
    let recorded = recorded.unwrap_or(&none);
    let deploy = match script_hash {
        // Sqitch wrote the change's id here before it knew script hashes; nothing to compare then.
        Some(hash) => (Some(hash), now.deploy_sha1.as_deref()),
        None => (recorded.deploy.as_deref(), now.sha256.deploy.as_deref()),
    };
    let rest = [
        ("deploy", deploy),
        ("revert", (recorded.revert.as_deref(), now.sha256.revert.as_deref())),
        ("verify", (recorded.verify.as_deref(), now.sha256.verify.as_deref())),
    ];
    for (which, (then, now)) in rest {
        match (then, now) {
            (Some(_), None) => {
                list.push(Divergence::Missing { change: change.to_owned(), script: path(which), which });
            }
            (Some(then), Some(now)) if then != now => {
                list.push(Divergence::Edited { change: change.to_owned(), script: path(which), which });
            }
            _ => {}
        }
    }
    list
}
