//! Hazards that are known and no rule.
//!
//! Knows: their list, which stands in the index of the rules. Must never know: how it is shown.

/// Code, name, and why it is no rule.
pub static OMITTED: &[(&str, &str, &str)] = &[];
