//! Configuration as values: keys in layers, targets, database addresses.
//!
//! Knows: the text of configuration files and what their keys mean. Must never know: where those
//! files lie, the environment, or any database. Whoever reads files hands their entries in as
//! layers, lowest first. The key space and its rules are Sqitch's; our own sections stand beside.

mod cast;
pub mod file;
pub mod ini;
mod key;
mod known;
pub mod target;
pub mod toml;
pub mod uri;

pub use cast::{cast_bool, cast_int};
pub use key::{Entry, fold_key};
pub use known::suggest;

use crate::error::{Error, Kind, Place, Result};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::fmt;

/// Where a layer comes from, in the order in which the layers override each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The file of the whole machine.
    System,
    /// The file of the user.
    User,
    /// A file of the project.
    Project,
    /// Environment variables.
    Environment,
    /// Options of this call.
    CommandLine,
}

/// The entries of one file, or of one other source.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What sort of source it is.
    pub origin: Origin,
    /// The file, as the user knows it; none for environment and command line.
    pub file: Option<String>,
    /// The entries in the order of the source, includes already in place.
    pub entries: Vec<Entry>,
}

/// Where a value was set, to be named in messages: `sqitch.conf:3` or `the command line`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// The sort of source.
    pub origin: Origin,
    /// The file, if it is one.
    pub file: Option<&'a str>,
    /// The line in that file, counted from 1; 0 outside files.
    pub line: usize,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file, self.origin) {
            (Some(file), _) if self.line > 0 => write!(f, "{file}:{}", self.line),
            (Some(file), _) => f.write_str(file),
            (None, Origin::System) => f.write_str("the system configuration"),
            (None, Origin::User) => f.write_str("the user configuration"),
            (None, Origin::Project) => f.write_str("the project configuration"),
            (None, Origin::Environment) => f.write_str("the environment"),
            (None, Origin::CommandLine) => f.write_str("the command line"),
        }
    }
}

/// One value in effect, for listings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The folded key.
    pub key: &'a str,
    /// The value; none for a key that stands alone.
    pub value: Option<&'a str>,
    /// Where it was set.
    pub source: Source<'a>,
}

/// All layers together; a key of a later layer hides that of an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Config {
    layers: Vec<Layer>,
}

impl Config {
    /// A configuration without any layer.
    #[must_use]
    pub fn new() -> Self {
        Config::default()
    }

    /// Puts `layer` on top of the others.
    pub fn push_layer(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// What the layers of this sort alone say.
    #[must_use]
    pub fn only(&self, origin: Origin) -> Config {
        Config { layers: self.layers.iter().filter(|layer| layer.origin == origin).cloned().collect() }
    }

    /// The layers, lowest first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Whether any layer of this sort was pushed, be it empty.
    #[must_use]
    pub fn has_layer(&self, origin: Origin) -> bool {
        self.layers.iter().any(|layer| layer.origin == origin)
    }

    /// The value in effect: the last one of the last layer that has the key. A key without a
    /// value counts as absent here; `flag` knows it as true.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.find(key)?.1.value.as_deref()
    }

    /// `get` without blanks around it. Sqitch's dialect keeps a blank at the end of a value,
    /// which no URI, name, path or number wants.
    #[must_use]
    pub fn trimmed(&self, key: &str) -> Option<&str> {
        self.get(key).map(str::trim)
    }

    /// All values of the key in the last layer that has it.
    #[must_use]
    pub fn get_all(&self, key: &str) -> Vec<&str> {
        let key = fold_key(key);
        let values = |layer: &'_ Layer| layer.entries.iter().any(|entry| entry.key == key);
        let Some(layer) = self.layers.iter().rev().find(|layer| values(layer)) else { return Vec::new() };
        layer
            .entries
            .iter()
            .filter(|entry| entry.key == key)
            .filter_map(|entry| entry.value.as_deref())
            .collect()
    }

