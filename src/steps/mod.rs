//! What is wanted and what is there, turned into a list of steps. Decides; does nothing.
//!
//! Knows: the plan and the registry's state as values. Must never know: files, the clock, the
//! environment, drivers or the terminal.

pub mod culprit;
pub mod deploy;
pub mod drift;
pub mod notes;
pub mod repair;
pub mod resolve;
pub mod revert;
pub mod state;
pub mod verify;

pub use notes::{RunNote, StepNote};
pub use state::{Checksums, Dependent, Deployed, DeployedTag, InDoubt, Project, State, Unrecorded};
