//! What a walk through a script finds.

use super::command::Reach;
use super::kind::StatementKind;

/// A statement that would be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its text as it would be sent, as far as variables are known.
    pub text: Vec<u8>,
    /// What it is.
    pub kind: StatementKind,
    /// The file that holds it.
    pub file: String,
    /// The line in which it begins.
    pub line: usize,
}

impl Found {
    /// Whether it is several statements in one message (`\\;`).
    #[must_use]
    pub fn is_several(&self) -> bool {
        let inner = self.text.trim_ascii_end().strip_suffix(b";").unwrap_or(&self.text);
        inner.contains(&b';') && super::kinds(&self.text).len() > 1
    }
}

/// A command that would be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name without the backslash.
    pub name: String,
    /// How far it reaches.
    pub reach: Reach,
    /// The file that holds it.
    pub file: String,
    /// The line in which it stands.
    pub line: usize,
}
