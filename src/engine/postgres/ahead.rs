//! Changes sent ahead of their turn: where each answer takes long to arrive, several changes are
//! under way at once.
//!
//! Each takes effect only if the one before it did (its guard looks for that one's record, inside its
//! own transaction), so a failure anywhere, at a COMMIT too, stops everything after it.

use super::atomic::{Started, clean};
use super::db::{Statement, fill};
use super::flight::{Flight, Load, can_fly};
use super::flown::Task;
use super::limits::{self, Attempts};
use super::look::{Look, made_by};
use super::script::{Ready, roll_back, why_stepwise};
use super::{Postgres, queries};
use crate::engine::journal::Waits;
use crate::engine::{Direction, Failure, Job, Output, Pipeline, Silent};
use crate::error::{Error, Kind, Result};
use crate::plan::Id;
use crate::sql::psql::Survey;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// From this on, a round trip is worth avoiding.
const SLOW: Duration = Duration::from_millis(2);
/// How many changes may be under way.
const DEPTH: usize = 24;
/// How much text may be under way.
const MOST_BYTES: usize = 1 << 20;

/// A change whose answers are still to be read.
#[derive(Debug)]
struct Sent {
    change: Before,
    script: Survey,
    verify: Option<Survey>,
    /// Whether it may keep others waiting.
    watched: bool,
    flight: Flight,
    bytes: usize,
}

/// The change that was sent before another.
#[derive(Debug, Clone)]
pub(super) struct Before {
    id: Id,
    direction: Direction,
}

impl Before {
    /// Fails unless the change before took effect.
    pub(super) fn guard(&self, schema: &str) -> Statement {
        let there = match self.direction {
            Direction::Deploy => "EXISTS",
            Direction::Revert => "NOT EXISTS",
        };
        let recorded = format!("{there} (SELECT 1 FROM {{r}}changes WHERE change_id = $1)");
        Statement::new(fill(&format!("SELECT 1 / ({recorded})::int"), schema), [self.id.to_string()])
    }

    /// A time later than all that the change before, `$2`, has recorded.
    pub(super) fn later(&self, schema: &str) -> (String, String) {
        let sql = "(SELECT max(committed_at) + interval '1 microsecond' FROM {r}events WHERE change_id = $2)";
        (fill(sql, schema), self.id.to_string())
    }
}

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    sent: VecDeque<Sent>,
    /// Changes whose answers were lost with their session, and whether they took effect.
    settled: VecDeque<(Id, bool)>,
    /// Changes that were sent in vain and have yet to have their turn: nothing may overtake them.
    due: VecDeque<Id>,
    /// How long an answer takes, as far as it was seen.
    round_trip: Duration,
    /// A change was cancelled because others waited; that may have met one after it.
    cancelled: bool,
}

impl Ahead {
    /// How long an answer takes, as far as it was measured.
    pub(super) fn round_trip(&self) -> Duration {
        self.round_trip
    }

    /// Forgets what was to come: the run is over.
    pub(super) fn end(&mut self) {
        self.due.clear();
        self.settled.clear();
    }

    fn bytes(&self) -> usize {
        self.sent.iter().map(|one| one.bytes).sum()
    }
}

impl Postgres {
    /// Notes how long an answer takes: some of those so far have cost the server next to nothing.
    pub(super) fn note_round_trip(&mut self) -> Result<()> {
        self.ahead.round_trip = self.registry()?.conn.quickest().unwrap_or_default();
        Ok(())
    }

    /// Whether a round trip is worth avoiding.
    pub(super) fn is_far(&self) -> bool {
        self.ahead.round_trip >= SLOW
    }

    pub(super) fn depth(&self) -> usize {
        match self.limits.pipeline {
            Pipeline::On => DEPTH,
            Pipeline::Auto if self.is_far() => DEPTH,
            Pipeline::Auto | Pipeline::Off => 1,
        }
    }

    /// Sends a change if nothing of it needs a look at an answer, and if it blocks nobody.
    pub(super) fn send_change(&mut self, job: &Job<'_>) -> Result<bool> {
        let free = self.ahead.settled.is_empty() && self.ahead.due.is_empty();
        let (Some(script), None, true) = (job.script, job.resume, free) else {
            return Ok(false);
        };
        // What is wrong with them is told when it is their turn.
        let Ok(script) = self.ready(script) else { return Ok(false) };
        let Ok(verify) = job.verify.map(|verify| self.ready(verify)).transpose() else { return Ok(false) };
        if !self.can_go_ahead(&script, verify.as_ref()) {
            return Ok(false);
        }
        let task = Task { job, script: &script, verify: verify.as_ref() };
        let mut flight = Flight::default();
        self.session_to_reset(&mut flight, task.traces())?;
        let before = self.ahead.sent.back().map(|sent| sent.change.clone());
        let waits = Waits { attempts: 1, ..Waits::default() };
        let look = Look::of(&script, &self.made).filter(|_| self.flavour().has_locks());
        self.plan_flight(&mut flight, &task, look.as_ref(), &waits, before.as_ref())?;
        let load = task.load();
        // Even if it could not be sent as a whole: what became of it is found out in its turn.
        let _ = flight.send(self.conn()?, load);
        self.made.extend(made_by(&script));
        let size = |survey: &Survey| survey.statements.iter().map(|one| one.text.len()).sum::<usize>();
        let bytes = size(&script.survey) + verify.as_ref().map_or(0, |verify| size(&verify.survey));
        self.ahead.sent.push_back(Sent {
            change: Before { id: job.record.id, direction: job.direction },
            script: script.survey,
            verify: verify.map(|verify| verify.survey),
            watched: look.is_some(),
            flight,
            bytes,
        });
        Ok(true)
    }

