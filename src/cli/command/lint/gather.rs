//! What lint looks at: scripts of the plan or any files, and what is known of the database.

use super::super::super::git::Git;
use super::super::super::lint_settings;
use super::super::super::opened::Opened;
use super::super::super::options::{Connect, Paths, key_value};
use super::super::super::session::Session;
use crate::engine::Presence;
use crate::error::{Error, Kind, Result};
use crate::lint::Subject;
use crate::lint::settings::Settings;
use crate::lint::state::State;
use crate::plan::{self, Plan};
use crate::run::lint::{self, Scope, Since, subject, subjects};
use crate::schema::{Schema, file};
use crate::sql::Dialect;
use clap::Args;
use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

/// Facts of as many days are told to be old.
const OLD: i64 = 30;

/// Where changes and facts come from, for every command that looks at scripts.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct From {
    /// Look at the changes that the plan of this git commit does not have
    #[arg(long, value_name = "COMMIT")]
    pub(in crate::cli) base: Option<String>,
    /// Look at the changes planned after this tag or change
    #[arg(long, value_name = "TAG", conflicts_with = "base")]
    pub(in crate::cli) since: Option<String>,
    /// What is known of the database, from `change facts export`
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    pub(in crate::cli) facts: Option<String>,
    /// The version of the server, when nothing else tells it
    #[arg(long, visible_alias = "server-version", value_name = "VERSION")]
    pub(in crate::cli) pg_version: Option<String>,
    /// The database for which files of no project are meant: pg, mysql or sqlite
    #[arg(long, value_name = "ENGINE")]
    pub(in crate::cli) dialect: Option<String>,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub(in crate::cli) set: Vec<String>,
    #[command(flatten)]
    connect: Connect,
    #[command(flatten)]
    paths: Paths,
}

impl From {
    /// What the configuration says of lint for the target that is meant.
    ///
    /// # Errors
    /// When a value makes no sense.
    pub(in crate::cli) fn settings(&self, session: &Session) -> Result<Settings> {
        lint_settings::settings(session, self.connect.target.as_deref())
    }
}

/// What was gathered.
pub(in crate::cli) struct Gathered {
    /// What is known before the first script.
    pub(in crate::cli) state: State,
    /// The scripts, in order.
    pub(in crate::cli) subjects: Vec<Subject>,
    /// What is wrong with them as scripts.
    pub(in crate::cli) problems: Vec<Error>,
    /// What must be said of the whole.
    pub(in crate::cli) notes: Vec<String>,
    /// The project, if changes of its plan are among them, and the positions of those that are judged.
    pub(in crate::cli) of_plan: Option<(Opened, Plan, Vec<usize>)>,
    /// The same for the rules about changes.
    pub(in crate::cli) plan: Option<crate::lint::plan::Plan>,
}

/// Gathers the scripts that are to be judged and those before them.
///
/// # Errors
/// When something named is not there, or cannot be read.
pub(in crate::cli) fn gather(session: &Session, arguments: &[String], from: &From) -> Result<Gathered> {
    let From { connect, paths, .. } = from;
    let project = project(session, connect, paths);
    let (named, files) = sort(session, arguments, project.as_ref().ok())?;
    let (opened, plan) = match project {
        Ok((opened, plan)) if files.is_empty() || !named.is_empty() => (Some(opened), Some(plan)),
        Ok((opened, _)) => (Some(opened), None),
        Err(error) if files.is_empty() => return Err(error),
        // Files of no project may be meant for a database all the same.
        Err(_) if connect.target.is_some() => (Some(session.target(None, connect, paths)?), None),
        Err(_) => (None, None),
    };
    let dialect =
        dialect(session, from, opened.as_ref().filter(|_| files.is_empty() || from.dialect.is_none()))?;
    let mut gathered = Gathered {
        state: State::new(dialect, Schema::default()),
        subjects: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
        of_plan: None,
        plan: None,
    };
    let deployed = facts(session, &mut gathered, from, opened.as_ref(), plan.as_ref())?;
    if let Some(text) = &from.pg_version {
        gathered.state.schema.version = Some(version(text)?);
    }
    if let (Some(opened), Some(plan)) = (opened, plan) {
        let opened = opened.with_variables(&session.config, "deploy", &from.set)?;
        of_plan(session, &mut gathered, opened, plan, &named, from, deployed)?;
    }
    for path in files {
        loose(session, &mut gathered, dialect, &path, &from.set)?;
    }
    Ok(gathered)
}

