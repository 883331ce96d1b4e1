//! A change whose script cannot be one transaction: statement by statement, each with its progress,
//! so that a later run knows where to go on.
//!
//! A statement that has no transaction of its own gets one, with its progress in it; a transaction
//! of the script's own takes the progress in just before its COMMIT. What refuses a transaction is
//! noted before it runs and after it has run; between the two it is in doubt.

use super::atomic::{Started, put};
use super::db::Db;
use super::doubt::{self, Verdict};
use super::limits::{self, Attempts};
use super::script::{Ready, roll_back, run};
use super::shell::{Ask, Spot};
use super::watch::Guard;
use super::wire::Connection;
use super::{Postgres, lost};
use crate::engine::registry::Write;
use crate::engine::{Doubtful, Failure, Job, Left, Output, Resume, Script, journal};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::{StatementKind, kind};
use sha2::{Digest, Sha256};

/// What the transaction that is open now is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// There is none.
    Nothing,
    /// Ours, around one statement.
    Ours,
    /// The script's own.
    Theirs,
    /// The script's own, which the statement that runs now ends.
    Ending {
        /// Whether its work stays.
        commits: bool,
        /// Whether another one begins with its end.
        chain: bool,
    },
    /// None can be: the statement commits by itself.
    Alone,
}

/// A step on its way.
struct Walk<'a> {
    step: i64,
    schema: String,
    control: &'a mut Db,
    /// How many statements were seen.
    at: usize,
    /// How many of them are certainly done and noted.
    done: usize,
    /// How many an earlier run did.
    from: usize,
    /// Whether a statement that took effect is among those done.
    half: bool,
    open: Open,
    /// The script's own transaction has just begun.
    begins: bool,
    /// The settings that limit what a transaction may take.
    limits: String,
    /// The session the script began with; `\c` leaves it, and with it the registry's database.
    session: i32,
}

/// Makes the role ours until the end of the transaction, whatever the script has set.
const OWN_ROLE: &str = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
     SET LOCAL client_encoding = 'UTF8'; SET LOCAL search_path = pg_catalog";

impl Walk<'_> {
    /// Called with each statement before it is sent: the one before it is over.
    fn gate(&mut self, conn: &mut Connection, statement: &[u8], spot: &Spot<'_>) -> Result<Ask> {
        self.finish(conn)?;
        let kind = kind(statement);
        self.at += 1;
        if self.at <= self.from {
            // Settings have to be there again for the rest.
            self.done = self.at;
            return Ok(if matches!(kind, StatementKind::Set { .. }) { Ask::Send } else { Ask::Skip });
        }
        let elsewhere = conn.pid() != self.session;
        if self.open == Open::Theirs {
            return self.inside(conn, &kind, elsewhere).map(|()| Ask::Send);
        }
        match kind {
            StatementKind::Empty | StatementKind::Set { .. } | StatementKind::Show => self.done = self.at,
            StatementKind::Begin => {
                self.note(spot, statement, false)?;
                self.begins = true;
                self.open = Open::Theirs;
            }
            // Without a transaction, these only warn.
            StatementKind::Commit | StatementKind::Rollback => self.done = self.at,
            kind if elsewhere || kind.controls() || refuses_ours(&kind) => {
                self.note(spot, statement, true)?;
                self.open = Open::Alone;
            }
            _ => {
                self.note(spot, statement, false)?;
                conn.batch(&format!("BEGIN{}", self.limits))?;
                self.open = Open::Ours;
            }
        }
        Ok(Ask::Send)
    }

    /// A statement inside a transaction of the script's own.
    fn inside(&mut self, conn: &mut Connection, kind: &StatementKind, elsewhere: bool) -> Result<()> {
        if std::mem::take(&mut self.begins) && !elsewhere && !self.limits.is_empty() {
            conn.batch(self.limits.trim_start_matches("; "))?;
        }
        let chain = matches!(kind, StatementKind::Chain { .. });
        match kind {
            StatementKind::Commit | StatementKind::Chain { commits: true } if elsewhere => {
                self.open = Open::Alone
            }
            StatementKind::Commit | StatementKind::Chain { commits: true } => {
                conn.batch(OWN_ROLE)?;
                put(conn, &self.schema, &journal::progress(self.step, self.at))?;
                self.open = Open::Ending { commits: true, chain };
            }
            StatementKind::Rollback | StatementKind::Chain { commits: false } => {
                self.open = Open::Ending { commits: false, chain };
            }
            // Its work stays, for another session to commit; the progress must not wait for that.
            StatementKind::PrepareTransaction => self.open = Open::Alone,
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, spot: &Spot<'_>, statement: &[u8], alone: bool) -> Result<()> {
        let text = String::from_utf8_lossy(statement);
        self.control.write(&journal::at_unit(self.step, spot.line, &text, alone))
    }

    /// The statement before is over: its progress goes with it.
    fn finish(&mut self, conn: &mut Connection) -> Result<()> {
        let mut next = Open::Nothing;
        match self.open {
            Open::Nothing | Open::Theirs => return Ok(()),
            Open::Ours => {
                conn.batch(OWN_ROLE)?;
                put(conn, &self.schema, &journal::progress(self.step, self.at))?;
                conn.batch("COMMIT")?;
                self.half = true;
            }
            Open::Ending { commits, chain } => {
                self.half |= commits;
                next = if chain { Open::Theirs } else { Open::Nothing };
            }
            Open::Alone => {
                // It took effect, even if that cannot be noted now.
                (self.done, self.half) = (self.at, true);
                self.control.write(&journal::progress(self.step, self.at))?;
            }
        }
        self.done = self.at;
        self.open = next;
        Ok(())
    }
}

