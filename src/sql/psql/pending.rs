//! The statement that is being gathered, and where in the file its bytes come from.
//!
//! Knows: bytes and positions. Must never know: what the bytes mean.

use super::source::Spot;

/// Where the bytes of a statement stand in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin(Vec<Run>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where in the statement it begins.
    at: usize,
    /// Where in the file.
    file: usize,
    /// Whether each byte stands in the file, or all come from the variable written there.
    exact: bool,
}

impl Origin {
    /// The offset in the file of the statement's first byte; `None` if that stems from a
    /// variable, or if there is no statement.
    #[must_use]
    pub fn start(&self) -> Option<usize> {
        self.0.first().filter(|run| run.exact).map(|run| run.file)
    }

    /// The offset in the file of the statement's byte at `offset`. For what stems from a variable,
    /// that is where the variable is written.
    #[must_use]
    pub fn in_file(&self, offset: usize) -> Option<usize> {
        let run = self.0.iter().rev().find(|run| run.at <= offset)?;
        Some(if run.exact { run.file + (offset - run.at) } else { run.file })
    }
}

/// The statement so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    pub text: Vec<u8>,
    pub origin: Origin,
    /// The line in which its first byte was read.
    pub start_line: usize,
}

impl Pending {
    pub(super) fn push(&mut self, bytes: &[u8], spot: Spot, line: usize) {
        if bytes.is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.start_line = line;
        }
        let at = self.text.len();
        let goes_on = self.origin.0.last().is_some_and(|run| {
            run.exact == spot.exact
                && if run.exact { run.file + (at - run.at) == spot.offset } else { run.file == spot.offset }
        });
        if !goes_on {
            self.origin.0.push(Run { at, file: spot.offset, exact: spot.exact });
        }
        self.text.extend_from_slice(bytes);
    }

    /// Cuts the statement back to a length it had.
    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.origin.0.retain(|run| run.at < length);
    }
}
