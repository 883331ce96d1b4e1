//! A change whose script cannot be one transaction: unit by unit, each with its progress, so that
//! a later run knows where to go on.

use super::atomic::{Clock, Ready, ended, run_item};
use super::commit::{Mark, Record};
use super::shell::{Ask, Shell};
use super::transaction::{Transaction, still_open};
use super::units::{self, Kind as UnitKind, Unit};
use super::{Sqlite, journal, own};
use crate::engine::record::ChangeRecord;
use crate::engine::{Doubtful, Failure, Job, Left, Output, Resume, Script};
use crate::error::{Error, Kind, Place, Result};
use crate::sql::sqlite::cut;
use crate::sql::sqlite::shape::Control;

/// A step on its way.
struct Walk<'a> {
    step: i64,
    units: &'a [Unit],
    script: &'a cut::Script,
    shell: Shell,
    done: usize,
}

impl Sqlite {
    pub(super) fn run_stepwise(
        &mut self,
        job: &Job<'_>,
        record: &ChangeRecord,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        clock: &Clock,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        // A script that could be one transaction, but for its verify script, still is one unit.
        let units = if script.is_atomic() { units::whole(&script.cut) } else { units::cut(&script.cut) };
        let digests: Vec<String> = units.iter().map(Unit::digest).collect();
        let from = match &job.resume {
            Some(resume) => resume_point(resume, &units, &digests, script)
                .map_err(|error| Box::new(Failure { error, left: Left::Half, undo: None }))?,
            None => 0,
        };
        // Nothing of this attempt has taken effect yet; an earlier one may have left something.
        let before = if job.resume.is_some() { Left::Half } else { Left::Nothing };
        let step = self
            .open_step(job, record, script, &digests, from)
            .map_err(|error| Box::new(Failure { error, left: before, undo: None }))?;
        let shell = Shell::new(self.settings.folder.clone());
        let mut walk = Walk { step, units: &units, script: &script.cut, shell, done: from };
        let walked =
            self.walk(&mut walk, script, output).and_then(|()| ended(&mut walk.shell, walk.script, output));
        if let Err(error) = walked {
            return Err(self.stopped(&walk, &units, error));
        }
        self.work = None;
        if let Some(verify) = verify
            && let Err(error) = self.verify_ready(verify, output)
        {
            return Err(self.undo(job, &walk, error, output));
        }
        let applied = self.applied(job, record.clone(), "stepwise", clock, Some(step));
        let writes = applied.writes();
        self.registry()
            .and_then(|db| db.transaction(|db| db.write(&own(), &writes)))
            .map_err(|error| Box::new(Failure { error, left: Left::Half, undo: None }))
    }

    fn open_step(
        &mut self,
        job: &Job<'_>,
        record: &ChangeRecord,
        script: &Ready<'_>,
        digests: &[String],
        from: usize,
    ) -> Result<i64> {
        let run = self.run;
        if let Some(resume) = &job.resume {
            journal::go_on(self.registry()?, resume.in_doubt.step, run, digests, from)?;
            return Ok(resume.in_doubt.step);
        }
        let now = Sqlite::now();
        let start = crate::engine::journal::Start {
            run,
            record,
            direction: job.direction,
            units: digests,
            script: &script.script.path,
            now: &now,
        };
        journal::start(self.registry()?, &start)
    }

    fn walk(&mut self, walk: &mut Walk<'_>, script: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        self.work = None;
        self.ready_for(&script.analysis)?;
        output.starts(&script.script.path, false);
        let from = walk.done;
        for (at, unit) in walk.units.iter().enumerate() {
            if at < from {
                // What concerns the session has to be there again for the rest.
                if unit.is_setting() {
                    self.run_unit(walk, unit, &mut crate::engine::Silent)?;
                }
                continue;
            }
            let noted = self.one_unit(walk, script, at, unit, output);
            if self.mark == Mark::Needed {
                walk.done = at + 1;
            }
            noted?;
            walk.done = at + 1;
        }
        Ok(())
    }

