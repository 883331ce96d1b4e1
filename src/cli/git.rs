//! The git of the project, asked as a program.

use super::session::Session;
use crate::error::{Error, Kind, Result};
use std::process::{Command, Stdio};

/// The git of the project.
pub(super) struct Git<'a> {
    program: String,
    session: &'a Session,
}

impl<'a> Git<'a> {
    /// The git that the configuration names.
    pub(super) fn of(session: &'a Session) -> Git<'a> {
        Git { program: session.config.trimmed("core.vcs.client").unwrap_or("git").to_owned(), session }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.session.root).stdin(Stdio::null());
        command
    }

    fn failed(&self, words: &[&str], why: &str) -> Error {
        Error::new(Kind::Project, "git.failed", format!("{} {} failed", self.program, words.join(" ")))
            .because(why.trim())
            .hint("core.vcs.client names the program")
    }

    /// What git prints.
    ///
    /// # Errors
    /// When git cannot be run, says no, or prints what is no text.
    pub(super) fn ask(&self, words: &[&str]) -> Result<String> {
        let done = self.command(words).output().map_err(|error| self.failed(words, &error.to_string()))?;
        if !done.status.success() {
            return Err(self.failed(words, &String::from_utf8_lossy(&done.stderr)));
        }
        String::from_utf8(done.stdout).map_err(|error| self.failed(words, &error.to_string()))
    }

    /// What a file held at a commit; none if it was not there.
    ///
    /// # Errors
    /// When there is no such commit.
    pub(super) fn file_at(&self, commit: &str, path: &str) -> Result<Option<String>> {
        self.ask(&["rev-parse", "--verify", "--quiet", &format!("{commit}^{{commit}}")]).map_err(|_| {
            Error::new(Kind::Usage, "git.commit", format!("git knows no commit \"{commit}\""))
                .hint("in CI, fetch it first: git fetch origin BRANCH (and a full clone, fetch-depth: 0)")
        })?;
        let done = self.command(&["show", &format!("{commit}:./{path}")]).output();
        let done = done.map_err(|error| self.failed(&["show"], &error.to_string()))?;
        Ok(done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned()))
    }

    /// The commit from which both the present state and `other` come.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn merge_base(&self, other: &str) -> Result<String> {
        self.ask(&["merge-base", "HEAD", other]).map(|text| text.trim().to_owned())
    }

    /// The files that changed since a commit, as paths from the project's folder; also those not
    /// committed yet.
    ///
    /// # Errors
    /// When git says no.
    pub(super) fn changed_since(&self, commit: &str) -> Result<Vec<String>> {
        let text = self.ask(&["diff", "--name-only", "--relative", commit, "--"])?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Runs git, and shows what it prints.
    ///
    /// # Errors
    /// When it cannot be run, or says no.
    pub(super) fn run(&self, words: &[&str]) -> Result<()> {
        let status = self.command(words).status().map_err(|error| self.failed(words, &error.to_string()))?;
        if status.success() { Ok(()) } else { Err(self.failed(words, &status.to_string())) }
    }
}
