//! Groups of options that several commands share.

use crate::config::uri::DatabaseUri;
use crate::error::{Error, Kind, Result};
use clap::{ArgAction, Args};

/// Which database.
#[derive(Debug, Clone, Default, Args)]
#[command(disable_help_flag = true)]
pub struct Connect {
    /// The database: a target's name, or a URI
    #[arg(short, long, value_name = "TARGET")]
    pub target: Option<String>,
    /// The registry: schema, database or file
    #[arg(long, value_name = "NAME")]
    pub registry: Option<String>,
    /// The client program, for scripts that cannot be run without it
    #[arg(long, visible_alias = "db-client", value_name = "PATH")]
    pub client: Option<String>,
    /// The database's name
    #[arg(short = 'd', long, value_name = "NAME")]
    pub db_name: Option<String>,
    /// The database user
    #[arg(short = 'u', long, alias = "db-username", value_name = "USER")]
    pub db_user: Option<String>,
    /// The database's host
    #[arg(short = 'h', long, value_name = "HOST")]
    pub db_host: Option<String>,
    /// The database's port
    #[arg(short = 'p', long, value_name = "PORT")]
    pub db_port: Option<u16>,
    /// Print help; -h is the host here, as in Sqitch
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
}

impl Connect {
    /// The URI with what the options override.
    #[must_use]
    pub fn overrides(&self, uri: &DatabaseUri) -> Option<DatabaseUri> {
        let mut uri = uri.clone();
        let mut changed = false;
        if let Some(name) = &self.db_name {
            uri = uri.with_dbname(name);
            changed = true;
        }
        if let Some(user) = &self.db_user {
            uri = uri.with_user(user);
            changed = true;
        }
        if let Some(host) = &self.db_host {
            uri = uri.with_host(host);
            changed = true;
        }
        if let Some(port) = self.db_port {
            uri = uri.with_port(port);
            changed = true;
        }
        changed.then_some(uri)
    }
}

/// Which project.
#[derive(Debug, Clone, Default, Args)]
pub struct Paths {
    /// The plan file
    #[arg(short = 'f', long, value_name = "FILE")]
    pub plan_file: Option<String>,
    /// The folder of the scripts (use --chdir instead)
    #[arg(long, value_name = "DIR", hide = true)]
    pub top_dir: Option<String>,
}

/// Text for people, or JSON for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Output {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// What every command that works on a database takes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct OnDatabase {
    /// Text for people, or JSON for machines
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Output,
    #[command(flatten)]
    pub(super) connect: Connect,
    #[command(flatten)]
    pub(super) paths: Paths,
}

impl OnDatabase {
    /// Whether JSON is wanted.
    #[must_use]
    pub(super) fn json(&self) -> bool {
        self.format == Output::Json
    }
}

/// Splits `key=value` at the first `=`.
///
/// # Errors
/// When there is none.
pub(super) fn key_value(text: &str) -> Result<(String, String)> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| {
            Error::new(Kind::Usage, "usage.set", format!("\"{text}\" is not KEY=VALUE"))
                .hint("write for example: --set schema=app")
        })
}
