//! Data of `COPY … FROM STDIN`: from the script, or from where `\copy` reads them.
//!
//! Knows: lines, what ends them. Must never know: what they hold.

use super::process::reason;
use super::sink::Sink;
use super::{Level, Run, Shell};
use crate::error::Result;
use std::io::{BufRead, Read};

/// Where the data of a COPY come from or go to.
pub(super) enum Data<'a> {
    /// The lines of the script after the statement; or to where results go.
    Script,
    /// The client's own input.
    Input,
    /// A file or a program.
    Reader(&'a mut dyn Read),
    /// A file or a program; `None` is the caller's standard output.
    Sink(Option<&'a mut Sink>),
}

/// How much is sent at once.
const PIECE: usize = 64 * 1024;

impl Shell {
    /// Sends the data that the server waits for; `false` if they could not be read.
    pub(super) fn copy_in(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        data: &mut Data<'_>,
    ) -> Result<bool> {
        let read = match data {
            Data::Script | Data::Sink(_) => {
                while let Some(line) = level.scanner.copy_line() {
                    run.conn.copy_data(&line);
                }
                // The client stands behind the data now.
                self.line = level.scanner.line();
                level.line = self.line;
                level.echoed = self.line;
                Ok(())
            }
            Data::Input => lines_to_end_mark(&mut *self.input, &mut |bytes| run.conn.copy_data(bytes)),
            Data::Reader(reader) => {
                let mut lines = std::io::BufReader::with_capacity(PIECE, reader);
                lines_to_end_mark(&mut lines, &mut |bytes| run.conn.copy_data(bytes))
            }
        };
        match read {
            Ok(()) => run.conn.copy_done(),
            Err(error) => {
                self.fail(level, format!("could not read the data: {}", reason(&error)));
                run.conn.copy_fail("aborted because of read failure");
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Passes on all lines up to one that is `\.`, or the end.
fn lines_to_end_mark(input: &mut dyn BufRead, send: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
    crate::fault::point("postgres.data").map_err(std::io::Error::other)?;
    let mut pending = Vec::new();
    loop {
        let begun = pending.len();
        let count = input.read_until(b'\n', &mut pending)?;
        let line = pending.get(begun..).unwrap_or_default();
        if count == 0 || matches!(line, b"\\.\n" | b"\\.\r\n") {
            pending.truncate(begun);
            send(&pending);
            return Ok(());
        }
        if pending.len() >= PIECE {
            send(&pending);
            pending.clear();
        }
    }
}
