//! Folders in which `change` is started under Sqitch's name.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// One folder to work in at a time, with a home beside it.
pub(crate) struct Desk {
    top: TempDir,
    folder: usize,
    /// Variables of the environment, besides those that are always the same. Without a value they are
    /// taken away.
    pub(crate) env: Vec<(String, Option<String>)>,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// An empty folder.
    pub(crate) fn new() -> Desk {
        let mut desk = Desk { top: tempfile::tempdir().unwrap(), folder: 0, env: Vec::new() };
        std::fs::create_dir(desk.top.path().join("home")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_change"), desk.top.path().join("sqitch")).unwrap();
        desk.move_on();
        desk
    }

    /// Another empty folder, beside the one before.
    pub(crate) fn move_on(&mut self) {
        self.folder += 1;
        std::fs::create_dir(self.path("")).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(self.folder.to_string()).join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The text of a file, if it is there.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path(name)).ok()
    }

    /// Everything below a folder that is a file, or everything that is none.
    pub(crate) fn below(&self, folder: &str, files: bool) -> Vec<String> {
        let top = self.path(folder);
        let entries = walkdir::WalkDir::new(&top).min_depth(1).into_iter().map(Result::unwrap);
        let mut names: Vec<String> = entries
            .filter(|entry| entry.file_type().is_file() == files)
            .map(|entry| entry.path().strip_prefix(&top).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    }

    /// Runs `change` as `sqitch`, with `typed` as all that is typed meanwhile.
    pub(crate) fn run(&self, words: &[&str], typed: &str) -> Run {
        let mut command = Command::new(self.top.path().join("sqitch"));
        command
            .args(words)
            .current_dir(self.path(""))
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.top.path().join("home"))
            .envs([
                ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
                ("SQITCH_USER_CONFIG", "/nonexistent"),
                ("SQITCH_FULLNAME", "Vera Tester"),
                ("SQITCH_EMAIL", "vera@example.org"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("LC_ALL", "C.UTF-8"),
                ("EDITOR", "false"),
                ("TZ", "UTC"),
            ]);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Who asks nothing closes its input early; that is no failure.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let done = child.wait_with_output().unwrap();
        Run {
            status: done.status.code().unwrap_or(-1),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}
