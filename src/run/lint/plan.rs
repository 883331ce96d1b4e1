//! A plan with all its scripts and documents, read for the rules about changes.

use super::Scope;
use crate::error::Result;
use crate::lint::Subject;
use crate::lint::plan::{Base, Change, Plan, Script, Used};
use crate::plan::{self, Dependency};
use crate::project::{Project, Which};
use crate::sql::{Dialect, directive, script};
use regex::bytes::Regex;
use std::collections::HashSet;

/// The variables that psql sets by itself.
const OF_PSQL: [&str; 27] = [
    "AUTOCOMMIT",
    "COMP_KEYWORD_CASE",
    "DBNAME",
    "ECHO",
    "ECHO_HIDDEN",
    "ENCODING",
    "ERROR",
    "FETCH_COUNT",
    "HISTCONTROL",
    "HISTFILE",
    "HISTSIZE",
    "HOST",
    "LAST_ERROR_MESSAGE",
    "LAST_ERROR_SQLSTATE",
    "LASTOID",
    "ON_ERROR_ROLLBACK",
    "ON_ERROR_STOP",
    "PORT",
    "QUIET",
    "ROW_COUNT",
    "SERVER_VERSION_NAME",
    "SERVER_VERSION_NUM",
    "SHOW_CONTEXT",
    "SQLSTATE",
    "USER",
    "VERBOSITY",
    "VERSION",
];

/// What git tells of the time since another commit.
#[derive(Debug, Default)]
pub struct Since {
    /// The plan as that commit has it.
    pub base: Option<Base>,
    /// The files that differ from it.
    pub changed_files: Vec<String>,
}

/// Reads what the rules about changes look at. `subjects` are the deploy scripts, read already.
///
/// # Errors
/// When a file cannot be read.
pub fn plan(
    project: &Project,
    plan: &plan::Plan,
    dialect: Dialect,
    variables: &[(String, String)],
    scope: &Scope<'_>,
    subjects: &[Subject],
    since: Since,
) -> Result<Plan> {
    let layout = &project.layout;
    let folders = [&layout.deploy, &layout.verify, &layout.revert];
    let mut read = Plan {
        dialect,
        file: plan.file.clone(),
        changes: Vec::new(),
        base: since.base,
        changed_files: since.changed_files,
        own_paths: folders.iter().map(|folder| (*folder).clone()).collect(),
        stray: stray(project, plan)?,
        used: Vec::new(),
        set: variables.iter().map(|(name, _)| name.clone()).chain(OF_PSQL.map(str::to_owned)).collect(),
    };
    read.own_paths.extend([
        layout.plan_file.clone(),
        "recovery".into(),
        "sqitch.conf".into(),
        "change.toml".into(),
    ]);
    let finder = Finder::new();
    let has_base = read.base.is_some();
    let walked: HashSet<usize> = scope.positions.iter().copied().collect();
    let compared = |position: usize| has_base && !walked.contains(&position);
    // All are told, since one that is not there counts as taken out of the plan.
    for (position, change) in plan.changes.iter().enumerate() {
        let judged = (scope.judged)(position);
        let label = plan.label(change);
        let own = subjects.iter().find(|subject| subject.change.as_deref() == Some(label.as_str()));
        let other = |which| -> Result<Option<Script>> {
            if !judged {
                return Ok(None);
            }
            script_at(project, &project.script_path(plan, position, which)?, dialect, variables)
        };
        let (verify, revert) = (other(Which::Verify)?, other(Which::Revert)?);
        let recovery = project.recovery_path(&change.name);
        let document = if judged { project.read(&recovery)? } else { None };
        let one = Change {
            name: change.name.to_string(),
            label,
            id: change.id.to_string(),
            note: change.note.to_string(),
            line: usize::try_from(change.line).unwrap_or_default(),
            requires: change.requires.iter().map(required).collect(),
            deploy: match own.map(of_subject) {
                None if compared(position) => unread(project, plan, position)?,
                deploy => deploy,
            },
            verify,
            revert,
            recovery: document.map(|text| (recovery, text.text)),
            judged,
            pending: (scope.pending)(position),
        };
        if dialect == Dialect::Postgres && judged {
            one.scripts().for_each(|script| finder.look(script, &mut read.used, &mut read.set));
        }
        read.changes.push(one);
    }
    Ok(read)
}

fn required(dependency: &Dependency) -> String {
    use crate::plan::Subject as On;
    let name = match &dependency.subject {
        On::Change(name) | On::ChangeAtTag(name, _) => name.clone(),
        On::Tag(tag) => format!("@{tag}"),
        On::Id(id) => id.to_string(),
    };
    match &dependency.project {
        Some(project) => format!("{project}:{name}"),
        None => name,
    }
}

fn of_subject(subject: &Subject) -> Script {
    Script {
        path: subject.file.clone(),
        text: subject.source.clone(),
        statements: subject.statements.clone(),
        directives: subject.directives.clone(),
        atomic: subject.atomic,
        left_open: subject.left_open,
    }
}

