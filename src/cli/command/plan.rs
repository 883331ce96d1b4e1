//! `change plan`

use super::super::opened::Opened;
use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use super::add::read_plan;
use super::deploy::open;
use super::log::{Layout, person, rendered, timestamp};
use crate::engine::Presence;
use crate::error::{Error, Kind, Result};
use crate::plan::{Change, Operator, Plan};
use crate::project::{Project, Which, replace};
use crate::report::format::{Event, Record, Subject};
use crate::report::pattern::{Filter, Patterns};
use crate::steps::{State, repair};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Show the plan. Several filters must all match.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// The target whose plan is meant
    #[arg(short, long, value_name = "TARGET")]
    target: Option<String>,
    /// Only these kinds of lines: deploy, revert
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,
    /// Only changes whose name matches this regular expression
    #[arg(long, visible_alias = "change-pattern", value_name = "REGEX")]
    change: Option<String>,
    /// Only planners whose name matches
    #[arg(long, visible_alias = "planner-pattern", value_name = "REGEX")]
    planner: Option<String>,
    /// The plan file
    #[arg(long, value_name = "FILE")]
    plan_file: Option<String>,
    /// Put the plan back into the order in which its changes were deployed
    #[arg(long)]
    repair: bool,
    /// Merge THEIRS into OURS, as a merge driver of git: change plan --merge %O %A %B
    #[arg(long, num_args = 3, value_names = ["BASE", "OURS", "THEIRS"])]
    merge: Option<Vec<PathBuf>>,
    #[command(flatten)]
    layout: Layout,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.layout.is_json()
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let connect = Connect { target: arguments.target.clone(), ..Connect::default() };
    let paths = Paths { plan_file: arguments.plan_file.clone(), top_dir: None };
    if let Some([base, ours, theirs]) = arguments.merge.as_deref() {
        return merge(session, base, ours, theirs);
    }
    let sorted = session.sort(&arguments.arguments, &connect, &paths)?;
    sorted.refuse_unknown()?;
    if arguments.repair {
        let opened = open(session, &sorted.targets, &connect, &paths)?;
        return repair(session, &opened);
    }
    let layout = &arguments.layout;
    let formatter = layout.formatter(session, Subject::Plan, "plan")?;
    let filter = Filter::new(Patterns {
        events: &arguments.event,
        change: arguments.change.as_deref(),
        planner: arguments.planner.as_deref(),
        ..Patterns::default()
    })?;
    let opened = open(session, &sorted.targets, &connect, &paths)?;
    let plan = opened.project.plan()?;
    if plan.changes.is_empty() {
        return Err(Error::new(Kind::Nothing, "plan.empty", format!("No changes in {}", plan.file)));
    }
    let mut text = String::new();
    if layout.shows_headers() {
        text.push_str(&format!("# Project: {}\n# File:    {}\n\n", plan.project, plan.file));
    }
    let mut order: Vec<usize> = (0..plan.changes.len()).collect();
    if layout.reverse {
        order.reverse();
    }
    let wants_files = layout
        .format
        .as_deref()
        .is_some_and(|format| format.contains("%F") || format.contains("deploy_file"));
    let project = wants_files.then_some(&opened.project);
    let records =
        order.into_iter().filter_map(|at| record(&plan, at, project)).filter(|record| filter.accepts(record));
    for record in records.skip(layout.skip.unwrap_or(0)).take(layout.max_count.unwrap_or(usize::MAX)) {
        text.push_str(&rendered(&formatter, &record, layout.is_json()));
        text.push('\n');
        if text.len() > 1 << 16 {
            ui::write_out(&text)?;
            text.clear();
        }
    }
    ui::write_out(&text)?;
    Ok(0)
}

/// Puts the plan back into the order of deployment.
fn repair(session: &Session, opened: &Opened) -> Result<u8> {
    let (plan, text) = read_plan(opened)?;
    let mut engine = session.engine(opened)?;
    let state = match engine.presence()? {
        Presence::Version(_) => engine.load(&plan.project, None)?,
        _ => State::default(),
    };
    let Some(repaired) = repair::repair(&plan, &text, &state)? else {
        return ui::write_out(&format!("{} is in the order of deployment\n", plan.file)).map(|()| 0);
    };
    replace(&session.root.join(&plan.file), &repaired.text)?;
    let list: String = repaired.moved.iter().map(|change| format!("  * {change}\n")).collect();
    ui::write_out(&format!(
        "Put {} back into the order of deployment; these stand elsewhere now:\n{list}",
        plan.file
    ))?;
    Ok(0)
}

/// Merges as git's drivers do: the result is in OURS; with status 1 it is to be settled by hand.
fn merge(session: &Session, base: &Path, ours: &Path, theirs: &Path) -> Result<u8> {
    let read = |path: &Path| {
        std::fs::read_to_string(session.root.join(path)).map_err(|error| {
            Error::new(Kind::Project, "file.read", format!("cannot read {}", path.display())).because(error)
        })
    };
    match crate::plan::merged(&read(base)?, &read(ours)?, &read(theirs)?) {
        Ok(text) => replace(&session.root.join(ours), &text).map(|()| 0),
        Err(error) => {
            let text = crate::report::diagnostic::render(&error, session.face.colour_err, session.face.width);
            ui::complain(&format!("{text}\n"));
            // What stands in both goes into the file with git's own marks.
            let marks = Command::new("git")
                .arg("merge-file")
                .args([ours, base, theirs])
                .current_dir(&session.root)
                .status();
            marks.map(|_| 1).map_err(|error| {
                Error::new(Kind::Project, "git.failed", "git merge-file cannot be started").because(error)
            })
        }
    }
}

fn record(plan: &Plan, at: usize, project: Option<&Project>) -> Option<Record> {
    let change: &Change = plan.changes.get(at)?;
    Some(Record {
        event: if change.operator == Operator::Revert { Event::Revert } else { Event::Deploy },
        change_id: change.id.to_string(),
        change: change.name.clone(),
        project: plan.project.clone(),
        note: change.note.clone(),
        requires: change.requires.iter().map(ToString::to_string).collect(),
        conflicts: change.conflicts.iter().map(ToString::to_string).collect(),
        tags: plan.tags_of(change).iter().map(|tag| format!("@{}", tag.name)).collect(),
        planner: person((*change.planner).clone()),
        planned_at: timestamp(change.planned_at),
        committer: None,
        committed_at: None,
        deploy_file: project.and_then(|project| project.script_path(plan, at, Which::Deploy).ok()),
    })
}
