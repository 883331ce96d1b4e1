//! A change, statement by statement, each with its progress, so that a later run knows where to go on.

use super::doubt::{Look, Verdict};
use super::script::Ready;
use super::walk::{Open, Walk};
use super::watch::Watch;
use super::{Mysql, lock, lost, moment};
use crate::engine::journal::{self, Finished, Waits};
use crate::engine::record::ChangeRecord;
use crate::engine::registry::{self, Write};
use crate::engine::stepping::{Halt, Stepping};
use crate::engine::{Direction, Doubtful, Failure, Job, Left, Output, Resume, Script, secret};
use crate::error::{Error, Kind, Result};
use crate::sql::Dialect;
use crate::sql::mysql::Survey;
use crate::steps::InDoubt;
use mysql::prelude::Queryable;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// How long the server may take to notice that a connection was lost.
const SETTLING: Duration = Duration::from_secs(15);

/// When a job began, by the server's clock and by one that never jumps.
struct Started {
    at: String,
    since: Instant,
}

/// How far a walk got.
struct Progress {
    done: usize,
    half: bool,
    /// The statement that was running may have taken effect.
    doubtful: bool,
    /// Whether only the journal knows what was committed: the connection was lost, or a statement
    /// failed that may have committed what was open before it.
    lost: bool,
    /// Whether what was committed by the way is more than the beginning of a transaction.
    wrote: bool,
    /// Whether a statement ran in an open transaction of which nobody knows what it does.
    called: bool,
    waits: Waits,
}

fn clean(error: Error) -> Box<Failure> {
    Box::new(Failure { error, left: Left::Nothing, undo: None })
}

impl Progress {
    fn halt(&self, step: i64) -> Halt {
        Halt { step, done: self.done, half: self.half, doubtful: self.doubtful }
    }
}

