//! `change deploy`

use super::super::opened::Opened;
use super::super::options::{Connect, OnDatabase, Paths};
use super::super::session::Session;
use super::super::ui;
use crate::engine::Engine;
use crate::error::Result;
use crate::event::Listener;
use crate::plan::Plan;
use crate::run::Context;
use crate::run::deploy::{self, Request};
use crate::run::dry_run;
use crate::steps::deploy::Mode;
use clap::Args;
use std::time::Duration;

/// Deploy planned changes, verify and record them.
///
/// Everything is checked before the first statement runs: scripts, dependencies, and that every
/// change has a way back. Each change is then deployed, verified and recorded in one transaction
/// wherever its script allows that.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A change to deploy up to, or a target
    #[arg(value_name = "CHANGE|TARGET")]
    arguments: Vec<String>,
    /// Deploy up to this change or tag
    #[arg(long, visible_aliases = ["to-change", "change"], value_name = "CHANGE")]
    to: Option<String>,
    /// What to take back when a change fails: all of this run, to the last tag, or nothing (change)
    #[arg(long, value_name = "all|tag|change")]
    mode: Option<String>,
    /// Run verify scripts (the default)
    #[arg(long, overrides_with = "no_verify")]
    verify: bool,
    /// Do not run verify scripts
    #[arg(long, alias = "noverify")]
    no_verify: bool,
    /// Record the changes as deployed without running their scripts
    #[arg(long)]
    log_only: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Wait this long for another runner to finish
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
    /// Ask nothing
    #[arg(short = 'y')]
    yes: bool,
    #[command(flatten)]
    on: OnDatabase,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.on.json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let sorted = session.sort(&arguments.arguments, &arguments.on.connect, &arguments.on.paths)?;
    sorted.refuse_unknown()?;
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let mut to = arguments.to.iter().chain(&sorted.changes);
    let first = to.next().cloned();
    if let Some(first) = first.as_ref().filter(|_| to.next().is_some()) {
        ui::complain(&format!("warning: Too many changes specified; deploying to \"{first}\"\n"));
    }
    let mode = arguments.mode.as_deref().or_else(|| session.config.trimmed("deploy.mode"));
    let request = Request {
        to: first,
        mode: mode.map_or(Ok(Mode::All), Mode::parse)?,
        // Without scripts there is nothing new to verify; asked for, it is done all the same.
        verify: verifies(session, arguments.verify, arguments.no_verify || arguments.log_only)?,
        log_only: arguments.log_only,
        dry_run: arguments.dry_run,
        verbose: session.global.verbose > 1,
        doubtful: None,
    };
    let opened = opened.with_variables(&session.config, "deploy", &arguments.set)?;
    let json = arguments.on.json();
    let steps = with_context(session, &opened, "deploy", json, arguments.lock_timeout, |context| {
        deploy::deploy(context, &request)
    })?;
    if request.dry_run {
        show_steps(&steps, json)?;
    }
    Ok(0)
}

/// Whether verify scripts are run: by default they are.
pub(super) fn verifies(session: &Session, yes: bool, no: bool) -> Result<bool> {
    Ok(match (yes, no) {
        (true, _) => true,
        (_, true) => false,
        _ => session.config.flag("deploy.verify")?.unwrap_or(true),
    })
}

/// Opens the first of the named targets, or the default one.
pub(super) fn open(
    session: &Session,
    targets: &[String],
    connect: &Connect,
    paths: &Paths,
) -> Result<Opened> {
    let opened = session.target(targets.first().map(String::as_str), connect, paths)?;
    if targets.len() > usize::from(connect.target.is_none()) {
        ui::complain(&format!("warning: Too many targets specified; connecting to {}\n", opened.target.name));
    }
    Ok(opened)
}

/// Opens the database and gathers what a run needs.
pub(super) fn with_context<T>(
    session: &Session,
    opened: &Opened,
    command: &str,
    json: bool,
    lock_timeout: Option<u64>,
    work: impl FnOnce(&mut Context<'_>) -> Result<T>,
) -> Result<T> {
    let plan = opened.project.plan()?;
    with_plan(session, opened, &plan, command, json, lock_timeout, work)
}

/// As [`with_context`], with a plan that was read already.
pub(super) fn with_plan<T>(
    session: &Session,
    opened: &Opened,
    plan: &Plan,
    command: &str,
    json: bool,
    lock_timeout: Option<u64>,
    work: impl FnOnce(&mut Context<'_>) -> Result<T>,
) -> Result<T> {
    let mut engine = session.engine(opened)?;
    let mut listener = session.listener(json);
    let on = On { engine: engine.as_mut(), listener: listener.as_mut() };
    on_engine(session, opened, plan, command, lock_timeout, on, work)
}

/// What a command works on, and who is told.
pub(super) struct On<'a> {
    pub(super) engine: &'a mut dyn Engine,
    pub(super) listener: &'a mut dyn Listener,
}

/// As [`with_plan`], with a database that may have been worked on already, and who is told.
pub(super) fn on_engine<T>(
    session: &Session,
    opened: &Opened,
    plan: &Plan,
    command: &str,
    lock_timeout: Option<u64>,
    on: On<'_>,
    work: impl FnOnce(&mut Context<'_>) -> Result<T>,
) -> Result<T> {
    let who = session.person()?;
    let policies = session.policies(opened)?;
    let On { engine, listener } = on;
    let mut context = Context {
        engine,
        plan,
        project: &opened.project,
        policies: &policies,
        who: &who,
        run: session.run_record(command, plan, &opened.target, &who),
        listener,
        lock_timeout: Duration::from_secs(lock_timeout.unwrap_or(60)),
        interrupted: &session.signals.interrupted,
    };
    work(&mut context)
}

fn show_steps(steps: &[dry_run::Step], json: bool) -> Result<()> {
    if json {
        return ui::write_out(&format!("{}\n", serde_json::json!({ "steps": steps })));
    }
    let mut text = String::new();
    for step in steps {
        let way = match &step.reason {
            None if step.verified => "one transaction, verified in it".to_owned(),
            None => "one transaction".to_owned(),
            Some(reason) => format!("step by step, because of {reason}"),
        };
        text.push_str(&format!(
            "  {} {}  ({}; {way})\n",
            if step.step == "resume" { "»" } else { "+" },
            step.change,
            step.script
        ));
    }
    if !steps.is_empty() {
        text.push_str(&format!("{} to deploy; nothing was done\n", plural(steps.len(), "change")));
    }
    ui::write_out(&text)
}

/// `1 change`, `2 changes`
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
