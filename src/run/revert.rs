//! Reverting: the latest change first, each with its record.

use super::ahead::{Ahead, Loaded};
use super::scripts::{Checked, Reader, path_of_deployed};
use super::{Context, ScriptOutput, check, ids, in_doubt_error, record_of_deployed, width};
use crate::engine::record::ChangeRecord;
use crate::engine::{Direction, Doubtful, Left, OPEN_TRANSACTION, Settlement};
use crate::error::{Error, Kind, Result};
use crate::event::{Action, Event, Verdict};
use crate::plan::Id;
use crate::policy::{self, recovery};
use crate::project::Which;
use crate::sql::directive;
use crate::steps::revert::{self, Reversion};
use crate::steps::{InDoubt, State};
use std::time::Instant;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The change that stays as the last one; all go if it is not given.
    pub to: Option<String>,
    /// The only change that goes; what was deployed after it stays.
    pub only: Option<String>,
    /// Whether those go that were modified since they were deployed, and all after them.
    pub modified: bool,
    /// Whether scripts are left out and only the registry is written.
    pub log_only: bool,
    /// Whether only the list of steps is wanted.
    pub dry_run: bool,
    /// What to do with a statement that may have taken effect, when a stopped revert goes on.
    pub doubtful: Option<Doubtful>,
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A person said yes.
    Yes,
    /// A person said no.
    No,
    /// The command line said yes.
    InAdvance,
}

/// A question before something is taken away.
#[derive(Debug, Clone)]
pub struct Question {
    /// What would be done, without a question mark.
    pub text: String,
    /// What would go, the latest first.
    pub changes: Vec<String>,
}

/// One change to revert, as `--dry-run` shows it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Step {
    /// `revert`
    pub step: &'static str,
    /// The change.
    pub change: String,
    /// Its id.
    pub change_id: String,
    /// Its revert script.
    pub script: String,
}

/// Reverts. `confirm` is asked once, before anything is done.
///
/// # Errors
/// Refusals, failures of scripts, trouble with the database; [`Kind::Nothing`] when the answer is no.
pub fn revert(
    context: &mut Context<'_>,
    request: &Request,
    confirm: &mut dyn FnMut(&Question) -> Result<Answer>,
) -> Result<Vec<Step>> {
    check::require_registry_or_upgradable(context)?;
    if !request.dry_run {
        context.lock()?;
        context.prepare()?;
    }
    let state = context.state()?;
    if !request.log_only {
        context.require_target(&state)?;
    }
    let stopped = state.in_doubt.clone();
    let since = if request.modified { first_modified(context, &state)? } else { request.to.clone() };
    let decided = match &request.only {
        Some(change) => revert::only(context.plan, &state, change)?,
        None => revert::decide(context.plan, &state, since.as_deref())?,
    };
    let (positions, to) = match decided {
        Reversion::NothingDeployed if stopped.is_none() => {
            return nothing(context, "Nothing to revert (nothing deployed)".to_owned());
        }
        Reversion::NothingSince(to) if stopped.is_none() => {
            return nothing(context, format!("No changes deployed since: \"{to}\""));
        }
        Reversion::Run { positions, to } => (positions, to),
        // What stopped half-way is taken back even if nothing complete goes with it.
        _ => (Vec::new(), None),
    };
    let mut plan = Plan { state: &state, steps: Vec::new(), alone: request.only.is_some() };
    if let Some(in_doubt) = stopped.as_ref().filter(|_| request.only.is_some()) {
        return Err(in_doubt_error(in_doubt));
    }
    if let Some(in_doubt) = &stopped {
        plan.stopped(context, in_doubt)?;
    }
    // With a change half-way on top and no target named, that change alone is meant: how far a revert was
    // to go that stopped, nobody knows.
    let alone = request.to.is_none() && !request.modified && stopped.is_some();
    let positions = if alone { Vec::new() } else { positions };
    let mut reader = Reader::new(context.project, context.engine.dialect());
    plan.read(context, &mut reader, &positions, request.log_only)?;
    if request.dry_run {
        return Ok(plan.steps.iter().map(Planned::shown).collect());
    }
    let asked = match confirm(&question(context, &state, &plan, to))? {
        Answer::No => return Err(Error::new(Kind::Nothing, "revert.declined", "Nothing reverted")),
        Answer::Yes => true,
        Answer::InAdvance => false,
    };
    announce(context, &state, &plan, to, asked);
    let dependents = context.engine.dependents(&ids(&state, &positions))?;
    revert::check_dependents(context.plan, &state, &positions, &dependents)?;
    carry_out(context, &plan, &reader, request)?;
    Ok(Vec::new())
}

