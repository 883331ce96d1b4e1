//! Facts as a file: what was known of a database at some time, for those who cannot ask it.
//!
//! Knows: the format. Must never know: files, databases, the clock.
//!
//! Format: JSON with a number of the format, the engine, the time, and the catalogue. What is as it
//! would be without a word is left out.

use super::Schema;
use crate::error::{Error, Kind, Place, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The number of the format that is written, and the newest that is read.
pub const FORMAT: u64 = 1;

/// A catalogue with what else a reader must know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The engine whose catalogue it is, by its key.
    pub engine: String,
    /// When it was read.
    pub exported_at: Timestamp,
    /// The catalogue.
    pub schema: Schema,
}

/// The file's text.
#[must_use]
pub fn write(facts: &Facts) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        format: u64,
        #[serde(flatten)]
        facts: &'a Facts,
    }
    let file = File { format: FORMAT, facts };
    // All keys are texts and all numbers are finite or become null: this cannot fail.
    let mut value = serde_json::to_value(&file).unwrap_or_default();
    shorten(&mut value);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

/// Leaves out what reading puts back by itself.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => {
            fields.values_mut().for_each(shorten);
            fields.retain(|name, value| match value {
                Value::Null => false,
                // Without a word a constraint is validated, and a column not generated at all.
                Value::Bool(false) => name == "validated" || name == "generated",
                // An enum without values is still an enum.
                Value::Array(items) => !items.is_empty() || name == "values",
                Value::Object(fields) => !fields.is_empty() || name == "schema",
                _ => true,
            });
        }
        _ => {}
    }
}

/// Reads the text of the file that messages call `file`.
///
/// # Errors
/// When it is not JSON, not a file of facts, or of a format that this version does not know.
pub fn parse(file: &str, text: &str) -> Result<Facts> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let place = Place {
            text: text
                .lines()
                .nth(error.line().saturating_sub(1))
                .filter(|line| line.len() < 500)
                .map(str::to_owned),
            ..Place::new(file, error.line().max(1), error.column().max(1))
        };
        wrong("facts.json", format!("{file} is not JSON")).because(error).at(place)
    })?;
    match value.get("format").map(|format| (format, format.as_u64())) {
        Some((_, Some(FORMAT))) => {}
        Some((format, number)) => {
            let error = wrong(
                "facts.format",
                format!("{file} is of format {format}, but this version reads format {FORMAT}"),
            );
            return Err(match number {
                Some(newer) if newer > FORMAT => {
                    error.hint("use a newer version of change, or write the file anew with this one")
                }
                _ => error,
            });
        }
        None => {
            return Err(wrong(
                "facts.format",
                format!("{file} holds no facts: there is no \"format\" in it"),
            ));
        }
    }
    serde_json::from_value(value)
        .map_err(|error| wrong("facts.content", format!("{file} is damaged")).because(error))
}

fn wrong(code: &'static str, message: String) -> Error {
    Error::new(Kind::Project, code, message).hint("to write it anew: change facts export --output FILE")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::schema::{Column, Constraint, CustomType, Index, Kind as Demand, Relation};
    use crate::sql::statement::{Name, Object, Type};

    fn facts() -> Facts {
        let mut table = Relation::new(Object::Table);
        table.columns_known = true;
        table.columns.push(Column {
            name: "id".to_owned(),
            ty: Some(Type { args: vec![10], array: true, ..Type::plain("varchar") }),
            generated: Some(false),
            ..Column::default()
        });
        for validated in [true, false] {
            table.constraints.push(Constraint {
                name: "c".to_owned(),
                kind: Demand::NotNull,
                columns: Vec::new(),
                validated,
                to: Some(Name::within("public", "x")),
                cascades: false,
                proves_not_null: Vec::new(),
                text: None,
            });
        }
        table.indexes.push(Index { name: "i".to_owned(), valid: true, ..Index::default() });
        table.indexes.push(Index { name: "broken".to_owned(), ..Index::default() });
        table.rows = Some(0);
        table.writes_per_second = Some(1234.567);
        table.texts.insert("validated".to_owned(), String::new());
        let mut schema = Schema { version: Some((15, 4)), complete: true, ..Schema::default() };
        schema.relations.insert(Name::within("", "t"), table);
        schema.relations.insert(Name::new("v"), Relation::new(Object::View));
        schema.types.insert(Name::new("e"), CustomType { values: Some(Vec::new()), attributes: Vec::new() });
        schema.types.insert(Name::new("r"), CustomType::default());
        Facts { engine: "pg".to_owned(), exported_at: "2026-01-02T03:04:05Z".parse().unwrap(), schema }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = write(&facts());
        assert!(
            text.starts_with(
                "{\n  \"format\": 1,\n  \"engine\": \"pg\",\n  \"exported_at\": \"2026-01-02T03:04:05Z\""
            ),
            "{text}"
        );
        assert!(!text.contains(": null") && !text.contains("\"identity\"") && !text.contains("{}"), "{text}");
        assert_eq!(parse("f", &text).unwrap(), facts());
        let nothing = Facts { schema: Schema::default(), ..facts() };
        assert_eq!(parse("f", &write(&nothing)).unwrap(), nothing);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = parse("facts.json", "{\n  \"format\": 1,\n  oops\n}").unwrap_err();
        assert_eq!((error.code(), error.message()), ("facts.json", "facts.json is not JSON"));
        assert_eq!(error.place().map(|place| (place.line, place.text.as_deref())), Some((3, Some("  oops"))));
        for (text, code) in [
            ("{}", "facts.format"),
            ("[]", "facts.format"),
            ("{\"format\": 2}", "facts.format"),
            ("{\"format\": \"1\"}", "facts.format"),
            ("{\"format\": 1}", "facts.content"),
            ("{\"format\": 1, \"engine\": \"pg\", \"exported_at\": \"x\", \"schema\": {}}", "facts.content"),
            ("", "facts.json"),
        ] {
            assert_eq!(parse("f", text).unwrap_err().code(), code, "{text}");
        }
        assert!(parse("f", &"[".repeat(100_000)).is_err());
        assert!(parse("f", "{\"format\": 3}").unwrap_err().hints().iter().any(|hint| hint.contains("newer")));
    }
}
