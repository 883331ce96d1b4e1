//! Deploying: everything is checked, then change after change is applied, each with its record.

mod tell;

use super::ahead::{Ahead, Loaded};
use super::dry_run::{self, Step};
use super::preflight::{self, Demands, Pending};
use super::scripts::Reader;
use super::{Context, ScriptOutput, in_doubt_error, record_of, upkeep, width};
use crate::engine::record::ChangeRecord;
use crate::engine::{Direction, Doubtful, Failure, Job, Left, Presence, Script};
use crate::error::{Error, Kind, Result};
use crate::event::{Action, Event, Verdict};
use crate::plan::{Change, Id};
use crate::project::Which;
use crate::steps::deploy::{self, Deployment, Mode, Resolved, Run};
use crate::steps::{Checksums, State};
use std::collections::HashSet;
use std::time::Instant;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The last change to deploy; all if it is not given.
    pub to: Option<String>,
    /// What happens when a change fails.
    pub mode: Mode,
    /// Whether verify scripts are run.
    pub verify: bool,
    /// Whether scripts are left out and only the registry is written.
    pub log_only: bool,
    /// Whether only the list of steps is wanted.
    pub dry_run: bool,
    /// Whether the output of verify scripts is shown.
    pub verbose: bool,
    /// What to do with a statement that may have taken effect, when a stopped change goes on.
    pub doubtful: Option<Doubtful>,
}

/// The latest of so many changes tell whether there is anything to do at all; all are read only if
/// there is.
const GLANCE: usize = 50;

/// Deploys.
///
/// # Errors
/// Refusals before anything runs; failures of scripts; trouble with the database.
pub fn deploy(context: &mut Context<'_>, request: &Request) -> Result<Vec<Step>> {
    if !request.dry_run {
        context.lock()?;
    }
    let is_there = context.engine.presence()? != Presence::Missing;
    if is_there && !request.dry_run {
        context.prepare()?;
    }
    let mut state = context.state_of(Some(GLANCE))?;
    if state.partial && !upkeep::has_all(context.plan, &state, request.to.as_deref()) {
        state = context.state()?;
    }
    context.warn_of_unrecorded(&state);
    if !request.log_only {
        context.require_target(&state)?;
    }
    let from = deploy::position(context.plan, &state)?;
    if is_there {
        let foreign = deploy::foreign_dependencies(context.plan, from);
        state.foreign = context.engine.find(&context.plan.project, &foreign)?;
    }
    let goes_on = resumed_position(context, &state, from)?;
    if is_there && !request.dry_run {
        upkeep::record_new_tags(context, &state)?;
        upkeep::record_missing_hashes(context, &mut state)?;
    }
    let decided = deploy::decide(context.plan, &state, request.to.as_deref())?;
    if let (Deployment::UpToDate | Deployment::AlreadyAt(_), Some(in_doubt)) = (&decided, &state.in_doubt) {
        // A change that stopped half-way must not hide behind a target before it.
        return Err(in_doubt_error(in_doubt));
    }
    let mut run = match decided {
        Deployment::UpToDate => return nothing(context, "Nothing to deploy (up-to-date)".to_owned()),
        Deployment::AlreadyAt(to) => {
            return nothing(context, format!("Nothing to deploy (already at \"{to}\")"));
        }
        Deployment::Run(run) => run,
    };
    upkeep::tell_relaxed(context);
    upkeep::check_drift(context, &state)?;
    let project = context.project;
    let mut reader = Reader::new(project, context.engine.dialect());
    let demands = Demands { run: !request.log_only, verify: request.verify };
    let hashes = state.changes.iter().filter_map(|change| Id::parse(change.script_hash.as_deref()?));
    let pending = preflight::check(context, &mut reader, &run.positions, demands, hashes.collect())?;
    // What stopped half-way must go on, whatever it does: it was looked at before it began.
    if !request.log_only && goes_on.is_none() {
        super::hazards::check(context, &run.positions)?;
    }
    if request.dry_run {
        return dry_run::steps(context, &reader, request, &pending, goes_on);
    }
    let walk = Walk { state, goes_on, request, done: 0, width: 0 };
    walk_through(context, &reader, &mut run, &pending, walk)
}

