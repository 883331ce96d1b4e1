//! The one place where the clock, the user and the environment become values.

use super::Global;
use super::config_files::entries_of;
use super::identity;
use super::opened::Opened;
use super::options::{Connect, Paths};
use super::signals::Signals;
use super::ui::Face;
use crate::config::target::{self, Target, TargetEnv};
use crate::config::{Config, Layer, Origin};
use crate::engine::record::RunRecord;
use crate::error::{Error, Kind, Result};
use crate::event::Listener;
use crate::plan::{Person, Plan, Stamp};
use crate::policy::Answer;
use crate::project::{self, Layout, Project};
use crate::run::Policies;
use crate::run::hazards::Hazards;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The engines that projects can be kept for, by their keys.
pub(super) const ENGINES: [&str; 4] = ["pg", "sqlite", "mysql", "cockroach"];

/// Everything about this call that does not come from the command's own options.
pub struct Session {
    /// The options that every command takes.
    pub global: Global,
    /// How output is to look.
    pub face: Face,
    /// The configuration, all layers.
    pub config: Config,
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// What Ctrl-C asked for.
    pub signals: Arc<Signals>,
    /// Whether it was started under Sqitch's name, so that new files are Sqitch's.
    pub as_sqitch: bool,
    /// A key that nobody knows. Every command refuses to run with it, but the one that mends it.
    pub misspelt: Option<Error>,
}

impl Session {
    /// Goes to the folder, finds and reads the configuration.
    ///
    /// # Errors
    /// When the folder or a configuration file cannot be read.
    pub fn start(global: Global) -> Result<Session> {
        if let Some(folder) = &global.chdir {
            std::env::set_current_dir(folder).map_err(|error| {
                Error::new(
                    Kind::Usage,
                    "usage.chdir",
                    format!("Cannot change to directory {}", folder.display()),
                )
                .because(error)
            })?;
        }
        let here = std::env::current_dir().map_err(|error| {
            Error::new(Kind::Project, "folder.current", "the current folder is gone").because(error)
        })?;
        let face = Face::detect(&global);
        let mut session = Session {
            global,
            face,
            config: Config::new(),
            root: here,
            signals: Arc::default(),
            as_sqitch: false,
            misspelt: None,
        };
        session.read_config()?;
        Ok(session)
    }

    /// The same program as another session.
    #[must_use]
    pub(super) fn like(mut self, other: &Session) -> Session {
        self.as_sqitch = other.as_sqitch;
        self.root.clone_from(&other.root);
        self
    }

