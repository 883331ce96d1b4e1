//! Names and places.

use std::fmt;

/// A name as the database knows it: quotes taken off, letters folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Name {
    /// The schema (on MySQL the database), when it is written.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl Name {
    /// A name without a schema.
    pub fn new(name: impl Into<String>) -> Name {
        Name { schema: None, name: name.into() }
    }

    /// A name in a schema.
    pub fn within(schema: impl Into<String>, name: impl Into<String>) -> Name {
        Name { schema: Some(schema.into()), name: name.into() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A part of a statement's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}
