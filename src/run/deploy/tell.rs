//! What a deployment says before and after.

use super::super::Context;
use crate::event::{Action, Event};
use crate::steps::deploy::Run;

/// The command to type next.
pub(super) fn next_step(context: &Context<'_>, run: &Run) -> Option<String> {
    let last = run.positions.last().copied()?;
    let left = context.plan.changes.len() - last - 1;
    match left {
        0 => Some("change status".to_owned()),
        _ => Some(format!("change deploy  ({left} more planned)")),
    }
}

/// Says what begins.
pub(super) fn announce(context: &mut Context<'_>, run: &Run) {
    let label = |at: usize| context.plan.changes.get(at).map(|change| context.plan.label(change));
    let event = Event::Started {
        action: Action::Deploy,
        destination: context.engine.destination().to_owned(),
        limit: run.through.and_then(label),
        changes: run.positions.len(),
        asked: false,
    };
    context.tell(&event);
}