/// Whether a statement cannot be run in a transaction that we put around it.
fn refuses_ours(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::RefusesTransaction(_) | StatementKind::MayCommit => true,
        StatementKind::Several(kinds) => kinds.iter().any(refuses_ours),
        _ => false,
    }
}

/// How far a walk got.
struct Progress {
    done: usize,
    half: bool,
    /// The statement that was running cannot be taken back by anybody.
    doubtful: bool,
    /// The session it ran in, if the connection to it was lost.
    session: Option<i32>,
}

impl Postgres {
    pub(super) fn run_stepwise(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        started: &Started,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        let before = if job.resume.is_some() { Left::Half } else { Left::Nothing };
        let failed = |error| Box::new(Failure { error, left: before, undo: None });
        let digests: Vec<String> = script.survey.statements.iter().map(|one| digest(&one.text)).collect();
        let from = match &job.resume {
            Some(resume) => self.resume_point(resume, &digests, script).map_err(failed)?,
            None => 0,
        };
        let step = self.open_step(job, script, &digests, from).map_err(failed)?;
        let invalid = self.registry().and_then(doubt::invalid_indexes).map_err(failed)?;
        let mut attempts = Attempts::new();
        let mut from = from;
        // What commits by itself cannot be taken back, and what it waits for keeps nobody from working.
        let alone = script.survey.statements.iter().any(|one| refuses_ours(&one.kind));
        let guard = if alone { Guard::Record } else { Guard::Cancel };
        let (progress, walked) = loop {
            let ((progress, walked), seen) = self
                .watched(&mut attempts, guard, |engine, _| engine.walk(step, script, from, output))
                .map_err(failed)?;
            let turn = |error: &Error| limits::is_locked_out(error) || seen.cancelled == Some(true);
            match walked {
                Err(error) if turn(&error) && !progress.doubtful => {
                    // What is done stays done; the rest is tried again.
                    from = progress.done;
                    if let Err(error) = self.wait_for_turn(&mut attempts, error, output) {
                        break (progress, Err(error));
                    }
                }
                Err(error) if seen.cancelled.is_some() => {
                    break (progress, Err(limits::in_the_way(error, &seen, &self.limits)));
                }
                walked => break (progress, walked),
            }
        };
        if let Err(error) = walked {
            return Err(self.stopped(step, progress, error));
        }
        self.work = None;
        let checked = match verify {
            Some(verify) => self.verify_ready(verify, output),
            None => Ok(()),
        };
        let checked = checked.and_then(|()| doubt::no_new_invalid_index(self.registry()?, &invalid));
        if let Err(error) = checked {
            return Err(self.undo(job, step, &progress, error, output));
        }
        self.applied(job, "stepwise", started, &attempts.waits(), Some(step))
            .and_then(|writes| self.registry()?.write_all(&writes))
            .map_err(|error| Box::new(Failure { error, left: Left::Half, undo: None }))
    }

