//! `change rework`

use super::super::options::Paths;
use super::super::session::Session;
use super::super::{editor, ui};
use super::add::{Planned, by_plan, first, name_and_targets, open_all, read_again, read_plan};
use crate::error::{Error, Kind, Result};
use crate::plan;
use crate::project::{Project, Text, Which, replace};
use clap::Args;

/// Plan a new version of a change that was tagged since.
///
/// The scripts as they are become those of the tagged version (NAME@TAG); the old deploy script
/// becomes the new revert script, because it brings the old version back.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The name, and a target if its plan is meant
    #[arg(value_name = "NAME")]
    arguments: Vec<String>,
    /// The name, if it is also the name of a target
    #[arg(short, long, visible_alias = "change-name", value_name = "NAME")]
    change: Option<String>,
    /// A change that must be deployed before
    #[arg(short, long, value_name = "CHANGE")]
    requires: Vec<String>,
    /// A change that must not be deployed
    #[arg(short = 'x', long, value_name = "CHANGE")]
    conflicts: Vec<String>,
    /// Why; an editor asks if it is not given
    #[arg(short, long, visible_short_alias = 'm', value_name = "TEXT")]
    note: Vec<String>,
    /// Rework it in the plans of all targets
    #[arg(short, long)]
    all: bool,
    /// Open the scripts in the editor
    #[arg(short, long, visible_alias = "edit")]
    open_editor: bool,
    #[command(flatten)]
    paths: Paths,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let (name, targets) =
        name_and_targets(session, arguments.change.as_deref(), &arguments.arguments, "rework")?;
    let all = arguments.all || session.config.flag("rework.all")?.unwrap_or(false);
    let projects = open_all(session, &targets, all, &arguments.paths)?;
    let opens = arguments.open_editor || session.config.flag("rework.open_editor")?.unwrap_or(false);
    if opens {
        editor::can_open(session)?;
    }
    let groups = by_plan(projects);
    let mut plans = Vec::with_capacity(groups.len());
    for group in &groups {
        let (plan, text) = read_plan(first(group)?)?;
        let probe = Planned::by(session, &name, &arguments.requires, &arguments.conflicts, "x")?;
        plan::rework_change(&plan, &text, &probe.borrow())?;
        plans.push((plan, text));
    }
    let note = editor::note(session, &arguments.note, &format!("reworking \"{name}\""))?;
    let (mut says, mut all): (String, Vec<String>) = Default::default();
    for (group, before) in groups.iter().zip(plans) {
        let (plan, text) = read_again(first(group)?, before)?;
        let new = Planned::by(session, &name, &arguments.requires, &arguments.conflicts, &note)?;
        let edited = plan::rework_change(&plan, &text, &new.borrow())?;
        let latest = plan.instances(&name).last().map_or(0, |at| *at as usize);
        let tag = plan::rework_tag(&plan, latest).unwrap_or_default();
        let mut files: Vec<String> = Vec::new();
        for opened in group {
            // What several targets share is copied once.
            let own = copy_scripts(&opened.project, &name, tag, &files)?;
            files.extend(own);
        }
        if files.is_empty() {
            return Err(Error::new(
                Kind::Project,
                "rework.no_scripts",
                format!("\"{name}\" has no scripts to rework"),
            ));
        }
        replace(&session.root.join(&plan.file), &edited.text)?;
        says.push_str(&format!("Added \"{}\" to {}.\n", edited.label, plan.file));
        all.extend(files);
    }
    let these = if all.len() == 1 { "this file" } else { "these files" };
    let list: String = all.iter().map(|file| format!("  * {file}\n")).collect();
    if !session.face.quiet {
        ui::write_out(&format!("{says}Modify {these} as appropriate:\n{list}"))?;
    }
    if opens {
        editor::open(session, &all)?;
    }
    Ok(0)
}

/// Keeps the scripts under the tag, and turns the old deploy script into the new revert script.
fn copy_scripts(project: &Project, name: &str, tag: &str, done: &[String]) -> Result<Vec<String>> {
    crate::project::contained(name)?;
    let mut files = Vec::new();
    let deploy = project.read_any(&project.layout.script(name, None, Which::Deploy))?;
    let is_deploy = |text: &Text| deploy.as_ref().is_some_and(|deploy| deploy.bytes() == text.bytes());
    for which in Which::ALL {
        let path = project.layout.script(name, None, which);
        if done.contains(&path) {
            continue;
        }
        let Some(text) = project.read_any(&path)? else { continue };
        let copy = project.root.join(project.layout.script(name, Some(tag), which));
        files.push(path);
        // An interrupted run got beyond this copy: what stands here is the deploy script already.
        if which == Which::Revert && copy.exists() && is_deploy(&text) {
            continue;
        }
        replace(&copy, text.bytes())?;
    }
    let revert = project.layout.script(name, None, Which::Revert);
    if let Some(deploy) = deploy.filter(|_| !done.contains(&revert)) {
        replace(&project.root.join(&revert), deploy.bytes())?;
    }
    Ok(files)
}
