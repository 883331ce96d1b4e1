//! `change tag`

use super::super::options::{Output, Paths};
use super::super::session::Session;
use super::super::{editor, ui};
use super::add::{Planned, by_plan, open_all, read_again, read_plan};
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Plan};
use crate::project::replace;
use crate::steps::resolve;
use clap::Args;

/// Tag a change, by default the last one; without a name, list the tags.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tag, and the change it is for
    #[arg(value_name = "NAME|CHANGE")]
    arguments: Vec<String>,
    /// The tag
    #[arg(short, long, visible_alias = "tag-name", value_name = "NAME")]
    tag: Option<String>,
    /// The change
    #[arg(short, long, visible_alias = "change-name", value_name = "CHANGE")]
    change: Option<String>,
    /// Why; an editor asks if it is not given
    #[arg(short, long, visible_short_alias = 'm', value_name = "TEXT")]
    note: Vec<String>,
    /// Tag the plans of all targets
    #[arg(short, long)]
    all: bool,
    /// Text or JSON, for the list
    #[arg(long, value_enum, default_value_t)]
    format: Output,
    #[command(flatten)]
    paths: Paths,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Output::Json
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let is_target = |text: &&String| session.names_target(text);
    let targets: Vec<String> = arguments.arguments.iter().filter(is_target).cloned().collect();
    let mut rest = arguments.arguments.iter().filter(|text| !is_target(text)).cloned();
    let tag = arguments.tag.clone().or_else(|| rest.next());
    let change = arguments.change.clone().or_else(|| rest.next());
    if let Some(extra) = rest.next() {
        return Err(Error::new(Kind::Usage, "usage.argument", format!("Unknown argument \"{extra}\"")));
    }
    let all = arguments.all || session.config.flag("tag.all")?.unwrap_or(false);
    let projects = open_all(session, &targets, all, &arguments.paths)?;
    let projects: Vec<_> =
        by_plan(projects).into_iter().filter_map(|group| group.into_iter().next()).collect();
    let Some(tag) = tag else {
        let mut listed: Vec<String> = Vec::new();
        for opened in &projects {
            let (plan, _) = read_plan(opened)?;
            if arguments.wants_json() {
                list_as_json(&plan)?;
            }
            // What several plans have is listed once.
            for tag in &plan.tags {
                if !listed.contains(&tag.name) {
                    listed.push(tag.name.clone());
                }
            }
        }
        if !arguments.wants_json() {
            ui::write_out(&listed.iter().map(|tag| format!("@{tag}\n")).collect::<String>())?;
        }
        return Ok(0);
    };
    let name = tag.strip_prefix('@').unwrap_or(&tag).to_owned();
    let mut plans = Vec::with_capacity(projects.len());
    for opened in &projects {
        let (plan, text) = read_plan(opened)?;
        let probe = Planned::by(session, &name, &[], &[], "x")?;
        plan::add_tag(&plan, &text, tagged(&plan, change.as_deref(), &name)?, &probe.borrow())?;
        plans.push((plan, text));
    }
    let note = editor::note(session, &arguments.note, &format!("the tag @{name}"))?;
    for (opened, before) in projects.iter().zip(plans) {
        let (plan, text) = read_again(opened, before)?;
        let new = Planned::by(session, &name, &[], &[], &note)?;
        let edited = plan::add_tag(&plan, &text, tagged(&plan, change.as_deref(), &name)?, &new.borrow())?;
        replace(&session.root.join(&plan.file), &edited.text)?;
        if !session.face.quiet {
            ui::write_out(&format!("Tagged \"{}\" with @{name} in {}\n", edited.label, plan.file))?;
        }
    }
    Ok(0)
}

fn tagged<'a>(plan: &'a Plan, change: Option<&str>, tag: &str) -> Result<&'a plan::Change> {
    let found = match change {
        Some(change) => plan.changes.get(resolve::in_plan(plan, change)?),
        None => plan.changes.last(),
    };
    found.ok_or_else(|| {
        Error::new(
            Kind::Plan,
            "tag.no_change",
            format!("Cannot apply tag \"@{tag}\" to a plan with no changes"),
        )
        .hint("plan a change first: change add NAME")
    })
}

fn list_as_json(plan: &Plan) -> Result<()> {
    let tags: Vec<_> = plan
        .tags
        .iter()
        .map(|tag| serde_json::json!({ "tag": tag.name, "tag_id": tag.id, "change": plan.changes.get(tag.change).map(|change| &change.name), "note": tag.note }))
        .collect();
    ui::write_out(&format!("{}\n", serde_json::json!({ "tags": tags })))
}
