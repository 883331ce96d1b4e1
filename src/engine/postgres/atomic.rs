//! A change in one transaction: script, verify script and record, all or none.

use super::ahead::Before;
use super::db::{fill, literal, spelled, text_of};
use super::flight::{Flight, Load, can_fly};
use super::limits::{self, Attempts};
use super::lock;
use super::look::{Look, made_by};
use super::script::{Ready, roll_back, run, why_stepwise};
use super::shell::Ask;
use super::watch::{Guard, Seen};
use super::wire::{Connection, Status};
use super::{Postgres, queries};
use crate::engine::journal::{self, Waits};
use crate::engine::record::ChangeRecord;
use crate::engine::registry::Write;
use crate::engine::{Direction, Failure, Job, Left, Output, Script, Silent, verify_failed};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::{StatementKind, kind};
use std::time::{Duration, Instant};

/// Makes the session, inside its transaction, what our own statements need: whatever the script
/// has set is put back, as it would be for the next script.
const OWN_SESSION: [&str; 3] = ["RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"];
const OWN_SETTINGS: &str = "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true), \
     pg_catalog.set_config('client_encoding', 'UTF8', true), \
     pg_catalog.set_config('client_min_messages', 'warning', true), \
     pg_catalog.set_config('lock_timeout', '2s', true)";
/// What was put off to the end of the transaction happens as the script has set things, not as we do.
pub(super) const NOTHING_DEFERRED: &str = "SET CONSTRAINTS ALL IMMEDIATE";
/// What a fresh session would see, as far as a transaction can have it.
const FRESH: [&str; 7] = [
    "SAVEPOINT change_verify_75474065",
    "RESET SESSION AUTHORIZATION",
    "RESET ROLE",
    "RESET ALL",
    "CLOSE ALL",
    "DEALLOCATE ALL",
    "DISCARD TEMP",
];
const AFTER_VERIFY: [&str; 2] =
    ["ROLLBACK TO SAVEPOINT change_verify_75474065", "RELEASE SAVEPOINT change_verify_75474065"];
/// How long the server may take to notice that a connection was lost.
const SETTLING: Duration = Duration::from_secs(15);

/// How many microseconds the rows of one change may take: one for each of its tags, and more.
const TIMES_OF_A_CHANGE: i64 = 1000;

/// When a job began, by the server's clock and by one that never jumps.
pub(super) struct Started {
    pub(super) at: String,
    pub(super) since: Instant,
}

/// Nothing is left in the database.
pub(super) fn clean(error: Error) -> Box<Failure> {
    Box::new(Failure { error, left: Left::Nothing, undo: None })
}

impl Postgres {
    pub(super) fn apply_change(
        &mut self,
        job: &Job<'_>,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        let started = Started { at: self.now(), since: Instant::now() };
        let script = job.script.map(|script| self.ready(script)).transpose().map_err(clean)?;
        let verify = job.verify.map(|script| self.ready(script)).transpose().map_err(clean)?;
        let Some(script) = script else {
            return self.log_only(job, verify.as_ref(), &started, output).map_err(clean);
        };
        if job.resume.is_none() && why_stepwise(&script, verify.as_ref()).is_none() {
            let mut attempts = Attempts::new();
            let done = self.run_patiently(job, &script, verify.as_ref(), &started, &mut attempts, output);
            return done.or_else(|error| self.atomic_failed(job, error, &attempts));
        }
        self.run_stepwise(job, &script, verify.as_ref(), &started, output)
    }

    fn log_only(
        &mut self,
        job: &Job<'_>,
        verify: Option<&Ready<'_>>,
        started: &Started,
        output: &mut dyn Output,
    ) -> Result<()> {
        if let Some(verify) = verify {
            self.verify_ready(verify, output)?;
        }
        let step = job.resume.map(|resume| resume.in_doubt.step);
        let writes = self.applied(job, "log-only", started, &Waits::default(), step)?;
        self.registry()?.write_all(&writes)
    }

