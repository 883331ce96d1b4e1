//! `change plan`

use super::super::options::{Connect, Paths};
use super::super::session::Session;
use super::super::ui;
use super::deploy::open;
use super::log::{Layout, person, rendered, timestamp};
use crate::error::{Error, Kind, Result};
use crate::plan::{Change, Operator, Plan};
use crate::project::{Project, Which};
use crate::report::format::{Event, Record, Subject};
use crate::report::pattern::{Filter, Patterns};
use clap::Args;

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
    let sorted = session.sort(&arguments.arguments, &connect, &paths)?;
    sorted.refuse_unknown()?;
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
    let wants_files = layout.format.as_deref().is_some_and(|format| format.contains("%F") || format.contains("deploy_file"));
    let project = wants_files.then_some(&opened.project);
    let records = order.into_iter().filter_map(|at| record(&plan, at, project)).filter(|record| filter.accepts(record));
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
