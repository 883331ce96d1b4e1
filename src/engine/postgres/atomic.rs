//! A change in one transaction: script, verify script and record, all or none.

use super::db::{fill, text_of};
use super::flight::{Flight, Load, can_fly};
use super::flown::{AFTER_VERIFY, BEFORE_VERIFY, FRESH, NOTHING_DEFERRED, OWN_SESSION, Task};
use super::limits::{self, Attempts};
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
use crate::sql::psql::{StatementKind, Traces, kind};
use std::time::{Duration, Instant};

/// How long the server may take to notice that a connection was lost.
const SETTLING: Duration = Duration::from_secs(15);

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
            let task = Task { job, script: &script, verify: verify.as_ref() };
            let done = self.run_patiently(&task, &started, &mut attempts, output);
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
        task: &Task<'_>,
        started: &Started,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<()> {
        let script = task.script;
        let again = script.survey.commands.is_empty();
        let locks = self.flavour().has_locks();
        let look = Look::of(script, &self.made).filter(|_| locks);
        let careful = locks && (look.is_some() || limits::blocks(script));
        // Once it is known that nobody old is in the way, the lock is simply asked for.
        let mut looks = true;
        loop {
            let look_now = look.as_ref().filter(|_| looks);
            let careful = careful || (locks && attempts.count > 0);
            let (done, seen) = if can_fly(script) && task.verify.is_none_or(can_fly) {
                self.fly(task, look_now, careful, attempts, output)?
            } else if careful {
                self.watched(attempts, Guard::Cancel, self.unwatched(), |engine, attempts| {
                    engine.run_step_for_step(task, started, look_now, attempts, output)
                })?
            } else {
                (self.run_step_for_step(task, started, None, attempts, output), Seen::default())
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

    /// A change that is one transaction, but whose answers have to be looked at one by one.
    fn run_step_for_step(
        &mut self,
        task: &Task<'_>,
        started: &Started,
        look: Option<&Look>,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<()> {
        self.run_uncommitted(task.script, look, output)?;
        if let Some(verify) = task.verify {
            self.verify_inside(verify, output)?;
        }
        let writes = self.applied(task.job, "atomic", started, &attempts.waits(), None)?;
        self.commit(&writes)?;
        self.done_with(&task.script.survey);
        Ok(())
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
        let deferred = self.flavour().has_deferred();
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
        if deferred { conn.batch(NOTHING_DEFERRED) } else { Ok(()) }
    }

    /// Runs a verify script in the open transaction; nothing it does stays.
    fn verify_inside(&mut self, verify: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let shell = self.shell()?;
        let fresh = [BEFORE_VERIFY].into_iter().chain(OWN_SESSION).chain(FRESH);
        let mut fresh: Vec<String> = fresh.map(str::to_owned).collect();
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
        last.owns(OWN_SESSION);
        self.make_ours(&mut last, None);
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
        self.note_latest_again()?;
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
        if let Some(client) = &verify.client {
            let done = self.verify_by_client(client, verify, output);
            return done.map_err(|error| verify_failed(&verify.script.path, error));
        }
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
        self.session_to_reset(&mut flight, verify.survey.traces)?;
        // Without the lock nothing has shown yet that the session is one and no pooler's.
        flight.keeps = self.locked && verify.survey.traces < Traces::Any;
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
