//! Talking to the person: which face, questions, lines.

use super::{Colour, Global};
use crate::error::{Error, Kind, Result};
use crate::event::Listener;
use crate::report::json::JsonLines;
use crate::report::plain::Plain;
use crate::report::terminal::Terminal;
use std::io::{BufRead, IsTerminal, Write};

/// The code of the error for a standard output that cannot be written.
pub(super) const OUTPUT_FAILED: &str = "output.write";

/// Attempts a person has to answer a question with yes or no.
const ATTEMPTS: usize = 3;

/// How output is to look.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    /// Whether standard output is a terminal that can be drawn on.
    pub terminal: bool,
    /// Whether standard output is coloured.
    pub colour: bool,
    /// Whether standard error is coloured.
    pub colour_err: bool,
    /// Whether progress is left out.
    pub quiet: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Face {
    /// Looks at the terminal, the options and `NO_COLOR`.
    #[must_use]
    pub fn detect(global: &Global) -> Face {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wants = |terminal: bool| match global.color {
            _ if global.no_color => false,
            Colour::Never => false,
            Colour::Always => true,
            Colour::Auto => terminal && !plain && !dumb,
        };
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Face {
            terminal: out && err && !dumb,
            colour: wants(out),
            colour_err: wants(err),
            quiet: global.quiet,
            width: width(),
        }
    }

    /// Who is told what happens during a run.
    #[must_use]
    pub fn listener(&self, json: bool) -> Box<dyn Listener> {
        match (json, self.terminal) {
            (true, _) => Box::new(JsonLines::new(std::io::stdout())),
            (false, true) => Box::new(Terminal::new(self.colour, self.quiet, self.width)),
            (false, false) => Box::new(Plain::new(
                std::io::stdout(),
                std::io::stderr(),
                self.quiet,
                self.colour_err,
                self.width,
            )),
        }
    }
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.filter(|columns| (20..1000).contains(columns)).unwrap_or(100)
}

/// Writes to standard output. A reader that went away ends the output, not the work.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes results to standard output.
///
/// # Errors
/// When the output cannot be written, as on a full disk: then the command did not do what it was
/// asked for. A reader that went away is no error.
pub(super) fn write_out(text: &str) -> Result<()> {
    write_bytes(text.as_bytes())
}

/// The same for what need not be UTF-8.
pub(super) fn write_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Project, OUTPUT_FAILED, "cannot write the output").because(error))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error.
pub(super) fn complain(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
}

/// Asks a yes-or-no question with `say`. Piped answers are read; if there is nobody to answer,
/// nothing is taken for granted.
///
/// # Errors
/// [`Kind::Refused`] when the input ends without an answer; an error after three bad answers.
pub(super) fn ask(question: &str, default: bool, say: fn(&str)) -> Result<bool> {
    let shown = if default { "Yes" } else { "No" };
    for _ in 0..ATTEMPTS {
        say(&format!("{question}? [{shown}] "));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        if read == 0 {
            say("\n");
            return Err(Error::new(
                Kind::Refused,
                "prompt.unattended",
                format!("{question}: there is nobody to ask"),
            )
            .hint("answer in advance with -y if that is what you want"));
        }
        let answer = line.trim().to_ascii_lowercase();
        match answer.as_str() {
            "" => return Ok(default),
            answer if "yes".starts_with(answer) => return Ok(true),
            answer if "no".starts_with(answer) => return Ok(false),
            _ => say("Please answer \"y\" or \"n\".\n"),
        }
    }
    Err(Error::new(Kind::Usage, "prompt.answers", "No valid answer after 3 attempts; aborting"))
}
