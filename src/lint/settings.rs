//! What a project and its target want of lint.

use super::rule::{Rule, Severity};
use crate::sql::statement::Name;

/// What is said of rules, by code or name, in order: how grave, or (`None`) that they are not wanted.
pub type Sayings = Vec<(String, Option<Severity>)>;

/// What is asked of the rules.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What is said of rules everywhere; the last that fits counts.
    pub rules: Sayings,
    /// The same for the files under a path (`deploy/legacy/`, with `*` for any letters).
    pub paths: Vec<(String, Sayings)>,
    /// Up to how many rows a table is small, so that work on it takes no time.
    pub small_table_rows: u64,
    /// Whether rules that are a matter of taste are wanted.
    pub pedantic: bool,
    /// Names that change how grave findings are.
    pub profile: Profile,
    /// Tables whose rows are never changed by anybody but the scripts, only added: nobody waits for a row.
    pub append_only: Vec<String>,
    /// Whether the one who runs the scripts sets limits for locks and statements.
    pub limited: bool,
    /// What must be said aloud of these settings, a sentence each: what they relax, and what in them is
    /// without effect.
    pub notes: Vec<String>,
}

/// What kind of target it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// In use at all hours.
    #[default]
    Live,
    /// Nobody uses it yet.
    Prelaunch,
    /// Inside the hours in which nobody minds.
    Maintenance,
    /// So few people use it that waiting does no harm.
    Small,
}

impl Profile {
    /// Its name in the configuration.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Profile::Live => "live",
            Profile::Prelaunch => "prelaunch",
            Profile::Maintenance => "maintenance",
            Profile::Small => "small",
        }
    }

    /// The profile of that name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Profile> {
        [Profile::Live, Profile::Prelaunch, Profile::Maintenance, Profile::Small]
            .into_iter()
            .find(|profile| profile.key() == key)
    }
}

/// Larger tables are not small, unless the configuration says otherwise.
pub const SMALL_TABLE_ROWS: u64 = 1_000;

impl Settings {
    /// Settings under which every rule has its own severity.
    #[must_use]
    pub fn usual() -> Settings {
        Settings { small_table_rows: SMALL_TABLE_ROWS, limited: true, ..Settings::default() }
    }

    /// Whether rows are only added to a table, as far as the configuration says.
    #[must_use]
    pub fn is_append_only(&self, table: &Name) -> bool {
        let full = table.schema.as_ref().map(|schema| format!("{schema}.{}", table.name));
        let is = |listed: &String| *listed == table.name || full.as_ref() == Some(listed);
        self.append_only.iter().any(is)
    }

    /// What is said of a rule for a file; `None` if nothing is.
    #[must_use]
    pub fn said(&self, rule: &Rule, file: &str) -> Option<Option<Severity>> {
        let about = |list: &[(String, Option<Severity>)]| {
            let fits = |name: &str| is_meant(rule, name);
            list.iter().rev().find(|(name, _)| fits(name)).map(|(_, severity)| *severity)
        };
        let paths = self.paths.iter().rev().filter(|(path, _)| covers(path, file));
        let said = paths.filter_map(|(_, list)| about(list)).next().or_else(|| about(&self.rules));
        // What few want is off until somebody asks for it.
        said.or_else(|| (super::rules::is_pedantic(rule) && !self.pedantic).then_some(None))
    }
}

/// Whether a word means no rule at all, so that nothing comes of it.
#[must_use]
pub fn means_nothing(word: &str) -> bool {
    !super::every_rule().any(|rule| is_meant(rule, word))
}

/// Whether a rule is meant by a word: its code or its name, in any case, or `all`.
#[must_use]
pub fn is_meant(rule: &Rule, word: &str) -> bool {
    word.eq_ignore_ascii_case(rule.code)
        || word.replace('_', "-").eq_ignore_ascii_case(rule.name)
        || word.eq_ignore_ascii_case("all")
}

/// Whether a path with `*` covers a file: the whole of it, or a folder above it.
#[must_use]
pub fn covers(pattern: &str, file: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    let folder = format!("{pattern}/*");
    matches(pattern, file) || matches(&folder, file)
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last: Option<&str> = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some(at) = rest.find(part) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
    }
    match last {
        Some(part) => rest.ends_with(part),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_files_and_folders() {
        for (pattern, file, expected) in [
            ("deploy/legacy", "deploy/legacy/a.sql", true),
            ("deploy/legacy/", "deploy/legacy/b/c.sql", true),
            ("deploy/legacy", "deploy/legacy2/a.sql", false),
            ("*.sql", "deploy/a.sql", true),
            ("deploy/*_old.sql", "deploy/x_old.sql", true),
            ("deploy/*_old.sql", "deploy/x_new.sql", false),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axc", false),
        ] {
            assert_eq!(covers(pattern, file), expected, "{pattern} {file}");
        }
    }
}
