//! Everything that is checked before the first statement of a deployment runs.

use super::Context;
use super::scripts::{Checked, Reader};
use crate::engine::{OPEN_TRANSACTION, Script};
use crate::error::{Error, Kind, Result};
use crate::event::Event;
use crate::plan::{Id, Plan};
use crate::policy::Answer;
use crate::policy::way_back::{self, Texts};
use crate::project::{Text, Which};
use crate::sql::directive::{self, Directives};
use crate::steps::Checksums;
use std::collections::HashSet;

/// A pending change with its scripts, checked.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) position: usize,
    pub(super) deploy: Option<Checked>,
    pub(super) verify: Option<Checked>,
    pub(super) revert: Option<Checked>,
    /// None if there is no deploy script, or another change of the project has the same.
    pub(super) script_hash: Option<Id>,
}

impl Pending {
    /// One of its scripts as it was checked; none if there is none.
    pub(super) fn script(
        &self,
        context: &Context<'_>,
        reader: &Reader<'_>,
        which: Which,
    ) -> Result<Option<Script>> {
        let checked = match which {
            Which::Deploy => &self.deploy,
            Which::Verify => &self.verify,
            Which::Revert => &self.revert,
        };
        let Some(checked) = checked else { return Ok(None) };
        let path = context.project.script_path(context.plan, self.position, which)?;
        reader.script(&path, checked).map(Some)
    }

    /// The checksums of its scripts.
    pub(super) fn checksums(&self) -> Checksums {
        let digest = |script: &Option<Checked>| script.as_ref().map(|script| script.digest.to_string());
        Checksums { deploy: digest(&self.deploy), verify: digest(&self.verify), revert: digest(&self.revert) }
    }
}

/// What a deployment demands of its scripts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demands {
    /// Scripts are run, so they must be there.
    pub(super) run: bool,
    /// Verify scripts are run, too.
    pub(super) verify: bool,
}

/// Reads and judges the scripts of all pending changes.
///
/// # Errors
/// Everything that is wrong with any of them, joined.
pub(super) fn check(
    context: &mut Context<'_>,
    reader: &mut Reader<'_>,
    positions: &[usize],
    demands: Demands,
    mut taken: HashSet<Id>,
) -> Result<Vec<Pending>> {
    let exempt = exempt_until(context.plan, context.policies.since.as_deref())?;
    let mut pending = Vec::with_capacity(positions.len());
    let mut errors = Vec::new();
    let mut no_way_back = Vec::new();
    for position in positions.iter().copied() {
        match one(context, reader, position, demands, &mut errors) {
            Err(error) => errors.push(error),
            Ok((checked, way_back)) => {
                let judged = position >= exempt && context.policies.way_back != Answer::Off;
                if judged && let Err(why) = way_back {
                    no_way_back.push((position, why));
                }
                pending.push(checked);
            }
        }
    }
    if !no_way_back.is_empty() {
        let error = no_way_back_error(context, &no_way_back);
        if context.policies.way_back == Answer::Refuse {
            errors.push(error);
        } else {
            context.tell(&Event::Warning { text: error.message().to_owned() });
        }
    }
    if let Some(error) = Error::join(errors) {
        return Err(error);
    }
    for one in &mut pending {
        one.script_hash = super::unique_hash(one.script_hash, &mut taken);
    }
    Ok(pending)
}

/// The position up to which changes are exempt from the rule, because they were planned before it.
fn exempt_until(plan: &Plan, since: Option<&str>) -> Result<usize> {
    let Some(since) = since else { return Ok(0) };
    crate::steps::resolve::in_plan(plan, since).map(|at| at + 1).map_err(|error| {
        Error::new(
            Kind::Config,
            "policy.since",
            format!("policy.since names \"{since}\", which the plan does not hold"),
        )
        .because(error.message())
        .hint("set it to a tag or change of the plan: change adopt TAG")
    })
}

/// A change's three scripts with their directives, as far as they are there.
struct Scripts {
    deploy: Option<(Text, Directives)>,
    revert: Option<(Text, Directives)>,
    verify: Option<(Text, Directives)>,
}

/// Reads a change's scripts; what is wrong with their directives is noted.
fn read(context: &Context<'_>, position: usize, errors: &mut Vec<Error>) -> Result<Scripts> {
    let mut one = |which: Which| -> Result<Option<(Text, Directives)>> {
        let path = context.project.script_path(context.plan, position, which)?;
        let Some(text) = context.project.read_script(&path, context.engine.dialect())? else {
            return Ok(None);
        };
        let (directives, faults) = directive::read(&text.path, &text.text, context.engine.dialect());
        errors.extend(faults);
        Ok(Some((text, directives)))
    };
    Ok(Scripts { deploy: one(Which::Deploy)?, revert: one(Which::Revert)?, verify: one(Which::Verify)? })
}

