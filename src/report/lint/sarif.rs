//! Findings in SARIF 2.1.0, which code scanning and editors read.
//!
//! Knows: findings, what the standard demands. Must never know: who reads them.

use super::{Report, fingerprint, words};
use crate::error::Place;
use crate::lint::rule::{Finding, Rule, Severity};
use crate::report::rule_page;
use serde_json::{Value, json};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with its rules and results. Accepted findings are in it as suppressed results, but only for
/// those who want to see everything: GitHub takes suppressed results for open ones.
pub(super) fn render(report: &Report<'_>) -> String {
    let rules = rules(report);
    let prints = fingerprint::fingerprints(report.findings);
    let all = report.findings.iter().zip(&prints);
    let shown = all.filter(|(finding, _)| report.face.verbose || finding.accepted.is_none());
    let results: Vec<Value> = shown.map(|(finding, print)| result(report, finding, print, &rules)).collect();
    let notes = report.notes.iter().map(|note| json!({ "level": "note", "message": message(note) }));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "change",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notes.collect::<Vec<_>>(),
            }],
            "results": results,
        }],
    });
    log.to_string() + "\n"
}

/// The rules of all that is shown, in the order of their codes.
fn rules(report: &Report<'_>) -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> = report.shown().map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup_by_key(|rule| rule.code);
    rules
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": message(&rule_page::summary(rule)),
        "fullDescription": message(rule.reason),
        "help": { "text": words::plain(rule.recipe), "markdown": rule_page::page_apart(rule) },
        "helpUri": rule_page::address(rule),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["database", "migrations", rule_page::engine(rule.dialect)] },
    })
}

fn result(report: &Report<'_>, finding: &Finding, print: &str, rules: &[&'static Rule]) -> Value {
    let index = rules.iter().position(|rule| rule.code == finding.rule.code);
    let suppressions: Vec<Value> =
        finding.accepted.iter().map(|why| json!({ "kind": "inSource", "justification": why })).collect();
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index.map_or(json!(-1), |index| json!(index)),
        "level": level(finding.severity),
        "message": { "text": words::full(finding) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(&report.path(&finding.place.file)),
            "region": region(&finding.place),
        }}],
        "partialFingerprints": { "changeFinding/v1": print },
        "suppressions": suppressions,
        "properties": {
            "severity": finding.severity,
            "change": finding.change,
            "table": finding.table,
            "relaxed": finding.relaxed,
        },
    })
}

fn message(text: &str) -> Value {
    json!({ "text": text })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocks | Severity::Breaks => "error",
        Severity::Brief => "warning",
        Severity::Advice => "note",
    }
}

/// Lines and columns count from 1; the end is the column behind the last character.
fn region(place: &Place) -> Value {
    let (line, column) = (place.line.max(1), place.column.max(1));
    let (end_line, end_column) = place.end();
    let mut region = json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line.max(line),
        "endColumn": if end_line > line { end_column } else { end_column.max(column) },
    });
    let marked = place.marked().filter(|text| !text.is_empty());
    if let (Some(marked), Some(region)) = (marked, region.as_object_mut()) {
        region.insert("snippet".to_owned(), json!({ "text": marked }));
    }
    region
}

fn location(path: &str) -> Value {
    let uri = uri(path);
    match path.starts_with('/') {
        true => json!({ "uri": format!("file://{uri}") }),
        false => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
    }
}

/// A path as a URI: what is no plain letter is written in hexadecimal.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
