//! `change init`

use super::super::config_edit;
use super::super::options::key_value;
use super::super::session::Session;
use super::super::ui;
use crate::config::ini::Ini;
use crate::config::target::is_like_a_file;
use crate::config::toml::Toml;
use crate::config::uri::{DatabaseUri, canonical_engine};
use crate::engine::ENGINES;
use crate::error::{Error, Kind, Result};
use crate::plan::{self, Naming};
use crate::project::{create_new, make_folder};
use clap::Args;
use std::path::Path;

/// The engines that can be configured; scripts and plan can be kept for them already.
const KNOWN: [&str; 4] = ["pg", "sqlite", "mysql", "cockroach"];

/// Start a project: configuration, plan and script folders.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The project's name
    project: String,
    /// A URI that tells this project from others of its name
    #[arg(long, value_name = "URI")]
    uri: Option<String>,
    /// The database engine
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// The default target: a name, or a database URI
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// The registry: schema, database or file
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
    /// The client program
    #[arg(long, value_name = "PATH", hide = true)]
    client: Option<String>,
    /// The plan file
    #[arg(short = 'f', long, value_name = "FILE")]
    plan_file: Option<String>,
    /// What script names end in
    #[arg(long, value_name = "EXTENSION")]
    extension: Option<String>,
    /// The folder above plan and scripts
    #[arg(long, value_name = "DIR")]
    top_dir: Option<String>,
    /// A folder for one kind of script
    #[arg(short, long, value_name = "KIND=DIR")]
    dir: Vec<String>,
    /// Set a variable for the scripts
    #[arg(short, long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Arguments {
    pub(super) fn wants_json(&self) -> bool {
        false
    }
}

pub(super) fn run(arguments: &Arguments, session: &mut Session) -> Result<u8> {
    plan::check_name(&arguments.project, Naming::Project)?;
    let settings = settings(arguments)?;
    // A new project is started where one stands, even below another one.
    session.root = std::env::current_dir().unwrap_or_else(|_| session.root.clone());
    let root = session.root.clone();
    let mut says = String::new();
    match ["change.toml", "sqitch.conf"].into_iter().find(|file| root.join(file).exists()) {
        Some(file) => warn_of_ignored(session, file, &settings),
        None if session.as_sqitch => {
            let file = config_edit::project_file(session);
            create_new(&file, &conf(&settings)?)?;
            says.push_str(&format!("Created {}\n", file.strip_prefix(&root).unwrap_or(&file).display()));
        }
        None => {
            create_new(&root.join("change.toml"), &configuration(arguments, &settings)?)?;
            says.push_str("Created change.toml\n");
        }
    }
    let value = |key: &str| settings.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let top = value("core.top_dir").unwrap_or_else(|| ".".to_owned());
    let below = |name: &str| if top == "." { name.to_owned() } else { format!("{top}/{name}") };
    let plan_file = value("core.plan_file").unwrap_or_else(|| below("sqitch.plan"));
    write_plan(arguments, &root, &plan_file, &mut says)?;
    for kind in ["deploy", "revert", "verify"] {
        let folder = value(&format!("core.{kind}_dir")).unwrap_or_else(|| below(kind));
        if make_folder(&root.join(&folder))? {
            says.push_str(&format!("Created {}/\n", folder.trim_end_matches('/')));
        }
    }
    if !session.face.quiet {
        ui::write_out(&says)?;
    }
    Ok(0)
}

/// A configuration that is there stays as it is, whatever the options say.
fn warn_of_ignored(session: &Session, file: &str, settings: &[(String, String)]) {
    let other = |(key, value): &&(String, String)| session.config.trimmed(key) != Some(value.as_str());
    let keys: Vec<&str> = settings.iter().filter(other).map(|(key, _)| key.as_str()).collect();
    if !keys.is_empty() {
        ui::complain(&format!(
            "warning: {file} is there and is not rewritten, so this was not set: {}\nto set it: change config KEY VALUE\n",
            keys.join(", ")
        ));
    }
}

fn write_plan(arguments: &Arguments, root: &Path, plan_file: &str, says: &mut String) -> Result<()> {
    let path = root.join(plan_file);
    if let Ok(bytes) = std::fs::read(&path) {
        let plan = plan::parse(plan_file, &bytes).map_err(|error| {
            Error::new(
                Kind::Plan,
                "init.plan",
                format!("Cannot initialize because {plan_file} is not a valid plan file"),
            )
            .and([error])
        })?;
        if plan.project == arguments.project {
            return Ok(());
        }
        return Err(Error::new(
            Kind::Plan,
            "init.other",
            format!(
                "Cannot initialize because project \"{}\" already initialized in {plan_file}",
                plan.project
            ),
        )
        .hint("start the other project in a folder of its own, or with --plan-file FILE"));
    }
    if let Some(folder) = path.parent()
        && make_folder(folder)?
    {
        let shown =
            Path::new(plan_file).parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        says.push_str(&format!("Created {shown}/\n"));
    }
    // A second plan of a project has the address of the first.
    let first = std::fs::read(root.join("sqitch.plan"))
        .ok()
        .and_then(|bytes| plan::parse("sqitch.plan", &bytes).ok());
    let known = first.filter(|plan| plan.project == arguments.project).and_then(|plan| plan.uri);
    let uri = arguments.uri.clone().or_else(|| known.map(|uri| uri.to_string()));
    create_new(&path, &plan::new_plan_text(&arguments.project, uri.as_deref()))?;
    says.push_str(&format!("Created {plan_file}\n"));
    Ok(())
}

