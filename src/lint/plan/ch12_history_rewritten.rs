//! What others have deployed already is altered.

use super::words::list;
use super::{ANY, BaseChange, Change, Check, Plan, PlanHit, PlanRule, nothing};
use crate::error::Place;
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::Dialect;
use crate::sql::lex::statements;
use std::collections::{HashMap, HashSet};

pub(super) static RULE: PlanRule = PlanRule {
    rule: Rule {
        code: "CH12",
        name: "history-rewritten",
        dialect: ANY,
        severity: Severity::Breaks,
        summary: "A change that the base of the branch has was altered, removed, moved or squashed",
        reason: "Databases remember what was deployed to them. One that has deployed the old form never gets \
                 the edit, and a new one gets only the new form: from then on they differ, and nobody sees \
                 it. The id of a change is made from its line in the plan and from all lines before it, so a \
                 line that is removed, moved or put in between changes the ids of everything after it, and \
                 databases no longer recognise what they have.",
        lock: "",
        recipe: "Leave what is merged as it is, and add a change that does the rest. If a view or function \
                 has to be written anew:\n\n    \
                 change rework active_users -n 'Leaves out the locked ones.'\n\n\
                 New changes go to the end of the plan; `change rebase` and a merge driver do that for you.",
        bad: &[
            Example {
                given: "",
                sql: "-- sqitch.plan\na\nb\n-- deploy/a.sql\nCREATE TABLE a (id INT, more INT);\n-- \
                      deploy/b.sql\nSELECT 1;\n\
                      -- origin/main: sqitch.plan\na\n-- origin/main: deploy/a.sql\nCREATE TABLE a (id INT);",
            },
            Example {
                given: "",
                sql: "-- sqitch.plan\nb\n-- deploy/b.sql\nSELECT 1;\n-- origin/main: sqitch.plan\na\nb\n-- \
                      origin/main: deploy/a.sql\nCREATE TABLE a (id INT);\n-- origin/main: \
                      deploy/b.sql\nSELECT 1;",
            },
            Example {
                given: "",
                sql: "-- sqitch.plan\nb\na\n-- deploy/a.sql\nSELECT 1;\n-- deploy/b.sql\nSELECT 2;\n-- \
                      origin/main: sqitch.plan\na\nb",
            },
            Example {
                given: "",
                sql: "-- sqitch.plan\nnew\na\n-- deploy/a.sql\nSELECT 1;\n-- deploy/new.sql\nSELECT 2;\n-- \
                      origin/main: sqitch.plan\na",
            },
            Example {
                given: "",
                sql: "-- sqitch.plan\nall\n-- deploy/all.sql\nCREATE TABLE a (id INT);\nCREATE TABLE b (id \
                      INT);\n-- origin/main: sqitch.plan\na\nb\n-- origin/main: deploy/a.sql\nBEGIN; CREATE \
                      TABLE a (id INT); COMMIT;\n-- origin/main: deploy/b.sql\nCREATE TABLE b (id INT);",
            },
        ],
        good: &[Example {
            given: "",
            sql: "-- sqitch.plan\na\nb\na\n-- deploy/a.sql\nSELECT 1;\n-- deploy/b.sql\nSELECT 2;\n-- \
                  origin/main: sqitch.plan\na\n\
                  -- origin/main: deploy/a.sql\nSELECT 1;",
        }],
        check: nothing,
    },
    check: Check::Plan(check),
};

/// The instances of a name are told apart by their number.
type Key<'a> = (&'a str, usize);

fn keys<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Key<'a>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    names
        .map(|name| {
            let count = counts.entry(name).or_default();
            *count += 1;
            (name, *count)
        })
        .collect()
}

fn check(plan: &Plan) -> Vec<PlanHit> {
    let Some(base) = &plan.base else { return Vec::new() };
    let ours = keys(plan.changes.iter().map(|change| change.name.as_str()));
    let theirs = keys(base.changes.iter().map(|change| change.name.as_str()));
    let own: HashMap<Key<'_>, usize> = ours.iter().enumerate().map(|(at, key)| (*key, at)).collect();
    let known: HashSet<Key<'_>> = theirs.iter().copied().collect();
    let mut hits = removed(plan, &theirs, &own, &known, &ours);
    hits.extend(moved(plan, &theirs, &own));
    hits.extend(put_between(plan, &ours, &known));
    let line_at_fault = hits.is_empty();
    let mut first = line_at_fault;
    for (key, theirs) in theirs.iter().zip(&base.changes) {
        let Some(change) = own.get(key).and_then(|at| plan.changes.get(*at)) else { continue };
        let ids = !change.id.is_empty() && !theirs.id.is_empty() && change.id != theirs.id;
        if first && ids {
            first = false;
            let (name, reference) = (&change.name, &base.reference);
            let message = format!("the line of {name} in the plan differs from that of {reference}");
            hits.push(
                PlanHit::new(Place::new(&plan.file, change.line, 1), message)
                    .note("its id is another one now, and so are those of all changes after it")
                    .of(&change.name),
            );
        }
        hits.extend(altered(plan, change, theirs, &base.reference));
    }
    hits
}

