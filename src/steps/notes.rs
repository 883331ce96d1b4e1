//! Runs as the journal tells of them.

/// A run as the journal tells of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RunNote {
    /// Its number.
    pub run: i64,
    /// The command.
    pub command: String,
    /// The target in messages.
    pub target: String,
    /// When it began.
    pub started_at: Option<jiff::Timestamp>,
    /// When it ended; none if it was interrupted, or is still at work.
    pub ended_at: Option<jiff::Timestamp>,
    /// `done` or `failed`
    pub outcome: Option<String>,
    /// The program's version.
    pub tool_version: String,
    /// Who ran it.
    pub user_name: String,
    /// Their e-mail address.
    pub user_email: String,
    /// On which machine.
    pub host: String,
    /// The commit that git had checked out.
    pub git_commit: Option<String>,
    /// What it did, in order.
    pub steps: Vec<StepNote>,
}

/// What a run did with one change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StepNote {
    /// The change.
    pub change: String,
    /// `deploy` or `revert`
    pub direction: String,
    /// `atomic`, `stepwise` or `log-only`
    pub mode: String,
    /// `done`, `failed`, `stopped`, `settled` or `running`
    pub state: String,
    /// When it began.
    pub started_at: Option<jiff::Timestamp>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// How long it took until the attempt that counts, in milliseconds.
    pub waited_ms: i64,
    /// The longest that others were seen waiting for it, in milliseconds.
    pub others_waited_ms: i64,
    /// Who was in its way, a line for each.
    pub blockers: Option<String>,
    /// How many of its statements took effect, of one that ran step by step.
    pub statements_done: i64,
    /// How many it has.
    pub statements: i64,
}
