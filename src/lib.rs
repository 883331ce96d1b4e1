//! `change`: database changes with their dependencies, each deployed, verified and revertible.
//!
//! The house, floor by floor, is described in `ARCHITECTURE.md`. Data flows one way: words on the
//! command line, the project on disk and the registry's state become a list of steps; a runner
//! walks them against a database and tells what happens. A lower floor never knows an upper one.

pub mod cli;
pub mod config;
pub mod engine;
pub mod error;
pub mod event;
pub mod fault;
pub mod lint;
pub mod plan;
pub mod policy;
pub mod project;
pub mod report;
pub mod run;
pub mod schema;
pub mod sql;
pub mod steps;
pub mod suggest;
pub mod template;
