//! `change review`

use super::super::session::Session;
use super::super::ui;
use super::lint::{From, gather};
use crate::error::{Error, Kind, Result};
use crate::lint::review::{Reviewed, checklist};
use crate::lint::walk;
use crate::policy::way_back::{self, Texts};
use crate::project::Which;
use crate::report;
use crate::sql::directive::{self, Directives};
use crate::sql::effect::does_something;
use clap::Args;

/// Write the text for a pull request: rollback plan, compatibility, locks, changes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Changes of the plan; those that are new since --base, or all
    #[arg(value_name = "CHANGE")]
    arguments: Vec<String>,
    #[command(flatten)]
    from: From,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    let changes = reviewed(session, &arguments.arguments, &arguments.from)?;
    ui::write_out(&report::review::markdown(&changes, &checklist(&changes)))?;
    Ok(0)
}

/// The changes under review, with all that is said about them.
///
/// # Errors
/// When the plan or a script cannot be read.
pub(super) fn reviewed(session: &Session, arguments: &[String], from: &From) -> Result<Vec<Reviewed>> {
    let wanted = from.settings(session)?;
    let gathered = gather::gather(session, arguments, from)?;
    let Some((opened, plan, judged)) = gathered.of_plan else {
        return Err(Error::new(Kind::Usage, "review.files", "only changes of a plan can be reviewed")
            .hint("for any SQL file: change lint FILE, change explain FILE"));
    };
    if let Some(error) = Error::join(gathered.problems) {
        return Err(error);
    }
    let subjects = gathered.subjects;
    let outcome = walk(gathered.state, &subjects, &wanted, true);
    let mut changes = Vec::new();
    for position in judged {
        let Some(change) = plan.changes.get(position) else { continue };
        let label = plan.label(change);
        let number = subjects.iter().position(|subject| subject.change.as_deref() == Some(label.as_str()));
        let Some((number, subject)) = number.and_then(|at| Some((at, subjects.get(at)?))) else { continue };
        let dialect = outcome_dialect(&opened)?;
        let path = opened.project.script_path(&plan, position, Which::Revert)?;
        let revert =
            opened.project.read_any(&path)?.map(|text| String::from_utf8_lossy(text.bytes()).into_owned());
        let recovery =
            opened.project.read(&opened.project.recovery_path(&change.name))?.map(|text| text.text);
        let (directives, _) = directive::read(&path, revert.as_deref().unwrap_or_default(), dialect);
        let texts =
            Texts { revert: revert.as_deref(), directives: &directives, recovery: recovery.as_deref() };
        let no_way_back = way_back::judge(texts, dialect).err();
        let Directives { revert_nothing, .. } = directives;
        changes.push(Reviewed {
            note: change.note.clone(),
            deploy: (subject.file.clone(), subject.source.clone()),
            revert: revert.filter(|text| does_something(text, dialect)),
            revert_nothing,
            recovery,
            no_way_back,
            directives: subject.directives.clone(),
            steps: outcome.steps.iter().filter(|step| step.subject == number).cloned().collect(),
            findings: outcome
                .findings
                .iter()
                .filter(|finding| finding.change.as_deref() == Some(label.as_str()))
                .cloned()
                .collect(),
            change: label,
        });
    }
    Ok(changes)
}

fn outcome_dialect(opened: &super::super::opened::Opened) -> Result<crate::sql::Dialect> {
    crate::sql::Dialect::of_engine(&opened.target.engine).ok_or_else(|| {
        Error::new(
            Kind::Usage,
            "lint.dialect",
            format!("There are no rules for \"{}\"", opened.target.engine),
        )
    })
}
