//! `change rebase`

use super::super::opened::Opened;
use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::ui;
use super::deploy::{On, on_engine, open};
use super::revert::Asker;
use crate::config::target::{self, Target};
use crate::engine::Presence;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener};
use crate::plan::Plan;
use crate::run::{deploy, revert};
use crate::steps::deploy::Mode;
use clap::Args;
use std::collections::{BTreeMap, HashSet};

/// Take changes back and deploy them again.
///
/// Reverts to ONTO, or everything, and then deploys to UPTO, or everything, under one lock.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The change to revert to, the change to deploy to, or a target
    #[arg(value_name = "ONTO|UPTO|TARGET")]
    arguments: Vec<String>,
    /// Revert to this change or tag, which stays
    #[arg(long, visible_alias = "onto-change", value_name = "CHANGE")]
    onto: Option<String>,
    /// Deploy up to this change or tag
    #[arg(long, visible_alias = "upto-change", value_name = "CHANGE")]
    upto: Option<String>,
    /// Revert to the last change before the first one that was modified since
    #[arg(short, long)]
    modified: bool,
    #[command(flatten)]
    both: Both,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

/// What commands take that revert and deploy.
#[derive(Debug, Clone, Args)]
pub(super) struct Both {
    /// What to take back when a change fails: all of this run, to the last tag, or nothing (change)
    #[arg(long, value_name = "all|tag|change")]
    mode: Option<String>,
    /// Run verify scripts (the default)
    #[arg(long, overrides_with = "no_verify")]
    verify: bool,
    /// Do not run verify scripts
    #[arg(long, alias = "noverify")]
    no_verify: bool,
    /// Set a variable for all scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Set a variable for deploy and verify scripts
    #[arg(short = 'e', long, value_name = "KEY=VALUE")]
    set_deploy: Vec<String>,
    /// Set a variable for revert scripts
    #[arg(short = 'r', long, value_name = "KEY=VALUE")]
    set_revert: Vec<String>,
    /// Record the changes without running their scripts
    #[arg(long)]
    log_only: bool,
    /// Wait this long for another runner to finish
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
    /// Do not ask
    #[arg(short = 'y')]
    yes: bool,
}

/// How far is reverted and deployed.
pub(super) struct Reach {
    pub(super) onto: Option<String>,
    pub(super) upto: Option<String>,
    pub(super) modified: bool,
    /// Whether what is deployed stands in the plan by which is reverted.
    pub(super) same_plan: bool,
}

impl Both {
    /// `--strict` in the configuration makes the command unusable, as it takes more away than it says.
    pub(super) fn refuse_strict(session: &Session, command: &str) -> Result<()> {
        let own = session.config.flag(&format!("{command}.strict"))?;
        let strict = if own.is_some() { own } else { session.config.flag("revert.strict")? };
        if !strict.unwrap_or(false) {
            return Ok(());
        }
        let message = format!("\"{command}\" cannot be used in strict mode.");
        Err(Error::new(Kind::Nothing, "revert.strict", message)
            .hint("use explicit revert and deploy commands instead"))
    }

    fn deploy_request(
        &self,
        session: &Session,
        command: &str,
        upto: Option<String>,
    ) -> Result<deploy::Request> {
        let own = |key: &str| {
            session
                .config
                .trimmed(&format!("{command}.{key}"))
                .or_else(|| session.config.trimmed(&format!("deploy.{key}")))
        };
        let verify = match (self.verify, self.no_verify || self.log_only) {
            (true, _) => true,
            (_, true) => false,
            _ => match session.config.flag(&format!("{command}.verify"))? {
                Some(verify) => verify,
                None => session.config.flag("deploy.verify")?.unwrap_or(true),
            },
        };
        Ok(deploy::Request {
            to: upto,
            mode: self.mode.as_deref().or_else(|| own("mode")).map_or(Ok(Mode::All), Mode::parse)?,
            verify,
            log_only: self.log_only,
            dry_run: false,
            verbose: session.global.verbose > 1,
            doubtful: None,
        })
    }

