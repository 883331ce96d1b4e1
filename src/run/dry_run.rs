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
    /// `deploy`, `resume` or `verify`
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
        let script = one.script(context, reader, Which::Deploy)?;
        let verify = if request.verify { one.script(context, reader, Which::Verify)? } else { None };
        let scripts = script.iter().chain(&verify);
        let reason =
            scripts.filter_map(|script| Some((script, context.engine.stepwise_reason(script)?))).next();
        steps.push(Step {
            step: if goes_on == Some(one.position) { "resume" } else { "deploy" },
            change: context.plan.label(change),
            change_id: change.id.to_string(),
            script: context.project.script_path(context.plan, one.position, Which::Deploy)?,
            atomic: reason.is_none(),
            reason: reason.map(|(script, why)| format!("{}: {why}", script.path)),
            verified: verify.is_some(),
        });
    }
    Ok(steps)
}
