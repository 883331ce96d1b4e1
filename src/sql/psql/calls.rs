//! What commands mean for a script that is walked through without running it.
//!
//! Knows: psql's commands. Must never know: how files are read, or a connection.

use super::argument::{Argument, ArgumentKind};
use super::command::{Reach, boolean};
use super::kind::{StatementKind, kind};
use super::survey::{Branch, File, Taken, Walk, join};

impl Walk<'_> {
    /// Does what a command does to the walk; false where it ends the file.
    pub(super) fn command(&mut self, file: &mut File<'_>, name: &[u8], line: usize) -> bool {
        let Some((reach, needs)) = self.reach(file, name, line) else {
            file.scanner.skip_line();
            return true;
        };
        self.known.take_guessed();
        if reach == Reach::Branch {
            self.branch(file, name, line);
            file.scanner.finish_command();
            return true;
        }
        let first = match reach {
            Reach::Copy | Reach::Shell => ArgumentKind::WholeLine,
            Reach::Send | Reach::Output if takes_file(name) => ArgumentKind::Filepipe,
            Reach::Buffer => ArgumentKind::Filepipe,
            _ => ArgumentKind::Normal,
        };
        let arguments = self.arguments(file, first);
        file.scanner.finish_command();
        if !file.is_active() {
            return true;
        }
        let shown = String::from_utf8_lossy(name).into_owned();
        if arguments.len() < needs {
            let message = format!("\\{shown} lacks an argument");
            match reach {
                Reach::Shell => {
                    let message = "\\! without a command opens a shell, which cannot be done here".to_owned();
                    self.refuse(file, line, "script.command", message, "name the command, or remove it");
                }
                _ => self.problem(file, line, "script.command", message, "add it"),
            }
            return true;
        }
        self.act(file, name, line, reach, &arguments)
    }

    /// The arguments of a command; an unknown value among them is noted.
    fn arguments(&mut self, file: &mut File<'_>, first: ArgumentKind) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut kind =
            if file.is_active() || first != ArgumentKind::Normal { first } else { ArgumentKind::NoEval };
        while let Some(argument) = self.argument(file, kind) {
            all.push(argument.text);
            if kind == ArgumentKind::Filepipe {
                kind = ArgumentKind::Normal;
            }
        }
        all
    }

    fn argument(&mut self, file: &mut File<'_>, kind: ArgumentKind) -> Option<Argument> {
        let known = &self.known;
        let mut shelled = false;
        let mut backtick = |_: &[u8]| {
            known.guess();
            shelled = true;
            None
        };
        let argument = file.scanner.argument(kind, known, &mut backtick);
        self.writes_files |= shelled && file.is_active();
        argument
    }

    fn act(
        &mut self,
        file: &mut File<'_>,
        name: &[u8],
        line: usize,
        reach: Reach,
        arguments: &[Vec<u8>],
    ) -> bool {
        let guessed = self.known.take_guessed();
        self.survey.needs_look |= guessed;
        self.survey.result_decides |= guessed;
        let argument = |at: usize| arguments.get(at).map(Vec::as_slice).unwrap_or_default();
        match reach {
            Reach::Quit => return false,
            Reach::Client => self.client(file, name, arguments, guessed),
            Reach::Send => self.sends(file, name, arguments),
            Reach::Buffer if matches!(name, b"r" | b"reset") => file.scanner.reset_pending(),
            Reach::Buffer => self.writes_files |= matches!(name, b"w" | b"write"),
            Reach::Include if guessed => {
                self.course.refuse("it reads a file whose name is known only then");
            }
            Reach::Include => {
                let path = String::from_utf8_lossy(argument(0)).into_owned();
                let relative = matches!(name, b"ir" | b"include_relative");
                let beside = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                self.include(file, &join(if relative { beside } else { "" }, &path), line);
            }
            Reach::Copy => self.copy(file, argument(0)),
            Reach::Connect => {
                self.survey.needs_look = true;
                self.survey.needs_new_session = true;
                self.course.refuse("it connects elsewhere");
            }
            Reach::Shell => {
                self.writes_files = true;
                self.course.refuse("it uses \\!, which reaches outside the database");
            }
            Reach::Output if matches!(name, b"o" | b"out") => {
                self.survey.needs_look = true;
                self.writes_files |= !arguments.is_empty();
            }
            Reach::Output | Reach::Branch => {}
        }
        true
    }

    /// Variables, the folder, the encoding.
    fn client(&mut self, file: &File<'_>, name: &[u8], arguments: &[Vec<u8>], guessed: bool) {
        let Some((first, rest)) = arguments.split_first() else {
            if name == b"cd" {
                self.course.refuse("it goes to the home folder");
            }
            return;
        };
        // Whether it is set depends on a result, or what to.
        let sure = file.is_certain() && !guessed;
        match name {
            b"set" => self.known.set(first.clone(), sure.then(|| rest.concat())),
            b"unset" if sure => self.known.unset(first),
            b"unset" | b"getenv" => self.known.set(first.clone(), None),
            b"prompt" => {
                self.survey.needs_look = true;
                self.known.set(rest.first().unwrap_or(first).clone(), None);
            }
            b"cd" if sure => self.folder = join(&self.folder, &String::from_utf8_lossy(first)),
            b"cd" => self.course.refuse("it goes to a folder whose name is known only then"),
            _ => {}
        }
        if !matches!(name, b"set" | b"unset") {
            return;
        }
        match first.as_slice() {
            b"ON_ERROR_STOP" if self.known.is_on("ON_ERROR_STOP") != Some(true) => {
                self.course.refuse("ON_ERROR_STOP is switched off, so that statements may fail one by one");
            }
            b"AUTOCOMMIT" => self.course.autocommit_off |= self.known.is_on("AUTOCOMMIT") != Some(true),
            _ => {}
        }
    }

    /// `\g` and its like.
    fn sends(&mut self, file: &mut File<'_>, name: &[u8], arguments: &[Vec<u8>]) {
        self.writes_files |= matches!(name, b"g" | b"gx") && !arguments.is_empty();
        match name {
            b"gdesc" => {
                // Nothing is executed.
                self.survey.needs_look = true;
                let pending = file.scanner.take_pending();
                if !pending.is_empty() {
                    file.last = pending;
                }
            }
            b"gset" => {
                self.send(file);
                self.survey.needs_look = true;
                self.survey.result_decides = true;
                self.known.set_by_result(arguments.first().cloned().unwrap_or_default());
            }
            b"gexec" => {
                self.send(file);
                self.survey.needs_look = true;
                self.survey.result_decides = true;
                if !self.course.is_open() {
                    self.course.refuse("\\gexec runs statements that are known only then");
                }
            }
            _ => self.send(file),
        }
    }

    /// `\copy`: from the script's own lines, or from a file.
    fn copy(&mut self, file: &mut File<'_>, line: &[u8]) {
        self.survey.needs_look = true;
        let kind = kind(&[b"COPY ", line].concat());
        self.course.statement(&StatementKind::Other, line, file.is_certain());
        match kind {
            StatementKind::CopyFromStdin => while file.scanner.copy_line().is_some() {},
            _ => self.writes_files = true,
        }
    }

    /// `\if`, `\elif`, `\else`, `\endif`.
    fn branch(&mut self, file: &mut File<'_>, name: &[u8], line: usize) {
        let saved = file.scanner.save();
        if name == b"if" {
            let taken = match file.is_active() {
                true => self.condition(file),
                false => {
                    self.arguments(file, ArgumentKind::NoEval);
                    Taken::Never
                }
            };
            file.branches.push(Branch { taken, saved, line, in_else: false });
            return;
        }
        let shown = String::from_utf8_lossy(name).into_owned();
        let Some(mut branch) = file.branches.pop() else {
            self.problem(file, line, "script.branch", format!("\\{shown} without \\if"), "remove it");
            self.arguments(file, ArgumentKind::NoEval);
            return;
        };
        if branch.in_else && name != b"endif" {
            self.problem(file, line, "script.branch", format!("\\{shown} after \\else"), "remove it");
        }
        match (branch.taken, name) {
            (Taken::Yes | Taken::Perhaps, b"endif") => {}
            (Taken::Yes, _) => branch.saved = saved,
            _ => file.scanner.restore(branch.saved),
        }
        branch.in_else |= name == b"else";
        branch.taken = match (branch.taken, name) {
            (Taken::NotYet, b"else") => Taken::Yes,
            (Taken::NotYet, b"elif") if file.is_active() => self.condition(file),
            (Taken::Perhaps, _) => Taken::Perhaps,
            (Taken::NotYet, _) => Taken::NotYet,
            (Taken::Yes | Taken::Never, _) => Taken::Never,
        };
        self.known.unset.set(true);
        self.arguments(file, ArgumentKind::NoEval);
        if name != b"endif" {
            file.branches.push(branch);
        }
    }

    /// Evaluates the condition of `\if` or `\elif`.
    fn condition(&mut self, file: &mut File<'_>) -> Taken {
        self.known.unset.set(false);
        self.known.take_guessed();
        let words = self.arguments(file, ArgumentKind::Normal);
        if self.known.take_guessed() {
            self.survey.needs_look = true;
            self.survey.result_decides = true;
            return Taken::Perhaps;
        }
        match boolean(&words.join(&b' ')) {
            Some(true) => Taken::Yes,
            _ => Taken::NotYet,
        }
    }
}

/// Commands whose first argument may be a file or a pipe.
fn takes_file(name: &[u8]) -> bool {
    matches!(name, b"g" | b"gx" | b"o" | b"out")
}
