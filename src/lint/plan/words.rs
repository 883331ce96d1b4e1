//! Effects as parts of sentences.

use crate::lint::effect::{Broken, How, Loss, Lost, Refusal};
use crate::schema::Schema;
use crate::sql::statement::Object;

/// What a change takes away from running code; nothing for what only reads otherwise, nor for a new type,
/// which may be wide enough. `after` is what is there afterwards: what comes back is not taken away.
pub(super) fn broken(broken: &Broken, after: &Schema) -> Option<String> {
    if broken.how == How::Gone && broken.part.is_none() && is_back(broken, after) {
        return None;
    }
    let what = named(broken.object, &broken.on.to_string(), broken.part.as_deref());
    Some(match &broken.how {
        How::Gone => format!("{what} is gone"),
        How::Renamed { to } => format!("{what} is called {to}"),
        How::Moved { to } => format!("{what} is in the schema {to}"),
        How::Refuses(refusal) => format!("{} {}", what, refused(*refusal)),
        How::ReadsDiffer(_) | How::Retyped { .. } => return None,
    })
}

/// Whether something is dropped and made again; the rows of a table are another matter.
fn is_back(broken: &Broken, after: &Schema) -> bool {
    let name = &broken.on;
    match broken.object {
        Object::Function | Object::Procedure | Object::Aggregate => {
            after.resolve(&after.routines, name).is_some()
        }
        Object::Type => after.resolve(&after.types, name).is_some(),
        Object::Domain => after.resolve(&after.domains, name).is_some(),
        Object::Schema => after.schemas.contains(&name.name),
        _ => after.relation_key(name).is_some(),
    }
}

fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::RequiredColumn => "must be given in every INSERT",
        Refusal::DefaultDropped => "has no default any more, so every INSERT must give it",
        Refusal::IdentityAlways => "refuses values that code gives it",
        Refusal::ConstraintOnNewRows => "refuses rows that were fine before",
        Refusal::NoPrivilege => "is no longer allowed to some roles",
        Refusal::RowSecurity => "shows and takes only some rows",
        Refusal::Trigger => "is written by a trigger, too",
        Refusal::NoArbiter => "no longer serves ON CONFLICT",
    }
}

/// What data a change loses; nothing for what is no data.
pub(super) fn lost(lost: &Lost) -> Option<String> {
    let what = named(lost.object, &lost.on.to_string(), lost.part.as_deref());
    Some(match lost.what {
        Loss::Rows => format!("all rows of {} are lost", lost.on),
        Loss::SomeRows => format!("rows of {} are lost", lost.on),
        Loss::Values => format!("the values of {what} are lost"),
        Loss::Precision => format!("{what} loses precision"),
        _ => return None,
    })
}

fn named(object: Object, on: &str, part: Option<&str>) -> String {
    match (object, part) {
        (Object::Column, Some(part)) => format!("the column {on}.{part}"),
        (object, Some(part)) => format!("the {} {part} of {on}", object.word()),
        (object, None) => format!("the {} {on}", object.word()),
    }
}

/// Names in a row: `a`, `a and b`, `a, b and c`; of many only the first few.
pub(super) fn list(names: &[String]) -> String {
    const MOST: usize = 4;
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => {
            let first: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
            format!("{} and {} more", first.join(", "), names.len() - MOST)
        }
    }
}
