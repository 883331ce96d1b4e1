//! JSON lines: one object per event, for machines.

use crate::error::Error;
use crate::event::{ErrorData, Event, Listener};
use std::io::Write;

/// Writes every event as one line of JSON.
#[derive(Debug)]
pub struct JsonLines<W: Write> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    /// A listener that writes to `out`.
    pub fn new(out: W) -> Self {
        JsonLines { out }
    }
}

impl<W: Write> Listener for JsonLines<W> {
    fn tell(&mut self, event: &Event) {
        if let Ok(line) = serde_json::to_string(event) {
            // A reader that went away ends the output, not the run.
            let _ = writeln!(self.out, "{line}");
        }
    }
}

/// An error as one line of JSON, as every command ends with under `--format json`.
#[must_use]
pub fn error_line(error: &Error) -> String {
    let data = serde_json::json!({ "event": "error", "error": ErrorData::from(error) });
    data.to_string()
}