    /// Tries a change until it gets its locks, if nothing of it reaches outside of the database.
    pub(super) fn run_patiently(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        started: &Started,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<()> {
        let again = script.survey.commands.is_empty();
        let look = Look::of(script, &self.made);
        let careful = look.is_some() || limits::blocks(script);
        // Once it is known that nobody old is in the way, the lock is simply asked for.
        let mut looks = true;
        loop {
            let look_now = look.as_ref().filter(|_| looks);
            let (done, seen) = if careful || attempts.count > 0 {
                self.watched(attempts, Guard::Cancel, |engine, attempts| {
                    engine.run_atomic(job, script, verify, started, look_now, attempts, output)
                })?
            } else {
                let done = self.run_atomic(job, script, verify, started, None, attempts, output);
                (done, Seen::default())
            };
            if self.work.as_ref().is_some_and(|work| work.conn.is_lost()) {
                // Whether it was committed has to be found out first.
                return done;
            }
            if seen.cancelled.is_some() {
                self.work = None;
            }
            match done {
                Err(error) if error.code() == limits::HELD => {
                    roll_back(self.conn()?);
                    self.see_who_is_in_the_way(look.as_ref(), attempts);
                    looks = attempts.is_behind_an_old_one();
                    if looks {
                        self.wait_for_turn(attempts, error, output)?;
                    }
                }
                Err(error) if again && (limits::is_locked_out(&error) || seen.cancelled == Some(true)) => {
                    if let Some(work) = &mut self.work {
                        roll_back(&mut work.conn);
                    }
                    self.wait_for_turn(attempts, error, output)?;
                }
                Err(error) if seen.cancelled.is_some() => {
                    return Err(limits::in_the_way(error, &seen, &self.limits));
                }
                Err(error) => return Err(error),
                Ok(()) => {
                    self.made.extend(made_by(script));
                    return Ok(());
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // All that an attempt is made of.
    fn run_atomic(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        started: &Started,
        look: Option<&Look>,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<()> {
        if can_fly(script) && verify.is_none_or(can_fly) {
            self.fly(job, script, verify, look, attempts, output)?;
        } else {
            self.run_uncommitted(script, look, output)?;
            if let Some(verify) = verify {
                self.verify_inside(verify, output)?;
            }
            let writes = self.applied(job, "atomic", started, &attempts.waits(), None)?;
            self.commit(&writes)?;
        }
        self.done_with(&script.survey);
        Ok(())
    }

    /// The whole change in one flight.
    fn fly(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        look: Option<&Look>,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<()> {
        let record = self.record_of(job)?;
        let mut flight = Flight::default();
        self.session_to_reset(&mut flight)?;
        self.plan_flight(&mut flight, job, &record, script, verify, look, &attempts.waits(), None);
        let load = Load { script: Some(script), verify };
        let landed = flight.run(self.conn()?, load, output)?;
        self.landed(landed.told.as_deref());
        Ok(())
    }

    /// What a change that went well says about its time.
    pub(super) fn landed(&mut self, at: Option<&str>) {
        if let Some(at) = at.and_then(queries::time) {
            self.clock.passed(at, TIMES_OF_A_CHANGE);
        }
    }

    /// The messages of a whole change. One that is sent while another is under way takes effect only
    /// if that one did, at its COMMIT too, and the lock is still held.
    #[allow(clippy::too_many_arguments)] // All that a flight is made of.
    pub(super) fn plan_flight(
        &self,
        flight: &mut Flight,
        job: &Job<'_>,
        record: &ChangeRecord,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        look: Option<&Look>,
        waits: &Waits,
        before: Option<&Before>,
    ) {
        let schema = &self.schema;
        flight.own(script.begin());
        flight.own(lock::at_work_with(&limits::settings(script, &self.limits)));
        let mut floor = literal(&queries::moment(self.clock.floor()));
        if let Some(before) = before {
            flight.holds(before.guard(schema));
            floor.push_str(", ");
            floor.push_str(&before.later(schema));
        }
        flight.script(script, false, look);
        flight.own(NOTHING_DEFERRED);
        if let Some(verify) = verify {
            flight.owns(FRESH);
            flight.owns(limits::settings(verify, &self.limits).iter().map(limits::Setting::statement));
            flight.script(verify, true, None);
            flight.owns(AFTER_VERIFY);
        }
        self.make_ours(flight);
        let writes = self.rows_to_come(job, record, waits);
        // The time in a form that any settings of the session read and write alike.
        flight.asks(format!(
            "SELECT set_config('change.at', to_char(greatest(clock_timestamp(), {floor}) AT TIME ZONE 'UTC', \
             'YYYY-MM-DD HH24:MI:SS.US') || '+00', true)"
        ));
        flight.owns(writes.iter().map(|write| spelled(write, schema)));
        flight.own("COMMIT");
    }

    /// Makes the rest of the transaction ours. It fails unless the lock is still held: without it
    /// another runner may be at work.
    fn make_ours(&self, flight: &mut Flight) {
        flight.owns(OWN_SESSION);
        match self.control.as_ref().filter(|_| self.locked) {
            Some(control) => flight.holds(format!("{OWN_SETTINGS}, {}", lock::held_by(control.conn.pid()))),
            None => flight.own(OWN_SETTINGS),
        }
        flight.own(fill("LOCK TABLE {r}changes IN EXCLUSIVE MODE", &self.schema));
    }

    /// Runs a script in a transaction that is left open.
    pub(super) fn run_uncommitted(
        &mut self,
        script: &Ready<'_>,
        look: Option<&Look>,
        output: &mut dyn Output,
    ) -> Result<()> {
        let shell = self.shell()?;
        let settings = limits::as_statements(&limits::settings(script, &self.limits));
        let conn = self.fresh()?;
        conn.batch(&script.begin())?;
        conn.batch(&settings)?;
        if let Some(look) = look {
            let mut flight = Flight::default();
            flight.looks(look);
            flight.run(conn, Load::NONE, output)?;
        }
        run(shell, conn, script.script, false, output, &mut |_, statement, _| Ok(inside(statement)))?;
        still_open(conn, &script.script.path)?;
        conn.batch(NOTHING_DEFERRED)
    }

    /// Runs a verify script in the open transaction; nothing it does stays.
    fn verify_inside(&mut self, verify: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let shell = self.shell()?;
        let mut fresh: Vec<String> = FRESH.map(str::to_owned).into();
        fresh.push(limits::as_statements(&limits::settings(verify, &self.limits)));
        let conn = self.conn()?;
        conn.batch(&fresh.join("; "))?;
        run(shell, conn, verify.script, true, output, &mut |_, statement, _| Ok(inside(statement)))
            .and_then(|_| still_open(conn, &verify.script.path))
            .map_err(|error| verify_failed(&verify.script.path, error))?;
        conn.batch(&AFTER_VERIFY.join("; "))
    }

    /// Commits the open transaction together with its record.
    pub(super) fn commit(&mut self, writes: &[Write]) -> Result<()> {
        let schema = self.schema.clone();
        let mut last = Flight::default();
        self.make_ours(&mut last);
        let conn = self.conn()?;
        last.run(conn, Load::NONE, &mut Silent)?;
        for write in writes {
            put(conn, &schema, write)?;
        }
        conn.batch("COMMIT")
    }

    /// A lost connection leaves open whether the commit was done; the registry knows.
    pub(super) fn atomic_failed(
        &mut self,
        job: &Job<'_>,
        error: Error,
        attempts: &Attempts,
    ) -> Result<(), Box<Failure>> {
        let record = job.record;
        let lost = self.work.take().and_then(|mut work| {
            roll_back(&mut work.conn);
            work.conn.is_lost().then(|| work.conn.pid())
        });
        if let Some(session) = lost {
            match self.settled_as(session, record, job.direction) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(trouble) => {
                    let error = error.because(trouble).hint(format!(
                        "whether the {} of {} was committed is not known; change status  tells",
                        job.direction.word(),
                        record.name
                    ));
                    return Err(clean(error));
                }
            }
        }
        // The journal is told in passing: what counts is the error itself.
        let failed = journal::failed(
            self.run,
            record,
            job.direction,
            &error.to_string(),
            &self.now(),
            &attempts.waits(),
        );
        if let Ok(db) = self.registry() {
            let _ = db.write(&failed);
        }
        Err(clean(error))
    }

    /// Whether a change is recorded as it was to be, once the session that did it has ended.
    fn settled_as(&mut self, session: i32, record: &ChangeRecord, direction: Direction) -> Result<bool> {
        self.wait_for_end_of(session)?;
        Ok(queries::is_deployed(self.registry()?, record.id)? == (direction == Direction::Deploy))
    }

    /// Waits until the server has noticed that the connection of a session was lost: until then it
    /// may still be committing.
    pub(super) fn wait_for_end_of(&mut self, session: i32) -> Result<()> {
        let (start, id) = (Instant::now(), session.to_string());
        let db = self.registry()?;
        while db.value("SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1", &[Some(&id)])?.is_some() {
            if start.elapsed() > SETTLING {
                return Err(Error::new(
                    Kind::Database,
                    "postgres.unsettled",
                    format!("the server still works for session {session}"),
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Runs a verify script in a session and transaction of its own that are rolled back.
    pub(super) fn verify_alone(&mut self, script: &Script, output: &mut dyn Output) -> Result<()> {
        let ready = self.ready(script)?;
        self.verify_ready(&ready, output)
    }

    pub(super) fn verify_ready(&mut self, verify: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        if verify.is_atomic() && can_fly(verify) {
            return self.verify_in_flight(verify, output);
        }
        let shell = self.shell()?;
        let atomic = verify.is_atomic();
        let begin = verify.begin();
        let conn = self.fresh()?;
        if atomic {
            conn.batch(&begin)?;
        }
        let done = run(shell, conn, verify.script, true, output, &mut |_, statement, _| {
            Ok(if atomic { inside(statement) } else { Ask::Send })
        });
        roll_back(conn);
        self.done_with(&verify.survey);
        done.map(|_| ()).map_err(|error| verify_failed(&verify.script.path, error))
    }

    fn verify_in_flight(&mut self, verify: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let mut flight = Flight::default();
        self.session_to_reset(&mut flight)?;
        flight.own(verify.begin());
        flight.script(verify, true, None);
        flight.own("ROLLBACK");
        let load = Load { script: None, verify: Some(verify) };
        let conn = self.conn()?;
        let done = flight.run(conn, load, output);
        roll_back(conn);
        self.done_with(&verify.survey);
        done.map(|_| ())
    }
}

/// In a transaction of ours, the script's own begin and end of it are already done, or still to be.
fn inside(statement: &[u8]) -> Ask {
    match kind(statement) {
        StatementKind::Begin | StatementKind::Commit | StatementKind::Rollback => Ask::Skip,
        _ => Ask::Send,
    }
}

/// Runs one statement of the registry on a script's connection.
pub(super) fn put(conn: &mut Connection, schema: &str, write: &Write) -> Result<()> {
    let texts: Vec<Option<String>> = write.values.iter().map(text_of).collect();
    let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
    conn.rows(&fill(write.sql, schema), &values).map(|_| ())
}

/// A script that goes on after an error has lost what its transaction did.
fn still_open(conn: &Connection, path: &str) -> Result<()> {
    match conn.status() {
        Status::InTransaction => Ok(()),
        Status::Failed => Err(aborted(path)),
        Status::Idle => Err(Error::new(
            Kind::Script,
            "script.transaction",
            format!("{path} ended the transaction it was run in"),
        )
        .hint("say so with the directive: -- change: transaction=off")),
    }
}

/// The error of a script that commits what an error has already undone.
pub(super) fn aborted(path: &str) -> Error {
    Error::new(
        Kind::Script,
        "script.aborted",
        format!("{path} went on after an error inside its transaction, so that nothing of it can stay"),
    )
    .hint("leave ON_ERROR_STOP on, or use ON_ERROR_ROLLBACK or a savepoint")
}
