//! What tells two findings apart, and knows one again after the lines around it have moved.
//!
//! Knows: findings. Must never know: where fingerprints are kept.

use crate::lint::rule::Finding;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A fingerprint for each finding, in their order: of its rule, its file and the text that it is about.
/// Neither line nor blanks count; of several that are alike the second and further ones are numbered.
#[must_use]
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut number = |finding: &Finding| {
        let text = about(finding);
        let count = seen.entry(text.clone()).or_default();
        *count += 1;
        digest(&format!("{text}\0{count}"))
    };
    findings.iter().map(&mut number).collect()
}

fn about(finding: &Finding) -> String {
    let marked = finding.place.marked().filter(|text| !text.trim().is_empty());
    let text = marked.or_else(|| finding.place.text.clone()).unwrap_or_else(|| finding.message.clone());
    let words: Vec<&str> = text.split_whitespace().collect();
    let table = finding.table.as_deref().unwrap_or_default();
    [finding.rule.code, &finding.place.file, table, &words.join(" ")].join("\0")
}

/// Half of the digest is enough, and fits where it is shown.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
