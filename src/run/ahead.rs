//! Changes on their way to the database: loaded in order, and sent ahead where the engine does that.

use super::Context;
use crate::engine::record::ChangeRecord;
use crate::engine::{Direction, Doubtful, Job, Resume, Script};
use crate::error::{Error, Result};
use crate::plan::Person;
use crate::steps::{Checksums, InDoubt};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// A change with everything it takes to apply it.
pub(super) struct Loaded {
    /// Its place in the list that is walked.
    pub(super) at: usize,
    pub(super) record: ChangeRecord,
    pub(super) direction: Direction,
    pub(super) script: Option<Script>,
    pub(super) verify: Option<Script>,
    pub(super) undo: Option<Script>,
    pub(super) checksums: Checksums,
    pub(super) resume: Option<(InDoubt, Doubtful)>,
}

impl Loaded {
    /// A change that reverts, or deploys without a look back.
    pub(super) fn new(at: usize, record: ChangeRecord, direction: Direction) -> Loaded {
        Loaded {
            at,
            record,
            direction,
            script: None,
            verify: None,
            undo: None,
            checksums: Checksums::default(),
            resume: None,
        }
    }

    /// What the engine is asked to do.
    pub(super) fn job<'a>(&'a self, committer: &'a Person) -> Job<'a> {
        Job {
            record: &self.record,
            direction: self.direction,
            script: self.script.as_ref(),
            verify: self.verify.as_ref(),
            undo: self.undo.as_ref(),
            checksums: &self.checksums,
            committer,
            resume: self.resume.as_ref().map(|(in_doubt, doubtful)| Resume { in_doubt, doubtful: *doubtful }),
        }
    }
}

/// The changes that were loaded and have not had their turn.
#[derive(Default)]
pub(super) struct Ahead {
    /// And whether the engine was sent them; those must have their turn.
    waiting: VecDeque<(Loaded, bool)>,
    /// What was wrong with the first change that could not be loaded or sent; those before it come
    /// first.
    trouble: Option<Error>,
    loaded: usize,
}

impl Ahead {
    /// The change whose turn is next, of those that `load` makes by their place. What was sent has its
    /// turn even after an interruption.
    ///
    /// # Errors
    /// When a change cannot be loaded, or the run was interrupted.
    pub(super) fn next(
        &mut self,
        context: &mut Context<'_>,
        mut load: impl FnMut(&mut Context<'_>, usize) -> Option<Result<Loaded>>,
    ) -> Result<Option<Loaded>> {
        let depth = context.engine.how_far_ahead();
        while self.trouble.is_none()
            && !context.interrupted.load(Ordering::Relaxed)
            && self.waiting.len() < depth
            && self.waiting.back().is_none_or(|(_, sent)| *sent)
        {
            match load(context, self.loaded) {
                None => break,
                Some(Err(error)) => self.trouble = Some(error),
                Some(Ok(loaded)) => {
                    self.loaded += 1;
                    let sent = if depth > 1 {
                        context.engine.send_ahead(&loaded.job(context.who))
                    } else {
                        Ok(false)
                    };
                    match sent {
                        Ok(sent) => self.waiting.push_back((loaded, sent)),
                        Err(error) => self.trouble = Some(error),
                    }
                }
            }
        }
        if self.waiting.front().is_none_or(|(_, sent)| !sent) {
            context.stop_if_interrupted()?;
        }
        match self.waiting.pop_front() {
            Some((next, _)) => Ok(Some(next)),
            None => self.trouble.take().map_or(Ok(None), Err),
        }
    }
}
