//! A target that a command works on: its files, what its scripts see, and its database.

use super::options::key_value;
use super::session::Session;
use crate::config::Config;
use crate::config::target::{self, Target};
use crate::engine::{self, Engine, Limits, Pipeline};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::sql::directive;
use std::time::Duration;

/// A target and its project, found.
pub struct Opened {
    /// The target.
    pub target: Target,
    /// The project's files.
    pub project: Project,
    /// The variables that scripts see.
    pub variables: Vec<(String, String)>,
}

impl Opened {
    /// Sets the variables for scripts of a kind: those of the configuration, and those given.
    ///
    /// # Errors
    /// When one that is given is not `KEY=VALUE`.
    pub fn with_variables(mut self, config: &Config, kind: &str, given: &[String]) -> Result<Opened> {
        let mut variables = target::variables(config, kind, &self.target);
        for text in given {
            let (key, value) = key_value(text)?;
            variables.insert(key, value);
        }
        if self.target.engine == "sqlite" && !variables.is_empty() {
            // Its shell has none; saying nothing would let a person believe otherwise.
            let names: Vec<&str> = variables.keys().map(String::as_str).collect();
            super::ui::complain(&format!(
                "warning: SQLite scripts see no variables ({})\n",
                names.join(", ")
            ));
        }
        self.variables = variables.into_iter().collect();
        Ok(self)
    }
}

impl Session {
    /// The database of a target; nothing is connected yet.
    ///
    /// # Errors
    /// When there is no engine for it, or its settings make no sense.
    pub fn engine(&self, opened: &Opened) -> Result<Box<dyn Engine>> {
        let surroundings = engine::Surroundings {
            folder: &self.root,
            variables: opened.variables.clone(),
            limits: self.limits()?,
            env: &|name| self.env(name),
            progress: std::sync::Arc::new(|text| super::ui::complain(&format!("    {text}\n"))),
        };
        engine::open(&opened.target, surroundings)
    }

    /// What the configuration says a change may take of a live database.
    fn limits(&self) -> Result<Limits> {
        let usual = Limits::default();
        let time = |key: &str, usual: Duration| match self.config.trimmed(key) {
            None => Ok(usual),
            Some(text) => directive::duration(text).ok_or_else(|| {
                Error::new(Kind::Config, "config.time", format!("{key} is no time: \"{text}\""))
                    .hint(format!("write a number and its unit: change config {key} 500ms, or 5s, 10min, 1h"))
            }),
        };
        Ok(Limits {
            lock_timeout: time("safety.lock_timeout", usual.lock_timeout)?,
            statement_timeout: time("safety.statement_timeout", usual.statement_timeout)?,
            lock_budget: time("safety.lock_budget", usual.lock_budget)?,
            patience: time("safety.patience", usual.patience)?,
            pipeline: match self.config.trimmed("deploy.pipeline") {
                None | Some("auto") => Pipeline::Auto,
                Some("on" | "true" | "1") => Pipeline::On,
                Some("off" | "false" | "0") => Pipeline::Off,
                Some(other) => {
                    return Err(Error::new(
                        Kind::Config,
                        "config.value",
                        format!("deploy.pipeline is \"{other}\", but must be auto, on or off"),
                    )
                    .hint("change config deploy.pipeline auto"));
                }
            },
        })
    }
}
