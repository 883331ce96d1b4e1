//! Events, records and errors turned into text, for people and for machines.
//!
//! Knows: events, errors, values, a writer. Must never know: engines, files, the project.

pub mod date;
pub mod diagnostic;
pub mod format;
pub mod json;
pub mod notes;
pub mod pattern;
pub mod plain;
pub mod terminal;
