//! What a change may take of a live database.

use std::time::Duration;

/// What a change may take of a live database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest that a statement waits for a lock.
    pub lock_timeout: Duration,
    /// The longest that a statement runs which blocks others.
    pub statement_timeout: Duration,
    /// The longest that others may be made to wait.
    pub lock_budget: Duration,
    /// How long a change is tried again that did not get its locks.
    pub patience: Duration,
    /// Whether changes are sent before the answers to earlier ones are there.
    pub pipeline: Pipeline,
}

/// Whether changes are sent before the answers to earlier ones are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pipeline {
    /// Where answers take long to arrive.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            lock_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            lock_budget: Duration::from_millis(100),
            patience: Duration::from_secs(60),
            pipeline: Pipeline::Auto,
        }
    }
}