/// Reverts what was decided, and says how to get it back.
fn carry_out(
    context: &mut Context<'_>,
    plan: &Plan<'_>,
    reader: &Reader<'_>,
    request: &Request,
) -> Result<()> {
    let start = Instant::now();
    context.engine.begin_run(&context.run)?;
    let outcome = plan.walk(context, reader, request);
    let word = if outcome.is_ok() { "done" } else { "failed" };
    let ended = context.engine.end_run(word);
    outcome?;
    ended?;
    let next = match plan.steps.first().filter(|_| plan.alone) {
        Some(step) => plan.back_again(&step.record.id),
        None => "change deploy  brings them back".to_owned(),
    };
    context.tell(&Event::Finished {
        action: Action::Revert,
        changes: plan.steps.len(),
        duration_ms: start.elapsed().as_millis(),
        next: Some(next),
    });
    Ok(())
}

/// The last change before the first that is not what the plan and the scripts say now.
fn first_modified(context: &mut Context<'_>, state: &State) -> Result<Option<String>> {
    let mut unmodified = None;
    for (at, change) in state.changes.iter().enumerate() {
        if context.plan.position(&change.id) != Some(at) {
            break;
        }
        let path = context.project.script_path(context.plan, at, Which::Deploy)?;
        let now = context.project.digests(&path)?.map(|digests| digests.sha1);
        // Without a hash, nobody can tell; Sqitch takes it for unmodified, too.
        if change.script_hash.is_some() && change.script_hash != now {
            break;
        }
        unmodified = Some(change.id.to_string());
    }
    Ok(unmodified)
}

fn nothing(context: &mut Context<'_>, text: String) -> Result<Vec<Step>> {
    context.tell(&Event::Nothing { text });
    Ok(Vec::new())
}

fn question(context: &Context<'_>, state: &State, plan: &Plan<'_>, to: Option<usize>) -> Question {
    let destination = context.engine.destination();
    if let Some(step) = plan.steps.first().filter(|_| plan.alone) {
        let text = format!("Revert only {} from {destination}", step.label);
        return Question { text, changes: vec![step.label.clone()] };
    }
    let text = match (plan.only_stopped(), to.and_then(|at| state.changes.get(at))) {
        (Some(name), _) => format!("Revert the stopped change {name} in {destination}"),
        (None, Some(change)) => format!("Revert changes to {} from {destination}", change.label()),
        (None, None) => format!("Revert all changes from {destination}"),
    };
    Question { text, changes: plan.steps.iter().map(|step| step.label.clone()).collect() }
}

fn announce(context: &mut Context<'_>, state: &State, plan: &Plan<'_>, to: Option<usize>, asked: bool) {
    let destination = context.engine.destination().to_owned();
    if let Some(name) = plan.only_stopped().filter(|_| !asked) {
        context.tell(&Event::Info { text: format!("Reverting the stopped change {name} in {destination}") });
    }
    if let Some(step) = plan.steps.first().filter(|_| plan.alone && !asked) {
        context.tell(&Event::Info { text: format!("Reverting only {} from {destination}", step.label) });
    }
    context.tell(&Event::Started {
        action: Action::Revert,
        destination,
        limit: to.and_then(|at| state.changes.get(at)).map(|change| change.label()),
        changes: plan.steps.len(),
        asked: asked || plan.alone || plan.only_stopped().is_some(),
    });
}

/// One change to revert, ready.
struct Planned {
    record: ChangeRecord,
    label: String,
    path: String,
    script: Option<Checked>,
    in_doubt: Option<InDoubt>,
}

impl Planned {
    fn shown(&self) -> Step {
        Step {
            step: "revert",
            change: self.label.clone(),
            change_id: self.record.id.to_string(),
            script: self.path.clone(),
        }
    }
}

struct Plan<'a> {
    state: &'a State,
    steps: Vec<Planned>,
    /// Whether one change goes from among others.
    alone: bool,
}

