//! Editing TOML by splicing its text.
//!
//! Knows: where settings and tables stand. Must never know: what the keys mean. Each edit gives a
//! new text, which the caller reads again before believing it.

use super::read::{Parsed, Setting, Shape};
use crate::config::fold_key;
use crate::config::key::{Parts, fold_section, split_key};
use crate::error::{Error, Kind, Result};
use std::ops::Range;
use toml_edit::{Key, Value};

pub(super) fn set(text: &str, parsed: &Parsed, key: &str, value: &str) -> Result<String> {
    let parts = cut(key)?;
    let found: Vec<&Setting> = settings(parsed, key).collect();
    let Some((first, others)) = found.split_first() else {
        return Ok(insert(text, parsed, key, parts, value));
    };
    let mut edited = text.to_owned();
    for setting in others.iter().rev() {
        splice(&mut edited, statement(text, setting), "");
    }
    splice(&mut edited, first.value.clone(), &literal(value));
    if text.get(first.name.clone()).is_some_and(|name| name.to_lowercase() == parts.name.to_lowercase()) {
        splice(&mut edited, first.name.clone(), parts.name);
    }
    Ok(edited)
}

pub(super) fn add(text: &str, parsed: &Parsed, key: &str, value: &str) -> Result<String> {
    let parts = cut(key)?;
    let Some(setting) = settings(parsed, key).next_back() else {
        return Ok(insert(text, parsed, key, parts, value));
    };
    let mut edited = text.to_owned();
    match setting.shape {
        Shape::Scalar => {
            let standing = text.get(setting.value.clone()).unwrap_or_default();
            splice(&mut edited, setting.value.clone(), &format!("[{standing}, {}]", literal(value)));
        }
        Shape::EmptyArray => splice(&mut edited, setting.value.clone(), &format!("[{}]", literal(value))),
        Shape::Array(end) => splice(&mut edited, end..end, &format!(", {}", literal(value))),
    }
    Ok(edited)
}

pub(super) fn unset(text: &str, parsed: &Parsed, key: &str) -> (String, usize) {
    let found: Vec<&Setting> = settings(parsed, key).collect();
    let mut edited = text.to_owned();
    for setting in found.iter().rev() {
        splice(&mut edited, statement(text, setting), "");
    }
    (edited, found.iter().map(|setting| setting.entries.len()).sum())
}

/// The text with a table's header replaced; none if it has no header of its own.
pub(super) fn rename_table(text: &str, parsed: &Parsed, section: &str, name: &str) -> Result<Option<String>> {
    let key = format!("{name}.x");
    let parts = cut(&key)?;
    let folded = fold_section(section);
    let Some(header) = parsed.headers.iter().find(|header| header.name == folded) else { return Ok(None) };
    let mut edited = text.to_owned();
    splice(&mut edited, line_start(text, header.end)..header.end, &format!("[{}]", table_name(parts)));
    Ok(Some(edited))
}

/// The text without a table's header and the blank lines below it; none if it has no header of its own.
pub(super) fn remove_header(text: &str, parsed: &Parsed, section: &str) -> Option<String> {
    let folded = fold_section(section);
    let header = parsed.headers.iter().find(|header| header.name == folded)?;
    let end = line_end(text, header.end);
    let rest = text.get(end..)?;
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let mut edited = text.to_owned();
    splice(&mut edited, line_start(text, header.end)..end + blank, "");
    Some(edited)
}

fn settings<'a>(parsed: &'a Parsed, key: &str) -> impl DoubleEndedIterator<Item = &'a Setting> {
    let key = fold_key(key);
    parsed.settings.iter().filter(move |setting| setting.key == key)
}

