//! Findings as one JSON object.
//!
//! Knows: findings. Must never know: who reads them.

use super::{Counts, Report};
use crate::lint::rule::{Finding, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    findings: Vec<Found<'a>>,
    summary: Counts,
    notes: &'a [String],
}

/// A finding as JSON has it.
#[derive(Debug, Clone, Serialize)]
pub struct Found<'a> {
    code: &'a str,
    name: &'a str,
    severity: Severity,
    message: &'a str,
    notes: &'a [String],
    instead: Option<&'a str>,
    table: Option<&'a str>,
    file: &'a str,
    line: usize,
    column: usize,
    change: Option<&'a str>,
    accepted: Option<&'a str>,
    relaxed: Option<&'a str>,
}

impl<'a> Found<'a> {
    /// A finding as it is written.
    #[must_use]
    pub fn of(finding: &'a Finding) -> Found<'a> {
        Found {
            code: finding.rule.code,
            name: finding.rule.name,
            severity: finding.severity,
            message: &finding.message,
            notes: &finding.notes,
            instead: finding.instead.as_deref(),
            table: finding.table.as_deref(),
            file: &finding.place.file,
            line: finding.place.line,
            column: finding.place.column,
            change: finding.change.as_deref(),
            accepted: finding.accepted.as_deref(),
            relaxed: finding.relaxed.as_deref(),
        }
    }
}

/// All findings, and how many there are.
pub(super) fn render(report: &Report<'_>) -> String {
    let document = Document {
        findings: report.findings.iter().map(Found::of).collect(),
        summary: Counts::of(report.findings),
        notes: report.notes,
    };
    serde_json::to_string(&document).unwrap_or_default() + "\n"
}
