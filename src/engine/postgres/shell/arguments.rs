//! The arguments of commands, with what has to be run to know them.
//!
//! Knows: the scanner, variables, the shell for backticks. Must never know: what a command does.

use super::process::reason;
use super::variables::lossy;
use super::{Level, Run, Shell};
use crate::sql::psql::{self, Argument, ArgumentKind, Note};

/// No variable is set.
pub(super) struct Unset;

impl psql::Variables for Unset {
    fn get(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

impl Shell {
    /// The next argument. In a branch that is not taken nothing is replaced or run.
    pub(super) fn argument(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        kind: ArgumentKind,
    ) -> Option<Argument> {
        let active = level.branches.is_active();
        let (environment, folder) = (&self.environment, &self.folder);
        let (mut printed, mut troubles) = (Vec::new(), Vec::new());
        let mut backtick = |command: &[u8]| {
            if !active {
                return None;
            }
            match environment.capture(command, folder) {
                Ok((stdout, stderr, _)) => {
                    printed.extend_from_slice(&stderr);
                    Some(stdout)
                }
                Err(error) => {
                    troubles.push(format!("{}: {}", lossy(command), reason(&error)));
                    None
                }
            }
        };
        let variables: &dyn psql::Variables = if active { &self.variables } else { &Unset };
        let argument = level.scanner.argument(kind, variables, &mut backtick);
        run.output.stderr(&printed);
        for trouble in troubles {
            self.say(run, "error: ", trouble.as_bytes());
        }
        self.tell_notes(run, level);
        argument
    }

    /// The next argument's text.
    pub(super) fn text(&mut self, run: &mut Run<'_, '_>, level: &mut Level) -> Option<Vec<u8>> {
        self.argument(run, level, ArgumentKind::Normal).map(|argument| argument.text)
    }

    /// The next argument's text without semicolons at its end.
    pub(super) fn bare(
        &mut self,
        run: &mut Run<'_, '_>,
        level: &mut Level,
        kind: ArgumentKind,
    ) -> Option<Vec<u8>> {
        self.argument(run, level, kind).map(Argument::without_semicolons)
    }

    /// Reads all arguments that are left, without what they stand for.
    pub(super) fn pass_over(&mut self, run: &mut Run<'_, '_>, level: &mut Level) {
        while self.argument(run, level, ArgumentKind::NoEval).is_some() {}
    }

    /// Says what the scanner noticed.
    pub(super) fn tell_notes(&mut self, run: &mut Run<'_, '_>, level: &mut Level) {
        for note in level.scanner.take_notes() {
            let (kind, text) = match note {
                Note::Recursive(name) => {
                    ("warning: ", format!("skipping recursive expansion of variable \"{}\"", lossy(&name)))
                }
                Note::UnterminatedQuote => ("error: ", "unterminated quoted string".to_owned()),
                Note::NotForShell(value) => (
                    "error: ",
                    format!(
                        "shell command argument contains a newline or carriage return: \"{}\"",
                        lossy(&value)
                    ),
                ),
            };
            self.say(run, kind, text.as_bytes());
        }
    }
}
