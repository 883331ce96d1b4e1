//! Targets: which database, with which registry, client, plan and scripts.
//!
//! Knows: the keys of targets and engines and their order. Must never know: whether files or
//! databases exist. Environment variables come in as values.

use super::uri::{DatabaseUri, canonical_engine};
use super::{Config, Origin};
use crate::error::{Error, Kind, Result};
use indexmap::IndexMap;
use std::fmt;

/// What the environment says about targets.
#[derive(Clone, Default)]
pub struct TargetEnv {
    /// `SQITCH_TARGET` or `CHANGE_TARGET`.
    pub sqitch_target: Option<String>,
    /// `SQITCH_USERNAME`.
    pub username: Option<String>,
    /// `SQITCH_PASSWORD`.
    pub password: Option<String>,
    /// `DATABASE_URL`, which counts where the configuration names no address.
    pub database_url: Option<String>,
}

// By hand: the password stays out of logs.
impl fmt::Debug for TargetEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetEnv")
            .field("sqitch_target", &self.sqitch_target.as_ref().map(|_| "…"))
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database_url", &self.database_url.as_ref().map(|_| "…"))
            .finish()
    }
}

/// A target with all its properties. Paths are relative to the working folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name of its section; for a bare URI, the URI as it may be shown.
    pub name: String,
    /// Whether it has a section of its own.
    pub named: bool,
    /// Where to connect, with user and password of the environment already in it.
    pub uri: DatabaseUri,
    /// Sqitch's name of the engine: `pg`, `sqlite`, `mysql` …
    pub engine: String,
    /// The schema, database or file of the registry.
    pub registry: String,
    /// The client program, if one is configured.
    pub client: Option<String>,
    /// The folder above plan and scripts.
    pub top_dir: String,
    /// The plan.
    pub plan_file: String,
    /// What script names end in, without the dot.
    pub extension: String,
    /// The deploy scripts.
    pub deploy_dir: String,
    /// The revert scripts.
    pub revert_dir: String,
    /// The verify scripts.
    pub verify_dir: String,
    /// The deploy scripts of reworked changes.
    pub reworked_deploy_dir: String,
    /// The revert scripts of reworked changes.
    pub reworked_revert_dir: String,
    /// The verify scripts of reworked changes.
    pub reworked_verify_dir: String,
    /// Whether hazards refuse here instead of warn.
    pub protected: bool,
}

impl Target {
    /// What messages call it: its name, or its URI without the password.
    #[must_use]
    pub fn destination(&self) -> String {
        self.name.clone()
    }

    /// The same, naming the database that an address without a name leads to.
    #[must_use]
    pub fn destination_in(&self, database: &str) -> String {
        match self.uri.dbname() {
            None | Some("") if !self.named => self.uri.clone().with_dbname(database).display(),
            _ => self.destination(),
        }
    }

    /// The same target at another address, after options such as `--db-host`. A target without a
    /// name is called by the new address from then on.
    #[must_use]
    pub fn with_uri(mut self, uri: DatabaseUri) -> Self {
        if !self.named {
            self.name = uri.display();
        }
        self.uri = uri;
        self
    }
}

/// Finds the target meant by `name`, which is a target's name or a URI; without one, by the
/// environment, by `core.target`, or by `core.engine`.
///
/// # Errors
/// `Kind::Config` if there is no such target, it has no URI, or no engine is known.
pub fn resolve(config: &Config, name: Option<&str>, env: &TargetEnv) -> Result<Target> {
    let given = [name, env.sqitch_target.as_deref()];
    let given = given.into_iter().flatten().map(str::trim).find(|name| !name.is_empty());
    if let Some(name) = given.or_else(|| config.set_value("core.target")) {
        return by_name(config, name, env);
    }
    let engine = config.set_value("core.engine");
    if let Some(url) = elsewhere(config, engine, env) {
        return by_name(config, url, env);
    }
    match engine {
        Some(engine) => resolve_engine(config, engine, env),
        None => Err(no_engine(config)),
    }
}