/// Keys and values that the options ask for.
fn settings(arguments: &Arguments) -> Result<Vec<(String, String)>> {
    let mut list = Vec::new();
    let mut put = |key: &str, value: &str| list.push((key.to_owned(), value.to_owned()));
    let engine = arguments.engine.as_deref().map(engine_key).transpose()?;
    let from_target = match arguments.target.as_deref().filter(|target| target.contains(':')) {
        Some(uri) => DatabaseUri::parse(uri)?.canonical_engine(),
        None => None,
    };
    let engine = engine.or(from_target);
    if let Some(file) = arguments.target.as_deref().filter(|target| is_like_a_file(target))
        && engine.as_deref().is_none_or(|engine| engine == "sqlite")
    {
        return Err(Error::new(
            Kind::Usage,
            "init.target",
            format!("\"{file}\" is the name of a file, not of a target"),
        )
        .hint(format!("a database file is named with its engine: --target db:sqlite:{file}")));
    }
    if let Some(engine) = &engine {
        put("core.engine", engine);
    }
    for (key, value) in [
        ("plan_file", &arguments.plan_file),
        ("top_dir", &arguments.top_dir),
        ("extension", &arguments.extension),
    ] {
        if let Some(value) = value {
            put(&format!("core.{key}"), value);
        }
    }
    for text in &arguments.dir {
        let (kind, folder) = key_value(text)?;
        config_edit::check_folder(&kind)?;
        put(&format!("core.{kind}_dir"), &folder);
    }
    for text in &arguments.set {
        let (key, value) = key_value(text)?;
        put(&format!("core.variables.{key}"), &value);
    }
    let section = engine.as_deref().map_or("core".to_owned(), |engine| format!("engine.{engine}"));
    for (key, value) in
        [("target", &arguments.target), ("registry", &arguments.registry), ("client", &arguments.client)]
    {
        if let Some(value) = value {
            put(&format!("{section}.{key}"), value);
        }
    }
    if let (Some(name), Some(engine)) =
        (arguments.target.as_deref().filter(|target| !target.contains(':')), &engine)
    {
        put(&format!("target.{name}.uri"), &format!("db:{engine}:"));
    }
    Ok(list)
}

fn engine_key(name: &str) -> Result<String> {
    let key = canonical_engine(name);
    if KNOWN.contains(&key) {
        return Ok(key.to_owned());
    }
    Err(Error::new(Kind::Usage, "engine.unknown", format!("Unknown engine \"{name}\""))
        .hint(format!("use one of: {}", ENGINES.join(", "))))
}

/// The text of a new `sqitch.conf`: what is not set stands there as a comment, as Sqitch writes it.
fn conf(settings: &[(String, String)]) -> Result<String> {
    let value = |key: &str| settings.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let engine = value("core.engine");
    let mut text = String::new();
    match engine {
        Some(_) => text.push_str("[core]\n"),
        None if settings.iter().any(|(key, _)| key.starts_with("core.")) => {
            text.push_str("[core]\n\t# engine = \n")
        }
        None => text.push_str("# [core]\n\t# engine = \n"),
    }
    let mut file = Ini::parse(&text, "sqitch.conf")?;
    for (key, value) in
        settings.iter().filter(|(key, _)| key.starts_with("core.") && !key.starts_with("core.variables."))
    {
        file.set(key, value)?;
    }
    let mut text = file.to_string();
    for (key, usual) in [("plan_file", "sqitch.plan"), ("top_dir", ".")] {
        if value(&format!("core.{key}")).is_none() {
            text.push_str(&format!("\t# {key} = {usual}\n"));
        }
    }
    let mut file = Ini::parse(&text, "sqitch.conf")?;
    for (key, value) in settings.iter().filter(|(key, _)| key.starts_with("core.variables.")) {
        file.set(key, value)?;
    }
    let Some(engine) = engine else { return Ok(file.to_string()) };
    let section = format!("engine.{engine}.");
    let own: Vec<_> = settings.iter().filter(|(key, _)| key.starts_with(&section)).collect();
    let mut text = file.to_string();
    text.push_str(&format!("{}[engine \"{engine}\"]\n", if own.is_empty() { "# " } else { "" }));
    let client = config_edit::usual_client(engine);
    let target = format!("db:{engine}:");
    for (key, usual) in [("target", target.as_str()), ("registry", "sqitch"), ("client", client)] {
        if value(&format!("{section}{key}")).is_none() {
            text.push_str(&format!("\t# {key} = {usual}\n"));
        } else {
            let mut file = Ini::parse(&text, "sqitch.conf")?;
            let full = format!("{section}{key}");
            file.add(&full, value(&full).unwrap_or_default())?;
            text = file.to_string();
        }
    }
    let mut file = Ini::parse(&text, "sqitch.conf")?;
    for (key, value) in settings.iter().filter(|(key, _)| key.starts_with("target.")) {
        file.set(key, value)?;
    }
    Ok(file.to_string())
}

/// The text of a new `change.toml`.
fn configuration(arguments: &Arguments, settings: &[(String, String)]) -> Result<String> {
    let head =
        format!("# How {} is deployed. All keys: docs/reference/configuration.md\n", arguments.project);
    let mut toml = Toml::parse(&head, "change.toml")?;
    for (key, value) in settings {
        toml.set(key, value)?;
    }
    let mut text = toml.to_string();
    if !settings.iter().any(|(key, _)| key == "core.engine") {
        text.push_str("\n# [core]\n# engine = \"sqlite\"\n");
    }
    Ok(text)
}
