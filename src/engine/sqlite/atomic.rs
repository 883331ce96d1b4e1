//! A change in one transaction: script, verify script and record, all or none.

use super::commit::{Mark, Record};
use super::db::Db;
use super::journal::Applied;
use super::shell::{Ask, Flow, Output as Sink, Shell};
use super::transaction::Transaction;
use super::{Sqlite, journal, queries};
use crate::engine::record::ChangeRecord;
use crate::engine::{Direction, Failure, Job, Left, Output, Script, verify_failed};
use crate::error::{Error, Kind, Result};
use crate::sql::sqlite::cut::{self, Item, ItemKind};
use crate::sql::sqlite::dot::Effect;
use crate::sql::sqlite::shape::{Analysis, Control, Shape, control_of};
use rusqlite::Connection;
use std::time::Instant;

/// A script, read and judged.
pub(super) struct Ready<'a> {
    pub(super) script: &'a Script,
    pub(super) cut: cut::Script,
    pub(super) analysis: Analysis,
}

impl Ready<'_> {
    /// Whether everything in the script can be one transaction that stays.
    pub(super) fn is_atomic(&self) -> bool {
        self.why_not_atomic().is_none()
    }

    fn why_not_atomic(&self) -> Option<&str> {
        match &self.analysis.shape {
            Shape::Stepwise(reason) => Some(reason),
            Shape::Atomic { .. } => self.analysis.rolls_back.then_some("it rolls its own work back"),
        }
    }

    /// Why a verify script cannot be run inside the transaction of the change it verifies, or would
    /// find there something else than in a session of its own.
    fn why_not_in_savepoint(&self) -> Option<&str> {
        let analysis = &self.analysis;
        match &analysis.shape {
            Shape::Stepwise(reason) => Some(reason),
            _ if analysis.session_settings || analysis.settings => Some("it makes settings for its session"),
            _ if analysis.reads_rolled_back => Some("it reads after it rolled its own work back"),
            _ if analysis.needs_fresh => {
                Some("changes, total_changes and last_insert_rowid tell what the session did before")
            }
            _ => None,
        }
    }
}

/// Why a change cannot be one transaction: which of its scripts stands in the way, and how.
pub(super) fn why_stepwise(deploy: &Ready<'_>, verify: Option<&Ready<'_>>) -> Option<String> {
    let because = |ready: &Ready<'_>, why: &str| format!("{}: {why}", ready.script.path);
    if let Some(why) = deploy.why_not_atomic() {
        return Some(because(deploy, why));
    }
    let verify = verify?;
    if let Some(why) = verify.why_not_in_savepoint() {
        return Some(because(verify, why));
    }
    let settings = deploy.analysis.settings;
    settings
        .then(|| because(deploy, "it makes settings for its session, which its verify script must not see"))
}

/// When a job began, by the wall clock and by a clock that never jumps.
pub(super) struct Clock {
    pub(super) wall: String,
    pub(super) since: Instant,
}

impl Clock {
    pub(super) fn start() -> Clock {
        Clock { wall: Sqlite::now(), since: Instant::now() }
    }

    pub(super) fn millis(&self) -> i64 {
        i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Nothing is left in the database.
pub(super) fn clean(error: Error) -> Box<Failure> {
    Box::new(Failure { error, left: Left::Nothing, undo: None })
}

impl Sqlite {
    pub(super) fn ready<'a>(&self, script: &'a Script) -> Result<Ready<'a>> {
        let (cut, analysis) = self.analyse(script);
        match Error::join(cut.problems.iter().cloned()) {
            Some(error) => Err(error),
            None => Ok(Ready { script, cut, analysis }),
        }
    }

    pub(super) fn apply_change(
        &mut self,
        job: &Job<'_>,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        let clock = Clock::start();
        let script = job.script.map(|script| self.ready(script)).transpose().map_err(clean)?;
        let verify = job.verify.map(|script| self.ready(script)).transpose().map_err(clean)?;
        let record = match job.direction {
            Direction::Deploy => job.record.clone(),
            Direction::Revert => self.as_recorded(job.record).map_err(clean)?,
        };
        let Some(script) = script else { return self.log_only(job, record, verify.as_ref(), &clock, output) };
        if job.resume.is_none() && why_stepwise(&script, verify.as_ref()).is_none() {
            let done = self.run_atomic(job, &record, &script, verify.as_ref(), &clock, output);
            return done.map_err(|error| self.atomic_failed(job, &record, error));
        }
        self.run_stepwise(job, &record, &script, verify.as_ref(), &clock, output)
    }

