//! `change adopt`

use super::super::config_edit::edit_project_file;
use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use crate::config::Origin;
use crate::error::{Error, Kind, Result};
use crate::steps::resolve;
use clap::Args;

/// Accept what was planned before today: changes up to CHANGE need no way back.
///
/// Sets policy.since. Without CHANGE, the last planned change is meant. Changes planned after it
/// are held to the rule.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The last change or tag that is exempt
    #[arg(value_name = "CHANGE")]
    change: Option<String>,
    /// A target, if its plan is another one
    #[arg(short, long, value_name = "TARGET")]
    target: Option<String>,
    #[command(flatten)]
    paths: Paths,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let connect =
        Connect { target: arguments.target.clone().or_else(|| any_target(session)), ..Connect::default() };
    let opened = session.target(None, &connect, &arguments.paths)?;
    let plan = opened.project.plan()?;
    let reference = match &arguments.change {
        Some(change) => {
            resolve::in_plan(&plan, change)?;
            change.clone()
        }
        None => {
            let last = plan.changes.last().ok_or_else(|| {
                Error::new(Kind::Plan, "plan.empty", format!("No changes in {}", plan.file))
                    .hint("there is nothing to adopt yet")
            })?;
            // A name may be reworked later; a tag, or the id, stays what it is.
            plan.tags_of(last).first().map_or_else(|| last.id.to_string(), |tag| format!("@{}", tag.name))
        }
    };
    let at = resolve::in_plan(&plan, &reference)?;
    let file = edit_project_file(session, "policy.since", &reference)?;
    let label = plan.changes.get(at).map(|change| plan.label(change)).unwrap_or_default();
    ui::write_out(&format!(
        "Set policy.since = {reference} in {file}\nUp to {label} ({}) no way back is required; every later change needs one.\n",
        super::deploy::plural(at + 1, "change")
    ))?;
    Ok(0)
}

/// A project may have a plan and no configuration, with its database named on each command line.
/// Only the plan matters here, so any engine will do.
fn any_target(session: &Session) -> Option<String> {
    (!session.config.has_layer(Origin::Project)).then(|| "db:sqlite:".to_owned())
}
