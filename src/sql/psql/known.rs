//! What is known of variables before a script runs.
//!
//! Knows: values that were given or set in the script, and which are made by results only. Must
//! never know: files, or a connection.

use super::scanner::Variables;
use std::cell::Cell;
use std::collections::HashMap;

/// Variables that psql itself keeps, whose value is known when the script runs only.
const MADE_BY_PSQL: [&str; 16] = [
    "DBNAME",
    "USER",
    "HOST",
    "PORT",
    "ENCODING",
    "VERSION",
    "VERSION_NAME",
    "VERSION_NUM",
    "SERVER_VERSION_NAME",
    "SERVER_VERSION_NUM",
    "ERROR",
    "SQLSTATE",
    "ROW_COUNT",
    "LASTOID",
    "LAST_ERROR_SQLSTATE",
    "LAST_ERROR_MESSAGE",
];

/// Variables that are the same at the start of every script.
const AT_START: [(&str, &str); 10] = [
    ("AUTOCOMMIT", "on"),
    ("ON_ERROR_STOP", "1"),
    ("ON_ERROR_ROLLBACK", "off"),
    ("FETCH_COUNT", "0"),
    ("QUIET", "on"),
    ("ECHO", "none"),
    ("ECHO_HIDDEN", "off"),
    ("VERBOSITY", "default"),
    ("SHOW_CONTEXT", "errors"),
    ("SINGLELINE", "off"),
];

/// A value longer than this is not followed.
const LONGEST_VALUE: usize = 16 << 20;

/// The variables at some point of a script.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// `None` is set to something unknown.
    values: HashMap<Vec<u8>, Option<Vec<u8>>>,
    /// Variables whose names begin so may have been set by a result.
    prefixes: Vec<Vec<u8>>,
    /// Nothing is looked up: a branch that is not taken.
    pub unset: Cell<bool>,
    /// Whether an unknown value was asked for.
    guessed: Cell<bool>,
}

impl Known {
    pub(super) fn new(variables: &[(String, String)]) -> Known {
        let mut known = Known::default();
        for name in MADE_BY_PSQL {
            known.values.insert(name.into(), None);
        }
        for (name, value) in AT_START {
            known.values.insert(name.into(), Some(value.into()));
        }
        for (name, value) in variables {
            known.values.insert(name.as_bytes().to_vec(), Some(value.as_bytes().to_vec()));
        }
        known
    }

    /// Sets a variable; `None` to something unknown.
    pub(super) fn set(&mut self, name: Vec<u8>, value: Option<Vec<u8>>) {
        self.values.insert(name, value.filter(|value| value.len() <= LONGEST_VALUE));
    }

    pub(super) fn unset(&mut self, name: &[u8]) {
        match name {
            b"AUTOCOMMIT" | b"ON_ERROR_STOP" => self.set(name.to_vec(), Some(b"off".to_vec())),
            _ => {
                self.values.remove(name);
            }
        }
    }

    /// A result sets variables whose names begin with `prefix`.
    pub(super) fn set_by_result(&mut self, prefix: Vec<u8>) {
        // What psql treats specially is not set that way.
        let special = |name: &[u8]| AT_START.iter().any(|(known, _)| known.as_bytes() == name);
        for (name, value) in &mut self.values {
            if name.starts_with(&prefix) && !special(name) {
                *value = None;
            }
        }
        self.prefixes.push(prefix);
    }

    /// Whether an unknown value was asked for since the last time.
    pub(super) fn take_guessed(&self) -> bool {
        self.guessed.take()
    }

    /// Notes that something unknown was asked for.
    pub(super) fn guess(&self) {
        self.guessed.set(true);
    }

    /// The Boolean value of a variable; `None` if it is unknown or no Boolean.
    pub(super) fn is_on(&self, name: &str) -> Option<bool> {
        super::command::boolean(self.values.get(name.as_bytes())?.as_deref()?)
    }
}

impl Variables for Known {
    fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        if self.unset.get() {
            return None;
        }
        match self.values.get(name) {
            Some(Some(value)) => return Some(value.clone()),
            Some(None) => self.guess(),
            None if self.prefixes.iter().any(|prefix| name.starts_with(prefix)) => self.guess(),
            None => {}
        }
        None
    }
}
