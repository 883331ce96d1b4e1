//! Plan rules: what is said of whole changes and of the plan, where the other rules speak of statements.
//!
//! Everything comes as values: the plan, its scripts and documents, what git's base held. One walk
//! through the plan finds what each change makes of the catalogue, and what its revert script makes of it
//! again; then each rule looks at each change.
//!
//! Knows: scripts, effects, catalogues, policies. Must never know: files, git, how findings are shown.

mod course;
mod difference;
mod known;
mod names;
mod seen;
mod words;

pub use seen::{Base, BaseChange, Change, ChangeSeen, Failed, LockOrder, Plan, Script, Stepped, Used};

use super::rule::{Finding, Hit, Rule, Seen, Severity};
use super::settings::{self, Profile, Settings};
use super::state::State;
use crate::error::Place;
use crate::sql::Dialect;

/// A rule about changes.
#[derive(Debug)]
pub struct PlanRule {
    /// Its code, name and texts. Its own check finds nothing, and its dialect says nothing: it holds for
    /// every database.
    pub rule: Rule,
    /// Looks at one change, or at the plan.
    pub check: Check,
}

/// What a plan rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// One change.
    Change(fn(&ChangeSeen<'_>) -> Vec<PlanHit>),
    /// The whole plan, once.
    Plan(fn(&Plan) -> Vec<PlanHit>),
}

/// What a plan rule finds.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanHit {
    /// What is the matter, in a sentence without its full stop.
    pub message: String,
    /// Where it is to be mended.
    pub place: Place,
    /// Further sentences.
    pub notes: Vec<String>,
    /// What to write instead.
    pub instead: Option<String>,
    /// The name of the change, when the rule looks at the plan.
    pub change: Option<String>,
    /// How grave, if it is not the rule's own severity.
    pub severity: Option<Severity>,
}

impl PlanHit {
    /// A finding with a message at a place.
    pub fn new(place: Place, message: impl Into<String>) -> PlanHit {
        PlanHit {
            message: message.into(),
            place,
            notes: Vec::new(),
            instead: None,
            change: None,
            severity: None,
        }
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> PlanHit {
        self.notes.push(note.into());
        self
    }

    /// Says what to write.
    #[must_use]
    pub fn instead(mut self, text: impl Into<String>) -> PlanHit {
        self.instead = Some(text.into());
        self
    }

    /// Names the change.
    #[must_use]
    pub fn of(mut self, change: impl Into<String>) -> PlanHit {
        self.change = Some(change.into());
        self
    }

    /// Says how grave it is, if it is not the rule's own severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> PlanHit {
        self.severity = Some(severity);
        self
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Every finding, those that are accepted included.
    pub findings: Vec<Finding>,
    /// The acceptances (`allow=`) of deploy scripts that a finding used: the position of the change and
    /// the index in its directives.
    pub used: Vec<(usize, usize)>,
}

/// Judges the changes of a plan, after `state`, which is what is known before the first of them.
#[must_use]
pub fn judge(state: State, plan: &Plan, wanted: &Settings) -> Outcome {
    let mut outcome = Outcome::default();
    for rule in RULES {
        if let Check::Plan(check) = rule.check {
            for hit in check(plan) {
                keep(&mut outcome, plan, None, &rule.rule, hit, wanted);
            }
        }
    }
    course::walk(state, plan, &mut |seen| {
        for rule in RULES {
            if let Check::Change(check) = rule.check {
                for hit in check(seen) {
                    keep(&mut outcome, plan, Some(seen.position), &rule.rule, hit, wanted);
                }
            }
        }
    });
    outcome
}

/// Makes a finding of a hit, unless it is not wanted.
fn keep(
    outcome: &mut Outcome,
    plan: &Plan,
    position: Option<usize>,
    rule: &'static Rule,
    hit: PlanHit,
    wanted: &Settings,
) {
    let said = wanted.said(rule, &hit.place.file);
    if said == Some(None) {
        return;
    }
    let named = |name: &String| plan.changes.iter().rposition(|change| change.name == *name);
    let position = position.or_else(|| hit.change.as_ref().and_then(named));
    let change = position.and_then(|at| plan.changes.get(at));
    let mut finding = Finding {
        rule,
        severity: hit.severity.unwrap_or(rule.severity),
        message: hit.message,
        notes: hit.notes,
        instead: hit.instead,
        table: None,
        place: hit.place,
        change: change.map(|change| change.label.clone()).or(hit.change),
        accepted: None,
        relaxed: None,
    };
    match said.flatten() {
        Some(severity) => finding.severity = severity,
        None => relax(&mut finding, wanted),
    }
    for script in change.into_iter().flat_map(Change::scripts) {
        let of_deploy =
            change.and_then(|change| change.deploy.as_ref()).is_some_and(|own| own.path == script.path);
        let allows = script.directives.allow.iter().enumerate();
        for (at, allow) in allows.filter(|(_, allow)| settings::is_meant(rule, &allow.code)) {
            finding.accepted.get_or_insert_with(|| allow.reason.clone());
            if let (true, Some(position)) = (of_deploy, position) {
                outcome.used.push((position, at));
            }
        }
    }
    outcome.findings.push(finding);
}

/// Where nobody uses the target yet, nothing has to be done in phases.
fn relax(finding: &mut Finding, wanted: &Settings) {
    let phases = ["CH06", "CH07", "CH08", "CH09"];
    if wanted.profile == Profile::Prelaunch
        && finding.severity == Severity::Breaks
        && phases.contains(&finding.rule.code)
    {
        finding.severity = Severity::Advice;
        finding.relaxed = Some("nobody uses the target yet (profile prelaunch)".to_owned());
    }
}

/// The rules that look at statements find nothing by way of a plan rule.
fn nothing(_: &Seen<'_>, _: &mut Vec<Hit>) {}

/// Plan rules hold for every database; a rule has to name one.
const ANY: Dialect = Dialect::Postgres;

/// Makes the modules and the list of rules out of their names.
macro_rules! plan_rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// The plan rules, in the order of their codes.
        pub static RULES: &[&PlanRule] = &[$(&$module::RULE),*];
    };
}

plan_rules! {
    ch01_no_way_back,
    ch02_verify_missing,
    ch03_verify_asserts_nothing,
    ch04_verify_names_less_than_deploy_makes,
    ch05_recovery_document_incomplete,
    ch06_expand_breaks,
    ch07_contract_not_alone,
    ch08_contract_depends_on_nothing,
    ch09_destructive_without_contract,
    ch10_revert_does_not_undo,
    ch11_lock_order_differs,
    ch12_history_rewritten,
    ch13_coupled_with_application,
    ch14_script_of_no_change,
    ch15_variable_not_set,
    ch16_transaction_left_open,
    ch17_verify_contradicts_deploy,
    ch18_data_lost_without_copy,
}

#[cfg(test)]
mod tests;
