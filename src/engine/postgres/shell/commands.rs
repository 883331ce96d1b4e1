//! Which command does what, and the commands that set, ask and print.
//!
//! Knows: the names of psql's commands and their arguments. Must never know: how rows look.

use super::format::{NAMES, Style};
use super::variables::{boolean_for, lossy};
use super::{Level, Run, Shell};
use crate::error::Result;
use crate::sql::psql::ArgumentKind;
use crate::sql::psql::command::{Reach, Support, support};
use std::time::Duration;

/// What follows a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The next piece.
    Done,
    /// What is pending, or was sent last, is to be sent.
    Send,
    /// The end of this file.
    Quit,
    /// It failed, which has been noted.
    Failed,
}

/// What came of a command; an error ends the script in any case.
pub(super) type Ran = Result<After>;

/// Commands of which the whole rest of the line is one argument.
const WHOLE_LINE: [&str; 9] = ["copy", "!", "ef", "ev", "h", "sf", "sf+", "sv", "sv+"];

impl Shell {
    /// Runs the command whose name was read, and reads its line to the end.
    pub(super) fn command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &[u8]) -> Ran {
        crate::fault::point("postgres.command")?;
        let shown = lossy(name);
        let after = match support(name) {
            _ if self.restricted.is_some() && name != b"unrestrict" => {
                self.fail(level, "backslash commands are restricted; only \\unrestrict is allowed");
                After::Failed
            }
            None => {
                self.fail(level, format!("invalid command \\{shown}"));
                After::Failed
            }
            Some(Support::Runs { reach: Reach::Branch, .. }) => self.branch(run, level, &shown)?,
            Some(_) if !level.branches.is_active() => {
                self.ignore(run, level, &shown.to_ascii_lowercase());
                After::Done
            }
            Some(Support::Refused { reason, .. }) => {
                self.fail(level, format!("\\{shown}: {reason}"));
                After::Failed
            }
            Some(Support::Runs { reach, .. }) => self.known_command(run, level, &shown, reach)?,
        };
        if after == After::Failed {
            level.scanner.skip_line();
        } else {
            let extra = level.scanner.finish_command();
            let active = level.branches.is_active();
            for argument in extra.iter().filter(|_| active) {
                let text = format!("\\{}: extra argument \"{}\" ignored", lossy(name), lossy(argument));
                self.say(run, "warning: ", text.as_bytes());
            }
        }
        self.tell_notes(run, level);
        Ok(after)
    }

    /// Reads the arguments of a command in a branch that is not taken.
    fn ignore(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) {
        if WHOLE_LINE.contains(&name) {
            self.argument(run, level, ArgumentKind::WholeLine);
        } else if matches!(name, "g" | "gx" | "o" | "out" | "w" | "write") {
            self.argument(run, level, ArgumentKind::Filepipe);
        }
        self.pass_over(run, level);
    }

    fn known_command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str, reach: Reach) -> Ran {
        match (reach, name) {
            (Reach::Include, _) => self.include(run, level, name),
            (Reach::Connect, _) => self.reconnect(run, level),
            (Reach::Copy, _) => self.client_copy(run, level),
            (Reach::Send | Reach::Buffer, _) => self.buffer_command(run, level, name),
            (Reach::Quit, _) => Ok(After::Quit),
            (Reach::Shell, _) | (_, "cd" | "o" | "out") => self.outside(run, level, name),
            (_, "echo" | "qecho" | "warn") => self.echo(run, level, name),
            (_, "conninfo" | "errverbose" | "encoding") => self.ask(run, level, name),
            (_, "restrict" | "unrestrict") => self.restrict(run, level, name),
            (Reach::Client, _) => self.variable(run, level, name),
            _ => self.look(run, level, name),
        }
    }

    /// `\restrict` and `\unrestrict`, which pg_dump puts around what it writes: in between no other
    /// command is run.
    fn restrict(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let Some(key) = self.bare(run, level, ArgumentKind::Normal).filter(|key| !key.is_empty()) else {
            return self.missing(level, name);
        };
        let why = match &self.restricted {
            None if name == "restrict" => {
                self.restricted = Some(key);
                return Ok(After::Done);
            }
            None => "not currently in restricted mode",
            Some(known) if *known == key => {
                self.restricted = None;
                return Ok(After::Done);
            }
            Some(_) => "wrong key",
        };
        self.fail(level, format!("\\{name}: {why}"));
        Ok(After::Failed)
    }

    pub(super) fn missing(&mut self, level: &Level, name: &str) -> Ran {
        self.fail(level, format!("\\{name}: missing required argument"));
        Ok(After::Failed)
    }

    /// `\echo`, `\qecho`, `\warn`.
    fn echo(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let mut words = Vec::new();
        let mut line_feed = true;
        while let Some(argument) = self.argument(run, level, ArgumentKind::Normal) {
            if words.is_empty() && line_feed && argument.quote.is_none() && argument.text == b"-n" {
                line_feed = false;
            } else {
                words.push(argument.text);
            }
        }
        let mut text = words.join(&b' ');
        if line_feed {
            text.push(b'\n');
        }
        match name {
            "echo" => run.output.stdout(&text),
            "warn" => run.output.stderr(&text),
            _ => self.print(run, level, &text)?,
        }
        Ok(After::Done)
    }

    /// Sets, unsets and lists variables.
    fn variable(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let first = self.text(run, level);
        let Some(first) = first else {
            if name != "set" {
                return self.missing(level, name);
            }
            for (name, value) in self.variables.all() {
                run.output.stdout(&[name, b" = '", value, b"'\n"].concat());
            }
            return Ok(After::Done);
        };
        let set = match name {
            "set" => {
                let mut value = Vec::new();
                while let Some(argument) = self.argument(run, level, ArgumentKind::Normal) {
                    value.extend_from_slice(&argument.text);
                }
                self.assign(&first, Some(&value))
            }
            "unset" => self.variables.set(&first, None),
            "prompt" => return self.prompt(run, level, first),
            _ => {
                let second = self.text(run, level);
                match (name, second) {
                    ("getenv", None) => return self.missing(level, name),
                    ("getenv", Some(from)) => match self.environment.get(&lossy(&from)) {
                        Some(value) => self.assign(&first, Some(&super::process::bytes_of(&value))),
                        None => Ok(()),
                    },
                    _ if first.contains(&b'=') || first.is_empty() || first.contains(&0) => {
                        Err("\\setenv: environment variable name must not contain \"=\"".into())
                    }
                    (_, value) => {
                        self.environment.set(&lossy(&first), value.as_deref().map(lossy).as_deref());
                        Ok(())
                    }
                }
            }
        };
        Ok(self.done(level, set))
    }

    fn assign(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), String> {
        self.variables.set(name, value)?;
        if name == b"SINGLESTEP" && self.variables.is_on("SINGLESTEP") {
            self.variables.put("SINGLESTEP", "off");
            return Err("SINGLESTEP asks a person before each statement".into());
        }
        Ok(())
    }

    /// Success, or a failure that is said.
    pub(super) fn done(&mut self, level: &Level, done: Result<(), String>) -> After {
        match done {
            Ok(()) => After::Done,
            Err(why) => {
                self.fail(level, why);
                After::Failed
            }
        }
    }

    fn prompt(&mut self, run: &mut Run<'_, '_>, level: &mut Level, first: Vec<u8>) -> Ran {
        let name = match self.text(run, level) {
            Some(name) => {
                run.output.stdout(&first);
                name
            }
            None => first,
        };
        let mut line = Vec::new();
        let read = self.input.read_until(b'\n', &mut line);
        if !matches!(read, Ok(count) if count > 0) {
            self.fail(level, "\\prompt: could not read value for variable");
            return Ok(After::Failed);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let set = self.assign(&name, Some(&line));
        Ok(self.done(level, set))
    }

    /// The commands that change how results look.
    fn look(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let kind = ArgumentKind::Normal;
        let value = match name {
            "a" | "H" | "html" => None,
            "C" | "t" | "x" => self.bare(run, level, kind),
            _ => self.text(run, level),
        };
        let value = value.as_deref();
        let turned = |style: Style, name: &'static [u8], other: &'static [u8]| {
            Some(if self.format.style == style { other } else { name })
        };
        let said = match name {
            "timing" => return self.switch_timing(run, level, value),
            "pset" => return self.pset(run, level, value),
            "a" => {
                let value = turned(Style::Aligned, b"aligned", b"unaligned");
                self.format.set("format", value)
            }
            "H" | "html" => {
                let value = turned(Style::Html, b"html", b"aligned");
                self.format.set("format", value)
            }
            "C" => self.format.set("title", value),
            "f" => self.format.set("fieldsep", value),
            other => self.format.set(other, value),
        };
        Ok(self.said(run, level, said))
    }

    /// What a setting says when psql is not quiet, or why it cannot be.
    fn said(&mut self, run: &mut Run<'_, '_>, level: &Level, said: Result<String, String>) -> After {
        match said {
            Ok(text) => {
                if !self.variables.is_on("QUIET") {
                    run.output.stdout(text.as_bytes());
                }
                After::Done
            }
            Err(why) => {
                self.fail(level, why);
                After::Failed
            }
        }
    }

    fn pset(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: Option<&[u8]>) -> Ran {
        let Some(name) = name else {
            for name in NAMES {
                let line = format!("{name:<24} {}\n", self.format.value(name));
                run.output.stdout(line.as_bytes());
            }
            return Ok(After::Done);
        };
        let value = self.text(run, level);
        let said = self.format.set(&lossy(name), value.as_deref());
        Ok(self.said(run, level, said))
    }

    fn switch_timing(&mut self, run: &mut Run<'_, '_>, level: &Level, value: Option<&[u8]>) -> Ran {
        let on = match value {
            Some(value) => boolean_for("\\timing", value),
            None => Ok(!self.timing),
        };
        // psql says how it is now even if it does not understand what it should be.
        let why = on.map(|on| self.timing = on).err();
        let text = format!("Timing is {}.\n", if self.timing { "on" } else { "off" });
        let after = self.said(run, level, Ok(text));
        Ok(why.map_or(after, |why| self.done(level, Err(why))))
    }
}

/// The line that tells how long a statement took.
pub(super) fn timing(elapsed: Duration) -> String {
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    let whole = elapsed.as_secs();
    let seconds = elapsed.as_secs_f64() - (whole / 60 * 60) as f64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    if whole == 0 {
        format!("Time: {milliseconds:.3} ms\n")
    } else if whole < 3600 {
        format!("Time: {milliseconds:.3} ms ({minutes:02}:{seconds:06.3})\n")
    } else if days == 0 {
        format!("Time: {milliseconds:.3} ms ({hours:02}:{minutes:02}:{seconds:06.3})\n")
    } else {
        format!("Time: {milliseconds:.3} ms ({days} d {hours:02}:{minutes:02}:{seconds:06.3})\n")
    }
}
