//! How often `change lint` is right about PostgreSQL: changes whose effects were measured on a
//! server, and what the linter says about them. README.md tells how cases are written and labelled.
//!
//! * `cargo test --test accuracy`: measures some cases anew, lints all, and holds the floors below.
//! * `ACCURACY=label cargo test --test accuracy`: measures all cases and writes `labels.json`; with
//!   `CASE=part-of-a-name` it measures those and prints them.
//! * `ACCURACY=score cargo test --test accuracy -- --nocapture`: prints every wrong case too; with
//!   `SQUAWK=program` it scores squawk beside, with `CHANGE=program` another build of the linter.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod app;
mod case;
mod kept;
mod label;
mod lint;
mod measure;
mod place;
#[path = "../support/postgres.rs"]
mod postgres;
mod run;
mod score;
mod squawk;

use case::Case;
use label::{Labels, Measured, words};
use score::{Claim, Over, Score};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Below these the linter has got worse.
const OFFLINE_PRECISION: f64 = 0.92;
const OFFLINE_RECALL: f64 = 0.92;
const FACTS_PRECISION: f64 = 0.95;
const FACTS_RECALL: f64 = 0.95;

/// Fewer cases say little.
const FEWEST_CASES: usize = 150;

/// Every so many cases, one is measured anew by each run of the tests.
const SAMPLE: usize = 40;

fn mode() -> String {
    std::env::var("ACCURACY").unwrap_or_default()
}

/// Does something for each case, on as many threads as there are cores.
fn for_each<T: Send>(cases: &[Case], what: impl Fn(&Case) -> T + Sync) -> BTreeMap<String, T> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = what(case);
                    all.lock().unwrap().insert(case.name.clone(), found);
                }
            });
        }
    });
    all.into_inner().unwrap()
}

#[test]
fn labels_are_what_a_server_shows() {
    let cases = Case::all();
    assert!(cases.len() >= FEWEST_CASES, "only {} cases", cases.len());
    if mode() == "label" {
        return label(&cases);
    }
    let labels = label::read();
    let (measured, there): (BTreeSet<&String>, BTreeSet<&String>) =
        (labels.keys().collect(), cases.iter().map(|case| &case.name).collect());
    let odd: Vec<_> = measured.symmetric_difference(&there).collect();
    assert!(odd.is_empty(), "labels.json is not about the cases in the folder: {odd:?}");
    let sample: Vec<Case> = cases.iter().step_by(SAMPLE).cloned().collect();
    for (name, now) in for_each(&sample, label::measure) {
        assert_eq!(now.labels, labels[&name], "{name}: {}", now.evidence);
    }
}

/// Measures all cases, or those that are asked for.
fn label(cases: &[Case]) {
    if let Ok(part) = std::env::var("CASE") {
        let asked: Vec<Case> = cases.iter().filter(|case| case.name.contains(&part)).cloned().collect();
        assert!(!asked.is_empty(), "no case has {part} in its name");
        for (name, measured) in for_each(&asked, label::measure) {
            println!("{name}: {}\n{:#}", words(&measured.labels).join(" "), measured.evidence);
            measured.refused.iter().for_each(|refused| println!("refused already before: {refused}"));
        }
        return;
    }
    let measured = for_each(cases, label::measure);
    label::write(&measured);
    for (name, Measured { labels, refused, .. }) in &measured {
        println!("{name}: {}", words(labels).join(" "));
        refused.iter().for_each(|refused| println!("    refused already before: {refused}"));
    }
}

#[test]
fn the_linter_says_what_was_measured() {
    if mode() == "label" {
        return;
    }
    let (mut cases, mut labels) = (Case::all(), label::read());
    let asked = std::env::var("CASE").ok().filter(|_| mode() == "score");
    if let Some(part) = &asked {
        cases.retain(|case| case.name.contains(part));
        labels.retain(|name, _| name.contains(part));
    }
    let offline = report("change, offline", &labels, for_each(&cases, lint::offline));
    let facts = report("change, with facts", &labels, for_each(&cases, lint::with_facts));
    if let Ok(program) = std::env::var("SQUAWK") {
        report("squawk", &labels, for_each(&cases, |case| squawk::ask(&program, case)));
    }
    let floors = [
        ("offline precision", offline.precision(), OFFLINE_PRECISION),
        ("offline recall", offline.recall(), OFFLINE_RECALL),
        ("precision with facts", facts.precision(), FACTS_PRECISION),
        ("recall with facts", facts.recall(), FACTS_RECALL),
    ];
    for (what, is, floor) in floors.into_iter().filter(|_| asked.is_none()) {
        assert!(is >= floor, "{what} is {is:.3}, below {floor}; ACCURACY=score tells where");
    }
}

/// Prints how a tool did, and gives its main score back.
fn report(
    tool: &str,
    labels: &BTreeMap<String, Labels>,
    answers: BTreeMap<String, Result<Claim, String>>,
) -> Score {
    let mut claims = BTreeMap::new();
    for (name, answer) in answers {
        claims.insert(name.clone(), answer.unwrap_or_else(|problem| panic!("{tool}, {name}: {problem}")));
    }
    let (main, all) =
        (score::score(labels, &claims, Over::Hazards), score::score(labels, &claims, Over::All));
    println!("{tool}: {}\n    with brief locks: {}\n    {}", main.line(), all.line(), main.failing());
    if mode() == "score" {
        all.stories.iter().for_each(|story| println!("    {story}"));
    }
    main
}
