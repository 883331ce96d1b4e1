//! Whether every requirement inside the project is planned, and planned before what requires it.

use super::{Change, Dependency, Plan, Subject};
use crate::error::{Error, Kind, Place};
use crate::suggest::suggest;

/// More errors than this help nobody.
const MOST_ERRORS: usize = 200;
/// Looking for a near name walks all names, so only the first errors get a suggestion.
const MOST_SUGGESTIONS: usize = 10;

/// All unmet requirements, in the order of the plan. Conflicts, other projects and ids are only
/// settled at deployment, as Sqitch does.
pub(super) fn dependencies(plan: &Plan, text: &str) -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for (position, change) in plan.changes.iter().enumerate() {
        let unmet = change.requires.iter().filter(|dependency| {
            dependency.project.is_none()
                && !matches!(dependency.subject, Subject::Id(_))
                && dependency.position(plan, position).is_none()
        });
        for dependency in unmet {
            if lines.is_empty() {
                lines = text.lines().collect();
            }
            if errors.len() == MOST_ERRORS {
                return errors;
            }
            let line = lines.get(change.line as usize - 1).copied().unwrap_or_default();
            let near = errors.len() < MOST_SUGGESTIONS;
            errors.push(unmet_error(plan, line, position, change, dependency, near));
        }
    }
    errors
}

fn unmet_error(
    plan: &Plan,
    line: &str,
    position: usize,
    change: &Change,
    dependency: &Dependency,
    near: bool,
) -> Error {
    let (name, key) = (&change.name, dependency.key());
    let start = line.find('[').and_then(|from| Some(from + line.get(from..)?.find(&key)?)).unwrap_or(0);
    let place = Place::in_text(&plan.file, line, start, start + key.len());
    let place = Place { line: change.line as usize, ..place };
    let error = |message: String| Error::new(Kind::Plan, "plan.dependency", message).at(place);
    if key == *name {
        return error(format!("Change \"{name}\" cannot require itself")).hint("remove it from the brackets");
    }
    match later_in_section(plan, position, &key) {
        Some(later) => {
            let distance = later - position;
            let (changes, lines) = if distance == 1 { ("change", "line") } else { ("changes", "lines") };
            error(format!("Change \"{name}\" planned {distance} {changes} before required change \"{key}\""))
                .hint(format!("move \"{name}\" down {distance} {lines} in {}", plan.file))
        }
        None => {
            let error = error(format!("Unknown change \"{key}\" required by change \"{name}\""));
            let names = plan.changes.iter().take(if near { position } else { 0 });
            match suggest(&key, names.map(|change| change.name.as_str())) {
                Some(near) => error.hint(format!("did you mean \"{near}\"?")),
                None => error.hint("a change of another project is written PROJECT:CHANGE"),
            }
        }
    }
}

/// The position of `name` after `position` and before the next tag.
fn later_in_section(plan: &Plan, position: usize, name: &str) -> Option<usize> {
    let instances = plan.instances(name);
    let next = *instances.get(instances.partition_point(|at| *at as usize <= position))? as usize;
    let tagged_between = plan.changes.get(position..next)?.iter().any(|change| !change.tags.is_empty());
    (!tagged_between).then_some(next)
}
