//! A change in one transaction and one flight: the messages, and what comes back.

use super::ahead::Before;
use super::db::{Statement, fill};
use super::flight::{Flight, Load};
use super::limits::{self, Attempts};
use super::lock;
use super::look::Look;
use super::script::Ready;
use super::watch::{Guard, Seen};
use super::{Postgres, columns};
use crate::engine::journal::Waits;
use crate::engine::{Job, Output};
use crate::error::Result;
use crate::sql::psql::Traces;
use std::time::Duration;

/// Makes the session, inside its transaction, what our own statements need: whatever the script
/// has set is put back, as it would be for the next script.
pub(super) const OWN_SESSION: [&str; 3] = ["RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"];
const OWN_SETTINGS: &str = "pg_catalog.set_config('search_path', 'pg_catalog', true), \
     pg_catalog.set_config('client_encoding', 'UTF8', true), \
     pg_catalog.set_config('client_min_messages', 'warning', true), \
     pg_catalog.set_config('statement_timeout', '0', true), \
     pg_catalog.set_config('lock_timeout', '2s', true)";
/// What was put off to the end of the transaction happens as the script has set things, not as we do.
pub(super) const NOTHING_DEFERRED: &str = "SET CONSTRAINTS ALL IMMEDIATE";
pub(super) const BEFORE_VERIFY: &str = "SAVEPOINT change_verify_75474065";
/// With [`OWN_SESSION`], what a fresh session would see, as far as a transaction can have it.
pub(super) const FRESH: [&str; 3] = ["CLOSE ALL", "DEALLOCATE ALL", "DISCARD TEMP"];
pub(super) const AFTER_VERIFY: [&str; 2] =
    ["ROLLBACK TO SAVEPOINT change_verify_75474065", "RELEASE SAVEPOINT change_verify_75474065"];
/// A flight of a longer script is not sent before the server begins to work.
const SENT_AT_ONCE: usize = 32 * 1024;

/// How many microseconds the rows of one change may take: one for each of its tags, and more.
const TIMES_OF_A_CHANGE: i64 = 1000;

/// A change with its scripts.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) script: &'a Ready<'a>,
    pub(super) verify: Option<&'a Ready<'a>>,
}

impl<'a> Task<'a> {
    pub(super) fn load(&self) -> Load<'a> {
        Load { script: Some(self.script), verify: self.verify }
    }

    /// What its scripts leave in their session.
    pub(super) fn traces(&self) -> Traces {
        let verify = self.verify.map_or(Traces::None, |verify| verify.survey.traces);
        self.script.survey.traces.max(verify)
    }
}

impl Postgres {
    /// The whole change in one flight.
    pub(super) fn fly(
        &mut self,
        task: &Task<'_>,
        look: Option<&Look>,
        careful: bool,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<(Result<()>, Seen)> {
        let mut flight = Flight::default();
        self.session_to_reset(&mut flight, task.traces())?;
        self.plan_flight(&mut flight, task, look, &attempts.waits(), None)?;
        let load = task.load();
        let (landed, seen) = if careful && task.script.script.bytes().len() > SENT_AT_ONCE {
            // The server is at work before everything is sent.
            self.watched(attempts, Guard::Cancel, self.unwatched(), |engine, _| {
                let landed = flight.run(engine.conn()?, load, output)?;
                engine.landed(landed.told.as_deref());
                Ok(())
            })?
        } else {
            if let Err(error) = flight.send(self.conn()?, load) {
                return Ok((Err(error), Seen::default()));
            }
            self.land_watched(&mut flight, load, careful, attempts, output)?
        };
        if landed.is_ok() {
            self.done_with(&task.script.survey);
        }
        Ok((landed, seen))
    }

    /// Reads the answers to a flight. If it may keep others waiting and takes a while, it is watched.
    pub(super) fn land_watched(
        &mut self,
        flight: &mut Flight,
        load: Load<'_>,
        careful: bool,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<(Result<()>, Seen)> {
        let unwatched = self.unwatched();
        let mut land = |engine: &mut Postgres| flight.land(engine.conn()?, load, output);
        let (landed, seen) = if !careful || self.conn()?.is_answered_within(unwatched) {
            (land(self), Seen::default())
        } else {
            self.watched(attempts, Guard::Cancel, Duration::ZERO, |engine, _| land(engine))?
        };
        Ok((landed.map(|landed| self.landed(landed.told.as_deref())), seen))
    }

    /// What a change that went well says about its time.
    fn landed(&mut self, at: Option<&str>) {
        if let Some(at) = at.and_then(columns::time) {
            self.clock.passed(at, TIMES_OF_A_CHANGE);
        }
    }

    /// The messages of a whole change. One that is sent while another is under way takes effect only
    /// if that one did, at its COMMIT too, and the lock is still held.
    pub(super) fn plan_flight(
        &mut self,
        flight: &mut Flight,
        task: &Task<'_>,
        look: Option<&Look>,
        waits: &Waits,
        before: Option<&Before>,
    ) -> Result<()> {
        let Task { job, script, verify } = *task;
        let record = self.record_of(job)?;
        let (traces, settings) = (script.survey.traces, limits::settings(script, &self.limits));
        flight.keeps = task.traces() < Traces::Any;
        flight.own(script.begin());
        let flavour = self.flavour();
        flight.owns(lock::at_work_with(&settings, flavour));
        if let Some(before) = before {
            flight.holds(before.guard(&self.schema));
        }
        flight.script(script, false, look);
        if flavour.has_deferred() {
            flight.own(NOTHING_DEFERRED);
        }
        if let Some(verify) = verify {
            let own_settings = limits::settings(verify, &self.limits);
            flight.own(BEFORE_VERIFY);
            if traces >= Traces::Settings || own_settings != settings {
                flight.owns(OWN_SESSION);
                flight.owns(own_settings.iter().map(limits::Setting::statement));
            }
            if traces == Traces::Any {
                flight.owns(FRESH);
            }
            flight.script(verify, true, None);
            flight.owns(AFTER_VERIFY);
        }
        if task.traces() >= Traces::Settings {
            flight.owns(OWN_SESSION);
        }
        self.make_ours(flight, before);
        let writes = self.rows_to_come(job, &record, waits);
        flight.owns(writes.iter().map(|write| Statement::of(write, &self.schema)));
        flight.own("COMMIT");
        Ok(())
    }

    /// Makes the rest of the transaction ours, and says when it is. It fails unless the lock is still
    /// held: without it another runner may be at work.
    pub(super) fn make_ours(&self, flight: &mut Flight, before: Option<&Before>) {
        let mut values = vec![super::moment(self.clock.floor())];
        let mut floor = "$1::pg_catalog.timestamptz".to_owned();
        if let Some((later, id)) = before.map(|before| before.later(&self.schema)) {
            floor = format!("{floor}, {later}");
            values.push(id);
        }
        let locks = self.flavour().has_locks();
        let held = match self.control.as_ref().filter(|_| self.locked && locks) {
            Some(control) => format!(", {}", lock::held_by(control.conn.pid())),
            None => String::new(),
        };
        flight.holds(format!("SELECT {OWN_SETTINGS}{held}"));
        if locks {
            flight.own(fill("LOCK TABLE {r}changes IN EXCLUSIVE MODE", &self.schema));
        }
        // Once nobody else can make a record; in a form that any settings of the session read and write
        // alike.
        let sql = format!(
            "SELECT pg_catalog.set_config('change.at', pg_catalog.to_char(GREATEST(pg_catalog.clock_timestamp(), \
             {floor}) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00', true)"
        );
        flight.holds(Statement::new(sql, values));
    }
}
