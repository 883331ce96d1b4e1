//! What a person who reviews changes must know: the way back first, then whether old and new code get along
//! with the schema, then locks.
//!
//! Knows: steps, findings, the texts of a change's way back. Must never know: how a review is written.

use super::Step;
use super::effect::{Reversibility, Work};
use super::rule::{Finding, Severity};
use crate::sql::directive::{Directives, Phase};
use crate::sql::statement::{Said, Statement};

/// A change under review.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// Its name.
    pub change: String,
    /// Its note.
    pub note: String,
    /// The path and text of the deploy script.
    pub deploy: (String, String),
    /// The text of the revert script, if it does something.
    pub revert: Option<String>,
    /// Why a revert has nothing to do.
    pub revert_nothing: Option<String>,
    /// The recovery document.
    pub recovery: Option<String>,
    /// What is missing of the way back.
    pub no_way_back: Option<String>,
    /// What the deploy script's directives say.
    pub directives: Directives,
    /// Its statements, with what they do.
    pub steps: Vec<Step>,
    /// What was found in it.
    pub findings: Vec<Finding>,
}

impl Reviewed {
    /// Whether it can be taken back, by the hardest of its statements.
    #[must_use]
    pub fn reversibility(&self) -> Reversibility {
        self.steps.iter().map(|step| step.effects.reversibility).max().unwrap_or(Reversibility::Reversible)
    }

    /// The findings that are not accepted, of at least this severity.
    pub fn open(&self, least: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.accepted.is_none() && finding.severity >= least)
    }

    /// Whether it rewrites rows that were there.
    #[must_use]
    pub fn moves_rows(&self) -> bool {
        self.steps.iter().any(|step| step.effects.efforts.iter().any(|effort| effort.work == Work::Rows))
    }

    /// Its statements, those in bodies left out.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.steps.iter().filter(|step| step.depth == 0).map(|step| &step.statement)
    }
}

/// The state of a line of the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Nothing speaks against it.
    Yes,
    /// Something does.
    No,
    /// Only a person or a rehearsal can tell.
    Ask,
}

/// A line of the checklist.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Line {
    /// The question.
    pub question: &'static str,
    /// Its state.
    pub mark: Mark,
    /// Why.
    pub because: String,
}

/// The eight questions, with what can be said of each from the scripts.
#[must_use]
pub fn checklist(changes: &[Reviewed]) -> Vec<Line> {
    let line = |question, (mark, because)| Line { question, mark, because };
    vec![
        line("Can it be taken back, and if not, is there a backup?", reversible(changes)),
        line("Are renames, removals and changes of type made by expand and contract?", phased(changes)),
        line("Are its tables free of long queries that must end first?", long_queries(changes)),
        line("Are new indexes built CONCURRENTLY?", concurrently(changes)),
        line("Can it be run again after it was cut short?", idempotent(changes)),
        line(
            "Was it tried on data of the size of production?",
            (Mark::Ask, "not known here; try it on a copy of production first".to_owned()),
        ),
        line("Does the old code work with the new schema?", old_code(changes)),
        line("Does the new code work with the old schema?", new_code(changes)),
    ]
}

type Answer = (Mark, String);

fn names<'a>(changes: impl Iterator<Item = &'a Reviewed>) -> String {
    changes.map(|own| own.change.as_str()).collect::<Vec<_>>().join(", ")
}

fn reversible(changes: &[Reviewed]) -> Answer {
    let without = names(changes.iter().filter(|own| own.no_way_back.is_some()));
    if !without.is_empty() {
        return (Mark::No, format!("no way back: {without}"));
    }
    let lossy =
        |own: &&Reviewed| own.reversibility() == Reversibility::Irreversible && own.recovery.is_none();
    let lossy = names(changes.iter().filter(lossy));
    if !lossy.is_empty() {
        return (
            Mark::Ask,
            format!("a revert script cannot bring the data back; make a copy first: {lossy}"),
        );
    }
    (Mark::Yes, "every change has a way back".to_owned())
}

fn phased(changes: &[Reviewed]) -> Answer {
    let grave =
        |own: &&Reviewed| own.open(Severity::Breaks).any(|finding| finding.severity == Severity::Breaks);
    let contract = |own: &&Reviewed| own.directives.phase == Some(Phase::Contract);
    let bad = names(changes.iter().filter(grave).filter(|own| !contract(own)));
    if bad.is_empty() {
        return (
            Mark::Yes,
            "nothing that running code uses is taken away outside of a contract phase".to_owned(),
        );
    }
    (Mark::No, format!("split into expand, migrate and contract: {bad}"))
}

fn long_queries(changes: &[Reviewed]) -> Answer {
    let mut tables: Vec<String> = changes
        .iter()
        .flat_map(|own| &own.steps)
        .flat_map(|step| &step.effects.locks)
        .filter(|lock| lock.mode.stops_writes())
        .map(|lock| lock.on.to_string())
        .collect();
    tables.sort_unstable();
    tables.dedup();
    if tables.is_empty() {
        return (Mark::Yes, "no table in use is locked against others".to_owned());
    }
    (Mark::Ask, format!("locks are taken on {}; deploy waits for them in short attempts", tables.join(", ")))
}

fn concurrently(changes: &[Reviewed]) -> Answer {
    let plain =
        changes.iter().any(|own| own.open(Severity::Brief).any(|finding| finding.rule.code == "PL01"));
    let any =
        changes.iter().flat_map(Reviewed::statements).any(|own| matches!(own.said, Said::CreateIndex { .. }));
    match (plain, any) {
        (true, _) => (Mark::No, "an index is built while writes wait".to_owned()),
        (false, true) => (Mark::Yes, "no index is built while others wait".to_owned()),
        (false, false) => (Mark::Yes, "there are no new indexes".to_owned()),
    }
}

fn idempotent(changes: &[Reviewed]) -> Answer {
    let found =
        |code: &str| changes.iter().any(|own| own.open(Severity::Advice).any(|own| own.rule.code == code));
    if found("PI01") || found("PN07") {
        return (Mark::Ask, "change deploy goes on where it stopped; another tool would not".to_owned());
    }
    (Mark::Yes, "each change is one transaction, or goes on where it stopped".to_owned())
}

fn old_code(changes: &[Reviewed]) -> Answer {
    let bad = changes.iter().flat_map(|own| own.open(Severity::Breaks));
    let bad: Vec<String> = bad
        .filter(|finding| finding.severity == Severity::Breaks)
        .map(|finding| format!("{} ({})", finding.message, finding.rule.code))
        .collect();
    match bad.first() {
        Some(first) if bad.len() == 1 => (Mark::No, first.clone()),
        Some(first) => (Mark::No, format!("{first}; and {} more", bad.len() - 1)),
        None => (Mark::Yes, "nothing was found that running code would miss; claimed, not proven".to_owned()),
    }
}

fn new_code(changes: &[Reviewed]) -> Answer {
    let expand = names(changes.iter().filter(|own| own.directives.phase == Some(Phase::Expand)));
    if expand.is_empty() {
        (Mark::Ask, "deploy the schema before the code, and the code can only meet the new one".to_owned())
    } else {
        (Mark::Ask, format!("deploy before the code: {expand}"))
    }
}
