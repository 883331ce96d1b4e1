//! Findings as GitLab's code quality report.
//!
//! Knows: findings. Must never know: where the report is put.

use super::{Report, fingerprint, words};
use crate::lint::rule::Severity;
use serde_json::{Value, json};

/// A list with an entry for each finding that is not accepted.
pub(super) fn render(report: &Report<'_>) -> String {
    let prints = fingerprint::fingerprints(report.findings);
    let open = report.findings.iter().zip(&prints).filter(|(finding, _)| finding.accepted.is_none());
    let entries = open.map(|(finding, print)| {
        let begin = finding.place.line.max(1);
        json!({
            "description": format!("{}: {}", finding.rule.code, words::one_line(&finding.message)),
            "check_name": finding.rule.name,
            "fingerprint": print,
            "severity": severity(finding.severity),
            "location": {
                "path": report.path(&finding.place.file),
                "lines": { "begin": begin, "end": finding.place.end().0.max(begin) },
            },
            "content": { "body": words::full(finding) },
        })
    });
    Value::Array(entries.collect()).to_string() + "\n"
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocks => "blocker",
        Severity::Breaks => "critical",
        Severity::Brief => "minor",
        Severity::Advice => "info",
    }
}