fn project(session: &Session, connect: &Connect, paths: &Paths) -> Result<(Opened, Plan)> {
    let opened = session.target(None, connect, paths)?;
    let plan = opened.project.plan()?;
    Ok((opened, plan))
}

/// Sorts what is named: places in the plan, and files. A deploy script of the plan is its change.
fn sort(
    session: &Session,
    arguments: &[String],
    project: Option<&(Opened, Plan)>,
) -> Result<(Vec<usize>, Vec<String>)> {
    let (mut named, mut files) = (Vec::new(), Vec::new());
    for argument in arguments {
        let place = project.and_then(|(_, plan)| crate::steps::resolve::in_plan(plan, argument).ok());
        let path = session.root.join(argument);
        if let Some(place) = place {
            named.push(place);
        } else if argument == "-" || path.exists() {
            match project.and_then(|(opened, plan)| change_of(opened, plan, argument)) {
                Some(Some(place)) => named.push(place),
                Some(None) => {}
                None => files.extend(files_below(&path, argument)),
            }
        } else {
            return Err(Error::new(Kind::Usage, "lint.argument", format!("Unknown argument \"{argument}\""))
                .hint("it is neither a change of the plan nor a file: change plan shows the changes"));
        }
    }
    if !arguments.is_empty() && named.is_empty() && files.is_empty() {
        return Err(Error::new(Kind::Nothing, "lint.nothing", "there is no deploy script to look at"));
    }
    Ok((named, files))
}

/// The change whose deploy script a path is; `Some(None)` for its other scripts.
fn change_of(opened: &Opened, plan: &Plan, path: &str) -> Option<Option<usize>> {
    use crate::project::Which;
    let path = path.trim_start_matches("./");
    for position in 0..plan.changes.len() {
        let is = |which| opened.project.script_path(plan, position, which).is_ok_and(|own| own == path);
        if is(Which::Deploy) {
            return Some(Some(position));
        }
        if is(Which::Verify) || is(Which::Revert) {
            return Some(None);
        }
    }
    None
}

/// The SQL files of a folder, in order; or the file itself.
fn files_below(path: &Path, shown: &str) -> Vec<String> {
    if !path.is_dir() {
        return vec![shown.to_owned()];
    }
    let sql = |path: &Path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
    let entries =
        walkdir::WalkDir::new(path).sort_by_file_name().into_iter().filter_map(std::result::Result::ok);
    let below = entries.filter(|entry| entry.file_type().is_file() && sql(entry.path()));
    below
        .filter_map(|entry| {
            let rest = entry.path().strip_prefix(path).ok()?;
            Some(format!("{}/{}", shown.trim_end_matches('/'), rest.display()))
        })
        .collect()
}

fn dialect(session: &Session, from: &From, opened: Option<&Opened>) -> Result<Dialect> {
    let engine = match (&from.dialect, opened) {
        (Some(named), _) => named.as_str(),
        (None, Some(opened)) => opened.target.engine.as_str(),
        (None, None) => session.config.trimmed("core.engine").unwrap_or("pg"),
    };
    let engine = match engine {
        "postgres" | "postgresql" => "pg",
        "mariadb" => "mysql",
        other => other,
    };
    Dialect::of_engine(engine).ok_or_else(|| {
        Error::new(Kind::Usage, "lint.dialect", format!("There are no rules for \"{engine}\""))
            .hint("use --dialect pg, mysql or sqlite")
    })
}

fn version(text: &str) -> Result<(u32, u32)> {
    let mut parts = text.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), None) => Ok((major, 0)),
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(Error::new(Kind::Usage, "lint.version", format!("\"{text}\" is no version"))
            .hint("write for example: --pg-version 16")),
    }
}

