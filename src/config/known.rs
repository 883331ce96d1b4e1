//! The keys of our own sections, to catch misspelt ones.
//!
//! Knows: names only. Must never know: what the keys do. Sqitch's sections are left alone, since
//! plugins and older versions put what they like there.

use crate::suggest::suggest as nearest;

/// Every fixed key of our sections. `lint` and `rehearse` may hold further keys per rule.
const KEYS: &[&str] = &[
    "policy.way_back",
    "policy.since",
    "policy.drift",
    "policy.hazards",
    "compat.open_transaction",
    "compat.shared_registry",
    "safety.lock_timeout",
    "safety.statement_timeout",
    "safety.lock_budget",
    "safety.patience",
    "safety.large_table_rows",
    "safety.large_table_bytes",
];

/// Our sections, and those in which any key is taken.
const SECTIONS: &[&str] = &["policy", "safety", "compat", "lint", "rehearse"];
const OPEN: &[&str] = &["lint", "rehearse"];

/// Sections of Sqitch that look like one of ours, but are not misspelt.
const FOREIGN: &[&str] = &[
    "core", "engine", "target", "user", "include", "init", "add", "rework", "tag", "bundle", "deploy",
    "revert", "verify", "check", "rebase", "checkout", "log", "plan", "status", "show", "upgrade", "help",
    "config",
];

/// The known key closest to `key`, if `key` lies in one of our sections (or in one spelt almost
/// like it) and is not known itself.
#[must_use]
pub fn suggest(key: &str) -> Option<&'static str> {
    let key = super::fold_key(key);
    let section = key.split('.').next().unwrap_or_default();
    if KEYS.contains(&key.as_str()) || OPEN.contains(&section) || FOREIGN.contains(&section) {
        return None;
    }
    nearest(section, SECTIONS.iter().copied())?;
    nearest(&key.replace('-', "_"), KEYS.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_of_ours_find_their_neighbour() {
        assert_eq!(suggest("policy.wayback"), Some("policy.way_back"));
        assert_eq!(suggest("Policy.Way-Back"), Some("policy.way_back"));
        assert_eq!(suggest("saftey.lock_timeout"), Some("safety.lock_timeout"));
        assert_eq!(suggest("safety.statment_timeout"), Some("safety.statement_timeout"));
    }

    #[test]
    fn known_foreign_and_far_keys_get_no_suggestion() {
        for key in
            ["policy.drift", "core.engine", "target.x.uri", "lint.anything", "policy.zzzzzzzzzz", "x", ""]
        {
            assert_eq!(suggest(key), None, "{key}");
        }
    }
}
