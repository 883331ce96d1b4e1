//! The parts of a plan's lines: pragmas, planners and notes.

use super::name::is_blank;

/// `%NAME`, or `%NAME = VALUE`, with a note cut off.
pub(super) fn split_pragma(content: &str) -> Option<(&str, Option<&str>)> {
    let content = content.split('#').next().unwrap_or_default().trim_end_matches(is_blank);
    let rest = content.strip_prefix('%')?.trim_start_matches(is_blank);
    let (name, value) = match rest.split_once('=') {
        None => (rest, None),
        Some((name, value)) => {
            let value = value.trim_start_matches(is_blank);
            if value.is_empty() {
                return None;
            }
            (name.trim_end_matches(is_blank), Some(value))
        }
    };
    let mark = |c: char| c.is_ascii_punctuation() && c != '_';
    let fits =
        !name.is_empty() && !name.contains(is_blank) && !name.starts_with(mark) && !name.ends_with(mark);
    fits.then_some((name, value))
}

/// `Planner Name <email>` as Sqitch's expression takes it apart: the name keeps all but the last
/// of the blanks that follow it.
pub(super) fn split_planner(text: &str) -> Option<(&str, &str)> {
    let (before, after) = text.split_once('<')?;
    let email = after.strip_suffix('>').filter(|email| !email.is_empty() && !email.contains('>'))?;
    let trimmed = before.trim_start_matches(is_blank);
    let source = if trimmed.is_empty() { last_two(before)? } else { trimmed };
    let last = source.chars().next_back().filter(|c| is_blank(*c))?;
    let name = source.get(..source.len() - last.len_utf8()).filter(|name| !name.is_empty())?;
    Some((name, email))
}

fn last_two(text: &str) -> Option<&str> {
    let (at, _) = text.char_indices().rev().nth(1)?;
    text.get(at..)
}

pub(super) fn planner_fault(text: &str) -> String {
    let why = match (text.find('<'), text.find('>')) {
        (None, _) => {
            "there is no \"<email>\" after the planner's name (a \"#\" in the name would begin the note)"
        }
        (Some(_), None) => "the \"<\" of the e-mail address is not closed",
        (Some(_), Some(end)) if text.get(end + 1..).is_some_and(|rest| !rest.is_empty()) => {
            "there is text after the e-mail address"
        }
        (Some(at), _) if text.get(..at).is_some_and(|name| name.trim().is_empty()) => {
            "the planner's name is missing"
        }
        (Some(at), _) if text.get(..at).is_some_and(|name| !name.ends_with(is_blank)) => {
            "a blank is missing before the \"<\""
        }
        _ => "the e-mail address is empty",
    };
    format!("this is not a planner's name and e-mail address: {why}")
}

/// Undoes the escapes of notes: `\n`, `\r` and `\\`; any other pair stays as it is.
#[must_use]
pub fn unescape(note: &str) -> String {
    if !note.contains('\\') {
        return note.to_owned();
    }
    let mut out = String::with_capacity(note.len());
    let mut chars = note.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
