//! Writing keys and values the way Sqitch writes them.
//!
//! Knows: quoting. Must never know: where the pieces go.

use super::{bad_key, key};
use crate::error::{Error, Kind, Result};

/// A value as it stands behind the equals sign. Quoted when it starts or ends with white space
/// or holds a comment sign, with Sqitch's escapes. A double quote is always written outside of
/// quotes: inside, Sqitch would read it back with its backslash.
pub(super) fn value(key: &str, value: &str) -> Result<String> {
    if value.contains('\r') {
        let message = format!("the value of {key} holds a carriage return, which cannot be written");
        return Err(Error::new(Kind::Config, "config.value", message).hint("use a line feed alone"));
    }
    let quoted = value.starts_with(char::is_whitespace)
        || value.ends_with(char::is_whitespace)
        || value.contains(['#', ';']);
    let escaped = escape(value);
    Ok(if quoted { format!("\"{}\"", escaped.replace("\\\"", "\"\\\"\"")) } else { keep_blanks(&escaped) })
}

fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\u{8}' => escaped.push_str("\\b"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Two blanks in a row would be read as one: such runs alone go into quotes.
fn keep_blanks(escaped: &str) -> String {
    let mut kept = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, behind)) = rest.split_once("  ") {
        let after = behind.trim_start_matches(' ');
        let run = " ".repeat(2 + behind.len() - after.len());
        kept.push_str(&format!("{before}\"{run}\""));
        rest = after;
    }
    kept + rest
}

/// The name at the end of a key, if it can be written.
pub(super) fn name(key: &str) -> Result<&str> {
    let Some(parts) = key::split_key(key) else { return Err(bad_key(key, "it has no section")) };
    let name = parts.name;
    if name.is_empty() || name.trim_matches([' ', '\t']) != name {
        return Err(bad_key(key, "its name is empty or has blanks around it"));
    }
    if name.starts_with('[') || name.contains(['=', '#', ';', '\n', '\r']) {
        return Err(bad_key(key, "its name may not start with [ nor hold =, #, ; or line breaks"));
    }
    Ok(name)
}

/// The line that opens the key's section: `[a]` or `[a "b"]`.
pub(super) fn header(key: &str) -> Result<String> {
    let Some(parts) = key::split_key(key) else { return Err(bad_key(key, "it has no section")) };
    let section = parts.section;
    if section.is_empty() || section.contains([' ', '\t', '[', ']', '"', '\n', '\r']) {
        return Err(bad_key(key, "its section is empty or holds blanks, brackets or quotes"));
    }
    match parts.subsection {
        None => Ok(format!("[{section}]")),
        Some("") => Err(bad_key(key, "its subsection is empty")),
        Some(subsection) if subsection.contains(['\n', '\r']) => {
            Err(bad_key(key, "its subsection holds a line break"))
        }
        Some(subsection) => {
            Ok(format!("[{section} \"{}\"]", subsection.replace('\\', "\\\\").replace('"', "\\\"")))
        }
    }
}
