//! Lint: what pending changes would do to a live database, and what of that somebody should know
//! before.
//!
//! Knows: statements, catalogues, effects, rules. Must never know: files, databases, how findings are
//! shown.

pub mod effect;
pub mod explain;
pub mod fix;
mod place;
pub mod plan;
mod relax;
pub mod review;
pub mod rule;
pub mod rules;
pub mod settings;
pub mod state;
mod walk;

pub use walk::{Outcome, Step, Subject, walk};

/// Every rule: those about statements, then those about changes.
pub fn every_rule() -> impl Iterator<Item = &'static rule::Rule> {
    rules::all().chain(plan::RULES.iter().map(|own| &own.rule))
}