    /// The value as a truth value.
    ///
    /// # Errors
    /// `Kind::Config` if it is none, naming key and source.
    pub fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.cast(key, cast_bool)
    }

    /// The value as a whole number, with Sqitch's suffixes k, m and g.
    ///
    /// # Errors
    /// `Kind::Config` if it is none, naming key and source.
    pub fn int(&self, key: &str) -> Result<Option<i64>> {
        self.cast(key, cast_int)
    }

    /// The keys directly below `prefix` with their values, such as the variables below
    /// `deploy.variables`. Names keep the case in which they were last written.
    #[must_use]
    pub fn section(&self, prefix: &str) -> IndexMap<String, String> {
        let prefix = key::fold_section(prefix);
        let mut found: IndexMap<&str, (&str, &str)> = IndexMap::new();
        for entry in self.layers.iter().flat_map(|layer| &layer.entries) {
            let Some((section, name)) = entry.key.rsplit_once('.') else { continue };
            if section == prefix {
                let original = entry.original.rsplit_once('.').map_or(name, |(_, name)| name);
                found.insert(name, (original, entry.value.as_deref().unwrap_or_default()));
            }
        }
        found.into_values().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The names used as subsections of `section`, in order of first appearance: all targets for
    /// `target`, all engines for `engine`. The variables of a subsection belong to it.
    #[must_use]
    pub fn subsections(&self, section: &str) -> Vec<String> {
        let section = section.to_lowercase();
        let mut names: IndexMap<&str, ()> = IndexMap::new();
        for entry in self.layers.iter().flat_map(|layer| &layer.entries) {
            let Some(parts) = key::split_key(&entry.key) else { continue };
            if let (true, Some(name)) = (parts.section == section, parts.subsection) {
                names.insert(name.strip_suffix(".variables").unwrap_or(name), ());
            }
        }
        names.into_keys().map(str::to_owned).collect()
    }

    /// Where the value in effect was set.
    #[must_use]
    pub fn origin_of(&self, key: &str) -> Option<Source<'_>> {
        self.find(key).map(|(layer, entry)| source(layer, entry))
    }

    /// A place to show for the value in effect, when it was read from a file.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Option<Place> {
        let (layer, entry) = self.find(key)?;
        Some(Place::new(layer.file.as_deref()?, entry.line, 1))
    }

    /// All entries in effect, layer by layer.
    #[must_use]
    pub fn entries(&self) -> Vec<Listed<'_>> {
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (number, layer) in self.layers.iter().enumerate() {
            last.extend(layer.entries.iter().map(|entry| (entry.key.as_str(), number)));
        }
        let mut listed = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let in_effect =
                layer.entries.iter().filter(|entry| last.get(entry.key.as_str()) == Some(&number));
            listed.extend(in_effect.map(|entry| Listed {
                key: &entry.key,
                value: entry.value.as_deref(),
                source: source(layer, entry),
            }));
        }
        listed
    }

    /// A property of a target: `target.NAME.KEY`, else `engine.ENGINE.KEY`, else `core.KEY`.
    /// As with Sqitch, an empty value and `0` count as not set.
    #[must_use]
    pub fn property(&self, target: &str, engine: &str, key: &str) -> Option<&str> {
        self.set_value(&format!("target.{target}.{key}"))
            .or_else(|| self.set_value(&format!("engine.{engine}.{key}")))
            .or_else(|| self.set_value(&format!("core.{key}")))
    }

    /// The trimmed value, unless it is empty or `0`.
    #[must_use]
    pub fn set_value(&self, key: &str) -> Option<&str> {
        self.trimmed(key).filter(|value| !value.is_empty() && *value != "0")
    }

    fn find(&self, key: &str) -> Option<(&Layer, &Entry)> {
        let key = fold_key(key);
        let in_layer = |layer: &'_ Layer| layer.entries.iter().rposition(|entry| entry.key == key);
        self.layers.iter().rev().find_map(|layer| Some((layer, layer.entries.get(in_layer(layer)?)?)))
    }

    fn cast<T>(&self, key: &str, cast: fn(Option<&str>) -> Result<T>) -> Result<Option<T>> {
        let Some((layer, entry)) = self.find(key) else { return Ok(None) };
        cast(entry.value.as_deref().map(str::trim)).map(Some).map_err(|error| {
            let set = source(layer, entry);
            let message = format!("{} for {} in {set}", error.message(), entry.key);
            let told = Error::new(Kind::Config, error.code(), message);
            error.hints().iter().fold(told, |told, hint| told.hint(hint.clone()))
        })
    }
}