/// Deploys what was checked, one change after the other.
fn walk_through(
    context: &mut Context<'_>,
    reader: &Reader<'_>,
    run: &mut Run,
    pending: &[Pending],
    mut walk: Walk<'_>,
) -> Result<Vec<Step>> {
    context.prepare()?;
    context.engine.register(&context.plan.project, context.plan.uri.as_deref(), context.who)?;
    let start = Instant::now();
    tell::announce(context, run);
    context.engine.begin_run(&context.run)?;
    let outcome = walk.all(context, reader, run, pending);
    let word = if outcome.is_ok() { "done" } else { "failed" };
    let ended = context.engine.end_run(word);
    outcome?;
    ended?;
    let next = tell::next_step(context, run);
    context.tell(&Event::Finished {
        action: Action::Deploy,
        changes: run.positions.len(),
        duration_ms: start.elapsed().as_millis(),
        next,
    });
    Ok(Vec::new())
}

/// Checks what a deployment would check once these changes are reverted.
///
/// # Errors
/// As those of a deployment before anything runs.
pub fn check_after(context: &mut Context<'_>, request: &Request, gone: &HashSet<String>) -> Result<()> {
    let mut state = context.state()?;
    state.changes.retain(|change| !gone.contains(&change.id.to_string()));
    state.in_doubt = None;
    let from = deploy::position(context.plan, &state)?;
    let foreign = deploy::foreign_dependencies(context.plan, from);
    state.foreign = context.engine.find(&context.plan.project, &foreign)?;
    let Deployment::Run(run) = deploy::decide(context.plan, &state, request.to.as_deref())? else {
        return Ok(());
    };
    upkeep::check_drift(context, &state)?;
    let mut reader = Reader::new(context.project, context.engine.dialect());
    let demands = Demands { run: !request.log_only, verify: request.verify };
    preflight::check(context, &mut reader, &run.positions, demands, HashSet::new()).map(|_| ())
}

fn nothing(context: &mut Context<'_>, text: String) -> Result<Vec<Step>> {
    context.tell(&Event::Nothing { text });
    Ok(Vec::new())
}

/// A change that stopped half-way is gone on with when its turn is next; otherwise it stands in
/// the way.
fn resumed_position(context: &Context<'_>, state: &State, from: usize) -> Result<Option<usize>> {
    let Some(in_doubt) = &state.in_doubt else { return Ok(None) };
    let next = context.plan.changes.get(from).is_some_and(|change| change.id == in_doubt.change_id);
    if in_doubt.direction == "deploy" && next {
        return Ok(Some(from));
    }
    Err(in_doubt_error(in_doubt))
}

/// A deployment on its way.
struct Walk<'a> {
    state: State,
    goes_on: Option<usize>,
    request: &'a Request,
    /// How many of the pending changes this run deployed.
    done: usize,
    width: usize,
}

