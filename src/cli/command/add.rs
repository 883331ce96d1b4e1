//! `change add`

use super::super::opened::Opened;
use super::super::options::{Connect, Paths, key_value};
use super::super::session::Session;
use super::super::{editor, ui};
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Addition, Plan};
use crate::policy::recovery;
use crate::project::{Which, contained, create_new, replace};
use crate::suggest::suggest;
use crate::template::{self, Value};
use clap::Args;
use indexmap::IndexMap;
use std::path::{Path, PathBuf};

/// Plan a change and write its scripts from templates.
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
    /// Add it to the plans of all targets
    #[arg(short, long)]
    all: bool,
    /// The template's name instead of the engine's
    #[arg(long = "template", short = 't', visible_alias = "template-name", value_name = "NAME")]
    template: Option<String>,
    /// A folder with templates
    #[arg(long, value_name = "DIR")]
    template_directory: Option<String>,
    /// Write this script, too; "recovery" writes a recovery document to fill in
    #[arg(long, value_name = "SCRIPT")]
    with: Vec<String>,
    /// Do not write this script
    #[arg(long, value_name = "SCRIPT")]
    without: Vec<String>,
    /// Use this template for this script
    #[arg(long = "use", value_name = "SCRIPT=FILE")]
    using: Vec<String>,
    /// Set a variable for the templates
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Open the new scripts in the editor
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
        name_and_targets(session, arguments.change.as_deref(), &arguments.arguments, "add")?;
    let projects = open_all(
        session,
        &targets,
        arguments.all || session.config.flag("add.all")?.unwrap_or(false),
        &arguments.paths,
    )?;
    let variables: Vec<(String, String)> =
        arguments.set.iter().map(|text| key_value(text)).collect::<Result<_>>()?;
    let opens = arguments.open_editor || session.config.flag("add.open_editor")?.unwrap_or(false);
    if opens {
        editor::can_open(session)?;
    }
    let groups = by_plan(projects);
    let mut plans = Vec::with_capacity(groups.len());
    for group in &groups {
        // Everything that can be refused is refused before an editor is opened or a file written.
        let (plan, text) = read_plan(first(group)?)?;
        let probe = addition(session, arguments, &name, "x")?;
        plan::add_change(&plan, &text, &probe.borrow())?;
        for opened in group {
            drop(Templates::find(session, arguments, opened)?);
        }
        plans.push((plan, text));
    }
    let note = editor::note(session, &arguments.note, &format!("the change \"{name}\""))?;
    for (group, before) in groups.iter().zip(plans) {
        let (plan, text) = read_again(first(group)?, before)?;
        let new = addition(session, arguments, &name, &note)?;
        let edited = plan::add_change(&plan, &text, &new.borrow())?;
        let mut written = Written::default();
        for opened in group {
            let templates = Templates::find(session, arguments, opened)?;
            let more = templates
                .write(arguments, opened, &plan, &name, &variables)
                .inspect_err(|_| written.take_back())?;
            written.append(more);
        }
        replace(&session.root.join(&plan.file), &edited.text).inspect_err(|_| written.take_back())?;
        if !session.face.quiet {
            ui::write_out(&format!("{}Added \"{}\" to {}\n", written.says, edited.label, plan.file))?;
        }
        if opens {
            editor::open(session, &written.files)?;
        }
    }
    Ok(0)
}

/// Targets may share a plan and have scripts of their own: one line is planned for all of them.
pub(super) fn by_plan(projects: Vec<Opened>) -> Vec<Vec<Opened>> {
    let mut groups: IndexMap<String, Vec<Opened>> = IndexMap::new();
    for opened in projects {
        groups.entry(opened.project.layout.plan_file.clone()).or_default().push(opened);
    }
    groups.into_values().collect()
}

/// Any of those that share a plan.
pub(super) fn first(group: &[Opened]) -> Result<&Opened> {
    group.first().ok_or_else(|| Error::new(Kind::Usage, "usage.target", "there is no target"))
}

/// What is to be added, with what it borrows.
pub(super) struct Planned {
    name: String,
    requires: Vec<String>,
    conflicts: Vec<String>,
    note: String,
    planner: plan::Person,
    planned_at: plan::Stamp,
}

impl Planned {
    pub(super) fn by(
        session: &Session,
        name: &str,
        requires: &[String],
        conflicts: &[String],
        note: &str,
    ) -> Result<Planned> {
        Ok(Planned {
            name: name.to_owned(),
            requires: requires.to_vec(),
            conflicts: conflicts.to_vec(),
            note: note.to_owned(),
            planner: session.person()?,
            planned_at: session.stamp()?,
        })
    }

    pub(super) fn borrow(&self) -> Addition<'_> {
        Addition {
            name: &self.name,
            requires: &self.requires,
            conflicts: &self.conflicts,
            note: &self.note,
            planner: &self.planner,
            planned_at: self.planned_at,
        }
    }
}