    fn open_step(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        digests: &[String],
        from: usize,
    ) -> Result<i64> {
        let (run, now) = (self.run, self.now());
        if let Some(resume) = &job.resume {
            self.registry()?.write(&journal::go_on(resume.in_doubt.step, run, digests, from))?;
            return Ok(resume.in_doubt.step);
        }
        let start = journal::Start {
            run,
            record: job.record,
            direction: job.direction,
            units: digests,
            script: &script.script.path,
            now: &now,
        };
        self.registry()?.insert(&journal::start(&start), "step_id")
    }

    fn walk(
        &mut self,
        step: i64,
        script: &Ready<'_>,
        from: usize,
        output: &mut dyn Output,
    ) -> (Progress, Result<()>) {
        let nothing = |half| Progress { done: from, half, doubtful: false, session: None };
        let shell = match self.shell() {
            Ok(shell) => shell,
            Err(error) => return (nothing(from > 0), Err(error)),
        };
        let opened = self.fresh().map(|_| ()).and_then(|()| self.registry().map(|_| ()));
        let destination = self.destination.clone();
        let limits = limits::settings(script, &self.limits);
        let (schema, control, work) = (self.schema.clone(), self.control.as_mut(), self.work.as_mut());
        let (Some(control), Some(work)) = (control, work) else {
            return (nothing(from > 0), opened.and_then(|()| Err(lost(&destination))));
        };
        let open = Open::Nothing;
        let conn = &mut work.conn;
        let session = conn.pid();
        let mut walk = Walk {
            step,
            schema,
            control,
            at: 0,
            done: from,
            from,
            half: from > 0,
            open,
            begins: false,
            limits,
            session,
        };
        let walked = run(shell, conn, script.script, false, output, &mut |conn, statement, spot| {
            walk.gate(conn, statement, spot)
        });
        let walked = walked.and_then(|_| walk.finish(conn));
        let doubtful = walk.open == Open::Alone;
        let (done, half) = (walk.done, walk.half);
        roll_back(conn);
        let session = conn.is_lost().then(|| conn.pid());
        let progress = Progress { done, half, doubtful, session };
        (progress, walked)
    }

    /// A statement failed. What was committed before it stays, and the journal says how far that is.
    fn stopped(&mut self, step: i64, mut progress: Progress, error: Error) -> Box<Failure> {
        self.work = None;
        if let Err(trouble) = self.look_again(step, &mut progress) {
            // The journal is right: what was committed took its progress with it.
            return Box::new(Failure { error: error.because(trouble), left: Left::Half, undo: None });
        }
        let (text, now) = (error.to_string(), self.now());
        let half = progress.half || progress.doubtful;
        let stop =
            journal::Stop { done: progress.done, half, doubtful: progress.doubtful, error: &text, now: &now };
        let noted = self.registry().and_then(|db| db.write(&journal::stop(step, &stop)));
        // A step that the journal holds open stands in the way of all others, as one that is half.
        let left = if half || noted.is_err() { Left::Half } else { Left::Nothing };
        let error = if progress.half {
            error.hint("the statements before it took effect and stay; the script cannot be one transaction")
        } else {
            error
        };
        let error = if let Err(trouble) = noted { error.because(trouble) } else { error };
        Box::new(Failure { error, left, undo: None })
    }

