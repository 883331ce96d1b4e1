//! How right a tool is: its claims against what was measured.

use crate::label::{Label, Labels, words};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a tool says about a case: labels, with the rules that say so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim {
    said: BTreeMap<Label, Vec<String>>,
}

impl Claim {
    pub(crate) fn add(&mut self, label: Label, rule: &str) {
        let rules = self.said.entry(label).or_default();
        if !rules.iter().any(|known| known == rule) {
            rules.push(rule.to_owned());
        }
    }

    fn has(&self, label: Label) -> bool {
        self.said.contains_key(&label)
    }
}

/// Which labels count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Over {
    /// What stops a change: the main score.
    Hazards,
    /// Brief locks too.
    All,
}

impl Over {
    fn labels(self) -> &'static [Label] {
        match self {
            Over::Hazards => &[Label::Blocks, Label::Breaks],
            Over::All => &[Label::Blocks, Label::Breaks, Label::Brief],
        }
    }
}

/// The claims of a tool about all cases, counted.
#[derive(Debug, Default)]
pub(crate) struct Score {
    right: usize,
    /// Claimed, but not measured.
    wrong: usize,
    /// Measured, but not claimed.
    missed: usize,
    /// Scripts that fail, and those among them about which the tool said anything.
    failing: (usize, usize),
    /// The cases that are not right, in words.
    pub(crate) stories: Vec<String>,
}

impl Score {
    /// Of what is claimed, the part that is so.
    pub(crate) fn precision(&self) -> f64 {
        part(self.right, self.wrong)
    }

    /// Of what is so, the part that is claimed.
    pub(crate) fn recall(&self) -> f64 {
        part(self.right, self.missed)
    }

    pub(crate) fn line(&self) -> String {
        format!(
            "precision {:.3} ({} of {}), recall {:.3} ({} of {})",
            self.precision(),
            self.right,
            self.right + self.wrong,
            self.recall(),
            self.right,
            self.right + self.missed
        )
    }

    pub(crate) fn failing(&self) -> String {
        let (all, noticed) = self.failing;
        format!("{noticed} of {all} failing scripts raise a finding (not scored)")
    }
}

#[allow(clippy::cast_precision_loss)]
fn part(right: usize, other: usize) -> f64 {
    if right + other == 0 { 0.0 } else { right as f64 / (right + other) as f64 }
}

/// Counts the claims over all cases that were measured. Scripts that fail are left out: what they
/// would have blocked cannot be measured.
pub(crate) fn score(
    measured: &BTreeMap<String, Labels>,
    claims: &BTreeMap<String, Claim>,
    over: Over,
) -> Score {
    let mut score = Score::default();
    for (name, labels) in measured {
        let Some(claim) = claims.get(name) else { continue };
        if labels.contains(&Label::Fails) {
            score.failing.0 += 1;
            score.failing.1 += usize::from(!claim.said.is_empty());
            continue;
        }
        let mut story = String::new();
        for label in over.labels().iter().filter(|label| !is_told_by_more(**label, labels, claim)) {
            match (claim.has(*label), labels.contains(label)) {
                (true, true) => score.right += 1,
                (true, false) => {
                    score.wrong += 1;
                    let rules = claim.said[label].join(" ");
                    write!(story, " claims {} ({rules}),", label.word()).unwrap();
                }
                (false, true) => {
                    score.missed += 1;
                    write!(story, " misses {},", label.word()).unwrap();
                }
                (false, false) => {}
            }
        }
        if !story.is_empty() {
            score.stories.push(format!("{name}:{story} measured {}", words(labels).join(" ")));
        }
    }
    score
}

/// A brief lock is no news where the tool or the server says something worse.
fn is_told_by_more(label: Label, labels: &Labels, claim: &Claim) -> bool {
    let worse = [Label::Blocks, Label::Breaks].iter().any(|worse| labels.contains(worse));
    label == Label::Brief && (worse || claim.has(Label::Blocks))
}
