//! Findings as commands of GitHub's workflows, which become annotations beside the code.
//!
//! Knows: findings, how a command is written. Must never know: whether it runs there.

use super::{Report, words};
use crate::lint::rule::{Finding, Severity};

/// A command for each finding, then what must be said of the whole, and how many there are. GitHub shows
/// ten of a kind and step only, so the gravest come first.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut findings: Vec<&Finding> = report.open().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut lines: Vec<String> = findings.iter().map(|finding| annotation(report, finding)).collect();
    lines.extend(report.notes.iter().map(|note| format!("::notice title=change lint::{}", data(note))));
    lines.push(words::summary(report));
    lines.join("\n") + "\n"
}

fn annotation(report: &Report<'_>, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Blocks | Severity::Breaks => "error",
        Severity::Brief => "warning",
        Severity::Advice => "notice",
    };
    let place = &finding.place;
    let (end_line, end_column) = place.end();
    let mut properties = vec![
        format!("file={}", property(&report.path(&place.file))),
        format!("line={}", place.line.max(1)),
        format!("endLine={}", end_line.max(place.line).max(1)),
        format!("col={}", place.column.max(1)),
    ];
    // Columns of an end are known of one line only.
    if end_line == place.line && end_column > place.column {
        properties.push(format!("endColumn={end_column}"));
    }
    let title = format!("{} {}", finding.rule.code, finding.rule.name);
    properties.push(format!("title={}", property(&title)));
    format!("::{command} {}::{}", properties.join(","), data(&words::full(finding)))
}

fn data(text: &str) -> String {
    words::printable(&text.replace("\r\n", "\n")).replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
