//! The scripts of a plan, read for lint.

mod plan;

pub use plan::{Since, plan};

use crate::error::{Error, Kind, Result};
use crate::lint::Subject;
use crate::plan::Plan;
use crate::project::{Project, Which};
use crate::sql::{Dialect, directive, script};

/// Which changes are read, and what for.
pub struct Scope<'a> {
    /// The positions in the plan, in order.
    pub positions: &'a [usize],
    /// Whether findings in a change are wanted; otherwise it only adds to what is known.
    pub judged: &'a dyn Fn(usize) -> bool,
    /// Whether a change is deployed together with the one before it.
    pub pending: &'a dyn Fn(usize) -> bool,
}

/// The deploy scripts of changes, and what is wrong with them as scripts. A script that is missing is
/// passed over: `deploy` and `check` speak of that.
///
/// # Errors
/// When a file cannot be read.
pub fn subjects(
    project: &Project,
    plan: &Plan,
    dialect: Dialect,
    variables: &[(String, String)],
    scope: &Scope<'_>,
) -> Result<(Vec<Subject>, Vec<Error>)> {
    let mut subjects = Vec::with_capacity(scope.positions.len());
    let mut problems = Vec::new();
    for position in scope.positions.iter().copied() {
        let Some(change) = plan.changes.get(position) else { continue };
        let path = project.script_path(plan, position, Which::Deploy)?;
        let Some(text) = project.read_any(&path)? else { continue };
        let judged = (scope.judged)(position);
        let (mut subject, errors) = subject(project, dialect, &path, text.bytes(), variables);
        subject.change = Some(plan.label(change));
        subject.pending = (scope.pending)(position);
        subject.judged = judged;
        if judged {
            problems.extend(errors);
        }
        subjects.push(subject);
    }
    Ok((subjects, problems))
}

/// One script, judged.
pub fn subject(
    project: &Project,
    dialect: Dialect,
    path: &str,
    text: &[u8],
    variables: &[(String, String)],
) -> (Subject, Vec<Error>) {
    let mut include = |name: &str| included(project, name);
    let read = script::read(dialect, path, text, variables, &mut include);
    let source = String::from_utf8_lossy(text).into_owned();
    let (directives, errors) = directive::read(path, &source, dialect);
    let atomic = read.atomic && directives.transaction != Some(false);
    let subject = Subject {
        change: None,
        file: path.to_owned(),
        source,
        statements: read.statements,
        directives,
        atomic,
        left_open: read.left_open,
        pending: false,
        judged: true,
    };
    (subject, errors.into_iter().chain(read.problems).collect())
}

/// A file that a script includes.
fn included(project: &Project, name: &str) -> Result<Vec<u8>> {
    match project.read_any(name)? {
        Some(text) => Ok(text.bytes().to_vec()),
        None => Err(Error::new(Kind::Project, "file.missing", format!("{name} does not exist"))),
    }
}