fn addition(session: &Session, arguments: &Arguments, name: &str, note: &str) -> Result<Planned> {
    Planned::by(session, name, &arguments.requires, &arguments.conflicts, note)
}

/// The one argument that is a name; the others are targets.
pub(super) fn name_and_targets(
    session: &Session,
    given: Option<&str>,
    arguments: &[String],
    verb: &str,
) -> Result<(String, Vec<String>)> {
    let is_target = |text: &str| session.names_target(text);
    let (targets, mut names): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|text| is_target(text));
    if let Some(given) = given {
        names.insert(0, given.to_owned());
    }
    let mut names = names.into_iter();
    let Some(name) = names.next() else {
        let error = Error::new(Kind::Usage, "usage.name", "the name of the change is missing");
        return Err(match targets.first() {
            Some(target) => error.hint(format!("Name \"{target}\" identifies a target; use \"--change {target}\" to use it for the change name")),
            None => error.hint(format!("change {verb} NAME --note \"why\"")),
        });
    };
    match names.next() {
        None => Ok((name, targets)),
        Some(other) => {
            Err(Error::new(Kind::Usage, "usage.argument", format!("Unknown argument \"{other}\""))
                .hint("one change at a time; a note with blanks needs quotes: --note \"two words\""))
        }
    }
}

/// The projects of the named targets, of all targets and engines, or the default one; each once.
pub(super) fn open_all(
    session: &Session,
    targets: &[String],
    all: bool,
    paths: &Paths,
) -> Result<Vec<Opened>> {
    let mut names: Vec<Option<String>> = targets.iter().cloned().map(Some).collect();
    if all {
        if !names.is_empty() {
            return Err(Error::new(
                Kind::Usage,
                "usage.all",
                "Cannot specify both --all and engine, target, or plan arguments",
            ));
        }
        names.push(None);
        names.extend(session.config.subsections("target").into_iter().map(Some));
        names.extend(session.config.subsections("engine").into_iter().map(Some));
    }
    if names.is_empty() {
        names.push(None);
    }
    let mut opened: Vec<Opened> = Vec::new();
    for name in names {
        let one = session.target(name.as_deref(), &Connect::default(), paths)?;
        if !opened.iter().any(|other| other.project.layout == one.project.layout) {
            opened.push(one);
        }
    }
    Ok(opened)
}

/// The plan and its text.
pub(super) fn read_plan(opened: &Opened) -> Result<(Plan, String)> {
    let bytes = opened.project.plan_bytes()?;
    let plan = plan::parse(&opened.project.layout.plan_file, &bytes)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::new(Kind::Plan, "plan.utf8", "the plan is not valid UTF-8").because(error))?;
    Ok((plan, text))
}

/// The plan and its text as they are now, which may have changed while an editor was open.
pub(super) fn read_again(opened: &Opened, before: (Plan, String)) -> Result<(Plan, String)> {
    if opened.project.plan_bytes()? == before.1.as_bytes() { Ok(before) } else { read_plan(opened) }
}

/// The templates of each script, by kind, in alphabetical order of the kinds.
struct Templates {
    list: Vec<(String, String)>,
}

#[derive(Default)]
struct Written {
    says: String,
    files: Vec<String>,
    new: Vec<PathBuf>,
}

impl Written {
    fn append(&mut self, more: Written) {
        // What several targets share is written once, and said once.
        for line in more.says.lines() {
            let path = line.trim_start_matches("Created ").trim_start_matches("Skipped ");
            let path = path.trim_end_matches(": already exists");
            if !self.files.iter().any(|file| file == path) {
                self.says.push_str(&format!("{line}\n"));
            }
        }
        self.files.extend(more.files);
        self.new.extend(more.new);
    }