type Judged = (Pending, Result<way_back::WayBack, String>);

fn one(
    context: &mut Context<'_>,
    reader: &mut Reader<'_>,
    position: usize,
    demands: Demands,
    errors: &mut Vec<Error>,
) -> Result<Judged> {
    let scripts = read(context, position, errors)?;
    if scripts.deploy.is_none() && demands.run {
        let path = context.project.script_path(context.plan, position, Which::Deploy)?;
        errors.push(
            Error::new(Kind::Project, "deploy.missing", format!("Deploy script {path} does not exist"))
                .hint("write it, or take its line out of the plan"),
        );
    }
    examine_all(context, &scripts, demands, errors);
    let way_back = judge(context, position, &scripts)?;
    let mut keep = |script: &Option<(Text, Directives)>| {
        script.as_ref().map(|(text, directives)| reader.check(text, directives))
    };
    let pending = Pending {
        position,
        script_hash: scripts.deploy.as_ref().map(|(text, _)| Id::of_script(text.bytes())),
        deploy: keep(&scripts.deploy),
        verify: keep(&scripts.verify),
        revert: keep(&scripts.revert),
    };
    Ok((pending, way_back))
}

/// What the engine cannot run is found now, and so is a transaction that would lose its work.
fn examine_all(context: &mut Context<'_>, scripts: &Scripts, demands: Demands, errors: &mut Vec<Error>) {
    if demands.run {
        for error in examine(context, scripts.deploy.as_ref()) {
            let answer = if error.code() == OPEN_TRANSACTION {
                context.policies.open_transaction
            } else {
                Answer::Refuse
            };
            match answer {
                Answer::Refuse => errors.push(error),
                Answer::Warn => {
                    context.tell(&Event::Warning { text: format!("warning: {}", error.message()) })
                }
                Answer::Off => {}
            }
        }
    }
    if demands.run {
        // It must be there when it is needed, and then it is too late to find out.
        let found = examine(context, scripts.revert.as_ref());
        errors.extend(found.into_iter().filter(|error| error.code() != OPEN_TRANSACTION));
    }
    if demands.verify {
        // What a verify script leaves open is rolled back anyway.
        let found = examine(context, scripts.verify.as_ref());
        errors.extend(found.into_iter().filter(|error| error.code() != OPEN_TRANSACTION));
    }
}

fn examine(context: &Context<'_>, script: Option<&(Text, Directives)>) -> Vec<Error> {
    let Some((text, directives)) = script else { return Vec::new() };
    let script = super::scripts::with(text.clone(), directives);
    context.engine.examine(&script)
}

/// The change's way back; the recovery document is read only where it matters.
fn judge(
    context: &Context<'_>,
    position: usize,
    scripts: &Scripts,
) -> Result<Result<way_back::WayBack, String>> {
    let dialect = context.engine.dialect();
    let none = Directives::default();
    let texts = Texts {
        revert: scripts.revert.as_ref().map(|(text, _)| text.text.as_str()),
        directives: scripts.revert.as_ref().map_or(&none, |(_, directives)| directives),
        recovery: None,
    };
    let found = way_back::judge(texts, dialect);
    if found.is_ok() {
        return Ok(found);
    }
    let name = context.plan.changes.get(position).map(|change| change.name.as_str()).unwrap_or_default();
    let recovery = context.project.read(&context.project.recovery_path(name))?;
    Ok(way_back::judge(
        Texts { recovery: recovery.as_ref().map(|text| text.text.as_str()), ..texts },
        dialect,
    ))
}

fn no_way_back_error(context: &Context<'_>, list: &[(usize, String)]) -> Error {
    let (plan, project) = (context.plan, context.project);
    let mut lines = Vec::new();
    for (position, why) in list {
        let Some(change) = plan.changes.get(*position) else { continue };
        let path = project.script_path(plan, *position, Which::Revert).unwrap_or_default();
        let document = project.recovery_path(&change.name);
        let or = if project.exists(&document) { format!(", or complete {document}") } else { String::new() };
        lines.push(format!("  * {}: {why}; write {path}{or}", change.name));
    }
    let count = list.len();
    let (changes, has) = if count == 1 { ("change", "has") } else { ("changes", "have") };
    Error::new(
        Kind::Refused,
        "policy.way_back",
        format!("{count} {changes} {has} no way back, so nothing was deployed:\n{}", super::listed(&lines)),
    )
    .hint("what no script can take back gets a recovery document: recovery/NAME.md (change add --with recovery writes one to fill in)")
    .hint("a revert that is meant to do nothing says so: -- change: revert=nothing because \"…\"")
    .hint("a project with a past accepts what was planned before today with: change adopt")
}
