//! Verifying what is deployed; nothing the scripts do stays.

use super::scripts::{path_of_deployed, read_now};
use super::{Context, ScriptOutput, check, width};
use crate::error::{Error, Kind, Result};
use crate::event::{Action, Event, Verdict};
use crate::project::Which;
use crate::steps::State;
use crate::steps::culprit::{self, Later};
use crate::steps::verify::{self, Item, Verification};
use std::time::Instant;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The first change to verify.
    pub from: Option<String>,
    /// The last change to verify.
    pub to: Option<String>,
    /// Whether the output of the scripts is shown.
    pub verbose: bool,
}

/// Verifies.
///
/// # Errors
/// When something does not hold, after the whole report.
pub fn verify(context: &mut Context<'_>, request: &Request) -> Result<()> {
    check::require_registry(context)?;
    let state = context.state()?;
    context.warn_of_unrecorded(&state);
    context.require_target(&state)?;
    let started = |changes: usize, context: &Context<'_>| Event::Started {
        action: Action::Verify,
        destination: context.engine.destination().to_owned(),
        limit: None,
        changes,
        asked: false,
    };
    let event = started(state.changes.len(), context);
    context.tell(&event);
    let run = match verify::decide(context.plan, &state, request.from.as_deref(), request.to.as_deref())? {
        Verification::NothingDeployed => return nothing(context, "No changes deployed"),
        Verification::NothingPlanned => {
            return nothing(context, "Nothing to verify (no planned or deployed changes)");
        }
        Verification::Run(run) => run,
    };
    let planned = |at: &usize| context.plan.changes.get(*at).map(|change| context.plan.label(change));
    let absent: Vec<String> = run.absent.iter().filter_map(planned).collect();
    let pending: Vec<String> = run.pending.iter().filter_map(planned).collect();
    let labels: Vec<String> = run
        .items
        .iter()
        .filter_map(|item| state.changes.get(item.deployed))
        .map(|change| change.label())
        .collect();
    let width = width(labels.iter().chain(&absent));
    let start = Instant::now();
    let mut errors = 0;
    for (item, label) in run.items.iter().zip(&labels) {
        context.stop_if_interrupted()?;
        errors += one(context, request, &state, item, label, width)?;
    }
    for label in &absent {
        not_deployed(context, label, width);
        errors += 1;
    }
    if !pending.is_empty() {
        context.tell(&Event::Undeployed { changes: pending });
    }
    if errors > 0 {
        context.tell(&Event::VerifyReport { changes: run.count, errors });
        return Err(Error::new(Kind::Verify, "verify.failed", "Verify failed"));
    }
    if let Some(in_doubt) = &state.in_doubt {
        return Err(super::in_doubt_error(in_doubt));
    }
    context.tell(&Event::VerifyPassed);
    context.tell(&Event::Finished {
        action: Action::Verify,
        changes: run.items.len(),
        duration_ms: start.elapsed().as_millis(),
        next: None,
    });
    Ok(())
}

fn nothing(context: &mut Context<'_>, text: &str) -> Result<()> {
    context.tell(&Event::Nothing { text: text.to_owned() });
    Ok(())
}

fn not_deployed(context: &mut Context<'_>, label: &str, width: usize) {
    let name = label.split(' ').next().unwrap_or_default().to_owned();
    context.tell(&Event::ChangeStarted {
        action: Action::Verify,
        change: name.clone(),
        change_id: String::new(),
        label: label.to_owned(),
        width,
    });
    context.tell(&Event::ChangeFinished {
        action: Action::Verify,
        change: name,
        change_id: String::new(),
        verdict: Verdict::NotOk,
        duration_ms: 0,
    });
    context.tell(&Event::Remark { text: "Not deployed".to_owned() });
}

/// The error of a verify script, with the later change that most likely made it fail.
fn blamed(context: &Context<'_>, state: &State, at: usize, verify: &str, error: Error) -> Error {
    let mut later = Vec::new();
    for (position, change) in state.changes.iter().enumerate().skip(at + 1) {
        let path = path_of_deployed(context, state, position, Which::Deploy);
        // What cannot be read is not to blame for this.
        if let Some(text) = path.ok().and_then(|path| context.project.read_any(&path).ok().flatten()) {
            later.push(Later { change: change.label(), path: text.path.clone(), text: text.text.clone() });
        }
    }
    match culprit::find(error.message(), verify, &later, context.engine.dialect()) {
        Some(found) => error.hint(format!(
            "{} came later, and may be why: {}:{}: {}",
            found.change, found.path, found.line, found.statement
        )),
        None => error,
    }
}

/// Verifies one change and says how many errors it has.
fn one(
    context: &mut Context<'_>,
    request: &Request,
    state: &State,
    item: &Item,
    label: &str,
    width: usize,
) -> Result<usize> {
    let Some(change) = state.changes.get(item.deployed) else { return Ok(0) };
    let start = Instant::now();
    context.tell(&Event::ChangeStarted {
        action: Action::Verify,
        change: change.name.clone(),
        change_id: change.id.to_string(),
        label: label.to_owned(),
        width,
    });
    let mut errors = 0;
    let mut remark = |context: &mut Context<'_>, text: String| {
        errors += 1;
        context.tell(&Event::Remark { text });
    };
    if item.planned.is_none() {
        remark(context, "Not present in the plan".to_owned());
    } else if item.out_of_order {
        remark(context, "Out of order".to_owned());
    }
    // A reworked change's script need not hold any more: its later instance is what counts.
    if !item.reworked {
        let path = path_of_deployed(context, state, item.deployed, Which::Verify)?;
        match read_now(context.project, &path, context.engine.dialect()) {
            Ok(None) => {
                context.tell(&Event::Warning { text: format!("Verify script {path} does not exist") })
            }
            Ok(Some(script)) => {
                let mut output = ScriptOutput::new(context.listener, request.verbose);
                if let Err(error) = context.engine.verify(&script, &mut output) {
                    let error = blamed(context, state, item.deployed, &script.text, error);
                    context.tell(&Event::Trouble { error });
                    remark(context, format!("Verify script \"{path}\" failed."));
                }
            }
            Err(error) => {
                context.tell(&Event::Trouble { error });
                remark(context, format!("Verify script \"{path}\" cannot be read."));
            }
        }
    }
    context.tell(&Event::ChangeFinished {
        action: Action::Verify,
        change: change.name.clone(),
        change_id: change.id.to_string(),
        verdict: if errors == 0 { Verdict::Ok } else { Verdict::NotOk },
        duration_ms: start.elapsed().as_millis(),
    });
    Ok(errors)
}
