//! Hazards that are known and no rule.
//!
//! Knows: their list, which stands in the index of the rules. Must never know: how it is shown.

/// Code, name, and why it is no rule.
pub static OMITTED: &[(&str, &str, &str)] = &[
    (
        "PL39",
        "fk-validate-referenced-row-share",
        "VALIDATE CONSTRAINT is the form that the other rules ask for: it reads the whole table, but nobody who \
         reads or writes waits. That it takes ROW SHARE on the referenced table too is a fact that \
         `change explain` tells",
    ),
    (
        "PS09",
        "unused-index",
        "it needs the counts of index scans, over weeks and on every replica; it is about a database, not about \
         a change",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rules;
    use std::collections::BTreeSet;

    /// Every hazard that is known, by its letters and the highest number.
    const KNOWN: [(&str, usize); 11] = [
        ("PL", 39),
        ("PR", 17),
        ("PA", 26),
        ("PD", 13),
        ("PN", 11),
        ("PI", 5),
        ("PB", 7),
        ("PX", 3),
        ("PS", 24),
        ("ML", 28),
        ("SL", 18),
    ];

    #[test]
    fn every_known_hazard_is_a_rule_or_omitted_and_none_is_both() {
        let ruled: BTreeSet<&str> = rules::all().map(|rule| rule.code).collect();
        let omitted: BTreeSet<&str> = OMITTED.iter().map(|(code, ..)| *code).collect();
        assert_eq!(omitted.len(), OMITTED.len(), "a code stands twice in the list");
        for (letters, last) in KNOWN {
            for number in 1..=last {
                let code = format!("{letters}{number:02}");
                let (rule, left_out) = (ruled.contains(code.as_str()), omitted.contains(code.as_str()));
                assert!(rule || left_out, "{code} is neither a rule nor omitted");
                assert!(!(rule && left_out), "{code} is a rule, and omitted too");
            }
        }
        let known = |code: &str| {
            let (letters, number) = code.split_at(2);
            let last = KNOWN.iter().find(|(known, _)| *known == letters).map(|(_, last)| *last);
            number.parse::<usize>().is_ok_and(|number| last.is_some_and(|last| number <= last))
        };
        for (code, name, why) in OMITTED {
            assert!(known(code), "{code} is omitted, but nobody knows it");
            assert!(!name.is_empty() && !why.is_empty(), "{code} has no name or no reason");
        }
    }
}
