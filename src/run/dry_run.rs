//! What a deployment would do, as a list.

use super::Context;
use super::deploy::Request;
use super::preflight::Pending;
use super::scripts::Reader;
use crate::error::Result;
use crate::project::Which;

/// One step of a deployment, as `--dry-run` shows it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Step {
    /// `deploy` or `resume`
    pub step: &'static str,
    /// The change.
    pub change: String,
    /// Its id.
    pub change_id: String,
    /// Its deploy script.
    pub script: String,
    /// Whether script, verify script and record are one transaction.
    pub atomic: bool,
    /// Why they are not.
    pub reason: Option<String>,
    /// Whether it is verified.
    pub verified: bool,
}

/// The list of steps, and nothing done.
pub(super) fn steps(
    context: &Context<'_>,
    reader: &Reader<'_>,
    request: &Request,
    pending: &[Pending],
    goes_on: Option<usize>,
) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for one in pending {
        let Some(change) = context.plan.changes.get(one.position) else { continue };
        let path = context.project.script_path(context.plan, one.position, Which::Deploy)?;
        let script = if request.log_only { None } else { one.script(context, reader, Which::Deploy)? };
        let verify = if request.verify { one.script(context, reader, Which::Verify)? } else { None };
        let resumes = goes_on == Some(one.position);
        let reason = match &script {
            Some(_) if resumes => Some(format!("{path}: it goes on where it stopped")),
            Some(script) => context.engine.stepwise_reason(script, verify.as_ref())?,
            None => None,
        };
        steps.push(Step {
            step: if resumes { "resume" } else { "deploy" },
            change: context.plan.label(change),
            change_id: change.id.to_string(),
            script: path,
            atomic: reason.is_none(),
            reason,
            verified: verify.is_some(),
        });
    }
    Ok(steps)
}
