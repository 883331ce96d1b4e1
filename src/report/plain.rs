//! Plain lines, as Sqitch prints them: for pipes, logs and scripts that read them.

use super::diagnostic;
use crate::event::{Action, Event, Listener, Verdict};
use std::io::Write;

/// Writes progress to one stream and trouble to another, in Sqitch's words.
#[derive(Debug)]
pub struct Plain<O: Write, E: Write> {
    out: O,
    err: E,
    quiet: bool,
    colour: bool,
    width: usize,
}

impl<O: Write, E: Write> Plain<O, E> {
    /// A listener. `quiet` leaves out progress, but neither reports of a verification nor trouble.
    pub fn new(out: O, err: E, quiet: bool, colour: bool, width: usize) -> Self {
        Plain { out, err, quiet, colour, width }
    }

    fn say(&mut self, text: &str) {
        // A reader that went away ends the output, not the run.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    fn info(&mut self, text: &str) {
        if !self.quiet {
            self.say(&format!("{text}\n"));
        }
    }

    fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(format!("{text}\n").as_bytes()).and_then(|()| self.err.flush());
    }
}

/// The sign that a change's line begins with.
pub(super) fn sign(action: Action) -> char {
    match action {
        Action::Deploy => '+',
        Action::Revert => '-',
        Action::Verify => '*',
    }
}

/// `  + name .... ` up to where the verdict stands.
pub(super) fn change_line(action: Action, label: &str, width: usize) -> String {
    let dots = ".".repeat(width.saturating_sub(label.chars().count()));
    format!("  {} {label} ..{dots} ", sign(action))
}

/// The line that a run begins with.
pub(super) fn headline(action: Action, destination: &str, limit: Option<&str>) -> String {
    match (action, limit) {
        (Action::Deploy, Some(limit)) => format!("Deploying changes through {limit} to {destination}"),
        (Action::Deploy, None) => format!("Deploying changes to {destination}"),
        (Action::Revert, Some(limit)) => format!("Reverting changes to {limit} from {destination}"),
        (Action::Revert, None) => format!("Reverting all changes from {destination}"),
        (Action::Verify, _) => format!("Verifying {destination}"),
    }
}

impl<O: Write, E: Write> Listener for Plain<O, E> {
    fn tell(&mut self, event: &Event) {
        match event {
            Event::Waiting { destination, holder, seconds } => self.info(&format!(
                "Blocked by another instance working on {destination} ({holder}); waiting {seconds} seconds..."
            )),
            Event::AddingRegistry { destination } => self.info(&format!("Adding registry tables to {destination}")),
            Event::Info { text } | Event::Nothing { text } => self.info(text),
            Event::Warning { text } => self.complain(text),
            Event::Started { asked: true, .. } => {}
            Event::Started { action, destination, limit, .. } => {
                self.info(&headline(*action, destination, limit.as_deref()));
            }
            Event::ChangeStarted { action, label, width, .. } => {
                if !self.quiet || *action == Action::Verify {
                    self.say(&change_line(*action, label, *width));
                }
            }
            Event::Output { stream: "stdout", text } => self.say(text),
            Event::Output { text, .. } => {
                let _ = self.err.write_all(text.as_bytes());
            }
            Event::Remark { text } => self.say(&format!("# {text}\n")),
            Event::ChangeFinished { action, verdict, change_id, .. } => {
                if !self.quiet || *action == Action::Verify {
                    let end = if change_id.is_empty() { " " } else { "\n" };
                    let verdict = if *verdict == Verdict::Ok { "ok" } else { "not ok" };
                    self.say(&format!("{verdict}{end}"));
                }
            }
            Event::Trouble { error } => {
                let text = diagnostic::render(error, self.colour, self.width);
                self.complain(&text);
            }
            Event::RollingBack { to } => self.complain(&match to {
                Some(to) => format!("Reverting to {to}"),
                None => "Reverting all changes".to_owned(),
            }),
            Event::Undeployed { changes } => {
                self.say(if changes.len() == 1 { "Undeployed change:\n" } else { "Undeployed changes:\n" });
                for change in changes {
                    self.say(&format!("  * {change}\n"));
                }
            }
            Event::VerifyReport { changes, errors } => {
                self.say(&format!("\nVerify Summary Report\n---------------------\nChanges: {changes}\nErrors:  {errors}\n"));
            }
            Event::VerifyPassed => self.say("Verify successful\n"),
            Event::Finished { .. } => {}
        }
    }
}