    /// Removes what was written for a change that is not planned after all.
    fn take_back(&self) {
        for path in &self.new {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Templates {
    fn find(session: &Session, arguments: &Arguments, opened: &Opened) -> Result<Templates> {
        let engine = opened.target.engine.as_str();
        let configured = |key: &str| session.config.trimmed(&format!("add.{key}")).map(str::to_owned);
        let name = arguments.template.clone().or_else(|| configured("template_name"));
        let mut found: IndexMap<String, String> = IndexMap::new();
        for (kind, file) in session.config.section("add.templates") {
            found.insert(kind, read_template(&session.root.join(file))?);
        }
        for text in &arguments.using {
            let (kind, file) = key_value(text)?;
            found.insert(kind, read_template(&session.root.join(file))?);
        }
        let folders = [
            arguments
                .template_directory
                .clone()
                .or_else(|| configured("template_directory"))
                .map(|folder| session.root.join(folder)),
            session.env("HOME").map(|home| Path::new(&home).join(".sqitch/templates")),
            Some(PathBuf::from("/etc/sqitch/templates")),
        ];
        let file_name = format!("{}.tmpl", name.as_deref().unwrap_or(engine));
        for folder in folders.into_iter().flatten() {
            look_in(&folder, &file_name, &mut found)?;
        }
        for (kind, text) in [
            ("deploy", template::deploy_template(engine)),
            ("revert", template::revert_template(engine)),
            ("verify", template::verify_template(engine)),
        ] {
            let wanted = !arguments.without.iter().any(|without| without == kind);
            if wanted && !found.contains_key(kind) {
                if name.is_some() {
                    return Err(Error::new(
                        Kind::Usage,
                        "add.template",
                        format!("Cannot find {kind} template"),
                    )
                    .hint(format!("write {kind}/{file_name} in a folder given with --template-directory")));
                }
                found.insert(kind.to_owned(), text);
            }
        }
        if arguments.with.iter().any(|with| with == "recovery") {
            found.insert("recovery".to_owned(), String::new());
        }
        for kind in arguments.with.iter().filter(|kind| !arguments.without.contains(kind)) {
            if !found.contains_key(kind) {
                return Err(no_template(kind, &file_name, &found));
            }
        }
        found.retain(|kind, _| !arguments.without.contains(kind));
        let mut list: Vec<(String, String)> = found.into_iter().collect();
        list.sort();
        Ok(Templates { list })
    }

    fn write(
        &self,
        arguments: &Arguments,
        opened: &Opened,
        plan: &Plan,
        name: &str,
        set: &[(String, String)],
    ) -> Result<Written> {
        contained(name)?;
        let mut variables: IndexMap<String, Value> = IndexMap::new();
        for (key, value) in set {
            let value = match variables.shift_remove(key) {
                None => Value::Text(value.clone()),
                Some(Value::Text(first)) => Value::List(vec![first, value.clone()]),
                Some(Value::List(mut list)) => {
                    list.push(value.clone());
                    Value::List(list)
                }
            };
            variables.insert(key.clone(), value);
        }
        variables.insert("project".to_owned(), Value::Text(plan.project.clone()));
        variables.insert("change".to_owned(), Value::Text(name.to_owned()));
        variables.insert("engine".to_owned(), Value::Text(opened.target.engine.clone()));
        variables.insert("requires".to_owned(), Value::List(arguments.requires.clone()));
        variables.insert("conflicts".to_owned(), Value::List(arguments.conflicts.clone()));
        let mut written = Written::default();
        for (kind, text) in &self.list {
            let layout = &opened.project.layout;
            let (path, text) = match kind.as_str() {
                "deploy" => (layout.script(name, None, Which::Deploy), template::render(text, &variables)),
                "revert" => (layout.script(name, None, Which::Revert), template::render(text, &variables)),
                "verify" => (layout.script(name, None, Which::Verify), template::render(text, &variables)),
                "recovery" => (layout.recovery(name), recovery::template(name)),
                other => {
                    let top = if layout.top == "." { String::new() } else { format!("{}/", layout.top) };
                    (format!("{top}{other}/{name}.{}", layout.extension), template::render(text, &variables))
                }
            };
            let full = opened.project.root.join(&path);
            let new = create_new(&full, &text).inspect_err(|_| written.take_back())?;
            if new {
                written.new.push(full);
            }
            written.says.push_str(&if new {
                format!("Created {path}\n")
            } else {
                format!("Skipped {path}: already exists\n")
            });
            written.files.push(path);
        }
        Ok(written)
    }
}

/// The error for a wanted script of which nobody says what to write into it.
fn no_template(kind: &str, file_name: &str, found: &IndexMap<String, String>) -> Error {
    let mut known: Vec<&str> =
        found.keys().map(String::as_str).chain(["deploy", "revert", "verify", "recovery"]).collect();
    known.sort_unstable();
    known.dedup();
    let error = Error::new(Kind::Usage, "add.template", format!("Cannot find {kind} template"));
    let error = match suggest(kind, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean --with {near}?")),
        None => error,
    };
    error
        .hint(format!("the scripts that are known: {}", known.join(", ")))
        .hint(format!("for one of your own write {kind}/{file_name} in a folder given with --template-directory, or --use {kind}=FILE"))
}

fn read_template(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::new(Kind::Usage, "add.template", format!("Template {} does not exist", path.display()))
            .because(error)
    })
}

/// Every folder that holds a matching file is a kind of script, as in Sqitch.
fn look_in(folder: &Path, file_name: &str, found: &mut IndexMap<String, String>) -> Result<()> {
    let Ok(kinds) = std::fs::read_dir(folder) else { return Ok(()) };
    for kind in kinds.flatten() {
        let path = kind.path().join(file_name);
        let name = kind.file_name().to_string_lossy().into_owned();
        if path.is_file() && !found.contains_key(&name) {
            found.insert(name, read_template(&path)?);
        }
    }
    Ok(())
}