    /// For a revert, the registry knows which tags and dependencies go with the change.
    pub(super) fn as_recorded(&mut self, record: &ChangeRecord) -> Result<ChangeRecord> {
        let db = self.registry()?;
        let tags = queries::tags_of(db, record.id)?;
        let queries::Dependencies { requires, conflicts } = queries::dependencies_of(db, record.id)?;
        Ok(ChangeRecord { tags, requires, conflicts, ..record.clone() })
    }

    /// What the journal and the registry are to hold about a change that is done.
    pub(super) fn applied(
        &mut self,
        job: &Job<'_>,
        record: ChangeRecord,
        mode: &str,
        clock: &Clock,
        step: Option<i64>,
    ) -> Record {
        let at = self.next_moment();
        Record::Change(Box::new(Applied {
            revert: job.direction == Direction::Revert,
            record,
            committer: job.committer.clone(),
            change_time: at.clone(),
            event_time: at,
            checksums: [
                job.checksums.deploy.clone(),
                job.checksums.verify.clone(),
                job.checksums.revert.clone(),
            ],
            run: self.run,
            mode: mode.to_owned(),
            started_at: clock.wall.clone(),
            duration_ms: clock.millis(),
            step,
        }))
    }

    fn log_only(
        &mut self,
        job: &Job<'_>,
        record: ChangeRecord,
        verify: Option<&Ready<'_>>,
        clock: &Clock,
        output: &mut dyn Output,
    ) -> Result<(), Box<Failure>> {
        if let Some(verify) = verify {
            self.verify_ready(verify, output).map_err(clean)?;
        }
        let step = job.resume.map(|resume| resume.in_doubt.step);
        let writes = self.applied(job, record, "log-only", clock, step).writes();
        let registry = self.registry().map_err(clean)?;
        registry.transaction(|db| db.write(&super::own(), &writes)).map_err(clean)
    }

    fn run_atomic(
        &mut self,
        job: &Job<'_>,
        record: &ChangeRecord,
        script: &Ready<'_>,
        verify: Option<&Ready<'_>>,
        clock: &Clock,
        output: &mut dyn Output,
    ) -> Result<()> {
        let both = verify
            .map_or_else(|| script.analysis.clone(), |verify| union(&script.analysis, &verify.analysis));
        self.ready_for(&both)?;
        self.run_uncommitted(script, output)?;
        if let Some(verify) = verify {
            let folder = self.settings.folder.clone();
            in_savepoint(folder, self.work_db()?, script.analysis.temporary, verify, output)?;
        }
        let applied = self.applied(job, record.clone(), "atomic", clock, None);
        self.commit(&applied)?;
        self.done_with(&both);
        Ok(())
    }

    /// Runs a script in a transaction that is left open.
    pub(super) fn run_uncommitted(&mut self, script: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        let mut transaction = Transaction::new(&script.analysis, self.mark == Mark::Spent);
        let mut shell = Shell::new(self.settings.folder.clone());
        let work = self.work_db()?;
        output.starts(&script.script.path, false);
        run_items(&mut shell, work, &script.cut, output, &mut |conn, control| {
            transaction.pass(conn, control)
        })?;
        transaction.begin(&work.conn)
    }

    pub(super) fn work_db(&mut self) -> Result<&mut Db> {
        Ok(&mut self.work_mut()?.db)
    }

    fn atomic_failed(&mut self, job: &Job<'_>, record: &ChangeRecord, error: Error) -> Box<Failure> {
        if self.mark == Mark::Needed {
            return Box::new(Failure { error, left: Left::Unrecorded, undo: None });
        }
        if let Some(work) = &self.work {
            work.db.roll_back();
        }
        // The journal is told in passing: what counts is the error itself.
        let (run, now) = (self.run, Sqlite::now());
        if let Ok(db) = self.registry() {
            let _ = journal::failed(db, run, record, job.direction, &error.to_string(), &now);
        }
        clean(error)
    }

    /// Runs a verify script in a session and transaction of its own that are rolled back.
    pub(super) fn verify_alone(&mut self, script: &Script, output: &mut dyn Output) -> Result<()> {
        let ready = self.ready(script)?;
        self.verify_ready(&ready, output)
    }

    pub(super) fn verify_ready(&mut self, ready: &Ready<'_>, output: &mut dyn Output) -> Result<()> {
        self.ready_for(&ready.analysis)?;
        let folder = self.settings.folder.clone();
        let mut transaction = Transaction::new(&ready.analysis, false);
        let work = self.work_db()?;
        output.starts(&ready.script.path, true);
        let mut shell = Shell::new(folder);
        let done = if matches!(ready.analysis.shape, Shape::Atomic { .. }) {
            transaction.deferred = true;
            run_items(&mut shell, work, &ready.cut, output, &mut |conn, control| {
                transaction.pass(conn, control)
            })
        } else {
            // Step by step, but what it writes outside a transaction of its own must not stay either.
            transaction.deferred = true;
            run_items(&mut shell, work, &ready.cut, output, &mut |conn, control| {
                transaction.pass_loosely(conn, control)
            })
        };
        work.roll_back();
        self.done_with(&ready.analysis);
        done.map_err(|error| verify_failed(&ready.script.path, error))
    }
}

