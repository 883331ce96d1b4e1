//! The branches of `\if`.
//!
//! Knows: which branch is taken, and what the statement looked like when it began. Must never
//! know: variables, messages' places.

use super::commands::{After, Ran};
use super::variables::boolean_for;
use super::{Level, Run, Shell};
use crate::sql::psql::{ArgumentKind, Saved};

/// In which branch of an `\if` the client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A branch that is taken.
    Taken,
    /// None of the branches so far was taken.
    NotYet,
    /// Another branch was taken, or the whole `\if` stands in a branch that is not.
    Passed,
    /// In `\else`, taken or not.
    Else(bool),
}

/// All that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Branches(Vec<(State, Saved)>);

impl Branches {
    /// Whether what is read now is acted on.
    pub(super) fn is_active(&self) -> bool {
        !matches!(self.0.last(), Some((State::NotYet | State::Passed | State::Else(false), _)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn set(&mut self, state: State) {
        if let Some((last, _)) = self.0.last_mut() {
            *last = state;
        }
    }
}

impl Shell {
    /// `\if`, `\elif`, `\else`, `\endif`.
    pub(super) fn branch(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> Ran {
        if name == "if" {
            let state = if level.branches.is_active() { State::Taken } else { State::Passed };
            let saved = level.scanner.save();
            level.branches.0.push((state, saved));
            if state == State::Taken && !self.condition(run, level, "\\if expression") {
                level.branches.set(State::NotYet);
            }
            self.pass_over(run, level);
            return Ok(After::Done);
        }
        let Some((state, saved)) = level.branches.0.last().copied() else {
            self.fail(level, format!("\\{name}: no matching \\if"));
            return Ok(After::Failed);
        };
        if matches!(state, State::Else(_)) && name != "endif" {
            self.fail(level, format!("\\{name}: cannot occur after \\else"));
            return Ok(After::Failed);
        }
        if level.branches.is_active() {
            // What the branch put into the statement stays there.
            let saved = level.scanner.save();
            if let Some((_, last)) = level.branches.0.last_mut() {
                *last = saved;
            }
        } else {
            level.scanner.restore(saved);
        }
        match (name, state) {
            ("endif", _) => {
                level.branches.0.pop();
            }
            ("else", _) => level.branches.set(State::Else(state == State::NotYet)),
            (_, State::NotYet) => {
                level.branches.set(State::Taken);
                if !self.condition(run, level, "\\elif expression") {
                    level.branches.set(State::NotYet);
                }
            }
            _ => {
                level.branches.set(State::Passed);
                self.pass_over(run, level);
            }
        }
        Ok(After::Done)
    }

    /// The whole rest of the line as a yes or no; what is neither is a no, and said.
    fn condition(&mut self, run: &mut Run<'_, '_>, level: &mut Level, name: &str) -> bool {
        let mut text = Vec::new();
        while let Some(argument) = self.argument(run, level, ArgumentKind::Normal) {
            if !text.is_empty() {
                text.push(b' ');
            }
            text.extend_from_slice(&argument.text);
        }
        match boolean_for(name, &text) {
            Ok(yes) => yes,
            Err(why) => {
                self.say(run, "error: ", why.as_bytes());
                false
            }
        }
    }
}
