//! Reading configuration files of either kind, with those they include.

use crate::config::Entry;
use crate::config::ini::Ini;
use crate::config::toml::Toml;
use crate::error::{Error, Kind, Result};
use std::path::Path;

/// How deep configuration files may include each other.
const INCLUDE_DEPTH: usize = 10;

/// The entries of a configuration file; none if there is no such file. `shown` is its name in errors.
///
/// # Errors
/// When it cannot be read or understood.
pub(super) fn entries_of(path: &Path, shown: &str) -> Result<Option<Vec<Entry>>> {
    let Some(text) = read_text(path, shown)? else { return Ok(None) };
    if path.extension().is_some_and(|extension| extension == "toml") {
        return Ok(Some(Toml::parse(&text, shown)?.entries().cloned().collect()));
    }
    ini_entries(&text, path, shown, 0).map(Some)
}

fn read_text(path: &Path, shown: &str) -> Result<Option<String>> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
            Error::new(Kind::Config, "config.utf8", format!("{shown} is not valid UTF-8"))
                .hint(format!("convert it: iconv -f latin1 -t utf-8 {shown}"))
        }),
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => {
            Err(Error::new(Kind::Config, "config.read", format!("cannot read {shown}")).because(error))
        }
    }
}

/// The entries of an INI file with those of the files it includes, in place.
fn ini_entries(text: &str, path: &Path, shown: &str, depth: usize) -> Result<Vec<Entry>> {
    let ini = Ini::parse(text, shown)?;
    let mut entries = Vec::new();
    for entry in ini.entries() {
        entries.push(entry.clone());
        let included =
            entry.value.as_deref().filter(|_| entry.key == "include.path" && depth < INCLUDE_DEPTH);
        let Some(included) = included else { continue };
        let file = match included.strip_prefix("~/") {
            Some(rest) => std::env::var_os("HOME").map(|home| Path::new(&home).join(rest)),
            None => path.parent().map(|folder| folder.join(included)),
        };
        let Some(file) = file else { continue };
        if let Some(text) = read_text(&file, included)? {
            entries.extend(ini_entries(&text, &file, included, depth + 1)?);
        }
    }
    Ok(entries)
}
