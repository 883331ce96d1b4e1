//! What stopped half-way: going on with it, or saying how it is.

use super::revert::record_of_stopped;
use super::{Context, check, deploy, revert};
use crate::engine::{Doubtful, Settlement};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::steps::InDoubt;

/// The change that stopped half-way.
///
/// # Errors
/// When there is none.
fn stopped(context: &mut Context<'_>) -> Result<InDoubt> {
    check::require_registry(context)?;
    context.lock()?;
    context.prepare()?;
    context.state()?.in_doubt.ok_or_else(|| {
        Error::new(Kind::Nothing, "resume.nothing", "No change stopped half-way; there is nothing to settle")
    })
}

/// Goes on with the stopped change, and stops after it.
///
/// # Errors
/// As a deployment or a revert.
pub fn resume(context: &mut Context<'_>, doubtful: Doubtful, verify: bool) -> Result<()> {
    let in_doubt = stopped(context)?;
    if doubtful == Doubtful::Skip && !in_doubt.begun {
        let message = format!(
            "the statement at {}:{} failed and took no effect: nothing is in doubt that could be skipped",
            in_doubt.script, in_doubt.line
        );
        return Err(Error::new(Kind::Usage, "resume.not_in_doubt", message)
            .hint("mend the statement, or take it out of the script, then: change resume"));
    }
    if in_doubt.direction == "revert" {
        let request = revert::Request { doubtful: Some(doubtful), ..revert::Request::default() };
        return revert::revert(context, &request, &mut |_| Ok(revert::Answer::InAdvance)).map(|_| ());
    }
    let request = deploy::Request {
        to: Some(in_doubt.change_id.to_string()),
        verify,
        doubtful: Some(doubtful),
        mode: crate::steps::deploy::Mode::Change,
        ..deploy::Request::default()
    };
    deploy::deploy(context, &request).map(|_| ())
}

/// Records what a person found out about the stopped change.
///
/// # Errors
/// When another change is named than the one that stopped.
pub fn mark(context: &mut Context<'_>, change: &str, settlement: Settlement) -> Result<()> {
    let in_doubt = stopped(context)?;
    if change != in_doubt.change && change != in_doubt.change_id.to_string() {
        return Err(Error::new(
            Kind::Usage,
            "mark.other",
            format!("\"{change}\" did not stop half-way; {} did", in_doubt.change),
        )
        .hint(format!("change mark deployed {0}  or  change mark reverted {0}", in_doubt.change)));
    }
    let state = context.state()?;
    let (mut record, label) = record_of_stopped(context, &state, &in_doubt)?;
    if settlement == Settlement::Deployed {
        complete(context, &state, &mut record)?;
    }
    context.engine.settle(&in_doubt, &record, settlement, context.who)?;
    let word = if settlement == Settlement::Deployed { "deployed" } else { "not deployed" };
    context.tell(&Event::Info { text: format!("Marked {label} as {word}") });
    Ok(())
}

/// A change that is marked as deployed gets the rows that deploying it would have written.
fn complete(
    context: &mut Context<'_>,
    state: &crate::steps::State,
    record: &mut crate::engine::record::ChangeRecord,
) -> Result<()> {
    let Some(position) = context.plan.position(&record.id) else { return Ok(()) };
    let mut state = state.clone();
    let foreign = crate::steps::deploy::foreign_dependencies(context.plan, position);
    state.foreign = context.engine.find(&context.plan.project, &foreign)?;
    let resolved = crate::steps::deploy::decide(context.plan, &state, Some(&record.id.to_string()))?;
    if let crate::steps::deploy::Deployment::Run(run) = resolved
        && let Some(dependencies) = run.dependencies.last()
    {
        deploy::resolve(record, dependencies);
    }
    let path = context.project.script_path(context.plan, position, crate::project::Which::Deploy)?;
    let hash = context.project.read_any(&path)?.map(|text| text.sha1());
    record.script_hash =
        hash.filter(|hash| !state.changes.iter().any(|change| change.script_hash.as_ref() == Some(hash)));
    Ok(())
}
