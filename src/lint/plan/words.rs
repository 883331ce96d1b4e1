//! Effects as parts of sentences.

use crate::lint::effect::{Broken, How, Loss, Lost, Refusal};
use crate::sql::statement::Object;

/// What a change takes away from running code; nothing for what only reads otherwise.
pub(super) fn broken(broken: &Broken) -> Option<String> {
    let what = named(broken.object, &broken.on.to_string(), broken.part.as_deref());
    Some(match &broken.how {
        How::Gone => format!("{what} is gone"),
        How::Renamed { to } => format!("{what} is called {to}"),
        How::Moved { to } => format!("{what} is in the schema {to}"),
        How::Retyped { to } => format!("{what} has the type {to}"),
        How::Refuses(refusal) => format!("{} {}", what, refused(*refusal)),
        How::ReadsDiffer(_) => return None,
    })
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
