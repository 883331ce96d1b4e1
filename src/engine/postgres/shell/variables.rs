//! The variables of a script, among them those that steer psql itself.
//!
//! Knows: which names mean something to psql, and what values they take. Must never know: who uses
//! a value, or a connection.

use crate::sql::psql;
use std::collections::BTreeMap;

/// What a value of a special variable may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Yes or no; off when it is unset.
    Flag,
    /// A whole number; this one when it is unset.
    Number(&'static str),
    /// One of these words; the first one when it is unset.
    Word(&'static [&'static str]),
    /// Yes, no, or this word; off when it is unset.
    FlagOr(&'static str),
    /// Anything.
    Text,
}

/// The variables that psql treats specially, with their values when nothing sets them.
const SPECIAL: [(&str, Rule, &str); 21] = [
    ("AUTOCOMMIT", Rule::Flag, "on"),
    (
        "COMP_KEYWORD_CASE",
        Rule::Word(&["preserve-upper", "lower", "upper", "preserve-lower"]),
        "preserve-upper",
    ),
    ("ECHO", Rule::Word(&["none", "errors", "queries", "all"]), "none"),
    ("ECHO_HIDDEN", Rule::FlagOr("noexec"), "off"),
    ("FETCH_COUNT", Rule::Number("0"), "0"),
    ("HIDE_TABLEAM", Rule::Flag, "off"),
    ("HIDE_TOAST_COMPRESSION", Rule::Flag, "off"),
    ("HISTCONTROL", Rule::Word(&["none", "ignorespace", "ignoredups", "ignoreboth"]), "none"),
    ("HISTSIZE", Rule::Number("500"), "500"),
    ("IGNOREEOF", Rule::Number("0"), "0"),
    ("ON_ERROR_ROLLBACK", Rule::FlagOr("interactive"), "off"),
    ("ON_ERROR_STOP", Rule::Flag, "off"),
    ("PROMPT1", Rule::Text, "%/%R%x%# "),
    ("PROMPT2", Rule::Text, "%/%R%x%# "),
    ("PROMPT3", Rule::Text, ">> "),
    ("QUIET", Rule::Flag, "off"),
    ("SHOW_ALL_RESULTS", Rule::Flag, "on"),
    ("SHOW_CONTEXT", Rule::Word(&["errors", "never", "always"]), "errors"),
    ("SINGLELINE", Rule::Flag, "off"),
    ("SINGLESTEP", Rule::Flag, "off"),
    ("VERBOSITY", Rule::Word(&["default", "verbose", "terse", "sqlstate"]), "default"),
];

/// What psql's version is taken to be by scripts that ask.
const VERSION: [(&str, &str); 5] = [
    ("VERSION", concat!("PostgreSQL 15.18 (change ", env!("CARGO_PKG_VERSION"), ")")),
    ("VERSION_NAME", "15.18"),
    ("VERSION_NUM", "150018"),
    ("LAST_ERROR_MESSAGE", ""),
    ("LAST_ERROR_SQLSTATE", "00000"),
];

/// All variables that are set. Special ones always are.
#[derive(Debug, Clone)]
pub(super) struct Variables(BTreeMap<Vec<u8>, Vec<u8>>);

impl psql::Variables for Variables {
    fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.0.get(name).cloned()
    }
}

impl Variables {
    /// The variables at the start of a script that Sqitch would have run.
    pub(super) fn new() -> Variables {
        let special = SPECIAL.iter().map(|(name, _, value)| (*name, *value));
        let all = special.chain(VERSION).chain([("QUIET", "on"), ("ON_ERROR_STOP", "1")]);
        Variables(all.map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value, if it is set.
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name.as_bytes()).map(Vec::as_slice)
    }

    /// Whether a special variable says yes.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.value(name).and_then(boolean).unwrap_or(false)
    }

    /// Whether a special variable holds this word.
    pub(super) fn is(&self, name: &str, word: &str) -> bool {
        self.value(name).is_some_and(|value| value.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// Sets a variable, or unsets it with `None`; says why if it may not be so.
    pub(super) fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), String> {
        if !is_name(name) {
            return match value {
                Some(_) => Err(format!("invalid variable name: \"{}\"", lossy(name))),
                None => Ok(()),
            };
        }
        let value = match special(name) {
            None => value.map(<[u8]>::to_vec),
            Some((name, rule)) => Some(checked(name, rule, value)?),
        };
        match value {
            Some(value) => self.0.insert(name.to_vec(), value),
            None => self.0.remove(name),
        };
        Ok(())
    }

    /// Sets a variable of psql's own making.
    pub(super) fn put(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.0.insert(name.into(), value.into());
    }
}

/// Whether psql treats the variable specially.
pub(super) fn is_special(name: &[u8]) -> bool {
    special(name).is_some()
}

fn special(name: &[u8]) -> Option<(&'static str, Rule)> {
    let found = SPECIAL.iter().find(|(special, _, _)| special.as_bytes() == name)?;
    Some((found.0, found.1))
}