    fn can_go_ahead(&self, script: &Ready<'_>, verify: Option<&Ready<'_>>) -> bool {
        can_fly(script)
            && verify.is_none_or(can_fly)
            && why_stepwise(script, verify).is_none()
            && !script.survey.needs_new_session
            && self.ahead.bytes() < MOST_BYTES
            && !limits::blocks_unseen(script)
    }

    /// The turn of a change that may have been sent ahead; none if it was not, and is to be run now.
    pub(super) fn turn_of(
        &mut self,
        job: &Job<'_>,
        output: &mut dyn Output,
    ) -> Option<Result<(), Box<Failure>>> {
        if self.ahead.due.front() == Some(&job.record.id) {
            self.ahead.due.pop_front();
        }
        if let Some((id, done)) = self.ahead.settled.pop_front() {
            debug_assert_eq!(id, job.record.id);
            if done {
                return Some(Ok(()));
            }
            self.ahead.settled.clear();
            return None;
        }
        let sent = self.ahead.sent.pop_front()?;
        if sent.change.id != job.record.id {
            self.forget_sent();
            self.work = None;
            let error =
                Error::new(Kind::Database, "postgres.order", "changes were asked for in another order");
            return Some(Err(clean(error)));
        }
        Some(self.land(sent, job, output))
    }

    fn land(&mut self, mut sent: Sent, job: &Job<'_>, output: &mut dyn Output) -> Result<(), Box<Failure>> {
        let started = Started { at: self.now(), since: Instant::now() };
        let Some(script) = job.script else {
            return Err(clean(Error::new(Kind::Database, "postgres.order", "a change lost its script")));
        };
        let script = Ready { script, survey: sent.script, client: None };
        let verify =
            job.verify.zip(sent.verify).map(|(script, survey)| Ready { script, survey, client: None });
        let task = Task { job, script: &script, verify: verify.as_ref() };
        let mut attempts = Attempts::new();
        let (landed, seen) = self
            .land_watched(&mut sent.flight, task.load(), sent.watched, &mut attempts, output)
            .map_err(clean)?;
        self.ahead.cancelled |= seen.cancelled.is_some();
        let Err(error) = landed else { return Ok(()) };
        let others = self.forget_sent();
        let there = self.conn().is_ok_and(|conn| !conn.is_lost());
        let by_us = std::mem::take(&mut self.ahead.cancelled) && error.code() == "script.cancelled";
        if by_us && seen.cancelled == Some(false) {
            self.work = None;
            let error = limits::in_the_way(error, &seen, &self.limits);
            return self.atomic_failed(job, error, &attempts);
        }
        if there && let Ok(conn) = self.conn() {
            roll_back(conn);
        }
        if there && (limits::is_locked_out(&error) || by_us) {
            self.see_who_is_in_the_way(Look::of(&script, &self.made).as_ref(), &mut attempts);
            if by_us {
                self.work = None;
            }
            let again = if error.code() == limits::HELD && !attempts.is_behind_an_old_one() {
                Ok(())
            } else {
                self.wait_for_turn(&mut attempts, error, output)
            };
            let done = again.and_then(|()| self.run_patiently(&task, &started, &mut attempts, output));
            return done.or_else(|error| self.atomic_failed(job, error, &attempts));
        }
        self.atomic_failed(job, error, &attempts)?;
        // Its commit was done although its answer was lost; so may those of others have been.
        self.settle_others(others).map_err(clean)
    }

    /// Reads the answers to whatever is still under way: nothing of it took effect if the change
    /// before it did not.
    fn forget_sent(&mut self) -> Vec<Before> {
        let mut forgotten = Vec::new();
        while let Some(mut sent) = self.ahead.sent.pop_front() {
            if let Ok(conn) = self.conn()
                && !conn.is_lost()
            {
                let _ = sent.flight.land(conn, Load::NONE, &mut Silent);
            }
            self.ahead.due.push_back(sent.change.id);
            forgotten.push(sent.change);
        }
        forgotten
    }

    fn settle_others(&mut self, others: Vec<Before>) -> Result<()> {
        for other in others {
            let deployed = queries::is_deployed(self.registry()?, other.id)?;
            let done = deployed == (other.direction == Direction::Deploy);
            self.ahead.settled.push_back((other.id, done));
        }
        self.note_latest_again()
    }
}
