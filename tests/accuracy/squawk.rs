//! Asking squawk about a case. It reads the text of the change alone.

use crate::case::Case;
use crate::label::Label;
use crate::place;
use crate::score::Claim;
use change::sql::psql::Shape;
use serde_json::Value;
use std::process::Command;

/// What squawk's rules claim, in the words of the labels. A rule that is not here claims nothing
/// about the database or the application: it asks for timeouts or other types, for statements that can
/// be repeated, or for directives that are used.
const RULES: [(&str, Label, &str); 50] = [
    ("adding-field-with-default", Label::Blocks, "the table is rewritten"),
    ("adding-foreign-key-constraint", Label::Blocks, "both tables are locked while one is scanned"),
    ("adding-not-nullable-field", Label::Blocks, "the table is scanned under its lock"),
    ("adding-serial-primary-key-field", Label::Blocks, "the index is built under the lock"),
    ("ban-alter-domain-with-add-constraint", Label::Blocks, "tables of the domain are scanned"),
    ("changing-column-type", Label::Blocks, "the table is rewritten"),
    ("constraint-missing-not-valid", Label::Blocks, "the table is scanned under its lock"),
    ("disallowed-unique-constraint", Label::Blocks, "the index is built under the lock"),
    ("prefer-repack", Label::Blocks, "the table is rewritten"),
    ("require-concurrent-index-creation", Label::Blocks, "writers wait while it is built"),
    ("require-concurrent-reindex", Label::Blocks, "writers wait while it is built"),
    ("require-concurrent-index-deletion", Label::Brief, "a lock, and no work under it"),
    ("require-concurrent-partition-detach", Label::Brief, "a lock, and no work under it"),
    ("ban-drop-index", Label::Brief, "a lock, and no work under it"),
    ("adding-required-field", Label::Breaks, "what inserts without it fails"),
    ("ban-alter-extension", Label::Breaks, "behaviour changes for who uses it"),
    ("ban-alter-generated-expression", Label::Breaks, "values change"),
    ("ban-alter-identity", Label::Breaks, "inserts with a value fail"),
    ("ban-alter-policy-condition", Label::Breaks, "rows vanish"),
    ("ban-alter-policy-roles", Label::Breaks, "rows vanish"),
    ("ban-alter-row-level-security", Label::Breaks, "rows vanish"),
    ("ban-alter-sequence-values", Label::Breaks, "keys collide"),
    ("ban-create-policy", Label::Breaks, "rows vanish"),
    ("ban-detach-inheritance", Label::Breaks, "rows vanish from the parent"),
    ("ban-disable-trigger", Label::Breaks, "what it did is not done"),
    ("ban-drop-column", Label::Breaks, "data are lost"),
    ("ban-drop-constraint", Label::Breaks, "a guarantee is lost"),
    ("ban-drop-database", Label::Breaks, "data are lost"),
    ("ban-drop-default", Label::Breaks, "inserts without a value fail"),
    ("ban-drop-domain", Label::Breaks, "what uses it fails"),
    ("ban-drop-extension", Label::Breaks, "what uses it fails"),
    ("ban-drop-function", Label::Breaks, "callers fail"),
    ("ban-drop-generated-expression", Label::Breaks, "values are no longer computed"),
    ("ban-drop-not-null", Label::Breaks, "a guarantee is lost"),
    ("ban-drop-policy", Label::Breaks, "rows vanish"),
    ("ban-drop-schema", Label::Breaks, "data are lost"),
    ("ban-drop-sequence", Label::Breaks, "what uses it fails"),
    ("ban-drop-table", Label::Breaks, "data are lost"),
    ("ban-drop-trigger", Label::Breaks, "what it did is not done"),
    ("ban-drop-type", Label::Breaks, "what uses it fails"),
    ("ban-drop-view", Label::Breaks, "readers fail"),
    ("ban-new-write-restriction", Label::Breaks, "writes that were accepted fail"),
    ("ban-replace-view-function", Label::Breaks, "readers are told something else"),
    ("ban-revoke", Label::Breaks, "the application is refused"),
    ("ban-set-default", Label::Breaks, "inserts get another value"),
    ("ban-set-schema", Label::Breaks, "it is not found"),
    ("ban-truncate-cascade", Label::Breaks, "data are lost"),
    ("renaming-column", Label::Breaks, "it is not found"),
    ("renaming-object", Label::Breaks, "it is not found"),
    ("renaming-table", Label::Breaks, "it is not found"),
];

/// What it says about the script.
pub(crate) fn ask(program: &str, case: &Case) -> Result<Claim, String> {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("judged.sql");
    std::fs::write(&script, &case.change).unwrap();
    let mut command = Command::new(program);
    command.current_dir(folder.path()).args(["--reporter", "json", "--pg-version", "15.0"]);
    let stepwise = case.change.lines().any(|line| line.trim() == "-- change: transaction=off");
    if place::survey(&case.change).shape == (Shape::Atomic { own_transaction: false }) && !stepwise {
        command.arg("--assume-in-transaction");
    }
    let done = command.arg(&script).output().map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&done.stdout);
    let findings: Value = serde_json::from_str(&said)
        .map_err(|error| format!("squawk: {error}\n{said}{}", String::from_utf8_lossy(&done.stderr)))?;
    let mut claim = Claim::default();
    for finding in findings.as_array().ok_or("squawk's answer is no list")? {
        let rule = finding["rule_name"].as_str().unwrap_or_default();
        if let Some((_, label, _)) = RULES.iter().find(|(name, ..)| *name == rule) {
            claim.add(*label, rule);
        }
    }
    Ok(claim)
}