/// What either of two scripts, run in one session, demands of it.
fn union(a: &Analysis, b: &Analysis) -> Analysis {
    Analysis {
        needs_fresh: a.needs_fresh,
        taints: a.taints || b.taints,
        sees_attached: a.sees_attached || b.sees_attached,
        ..a.clone()
    }
}

/// Runs all items of a script; `ask` decides about each statement.
pub(super) fn run_items(
    shell: &mut Shell,
    db: &mut Db,
    script: &cut::Script,
    output: &mut dyn Output,
    ask: &mut dyn FnMut(&Connection, Control) -> Result<Ask>,
) -> Result<()> {
    for item in &script.items {
        if run_item(shell, db, script, item, output, ask)? == Flow::GoOn {
            continue;
        }
        break;
    }
    ended(shell, script, output)
}

/// Closes what the script wrote to. Under `.bail off` errors do not stop a script, but it has
/// failed all the same.
pub(super) fn ended(shell: &mut Shell, script: &cut::Script, output: &mut dyn Output) -> Result<()> {
    with_sink(output, |sink| shell.finish(sink))?;
    if !shell.failed() {
        return Ok(());
    }
    let path = script.files.first().cloned().unwrap_or_default();
    Err(Error::new(
        Kind::Script,
        "script.failed",
        format!("{path} went on after errors, which .bail off allows, and so failed"),
    )
    .hint("remove \".bail off\", or the statements that fail"))
}

pub(super) fn run_item(
    shell: &mut Shell,
    db: &mut Db,
    script: &cut::Script,
    item: &Item,
    output: &mut dyn Output,
    ask: &mut dyn FnMut(&Connection, Control) -> Result<Ask>,
) -> Result<Flow> {
    if let ItemKind::Dot(dot) = &item.kind
        && dot.effect() == Effect::Database
    {
        ask(&db.conn, Control::Plain)?;
    }
    let flow = with_sink(output, |sink| {
        shell.item(&mut db.conn, script, item, sink, &mut |conn, text, _| ask(conn, control_of(text)))
    })?;
    match flow {
        Flow::Exit(code) if code != 0 => {
            let path = script.files.get(item.file).cloned().unwrap_or_default();
            Err(Error::new(
                Kind::Script,
                "script.exit",
                format!("the script ended itself with status {code}"),
            )
            .at(crate::error::Place::new(path, item.line, 1)))
        }
        flow => Ok(flow),
    }
}

/// Both streams of a script lead to one listener.
fn with_sink<T>(output: &mut dyn Output, work: impl FnOnce(&mut Sink<'_>) -> T) -> T {
    let output = std::cell::RefCell::new(output);
    let mut sink = Sink {
        stdout: &mut |bytes| output.borrow_mut().stdout(bytes),
        stderr: &mut |bytes| output.borrow_mut().stderr(bytes),
    };
    work(&mut sink)
}

/// Runs a verify script inside the change's transaction and takes back all it did.
fn in_savepoint(
    folder: std::path::PathBuf,
    db: &mut Db,
    temporary: bool,
    verify: &Ready<'_>,
    output: &mut dyn Output,
) -> Result<()> {
    // Rolling back to a savepoint makes SQLite read its whole schema again, so a script that only
    // reads goes without.
    let guarded = temporary || !verify.analysis.only_reads;
    if guarded {
        db.batch("SAVEPOINT change_verify")?;
    }
    if temporary {
        hide_temporary(db)?;
    }
    output.starts(&verify.script.path, true);
    let mut shell = Shell::new(folder);
    run_items(&mut shell, db, &verify.cut, output, &mut |_, control| {
        Ok(match control {
            Control::Plain | Control::Harmless => Ask::Run,
            _ => Ask::Skip,
        })
    })
    .map_err(|error| verify_failed(&verify.script.path, error))?;
    if guarded { db.batch("ROLLBACK TO change_verify; RELEASE change_verify") } else { Ok(()) }
}

/// A session of its own would not see the deploy script's temporary objects.
fn hide_temporary(db: &Db) -> Result<()> {
    let objects: Vec<(String, String)> =
        db.rows("SELECT type, name FROM temp.sqlite_schema WHERE type IN ('trigger', 'view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    for (kind, name) in objects {
        db.batch(&format!("DROP {kind} IF EXISTS temp.{}", quoted(&name)))?;
    }
    Ok(())
}

/// A name as SQL: the only way a name becomes part of a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