/// Puts a new setting behind its neighbours, below its table's header, or into a new table.
fn insert(text: &str, parsed: &Parsed, key: &str, parts: Parts<'_>, value: &str) -> String {
    let section = key.rsplit_once('.').map(|(section, _)| fold_section(section)).unwrap_or_default();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let assignment = format!("{} = {}", Key::new(parts.name), literal(value));
    let mut edited = text.to_owned();
    let mut neighbours = parsed
        .settings
        .iter()
        .filter(|setting| setting.key.rsplit_once('.').is_some_and(|(s, _)| s == section));
    if let Some(last) = neighbours.next_back() {
        if last.inline {
            splice(&mut edited, last.value.end..last.value.end, &format!(", {assignment}"));
        } else {
            // The neighbour's indent and dotted prefix serve the new one as well.
            let before = text.get(line_start(text, last.name.start)..last.name.start).unwrap_or_default();
            insert_line(&mut edited, last.value.end, newline, &format!("{before}{assignment}"));
        }
    } else if let Some(header) = parsed.headers.iter().find(|header| header.name == section) {
        insert_line(&mut edited, header.end, newline, &assignment);
    } else {
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => newline,
            _ => &newline.repeat(2),
        };
        edited.push_str(&format!("{gap}[{}]{newline}{assignment}{newline}", table_name(parts)));
    }
    edited
}

fn insert_line(text: &mut String, behind: usize, newline: &str, line: &str) {
    let end = line_end(text, behind);
    let closing = if end == text.len() { newline } else { "" };
    splice(text, end..end, &format!("{newline}{line}{closing}"));
}

/// The header for a key: the variables of a target are a table inside the target's.
fn table_name(parts: Parts<'_>) -> String {
    let mut words = vec![parts.section];
    match parts.subsection.map(|name| (name, name.strip_suffix(".variables"))) {
        Some((_, Some(owner))) => words.extend([owner, "variables"]),
        Some((name, None)) => words.push(name),
        None => {}
    }
    words.iter().map(|word| Key::new(*word).to_string()).collect::<Vec<_>>().join(".")
}

/// The bytes to remove with a setting: its lines, or its place between the commas of a table.
fn statement(text: &str, setting: &Setting) -> Range<usize> {
    if !setting.inline {
        let end = line_end(text, setting.value.end);
        let rest = text.get(end..).unwrap_or_default();
        let newline = ["\r\n", "\n"].into_iter().find(|newline| rest.starts_with(newline));
        return line_start(text, setting.name.start)..end + newline.map_or(0, str::len);
    }
    let before = text.get(..setting.name.start).unwrap_or_default();
    let start = before.rfind(['{', ',']).unwrap_or(before.len());
    let opens = before.get(start..).is_some_and(|rest| rest.starts_with('{'));
    let behind = text.get(setting.value.end..).unwrap_or_default();
    let comma = behind.trim_start().starts_with(',').then(|| behind.len() - behind.trim_start().len() + 1);
    match (opens, comma) {
        (true, comma) => start + 1..setting.value.end + comma.unwrap_or(0),
        (false, _) => start..setting.value.end,
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The end of the line `at` lies in, before its line break.
fn line_end(text: &str, at: usize) -> usize {
    let line = text.get(at..).unwrap_or_default().split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}

/// A value as TOML: bare if it is a truth value or a whole number as TOML itself would write it.
fn literal(value: &str) -> String {
    let number = value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
    if number || value == "true" || value == "false" {
        return value.to_owned();
    }
    Value::from(value).to_string()
}

fn cut(key: &str) -> Result<Parts<'_>> {
    split_key(key)
        .filter(|parts| !parts.section.is_empty() && !parts.name.is_empty() && parts.subsection != Some(""))
        .ok_or_else(|| {
            let message = format!("\"{key}\" is not a valid configuration key");
            Error::new(Kind::Config, "config.key", message)
                .hint("write section.name or section.subsection.name, such as core.engine or target.prod.uri")
        })
}

fn splice(text: &mut String, range: Range<usize>, new: &str) {
    if text.get(range.clone()).is_some() {
        text.replace_range(range, new);
    }
}
