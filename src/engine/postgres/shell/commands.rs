//! Which command does what, and the commands that set, ask and print.
//!
//! Knows: the names of psql's commands and their arguments. Must never know: how rows look.

use super::format::{NAMES, Style};
use super::variables::{boolean_for, lossy};
use super::{Level, Run, Shell};
use crate::error::Result;
use crate::sql::psql::ArgumentKind;
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

/// Commands that need a person, or that only psql itself can do.
const REFUSED: [(&str, &str); 10] = [
    ("e", "needs an editor"),
    ("edit", "needs an editor"),
    ("ef", "needs an editor"),
    ("ev", "needs an editor"),
    ("s", "needs a history of what was typed"),
    ("password", "needs a terminal"),
    ("watch", "would never end"),
    ("h", "prints psql's own help"),
    ("help", "prints psql's own help"),
    ("?", "prints psql's own help"),
];

/// Commands that print what is in the catalogs. `\d` and its like are told by their first letter.
const LISTINGS: [&str; 7] = ["l", "l+", "list", "list+", "z", "lo_list", "lo_list+"];

/// Commands of which the whole rest of the line is one argument.
const WHOLE_LINE: [&str; 9] = ["copy", "!", "ef", "ev", "sf", "sf+", "sv", "sv+", "help"];

/// The other commands that psql 15 knows.
const KNOWN: [&str; 56] = [
    "a",
    "C",
    "c",
    "connect",
    "cd",
    "conninfo",
    "copyright",
    "crosstabview",
    "echo",
    "qecho",
    "warn",
    "elif",
    "else",
    "endif",
    "encoding",
    "errverbose",
    "f",
    "g",
    "gx",
    "gdesc",
    "getenv",
    "gexec",
    "gset",
    "H",
    "html",
    "i",
    "include",
    "ir",
    "include_relative",
    "if",
    "lo_export",
    "lo_import",
    "lo_unlink",
    "o",
    "out",
    "p",
    "print",
    "prompt",
    "pset",
    "q",
    "quit",
    "r",
    "reset",
    "set",
    "setenv",
    "t",
    "T",
    "timing",
    "unset",
    "w",
    "write",
    "x",
    "h",
    "dt",
    "df",
    "dn",
];

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
        || WHOLE_LINE.contains(&name)
        || LISTINGS.contains(&name)
        || REFUSED.iter().any(|(refused, _)| *refused == name)
        || is_listing(name)
}

/// Whether it is `\d` or one of its like.
fn is_listing(name: &str) -> bool {
    const AFTER_D: [&str; 40] = [
        "", "a", "A", "Ac", "Af", "Ao", "Ap", "b", "c", "C", "config", "d", "D", "ddp", "e", "E", "f", "F",
        "Fd", "Fp", "Ft", "g", "i", "l", "L", "m", "n", "o", "O", "p", "P", "r", "rds", "Rp", "Rs", "s", "t",
        "T", "u", "v",
    ];
    let Some(rest) = name.strip_prefix('d') else { return false };
    let rest = rest.trim_end_matches(['+', 'S']);
    AFTER_D.contains(&rest)
        || ["x", "X", "y"].contains(&rest)
        || (!rest.is_empty() && rest.chars().all(|letter| "tvmsiE".contains(letter)))
        || (rest.starts_with('f') && rest.chars().skip(1).all(|letter| "anptw".contains(letter)))
        || (rest.starts_with('P') && rest.chars().skip(1).all(|letter| "tin".contains(letter)))
}

impl Shell {
    /// Runs the command whose name was read, and reads its line to the end.
    pub(super) fn command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &[u8]) -> Ran {
        crate::fault::point("postgres.command")?;
        let known = std::str::from_utf8(name).ok().filter(|name| is_known(name));
        let after = match known {
            None => {
                self.fail(level, format!("invalid command \\{}", lossy(name)));
                After::Failed
            }
            Some(name @ ("if" | "elif" | "else" | "endif")) => self.branch(run, level, name)?,
            Some(name) if !level.branches.is_active() => {
                self.ignore(run, level, name);
                After::Done
            }
            Some(name) => self.known_command(run, level, name)?,
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
        if WHOLE_LINE.contains(&name) || name == "h" {
            self.argument(run, level, ArgumentKind::WholeLine);
        } else if matches!(name, "g" | "gx" | "o" | "out" | "w" | "write") {
            self.argument(run, level, ArgumentKind::Filepipe);
        }
        self.pass_over(run, level);
    }

    fn known_command(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        match name {
            "i" | "include" | "ir" | "include_relative" => self.include(run, level, name),
            "c" | "connect" => self.reconnect(run, level),
            "copy" => self.client_copy(run, level),
            "g" | "gx" | "gset" | "gexec" | "gdesc" | "crosstabview" | "p" | "print" | "r" | "reset"
            | "w" | "write" => self.buffer_command(run, level, name),
            "q" | "quit" => Ok(After::Quit),
            "echo" | "qecho" | "warn" => self.echo(run, level, name),
            "sf" | "sf+" | "sv" | "sv+" | "lo_import" | "lo_export" | "lo_unlink" => {
                self.object_command(run, level, name)
            }
            "conninfo" | "errverbose" | "copyright" | "encoding" => self.ask(run, level, name),
            "a" | "C" | "f" | "H" | "html" | "pset" | "t" | "T" | "timing" | "x" => {
                self.look(run, level, name)
            }
            "set" | "unset" | "getenv" | "setenv" | "prompt" => self.variable(run, level, name),
            "cd" | "o" | "out" | "!" => self.outside(run, level, name),
            _ => self.refused(level, name),
        }
    }

    fn refused(&mut self, level: &Level, name: &str) -> Ran {
        let why = REFUSED
            .iter()
            .find(|(refused, _)| *refused == name)
            .map_or("prints what is in the catalogs, which change does not", |(_, why)| *why);
        self.fail(level, format!("\\{name} {why}"));
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
                    run.output.stdout(format!("{text}\n").as_bytes());
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
        let said = on.map(|on| {
            self.timing = on;
            format!("Timing is {}.", if on { "on" } else { "off" })
        });
        Ok(self.said(run, level, said))
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