fn source<'a>(layer: &'a Layer, entry: &Entry) -> Source<'a> {
    Source { origin: layer.origin, file: layer.file.as_deref(), line: entry.line }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn layer(origin: Origin, text: &str) -> Layer {
        let file = format!("{origin:?}.conf");
        let entries = ini::Ini::parse(text, &file).unwrap().entries().cloned().collect();
        Layer { origin, file: Some(file), entries }
    }

    fn config(texts: &[(Origin, &str)]) -> Config {
        let mut config = Config::new();
        texts.iter().for_each(|(origin, text)| config.push_layer(layer(*origin, text)));
        config
    }

    #[test]
    fn a_later_layer_hides_all_values_of_an_earlier_one() {
        let config =
            config(&[(Origin::User, "[a]\nx=1\nx=2\ny=3"), (Origin::Project, "[A]\nX = 4 \nX = 5 \n")]);
        assert_eq!(config.get("a.x"), Some("5 "));
        assert_eq!(config.trimmed("A.X"), Some("5"));
        assert_eq!(config.get_all("a.x"), ["4 ", "5 "]);
        assert_eq!(config.get("a.y"), Some("3"));
        assert_eq!(config.get("a.z"), None);
        let listed: Vec<_> = config.entries().iter().map(|entry| (entry.key, entry.value)).collect();
        assert_eq!(listed, [("a.y", Some("3")), ("a.x", Some("4 ")), ("a.x", Some("5 "))]);
    }

    #[test]
    fn the_source_of_a_value_is_named() {
        let mut config = config(&[(Origin::Project, "[a]\n\nx = 1")]);
        assert_eq!(config.origin_of("a.x").unwrap().to_string(), "Project.conf:3");
        assert_eq!(config.place_of("a.x"), Some(Place::new("Project.conf", 3, 1)));
        let entries = vec![Entry::new("a.x", "2")];
        config.push_layer(Layer { origin: Origin::CommandLine, file: None, entries });
        assert_eq!(config.origin_of("a.x").unwrap().to_string(), "the command line");
        assert_eq!(config.place_of("a.x"), None);
    }

    #[test]
    fn flags_and_numbers_name_their_key_when_they_are_wrong() {
        let config = config(&[(Origin::Project, "[a]\nyes\nno = off \nmaybe = perhaps\nn = 2k\n")]);
        assert_eq!(config.flag("a.yes").unwrap(), Some(true));
        assert_eq!(config.flag("a.no").unwrap(), Some(false));
        assert_eq!(config.flag("a.absent").unwrap(), None);
        assert_eq!(config.int("a.n").unwrap(), Some(2048));
        let error = config.flag("a.maybe").unwrap_err();
        assert_eq!(error.message(), "Invalid bool 'perhaps' for a.maybe in Project.conf:4");
        assert!(!error.hints().is_empty());
        assert!(config.int("a.maybe").is_err());
    }

    #[test]
    fn variables_merge_over_layers_and_keep_their_case() {
        let config = config(&[
            (Origin::User, "[deploy \"variables\"]\nFoo = 1\nBar = 2\n"),
            (Origin::Project, "[deploy \"variables\"]\nFOO = 3\n[target \"T.variables\"]\nX = 1\n"),
        ]);
        let variables = config.section("Deploy.variables");
        assert_eq!(
            variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(),
            [("FOO", "3"), ("Bar", "2")]
        );
        assert_eq!(config.section("target.T.variables").get("X").map(String::as_str), Some("1"));
        assert!(config.section("target.t.variables").is_empty());
    }

    #[test]
    fn subsections_are_listed_once_and_keep_their_case() {
        let config = config(&[(
            Origin::Project,
            "[target \"Prod\"]\nuri=a\nclient=b\n[target \"eu.dev\"]\nuri=c\n\
             [target \"x.variables\"]\na=1\n[core]\na=1",
        )]);
        assert_eq!(config.subsections("target"), ["Prod", "eu.dev", "x"]);
    }

    #[test]
    fn properties_fall_back_and_skip_empty_and_zero() {
        let config = config(&[(
            Origin::Project,
            "[core]\nregistry=c\nclient=x\n[engine \"pg\"]\nregistry = e \nclient=0\n\
             [target \"t\"]\nregistry=\n",
        )]);
        assert_eq!(config.property("t", "pg", "registry"), Some("e"));
        assert_eq!(config.property("t", "pg", "client"), Some("x"));
        assert_eq!(config.property("t", "pg", "extension"), None);
    }

    #[test]
    fn keys_of_old_versions_are_no_errors() {
        let config =
            config(&[(Origin::Project, "[core \"pg\"]\ndb_name = x\nsqitch_schema = y\npassword = z\n")]);
        assert_eq!(config.get("core.pg.db_name"), Some("x"));
        assert_eq!(suggest("core.pg.db_name"), None);
    }
}