impl Mysql {
    pub(super) fn apply_change(
        &mut self,
        job: &Job<'_>,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        let started = Started { at: self.now(), since: Instant::now() };
        let script = job.script.map(|script| self.ready(script)).transpose().map_err(clean)?;
        let verify = job.verify.map(|script| self.ready(script)).transpose().map_err(clean)?;
        match script {
            None => self.log_only(job, verify.as_ref(), &started, output).map_err(clean),
            Some(script) => self.run_stepwise(job, &script, verify.as_ref(), &started, output),
        }
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

    /// What the journal and the registry are to hold about a change that is done.
    fn applied(
        &mut self,
        job: &Job<'_>,
        mode: &str,
        started: &Started,
        waits: &Waits,
        step: Option<i64>,
    ) -> Result<Vec<Write>> {
        let record = self.record_of(job.record, job.direction)?;
        let times = self.times(record.tags.len());
        let duration = i64::try_from(started.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut writes = registry::rows(job.direction, &record, job.committer, &times);
        let sums = job.checksums;
        writes.push(journal::finished(Finished {
            record: &record,
            direction: job.direction,
            run: self.run,
            mode,
            started_at: started.at.as_str().into(),
            recorded_at: times.change,
            ended_at: times.event,
            duration_ms: duration.into(),
            checksums: [sums.deploy.as_deref(), sums.verify.as_deref(), sums.revert.as_deref()],
            waits,
            step,
        }));
        Ok(writes)
    }

    fn run_stepwise(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        started: &Started,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        let before = if job.resume.is_some() { Left::Half } else { Left::Nothing };
        let failed = |error| Box::new(Failure { error, left: before, undo: None });
        let digests = digests(&script.survey);
        let from = match &job.resume {
            Some(resume) => self.resume_point(resume, &digests, script).map_err(failed)?,
            None => 0,
        };
        let step = self.open_step(job, script, &digests, from).map_err(failed)?;
        let (progress, walked) = self.walk(step, script, from, output);
        if let Err(error) = walked {
            return Err(self.stopped(step, progress, error));
        }
        let checked = match verify {
            Some(verify) => self.verify_ready(verify, output),
            None => Ok(()),
        };
        if let Err(error) = checked {
            return Err(self.undo(job, progress.halt(step), error, output));
        }
        let now = self.now();
        self.applied(job, "stepwise", started, &progress.waits, Some(step))
            .and_then(|mut writes| {
                writes.push(journal::settled_before(step, job.record, &now));
                self.registry()?.write_all(&writes)
            })
            .map_err(|error| Box::new(Failure { error, left: Left::Half, undo: None }))
    }

    fn open_step(
        &mut self,
        job: &Job<'_>,
        script: &Ready<'_>,
        digests: &[String],
        from: usize,
    ) -> Result<i64> {
        let run = self.run;
        match &job.resume {
            Some(resume) => {
                self.registry()?.write(&journal::go_on(resume.in_doubt.step, run, digests, from))?;
                Ok(resume.in_doubt.step)
            }
            None => self.start_step(job.record, job.direction, script, digests),
        }
    }

    fn start_step(
        &mut self,
        record: &ChangeRecord,
        direction: Direction,
        script: &Ready<'_>,
        digests: &[String],
    ) -> Result<i64> {
        let (run, now) = (self.run, self.now());
        let script = &script.script.path;
        let start = journal::Start { run, record, direction, units: digests, script, now: &now };
        self.registry()?.insert(&journal::start(&start))
    }

    fn walk(
        &mut self,
        step: i64,
        script: &Ready<'_>,
        from: usize,
        output: &mut dyn Output,
    ) -> (Progress, Result<()>) {
        let nothing = Progress {
            done: from,
            half: from > 0,
            doubtful: false,
            lost: false,
            wrote: false,
            called: false,
            waits: Waits::default(),
        };
        let careless = match self.is_careless(script) {
            Ok(careless) => careless,
            Err(error) => return (nothing, Err(error)),
        };
        let mut conn = match self.fresh(script.script) {
            Ok(conn) => conn,
            Err(error) => return (nothing, Err(error)),
        };
        let mut shell = self.shell();
        let destination = &self.destination;
        let Some(control) = self.control.as_mut() else { return (nothing, Err(lost(destination))) };
        let mut walk = Walk {
            step,
            control,
            at: 0,
            done: from,
            from,
            half: from > 0,
            open: Open::Nothing,
            autocommit: true,
            locked: false,
            careless,
            secrets: &self.variables,
            watch: Watch::new(&self.settings, conn.connection_id(), &self.limits, &self.progress),
            look: None,
            unsure: false,
            wrote: false,
            left: false,
        };
        output.starts(&script.script.path, false);
        let walked = shell.run(&mut conn, &script.script.path, &script.script.text, output, &mut walk);
        let walked = walked.and_then(|()| walk.finish(&mut conn));
        let gone = walked.is_err() && conn.ping().is_err();
        let lost = gone || (walked.is_err() && walk.unsure);
        let walked = walked.map_err(|error| match walk.watch.gave_up {
            Some(why) => error.because(why).hint("run the command again when there is less traffic"),
            None => error,
        });
        let doubtful = walk.open == Open::Alone && walked.is_err() && (gone || walk.is_doubtful());
        let waits = walk.watch.waits();
        let wrote = walk.wrote || !walk.unsure;
        let called = walk.unsure && !matches!(walk.open, Open::Alone);
        let progress = Progress { done: walk.done, half: walk.half, doubtful, lost, wrote, called, waits };
        let left = walk.left;
        drop(walk);
        // Another session than the one that was set up is nothing for the next script.
        if walked.is_ok() && !left && conn.query_drop("ROLLBACK").is_ok() {
            self.work = Some(conn);
        }
        (progress, walked)
    }

    /// A statement failed. What was committed before it stays, and the journal says how far that is.
    fn stopped(&mut self, step: i64, mut progress: Progress, error: Error) -> Box<Failure> {
        if let Err(trouble) = self.look_again(step, &mut progress) {
            // The journal is right: what was committed took its progress with it.
            return Box::new(Failure { error: error.because(trouble), left: Left::Half, undo: None });
        }
        self.halted(progress.halt(step), error)
    }

    /// A commit whose answer was lost may have been done; then its progress is in the journal.
    fn look_again(&mut self, step: i64, progress: &mut Progress) -> Result<()> {
        if !progress.lost {
            return Ok(());
        }
        let start = Instant::now();
        let work = lock::at_work(&self.settings.database);
        let db = self.registry()?;
        while db.value("SELECT IS_FREE_LOCK(?1)", &[work.as_str().into()])?.as_deref() == Some("0") {
            if start.elapsed() > SETTLING {
                return Err(Error::new(
                    Kind::Database,
                    "mysql.unsettled",
                    "the server still works for the session that was lost",
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let done = db.value("SELECT units_done FROM {r}change_steps WHERE step_id = ?1", &[step.into()])?;
        let done = done.and_then(|text| text.parse().ok()).unwrap_or(progress.done);
        let more = done > progress.done;
        progress.half |= more && progress.wrote;
        progress.doubtful |= more && progress.called;
        progress.done = progress.done.max(done);
        Ok(())
    }

    /// How many statements of the script an earlier run did.
    fn resume_point(&mut self, resume: &Resume<'_>, digests: &[String], script: &Ready<'_>) -> Result<usize> {
        let (in_doubt, done) = (resume.in_doubt, resume.in_doubt.done);
        let path = &script.script.path;
        let trouble = |message: String| Error::new(Kind::InDoubt, "change.in_doubt", message);
        if done > in_doubt.units.len() {
            return Err(trouble(format!(
                "{path} was cut into other statements when it ran (sql_mode?), so it cannot be gone on with"
            ))
            .hint("take it back: change revert; or say how things are: change mark"));
        }
        if digests.get(..done).is_none_or(|now| in_doubt.units.get(..done) != Some(now)) {
            return Err(trouble(format!(
                "{path} was edited in the part that already took effect ({done} of {} statements), so it cannot be gone on with",
                in_doubt.total
            ))
            .hint("put that part back as it was, or say how things are: change mark"));
        }
        let rest = done < digests.len();
        if rest && (script.survey.keeps_before(done) || (script.survey.connects && done > 0)) {
            return Err(trouble(format!(
                "{path} works with what its first part left in its session, and that is gone, so it cannot be gone on with"
            ))
            .hint("take it back: change revert; or say how things are: change mark"));
        }
        if !in_doubt.begun {
            return Ok(done);
        }
        let begun = begun(in_doubt, done, &script.survey, &self.variables);
        let same = |at: &usize| digests.get(*at).is_some_and(|now| in_doubt.units.get(*at) == Some(now));
        let after = begun.filter(same).map(|at| at + 1);
        let after = || {
            after.ok_or_else(|| {
                trouble(format!("{path} was edited where it stopped, so nobody can tell what is left of it"))
                    .hint("put that statement back as it was, or say how things are: change mark")
            })
        };
        match resume.doubtful {
            Doubtful::Retry => return Ok(done),
            Doubtful::Skip => return after(),
            Doubtful::Decide => {}
        }
        let looked = self
            .registry()?
            .value("SELECT looked FROM {r}change_steps WHERE step_id = ?1", &[in_doubt.step.into()])?;
        let look: Option<Look> = looked.and_then(|text| serde_json::from_str(&text).ok());
        let verdict = match look {
            Some(look) => look.compare(self.registry()?)?,
            None => Verdict::Unknown,
        };
        match verdict {
            Verdict::Undone => Ok(done),
            Verdict::Done => after(),
            Verdict::Unknown => Err(trouble(format!(
                "nobody can tell whether this statement took effect: {}:{}: {}",
                in_doubt.script, in_doubt.line, in_doubt.statement
            ))
            .hint("if it did:     change resume --skip")
            .hint("if it did not: change resume --retry")),
        }
    }
}

/// Which statement was begun, by its text as the journal keeps it: what concerns only the session leaves
/// no progress, so it need not be the next one.
fn begun(in_doubt: &InDoubt, done: usize, survey: &Survey, secrets: &[(String, String)]) -> Option<usize> {
    // The journal keeps the beginning, and a mark where the registry has no such character.
    let plain = |text: &str| text.chars().take(500).filter(char::is_ascii).collect::<String>();
    let noted = plain(&in_doubt.statement).replace('?', "");
    survey.statements.iter().enumerate().skip(done).find_map(|(at, one)| {
        let text = secret::masked(&one.text, secrets, Dialect::Mysql);
        (plain(&text).replace('?', "") == noted).then_some(at)
    })
}

/// What tells whether the statements are what they were when an earlier run did them.
fn digests(survey: &Survey) -> Vec<String> {
    let digest = |text: &str| {
        Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    };
    survey.statements.iter().map(|one| digest(&one.text)).collect()
}

impl Stepping for Mysql {
    const STAYS: &'static str =
        "the statements before it took effect and stay: MySQL commits them one by one";

    fn tell(&mut self, write: &Write) -> Result<()> {
        self.registry()?.write(write)
    }

    fn moment(&self) -> String {
        self.now()
    }

    // The revert is a step of its own: if it stops, the deployment cannot be gone on with.
    fn run_and_close(
        &mut self,
        script: &Script,
        record: &ChangeRecord,
        closed: Write,
        output: &mut dyn Output,
    ) -> Result<()> {
        let ready = self.ready(script)?;
        let digests = digests(&ready.survey);
        let step = self.start_step(record, Direction::Revert, &ready, &digests)?;
        let (progress, walked) = self.walk(step, &ready, 0, output);
        match walked {
            Ok(()) => {
                let done = journal::closed(step, "done", None, &moment(self.clock.now()));
                self.registry()?.write_all(&[closed, done])
            }
            Err(error) => Err(self.stopped(step, progress, error).error),
        }
    }
}
