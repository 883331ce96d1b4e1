//! The words that several formats use.
//!
//! Knows: findings. Must never know: what a format needs to be escaped.

use super::{Counts, Report};
use crate::lint::rule::{Finding, Severity};
use std::collections::BTreeSet;

/// The line at the end: how many findings of which severity, or, out loud, that it is safe.
#[must_use]
pub fn summary(report: &Report<'_>) -> String {
    let counts = Counts::of(report.findings);
    let mut line = if counts.open() > 0 {
        let files: BTreeSet<&str> = report.open().map(|finding| finding.place.file.as_str()).collect();
        let found = Severity::ALL.into_iter().filter(|severity| counts.at(*severity) > 0);
        let found: Vec<String> =
            found.map(|severity| format!("{} {}", counts.at(severity), severity.words())).collect();
        format!("{} in {}: {}", many(counts.open(), "finding"), many(files.len(), "file"), found.join(", "))
    } else if report.statements == 0 {
        format!("No statements in {}, so nothing was looked at", many(report.files.len(), "file"))
    } else {
        // What is accepted is not safe for that.
        let safe = if counts.accepted == 0 { "Safe: " } else { "" };
        let statements = many(report.statements, "statement");
        format!("{safe}{statements} in {}, nothing found", many(report.files.len(), "file"))
    };
    if counts.accepted > 0 {
        line.push_str(&format!("; {} accepted", counts.accepted));
    }
    line
}

/// `1 file`, `2 files`
pub(super) fn many(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// All that is said of a finding beside its message: its notes, and why it is less grave or accepted.
pub(super) fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = finding.notes.clone();
    notes.extend(finding.relaxed.as_ref().map(|why| format!("relaxed: {why}")));
    notes.extend(finding.accepted.as_ref().map(|why| format!("accepted: {why}")));
    notes
}

/// What to write instead: of this statement, or else what the rule says.
pub(super) fn instead(finding: &Finding) -> String {
    match &finding.instead {
        Some(sql) => format!("write instead:\n{}", indented(sql.trim_end())),
        None => plain(finding.rule.recipe),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A text of a rule's page as people read it: code is set apart by its indentation alone.
pub(super) fn plain(markdown: &str) -> String {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in markdown.trim().lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            lines.push(format!("  {line}").trim_end().to_owned());
        } else if !(line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// Everything about a finding in plain lines, for machines that show nothing but text.
pub(super) fn full(finding: &Finding) -> String {
    let mut lines = vec![finding.message.trim_end().to_owned()];
    lines.extend(notes(finding).iter().map(|note| format!("note: {}", note.trim_end())));
    let instead = instead(finding);
    if !instead.is_empty() {
        lines.push(format!("help: {instead}"));
    }
    lines.push(explain(finding));
    lines.join("\n")
}

/// `create-index-not-concurrent (blocks or rewrites); change lint --explain PL01`
pub(super) fn explain(finding: &Finding) -> String {
    let rule = finding.rule;
    format!("{} ({}); change lint --explain {}", rule.name, finding.severity.words(), rule.code)
}

/// Replaces control characters other than tabs and line feeds, one for one.
pub(super) fn printable(text: &str) -> String {
    let harmless = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\t');
    text.chars().map(|letter| if harmless(letter) { letter } else { '\u{fffd}' }).collect()
}

/// The same in one line.
pub(super) fn one_line(text: &str) -> String {
    let text: Vec<&str> =
        text.split(['\r', '\n']).map(str::trim_end).filter(|line| !line.is_empty()).collect();
    printable(&text.join(" "))
}
