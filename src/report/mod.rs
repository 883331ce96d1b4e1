//! Events, records, errors and findings turned into text, for people and for machines.
//!
//! Knows: events, errors, findings, values, a writer. Must never know: engines, files, the project.

pub mod date;
pub mod diagnostic;
mod excerpt;
pub mod explain;
pub mod format;
pub mod json;
pub mod lint;
pub mod notes;
pub mod pattern;
pub mod plain;
mod prose;
pub mod review;
pub mod rule_page;
pub mod terminal;
