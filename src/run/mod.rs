//! Walking steps against an engine, and telling what happens.
//!
//! Knows: steps, the engine trait, the project's files, events. Must never know: the command line,
//! colours, a driver's types.

mod ahead;
pub mod check;
pub mod deploy;
pub mod dry_run;
pub mod hazards;
pub mod lint;
mod preflight;
pub mod revert;
mod scripts;
pub mod settle;
mod upkeep;
pub mod verify;

use crate::engine::record::{ChangeRecord, RunRecord, TagRecord};
use crate::engine::{Engine, EventQuery, Notice, Output, Presence};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener};
use crate::plan::{Change, Id, Person, Plan};
use crate::policy::Answer;
use crate::project::Project;
use crate::steps::State;
use crate::steps::drift::{self, Divergence};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Lines of a list in one message.
const MOST_LISTED: usize = 50;

/// The policies that bound a run.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// `policy.way_back`
    pub way_back: Answer,
    /// `policy.since`: changes up to this one were planned before the rule.
    pub since: Option<String>,
    /// `policy.drift`
    pub drift: Answer,
    /// `compat.open_transaction`
    pub open_transaction: Answer,
    /// `compat.shared_registry`
    pub shared_registry: Answer,
    /// `policy.hazards`
    pub hazards: hazards::Hazards,
}

/// Everything a run works with.
pub struct Context<'a> {
    /// The database.
    pub engine: &'a mut dyn Engine,
    /// The plan.
    pub plan: &'a Plan,
    /// The files.
    pub project: &'a Project,
    /// The policies.
    pub policies: &'a Policies,
    /// Who runs it.
    pub who: &'a Person,
    /// What the journal holds about the run.
    pub run: RunRecord,
    /// Who is told.
    pub listener: &'a mut dyn Listener,
    /// How long the lock is waited for.
    pub lock_timeout: Duration,
    /// Set when a signal asks to stop; looked at between changes.
    pub interrupted: &'a AtomicBool,
}

