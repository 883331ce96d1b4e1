//! Findings of the past, kept in a file so that only new ones count.

use super::super::super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::lint::rule::Finding;
use crate::report::lint::fingerprints;
use std::collections::HashSet;

/// What the file holds.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Baseline {
    format: u32,
    findings: Vec<Known>,
}

/// One finding, with enough to be read by a person.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Known {
    fingerprint: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    file: String,
}

/// Accepts the findings that the file lists.
///
/// # Errors
/// When it cannot be read as a baseline.
pub(super) fn accept(
    session: &Session,
    path: &str,
    findings: &mut [Finding],
    notes: &mut Vec<String>,
) -> Result<()> {
    let text = std::fs::read_to_string(session.root.join(path)).map_err(|error| {
        Error::new(Kind::Project, "lint.baseline", format!("Cannot read the baseline {path}"))
            .because(error)
            .hint(format!("to make it: change lint --write-baseline {path}"))
    })?;
    let baseline: Baseline = serde_json::from_str(&text).map_err(|error| broken(path).because(error))?;
    if baseline.format != 1 {
        return Err(broken(path).because(format!("its format is {}", baseline.format)));
    }
    let mut known: HashSet<&str> = baseline.findings.iter().map(|known| known.fingerprint.as_str()).collect();
    let prints = fingerprints(findings);
    for (finding, print) in findings.iter_mut().zip(&prints) {
        if known.remove(print.as_str()) {
            finding.accepted.get_or_insert_with(|| format!("it is in the baseline {path}"));
        }
    }
    if !known.is_empty() {
        let gone = match known.len() {
            1 => format!("1 finding in {path} is gone"),
            count => format!("{count} findings in {path} are gone"),
        };
        notes.push(format!("{gone}; write it anew: change lint --write-baseline {path}"));
    }
    Ok(())
}

fn broken(path: &str) -> Error {
    Error::new(Kind::Project, "lint.baseline", format!("{path} is not a baseline of lint"))
        .hint(format!("to write it anew: change lint --write-baseline {path}"))
}

/// Writes the findings that are not accepted otherwise; says how many.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(session: &Session, path: &str, findings: &[Finding]) -> Result<usize> {
    let from_file = |finding: &Finding| {
        finding.accepted.as_deref().is_some_and(|why| why.starts_with("it is in the baseline"))
    };
    let prints = fingerprints(findings);
    let known: Vec<Known> = findings
        .iter()
        .zip(prints)
        .filter(|(finding, _)| finding.accepted.is_none() || from_file(finding))
        .map(|(finding, fingerprint)| Known {
            fingerprint,
            code: finding.rule.code.to_owned(),
            file: finding.place.file.clone(),
        })
        .collect();
    let count = known.len();
    let baseline = Baseline { format: 1, findings: known };
    let text = serde_json::to_string_pretty(&baseline).map_err(|error| broken(path).because(error))? + "\n";
    crate::project::replace(&session.root.join(path), text.as_bytes())?;
    Ok(count)
}
