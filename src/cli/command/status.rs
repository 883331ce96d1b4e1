//! `change status`

use super::super::opened::Opened;
use super::super::options::OnDatabase;
use super::super::session::Session;
use super::super::{ui, zone};
use super::deploy::open;
use crate::engine::{Engine, Presence};
use crate::error::{Error, Kind, Result};
use crate::plan::{Change, Id, Person, Plan};
use crate::policy::Answer;
use crate::report::date::DateFormat;
use crate::steps::{InDoubt, State};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::fmt::Write;

/// Show what is deployed and what is not.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A target
    #[arg(value_name = "TARGET")]
    arguments: Vec<String>,
    /// The project, if there is no plan that says it
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// List the deployed tags
    #[arg(long)]
    show_tags: bool,
    /// List the deployed changes
    #[arg(long)]
    show_changes: bool,
    /// How dates look: iso, raw, rfc, full, long, medium, short, cldr:…, strftime:…
    #[arg(long, visible_alias = "date", value_name = "FORMAT")]
    date_format: Option<String>,
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
    if let Some(change) = sorted.changes.first() {
        return Err(Error::new(
            Kind::Usage,
            "usage.argument",
            format!("\"{change}\" is a change, not a target"),
        )
        .hint(format!("change show change {change}  shows it; change status TARGET  shows a database")));
    }
    sorted.refuse_unknown()?;
    let flag = |key: &str, given: bool| session.config.flag(key).map(|value| given || value.unwrap_or(false));
    let dates = DateFormat::parse(
        arguments
            .date_format
            .as_deref()
            .or_else(|| session.config.trimmed("status.date_format"))
            .unwrap_or("iso"),
    )?;
    let look = Look {
        tags: flag("status.show_tags", arguments.show_tags)?,
        changes: flag("status.show_changes", arguments.show_changes)?,
        dates,
        zone: zone::local(),
    };
    let opened = open(session, &sorted.targets, &arguments.on.connect, &arguments.on.paths)?;
    let mut engine = session.engine(&opened)?;
    let json = arguments.on.json();
    if !json {
        ui::write_out(&format!("# On database {}\n", engine.destination()))?;
    }
    let (plan, project) = plan_and_project(arguments, &opened, engine.as_mut())?;
    let state = state(engine.as_mut(), &project, look.most(json || plan.is_some()))?;
    if json {
        let status = as_json(engine.destination(), &project, plan.as_ref(), &state);
        ui::write_out(&format!("{status}\n"))?;
        // What runs right now is not in doubt.
        let stopped = state.in_doubt.is_some() && engine.holder().is_none();
        return Ok(if stopped { Kind::InDoubt.exit_status() } else { u8::from(state.changes.is_empty()) });
    }
    let holder = engine.holder();
    if let Some(holder) = &holder {
        ui::write_out(&format!("# At work: {}\n", holder.description))?;
    }
    if !state.changes.is_empty()
        && engine.target_exists()
        && session.policies(&opened)?.shared_registry != Answer::Off
        && let Some(other) = engine.stranger(&project)?
    {
        ui::write_out(&format!("# The registry says what is deployed to {other}\n"))?;
    }
    if let (Some(_), Some(running)) = (&holder, &state.in_doubt) {
        ui::write_out(&format!(
            "# Running: the {} of {}, after {} of {} statements\n",
            running.direction, running.change, running.done, running.total
        ))?;
        let state = State { in_doubt: None, ..state };
        return show(&state, &project, plan.as_ref(), &look);
    }
    if !state.changes.is_empty() && !engine.target_exists() {
        ui::write_out("# The database does not exist; the registry may be another database's.\n")?;
    }
    if let Some(late) = &state.unrecorded {
        ui::write_out(&format!(
            "# Not recorded yet: the {} of {} is committed, and the next run records it\n",
            late.direction, late.change
        ))?;
    }
    show(&state, &project, plan.as_ref(), &look)
}

/// What the registry says of a project; of its changes only the last `most`.
fn state(engine: &mut dyn Engine, project: &str, most: Option<usize>) -> Result<State> {
    match engine.presence()? {
        Presence::HalfMade => {
            let message = format!("The registry in {} was left half-made", engine.registry_destination());
            Err(Error::new(Kind::Database, "registry.half_made", message).hint("change deploy  completes it"))
        }
        Presence::Version(_) => engine.load(project, most),
        Presence::Missing => Ok(State::default()),
    }
}