/// A script that is only compared: nothing is made of its statements, since the catalogue has them.
fn unread(project: &Project, plan: &plan::Plan, position: usize) -> Result<Option<Script>> {
    let path = project.script_path(plan, position, Which::Deploy)?;
    let text = project.read_any(&path)?;
    Ok(text.map(|text| Script {
        path,
        text: String::from_utf8_lossy(text.bytes()).into_owned(),
        statements: Vec::new(),
        directives: directive::Directives::default(),
        atomic: true,
        left_open: false,
    }))
}

fn script_at(
    project: &Project,
    path: &str,
    dialect: Dialect,
    variables: &[(String, String)],
) -> Result<Option<Script>> {
    let Some(text) = project.read_any(path)? else { return Ok(None) };
    let mut include = |name: &str| super::included(project, name);
    let read = script::read(dialect, path, text.bytes(), variables, &mut include);
    let source = String::from_utf8_lossy(text.bytes()).into_owned();
    let (directives, _) = directive::read(path, &source, dialect);
    Ok(Some(Script {
        path: path.to_owned(),
        text: source,
        statements: read.statements,
        directives,
        atomic: read.atomic,
        left_open: read.left_open,
    }))
}

/// The files in the folders of scripts that belong to no change.
fn stray(project: &Project, plan: &plan::Plan) -> Result<Vec<String>> {
    let mut known = HashSet::new();
    for position in 0..plan.changes.len() {
        for which in [Which::Deploy, Which::Verify, Which::Revert] {
            known.insert(project.script_path(plan, position, which)?);
        }
    }
    let mut stray = Vec::new();
    let extension = format!(".{}", project.layout.extension);
    let included = |path: &str| {
        path.contains('/') && path.split('/').next_back().is_some_and(|name| name.starts_with('_'))
    };
    for folder in [&project.layout.deploy, &project.layout.verify, &project.layout.revert] {
        let all = walkdir::WalkDir::new(project.root.join(folder)).sort_by_file_name();
        for entry in
            all.into_iter().filter_map(std::result::Result::ok).filter(|entry| entry.file_type().is_file())
        {
            let Ok(rest) = entry.path().strip_prefix(&project.root) else { continue };
            let path = rest.to_string_lossy().replace('\\', "/");
            if path.ends_with(&extension) && !known.contains(&path) && !included(&path) {
                stray.push(path);
            }
        }
    }
    Ok(stray)
}

/// Finds the variables of psql scripts.
struct Finder {
    used: Option<Regex>,
    set: Option<Regex>,
    asked: Option<Regex>,
}

impl Finder {
    fn new() -> Finder {
        Finder {
            used: Regex::new(r#"(?:^|[\s(,=])(?::'([A-Za-z_]\w*)'|:"([A-Za-z_]\w*)"|:([A-Za-z_]\w*)\b)"#)
                .ok(),
            set: Regex::new(r"(?m)^\s*\\set\s+(\w+)").ok(),
            asked: Regex::new(r"\\(?:gset|prompt|getenv)\b").ok(),
        }
    }

    /// Notes what a script uses and sets; what comes from a result or a person may be anything.
    fn look(&self, script: &Script, used: &mut Vec<Used>, set: &mut Vec<String>) {
        let text = script.text.as_bytes();
        if self.asked.as_ref().is_some_and(|asked| asked.is_match(text)) {
            return;
        }
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for found in self.set.iter().flat_map(|set| set.captures_iter(text)) {
            set.extend(found.get(1).map(|own| name(own.as_bytes())));
        }
        let bare = without_quotes(&script.text);
        let mut seen: HashSet<String> = HashSet::new();
        for found in self.used.iter().flat_map(|used| used.captures_iter(bare.as_bytes())) {
            let Some(own) = (1..=3).find_map(|at| found.get(at)) else { continue };
            let own_name = name(own.as_bytes());
            if seen.insert(own_name.clone()) {
                let before = bare.as_bytes().get(..own.start()).unwrap_or_default();
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                used.push(Used { name: own_name, file: script.path.clone(), line });
            }
        }
    }
}

/// The text with comments and what is in quotes blanked out, but not `:'name'` and `:"name"`.
fn without_quotes(text: &str) -> String {
    use crate::sql::lex::{TokenKind, tokens};
    let mut bare = text.as_bytes().to_vec();
    for token in tokens(text, Dialect::Postgres) {
        let quoted = matches!(token.kind, TokenKind::Text | TokenKind::Quoted);
        let interpolated = quoted && token.start > 0 && text.as_bytes().get(token.start - 1) == Some(&b':');
        if token.kind == TokenKind::Comment || quoted && !interpolated {
            let range = bare.get_mut(token.start..token.end()).unwrap_or_default();
            range.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'.');
        }
    }
    String::from_utf8_lossy(&bare).into_owned()
}