    /// A variable of the environment, if it is set and readable.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read_config(&mut self) -> Result<()> {
        let home = self.env("HOME").map(PathBuf::from);
        let system = self
            .env("SQITCH_SYSTEM_CONFIG")
            .map_or_else(|| PathBuf::from("/etc/sqitch/sqitch.conf"), PathBuf::from);
        self.push(Origin::System, &system)?;
        let user = self.env("SQITCH_USER_CONFIG").map(PathBuf::from);
        if let Some(path) = user.or_else(|| Some(home.as_ref()?.join(".sqitch/sqitch.conf"))) {
            self.push(Origin::User, &path)?;
        }
        if let Some(path) = self.user_toml() {
            self.push(Origin::User, &path)?;
        }
        // One folder is the project's: the nearest that holds either file. A file of another
        // project above it has no say.
        let names = [("SQITCH_CONFIG", "sqitch.conf"), ("CHANGE_CONFIG", "change.toml")];
        let found = names.iter().filter_map(|(_, name)| project::find_upwards(&self.root, name));
        let nearest = found
            .filter_map(|path| path.parent().map(Path::to_owned))
            .max_by_key(|folder| folder.components().count());
        for (variable, name) in names {
            let named = self.env(variable).map(PathBuf::from);
            if let Some(path) = named.or_else(|| nearest.as_ref().map(|folder| folder.join(name))) {
                self.push(Origin::Project, &path)?;
            }
        }
        self.settle_root(nearest)
    }

    /// A project is used from any of its folders: without a plan here, the folder of the
    /// configuration is where paths start.
    fn settle_root(&mut self, nearest: Option<PathBuf>) -> Result<()> {
        let Some(above) = nearest.filter(|above| *above != self.root) else { return Ok(()) };
        let plan = self.config.trimmed("core.plan_file").unwrap_or("sqitch.plan").to_owned();
        if self.root.join(&plan).exists() {
            return Ok(());
        }
        // Scripts, too, take the project's folder for the current one.
        std::env::set_current_dir(&above).map_err(|error| {
            Error::new(
                Kind::Project,
                "folder.current",
                format!("Cannot change to directory {}", above.display()),
            )
            .because(error)
        })?;
        self.root = above;
        Ok(())
    }

    /// The user's own file: `~/.config/change/change.toml`.
    #[must_use]
    pub fn user_toml(&self) -> Option<PathBuf> {
        let base = self.env("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        Some(
            base.or_else(|| Some(PathBuf::from(self.env("HOME")?).join(".config")))?
                .join("change/change.toml"),
        )
    }

    fn push(&mut self, origin: Origin, path: &Path) -> Result<()> {
        let shown = path.strip_prefix(&self.root).unwrap_or(path).display().to_string();
        let Some(entries) = entries_of(path, &shown)? else { return Ok(()) };
        for entry in &entries {
            if let Some(near) = crate::config::suggest(&entry.key) {
                let error =
                    Error::new(Kind::Config, "config.unknown_key", format!("unknown key \"{}\"", entry.key))
                        .at(crate::error::Place::new(shown.clone(), entry.line, 1))
                        .hint(format!("did you mean \"{near}\"?"))
                        .hint(format!("to remove it: change config --unset {}", entry.key));
                self.misspelt.get_or_insert(error);
            }
        }
        self.config.push_layer(Layer { origin, file: Some(shown), entries });
        Ok(())
    }

    /// What one file alone says.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn config_of(&self, path: &Path) -> Result<Config> {
        let shown = path.strip_prefix(&self.root).unwrap_or(path).display().to_string();
        let entries = entries_of(path, &shown)?.ok_or_else(|| {
            Error::new(Kind::Config, "config.no_file", format!("there is no file {shown}"))
                .hint("change config --list  shows what is set without it")
        })?;
        let mut config = Config::new();
        config.push_layer(Layer { origin: Origin::CommandLine, file: Some(shown), entries });
        Ok(config)
    }

    /// The person behind this command.
    ///
    /// # Errors
    /// When no usable name can be found.
    pub fn person(&self) -> Result<Person> {
        identity::person(&self.config, &|name| self.env(name))
    }

    /// The time, as a plan line spells it.
    ///
    /// # Errors
    /// Never, unless the clock is broken.
    pub fn stamp(&self) -> Result<Stamp> {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Stamp::parse(&now)
            .map_err(|why| Error::new(Kind::Config, "clock", "the clock cannot be read").because(why))
    }

    /// Whether it is now within hours such as `22:00-05:00`, here; never, if none are named.
    ///
    /// # Errors
    /// When they are no hours.
    pub(super) fn is_within(&self, hours: &str) -> Result<bool> {
        if hours.trim().is_empty() {
            return Ok(false);
        }
        let wrong = || {
            Error::new(Kind::Config, "config.hours", format!("\"{hours}\" are no hours"))
                .hint("write for example: change config lint.maintenance_hours 22:00-05:00")
        };
        let (from, to) = hours.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| text.trim().parse::<jiff::civil::Time>().map_err(|_| wrong());
        let (from, to) = (time(from)?, time(to)?);
        let now = jiff::Timestamp::now().to_zoned(super::zone::local()).time();
        Ok(if from <= to { from <= now && now < to } else { from <= now || now < to })
    }

    fn target_env(&self) -> TargetEnv {
        TargetEnv {
            sqitch_target: self.env("CHANGE_TARGET").or_else(|| self.env("SQITCH_TARGET")),
            username: self.env("SQITCH_USERNAME"),
            password: self.env("SQITCH_PASSWORD"),
            database_url: self.env("DATABASE_URL"),
        }
    }

    /// The target of a name, or the default one, with what the options override.
    ///
    /// # Errors
    /// When there is no such target, or it cannot be understood.
    pub fn target(&self, name: Option<&str>, connect: &Connect, paths: &Paths) -> Result<Opened> {
        let name = connect.target.as_deref().or(name);
        let mut target = match name {
            Some(engine)
                if ENGINES.contains(&engine)
                    && !self.config.subsections("target").iter().any(|t| t == engine) =>
            {
                target::resolve_engine(&self.config, engine, &self.target_env())?
            }
            name => target::resolve(&self.config, name, &self.target_env())?,
        };
        if let Some(uri) = connect.overrides(&target.uri) {
            target = target.with_uri(uri);
        }
        if connect.client.is_some() {
            target.client.clone_from(&connect.client);
        }
        if let Some(registry) = &connect.registry {
            target.registry.clone_from(registry);
        }
        let project = self.project(&target, paths);
        Ok(Opened { target, project, variables: Vec::new() })
    }

    fn project(&self, target: &Target, paths: &Paths) -> Project {
        let mut layout = layout(target);
        if let Some(top) = &paths.top_dir {
            layout = in_top(&layout, top);
        }
        if let Some(plan_file) = &paths.plan_file {
            layout.plan_file.clone_from(plan_file);
        }
        Project { root: self.root.clone(), layout }
    }

    /// Sorts free arguments: those that name a target, those that name a change of the plan, and
    /// those that name neither.
    ///
    /// # Errors
    /// When the default target's plan cannot be read.
    pub fn sort(&self, arguments: &[String], connect: &Connect, paths: &Paths) -> Result<Sorted> {
        let mut sorted = Sorted::default();
        if arguments.is_empty() {
            return Ok(sorted);
        }
        let plan = match self.target(None, connect, paths) {
            Ok(opened) => opened.project.plan().ok(),
            Err(_) => None,
        };
        let mut plan = plan;
        for argument in arguments {
            // No name holds a colon, so a URI is never taken for a `change@tag`.
            let known = |plan: &Plan| {
                !argument.contains(':') && plan.sequence().find(argument) != crate::plan::Lookup::Unknown
            };
            if plan.as_ref().is_some_and(known) {
                sorted.changes.push(argument.clone());
            } else if self.names_target(argument) {
                plan = self
                    .target(Some(argument), &Connect::default(), paths)
                    .ok()
                    .and_then(|opened| opened.project.plan().ok());
                sorted.targets.push(argument.clone());
            } else {
                sorted.unknown.push(argument.clone());
            }
        }
        Ok(sorted)
    }

    /// Whether an argument names a target: by its name, its address, or its engine.
    pub(super) fn names_target(&self, name: &str) -> bool {
        name.contains(':')
            || ENGINES.contains(&name)
            || self.config.subsections("target").iter().any(|known| known == name)
    }

    /// The policies of the configuration.
    ///
    /// # Errors
    /// When a value is not one of those that the key can have.
    pub fn policies(&self, opened: &Opened) -> Result<Policies> {
        let answer = |key: &str| -> Result<Answer> {
            self.config.trimmed(key).map_or(Ok(Answer::Refuse), |value| {
                Answer::parse(key, value).map_err(|error| match self.config.place_of(key) {
                    Some(place) => error.at(place),
                    None => error,
                })
            })
        };
        Ok(Policies {
            way_back: answer("policy.way_back")?,
            since: self.config.trimmed("policy.since").filter(|since| !since.is_empty()).map(str::to_owned),
            drift: answer("policy.drift")?,
            open_transaction: answer("compat.open_transaction")?,
            shared_registry: answer("compat.shared_registry")?,
            hazards: self.hazards(opened)?,
        })
    }

    /// How hazards are answered: production refuses, others warn.
    fn hazards(&self, opened: &Opened) -> Result<Hazards> {
        let key = "policy.hazards";
        let answer = match self.config.trimmed(key) {
            Some(value) => Answer::parse(key, value).map_err(|error| match self.config.place_of(key) {
                Some(place) => error.at(place),
                None => error,
            })?,
            None if opened.target.protected => Answer::Refuse,
            None => Answer::Warn,
        };
        let settings = super::lint_settings::settings(self, Some(&opened.target.name))?;
        Ok(Hazards { answer, settings, variables: opened.variables.clone() })
    }

    /// What the journal holds about this run.
    #[must_use]
    pub fn run_record(&self, command: &str, plan: &Plan, target: &Target, who: &Person) -> RunRecord {
        RunRecord {
            command: command.to_owned(),
            project: plan.project.clone(),
            target: target.destination(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            user_name: who.name.clone(),
            user_email: who.email.clone(),
            login: identity::login(&|name| self.env(name)).unwrap_or_default(),
            host: identity::host(),
            pid: std::process::id(),
            git_commit: crate::project::git::head(&self.root),
        }
    }

    /// Who is told what happens during a run; from now on Ctrl-C is heard, too.
    #[must_use]
    pub fn listener(&self, json: bool) -> Box<dyn Listener> {
        self.signals.watch(self.face.terminal);
        self.signals.beside(self.face.listener(json))
    }
}