/// The plan decides which project is meant; without one, the registry may hold only one.
fn plan_and_project(
    arguments: &Arguments,
    opened: &Opened,
    engine: &mut dyn Engine,
) -> Result<(Option<Plan>, String)> {
    let plan = if opened.project.exists(&opened.project.layout.plan_file) {
        Some(opened.project.plan()?)
    } else {
        None
    };
    if let Some(project) = &arguments.project {
        let plan = plan.filter(|plan| plan.project == *project);
        return Ok((plan, project.clone()));
    }
    if let Some(plan) = plan {
        let project = plan.project.clone();
        return Ok((Some(plan), project));
    }
    let projects = match engine.presence()? {
        Presence::Version(_) => engine.load("", None)?.projects,
        _ => Vec::new(),
    };
    match projects.as_slice() {
        [one] => Ok((None, one.name.clone())),
        [] => Err(Error::new(
            Kind::Project,
            "plan.missing",
            format!("Plan file {} does not exist", opened.project.layout.plan_file),
        )
        .hint("start a project here: change init NAME --engine sqlite --target db:sqlite:FILE")),
        many => {
            let names: Vec<&str> = many.iter().map(|project| project.name.as_str()).collect();
            Err(Error::new(
                Kind::Usage,
                "status.project",
                format!("Use --project to select which project to query: {}", names.join(", ")),
            ))
        }
    }
}

struct Look {
    tags: bool,
    changes: bool,
    dates: DateFormat,
    zone: TimeZone,
}

impl Look {
    /// How many of the changes are to be seen: with nothing to compare and no lists, the latest says all.
    fn most(&self, all: bool) -> Option<usize> {
        (!all && !self.tags && !self.changes).then_some(1)
    }

    fn date(&self, at: Timestamp) -> String {
        self.dates.render(at, &self.zone)
    }
}

fn show(state: &State, project: &str, plan: Option<&Plan>, look: &Look) -> Result<u8> {
    let Some(latest) = state.latest() else {
        ui::write_out("No changes deployed\n")?;
        return match &state.in_doubt {
            Some(in_doubt) => stopped(in_doubt, look),
            None => Ok(1),
        };
    };
    let mut text = format!("# Project:  {project}\n# Change:   {}\n# Name:     {}\n", latest.id, latest.name);
    let tags: Vec<String> = latest.tags.iter().map(|tag| format!("@{}", tag.name)).collect();
    match tags.as_slice() {
        [] => {}
        [tag] => text.push_str(&format!("# Tag:      {tag}\n")),
        tags => text.push_str(&format!("# Tags:     {}\n", tags.join(", "))),
    }
    let Person { name, email } = &*latest.committer;
    // Writing to a String cannot fail.
    let _ = write!(text, "# Deployed: {}\n# By:       {name} <{email}>\n", look.date(latest.committed_at));
    if look.changes {
        let rows = state
            .changes
            .iter()
            .rev()
            .map(|change| (change.name.clone(), change.committed_at, &*change.committer));
        list(&mut text, "Change", rows.collect(), look);
    }
    if look.tags {
        let mut rows: Vec<_> = state
            .changes
            .iter()
            .flat_map(|change| &change.tags)
            .map(|tag| (format!("@{}", tag.name), tag.committed_at, &*tag.committer))
            .collect();
        // The newest first; tags of one moment in the order they were recorded.
        rows.sort_by_key(|row| std::cmp::Reverse(row.1));
        list(&mut text, "Tag", rows, look);
    }
    text.push_str("# \n");
    ui::write_out(&text)?;
    if let Some(in_doubt) = &state.in_doubt {
        return stopped(in_doubt, look);
    }
    undeployed(plan, state, project)
}

fn list(text: &mut String, noun: &str, rows: Vec<(String, Timestamp, &Person)>, look: &Look) {
    if rows.is_empty() {
        text.push_str(&format!("# \n# {noun}s: None.\n"));
        return;
    }
    let plural = if rows.len() == 1 { "" } else { "s" };
    text.push_str(&format!("# \n# {noun}{plural}:\n"));
    let width = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, at, person) in rows {
        let pad = " ".repeat(width - name.chars().count());
        text.push_str(&format!("#   {name}{pad} - {} - {} <{}>\n", look.date(at), person.name, person.email));
    }
}