    fn variables(&self, session: &Session, kind: &str, target: &Target) -> Result<Vec<(String, String)>> {
        let own = if kind == "deploy" { &self.set_deploy } else { &self.set_revert };
        let mut all: BTreeMap<String, String> =
            target::variables(&session.config, kind, target).into_iter().collect();
        for text in self.set.iter().chain(own) {
            let (key, value) = super::super::options::key_value(text)?;
            all.insert(key, value);
        }
        Ok(all.into_iter().collect())
    }

    /// Reverts by one plan, lets `between` bring about another one, and deploys by that.
    ///
    /// Where the plan stays the same, what is to be deployed is checked before anything is reverted.
    pub(super) fn run(
        &self,
        session: &Session,
        opened: &Opened,
        command: &str,
        json: bool,
        reach: Reach,
        between: impl FnOnce() -> Result<Plan>,
    ) -> Result<()> {
        Both::refuse_strict(session, command)?;
        let request = self.deploy_request(session, command, reach.upto)?;
        let [reverting, deploying] =
            ["revert", "deploy"].map(|kind| self.variables(session, kind, &opened.target));
        let (reverting, deploying) = (reverting?, deploying?);
        let mut asker = Asker::new(session, &opened.target, command, self.yes, json)?;
        let mut engine = session.engine(opened)?;
        let mut listener = session.listener(json);
        let plan = opened.project.plan()?;
        let back = revert::Request {
            to: reach.onto,
            modified: reach.modified,
            log_only: self.log_only,
            ..revert::Request::default()
        };
        // Without a registry there is nothing to take back.
        if engine.presence()? != Presence::Missing {
            if reach.same_plan {
                engine.set_variables(deploying.clone());
                let both = On { engine: engine.as_mut(), listener: &mut Deaf };
                on_engine(session, opened, &plan, command, self.lock_timeout, both, |context| {
                    let back = revert::Request { dry_run: true, ..back.clone() };
                    let steps = revert::revert(context, &back, &mut |question| asker.ask(question))?;
                    let gone: HashSet<String> = steps.into_iter().map(|step| step.change_id).collect();
                    if gone.is_empty() { Ok(()) } else { deploy::check_after(context, &request, &gone) }
                })?;
            }
            engine.set_variables(reverting);
            let both = On { engine: engine.as_mut(), listener: listener.as_mut() };
            on_engine(session, opened, &plan, command, self.lock_timeout, both, |context| {
                revert::revert(context, &back, &mut |question| asker.ask(question))
            })?;
        }
        let plan = between()?;
        engine.set_variables(deploying);
        let both = On { engine: engine.as_mut(), listener: listener.as_mut() };
        on_engine(session, opened, &plan, command, self.lock_timeout, both, |context| {
            deploy::deploy(context, &request).map(|_| ())
        })
    }
}

/// What is only tried is told to nobody.
struct Deaf;

impl Listener for Deaf {
    fn tell(&mut self, _: &Event) {}
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    sorted.refuse_unknown()?;
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let mut changes = sorted.changes.into_iter();
    let onto = match arguments.onto.clone() {
        Some(onto) => Some(onto),
        None if arguments.modified => None,
        None => changes.next(),
    };
    let upto = arguments.upto.clone().or_else(|| changes.next());
    if changes.next().is_some() {
        let named = |change: &Option<String>| change.clone().unwrap_or_default();
        let text = format!(
            "warning: Too many changes specified; rebasing onto \"{}\" up to \"{}\"\n",
            named(&onto),
            named(&upto)
        );
        ui::complain(&text);
    }
    let reach = Reach { onto, upto, modified: arguments.modified, same_plan: true };
    let json = arguments.on.json();
    arguments.both.run(session, &opened, "rebase", json, reach, || opened.project.plan())?;
    Ok(0)
}
