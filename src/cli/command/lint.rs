//! `change lint`

mod baseline;
pub(super) mod gather;
mod mend;

use super::super::lint_settings;
use super::super::session::Session;
use super::super::ui;
use crate::error::{Error, Kind, Result};
use crate::lint::rule::{Finding, Rule, Severity};
use crate::lint::{self, Outcome, settings};
use crate::report::lint::{Face, Format, Report};
use crate::report::rule_page;
use clap::Args;
pub(super) use gather::From;
use gather::Gathered;
use std::cmp::Reverse;

/// Say what changes would do to a live database, before they are deployed.
///
/// Looks at the deploy scripts of the plan, or at any SQL file, and tells which statement keeps
/// others waiting, breaks the running application, loses data, or cannot be taken back. Exit status:
/// 0 when nothing is as grave as --fail-on says, 1 when something is, 2 when it could not be told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Changes of the plan, SQL files or folders; "-" is standard input
    #[arg(value_name = "CHANGE|FILE")]
    arguments: Vec<String>,
    #[command(flatten)]
    from: From,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = Format::names())]
    format: String,
    /// Write it to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
    /// The least grave severity that makes it fail: blocks, breaks, brief, advice or never
    #[arg(long, value_name = "SEVERITY", default_value = "breaks")]
    fail_on: String,
    /// Accept what this file lists
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
    /// Write what is found now to a file that --baseline accepts
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<String>,
    /// Mend the scripts where that is safe: indexes CONCURRENTLY, constraints NOT VALID and later
    /// validated
    #[arg(long)]
    fix: bool,
    /// Explain a rule, by its code or name, and look at nothing
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.format == "json"
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    if let Some(code) = &arguments.explain {
        ui::write_out(&rule_page::page(rule(code)?))?;
        return Ok(0);
    }
    let fails = fail_level(&arguments.fail_on)?;
    let wanted = arguments.from.settings(session)?;
    let gathered = gather::gather(session, &arguments.arguments, &arguments.from)?;
    if arguments.fix {
        let state = gathered.state.clone();
        let outcome = lint::walk(state, &gathered.subjects, &wanted, false);
        ui::write_out(&mend::mend(session, &gathered, &outcome.findings)?)?;
        return Error::join(gathered.problems).map_or(Ok(0), Err);
    }
    let Gathered { state, subjects, problems, mut notes, plan, .. } = gathered;
    notes.extend(wanted.notes.iter().cloned());
    let about_changes = plan.as_ref().map(|plan| lint::plan::judge(state.clone(), plan, &wanted));
    let mut outcome = lint::walk(state, &subjects, &wanted, false);
    if let (Some(about_changes), Some(plan)) = (about_changes, &plan) {
        accepted_by_changes(&mut outcome, &about_changes, plan, &subjects);
        outcome.findings.extend(about_changes.findings);
    }
    notes.extend(unused(&outcome, &subjects));
    if let Some(path) = &arguments.baseline {
        baseline::accept(session, path, &mut outcome.findings, &mut notes)?;
    }
    if let Some(path) = &arguments.write_baseline {
        let count = baseline::write(session, path, &outcome.findings)?;
        let findings = if count == 1 { "finding" } else { "findings" };
        ui::complain(&format!("Wrote {count} {findings} to {path}\n"));
    }
    sort(&mut outcome.findings, &subjects);
    let judged: Vec<_> = subjects.iter().filter(|subject| subject.judged).collect();
    let files: Vec<String> = judged.iter().map(|subject| subject.file.clone()).collect();
    let report = Report {
        findings: &outcome.findings,
        files: &files,
        statements: judged.iter().map(|subject| subject.statements.len()).sum(),
        notes: &notes,
        fails,
        base: &gather::base_of(session),
        face: Face {
            colour: session.face.colour && arguments.output.is_none(),
            width: session.face.width,
            verbose: session.global.verbose > 0,
        },
    };
    let text = Format::parse(&arguments.format)?.render(&report);
    match &arguments.output {
        Some(path) => crate::project::replace(&session.root.join(path), text.as_bytes())?,
        None => ui::write_out(&text)?,
    }
    if let Some(error) = Error::join(problems) {
        return Err(error);
    }
    if arguments.write_baseline.is_some() {
        return Ok(0);
    }
    let grave = |finding: &Finding| {
        finding.accepted.is_none() && fails.is_some_and(|least| finding.severity >= least)
    };
    Ok(u8::from(outcome.findings.iter().any(grave)))
}

/// Puts findings into the order in which changes are deployed, and those about a file into the order of
/// its lines.
fn sort(findings: &mut [Finding], subjects: &[lint::Subject]) {
    let position = |finding: &Finding| {
        let own = |subject: &lint::Subject| {
            subject.file == finding.place.file || finding.change.is_some() && subject.change == finding.change
        };
        subjects.iter().position(own).unwrap_or(usize::MAX)
    };
    findings.sort_by_cached_key(|finding| {
        let place = &finding.place;
        (position(finding), place.file.clone(), place.line, place.column, Reverse(finding.severity))
    });
}

/// An acceptance that a finding about a change used is not unused.
fn accepted_by_changes(
    outcome: &mut Outcome,
    about: &lint::plan::Outcome,
    plan: &lint::plan::Plan,
    subjects: &[lint::Subject],
) {
    let used = |subject: usize, at: usize| {
        let label = subjects.get(subject).and_then(|subject| subject.change.as_deref());
        about.used.iter().any(|(position, allow)| {
            *allow == at && plan.changes.get(*position).map(|change| change.label.as_str()) == label
        })
    };
    outcome.unused.retain(|(subject, at)| !used(*subject, *at));
}

/// The rule of a code or a name.
fn rule(code: &str) -> Result<&'static Rule> {
    let known = lint::every_rule()
        .find(|rule| code.eq_ignore_ascii_case(rule.code) || code.eq_ignore_ascii_case(rule.name));
    known.ok_or_else(|| {
        let error = Error::new(Kind::Usage, "lint.rule", format!("There is no rule \"{code}\""));
        match lint_settings::near(code) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("all rules: docs/rules/index.md"),
        }
    })
}

fn fail_level(text: &str) -> Result<Option<Severity>> {
    if text == "never" {
        return Ok(None);
    }
    Severity::of_key(text).map(Some).ok_or_else(|| {
        Error::new(Kind::Usage, "lint.severity", format!("\"{text}\" is no severity"))
            .hint("use one of blocks, breaks, brief, advice, never")
    })
}

/// Acceptances that no finding used: what they accepted is gone, or was never there.
fn unused(outcome: &Outcome, subjects: &[lint::Subject]) -> Vec<String> {
    let allow = |(subject, at): &(usize, usize)| {
        let subject = subjects.get(*subject)?;
        let allow = subject.directives.allow.get(*at)?;
        Some(if settings::means_nothing(&allow.code) {
            format!(
                "{}: allow={} accepts nothing: {}",
                subject.file,
                allow.code,
                lint_settings::no_rule(&allow.code)
            )
        } else {
            format!("{}: nothing is found that allow={} accepts; take it out", subject.file, allow.code)
        })
    };
    outcome.unused.iter().filter_map(allow).collect()
}