/// Changes that the plan no longer has.
fn removed(
    plan: &Plan,
    theirs: &[Key<'_>],
    own: &HashMap<Key<'_>, usize>,
    known: &HashSet<Key<'_>>,
    ours: &[Key<'_>],
) -> Vec<PlanHit> {
    let Some(base) = &plan.base else { return Vec::new() };
    let pairs = theirs.iter().zip(&base.changes);
    let gone: Vec<&BaseChange> =
        pairs.filter(|(key, _)| !own.contains_key(*key)).map(|(_, change)| change).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = gone.iter().map(|change| change.name.clone()).collect();
    let mut new = ours.iter().zip(&plan.changes).filter(|(key, _)| !known.contains(*key));
    let mut new = new.by_ref().map(|(_, change)| change);
    let squashed = new.find(|change| gone.len() > 1 && holds(change, &gone, plan.dialect));
    let verb = if names.len() == 1 { "is" } else { "are" };
    let what = format!("{}, which {} has, {verb}", list(&names), base.reference);
    let place = Place::new(&plan.file, 1, 1);
    vec![match squashed {
        Some(into) => {
            PlanHit::new(Place::new(&plan.file, into.line, 1), format!("{what} squashed into {}", into.name))
                .note("databases that deployed them would deploy the same things again, and fail")
                .of(&into.name)
        }
        None => PlanHit::new(place, format!("{what} gone from the plan")).note(
            "databases that deployed them keep what they made, new ones never get it; a change \
                       that drops it is the way",
        ),
    }]
}

/// Whether a change does all that these did.
fn holds(change: &Change, gone: &[&BaseChange], dialect: Dialect) -> bool {
    let Some(script) = &change.deploy else { return false };
    let own: HashSet<String> = said(&script.text, dialect).into_iter().collect();
    let texts = gone.iter().filter_map(|base| base.deploy.as_ref());
    let texts: Vec<Vec<String>> = texts.map(|text| said(text, dialect)).collect();
    texts.len() > 1 && texts.iter().flatten().all(|statement| own.contains(statement))
}

/// The statements of a script but those that begin and end its transaction, without comments and needless
/// blanks.
fn said(text: &str, dialect: Dialect) -> Vec<String> {
    let all = statements(text, dialect).into_iter();
    let control = |words: &str| ["begin", "commit", "end", "start transaction"].contains(&words);
    all.map(|statement| {
        let words: Vec<&str> = statement.tokens.iter().map(|token| token.text).collect();
        words.join(" ")
    })
    .filter(|statement| !control(&statement.to_lowercase()))
    .collect()
}

/// The first change that stands before one that it followed.
fn moved(plan: &Plan, theirs: &[Key<'_>], own: &HashMap<Key<'_>, usize>) -> Option<PlanHit> {
    let base = plan.base.as_ref()?;
    let places: Vec<usize> = theirs.iter().filter_map(|key| own.get(key).copied()).collect();
    let (before, after) = places.windows(2).find_map(|pair| match pair {
        [before, after] if before > after => Some((*before, *after)),
        _ => None,
    })?;
    let (before, after) = (plan.changes.get(before)?, plan.changes.get(after)?);
    let (first, then, reference) = (&after.name, &before.name, &base.reference);
    let message = format!("{first} stands before {then}; on {reference} it comes after it");
    let hit = PlanHit::new(Place::new(&plan.file, after.line, 1), message).of(&after.name);
    Some(hit.note("the ids of all changes from here on are others now"))
}

/// New changes that are not at the end.
fn put_between(plan: &Plan, ours: &[Key<'_>], known: &HashSet<Key<'_>>) -> Option<PlanHit> {
    let base = plan.base.as_ref()?;
    let last = ours.iter().rposition(|key| known.contains(key))?;
    let at = ours.iter().take(last).position(|key| !known.contains(key))?;
    let (new, next) = (plan.changes.get(at)?, plan.changes.get(last)?);
    let (name, old, reference) = (&new.name, &next.name, &base.reference);
    let message = format!("{name} is new, but stands before {old}, which {reference} has");
    let hit = PlanHit::new(Place::new(&plan.file, new.line, 1), message).of(&new.name);
    Some(hit.note("move its line to the end of the plan: the ids of all changes after it are others now"))
}

/// A deploy script that is not what it was.
fn altered(plan: &Plan, change: &Change, theirs: &BaseChange, reference: &str) -> Option<PlanHit> {
    let before = theirs.deploy.as_ref()?;
    let Some(script) = &change.deploy else {
        let message = format!("the deploy script of {}, which {reference} has, is gone", change.name);
        return Some(PlanHit::new(Place::new(&plan.file, change.line, 1), message).of(&change.name));
    };
    if script.text == *before {
        return None;
    }
    let hit = |message: String| PlanHit::new(script.start(), message).of(&change.name);
    if said(&script.text, plan.dialect) == said(before, plan.dialect) {
        let name = &change.name;
        let message = format!("the deploy script of {name} differs from {reference} in comments or blanks");
        return Some(hit(message).severity(Severity::Advice).note("its checksum is another one now"));
    }
    let message = format!("the deploy script of {} is not what it is on {reference}", change.name);
    Some(
        hit(message)
            .note("databases that deployed it do not get the edit; new ones get only the new form")
            .instead(format!("change rework {}   # or a new change that does the rest", change.name)),
    )
}
