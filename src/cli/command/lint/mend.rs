//! `--fix`: scripts are mended, and changes planned for what must be done later.

use super::super::super::opened::Opened;
use super::super::super::session::Session;
use super::super::add::Planned;
use super::gather::Gathered;
use crate::error::{Error, Kind, Result};
use crate::lint::Subject;
use crate::lint::fix::{Fix, fix, validation};
use crate::lint::rule::Finding;
use crate::plan::{self, Plan};
use crate::project::{Which, create_new, make_folder, replace};
use crate::sql::Dialect;

/// Mends the judged scripts; says what was done, what was left, and what to do next.
///
/// # Errors
/// When a file cannot be written, or the plan cannot take another change.
pub(super) fn mend(session: &Session, gathered: &Gathered, findings: &[Finding]) -> Result<String> {
    let mut said = String::new();
    if gathered.state.dialect != Dialect::Postgres {
        return Err(Error::new(Kind::Usage, "lint.fix", "only scripts for PostgreSQL can be mended"));
    }
    for subject in gathered.subjects.iter().filter(|subject| subject.judged) {
        let own: Vec<&Finding> =
            findings.iter().filter(|finding| finding.place.file == subject.file).collect();
        let Some(fixed) = fix(subject, &own) else { continue };
        if fixed.text != subject.source {
            replace(&session.root.join(&subject.file), fixed.text.as_bytes())?;
        }
        for line in &fixed.done {
            said.push_str(&format!("Mended {}: {line}\n", subject.file));
        }
        for line in &fixed.left {
            said.push_str(&format!("Left {}: {line}\n", subject.file));
        }
        if !fixed.validate.is_empty() {
            said.push_str(&later(session, gathered, subject, &fixed)?);
        }
    }
    if said.is_empty() {
        said.push_str("There is nothing to mend\n");
    }
    Ok(said)
}

/// Plans the change that validates what was added NOT VALID.
fn later(session: &Session, gathered: &Gathered, subject: &Subject, fixed: &Fix) -> Result<String> {
    let [deploy, verify, revert] = validation(&fixed.validate);
    let (Some((opened, _, _)), Some(change)) = (&gathered.of_plan, &subject.change) else {
        return Ok(format!("Run later, on its own:\n{deploy}"));
    };
    let base = change.split('@').next().unwrap_or(change).trim();
    // It was read anew, since a change may have been planned for the script before.
    let plan = opened.project.plan()?;
    let text = String::from_utf8_lossy(&opened.project.plan_bytes()?).into_owned();
    let name = free(&plan, &format!("{base}_validate"));
    let note = format!("Check the rows that were there before {base}");
    let new = Planned::by(session, &name, &[base.to_owned()], &[], &note)?;
    let edited = plan::add_change(&plan, &text, &new.borrow())?;
    let scripts = [(Which::Deploy, deploy), (Which::Verify, verify), (Which::Revert, revert)];
    let mut said = String::new();
    for (which, text) in scripts {
        let path = write(session, opened, &name, which, &text)?;
        said.push_str(&format!("Created {path}\n"));
    }
    replace(&session.root.join(&plan.file), &edited.text)?;
    said.push_str(&format!("Added \"{}\" to {}\n", edited.label, plan.file));
    Ok(said)
}

fn write(session: &Session, opened: &Opened, name: &str, which: Which, text: &str) -> Result<String> {
    let path = opened.project.path_of(name, &[], which)?;
    let full = session.root.join(&path);
    if let Some(folder) = full.parent() {
        make_folder(folder)?;
    }
    if !create_new(&full, text)? {
        return Err(Error::new(Kind::Project, "file.exists", format!("{path} is there already"))
            .hint("move it away, and run change lint --fix again"));
    }
    Ok(path)
}

fn free(plan: &Plan, name: &str) -> String {
    let taken = |name: &str| !plan.instances(name).is_empty();
    if !taken(name) {
        return name.to_owned();
    }
    (2..).map(|number| format!("{name}_{number}")).find(|name| !taken(name)).unwrap_or_default()
}
