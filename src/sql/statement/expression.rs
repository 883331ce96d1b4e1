//! Expressions and types, as far as they matter.

use super::{Name, Span};

/// An expression: its text, and what can be seen in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expr {
    /// As written.
    pub text: String,
    /// The functions it calls, `now()` and `CURRENT_TIMESTAMP` alike.
    pub calls: Vec<Name>,
    /// The columns (and other bare names) it speaks of.
    pub columns: Vec<String>,
    /// Whether it is a literal, perhaps with a sign or a cast.
    pub literal: bool,
    /// Whether it is `NULL`.
    pub null: bool,
    /// The columns of which it is untrue when they are null: `c IS NOT NULL`, alone or joined by `AND`.
    pub proves_not_null: Vec<String>,
    /// Whether it holds a query.
    pub query: bool,
    /// Its place.
    pub span: Span,
}

impl Expr {
    /// Whether it is nothing but the name of this column, perhaps cast to a type.
    #[must_use]
    pub fn is_column(&self, column: &str) -> bool {
        self.text.trim().trim_matches('"').eq_ignore_ascii_case(column)
    }
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Type {
    /// The schema, if it is written and not the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name, the shortest that the server knows: `int4`, `varchar`, `timestamptz`; on MySQL and
    /// SQLite as written, in lower case.
    pub name: String,
    /// Its length, precision and scale.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<i64>,
    /// Whether it is an array of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub array: bool,
    /// Words and values after it, in lower case: `unsigned`, the values of an enum, a character set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
}

impl Type {
    /// A type without arguments.
    pub fn plain(name: impl Into<String>) -> Type {
        Type { name: name.into(), ..Type::default() }
    }

    /// Whether it is one of PostgreSQL's serial types, and which integer that makes.
    #[must_use]
    pub fn serial(&self) -> Option<&'static str> {
        match self.name.as_str() {
            "smallserial" | "serial2" => Some("int2"),
            "serial" | "serial4" => Some("int4"),
            "bigserial" | "serial8" => Some("int8"),
            _ => None,
        }
    }

    /// As a person would write it.
    #[must_use]
    pub fn written(&self) -> String {
        let mut text = match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        };
        if !self.args.is_empty() {
            let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
            text.push_str(&format!("({})", args.join(", ")));
        }
        if self.array {
            text.push_str("[]");
        }
        text
    }
}