impl Walk<'_> {
    fn all(
        &mut self,
        context: &mut Context<'_>,
        reader: &Reader<'_>,
        run: &mut Run,
        pending: &[Pending],
    ) -> Result<()> {
        let plan = context.plan;
        let changes = run.positions.iter().filter_map(|at| plan.changes.get(*at));
        self.width = width(changes.map(|change| plan.label(change)));
        let mut ahead = Ahead::default();
        loop {
            let load = |context: &mut Context<'_>, at: usize| {
                let dependencies = run.dependencies.get_mut(at).map(std::mem::take).unwrap_or_default();
                Some(self.load(context, reader, at, pending.get(at)?, &dependencies))
            };
            let Some(loaded) = ahead.next(context, load)? else { return Ok(()) };
            let Some(one) = pending.get(loaded.at) else { return Ok(()) };
            if let Err(failure) = self.one(context, one, &loaded)? {
                return Err(self.failed(context, reader, pending, &loaded.record, &failure));
            }
            self.done += 1;
        }
    }

    /// Everything that one of the pending changes takes.
    fn load(
        &self,
        context: &Context<'_>,
        reader: &Reader<'_>,
        at: usize,
        one: &Pending,
        dependencies: &[Resolved],
    ) -> Result<Loaded> {
        let plan = context.plan;
        let change = plan.changes.get(one.position).ok_or_else(|| {
            Error::new(Kind::Plan, "plan.position", "a change to deploy is not in the plan")
        })?;
        let mut record = record_of(plan, change);
        record.script_hash = one.script_hash.map(|hash| hash.to_string());
        resolve(&mut record, dependencies);
        let load = |which: Which, wanted: bool| {
            if wanted { one.script(context, reader, which) } else { Ok(None) }
        };
        let in_doubt = self.state.in_doubt.as_ref().filter(|_| self.goes_on == Some(one.position));
        let doubtful = self.request.doubtful.unwrap_or(Doubtful::Decide);
        Ok(Loaded {
            script: load(Which::Deploy, !self.request.log_only)?,
            verify: load(Which::Verify, self.request.verify)?,
            undo: load(Which::Revert, !self.request.log_only)?,
            checksums: one.checksums(),
            resume: in_doubt.map(|in_doubt| (in_doubt.clone(), doubtful)),
            ..Loaded::new(at, record, Direction::Deploy)
        })
    }

    fn one(
        &self,
        context: &mut Context<'_>,
        one: &Pending,
        loaded: &Loaded,
    ) -> Result<Result<(), Box<Failure>>> {
        let record = &loaded.record;
        let change = context.plan.changes.get(one.position);
        let label = change.map(|change| context.plan.label(change)).unwrap_or_default();
        if self.request.verify && one.verify.is_none() {
            let path = context.project.script_path(context.plan, one.position, Which::Verify)?;
            context.tell(&Event::Warning { text: format!("Verify script {path} does not exist") });
        }
        let start = Instant::now();
        context.tell(&Event::ChangeStarted {
            action: Action::Deploy,
            change: record.name.clone(),
            change_id: record.id.to_string(),
            label,
            width: self.width,
        });
        let job = loaded.job(context.who);
        let applied =
            context.engine.apply(&job, &mut ScriptOutput::new(context.listener, self.request.verbose));
        if let Err(failure) = &applied {
            context.tell(&Event::Trouble { error: failure.error.clone() });
            if let Some(undo) = &failure.undo {
                context.tell(&Event::Trouble { error: undo.clone() });
            }
        }
        context.tell(&Event::ChangeFinished {
            action: Action::Deploy,
            change: record.name.clone(),
            change_id: record.id.to_string(),
            verdict: if applied.is_ok() { Verdict::Ok } else { Verdict::NotOk },
            duration_ms: start.elapsed().as_millis(),
        });
        Ok(applied)
    }

    /// A change failed: the mode decides what becomes of those before it.
    fn failed(
        &self,
        context: &mut Context<'_>,
        reader: &Reader<'_>,
        pending: &[Pending],
        record: &ChangeRecord,
        failure: &Failure,
    ) -> Error {
        let kind = failure.error.kind();
        let failed = |message: &str| Error::new(kind, "deploy.failed", message.to_owned());
        if failure.left == Left::Unrecorded {
            return failed(&format!("{} is deployed, but that could not be recorded", record.name))
                .hint("run the command again: it records the change and goes on");
        }
        if let Err(error) = context.engine.record_failure(record, context.who) {
            context.tell(&Event::Trouble { error });
        }
        if failure.left == Left::Half {
            // Taking back the others would pull the ground from under what is half there.
            return Error::new(
                Kind::InDoubt,
                "deploy.stopped",
                format!("Deploy stopped inside {}", record.name),
            )
            .hint("change status  shows where; change resume  goes on once the cause is mended")
            .hint("change revert  takes the change back; what was deployed before it stays");
        }
        let done: Vec<(&Pending, &Change)> = pending
            .iter()
            .take(self.done)
            .filter_map(|one| Some((one, context.plan.changes.get(one.position)?)))
            .collect();
        let keep = match self.request.mode {
            Mode::Change => done.len(),
            Mode::All => 0,
            Mode::Tag => done.iter().rposition(|(_, change)| !change.tags.is_empty()).map_or(0, |at| at + 1),
        };
        let keep = self.keep_what_no_script_takes_back(context, &done, keep);
        let (stay, go) = done.split_at(keep);
        let failed = failed("Deploy failed");
        match self.roll_back(context, reader, stay, go) {
            Ok(()) => {
                failed.hint(format!("nothing of {} stayed; mend it and run the command again", record.name))
            }
            Err(error) if error.kind() == Kind::InDoubt => error,
            Err(error) => {
                context.tell(&Event::Trouble { error });
                failed.hint(
                    "The schema will need to be manually repaired; change status  shows what is deployed",
                )
            }
        }
    }

    /// A change without a revert script cannot be rolled back, and neither can what lies below it.
    fn keep_what_no_script_takes_back(
        &self,
        context: &mut Context<'_>,
        done: &[(&Pending, &Change)],
        keep: usize,
    ) -> usize {
        let stuck = done.iter().rposition(|(one, _)| one.revert.is_none());
        let Some(at) = stuck.filter(|at| *at >= keep && !self.request.log_only) else { return keep };
        if let Some((_, change)) = done.get(at) {
            let others = if at > 0 { " and what was deployed before it" } else { "" };
            let text = format!("warning: {} has no revert script, so it{others} stays deployed", change.name);
            context.tell(&Event::Warning { text });
        }
        at + 1
    }

    fn roll_back(
        &self,
        context: &mut Context<'_>,
        reader: &Reader<'_>,
        stay: &[(&Pending, &Change)],
        go: &[(&Pending, &Change)],
    ) -> Result<()> {
        if go.is_empty() {
            return Ok(());
        }
        let plan = context.plan;
        let to = match stay.last() {
            Some((_, change)) => Some(plan.label(change)),
            None => self.state.latest().map(|change| {
                let tag = change.tags.last().map(|tag| format!("@{}", tag.name)).unwrap_or_default();
                format!("{}{tag}", change.name)
            }),
        };
        context.tell(&Event::RollingBack { to });
        for (one, change) in go.iter().rev() {
            let script = one.script(context, reader, Which::Revert)?;
            self.take_back(context, &record_of(plan, change), &plan.label(change), script.as_ref())?;
        }
        Ok(())
    }

    fn take_back(
        &self,
        context: &mut Context<'_>,
        record: &ChangeRecord,
        label: &str,
        script: Option<&Script>,
    ) -> Result<()> {
        let start = Instant::now();
        context.tell(&Event::ChangeStarted {
            action: Action::Revert,
            change: record.name.clone(),
            change_id: record.id.to_string(),
            label: label.to_owned(),
            width: self.width,
        });
        let missing = script.is_none() && !self.request.log_only;
        let done = if missing {
            Err(Error::new(
                Kind::Project,
                "revert.missing",
                format!("there is no revert script for {}", record.name),
            ))
        } else {
            let job = Job {
                record,
                direction: Direction::Revert,
                script: script.filter(|_| !self.request.log_only),
                verify: None,
                undo: None,
                checksums: &Checksums::default(),
                committer: context.who,
                resume: None,
            };
            let mut output = ScriptOutput::new(context.listener, self.request.verbose);
            context.engine.apply(&job, &mut output).map_err(|failure| half_taken_back(record, *failure))
        };
        context.tell(&Event::ChangeFinished {
            action: Action::Revert,
            change: record.name.clone(),
            change_id: record.id.to_string(),
            verdict: if done.is_ok() { Verdict::Ok } else { Verdict::NotOk },
            duration_ms: start.elapsed().as_millis(),
        });
        done
    }
}

/// A roll-back that stopped half-way leaves a change in doubt, which is more than an error.
fn half_taken_back(record: &ChangeRecord, failure: Failure) -> Error {
    if failure.left != Left::Half {
        return failure.error;
    }
    Error::new(
        Kind::InDoubt,
        "deploy.stopped",
        format!("Deploy failed, and taking back {} stopped half-way", record.name),
    )
    .because(failure.error.message())
    .hint("change status  shows where; change revert  goes on once the cause is mended")
}

/// Writes what the dependencies were resolved to into the record.
pub(super) fn resolve(record: &mut ChangeRecord, dependencies: &[Resolved]) {
    for dependency in dependencies {
        match dependency.id {
            Some(id) => record.requires.push((dependency.text.clone(), id)),
            None => record.conflicts.push(dependency.text.clone()),
        }
    }
}
