//! The one rule for the names of changes, tags and projects.

use crate::error::{Error, Kind, Result};
use regex::Regex;
use std::sync::LazyLock;

/// What a name is for; the rule differs only in small things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// A change.
    Change,
    /// A tag, without its `@`.
    Tag,
    /// A project.
    Project,
}

impl Naming {
    fn plural(self) -> &'static str {
        match self {
            Naming::Change => "changes",
            Naming::Tag => "tags",
            Naming::Project => "project names",
        }
    }
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It breaks the rule on characters.
    Shape(&'static str),
    /// `HEAD` or `ROOT`.
    Reserved,
    /// It begins like an id.
    LikeId,
    /// A tag with a slash.
    Slash,
}

/// Blanks as plan files know them: horizontal white space of any script.
#[must_use]
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
            ..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation() && c != '_'
}

/// Whether `c` is a word character as Perl's `\w` sees it.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\w$").ok());
    WORD.as_ref().is_some_and(|word| word.is_match(c.encode_utf8(&mut [0; 4])))
}

/// What, if anything, breaks the rule on characters.
fn shape_fault(name: &str) -> Option<&'static str> {
    // Most names are made of these alone, and plans have many.
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let Some(first) = name.chars().next() else { return Some("it is empty") };
    if is_mark(first) {
        return Some("it begins with punctuation");
    }
    if name.chars().any(|c| is_blank(c) || c == '\n') {
        return Some("it contains a blank");
    }
    if let Some(c) = name.chars().find(|c| matches!(c, ':' | '@' | '#' | '\\')) {
        return Some(match c {
            ':' => "it contains \":\"",
            '@' => "it contains \"@\"",
            '#' => "it contains \"#\"",
            _ => "it contains \"\\\"",
        });
    }
    if !name.chars().last().is_some_and(is_word) {
        return Some("it ends in punctuation");
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() < name.len() && stem.ends_with(['~', '/', '=', '%', '^']) {
        return Some("it ends in digits after punctuation");
    }
    None
}

/// Judges a name as a plan file may hold it.
pub(crate) fn fault(name: &str, naming: Naming) -> Option<Fault> {
    if let Some(reason) = shape_fault(name) {
        return Some(Fault::Shape(reason));
    }
    if naming != Naming::Project {
        if matches!(name, "HEAD" | "ROOT") {
            return Some(Fault::Reserved);
        }
        let head = name.as_bytes().get(..40);
        if head.is_some_and(|head| head.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))) {
            return Some(Fault::LikeId);
        }
    }
    (naming == Naming::Tag && name.contains('/')).then_some(Fault::Slash)
}

/// Judges a name that stands, or could stand, in a plan.
///
/// # Errors
/// Says which part of the rule is broken, in Sqitch's words where it has some.
pub fn check_name(name: &str, naming: Naming) -> Result<()> {
    let at = if naming == Naming::Tag { "@" } else { "" };
    let slash = if naming == Naming::Tag { " \"/\"," } else { "" };
    let error = |message: String| Err(Error::new(Kind::Usage, "plan.name", message));
    match fault(name, naming) {
        None => Ok(()),
        Some(Fault::Reserved) => error(format!("\"{at}{name}\" is a reserved name")),
        Some(Fault::LikeId) => {
            error(format!("\"{name}\" is invalid because it could be confused with a SHA1 ID"))
        }
        Some(_) if naming == Naming::Project => error(format!(
            "invalid project name \"{name}\": project names must not begin with punctuation, contain \"@\", \":\", \
             \"#\", \"\\\", or blanks, or end in punctuation or digits following punctuation"
        )),
        Some(Fault::Shape(_) | Fault::Slash) => error(format!(
            "\"{name}\" is invalid: {} must not begin with punctuation, contain \"@\", \":\", \"#\",{slash} \
             \"\\\", or blanks, or end in punctuation or digits following punctuation",
            naming.plural()
        )),
    }
}

/// Judges a name that is about to be written: stricter than [`check_name`], because a name
/// becomes a path, and because newer Sqitch versions refuse some that 1.3.1 reads.
///
/// # Errors
/// As [`check_name`]; and for names that would leave the script folders or hide in them.
pub fn check_new_name(name: &str, naming: Naming) -> Result<()> {
    check_name(name, naming)?;
    let refuse = |why: &str| {
        Err(Error::new(Kind::Usage, "plan.name", format!("\"{name}\" cannot be used as a name: {why}"))
            .hint("use letters, digits, \"_\", \"-\", \".\" and \"/\" between folders"))
    };
    if name.contains(['[', ']']) {
        return refuse("brackets enclose dependencies in a plan");
    }
    if name.chars().any(char::is_control) {
        return refuse("it contains a control character");
    }
    if name == "0" {
        return refuse("Sqitch cannot read a change named 0");
    }
    if naming == Naming::Change && name.split('/').any(|part| part.is_empty() || part == "." || part == "..")
    {
        return refuse("the name is also the path of its scripts, and that path must stay inside the folder");
    }
    Ok(())
}