impl Context<'_> {
    fn tell(&mut self, event: &Event) {
        self.listener.tell(event);
    }

    /// Takes the lock that keeps other runners out.
    fn lock(&mut self) -> Result<()> {
        let destination = self.engine.destination().to_owned();
        let (listener, patience) = (&mut *self.listener, self.lock_timeout);
        self.engine.lock(patience, &mut |holder| {
            listener.tell(&Event::Waiting {
                destination: destination.clone(),
                holder: holder.description.clone(),
                seconds: patience.as_secs(),
            });
        })
    }

    /// Brings the registry up to date and records what an interrupted run left unrecorded.
    fn prepare(&mut self) -> Result<()> {
        let registry = self.engine.registry_destination().to_owned();
        let listener = &mut *self.listener;
        self.engine.prepare(self.who, &mut |notice| {
            listener.tell(&match notice {
                Notice::AddingRegistry => Event::AddingRegistry { destination: registry.clone() },
                Notice::HealedRegistry => Event::Info {
                    text: format!("Completed the registry in {registry}, which was left half-made"),
                },
                Notice::Upgraded { from, to } => {
                    Event::Info { text: format!("Upgraded the registry {registry} from {from} to {to}") }
                }
                Notice::Recorded { change, direction } => Event::Info {
                    text: format!(
                        "Recorded the {direction} of {change}, which an interrupted run had committed"
                    ),
                },
            });
        })
    }

    /// The state of the plan's project; empty if there is no registry.
    fn state(&mut self) -> Result<State> {
        self.state_of(None)
    }

    /// The same with some of the latest changes only.
    fn state_of(&mut self, most: Option<usize>) -> Result<State> {
        match self.engine.presence()? {
            Presence::Missing => Ok(State::default()),
            Presence::HalfMade => Err(check::half_made(self.engine.registry_destination())),
            Presence::Version(_) => {
                let mut state = self.engine.load(&self.plan.project, most)?;
                if !state.partial {
                    self.look_for_set_aside(&mut state)?;
                }
                Ok(state)
            }
        }
    }

    /// A planned change that is not deployed, though later ones are, may have been reverted on its own.
    fn look_for_set_aside(&mut self, state: &mut State) -> Result<()> {
        let skipped = |one: &Divergence| matches!(one, Divergence::Skipped { .. });
        if !drift::of_plan(self.plan, state).iter().any(skipped) {
            return Ok(());
        }
        let mut latest: HashMap<String, bool> = HashMap::new();
        self.engine.events(&EventQuery::default(), &mut |event| {
            if event.event != "fail" {
                latest.entry(event.change_id).or_insert(event.event == "revert");
            }
            Ok(true)
        })?;
        let reverted = latest.into_iter().filter(|(_, reverted)| *reverted);
        state.set_aside = reverted.filter_map(|(id, _)| Id::parse(&id)).collect();
        Ok(())
    }

    /// Refuses to work on a database that is not there although the registry says that changes are
    /// deployed to it: the name is wrong, or the registry is another database's.
    fn require_target(&mut self, state: &State) -> Result<()> {
        if state.changes.is_empty() {
            return Ok(());
        }
        if self.engine.target_exists() {
            return self.refuse_stranger();
        }
        let (target, registry) = (self.engine.destination(), self.engine.registry_destination());
        let count = state.changes.len();
        let changes = if count == 1 { "change" } else { "changes" };
        Err(Error::new(
            Kind::Database,
            "target.missing",
            format!("the database {target} does not exist, but the registry {registry} says that {count} {changes} are deployed to it"),
        )
        .hint("check the target's name; databases in one folder share a registry unless --registry NAME tells them apart")
        .hint("if the database was deleted, delete its registry, too, and deploy anew"))
    }

    /// Refuses to work on a database if the registry speaks of another one that is there: what is deployed
    /// to one of the two is not deployed to the other.
    fn refuse_stranger(&mut self) -> Result<()> {
        if self.policies.shared_registry == Answer::Off {
            return Ok(());
        }
        let Some(other) = self.engine.stranger(&self.plan.project)? else { return Ok(()) };
        let (target, registry) = (self.engine.destination(), self.engine.registry_destination());
        let message = format!("the registry {registry} says what is deployed to {other}, not to {target}");
        if self.policies.shared_registry == Answer::Warn {
            self.tell(&Event::Warning { text: format!("warning: {message}") });
            return Ok(());
        }
        Err(Error::new(Kind::Refused, "registry.shared", message)
            .hint("give this database a registry of its own: --registry NAME, or change config target.NAME.registry NAME")
            .hint("if both are one database: change config compat.shared_registry off"))
    }

    /// A command that only reads cannot record what an interrupted run left, but it can say so.
    fn warn_of_unrecorded(&mut self, state: &State) {
        if let Some(late) = &state.unrecorded {
            let (direction, change) = (&late.direction, &late.change);
            let text = format!(
                "warning: the {direction} of {change} is committed but not recorded yet; the next deploy or revert does that first"
            );
            self.tell(&Event::Warning { text });
        }
    }

    fn stop_if_interrupted(&self) -> Result<()> {
        if !self.interrupted.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(Error::new(Kind::Interrupted, "run.interrupted", "stopped between two changes, as asked")
            .hint("what was done before is complete and recorded; run the command again to go on"))
    }
}

/// Tells the listener what scripts print.
struct ScriptOutput<'a> {
    listener: &'a mut dyn Listener,
    /// Whether verify scripts' standard output is shown too.
    verbose: bool,
    muted: bool,
}

impl<'a> ScriptOutput<'a> {
    fn new(listener: &'a mut dyn Listener, verbose: bool) -> Self {
        ScriptOutput { listener, verbose, muted: false }
    }