fn undeployed(plan: Option<&Plan>, state: &State, project: &str) -> Result<u8> {
    let Some(plan) = plan else {
        let text = format!("Status unknown. Use --plan-file to assess \"{project}\" status\n");
        return ui::write_out(&text).map(|()| 0);
    };
    let at = state.latest().and_then(|latest| plan.position(&latest.id)).ok_or_else(|| {
        Error::new(Kind::Plan, "status.not_in_plan", format!("Cannot find this change in {}", plan.file))
            .hint("Make sure you are connected to the proper database for this project.")
            .hint("change check  shows which line of the plan differs from what is deployed")
    })?;
    let pending = plan.changes.get(at + 1..).unwrap_or_default();
    let mut text = match pending.len() {
        0 => "Nothing to deploy (up-to-date)\n".to_owned(),
        1 => "Undeployed change:\n".to_owned(),
        _ => "Undeployed changes:\n".to_owned(),
    };
    for change in pending {
        text.push_str(&format!("  * {}\n", plan.label(change)));
    }
    let skipped = skipped(plan, state, at);
    if !skipped.is_empty() {
        text.push_str("Not deployed, though later changes are:\n");
    }
    for change in &skipped {
        text.push_str(&format!("  * {}\n", plan.label(change)));
    }
    if !skipped.is_empty() {
        text.push_str(
            "  (to bring back: change rebase --onto the change before, or change rebase for all)\n",
        );
    }
    ui::write_out(&text)?;
    Ok(0)
}

/// The planned changes before the latest deployed one that are not deployed: reverted on their own, or
/// planned in between since.
fn skipped<'a>(plan: &'a Plan, state: &State, latest: usize) -> Vec<&'a Change> {
    let deployed: HashSet<&Id> = state.changes.iter().map(|change| &change.id).collect();
    plan.changes.iter().take(latest).filter(|change| !deployed.contains(&change.id)).collect()
}

/// A change that stopped half-way is the first thing to know about a database.
fn stopped(in_doubt: &InDoubt, look: &Look) -> Result<u8> {
    let mut text = format!(
        "In doubt: the {} of {} stopped after {} of {} statements\n",
        in_doubt.direction, in_doubt.change, in_doubt.done, in_doubt.total
    );
    let statement = in_doubt.statement.lines().next().unwrap_or_default();
    text.push_str(&format!("  at:    {}:{}: {statement}\n", in_doubt.script, in_doubt.line));
    text.push_str(&format!("  when:  {}, by {} on {}\n", look.date(in_doubt.at), in_doubt.by, in_doubt.host));
    let why = in_doubt.error.as_deref().unwrap_or("the run ended without a word");
    text.push_str(&format!("  why:   {why}\n"));
    if in_doubt.begun {
        text.push_str(
            "  This statement may or may not have taken effect; where the catalogue cannot tell, say it:\n",
        );
        text.push_str("  change resume --skip if it did, change resume --retry if it did not.\n");
    }
    text.push_str(&format!("Go on with: change {}, or change resume\n", in_doubt.direction));
    let back = if in_doubt.direction == "deploy" { "change revert, " } else { "" };
    text.push_str(&format!(
        "Or:         {back}change mark deployed {0}, change mark reverted {0}\n",
        in_doubt.change
    ));
    ui::write_out(&text)?;
    Ok(Kind::InDoubt.exit_status())
}

fn as_json(destination: &str, project: &str, plan: Option<&Plan>, state: &State) -> serde_json::Value {
    let at = plan
        .and_then(|plan| state.latest().map_or(Some(0), |latest| plan.position(&latest.id).map(|at| at + 1)));
    let listed = |plan: &Plan, list: &[&Change]| -> Vec<serde_json::Value> {
        let tags = |change| plan.tags_of(change).iter().map(|tag| &tag.name).collect::<Vec<_>>();
        list.iter()
            .map(|change| serde_json::json!({ "name": change.name, "change_id": change.id, "tags": tags(change) }))
            .collect()
    };
    let pending = plan.zip(at).map(|(plan, at)| {
        let list: Vec<&Change> = plan.changes.iter().skip(at).collect();
        listed(plan, &list)
    });
    let skipped = plan.zip(at).map(|(plan, at)| listed(plan, &skipped(plan, state, at)));
    let deployed: Vec<_> = state
        .changes
        .iter()
        .map(|change| {
            serde_json::json!({
                "name": change.name,
                "change_id": change.id,
                "script_hash": change.script_hash,
                "tags": change.tags.iter().map(|tag| &tag.name).collect::<Vec<_>>(),
                "committed_at": change.committed_at,
                "committer": change.committer,
                "planned_at": change.planned_at,
                "planner": change.planner,
            })
        })
        .collect();
    serde_json::json!({
        "destination": destination,
        "project": project,
        "latest": deployed.last(),
        "deployed": deployed,
        "in_plan": state.changes.is_empty() || at.is_some(),
        "undeployed": pending,
        "skipped": skipped,
        "in_doubt": state.in_doubt,
        "unrecorded": state.unrecorded,
    })
}