/// Learns what can be known of the database. Says which changes it has, if it tells.
fn facts(
    session: &Session,
    gathered: &mut Gathered,
    from: &From,
    opened: Option<&Opened>,
    plan: Option<&Plan>,
) -> Result<Option<HashSet<String>>> {
    if let Some(path) = &from.facts {
        let text = std::fs::read_to_string(session.root.join(path)).map_err(|error| {
            Error::new(Kind::Project, "lint.facts", format!("Cannot read the facts {path}"))
                .because(error)
                .hint(format!("to make them: change facts export --target TARGET --output {path}"))
        })?;
        let facts = file::parse(path, &text)?;
        if Dialect::of_engine(&facts.engine) != Some(gathered.state.dialect) {
            let message =
                format!("{path} holds facts of {}, which is another kind of database", facts.engine);
            return Err(Error::new(Kind::Usage, "lint.facts", message)
                .hint("export them from the right target, or name it: --dialect"));
        }
        let age = jiff::Timestamp::now().duration_since(facts.exported_at).as_hours() / 24;
        if age >= OLD {
            gathered.notes.push(format!("the facts in {path} are {age} days old"));
        }
        gathered.state = State::new(gathered.state.dialect, facts.schema);
        return Ok(None);
    }
    let Some(opened) = opened.filter(|_| from.connect.target.is_some()) else { return Ok(None) };
    let mut engine = session.engine(opened)?;
    let deployed = match (plan, engine.presence()?) {
        (Some(plan), Presence::Version(_)) => {
            let state = engine.load(&plan.project, None)?;
            Some(state.changes.iter().map(|change| change.id.to_string()).collect())
        }
        // Without a registry nothing is deployed.
        (Some(_), Presence::Missing) => Some(HashSet::new()),
        _ => None,
    };
    gathered.state = State::new(gathered.state.dialect, engine.facts()?);
    Ok(deployed)
}

/// The changes of the plan: which are judged, and which are walked before them.
fn of_plan(
    session: &Session,
    gathered: &mut Gathered,
    opened: Opened,
    plan: Plan,
    named: &[usize],
    from: &From,
    deployed: Option<HashSet<String>>,
) -> Result<()> {
    let count = plan.changes.len();
    let is_deployed = |position: usize| {
        let id = plan.changes.get(position).map(|change| change.id.to_string());
        deployed.as_ref().zip(id).is_some_and(|(deployed, id)| deployed.contains(&id))
    };
    let first_new = first_new(session, &opened, &plan, from)?;
    let judged: HashSet<usize> = if !named.is_empty() {
        named.iter().copied().collect()
    } else if let Some(first) = &first_new {
        (0..count).filter(|position| first.contains(position)).collect()
    } else {
        (0..count).filter(|position| deployed.is_none() || !is_deployed(*position)).collect()
    };
    let complete = gathered.state.schema.complete;
    // A catalogue that was looked at holds what earlier changes made.
    let walked: Vec<usize> = match (complete, &deployed) {
        (true, Some(_)) => {
            (0..count).filter(|position| !is_deployed(*position) || judged.contains(position)).collect()
        }
        (true, None) if named.is_empty() && first_new.is_none() => (0..count).collect(),
        (true, None) => (0..count).filter(|position| judged.contains(position)).collect(),
        (false, _) => (0..count).collect(),
    };
    let last = judged.iter().copied().max().unwrap_or(0);
    let walked: Vec<usize> = walked.into_iter().filter(|position| *position <= last).collect();
    let together = first_new.is_some() || deployed.is_some();
    let pending = |position: usize| {
        together
            && judged.contains(&position)
            && position > 0
            && (judged.contains(&(position - 1)) || !is_deployed(position - 1) && deployed.is_some())
    };
    let scope =
        Scope { positions: &walked, judged: &|position| judged.contains(&position), pending: &pending };
    let dialect = gathered.state.dialect;
    let (found, problems) = subjects(&opened.project, &plan, dialect, &opened.variables, &scope)?;
    let since = since(session, &opened, &plan, from)?;
    let read = lint::plan(&opened.project, &plan, dialect, &opened.variables, &scope, &found, since)?;
    gathered.plan = Some(read);
    gathered.subjects.extend(found);
    gathered.problems.extend(problems);
    let mut judged: Vec<usize> = judged.into_iter().collect();
    judged.sort_unstable();
    gathered.of_plan = Some((opened, plan, judged));
    Ok(())
}