    fn one_unit(
        &mut self,
        walk: &mut Walk<'_>,
        script: &Ready<'_>,
        at: usize,
        unit: &Unit,
        output: &mut dyn Output,
    ) -> Result<()> {
        // Between two units no statement may reach the registry: a table of the script's that is
        // not there may well have the name of one of the registry's.
        self.work_mut()?.detach()?;
        let progress = Record::Progress { step: walk.step, done: at + 1 };
        let alone = unit.outside || unit.kind == UnitKind::Repeatable;
        if unit.takes_effect() {
            journal::at_unit(self.registry()?, walk.step, unit.line, &unit.text, alone)?;
        }
        match unit.kind {
            UnitKind::Session => self.run_unit(walk, unit, output),
            UnitKind::Plain => {
                let spent = self.mark == Mark::Spent;
                self.work_db()?.batch(if spent {
                    "BEGIN IMMEDIATE; DROP TABLE IF EXISTS main.change_commits"
                } else {
                    "BEGIN IMMEDIATE"
                })?;
                self.run_guarded(walk, unit, output)?;
                self.commit(&progress)
            }
            UnitKind::Block => self.run_block(walk, unit, &progress, output),
            UnitKind::Whole => self.run_whole(walk, script, unit, &progress, output),
            UnitKind::Repeatable | UnitKind::Outside => {
                self.remove_mark()?;
                if self.shared {
                    // Leaving WAL mode needs the file for one connection alone.
                    self.registry = None;
                }
                self.run_unit(walk, unit, output)?;
                // It took effect, even if that cannot be noted now.
                walk.done = at + 1;
                let write = journal::progress(walk.step, at + 1);
                self.registry()?.write(&own(), &[write])
            }
        }
    }

    fn run_unit(&mut self, walk: &mut Walk<'_>, unit: &Unit, output: &mut dyn Output) -> Result<()> {
        let db = self.work_db()?;
        for item in &unit.items {
            run_item(&mut walk.shell, db, walk.script, item, output, &mut |_, _| Ok(Ask::Run))?;
        }
        Ok(())
    }

    /// Runs a unit inside our transaction, which nothing in it may end.
    fn run_guarded(&mut self, walk: &mut Walk<'_>, unit: &Unit, output: &mut dyn Output) -> Result<()> {
        let db = self.work_db()?;
        for item in &unit.items {
            run_item(&mut walk.shell, db, walk.script, item, output, &mut |conn, _| {
                still_open(true, conn).map(|()| Ask::Run)
            })?;
        }
        still_open(true, &db.conn)
    }

    /// A whole script as one transaction, committed with its progress.
    fn run_whole(
        &mut self,
        walk: &mut Walk<'_>,
        script: &Ready<'_>,
        unit: &Unit,
        progress: &Record,
        output: &mut dyn Output,
    ) -> Result<()> {
        let mut transaction = Transaction::new(&script.analysis, self.mark == Mark::Spent);
        let db = self.work_db()?;
        for item in &unit.items {
            run_item(&mut walk.shell, db, walk.script, item, output, &mut |conn, control| {
                transaction.pass(conn, control)
            })?;
        }
        transaction.begin(&db.conn)?;
        still_open(true, &db.conn)?;
        self.commit(progress)
    }

    /// A transaction of the script's own; its COMMIT is ours, with the progress in it.
    fn run_block(
        &mut self,
        walk: &mut Walk<'_>,
        unit: &Unit,
        progress: &Record,
        output: &mut dyn Output,
    ) -> Result<()> {
        let mut begun = false;
        let mut commits = false;
        let mut rolled_back = false;
        let db = self.work_db()?;
        for item in &unit.items {
            run_item(&mut walk.shell, db, walk.script, item, output, &mut |conn, control| {
                still_open(begun, conn)?;
                begun |= matches!(control, Control::Begin | Control::BeginExclusive);
                commits |= control == Control::Commit;
                rolled_back |= control == Control::Rollback;
                Ok(if control == Control::Commit { Ask::Skip } else { Ask::Run })
            })?;
        }
        if commits {
            return self.commit(progress);
        }
        if !rolled_back {
            // Left open at the end of the script; its session ends, and its work with it.
            db.roll_back();
        }
        self.registry()?.write(&own(), &progress.writes())
    }

    /// A unit failed. What was committed before it stays, and the journal says how far that is.
    fn stopped(&mut self, walk: &Walk<'_>, units: &[Unit], error: Error) -> Box<Failure> {
        if let Some(work) = &self.work {
            work.db.roll_back();
        }
        // What reaches outside a transaction may have left something even where it failed.
        let outside = units.get(walk.done).is_some_and(|unit| unit.outside);
        let half = outside || units.iter().take(walk.done).any(Unit::takes_effect);
        let now = Sqlite::now();
        let text = error.to_string();
        let stop = journal::Stop { done: walk.done, half, doubtful: outside, error: &text, now: &now };
        let noted = self.registry().and_then(|db| journal::stop(db, walk.step, &stop));
        // A step that the journal holds open stands in the way of all others, as one that is half.
        let left = if half || noted.is_err() { Left::Half } else { Left::Nothing };
        let error = match (half, units.get(walk.done)) {
            (true, Some(unit)) if walk.done > 0 => {
                let done = units.iter().take(walk.done).filter(|unit| unit.takes_effect()).count();
                error.hint(format!(
                    "{done} statement{} before line {} took effect and stay{}; the script cannot be one transaction",
                    if done == 1 { "" } else { "s" },
                    unit.line,
                    if done == 1 { "s" } else { "" },
                ))
            }
            _ => error,
        };
        let error = if let Err(trouble) = noted { error.because(trouble) } else { error };
        Box::new(Failure { error, left, undo: None })
    }

