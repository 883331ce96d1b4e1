//! A script as engines get it.

use std::time::Duration;

/// A script as it was read for running.
#[derive(Debug, Clone)]
pub struct Script {
    /// The path as the user knows it.
    pub path: String,
    /// Its text; what is not UTF-8 is replaced.
    pub text: String,
    /// What it holds if that is not UTF-8.
    pub raw: Option<Vec<u8>>,
    /// The client program that is to run it, if its directives name one.
    pub client: Option<String>,
    /// What its directives say about transactions.
    pub transaction: Option<bool>,
    /// How long its statements may wait for a lock, if its directives say so.
    pub lock_timeout: Option<Duration>,
    /// How long each of its statements may take, if its directives say so.
    pub statement_timeout: Option<Duration>,
}

impl Script {
    /// What it holds, to the byte.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }
}
