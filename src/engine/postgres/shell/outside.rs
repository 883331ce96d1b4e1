//! Commands that reach outside the script: files, folders, programs.
//!
//! Knows: files and processes. Must never know: the server.

use super::commands::{After, Ran};
use super::process::reason;
use super::sink::Sink;
use super::variables::lossy;
use super::{DEEPEST, Level, Run, Shell};
use crate::sql::psql::{self, ArgumentKind};
use std::path::PathBuf;

impl Shell {
    /// `\i` and `\ir`: another file is run where the command stands.
    pub(super) fn include(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        let Some(written) = self.bare(run, level, ArgumentKind::Normal) else {
            return self.missing(level, name);
        };
        let mut shown = self.environment.tidy_path(&written);
        if name.starts_with("ir") || name == "include_relative" {
            let folder = level.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            shown = psql::join(folder, &shown);
        }
        crate::fault::point("postgres.file")?;
        if self.depth >= DEEPEST {
            self.fail(level, format!("{shown}: the files include one another too deep"));
            return Ok(After::Failed);
        }
        if written == b"-" {
            return self.include_input(run, level);
        }
        let full = self.folder.join(&shown);
        if full.is_dir() {
            let before = (std::mem::replace(&mut self.path, shown), std::mem::take(&mut self.line));
            self.fail(level, "could not read from input file: Is a directory");
            (self.path, self.line) = before;
            return Ok(After::Failed);
        }
        match std::fs::read(full) {
            Ok(text) => {
                self.file(run, &shown, text)?;
                Ok(After::Done)
            }
            Err(error) => {
                self.fail(level, format!("{shown}: {}", reason(&error)));
                Ok(After::Failed)
            }
        }
    }

    /// `\i -`: the client's own input is the file.
    fn include_input(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Ran {
        let mut text = Vec::new();
        match self.input.read_to_end(&mut text) {
            Ok(_) => {
                self.file(run, "<stdin>", text)?;
                Ok(After::Done)
            }
            Err(error) => {
                self.fail(level, format!("could not read from input file: {}", reason(&error)));
                Ok(After::Failed)
            }
        }
    }

    /// `\cd`, `\o`, `\!`.
    pub(super) fn outside(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        match name {
            "cd" => {
                let folder = self.bare(run, level, ArgumentKind::Normal);
                let done = self.change_folder(folder);
                Ok(self.done(level, done))
            }
            "!" => {
                let spot = super::Spot { path: &level.path, line: self.line, offset: None, begins: false };
                (run.gate)(run.conn, super::PAUSES, &spot)?;
                self.run_program(run, level)
            }
            _ => {
                let target = self.bare(run, level, ArgumentKind::Filepipe).filter(|name| !name.is_empty());
                let opened = match &target {
                    Some(target) => Sink::open(target, &self.environment, &self.folder),
                    None => Ok(Sink::Caller),
                };
                match opened {
                    Ok(sink) => {
                        let before = std::mem::replace(&mut self.sink, sink);
                        self.close(run, before);
                        Ok(After::Done)
                    }
                    Err(why) => {
                        self.fail(level, why);
                        Ok(After::Failed)
                    }
                }
            }
        }
    }

    fn change_folder(&mut self, folder: Option<Vec<u8>>) -> Result<(), String> {
        let path = match &folder {
            Some(written) => self.environment.path(written),
            None => match self.environment.get("HOME") {
                Some(home) => PathBuf::from(home),
                None => return Err("\\cd: could not get home directory".into()),
            },
        };
        let full = self.folder.join(&path);
        let trouble = match std::fs::metadata(&full) {
            Ok(found) if found.is_dir() => {
                self.folder = full;
                return Ok(());
            }
            Ok(_) => "Not a directory".to_owned(),
            Err(error) => reason(&error),
        };
        Err(format!("\\cd: could not change directory to \"{}\": {trouble}", path.display()))
    }

    /// `\!`: what a program prints is the script's output; how it ends does not matter.
    fn run_program(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Ran {
        let line = self.argument(run, level, ArgumentKind::WholeLine).map(|argument| argument.text);
        let Some(command) = line.filter(|line| !line.is_empty()) else {
            self.fail(level, "\\! without a command needs a terminal");
            return Ok(After::Failed);
        };
        crate::fault::point("postgres.program")?;
        match self.environment.capture(&command, &self.folder) {
            Ok((stdout, stderr, _)) => {
                run.output.stdout(&stdout);
                run.output.stderr(&stderr);
                Ok(After::Done)
            }
            Err(error) => {
                self.fail(level, format!("\\!: {}: {}", lossy(&command), reason(&error)));
                Ok(After::Failed)
            }
        }
    }
}
