//! Findings as test results in JUnit's XML: a test for each script, which fails with its findings.
//!
//! Knows: findings. Must never know: who reads them.

use super::{Report, words};
use crate::lint::rule::Finding;
use std::collections::BTreeSet;

/// One suite, with a test case for each file. What does not fail the command fails no test: it is in the
/// output of its test.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut named: BTreeSet<&str> = report.files.iter().map(String::as_str).collect();
    let mut files: Vec<&str> = report.files.iter().map(String::as_str).collect();
    // A finding may stand in a file that a script reads.
    let others = report.findings.iter().map(|finding| finding.place.file.as_str());
    files.extend(others.filter(|file| named.insert(file)));
    let mut failures = 0;
    let mut cases = String::new();
    for file in &files {
        let findings: Vec<&Finding> =
            report.findings.iter().filter(|finding| finding.place.file == **file).collect();
        failures += usize::from(findings.iter().any(|finding| report.fails(finding)));
        cases.push_str(&case(report, file, &findings));
    }
    let tests = files.len();
    let totals = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    let mut output = report.notes.join("\n");
    if !output.is_empty() {
        output.push('\n');
    }
    output.push_str(&words::summary(report));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"change lint\" {totals}>\n  \
         <testsuite name=\"change lint\" {totals} skipped=\"0\" time=\"0\">\n{cases}    \
         <system-out>{}</system-out>\n  </testsuite>\n</testsuites>\n",
        escaped(&output)
    )
}

fn case(report: &Report<'_>, file: &str, findings: &[&Finding]) -> String {
    let (name, path) = (attribute(file), attribute(&report.path(file)));
    let mut inside = String::new();
    for finding in findings.iter().filter(|finding| report.fails(finding)) {
        inside.push_str(&format!(
            "      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
            attribute(finding.rule.code),
            attribute(&headline(finding)),
            escaped(&described(finding))
        ));
    }
    let others: Vec<String> =
        findings.iter().filter(|finding| !report.fails(finding)).map(|finding| described(finding)).collect();
    if !others.is_empty() {
        inside.push_str(&format!("      <system-out>{}</system-out>\n", escaped(&others.join("\n\n"))));
    }
    let head = format!("    <testcase classname=\"change lint\" name=\"{name}\" file=\"{path}\" time=\"0\"");
    if inside.is_empty() { format!("{head}/>\n") } else { format!("{head}>\n{inside}    </testcase>\n") }
}

fn headline(finding: &Finding) -> String {
    format!("{} line {}: {}", finding.rule.code, finding.place.line, words::one_line(&finding.message))
}

fn described(finding: &Finding) -> String {
    let place = &finding.place;
    let marked = place.text.as_ref().map(|text| format!("{text}\n")).unwrap_or_default();
    let at = format!("{}:{}:{}", place.file, place.line, place.column);
    format!("{at}: {} {}\n{marked}{}", finding.rule.code, finding.severity.words(), words::full(finding))
}

/// Text between tags. What no XML may hold, however it is written, is replaced.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for letter in words::printable(text).chars() {
        match letter {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            _ => xml.push(letter),
        }
    }
    xml
}

/// In an attribute, readers turn line feeds and tabs into blanks unless they are written so.
fn attribute(text: &str) -> String {
    escaped(text).replace('\n', "&#10;").replace('\t', "&#9;")
}
