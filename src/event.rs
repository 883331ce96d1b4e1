//! All that can be told to a person or a machine while something is done, as data.
//!
//! Knows: nothing of the rest of the house but errors. Must never know: how it is shown.

use crate::error::Error;
use serde::Serialize;

/// What a run does to its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Deploys them.
    Deploy,
    /// Reverts them.
    Revert,
    /// Verifies them.
    Verify,
}

/// How a change came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Well.
    Ok,
    /// Badly.
    NotOk,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Another runner holds the lock.
    Waiting {
        /// The target.
        destination: String,
        /// Who holds it.
        holder: String,
        /// How long it will be waited for, in seconds.
        seconds: u64,
    },
    /// The registry is about to be made.
    AddingRegistry {
        /// The registry.
        destination: String,
    },
    /// Something in passing that is no trouble.
    Info {
        /// The text.
        text: String,
    },
    /// Something that may be trouble.
    Warning {
        /// The text.
        text: String,
    },
    /// There is nothing to do; not an error.
    Nothing {
        /// Why.
        text: String,
    },
    /// A run begins.
    Started {
        /// What it does.
        action: Action,
        /// The target.
        destination: String,
        /// The change it ends with, if one was named.
        limit: Option<String>,
        /// How many changes it will touch.
        changes: usize,
        /// Whether a person has just been asked, and so knows all this.
        asked: bool,
    },
    /// Work on a change begins.
    ChangeStarted {
        /// What is done.
        action: Action,
        /// The name.
        change: String,
        /// The id.
        change_id: String,
        /// The name with its tags.
        label: String,
        /// The length of the longest label of the run, in characters.
        width: usize,
    },
    /// Output of a script.
    Output {
        /// `stdout` or `stderr`
        stream: &'static str,
        /// What it wrote.
        text: String,
    },
    /// A remark on the change at hand.
    Remark {
        /// The text.
        text: String,
    },
    /// Work on a change is over.
    ChangeFinished {
        /// What was done.
        action: Action,
        /// The name.
        change: String,
        /// The id.
        change_id: String,
        /// How it came out.
        verdict: Verdict,
        /// How long it took.
        duration_ms: u128,
    },
    /// An error that does not end the program yet.
    Trouble {
        /// The error.
        #[serde(serialize_with = "error_as_data")]
        error: Error,
    },
    /// Changes of this run are about to be taken back.
    RollingBack {
        /// The change that stays as the last one; none if all are taken back.
        to: Option<String>,
    },
    /// Planned changes that are not deployed.
    Undeployed {
        /// Their labels.
        changes: Vec<String>,
    },
    /// The report of a verification that found something.
    VerifyReport {
        /// How many changes were looked at.
        changes: usize,
        /// How many errors were found.
        errors: usize,
    },
    /// A verification found nothing.
    VerifyPassed,
    /// The run is over.
    Finished {
        /// What was done.
        action: Action,
        /// How many changes came out well.
        changes: usize,
        /// How long it took in all.
        duration_ms: u128,
        /// What a person may want to do next.
        next: Option<String>,
    },
}

/// Somebody who wants to be told.
pub trait Listener {
    /// Something happened.
    fn tell(&mut self, event: &Event);
}

/// Serializes an error with everything that is known about it.
fn error_as_data<S: serde::Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    ErrorData::from(error).serialize(serializer)
}

/// An error as machines read it.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorData {
    /// The kind.
    pub kind: crate::error::Kind,
    /// The stable code.
    pub code: &'static str,
    /// The message.
    pub message: String,
    /// Where it happened.
    pub place: Option<crate::error::Place>,
    /// What lies below it.
    pub causes: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// Further errors of the same reading.
    pub also: Vec<ErrorData>,
}

impl From<&Error> for ErrorData {
    fn from(error: &Error) -> ErrorData {
        ErrorData {
            kind: error.kind(),
            code: error.code(),
            message: error.message().to_owned(),
            place: error.place().cloned(),
            causes: error.causes().to_vec(),
            hints: error.hints().to_vec(),
            also: error.others().iter().map(ErrorData::from).collect(),
        }
    }
}