/// Free arguments, sorted.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Those that name a change, a tag or another place in the plan.
    pub changes: Vec<String>,
    /// Those that name a target.
    pub targets: Vec<String>,
    /// All others.
    pub unknown: Vec<String>,
}

impl Sorted {
    /// Refuses arguments that name nothing.
    ///
    /// # Errors
    /// Names them.
    pub fn refuse_unknown(&self) -> Result<()> {
        match self.unknown.as_slice() {
            [] => Ok(()),
            [one] => Err(Error::new(Kind::Usage, "usage.argument", format!("Unknown argument \"{one}\""))
                .hint("it is neither a change of the plan nor a target: change plan, change config --list")),
            many => Err(Error::new(
                Kind::Usage,
                "usage.argument",
                format!("Unknown arguments: {}", many.join(", ")),
            )
            .hint("they are neither changes of the plan nor targets: change plan, change config --list")),
        }
    }
}

fn layout(target: &Target) -> Layout {
    Layout {
        plan_file: target.plan_file.clone(),
        top: target.top_dir.clone(),
        deploy: target.deploy_dir.clone(),
        revert: target.revert_dir.clone(),
        verify: target.verify_dir.clone(),
        reworked_deploy: target.reworked_deploy_dir.clone(),
        reworked_revert: target.reworked_revert_dir.clone(),
        reworked_verify: target.reworked_verify_dir.clone(),
        extension: target.extension.clone(),
    }
}

/// The same layout below another top folder.
pub(super) fn in_top(layout: &Layout, top: &str) -> Layout {
    let below = |name: &str| {
        if matches!(top, "" | ".") {
            name.to_owned()
        } else {
            format!("{}/{name}", top.trim_end_matches('/'))
        }
    };
    Layout {
        plan_file: below("sqitch.plan"),
        top: top.to_owned(),
        deploy: below("deploy"),
        revert: below("revert"),
        verify: below("verify"),
        reworked_deploy: below("deploy"),
        reworked_revert: below("revert"),
        reworked_verify: below("verify"),
        extension: layout.extension.clone(),
    }
}