/// The positions of the changes that are new since a commit or a tag; none if neither is named.
fn first_new(session: &Session, opened: &Opened, plan: &Plan, from: &From) -> Result<Option<HashSet<usize>>> {
    if let Some(tag) = &from.since {
        let at = crate::steps::resolve::in_plan(plan, tag)?;
        return Ok(Some((at + 1..plan.changes.len()).collect()));
    }
    let Some(base) = &from.base else { return Ok(None) };
    let plan_file = &opened.project.layout.plan_file;
    let git = Git::of(session);
    let known: HashSet<String> = match git.file_at(base, plan_file)? {
        Some(text) => {
            let theirs = plan::parse(&format!("{base}:{plan_file}"), text.as_bytes())?;
            theirs.changes.iter().map(|change| change.id.to_string()).collect()
        }
        None => HashSet::new(),
    };
    let is_new = |position: &usize| {
        plan.changes.get(*position).is_some_and(|change| !known.contains(&change.id.to_string()))
    };
    let mut new: HashSet<usize> = (0..plan.changes.len()).filter(is_new).collect();
    // A script that was edited since counts, too, whether its change is new or not.
    let since = git.merge_base(base).unwrap_or_else(|_| base.clone());
    let edited: HashSet<String> = git.changed_since(&since)?.into_iter().collect();
    for position in 0..plan.changes.len() {
        let path = opened.project.script_path(plan, position, crate::project::Which::Deploy)?;
        if edited.contains(&path) {
            new.insert(position);
        }
    }
    Ok(Some(new))
}

/// What git tells of the time since the commit that is compared with.
fn since(session: &Session, opened: &Opened, plan: &Plan, from: &From) -> Result<Since> {
    use crate::lint::plan::{Base, BaseChange};
    let Some(reference) = &from.base else { return Ok(Since::default()) };
    let git = Git::of(session);
    let commit = git.merge_base(reference).unwrap_or_else(|_| reference.clone());
    let changed_files = git.changed_since(&commit)?;
    let plan_file = &opened.project.layout.plan_file;
    let Some(text) = git.file_at(&commit, plan_file)? else {
        return Ok(Since { base: None, changed_files });
    };
    let theirs = plan::parse(&format!("{reference}:{plan_file}"), text.as_bytes())?;
    let mut base = Base { reference: reference.clone(), changes: Vec::new() };
    for (position, change) in theirs.changes.iter().enumerate() {
        let id = change.id.to_string();
        // A script is asked of git only if it differs: a process for each would take its time.
        let own = plan.changes.iter().position(|own| own.id == change.id);
        let path = match own {
            Some(own) => opened.project.script_path(plan, own, crate::project::Which::Deploy)?,
            None => opened.project.script_path(&theirs, position, crate::project::Which::Deploy)?,
        };
        let deploy = if own.is_none() || changed_files.contains(&path) {
            git.file_at(&commit, &path)?
        } else {
            opened.project.read_any(&path)?.map(|text| String::from_utf8_lossy(text.bytes()).into_owned())
        };
        base.changes.push(BaseChange { name: change.name.clone(), id, deploy });
    }
    Ok(Since { base: Some(base), changed_files })
}

/// A file of no project.
fn loose(
    session: &Session,
    gathered: &mut Gathered,
    dialect: Dialect,
    path: &str,
    set: &[String],
) -> Result<()> {
    let variables = set.iter().map(|text| key_value(text)).collect::<Result<Vec<_>>>()?;
    let project =
        crate::project::Project { root: session.root.clone(), layout: crate::project::Layout::default() };
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable("standard input").because(error))?;
        bytes
    } else {
        project.read_any(path)?.map(|text| text.bytes().to_vec()).ok_or_else(|| unreadable(path))?
    };
    let shown = if path == "-" { "stdin" } else { path };
    let (found, problems) = subject(&project, dialect, shown, &bytes, &variables);
    gathered.subjects.push(found);
    gathered.problems.extend(problems);
    Ok(())
}

fn unreadable(path: &str) -> Error {
    Error::new(Kind::Project, "file.read", format!("Cannot read {path}"))
}

/// The folder that paths start from, seen from the root of the repository: `db/`, or nothing.
pub(super) fn base_of(session: &Session) -> String {
    let above = session.root.ancestors().find(|folder| folder.join(".git").exists());
    let rest = above.and_then(|above| session.root.strip_prefix(above).ok());
    match rest.map(|rest| rest.to_string_lossy().replace('\\', "/")) {
        Some(rest) if !rest.is_empty() => format!("{rest}/"),
        _ => String::new(),
    }
}
