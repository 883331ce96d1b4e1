//! What engines have in common that go step by step on a server: how the journal is told that a step
//! stopped, and how a change goes back whose verify script said no.

use super::journal::{self, Stop};
use super::record::ChangeRecord;
use super::registry::Write;
use super::{Failure, Job, Left, Output, Script};
use crate::error::{Error, Kind, Result};

/// How far a step came that stopped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Halt {
    /// The row of the journal.
    pub(super) step: i64,
    /// How many statements are certainly done.
    pub(super) done: usize,
    /// Whether anything took effect and stays.
    pub(super) half: bool,
    /// Whether the statement that was running may have taken effect.
    pub(super) doubtful: bool,
}

/// An engine whose changes may take effect statement by statement.
pub(super) trait Stepping {
    /// Why statements stay that came before the one that failed.
    const STAYS: &'static str;

    /// Writes a row of the journal.
    ///
    /// # Errors
    /// When the database refuses, or is gone.
    fn tell(&mut self, write: &Write) -> Result<()>;

    /// The time, as the journal's columns want it.
    fn moment(&self) -> String;

    /// Runs the revert script of a step that is not recorded as deployed, and closes the step.
    ///
    /// # Errors
    /// When the script fails; what it did is in the journal.
    fn run_and_close(
        &mut self,
        script: &Script,
        record: &ChangeRecord,
        closed: Write,
        output: &mut dyn Output,
    ) -> Result<()>;

    /// A statement failed. What was committed before it stays, and the journal says how far that is.
    fn halted(&mut self, halt: Halt, error: Error) -> Box<Failure> {
        let (text, now) = (error.to_string(), self.moment());
        let half = halt.half || halt.doubtful;
        let stop = Stop { done: halt.done, half, doubtful: halt.doubtful, error: &text, now: &now };
        let noted = self.tell(&journal::stop(halt.step, &stop));
        // A step that the journal holds open stands in the way of all others, as one that is half.
        let left = if half || noted.is_err() { Left::Half } else { Left::Nothing };
        let error = if halt.half { error.hint(Self::STAYS) } else { error };
        let error = if let Err(trouble) = noted { error.because(trouble) } else { error };
        Box::new(Failure { error, left, undo: None })
    }

    /// The verify script said no after everything was committed: take it back with the revert script.
    fn undo(&mut self, job: &Job<'_>, halt: Halt, error: Error, output: &mut dyn Output) -> Box<Failure> {
        let (text, now) = (error.to_string(), self.moment());
        let undone = match job.undo {
            Some(script) => {
                let closed = journal::closed(halt.step, "failed", Some(&text), &now);
                self.run_and_close(script, job.record, closed, output)
            }
            None => {
                Err(Error::new(Kind::Script, "revert.missing", "there is no revert script to take it back"))
            }
        };
        let Err(trouble) = undone else {
            return Box::new(Failure { error, left: Left::Nothing, undo: None });
        };
        // The journal is told in passing: what counts are the errors themselves.
        let stop = Stop { done: halt.done, half: true, doubtful: false, error: &text, now: &now };
        let _ = self.tell(&journal::stop(halt.step, &stop));
        Box::new(Failure { error, left: Left::Half, undo: Some(trouble) })
    }
}
