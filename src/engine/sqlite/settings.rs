//! Where the files of a target are.

use super::no_file;
use crate::config::target::Target;
use crate::config::uri::sqlite_registry_path;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Where an SQLite target and its registry are.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The target in messages.
    pub destination: String,
    /// The registry in messages.
    pub registry_destination: String,
    /// The application's file.
    pub target: PathBuf,
    /// The registry's file, which may be the same.
    pub registry: PathBuf,
    /// The folder that scripts take for the current one.
    pub folder: PathBuf,
}

impl Settings {
    /// Where the files of a target are; relative paths start from `folder`.
    ///
    /// # Errors
    /// When the target names no file.
    pub fn of(target: &Target, folder: &Path) -> Result<Settings> {
        let file = target.uri.dbname().unwrap_or_default();
        if file.is_empty() {
            let key = if target.named {
                format!("target.{}.uri", target.name)
            } else {
                "engine.sqlite.target".to_owned()
            };
            return Err(no_file(&target.destination()).hint(format!("change config {key} db:sqlite:FILE")));
        }
        let registry = sqlite_registry_path(file, &target.registry);
        Ok(Settings {
            destination: target.destination(),
            registry_destination: format!("db:sqlite:{registry}"),
            target: folder.join(file),
            registry: folder.join(&registry),
            folder: folder.to_owned(),
        })
    }
}
