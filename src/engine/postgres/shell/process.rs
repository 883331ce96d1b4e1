//! Programs that a script starts, and the environment they see.
//!
//! Knows: processes, paths. Must never know: what a program is started for.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// What the script changed in the environment.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment(BTreeMap<String, Option<String>>);

impl Environment {
    /// The value of a variable, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<OsString> {
        match self.0.get(name) {
            Some(value) => value.as_ref().map(OsString::from),
            None => std::env::var_os(name),
        }
    }

    /// The same as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.into_string().ok()
    }

    /// Sets a variable, or unsets it.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        self.0.insert(name.to_owned(), value.map(str::to_owned));
    }

    /// The shell, about to run `command` in `folder`.
    pub(super) fn shell(&self, command: &[u8], folder: &Path) -> Command {
        let (interpreter, option) = if cfg!(windows) { ("cmd", "/C") } else { ("/bin/sh", "-c") };
        let mut program = Command::new(interpreter);
        program.arg(option).arg(os_text(command));
        program.current_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        for (name, value) in &self.0 {
            match value {
                Some(value) => program.env(name, value),
                None => program.env_remove(name),
            };
        }
        program
    }

    /// Runs a command to its end; what it printed on both its outputs.
    pub(super) fn capture(
        &self,
        command: &[u8],
        folder: &Path,
    ) -> io::Result<(Vec<u8>, Vec<u8>, ExitStatus)> {
        let done = self.shell(command, folder).stdin(Stdio::inherit()).output()?;
        Ok((done.stdout, done.stderr, done.status))
    }

    /// The same, without what is superfluous in it, as psql names files in its messages.
    pub(super) fn tidy_path(&self, written: &[u8]) -> String {
        crate::sql::psql::canonical(&self.path(written).to_string_lossy())
    }

    /// A path as written in a script: `~` is the user's home.
    pub(super) fn path(&self, written: &[u8]) -> PathBuf {
        let home = || self.get("HOME").filter(|home| !home.is_empty());
        match written {
            [b'~'] => home().map_or_else(|| PathBuf::from("~"), PathBuf::from),
            [b'~', b'/', rest @ ..] => match home() {
                Some(home) => Path::new(&home).join(os_text(rest)),
                None => PathBuf::from(os_text(written)),
            },
            _ => PathBuf::from(os_text(written)),
        }
    }
}

/// Bytes as the system takes them for a path or an argument.
pub(super) fn os_text(bytes: &[u8]) -> OsString {
    #[cfg(unix)]
    {
        <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).to_owned()
    }
    #[cfg(not(unix))]
    {
        OsString::from(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The bytes of what the system gave.
pub(super) fn bytes_of(text: &OsStr) -> Vec<u8> {
    #[cfg(unix)]
    {
        std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
    }
    #[cfg(not(unix))]
    {
        text.to_string_lossy().into_owned().into_bytes()
    }
}

/// The system's own words for what went wrong, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// How a program ended, unless well.
pub(super) fn ending(status: ExitStatus) -> Option<String> {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Some(format!("child process was terminated by signal {signal}"));
    }
    match status.code() {
        Some(0) => None,
        Some(126) => Some("command not executable".into()),
        Some(127) => Some("command not found".into()),
        Some(code) => Some(format!("child process exited with exit code {code}")),
        None => Some("child process ended in an unknown way".into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_of_the_scripts_environment() {
        let mut environment = Environment::default();
        environment.set("HOME", Some("/home/x"));
        assert_eq!(environment.path(b"~/a.sql"), Path::new("/home/x/a.sql"));
        assert_eq!(environment.path(b"~"), Path::new("/home/x"));
        assert_eq!(environment.path(b"a~b"), Path::new("a~b"));
        environment.set("HOME", None);
        assert_eq!(environment.path(b"~/a.sql"), Path::new("~/a.sql"));
    }

    #[test]
    fn the_number_of_a_system_error_is_not_shown() {
        let error = std::fs::read("/nonexistent/x").unwrap_err();
        assert_eq!(reason(&error), "No such file or directory");
    }
}