/// The address that the environment names for any program (`DATABASE_URL`), where the project names
/// none of its own for the engine.
fn elsewhere<'a>(config: &Config, engine: Option<&str>, env: &'a TargetEnv) -> Option<&'a str> {
    let url = env.database_url.as_deref().map(str::trim).filter(|url| url.contains(':'))?;
    let Some(engine) = engine.map(str::to_lowercase) else { return Some(url) };
    let canonical = canonical_engine(&engine);
    let configured = |engine: &str| config.set_value(&format!("engine.{engine}.target")).is_some();
    let same = DatabaseUri::parse(url).is_ok_and(|uri| uri.canonical_engine().as_deref() == Some(canonical));
    (same && !configured(&engine) && !configured(canonical)).then_some(url)
}

/// Finds the target of an engine: `engine.ENGINE.target`, else its bare address `db:ENGINE:`.
///
/// # Errors
/// `Kind::Config` if the target named there cannot be resolved.
pub fn resolve_engine(config: &Config, engine: &str, env: &TargetEnv) -> Result<Target> {
    let folded = engine.to_lowercase();
    let configured = |engine: &str| config.set_value(&format!("engine.{engine}.target"));
    match configured(&folded).or_else(|| configured(canonical_engine(&folded))) {
        Some(name) => by_name(config, name, env),
        None => by_name(config, &format!("db:{engine}:"), env),
    }
}

/// All targets, each once: the default, the named ones, those of engines.
///
/// # Errors
/// `Kind::Config` if one of them cannot be resolved; none at all is no error.
pub fn resolve_all(config: &Config, env: &TargetEnv) -> Result<Vec<Target>> {
    let mut targets: IndexMap<String, Target> = IndexMap::new();
    let mut keep = |target: Target| {
        targets.entry(target.name.clone()).or_insert(target);
    };
    let by_default = ["core.target", "core.engine"].iter().any(|key| config.set_value(key).is_some());
    if by_default || env.sqitch_target.as_deref().is_some_and(|name| !name.is_empty()) {
        keep(resolve(config, None, env)?);
    }
    for name in config.subsections("target") {
        if config.set_value(&format!("target.{name}.uri")).is_some() {
            keep(by_name(config, &name, env)?);
        }
    }
    for engine in config.subsections("engine") {
        keep(resolve_engine(config, &engine, env)?);
    }
    Ok(targets.into_values().collect())
}

/// The variables for scripts of a `kind` (deploy, revert, verify or check), later ones winning:
/// those of the core, of deploy, of the kind, of the engine, of the target.
#[must_use]
pub fn variables(config: &Config, kind: &str, target: &Target) -> IndexMap<String, String> {
    let mut variables = config.section("core.variables");
    variables.extend(config.section("deploy.variables"));
    if kind != "deploy" {
        variables.extend(config.section(&format!("{kind}.variables")));
    }
    variables.extend(config.section(&format!("engine.{}.variables", target.engine)));
    if target.named {
        variables.extend(config.section(&format!("target.{}.variables", target.name)));
    }
    variables
}

/// The variables that a target has of its own, and from its engine.
#[must_use]
pub fn own_variables(config: &Config, target: &Target) -> IndexMap<String, String> {
    let mut variables = config.section(&format!("engine.{}.variables", target.engine));
    if target.named {
        variables.extend(config.section(&format!("target.{}.variables", target.name)));
    }
    variables
}

fn by_name(config: &Config, name: &str, env: &TargetEnv) -> Result<Target> {
    let named = !name.contains(':');
    let uri = if named { uri_of(config, name)? } else { DatabaseUri::parse(name)? };
    let Some(engine) = uri.canonical_engine() else {
        let message = format!("No engine specified by URI {uri}; URI must start with \"db:$engine:\"");
        return Err(Error::new(Kind::Config, "target.no_engine", message).hint(if named {
            format!("change config target.{name}.uri db:sqlite:FILE")
        } else {
            "name the engine first, as in db:sqlite:FILE or db:pg://HOST/NAME".to_owned()
        }));
    };
    let name = if named { name.to_owned() } else { uri.display() };
    build(config, name, named, with_login(uri, env), engine)
}

