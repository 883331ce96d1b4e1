//! What a deployment may and may not do, decided on texts and values alone.
//!
//! Knows: the words of scripts, recovery documents and settings. Must never know: files, the
//! clock, databases or the terminal.

pub mod recovery;
pub mod way_back;

use crate::error::{Error, Kind, Result};

/// How a policy answers a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// Stop before anything runs.
    #[default]
    Refuse,
    /// Say so and go on.
    Warn,
    /// Say nothing.
    Off,
}

impl Answer {
    /// Reads the value of `policy.way_back` (`require`, `warn`, `off`) or of another policy key
    /// (`refuse`, `warn`, `off`).
    ///
    /// # Errors
    /// Names the key and the values it can have.
    pub fn parse(key: &str, value: &str) -> Result<Answer> {
        match value {
            "require" | "refuse" => Ok(Answer::Refuse),
            "warn" => Ok(Answer::Warn),
            "off" => Ok(Answer::Off),
            _ => {
                let strict = if key == "policy.way_back" { "require" } else { "refuse" };
                Err(Error::new(Kind::Config, "config.value", format!("{key} cannot be \"{value}\""))
                    .hint(format!("set it to {strict}, warn or off")))
            }
        }
    }
}