/// Whether a variable may be called so.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| *byte >= 0x80 || byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// The value that a special variable gets.
fn checked(name: &str, rule: Rule, value: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let unset = match rule {
        Rule::Flag | Rule::FlagOr(_) => "off",
        Rule::Number(unset) => unset,
        Rule::Word(words) => words.first().copied().unwrap_or_default(),
        Rule::Text => "",
    };
    let Some(value) = value else { return Ok(unset.into()) };
    if value.is_empty() && matches!(rule, Rule::Flag | Rule::FlagOr(_)) {
        return Ok("on".into());
    }
    let fits = match rule {
        Rule::Flag => return boolean_for(name, value).map(|_| value.to_vec()),
        Rule::Number(_) if integer(value).is_none() => {
            return Err(format!("invalid value \"{}\" for \"{name}\": integer expected", lossy(value)));
        }
        Rule::Number(_) | Rule::Text => true,
        Rule::Word(words) => words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())),
        Rule::FlagOr(word) => boolean(value).is_some() || value.eq_ignore_ascii_case(word.as_bytes()),
    };
    if fits { Ok(value.to_vec()) } else { Err(not_among(name, value, choices(name, rule).as_str())) }
}

/// The words that psql offers, in its order.
fn choices(name: &str, rule: Rule) -> String {
    match (name, rule) {
        ("SHOW_CONTEXT", _) => "never, errors, always".into(),
        ("COMP_KEYWORD_CASE", _) => "lower, upper, preserve-lower, preserve-upper".into(),
        (_, Rule::FlagOr(word)) => format!("on, off, {word}"),
        (_, Rule::Word(words)) => words.join(", "),
        _ => String::new(),
    }
}

/// What psql says about a word that is none of those it knows.
pub(super) fn not_among(name: &str, value: &[u8], choices: &str) -> String {
    format!("unrecognized value \"{}\" for \"{name}\"\nAvailable values are: {choices}.", lossy(value))
}

/// A yes or no, or what psql says about anything else.
pub(super) fn boolean_for(name: &str, value: &[u8]) -> Result<bool, String> {
    boolean(value)
        .ok_or_else(|| format!("unrecognized value \"{}\" for \"{name}\": Boolean expected", lossy(value)))
}

/// A yes or no: any beginning of the words that tells them apart.
pub(super) fn boolean(value: &[u8]) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        value.len() >= least
            && word.as_bytes().get(..value.len()).is_some_and(|part| part.eq_ignore_ascii_case(value))
    };
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || value == b"1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || value == b"0" {
        Some(false)
    } else {
        None
    }
}

/// A whole number, written as in C.
pub(super) fn integer(value: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(value).ok()?.trim_start();
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', _, ..] => (8, digits),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let number = i64::from_str_radix(digits, radix).ok()?;
    i32::try_from(if negative { -number } else { number }).ok()
}

/// Bytes as text for a message.
pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_boolean_is_any_beginning_that_is_not_ambiguous() {
        for yes in ["t", "TRU", "true", "y", "yes", "on", "ON", "1"] {
            assert_eq!(boolean(yes.as_bytes()), Some(true), "{yes}");
        }
        for no in ["f", "of", "off", "n", "NO", "0"] {
            assert_eq!(boolean(no.as_bytes()), Some(false), "{no}");
        }
        for neither in ["", "o", "2", "01", "maybe", "truee", "\"true\""] {
            assert_eq!(boolean(neither.as_bytes()), None, "{neither}");
        }
    }

    #[test]
    fn numbers_are_written_as_in_c() {
        assert_eq!(integer(b"0x10"), Some(16));
        assert_eq!(integer(b" -010"), Some(-8));
        assert_eq!(integer(b"0"), Some(0));
        for none in ["", "x", "1x", "--1", "+-1", "0x", "99999999999", "08"] {
            assert_eq!(integer(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn special_variables_are_checked_and_never_unset() {
        let mut variables = Variables::new();
        assert!(variables.is_on("ON_ERROR_STOP"));
        variables.set(b"ON_ERROR_STOP", None).unwrap();
        assert_eq!(variables.value("ON_ERROR_STOP"), Some(&b"off"[..]));
        variables.set(b"ON_ERROR_STOP", Some(b"")).unwrap();
        assert_eq!(variables.value("ON_ERROR_STOP"), Some(&b"on"[..]));
        assert_eq!(
            variables.set(b"AUTOCOMMIT", Some(b"foo")).unwrap_err(),
            "unrecognized value \"foo\" for \"AUTOCOMMIT\": Boolean expected"
        );
        assert_eq!(
            variables.set(b"ECHO", Some(b"x")).unwrap_err(),
            "unrecognized value \"x\" for \"ECHO\"\nAvailable values are: none, errors, queries, all."
        );
        assert_eq!(variables.value("ECHO"), Some(&b"none"[..]), "a bad value changes nothing");
    }

    #[test]
    fn other_variables_are_free() {
        let mut variables = Variables::new();
        assert_eq!(variables.set(b"a-b", Some(b"1")).unwrap_err(), "invalid variable name: \"a-b\"");
        assert_eq!(variables.set(b"a-b", None), Ok(()), "nothing to unset");
        variables.set("é1".as_bytes(), Some(b"x")).unwrap();
        assert_eq!(variables.value("é1"), Some(&b"x"[..]));
        variables.set("é1".as_bytes(), None).unwrap();
        assert_eq!(variables.value("é1"), None);
    }
}