impl Plan<'_> {
    /// The name of the stopped change, if nothing else goes.
    fn only_stopped(&self) -> Option<&str> {
        let stopped = self.steps.iter().all(|step| step.in_doubt.is_some());
        self.steps.first().filter(|_| stopped).map(|step| step.record.name.as_str())
    }

    /// The change that stopped half-way goes first: it is on top of all others.
    fn stopped(&mut self, context: &Context<'_>, in_doubt: &InDoubt) -> Result<()> {
        let (record, label) = record_of_stopped(context, self.state, in_doubt)?;
        let path = match self.state.changes.iter().position(|change| change.id == in_doubt.change_id) {
            Some(at) => path_of_deployed(context, self.state, at, Which::Revert)?,
            None => match context.plan.position(&in_doubt.change_id) {
                Some(position) => context.project.script_path(context.plan, position, Which::Revert)?,
                None => context.project.path_of(&in_doubt.change, &[], Which::Revert)?,
            },
        };
        self.steps.push(Planned { record, label, path, script: None, in_doubt: Some(in_doubt.clone()) });
        Ok(())
    }

    /// Reads and checks all scripts before the first one runs.
    fn read(
        &mut self,
        context: &Context<'_>,
        reader: &mut Reader<'_>,
        positions: &[usize],
        log_only: bool,
    ) -> Result<()> {
        let skip = self.steps.first().map(|step| step.record.id);
        for at in positions.iter().copied() {
            let Some(change) = self.state.changes.get(at).filter(|change| Some(change.id) != skip) else {
                continue;
            };
            self.steps.push(Planned {
                record: record_of_deployed(context.plan, change),
                label: change.label(),
                path: path_of_deployed(context, self.state, at, Which::Revert)?,
                script: None,
                in_doubt: None,
            });
        }
        if log_only {
            return Ok(());
        }
        let mut errors = Vec::new();
        for step in &mut self.steps {
            match context.project.read_script(&step.path, context.engine.dialect())? {
                None => errors.push(no_script(context, self.state, step)?),
                Some(text) => {
                    let (directives, faults) =
                        directive::read(&text.path, &text.text, context.engine.dialect());
                    errors.extend(faults);
                    let script = super::scripts::with(text.clone(), &directives);
                    let refused = |error: &Error| {
                        error.code() != OPEN_TRANSACTION
                            || context.policies.open_transaction == policy::Answer::Refuse
                    };
                    errors.extend(context.engine.examine(&script).into_iter().filter(refused));
                    step.script = Some(reader.check(&text, &directives));
                }
            }
        }
        Error::join(errors).map_or(Ok(()), Err)
    }

    /// How a change that goes on its own comes back.
    fn back_again(&self, id: &Id) -> String {
        let changes = &self.state.changes;
        let at = changes.iter().position(|change| change.id == *id).unwrap_or_default();
        if at + 1 == changes.len() {
            return "change deploy  brings it back".to_owned();
        }
        // A name may be that of several changes, an id is not.
        let unique = |name: &str| changes.iter().filter(|change| change.name == name).count() == 1;
        let onto = at.checked_sub(1).and_then(|at| changes.get(at)).map_or_else(String::new, |before| {
            let name = if unique(&before.name) { before.name.clone() } else { before.id.to_string() };
            format!(" --onto {name}")
        });
        format!("change rebase{onto}  brings it back, with what came after it")
    }

    fn walk(&self, context: &mut Context<'_>, reader: &Reader<'_>, request: &Request) -> Result<()> {
        let width = width(self.steps.iter().map(|step| &step.label));
        let mut ahead = Ahead::default();
        loop {
            let load =
                |_: &mut Context<'_>, at: usize| Some(Self::load(reader, at, self.steps.get(at)?, request));
            let Some(loaded) = ahead.next(context, load)? else { return Ok(()) };
            let Some(step) = self.steps.get(loaded.at) else { return Ok(()) };
            self.one(context, step, &loaded, width)?;
        }
    }

    fn load(reader: &Reader<'_>, at: usize, step: &Planned, request: &Request) -> Result<Loaded> {
        let script = step.script.as_ref().filter(|_| !request.log_only);
        let doubtful = request.doubtful.unwrap_or(Doubtful::Decide);
        Ok(Loaded {
            script: script.map(|script| reader.script(&step.path, script)).transpose()?,
            resume: step.in_doubt.clone().map(|in_doubt| (in_doubt, doubtful)),
            ..Loaded::new(at, step.record.clone(), Direction::Revert)
        })
    }

    fn one(&self, context: &mut Context<'_>, step: &Planned, loaded: &Loaded, width: usize) -> Result<()> {
        let start = Instant::now();
        context.tell(&Event::ChangeStarted {
            action: Action::Revert,
            change: step.record.name.clone(),
            change_id: step.record.id.to_string(),
            label: step.label.clone(),
            width,
        });
        let done = self.apply(context, step, loaded);
        if let Err((error, _)) = &done {
            context.tell(&Event::Trouble { error: error.clone() });
        }
        context.tell(&Event::ChangeFinished {
            action: Action::Revert,
            change: step.record.name.clone(),
            change_id: step.record.id.to_string(),
            verdict: if done.is_ok() { Verdict::Ok } else { Verdict::NotOk },
            duration_ms: start.elapsed().as_millis(),
        });
        done.map_err(|(error, left)| {
            let kind = if left == Left::Half { Kind::InDoubt } else { error.kind() };
            let failed = Error::new(kind, "revert.failed", format!("Revert failed at {}", step.record.name));
            match left {
                Left::Nothing => {
                    failed.hint("it is deployed as before; mend its revert script and run the command again")
                }
                Left::Unrecorded => failed.hint(
                    "it is reverted, but that could not be recorded: run the command again, which does so",
                ),
                Left::Half => failed.hint(
                    "change status  shows where it stopped; change resume  goes on once the cause is mended",
                ),
            }
        })
    }

    fn apply(&self, context: &mut Context<'_>, step: &Planned, loaded: &Loaded) -> Result<(), (Error, Left)> {
        let half = |error: Error| (error, Left::Half);
        let mut output = ScriptOutput::new(context.listener, false);
        match (&step.in_doubt, &loaded.script) {
            (Some(in_doubt), None) => {
                let settlement = Settlement::NotDeployed;
                return context.engine.settle(in_doubt, &step.record, settlement, context.who).map_err(half);
            }
            // A stopped deployment has no record to take away; a stopped revert goes on below.
            (Some(in_doubt), Some(script)) if in_doubt.direction == "deploy" => {
                return context.engine.take_back(in_doubt, &step.record, script, &mut output).map_err(half);
            }
            _ => {}
        }
        context
            .engine
            .apply(&loaded.job(context.who), &mut output)
            .map_err(|failure| (failure.error, failure.left))
    }
}

