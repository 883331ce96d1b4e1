//! A change whose script cannot be one transaction: statement by statement, each with its progress,
//! so that a later run knows where to go on.
//!
//! A statement that has no transaction of its own gets one, with its progress in it; a transaction
//! of the script's own takes the progress in just before its COMMIT. What refuses a transaction is
//! noted before it runs and after it has run; between the two it is in doubt.

use super::atomic::Started;
use super::doubt::{self, Verdict};
use super::limits::{self, Attempts};
use super::script::{Ready, roll_back, run};
use super::walk::{Open, Walk, refuses_ours};
use super::watch::Guard;
use super::{Postgres, lost};
use crate::engine::record::ChangeRecord;
use crate::engine::registry::Write;
use crate::engine::stepping::{Halt, Stepping};
use crate::engine::{Direction, Doubtful, Failure, Job, Left, Output, Resume, Script, journal};
use crate::error::{Error, Kind, Result};
use crate::sql::psql::{Found, StatementKind};
use crate::steps::InDoubt;
use sha2::{Digest, Sha256};

/// How far a walk got.
pub(super) struct Progress {
    pub(super) done: usize,
    pub(super) half: bool,
    /// The statement that was running cannot be taken back by anybody.
    pub(super) doubtful: bool,
    /// The session it ran in, if the connection to it was lost.
    pub(super) session: Option<i32>,
}

impl Progress {
    fn halt(&self, step: i64) -> Halt {
        Halt { step, done: self.done, half: self.half, doubtful: self.doubtful }
    }
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
        let (progress, walked) =
            self.walk_patiently(step, script, from, &mut attempts, output).map_err(failed)?;
        if let Err(error) = walked {
            return Err(self.stopped(step, progress, error));
        }
        self.work = None;
        let checked = match verify {
            Some(verify) => self.verify_ready(verify, output),
            None => Ok(()),
        };
        let checked = checked.and_then(|()| doubt::no_new_invalid_index(self.registry()?, &invalid, script));
        if let Err(error) = checked {
            return Err(self.undo(job, progress.halt(step), error, output));
        }
        let now = self.now();
        self.applied(job, "stepwise", started, &attempts.waits(), Some(step))
            .and_then(|mut writes| {
                writes.push(journal::settled_before(step, job.record, &now));
                self.registry()?.write_all(&writes)
            })
            .map_err(|error| Box::new(Failure { error, left: Left::Half, undo: None }))
    }

    /// Walks through a script again and again until it gets its locks; what is done stays done.
    fn walk_patiently(
        &mut self,
        step: i64,
        script: &Ready<'_>,
        mut from: usize,
        attempts: &mut Attempts,
        output: &mut dyn Output,
    ) -> Result<(Progress, Result<()>)> {
        // What commits by itself cannot be taken back, and what it waits for keeps nobody from working.
        let alone = script.survey.statements.iter().any(|one| refuses_ours(&one.kind));
        let guard = if alone { Guard::Record } else { Guard::Cancel };
        loop {
            let ((progress, walked), seen) =
                self.watched(attempts, guard, self.unwatched(), |engine, _| {
                    engine.walk(step, script, from, output)
                })?;
            if seen.cancelled.is_some() {
                self.work = None;
            }
            let turn = |error: &Error| limits::is_locked_out(error) || seen.cancelled == Some(true);
            // Where results decide, the first part cannot be passed over.
            // With the connection, the knowledge is lost of how far it came.
            let repeatable =
                progress.session.is_none() && !(script.survey.result_decides && progress.done > 0);
            match walked {
                Err(error) if turn(&error) && !progress.doubtful && repeatable => {
                    from = progress.done;
                    if let Err(error) = self.wait_for_turn(attempts, error, output) {
                        return Ok((progress, Err(error)));
                    }
                }
                Err(error) if seen.cancelled.is_some() => {
                    return Ok((progress, Err(limits::in_the_way(error, &seen, &self.limits))));
                }
                walked => return Ok((progress, walked)),
            }
        }
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
        if let Some(client) = &script.client {
            return self.walk_by_client(step, client, script, from, output);
        }
        let nothing = |half| Progress { done: from, half, doubtful: false, session: None };
        let shell = match self.shell() {
            Ok(shell) => shell,
            Err(error) => return (nothing(from > 0), Err(error)),
        };
        let opened = self.fresh().map(|_| ()).and_then(|()| self.registry().map(|_| ()));
        let destination = self.destination.clone();
        let limits = limits::as_statements(&limits::settings(script, &self.limits));
        let secrets = &self.variables;
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
            secrets,
            session,
        };
        if let Err(error) = walk.reopen(conn, script) {
            return (nothing(from > 0), Err(error));
        }
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
        self.halted(progress.halt(step), error)
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

    fn take_back_by_steps(
        &mut self,
        script: &Ready<'_>,
        record: &ChangeRecord,
        closed: Write,
        output: &mut dyn Output,
    ) -> Result<()> {
        let digests: Vec<String> = script.survey.statements.iter().map(|one| digest(&one.text)).collect();
        let (run, now) = (self.run, self.now());
        let start = journal::Start {
            run,
            record,
            direction: Direction::Revert,
            units: &digests,
            script: &script.script.path,
            now: &now,
        };
        let step = self.registry()?.insert(&journal::start(&start), "step_id")?;
        let (progress, walked) = self.walk_patiently(step, script, 0, &mut Attempts::new(), output)?;
        match walked {
            Ok(()) => {
                let done = journal::closed(step, "done", None, &self.now());
                self.registry()?.write_all(&[closed, done])
            }
            Err(error) => Err(self.stopped(step, progress, error).error),
        }
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
        if script.survey.result_decides && (done > 0 || in_doubt.begun) {
            return Err(trouble(format!(
                "results decide what {path} does, and those of its first part are gone, so it cannot be gone on with"
            ))
            .hint("take it back: change revert; or say how things are: change mark"));
        }
        if !in_doubt.begun {
            return Ok(done);
        }
        let after = begun(in_doubt, done, script) + 1;
        match resume.doubtful {
            Doubtful::Retry => return Ok(done),
            Doubtful::Skip => return Ok(after),
            Doubtful::Decide => {}
        }
        let step = in_doubt.step.to_string();
        let path = self
            .registry()?
            .value("SELECT search_path FROM {r}change_steps WHERE step_id = $1", &[Some(&step)])?;
        let path: Vec<String> = path.and_then(|path| serde_json::from_str(&path).ok()).unwrap_or_default();
        // The journal's copy is for people: it may be cut, or of another encoding.
        let at = after - 1;
        let same = |one: &&Found| in_doubt.units.get(at) == Some(&digest(&one.text));
        let statement = script.survey.statements.get(at).filter(same).filter(|_| script.client.is_none());
        let statement = statement.and_then(|one| std::str::from_utf8(&one.text).ok()).unwrap_or_default();
        match doubt::decide(self.registry()?, statement, &path)? {
            Verdict::Undone => Ok(done),
            Verdict::Done => Ok(after),
            Verdict::Unknown => Err(trouble(format!(
                "nobody can tell whether this statement took effect: {}:{}: {}",
                in_doubt.script, in_doubt.line, in_doubt.statement
            ))
            .hint("if it did:     change resume --skip")
            .hint("if it did not: change resume --retry")),
        }
    }
}

