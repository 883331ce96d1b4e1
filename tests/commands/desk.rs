//! A project in a folder of its own, and the program run in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than any run may take: a run that hangs is a failure, not a wait.
const PATIENCE: Duration = Duration::from_secs(100);

/// A folder with a project in it, and an empty home beside it.
pub(crate) struct Desk {
    folder: TempDir,
    /// More variables for the program.
    pub(crate) env: Vec<(String, OsString)>,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// An empty folder.
    pub(crate) fn empty() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        for name in ["project", "home"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Desk { folder, env: Vec::new() }
    }

    /// A project `acme` for SQLite without changes; its database is `app.db`.
    pub(crate) fn new() -> Desk {
        let desk = Desk::empty();
        desk.change(["init", "acme", "--engine", "sqlite", "--target", "db:sqlite:app.db"]).succeeds();
        desk
    }

    /// A project with these changes planned, each with real scripts for a table of its name.
    pub(crate) fn with(names: &[&str]) -> Desk {
        let desk = Desk::new();
        for name in names {
            desk.plan(name);
        }
        desk
    }

    /// Plans a change that makes a table of its name.
    pub(crate) fn plan(&self, name: &str) {
        self.change(["add", name, "--note", &format!("Adds {name}.")]).succeeds();
        self.write(
            &format!("deploy/{name}.sql"),
            format!("CREATE TABLE \"{name}\" (id INTEGER PRIMARY KEY, x TEXT);\n"),
        );
        self.write(&format!("revert/{name}.sql"), format!("DROP TABLE \"{name}\";\n"));
        self.write(&format!("verify/{name}.sql"), format!("SELECT id, x FROM \"{name}\" WHERE 0;\n"));
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn append(&self, path: &str, text: &str) {
        self.write(path, self.read(path) + text);
    }

    /// Every file of the project with what it holds, folders without.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(self.root()) {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(self.root()).unwrap().display().to_string();
            let content =
                if entry.file_type().is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            files.insert(name, content);
        }
        files
    }

    /// Runs the program in the project.
    pub(crate) fn change<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.change_in(&self.root(), args)
    }

    /// Runs the program in a folder.
    pub(crate) fn change_in<S: AsRef<OsStr>>(&self, folder: &Path, args: impl IntoIterator<Item = S>) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_change"));
        command.current_dir(folder).args(args);
        Run::of(&command.output().unwrap())
    }

    /// Runs the program through the shell, where the first `change` stands for it.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let mut command = self.command("sh");
        command
            .current_dir(self.root())
            .args(["-c", &line.replacen("change ", concat!(env!("CARGO_BIN_EXE_change"), " "), 1)]);
        Run::of(&command.output().unwrap())
    }

    fn command(&self, program: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(program);
        command.env_clear().timeout(PATIENCE);
        for name in ["PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.folder.path().join("home"))
            .env("SQITCH_FULLNAME", "Vera Tester")
            .env("SQITCH_EMAIL", "vera@example.org")
            .env("SQITCH_SYSTEM_CONFIG", "/nonexistent")
            .env("SQITCH_USER_CONFIG", "/nonexistent")
            .env("NO_COLOR", "1")
            .env("TZ", "UTC");
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }

    /// The values of the first column of a query.
    pub(crate) fn query(&self, file: &str, sql: &str) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.path(file)).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let text = |row: &rusqlite::Row<'_>| {
            row.get::<_, rusqlite::types::Value>(0).map(|value| format!("{value:?}"))
        };
        let values = statement.query_map([], text).unwrap().map(|value| value.unwrap());
        values.map(|value| value.trim_start_matches("Text(\"").trim_end_matches("\")").to_owned()).collect()
    }

    /// The names of the deployed changes, in order.
    pub(crate) fn deployed(&self) -> Vec<String> {
        self.query("sqitch.db", "SELECT change FROM changes ORDER BY committed_at")
    }

    /// The user's tables.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.query(
            "app.db",
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        )
    }
}

impl Run {
    pub(crate) fn of(output: &std::process::Output) -> Run {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let status = output
            .status
            .code()
            .unwrap_or_else(|| panic!("it was killed: {:?}\n{out}\n{err}", output.status));
        assert!(
            !err.contains("a bug in change") && !err.contains("panicked") && status != 101,
            "it panicked: {out}\n{err}"
        );
        Run { status, out, err }
    }

    /// Asserts the exit status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Run {
        assert_eq!(self.status, status, "exit status\n--- stdout\n{}--- stderr\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Run {
        self.exits(0)
    }

    /// Asserts that it failed and told why on standard error.
    #[track_caller]
    pub(crate) fn fails(self) -> Run {
        assert!(self.status != 0, "it succeeded\n--- stdout\n{}--- stderr\n{}", self.out, self.err);
        assert!(
            self.err.contains("error") || self.err.contains("Usage"),
            "it does not say why\n{}\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Asserts that standard output holds a text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Run {
        assert!(
            self.out.contains(text),
            "{text:?} is not said\n--- stdout\n{}--- stderr\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Asserts that standard error holds a text.
    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Run {
        assert!(
            self.err.contains(text),
            "{text:?} is not complained of\n--- stdout\n{}--- stderr\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Asserts that a text is nowhere in what it printed.
    #[track_caller]
    pub(crate) fn hides(self, text: &str) -> Run {
        assert!(
            !self.out.contains(text) && !self.err.contains(text),
            "{text:?} is shown\n--- stdout\n{}--- stderr\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        let lines = self.out.lines().map(|line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{}", self.out))
        });
        let lines: Vec<serde_json::Value> = lines.collect();
        assert!(!lines.is_empty(), "nothing is said\n{}", self.err);
        lines
    }
}
