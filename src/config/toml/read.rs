//! Reading TOML into keys, with the places where they stand.
//!
//! Knows: how tables flatten into keys. Must never know: what the keys mean.

use crate::config::key::may_hold_password;
use crate::config::{Entry, fold_key};
use crate::error::{Error, Kind, Place, Result};
use std::ops::Range;
use toml_edit::{Array, Document, Item, TableLike, Value};

/// What a text holds, with the places to edit.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    /// In the order of the text.
    pub(super) settings: Vec<Setting>,
    /// The tables that have a line of their own.
    pub(super) headers: Vec<Header>,
}

/// One `[table]`.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// Folded, joined by dots.
    pub(super) name: String,
    pub(super) end: usize,
}

/// One `key = value`.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// The folded key.
    pub(super) key: String,
    /// One per value.
    pub(super) entries: Vec<Entry>,
    /// The bytes of the last word of the key.
    pub(super) name: Range<usize>,
    /// The bytes of the value.
    pub(super) value: Range<usize>,
    /// Whether it stands between braces.
    pub(super) inline: bool,
    pub(super) shape: Shape,
}

/// What the value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar,
    EmptyArray,
    /// With the end of the last value.
    Array(usize),
}

/// Reads a text.
pub(super) fn read(text: &str, file: &str) -> Result<Parsed> {
    let document = Document::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let told = Error::new(Kind::Config, "config.syntax", error.message().trim());
        let told = told.hint("values are text in double quotes, numbers, true or false, or arrays of these");
        told.at(place(file, text, span))
    })?;
    let parsed = Parsed { settings: Vec::new(), headers: Vec::new() };
    let mut walk = Walk { text, file, path: Vec::new(), parsed, errors: Vec::new() };
    walk.table(document.as_table(), false);
    let Walk { mut parsed, errors, .. } = walk;
    parsed.settings.sort_by_key(|setting| setting.name.start);
    Error::join(errors).map_or(Ok(parsed), Err)
}

struct Walk<'a> {
    text: &'a str,
    file: &'a str,
    path: Vec<String>,
    parsed: Parsed,
    errors: Vec<Error>,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike, inline: bool) {
        for (name, item) in table.iter() {
            let span = table.get_key_value(name).and_then(|(key, _)| key.span()).unwrap_or_default();
            self.path.push(name.to_owned());
            match item {
                Item::None => {}
                Item::ArrayOfTables(_) => {
                    self.refuse(span, "an array of tables", "give each table a name, as in [target.prod]")
                }
                Item::Table(inner) => {
                    if !inner.is_implicit() && !inner.is_dotted() {
                        let end = inner.span().map_or(span.end, |header| header.end);
                        // Folded as if a name followed.
                        let name = fold_key(&format!("{}.", self.path.join(".")));
                        self.parsed.headers.push(Header { name: name.trim_end_matches('.').to_owned(), end });
                    }
                    self.table(inner, inline);
                }
                Item::Value(Value::InlineTable(inner)) => self.table(inner, inline || !inner.is_dotted()),
                Item::Value(value) => self.setting(span, value, inline),
            }
            self.path.pop();
        }
    }

    fn setting(&mut self, name: Range<usize>, value: &Value, inline: bool) {
        if self.path.len() < 2 {
            return self.refuse(name, "a key outside any table", "put it below a table such as [core]");
        }
        let span = value.span().unwrap_or_else(|| name.clone());
        let (values, shape) = match value {
            Value::Array(array) => self.array(&name, array),
            value => (vec![self.scalar(value)], Shape::Scalar),
        };
        let original = self.path.join(".");
        let (key, line) = (fold_key(&original), place(self.file, self.text, name.clone()).line);
        let entries = values
            .into_iter()
            .map(|value| Entry { key: key.clone(), original: original.clone(), value: Some(value), line })
            .collect();
        self.parsed.settings.push(Setting { key, entries, name, value: span, inline, shape });
    }

    fn array(&mut self, name: &Range<usize>, array: &Array) -> (Vec<String>, Shape) {
        let mut values = Vec::new();
        let mut shape = Shape::EmptyArray;
        for value in array {
            let span = value.span().unwrap_or_else(|| name.clone());
            shape = Shape::Array(span.end);
            if value.is_array() || value.is_inline_table() {
                self.refuse(
                    span,
                    "an array or a table inside an array",
                    "write the values one after the other",
                );
            } else {
                values.push(self.scalar(value));
            }
        }
        (values, shape)
    }

    /// The value as text; dates and fractions as they are written.
    fn scalar(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.value().clone(),
            Value::Integer(number) => number.value().to_string(),
            Value::Boolean(truth) => truth.value().to_string(),
            other => {
                let written = other.span().and_then(|span| self.text.get(span));
                written.map_or_else(|| other.to_string().trim().to_owned(), str::to_owned)
            }
        }
    }

    fn refuse(&mut self, span: Range<usize>, what: &str, hint: &str) {
        let message = format!("{what} means nothing in a configuration");
        let error = Error::new(Kind::Config, "config.shape", message).hint(hint);
        self.errors.push(error.at(place(self.file, self.text, span)));
    }
}

/// A place in the text, with its line unless that may hold a password.
fn place(file: &str, text: &str, span: Range<usize>) -> Place {
    let mut place = Place::in_text(file, text, span.start, span.end);
    place.text = place.text.filter(|line| !may_hold_password(line));
    place
}
