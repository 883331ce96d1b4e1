//! References on the command line, resolved with errors that say what else there is.

use super::State;
use crate::error::{Error, Kind, Result};
use crate::plan::{Lookup, Plan};
use crate::suggest::suggest;

fn unknown(plan: Option<&Plan>, message: String, reference: &str) -> Error {
    let error = Error::new(Kind::Plan, "reference.unknown", message);
    let near =
        plan.and_then(|plan| suggest(reference, plan.changes.iter().map(|change| change.name.as_str())));
    match near {
        Some(near) if near != reference => error.hint(format!("did you mean \"{near}\"?")),
        _ if plan.is_some_and(|plan| plan.tag(reference).is_some()) => {
            error.hint(format!("a tag is written with an @: @{reference}"))
        }
        _ => error.hint("change plan  lists the changes there are"),
    }
}

fn ambiguous(name: &str, choices: &[String]) -> Error {
    let list: String = choices.iter().map(|choice| format!("\n  * {choice}")).collect();
    Error::new(
        Kind::Plan,
        "reference.ambiguous",
        format!("Change \"{name}\" is ambiguous. Please specify a tag-qualified change:{list}"),
    )
}

/// The name part of a reference, for messages.
fn base(reference: &str) -> &str {
    reference.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '^' | '~'))
}

/// Refuses a URI where a change is named. It is not repeated: a password may be in it.
fn refuse_uri(reference: &str) -> Result<()> {
    if reference.starts_with("db:") || reference.contains("://") {
        let error = Error::new(Kind::Usage, "reference.uri", "a URI names a database, not a change");
        return Err(error.hint("name it with --target URI"));
    }
    Ok(())
}

/// A reference into the plan: for `deploy --to`, `show`, `tag`.
///
/// # Errors
/// Unknown or ambiguous references.
pub fn in_plan(plan: &Plan, reference: &str) -> Result<usize> {
    refuse_uri(reference)?;
    match plan.sequence().find(reference) {
        Lookup::Found(at) => Ok(at),
        Lookup::Unknown => Err(unknown(Some(plan), format!("Unknown change: \"{reference}\""), reference)),
        Lookup::UnknownTag(tag) => Err(unknown_tag(plan, &tag)),
        Lookup::Ambiguous(choices) => Err(ambiguous(base(reference), &choices)),
    }
}

fn unknown_tag(plan: &Plan, tag: &str) -> Error {
    let error = Error::new(Kind::Plan, "reference.unknown", format!("Unknown tag \"@{tag}\""));
    match suggest(tag, plan.tags.iter().map(|tag| tag.name.as_str())) {
        Some(near) => error.hint(format!("did you mean \"@{near}\"?")),
        None => error.hint("change tag  lists the tags there are"),
    }
}

/// A reference to a deployed change: for `revert --to`.
///
/// # Errors
/// Unknown or ambiguous references, and changes that are planned but not deployed.
pub fn deployed(plan: &Plan, state: &State, reference: &str) -> Result<usize> {
    refuse_uri(reference)?;
    match state.sequence().find(reference) {
        Lookup::Found(at) => Ok(at),
        Lookup::Ambiguous(choices) => Err(ambiguous(base(reference), &choices)),
        Lookup::Unknown | Lookup::UnknownTag(_) => Err(match plan.sequence().find(reference) {
            Lookup::Found(_) => Error::new(
                Kind::Plan,
                "reference.not_deployed",
                format!("Change not deployed: \"{reference}\""),
            )
            .hint("change status  shows what is deployed"),
            Lookup::UnknownTag(tag) => unknown_tag(plan, &tag),
            Lookup::Ambiguous(choices) => ambiguous(base(reference), &choices),
            Lookup::Unknown => unknown(Some(plan), format!("Unknown change: \"{reference}\""), reference),
        }),
    }
}

/// A reference to a change that is deployed and planned: for `verify` and `check`.
///
/// # Errors
/// As [`deployed`], in the words of `verify`.
pub fn deployed_and_planned(plan: &Plan, state: &State, reference: &str) -> Result<usize> {
    refuse_uri(reference)?;
    let at = match state.sequence().find(reference) {
        Lookup::Found(at) => at,
        Lookup::Ambiguous(choices) => return Err(ambiguous(base(reference), &choices)),
        Lookup::Unknown | Lookup::UnknownTag(_) => {
            return Err(match plan.sequence().find(reference) {
                Lookup::Found(_) => Error::new(
                    Kind::Plan,
                    "reference.not_deployed",
                    format!("Change \"{reference}\" has not been deployed"),
                ),
                Lookup::UnknownTag(tag) => unknown_tag(plan, &tag),
                Lookup::Ambiguous(choices) => ambiguous(base(reference), &choices),
                Lookup::Unknown => unknown(
                    Some(plan),
                    format!("Cannot find \"{reference}\" in the database or the plan"),
                    reference,
                ),
            });
        }
    };
    let planned = state.changes.get(at).is_some_and(|change| plan.position(&change.id).is_some());
    if planned {
        return Ok(at);
    }
    Err(Error::new(
        Kind::Plan,
        "reference.not_planned",
        format!("Change \"{reference}\" is deployed, but not planned"),
    ))
}
