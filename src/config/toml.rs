//! `change.toml`: the same keys as in `sqitch.conf`, written as TOML.
//!
//! Knows: the text of one such file. Must never know: where it lies, or what its keys mean.
//! Edits splice the text where they can, so that comments, order and line ends stay as they are.

mod edit;
mod read;

use super::Entry;
use crate::error::{Error, Kind, Result};
use read::Parsed;
use std::fmt;

/// One configuration file in memory.
#[derive(Clone)]
pub struct Toml {
    file: String,
    text: String,
    parsed: Parsed,
}

impl Toml {
    /// Reads the text of a file; `file_name` is only used in errors.
    ///
    /// # Errors
    /// `Kind::Config` with the place of the first syntax error, or of everything that has no
    /// counterpart in the key space: tables in arrays, and keys outside any table.
    pub fn parse(text: &str, file_name: &str) -> Result<Toml> {
        let parsed = read::read(text, file_name)?;
        Ok(Toml { file: file_name.to_owned(), text: text.to_owned(), parsed })
    }

    /// The settings in the order of the file; an array gives one entry per value.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.parsed.settings.iter().flat_map(|setting| &setting.entries)
    }

    /// Gives the key this one value, in place of any it has; otherwise below the last setting of
    /// its table, or in a new table at the end. `true`, `false` and whole numbers are written bare.
    ///
    /// # Errors
    /// `Kind::Config` if the key has no section, or a value stands where a table is needed.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        self.replace(edit::set(&self.text, &self.parsed, key, value)?)
    }

    /// Gives the key one more value; two or more stand in an array.
    ///
    /// # Errors
    /// As for `set`.
    pub fn add(&mut self, key: &str, value: &str) -> Result<()> {
        self.replace(edit::add(&self.text, &self.parsed, key, value)?)
    }

    /// Removes the key with all its values and says how many there were. An emptied table stays.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn unset(&mut self, key: &str) -> Result<usize> {
        let (text, count) = edit::unset(&self.text, &self.parsed, key);
        self.replace(text)?;
        Ok(count)
    }

    /// Gives a table another name, where it stands; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if it cannot have that name.
    pub fn rename_section(&mut self, section: &str, name: &str) -> Result<bool> {
        let moved = edit::rename_table(&self.text, &self.parsed, section, name)?;
        if let Some(text) = moved {
            self.replace(text)?;
            return Ok(true);
        }
        // It has no line of its own: its settings move one by one.
        let own = self.settings_of(section);
        for (key, value) in &own {
            let last = key.rsplit_once('.').map_or(key.as_str(), |(_, last)| last);
            self.unset(key)?;
            self.add(&format!("{name}.{last}"), value)?;
        }
        Ok(!own.is_empty())
    }

    /// Removes a table with what it holds; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn remove_section(&mut self, section: &str) -> Result<bool> {
        let own = self.settings_of(section);
        for (key, _) in &own {
            self.unset(key)?;
        }
        let removed = edit::remove_header(&self.text, &self.parsed, section);
        let header = removed.is_some();
        if let Some(text) = removed {
            self.replace(text)?;
        }
        Ok(header || !own.is_empty())
    }

    /// The settings directly in a table.
    fn settings_of(&self, section: &str) -> Vec<(String, String)> {
        let folded = super::key::fold_section(section);
        let own = self
            .entries()
            .filter(|entry| entry.key.rsplit_once('.').is_some_and(|(table, _)| table == folded));
        own.map(|entry| (entry.original.clone(), entry.value.clone().unwrap_or_default())).collect()
    }

    /// Takes over an edited text, if it still reads.
    fn replace(&mut self, text: String) -> Result<()> {
        self.parsed = read::read(&text, &self.file).map_err(|error| {
            let message = format!("this cannot be written into {}", self.file);
            let told = Error::new(Kind::Config, "config.edit", message).because(error.message());
            told.hint("edit the file by hand: perhaps a value stands there where a table is needed")
        })?;
        self.text = text;
        Ok(())
    }
}

// By hand: the text may hold passwords.
impl fmt::Debug for Toml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Toml").field("file", &self.file).finish_non_exhaustive()
    }
}

impl fmt::Display for Toml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests;