/// The record of a stopped change, which plan or registry may hold.
pub(super) fn record_of_stopped(
    context: &Context<'_>,
    state: &State,
    in_doubt: &InDoubt,
) -> Result<(ChangeRecord, String)> {
    let id: Id = in_doubt.change_id;
    if let Some(change) = state.changes.iter().find(|change| change.id == id) {
        return Ok((record_of_deployed(context.plan, change), change.label()));
    }
    match context.plan.change(&id) {
        Some(change) => Ok((super::record_of(context.plan, change), context.plan.label(change))),
        None => Err(in_doubt_error(in_doubt)
            .hint("the plan no longer holds this change; put its line back as it was")),
    }
}

fn no_script(context: &Context<'_>, state: &State, step: &Planned) -> Result<Error> {
    // Naming the change before keeps the command from taking more than this one away.
    let before = state.changes.iter().position(|change| change.id == step.record.id).filter(|at| *at > 0);
    let to = before.map(|_| format!(" --to {}^", step.record.id)).unwrap_or_default();
    let document = context.project.recovery_path(&step.record.name);
    let error =
        Error::new(Kind::Project, "revert.missing", format!("Revert script {} does not exist", step.path));
    Ok(match context.project.read(&document)? {
        Some(text) if recovery::missing(&text.text).is_empty() => error.hint(format!(
            "no script can take {} back; follow {document}, then: change revert --log-only{to}",
            step.label
        )),
        _ => error
            .hint("write it")
            .hint(format!("if the database is as it should be without it: change revert --log-only{to}")),
    })
}