    /// The verify script said no after everything was committed: take it back with the revert script.
    fn undo(
        &mut self,
        job: &Job<'_>,
        walk: &Walk<'_>,
        error: Error,
        output: &mut dyn Output,
    ) -> Box<Failure> {
        let now = Sqlite::now();
        let text = error.to_string();
        let undone = match job.undo {
            Some(script) => {
                let state = "failed".to_owned();
                let failed =
                    Record::Closed { step: walk.step, state, error: Some(text.clone()), at: now.clone() };
                self.run_and_close(script, &failed, output)
            }
            None => {
                Err(Error::new(Kind::Script, "revert.missing", "there is no revert script to take it back"))
            }
        };
        let Err(trouble) = undone else {
            return Box::new(Failure { error, left: Left::Nothing, undo: None });
        };
        if self.mark != Mark::Needed
            && let Ok(db) = self.registry()
        {
            // The journal is told in passing: what counts are the errors themselves.
            let _ = journal::stop(
                db,
                walk.step,
                &journal::Stop { done: walk.done, half: true, doubtful: false, error: &text, now: &now },
            );
        }
        Box::new(Failure { error, left: Left::Half, undo: Some(trouble) })
    }

    /// Runs the revert script of a step that is not recorded as deployed, and closes the step.
    pub(super) fn run_and_close(
        &mut self,
        script: &Script,
        closed: &Record,
        output: &mut dyn Output,
    ) -> Result<()> {
        let ready = self.ready(script)?;
        self.work = None;
        self.ready_for(&ready.analysis)?;
        let done = if ready.is_atomic() {
            self.run_uncommitted(&ready, output).and_then(|()| self.commit(closed))
        } else {
            self.run_plainly(&ready, output)
                .and_then(|()| self.registry().and_then(|db| db.write(&own(), &closed.writes())))
        };
        self.work = None;
        done
    }

    /// Runs a script as the shell would.
    fn run_plainly(&mut self, ready: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let mut shell = Shell::new(self.settings.folder.clone());
        let db = self.work_db()?;
        output.starts(&ready.script.path, false);
        let done = super::atomic::run_items(&mut shell, db, &ready.cut, output, &mut |_, _| Ok(Ask::Run));
        db.roll_back();
        done
    }
}

/// The first unit that still has to be run.
fn resume_point(
    resume: &Resume<'_>,
    units: &[Unit],
    digests: &[String],
    script: &Ready<'_>,
) -> Result<usize> {
    let in_doubt = resume.in_doubt;
    let done = in_doubt.done.min(in_doubt.units.len());
    let same = digests.get(..done).is_some_and(|now| in_doubt.units.get(..done) == Some(now));
    let trouble = |message: String| Error::new(Kind::InDoubt, "change.in_doubt", message);
    if !same {
        return Err(trouble(format!(
            "{} was edited in the part that already took effect ({done} of {} statements), so it cannot be gone on with",
            script.script.path, in_doubt.total
        ))
        .hint("put the text back as it was and only change what follows")
        .hint(format!("or take it back: change revert  (runs the revert script of {})", in_doubt.change)));
    }
    if script.analysis.temporary && done > 0 {
        return Err(trouble(format!(
            "{} needs what was lost with its session: temporary objects, or a file it opened",
            script.script.path
        ))
        .hint("change revert  takes the change back; change mark  records what you found"));
    }
    // What concerns only the session leaves no progress; what was begun is the first unit after it.
    let begun = units.iter().enumerate().skip(done).find(|(_, unit)| unit.takes_effect());
    let Some((at, unit)) = begun.filter(|_| in_doubt.begun) else { return Ok(done) };
    match resume.doubtful {
        Doubtful::Retry => Ok(done),
        Doubtful::Skip if unit.kind == UnitKind::Block => Err(trouble(format!(
            "the transaction at line {} did not take effect, so it cannot be skipped",
            unit.line
        ))
        .hint("change resume --retry  runs it again; take out what must not happen twice")),
        Doubtful::Skip => Ok(at + 1),
        Doubtful::Decide if unit.kind == UnitKind::Repeatable => Ok(done),
        Doubtful::Decide => {
            let file = script.cut.files.get(unit.file).cloned().unwrap_or_default();
            let text = unit.text.lines().next().map(str::to_owned);
            Err(trouble(format!("nobody can tell whether this statement of {} took effect", in_doubt.change))
                .at(Place { text, ..Place::new(file, unit.line, 1) })
                .hint("look, then: change resume --retry  if it did not, change resume --skip  if it did")
                .hint("or take the change back: change revert"))
        }
    }
}
