//! A configuration file of either format, to be edited.
//!
//! Knows: both formats. Must never know: where the file lies.

use super::Entry;
use super::ini::Ini;
use super::toml::Toml;
use crate::error::Result;
use std::fmt;

/// A configuration file of either format.
#[derive(Debug, Clone)]
pub enum File {
    /// `sqitch.conf`
    Ini(Ini),
    /// `change.toml`
    Toml(Toml),
}

impl File {
    /// Reads the text of a file; its name says which format it is in, and is used in errors.
    ///
    /// # Errors
    /// `Kind::Config` with the places of what cannot be read.
    pub fn parse(text: &str, name: &str) -> Result<File> {
        let is_toml = name.rsplit_once('.').is_some_and(|(_, extension)| extension == "toml");
        Ok(if is_toml { File::Toml(Toml::parse(text, name)?) } else { File::Ini(Ini::parse(text, name)?) })
    }

    /// Gives a key one value, in place of any it has.
    ///
    /// # Errors
    /// `Kind::Config` if key or value cannot be written in this format.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        match self {
            File::Ini(file) => file.set(key, value),
            File::Toml(file) => file.set(key, value),
        }
    }

    /// Gives a key one more value.
    ///
    /// # Errors
    /// As for [`File::set`].
    pub fn add(&mut self, key: &str, value: &str) -> Result<()> {
        match self {
            File::Ini(file) => file.add(key, value),
            File::Toml(file) => file.add(key, value),
        }
    }

    /// Removes a key with all its values and says how many there were.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn unset(&mut self, key: &str) -> Result<usize> {
        match self {
            File::Ini(file) => file.unset(key),
            File::Toml(file) => file.unset(key),
        }
    }

    /// Gives a section another name, where it stands; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if the name cannot be written in this format.
    pub fn rename_section(&mut self, section: &str, name: &str) -> Result<bool> {
        match self {
            File::Ini(file) => file.rename_section(section, name),
            File::Toml(file) => file.rename_section(section, name),
        }
    }

    /// Removes a section with all it holds; says whether there was one.
    ///
    /// # Errors
    /// `Kind::Config` if the rest could no longer be read.
    pub fn remove_section(&mut self, section: &str) -> Result<bool> {
        match self {
            File::Ini(file) => file.remove_section(section),
            File::Toml(file) => file.remove_section(section),
        }
    }

    /// The settings in the order of the file.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        match self {
            File::Ini(file) => file.entries().cloned().collect(),
            File::Toml(file) => file.entries().cloned().collect(),
        }
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            File::Ini(file) => file.fmt(f),
            File::Toml(file) => file.fmt(f),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::File;

    const INI: &str = "# top\n[core]\n\tengine = pg\n[target \"dev\"] # here\n\turi = db:pg:x\n[target \"dev.variables\"]\n\ta = b\n[a]\n\tb = 1\n";
    const TOML: &str = "# top\n[core]\nengine = \"pg\"\n\n[target.dev]\nuri = \"db:pg:x\" # here\n\n[target.dev.variables]\na = \"b\"\n\n[a]\nb = 1\n";

    #[test]
    fn sections_are_renamed_where_they_stand() {
        for (name, text) in [("sqitch.conf", INI), ("change.toml", TOML)] {
            let mut file = File::parse(text, name).unwrap();
            assert!(file.rename_section("target.dev", "target.prod").unwrap());
            assert!(file.rename_section("target.dev.variables", "target.prod.variables").unwrap());
            assert!(!file.rename_section("target.dev", "target.other").unwrap());
            let renamed = text.replace("dev", "prod");
            assert_eq!(file.to_string(), renamed, "{name}");
        }
    }

    #[test]
    fn sections_are_removed_with_what_they_hold() {
        for (name, text, rest) in [
            (
                "sqitch.conf",
                INI,
                "# top\n[core]\n\tengine = pg\n[target \"dev.variables\"]\n\ta = b\n[a]\n\tb = 1\n",
            ),
            (
                "change.toml",
                TOML,
                "# top\n[core]\nengine = \"pg\"\n\n[target.dev.variables]\na = \"b\"\n\n[a]\nb = 1\n",
            ),
        ] {
            let mut file = File::parse(text, name).unwrap();
            assert!(file.remove_section("target.dev").unwrap());
            assert_eq!(file.to_string(), rest, "{name}");
            assert!(!file.remove_section("zzz").unwrap());
        }
    }

    #[test]
    fn what_has_no_header_of_its_own_is_moved_and_removed_all_the_same() {
        let mut file = File::parse("[target]\ndev = { uri = \"db:pg:x\" }\n", "change.toml").unwrap();
        assert!(file.rename_section("target.dev", "target.prod").unwrap());
        assert!(file.entries().iter().any(|entry| entry.key == "target.prod.uri"));
        assert!(file.remove_section("target.prod").unwrap());
        assert!(file.entries().is_empty());
    }
}