fn uri_of(config: &Config, name: &str) -> Result<DatabaseUri> {
    let key = format!("target.{name}.uri");
    if let Some(text) = config.set_value(&key) {
        return DatabaseUri::parse(text).map_err(|error| match config.place_of(&key) {
            Some(place) => error.at(place),
            None => error,
        });
    }
    let known = config.subsections("target");
    if known.iter().any(|target| target == name) {
        let message = format!("No URI associated with target \"{name}\"");
        return Err(Error::new(Kind::Config, "target.no_uri", message)
            .hint(format!("change config target.{name}.uri db:ENGINE:…")));
    }
    let error = Error::new(Kind::Config, "target.unknown", format!("Cannot find target \"{name}\"")).hint(
        if is_like_a_file(name) {
            format!("a database file is named with its engine: db:sqlite:{name}")
        } else {
            format!("change config target.{name}.uri db:ENGINE:…")
        },
    );
    Err(if known.is_empty() { error } else { error.hint(format!("known targets: {}", known.join(", "))) })
}

/// Whether a name for a target was more likely meant for an SQLite file.
#[must_use]
pub fn is_like_a_file(name: &str) -> bool {
    let endings = ["db", "db3", "sqlite", "sqlite3"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !name.contains(':')
        && (name.contains(['/', '\\']) || ending.is_some_and(|ending| endings.contains(&ending.as_str())))
}

fn no_engine(config: &Config) -> Error {
    if !config.has_layer(Origin::Project) {
        let message = "No project configuration found. Run the \"init\" command to initialize a project";
        return Error::new(Kind::Config, "target.no_project", message)
            .hint("type: change init NAME --engine sqlite --target db:sqlite:FILE");
    }
    let message = "No engine specified; specify via target or core.engine";
    Error::new(Kind::Config, "target.no_engine", message)
        .hint("type: change config core.engine sqlite (or pg, or mysql)")
}

fn with_login(mut uri: DatabaseUri, env: &TargetEnv) -> DatabaseUri {
    if let Some(user) = env.username.as_deref().filter(|user| !user.is_empty()) {
        uri = uri.with_user(user);
    }
    if let Some(password) = env.password.as_deref().filter(|password| !password.is_empty()) {
        uri = uri.with_password(password);
    }
    uri
}

fn build(config: &Config, name: String, named: bool, uri: DatabaseUri, engine: String) -> Result<Target> {
    // A URI has no section, whatever its text may look like.
    let section = if named { name.as_str() } else { "" };
    let property = |key: &str| config.property(section, &engine, key);
    let path = |key: &str, default: &dyn Fn() -> String| property(key).map_or_else(default, tidy);
    let top_dir = path("top_dir", &|| ".".to_owned());
    let reworked_dir = path("reworked_dir", &|| top_dir.clone());
    let script_dir = |kind: &str| path(&format!("{kind}_dir"), &|| join(&top_dir, kind));
    let reworked = |kind: &str| path(&format!("reworked_{kind}_dir"), &|| join(&reworked_dir, kind));
    let protected = named && config.flag(&format!("target.{name}.protected"))?.unwrap_or(false);
    Ok(Target {
        registry: property("registry").unwrap_or("sqitch").to_owned(),
        client: property("client").map(str::to_owned),
        plan_file: path("plan_file", &|| join(&top_dir, "sqitch.plan")),
        extension: property("extension").unwrap_or("sql").to_owned(),
        deploy_dir: script_dir("deploy"),
        revert_dir: script_dir("revert"),
        verify_dir: script_dir("verify"),
        reworked_deploy_dir: reworked("deploy"),
        reworked_revert_dir: reworked("revert"),
        reworked_verify_dir: reworked("verify"),
        protected,
        name,
        named,
        uri,
        top_dir,
        engine,
    })
}

/// A path below a folder, in the short form messages show.
fn join(folder: &str, name: &str) -> String {
    tidy(&format!("{folder}/{name}"))
}

/// Drops doubled slashes and single dots; `..` stays, since links may make it mean something.
fn tidy(path: &str) -> String {
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty() && *word != ".").collect();
    match (path.starts_with('/'), words.join("/")) {
        (true, words) => format!("/{words}"),
        (false, words) if words.is_empty() => ".".to_owned(),
        (false, words) => words,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