    /// A commit whose answer was lost may have been done; then its progress is in the journal.
    fn look_again(&mut self, step: i64, progress: &mut Progress) -> Result<()> {
        let Some(session) = progress.session else { return Ok(()) };
        self.wait_for_end_of(session)?;
        let done = self
            .registry()?
            .value("SELECT units_done FROM {r}change_steps WHERE step_id = $1", &[Some(&step.to_string())])?;
        let done = done.and_then(|text| text.parse().ok()).unwrap_or(progress.done);
        progress.half |= done > progress.done;
        progress.done = progress.done.max(done);
        Ok(())
    }

    /// The verify script said no after everything was committed: take it back with the revert script.
    fn undo(
        &mut self,
        job: &Job<'_>,
        step: i64,
        progress: &Progress,
        error: Error,
        output: &mut dyn Output,
    ) -> Box<Failure> {
        let (text, now) = (error.to_string(), self.now());
        let undone = match job.undo {
            Some(script) => {
                self.run_and_close(script, journal::closed(step, "failed", Some(&text), &now), output)
            }
            None => {
                Err(Error::new(Kind::Script, "revert.missing", "there is no revert script to take it back"))
            }
        };
        let Err(trouble) = undone else {
            return Box::new(Failure { error, left: Left::Nothing, undo: None });
        };
        if let Ok(db) = self.registry() {
            // The journal is told in passing: what counts are the errors themselves.
            let stop =
                journal::Stop { done: progress.done, half: true, doubtful: false, error: &text, now: &now };
            let _ = db.write(&journal::stop(step, &stop));
        }
        Box::new(Failure { error, left: Left::Half, undo: Some(trouble) })
    }

    /// Runs the revert script of a step that is not recorded as deployed, and closes the step.
    pub(super) fn run_and_close(
        &mut self,
        script: &Script,
        closed: Write,
        output: &mut dyn Output,
    ) -> Result<()> {
        let ready = self.ready(script)?;
        self.work = None;
        let done = if ready.is_atomic() {
            self.run_uncommitted(&ready, None, output).and_then(|()| self.commit(&[closed]))
        } else {
            let shell = self.shell()?;
            let conn = self.fresh()?;
            let done = run(shell, conn, script, false, output, &mut |_, _, _| Ok(Ask::Send));
            roll_back(conn);
            done.and_then(|_| self.registry()?.write(&closed))
        };
        self.work = None;
        done
    }

    /// How many statements of the script an earlier run did.
    fn resume_point(&mut self, resume: &Resume<'_>, digests: &[String], script: &Ready<'_>) -> Result<usize> {
        let in_doubt = resume.in_doubt;
        let done = in_doubt.done.min(in_doubt.units.len());
        let path = &script.script.path;
        let trouble = |message: String| Error::new(Kind::InDoubt, "change.in_doubt", message);
        if digests.get(..done).is_none_or(|now| in_doubt.units.get(..done) != Some(now)) {
            return Err(trouble(format!(
                "{path} was edited in the part that already took effect ({done} of {} statements), so it cannot be gone on with",
                in_doubt.total
            ))
            .hint("put that part back as it was, or say how things are: change mark"));
        }
        if !in_doubt.begun {
            return Ok(done);
        }
        match resume.doubtful {
            Doubtful::Retry => return Ok(done),
            Doubtful::Skip => return Ok(done + 1),
            Doubtful::Decide => {}
        }
        match doubt::decide(self.registry()?, &in_doubt.statement)? {
            Verdict::Undone => Ok(done),
            Verdict::Done => Ok(done + 1),
            Verdict::Unknown => Err(trouble(format!(
                "nobody can tell whether this statement took effect: {}:{}: {}",
                in_doubt.script, in_doubt.line, in_doubt.statement
            ))
            .hint("if it did:     change resume --skip")
            .hint("if it did not: change resume --retry")),
        }
    }
}

/// Tells whether a statement is what it was when an earlier run did it.
fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
