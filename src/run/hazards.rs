//! What pending changes would do to those who use the database, looked at before anything runs.

use super::{Context, lint, listed};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::lint::rule::{Finding, Severity};
use crate::lint::settings::Settings;
use crate::lint::state::State;
use crate::lint::{Outcome, Subject, walk};
use crate::policy::Answer;
use crate::schema::Schema;

/// How hazards are answered.
#[derive(Debug, Clone, Default)]
pub struct Hazards {
    /// `policy.hazards`
    pub answer: Answer,
    /// What the rules are told.
    pub settings: Settings,
    /// The variables that scripts see.
    pub variables: Vec<(String, String)>,
}

/// Looks at the deploy scripts of pending changes. The catalogue is read only if their texts alone give
/// reason to: most deployments cost nothing more.
///
/// # Errors
/// When something is found and the policy is to refuse.
pub(super) fn check(context: &mut Context<'_>, positions: &[usize]) -> Result<()> {
    let hazards = context.policies.hazards.clone();
    if hazards.answer == Answer::Off {
        return Ok(());
    }
    let subjects = subjects(context, positions, &hazards)?;
    let first = look(context, &subjects, &hazards, Schema::default());
    if !first.findings.iter().any(is_grave) {
        return Ok(());
    }
    let outcome = match context.engine.facts() {
        // Where nothing was before, nobody is disturbed.
        Ok(facts) if facts.complete && facts.relations.is_empty() => return Ok(()),
        Ok(facts) => look(context, &subjects, &hazards, facts),
        // Where catalogues are not read, or may not be, what the texts say stands.
        Err(error) if matches!(error.code(), "facts.server" | "facts.database" | "facts.read") => first,
        Err(error) => return Err(error),
    };
    let grave: Vec<&Finding> = outcome.findings.iter().filter(|finding| is_grave(finding)).collect();
    if grave.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = grave
        .iter()
        .map(|finding| {
            let place = format!("{}:{}", finding.place.file, finding.place.line);
            format!("  * {place}: {} ({})", finding.message, finding.rule.code)
        })
        .collect();
    let hazard = if grave.len() == 1 { "1 hazard".to_owned() } else { format!("{} hazards", grave.len()) };
    if hazards.answer == Answer::Warn {
        let text = format!("warning: {hazard} for those who use the database:\n{}", listed(&lines));
        context.tell(&Event::Warning { text });
        return Ok(());
    }
    let message =
        format!("{hazard} for those who use the database, so nothing was deployed:\n{}", listed(&lines));
    Err(Error::new(Kind::Refused, "policy.hazards", message)
        .hint("to see what would happen and what to write instead: change lint")
        .hint("to accept one, write into its script: -- change: allow=CODE because \"…\"")
        .hint("to be warned only: change config policy.hazards warn"))
}

fn subjects(context: &Context<'_>, positions: &[usize], hazards: &Hazards) -> Result<Vec<Subject>> {
    let scope = lint::Scope { positions, judged: &|_| true, pending: &|_| true };
    let dialect = context.engine.dialect();
    // What is wrong with the scripts as scripts was told by the checks before.
    lint::subjects(context.project, context.plan, dialect, &hazards.variables, &scope)
        .map(|(subjects, _)| subjects)
}

fn look(context: &Context<'_>, subjects: &[Subject], hazards: &Hazards, facts: Schema) -> Outcome {
    walk(State::new(context.engine.dialect(), facts), subjects, &hazards.settings, false)
}

fn is_grave(finding: &Finding) -> bool {
    finding.accepted.is_none() && finding.severity >= Severity::Breaks
}
