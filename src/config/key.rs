//! Keys: `section.name` or `section.subsection.name`, and the entries that carry them.
//!
//! Knows: how keys are folded and cut. Must never know: any particular key, nor a file format.

use std::fmt;

/// One setting of a source.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key for look-ups: section and name in lower case, the subsection as written.
    pub key: String,
    /// The key with its name as written, for variables.
    pub original: String,
    /// The value; none if the key stands alone.
    pub value: Option<String>,
    /// The line in its file, counted from 1; 0 outside files.
    pub line: usize,
}

impl Entry {
    /// An entry that comes from no file: an option, an environment variable.
    #[must_use]
    pub fn new(key: &str, value: impl Into<String>) -> Self {
        Entry { key: fold_key(key), original: key.to_owned(), value: Some(value.into()), line: 0 }
    }
}

// By hand: what may be a password stays out of logs.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.value.as_deref().map(|value| {
            let secret = may_hold_password(value) || may_hold_password(&self.key);
            if secret { "…" } else { value }
        });
        write!(f, "{} = {shown:?} (line {})", self.original, self.line)
    }
}

/// Whether a line or a value had better not be shown in errors and logs.
pub(crate) fn may_hold_password(text: &str) -> bool {
    text.contains('@') || text.to_ascii_lowercase().contains("password")
}

/// A key in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) section: &'a str,
    /// May hold dots, as in `target.prod.variables.x`.
    pub(crate) subsection: Option<&'a str>,
    pub(crate) name: &'a str,
}

/// Cuts a key at its first and last dot; none without any dot.
pub(crate) fn split_key(key: &str) -> Option<Parts<'_>> {
    let (section, rest) = key.split_once('.')?;
    Some(match rest.rsplit_once('.') {
        Some((subsection, name)) => Parts { section, subsection: Some(subsection), name },
        None => Parts { section, subsection: None, name: rest },
    })
}

/// The form of a key that look-ups compare: section and name in lower case, the rest as it is.
#[must_use]
pub fn fold_key(key: &str) -> String {
    match key.rsplit_once('.') {
        Some((section, name)) => format!("{}.{}", fold_section(section), name.to_lowercase()),
        None => key.to_lowercase(),
    }
}

/// The same for the part of a key before its name.
pub(crate) fn fold_section(section: &str) -> String {
    match section.split_once('.') {
        Some((first, rest)) => format!("{}.{rest}", first.to_lowercase()),
        None => section.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_subsection_keeps_its_case() {
        assert_eq!(fold_key("Target.Prod.EU.Uri"), "target.Prod.EU.uri");
        assert_eq!(fold_key("Core.Engine"), "core.engine");
        assert_eq!(fold_key("Core"), "core");
    }

    #[test]
    fn no_password_gets_into_logs() {
        let secrets =
            [Entry::new("target.x.uri", "db:pg://u:secret@h"), Entry::new("core.pg.password", "secret")];
        assert!(!format!("{secrets:?}").contains("secret"));
        assert!(format!("{:?}", Entry::new("core.engine", "pg")).contains("pg"));
    }

    #[test]
    fn keys_are_cut_at_the_outer_dots() {
        let parts = split_key("target.prod.variables.x");
        assert_eq!(parts, Some(Parts { section: "target", subsection: Some("prod.variables"), name: "x" }));
        assert_eq!(split_key("a.b"), Some(Parts { section: "a", subsection: None, name: "b" }));
        assert_eq!(split_key("a"), None);
    }
}