/// Which statement was begun: what concerns only the session leaves no progress, so it need not be
/// the next one.
fn begun(in_doubt: &InDoubt, done: usize, script: &Ready<'_>) -> usize {
    let rest = || script.survey.statements.iter().enumerate().skip(done);
    let there = rest().find(|(_, one)| one.line == in_doubt.line);
    let quiet = |kind: &StatementKind| {
        matches!(kind, StatementKind::Empty | StatementKind::Set { .. } | StatementKind::Show)
    };
    there.or_else(|| rest().find(|(_, one)| !quiet(&one.kind))).map_or(done, |(at, _)| at)
}

/// Tells whether a statement is what it was when an earlier run did it.
fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Stepping for Postgres {
    const STAYS: &'static str =
        "the statements before it took effect and stay; the script cannot be one transaction";

    fn tell(&mut self, write: &Write) -> Result<()> {
        self.registry()?.write(write)
    }

    fn moment(&self) -> String {
        self.now()
    }

    // A revert that is no single transaction is a step of its own: if it stops, the deployment cannot be
    // gone on with.
    fn run_and_close(
        &mut self,
        script: &Script,
        record: &ChangeRecord,
        closed: Write,
        output: &mut dyn Output,
    ) -> Result<()> {
        let ready = self.ready(script)?;
        self.work = None;
        let done = if ready.is_atomic() {
            self.run_uncommitted(&ready, None, output).and_then(|()| self.commit(&[closed]))
        } else {
            self.take_back_by_steps(&ready, record, closed, output)
        };
        self.work = None;
        done
    }
}