    fn pass_on(&mut self, stream: &'static str, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.listener.tell(&Event::Output { stream, text: String::from_utf8_lossy(bytes).into_owned() });
        }
    }
}

impl Output for ScriptOutput<'_> {
    fn starts(&mut self, _: &str, verifying: bool) {
        self.muted = verifying && !self.verbose;
    }

    fn stdout(&mut self, bytes: &[u8]) {
        if !self.muted {
            self.pass_on("stdout", bytes);
        }
    }

    fn stderr(&mut self, bytes: &[u8]) {
        self.pass_on("stderr", bytes);
    }
}

/// The record of a planned change, without hash and dependencies.
fn record_of(plan: &Plan, change: &Change) -> ChangeRecord {
    let tags = plan.tags_of(change).iter().map(|tag| TagRecord {
        id: tag.id,
        name: tag.name.clone(),
        note: tag.note.clone(),
        planned_at: tag.planned_at,
        planner: (*tag.planner).clone(),
    });
    ChangeRecord {
        id: change.id,
        script_hash: None,
        name: change.name.clone(),
        project: plan.project.clone(),
        note: change.note.clone(),
        planned_at: change.planned_at,
        planner: (*change.planner).clone(),
        tags: tags.collect(),
        requires: Vec::new(),
        conflicts: Vec::new(),
    }
}

/// The record of a deployed change, as far as reverting it needs it; the engine adds the rest.
fn record_of_deployed(plan: &Plan, change: &crate::steps::Deployed) -> ChangeRecord {
    ChangeRecord {
        id: change.id,
        script_hash: change.script_hash.clone(),
        name: change.name.clone(),
        project: plan.project.clone(),
        // Sqitch reads a recorded note as if it stood in a plan, and logs it so.
        note: crate::plan::unescape(&change.note),
        planned_at: change.planned_at,
        planner: (*change.planner).clone(),
        tags: Vec::new(),
        requires: Vec::new(),
        conflicts: Vec::new(),
    }
}

/// The error for a change that stopped half-way and that this command does not go on with.
fn in_doubt_error(in_doubt: &crate::steps::InDoubt) -> Error {
    let why = in_doubt.error.clone().unwrap_or_else(|| "its run ended without a word".to_owned());
    let mut place = crate::error::Place::new(in_doubt.script.clone(), in_doubt.line, 1);
    place.text = in_doubt.statement.lines().next().map(str::to_owned);
    Error::new(
        Kind::InDoubt,
        "change.in_doubt",
        format!(
            "the {} of {} stopped after {} of {} statements",
            in_doubt.direction, in_doubt.change, in_doubt.done, in_doubt.total
        ),
    )
    .at(place)
    .because(why)
    .hint("go on with it: change resume")
    .hint(match in_doubt.direction.as_str() {
        "deploy" => "take it back: change revert",
        _ => "bring it back: change resume, then change deploy",
    })
    .hint(format!("or say how it is: change mark deployed {0} / change mark reverted {0}", in_doubt.change))
}

/// The lines of a list, as many as a person can take in, and how many there are besides.
fn listed(lines: &[String]) -> String {
    let shown = lines.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join("\n");
    match lines.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown}\n  … and {more} more"),
    }
}

/// The length of the longest label, in characters.
fn width(labels: impl Iterator<Item = impl AsRef<str>>) -> usize {
    labels.map(|label| label.as_ref().chars().count()).max().unwrap_or(0)
}

/// The hash to record for a deploy script: another change of the project may have the same text,
/// and Sqitch's registry holds each hash only once.
fn unique_hash<T: Clone + Eq + Hash>(hash: Option<T>, taken: &mut HashSet<T>) -> Option<T> {
    hash.filter(|hash| taken.insert(hash.clone()))
}

/// The ids of all deployed changes.
fn ids(state: &State, positions: &[usize]) -> Vec<Id> {
    positions.iter().filter_map(|at| state.changes.get(*at)).map(|change| change.id).collect()
}
