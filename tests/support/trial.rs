//! A project in a folder of its own that is deployed under adverse conditions, and the question
//! that is asked afterwards: do registry and schema agree?

// Each test file uses a part of this one.
#![allow(dead_code)]

use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A planned change with its scripts, and what is there when it is deployed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub(crate) name: String,
    pub(crate) deploy: String,
    pub(crate) verify: String,
    pub(crate) revert: String,
    pub(crate) tag: Option<String>,
    /// Names in `sqlite_schema` that the change makes.
    pub(crate) objects: Vec<String>,
    /// The table that it writes to, and how many rows there are then.
    pub(crate) rows: Option<(String, i64)>,
}

impl Change {
    pub(crate) fn new(name: &str, deploy: &str, verify: &str, revert: &str) -> Change {
        let [deploy, verify, revert] = [deploy, verify, revert].map(|text| format!("{text}\n"));
        Change { name: name.to_owned(), deploy, verify, revert, ..Change::default() }
    }

    pub(crate) fn makes(mut self, objects: &[&str]) -> Change {
        self.objects = objects.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub(crate) fn fills(mut self, table: &str, rows: i64) -> Change {
        self.rows = Some((table.to_owned(), rows));
        self
    }

    pub(crate) fn tagged(mut self, tag: &str) -> Change {
        self.tag = Some(tag.to_owned());
        self
    }

    /// A change of one transaction: a table, an index, a row and a view.
    pub(crate) fn whole(name: &str) -> Change {
        Change::new(
            name,
            &format!(
                "BEGIN;\nCREATE TABLE t_{name} (id INTEGER PRIMARY KEY, x TEXT);\n\
                 CREATE INDEX i_{name} ON t_{name} (x);\nINSERT INTO t_{name} (x) VALUES ('one');\n\
                 CREATE VIEW v_{name} AS SELECT x FROM t_{name};\nCOMMIT;"
            ),
            &format!("SELECT x FROM v_{name} WHERE 0;"),
            &format!("BEGIN;\nDROP VIEW v_{name};\nDROP TABLE t_{name};\nCOMMIT;"),
        )
        .makes(&[&format!("t_{name}"), &format!("i_{name}"), &format!("v_{name}")])
        .fills(&format!("t_{name}"), 1)
    }
}

/// Three changes of one transaction: its own, none written, and one with a tag.
pub(crate) fn atomic() -> Vec<Change> {
    let plain = Change::new(
        "plain",
        "CREATE TABLE plain (id INTEGER PRIMARY KEY);\nINSERT INTO plain DEFAULT VALUES;",
        "SELECT id FROM plain;",
        "DROP TABLE plain;",
    );
    vec![Change::whole("a"), plain.makes(&["plain"]).fills("plain", 1), Change::whole("c")]
}

/// A change that cannot be one transaction, between two that can.
pub(crate) fn with_stepwise() -> Vec<Change> {
    let steps = Change::new(
        "steps",
        "BEGIN;\nCREATE TABLE one (x);\nINSERT INTO one VALUES (1);\nCOMMIT;\nVACUUM;\nPRAGMA journal_mode = TRUNCATE;\n\
         BEGIN;\nCREATE TABLE two (x);\nINSERT INTO two VALUES (1);\nCOMMIT;\nINSERT INTO one VALUES (2);",
        "SELECT x FROM one;\nSELECT x FROM two;",
        "BEGIN;\nDROP TABLE one;\nCOMMIT;\nVACUUM;\nDROP TABLE two;",
    );
    vec![
        Change::whole("a"),
        Change::whole("b"),
        steps.makes(&["one", "two"]).fills("one", 2),
        Change::whole("c"),
    ]
}

/// How a program ended and what it said.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    /// None if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Fails unless it went well.
    #[track_caller]
    pub(crate) fn ok(self) -> Done {
        self.ends(0)
    }

    /// Fails unless it ended with this status.
    #[track_caller]
    pub(crate) fn ends(self, status: i32) -> Done {
        assert_eq!(self.status, Some(status), "\n{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Done {
        let all = format!("{}{}", self.out, self.err);
        assert!(all.contains(text), "\"{text}\" is not in:\n{all}");
        self
    }
}

/// A project on disk.
pub(crate) struct Trial {
    folder: TempDir,
    registry: &'static str,
    pub(crate) changes: Vec<Change>,
}

impl Trial {
    /// A project with these changes, planned one after the other.
    pub(crate) fn new(changes: &[Change]) -> Trial {
        let trial = Trial { folder: folder(), registry: "sqitch.db", changes: changes.to_vec() };
        trial.write(
            "change.toml",
            "[core]\nengine = \"sqlite\"\n[engine.sqlite]\ntarget = \"db:sqlite:app.db\"\n",
        );
        let mut plan = "%syntax-version=1.0.0\n%project=trial\n\n".to_owned();
        for change in changes {
            let who = "2026-01-01T00:00:00Z Vera Tester <vera@example.org>";
            plan.push_str(&format!("{} {who} # A change.\n", change.name));
            if let Some(tag) = &change.tag {
                plan.push_str(&format!("@{tag} {who} # A tag.\n"));
            }
            for (folder, text) in
                [("deploy", &change.deploy), ("verify", &change.verify), ("revert", &change.revert)]
            {
                trial.write(&format!("{folder}/{}.sql", change.name), text);
            }
        }
        trial.write("sqitch.plan", &plan);
        trial
    }

    /// The same files once more, elsewhere.
    pub(crate) fn twin(&self) -> Trial {
        let folder = folder();
        copy(self.folder.path(), folder.path());
        Trial { folder, registry: self.registry, changes: self.changes.clone() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A database of the project, for looking and for preparing.
    pub(crate) fn database(&self, name: &str) -> Connection {
        Connection::open(self.path(name)).unwrap()
    }

    /// The registry, for looking.
    pub(crate) fn registry(&self) -> Connection {
        self.database(self.registry)
    }

    /// The registry in the application's own file.
    pub(crate) fn sharing_one_file(mut self) -> Trial {
        let settings = format!("{}registry = \"app\"\n", self.read("change.toml"));
        self.write("change.toml", &settings);
        self.registry = "app.db";
        self
    }

    /// The registry's file in WAL mode, before anything is deployed.
    pub(crate) fn with_registry_in_wal_mode(self) -> Trial {
        self.registry().execute_batch("PRAGMA journal_mode = WAL").unwrap();
        self
    }

    /// The application's file in WAL mode, before anything is deployed.
    pub(crate) fn in_wal_mode(self) -> Trial {
        let mode: String =
            self.database("app.db").query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        self
    }

    /// `change` with these words, about to be started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_change"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.folder.path())
            .env("SQITCH_SYSTEM_CONFIG", "/nonexistent")
            .env("SQITCH_USER_CONFIG", "/nonexistent")
            .env("SQITCH_FULLNAME", "Vera Tester")
            .env("SQITCH_EMAIL", "vera@example.org")
            .env("NO_COLOR", "1")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Done {
        finish(&mut self.command(words))
    }

    /// Runs with the `n`-th point of the seam broken in this way: `fail` or `exit`.
    pub(crate) fn run_broken(&self, words: &[&str], how: &str, n: usize) -> Done {
        finish(self.command(words).env("CHANGE_FAULT", format!("{how}:{n}")))
    }

    /// The change that `status` says is in doubt, or is committed and not yet recorded.
    pub(crate) fn named_by_status(&self) -> Option<String> {
        let status = self.run(&["status", "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(status.out.trim()).ok()?;
        let name = |key: &str| json[key]["change"].as_str().map(str::to_owned);
        let in_doubt = name("in_doubt");
        assert!(in_doubt.is_none() || status.status == Some(4), "in doubt, but status {:?}", status.status);
        in_doubt.or_else(|| name("unrecorded"))
    }

    /// Names of what is recorded as deployed.
    pub(crate) fn recorded(&self) -> Vec<String> {
        if !self.path(self.registry).exists() {
            return Vec::new();
        }
        let registry = self.registry();
        let Ok(mut query) = registry.prepare("SELECT change FROM changes ORDER BY committed_at, rowid")
        else {
            return Vec::new();
        };
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Fails unless every recorded change is there and no other, or `status` names the one change
    /// of which that cannot be said.
    #[track_caller]
    pub(crate) fn agrees(&self, after: &str) {
        let recorded = self.recorded();
        let there = self.objects();
        let odd: Vec<&Change> =
            self.changes.iter().filter(|change| !self.is_as_recorded(change, &recorded, &there)).collect();
        match odd.as_slice() {
            [] => {}
            [one] => assert_eq!(
                self.named_by_status().as_ref(),
                Some(&one.name),
                "{after}: registry and schema differ in {}, and status does not say so;\nrecorded {recorded:?}\nthere {there:?}",
                one.name
            ),
            many => {
                let names: Vec<&str> = many.iter().map(|change| change.name.as_str()).collect();
                panic!(
                    "{after}: registry and schema differ in {names:?};\nrecorded {recorded:?}\nthere {there:?}"
                )
            }
        }
        self.tags_agree(after, &recorded);
        self.sound(after);
    }

    /// Fails unless everything planned is deployed, once, and nothing of a run is left behind.
    #[track_caller]
    pub(crate) fn complete(&self, after: &str) {
        let planned: Vec<String> = self.changes.iter().map(|change| change.name.clone()).collect();
        assert_eq!(self.recorded(), planned, "{after}");
        self.settled(after);
    }

    /// Fails unless nothing is deployed and nothing of a run is left behind.
    #[track_caller]
    pub(crate) fn empty(&self, after: &str) {
        assert!(self.recorded().is_empty(), "{after}: {:?}", self.recorded());
        self.settled(after);
    }

    /// Fails if anything of a run is left behind.
    #[track_caller]
    pub(crate) fn settled(&self, after: &str) {
        self.agrees(after);
        assert_eq!(self.open_steps(), 0, "{after}: the journal holds an open step");
        assert!(!self.objects().contains("change_commits"), "{after}: a mark was left");
        let left: Vec<String> = files(self.folder.path())
            .into_iter()
            // What SQLite was killed with in hand may stay: a journal that it had not begun to fill, or
            // a super-journal that no journal names. It takes neither for anything, so they are no trace.
            .filter(|name| [".lock", ".new"].iter().any(|end| name.contains(end)))
            .collect();
        assert!(left.is_empty(), "{after}: left over: {left:?}");
    }

    /// How many steps of the journal are neither done nor settled.
    fn open_steps(&self) -> i64 {
        let sql = "SELECT count(*) FROM change_steps WHERE state IN ('running', 'stopped')";
        self.registry().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn objects(&self) -> BTreeSet<String> {
        if !self.path("app.db").exists() {
            return BTreeSet::new();
        }
        let target = self.database("app.db");
        let mut query =
            target.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn is_as_recorded(&self, change: &Change, recorded: &[String], there: &BTreeSet<String>) -> bool {
        let count = change.objects.iter().filter(|name| there.contains(*name)).count();
        if !recorded.contains(&change.name) {
            return count == 0;
        }
        let rows = change.rows.as_ref().is_none_or(|(table, rows)| {
            let sql = format!("SELECT count(*) FROM {table}");
            there.contains(table)
                && self.database("app.db").query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap() == *rows
        });
        count == change.objects.len() && rows
    }

    /// A recorded change has its tag, and no other has.
    #[track_caller]
    fn tags_agree(&self, after: &str, recorded: &[String]) {
        if recorded.is_empty() {
            return;
        }
        let registry = self.registry();
        let mut query = registry.prepare("SELECT tag FROM tags").unwrap();
        let tags: BTreeSet<String> =
            query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let of_recorded = self.changes.iter().filter(|change| recorded.contains(&change.name));
        let wanted: BTreeSet<String> =
            of_recorded.filter_map(|change| Some(format!("@{}", change.tag.as_ref()?))).collect();
        assert_eq!(tags, wanted, "{after}: tags");
    }

    /// Both files are whole, and nobody holds a lock.
    #[track_caller]
    fn sound(&self, after: &str) {
        for name in ["app.db", self.registry].into_iter().filter(|name| self.path(name).exists()) {
            let database =
                Connection::open_with_flags(self.path(name), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            let said: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(said, "ok", "{after}: {name}");
            database.busy_timeout(std::time::Duration::ZERO).unwrap();
            database
                .execute_batch("BEGIN EXCLUSIVE; ROLLBACK")
                .unwrap_or_else(|error| panic!("{after}: {name}: {error}"));
        }
        if let Ok(file) = std::fs::File::open(self.path(&format!("{}.lock", self.registry))) {
            assert!(file.try_lock().is_ok(), "{after}: the lock is held");
        }
    }
}

/// In memory where there is such a place and TMPDIR names no other: no test here cuts the power, and
/// each deploys hundreds of times.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() && std::env::var_os("TMPDIR").is_none() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// How often a test tries: `CHANGE_TRIALS`, or the short form.
pub(crate) fn trials(short: usize) -> usize {
    std::env::var("CHANGE_TRIALS").map_or(short, |text| text.parse().unwrap())
}

/// Breaks the n-th call of a command, for every n and in both ways; `after` looks at what is left,
/// then the command is run again and `healed` looks once more.
pub(crate) fn at_every_point(
    start: &Trial,
    words: &[&str],
    after: impl Fn(&Trial, &str),
    healed: impl Fn(&Trial, &str),
) -> usize {
    let mut points = 0;
    for n in 1.. {
        let trial = start.twin();
        let label = format!("{words:?} exit:{n}");
        let done = trial.run_broken(words, "exit", n);
        if done.status.is_some() {
            // No such point: the run went through.
            done.ok();
            healed(&trial, "undisturbed");
            break;
        }
        points = n;
        after(&trial, &label);
        trial.run(words).ok();
        healed(&trial, &label);
    }
    for n in 1..=points {
        let trial = start.twin();
        let label = format!("{words:?} fail:{n}");
        let done = trial.run_broken(words, "fail", n);
        assert_ne!(done.status, Some(0), "{label} was not noticed: {}{}", done.out, done.err);
        assert!(done.status.is_some(), "{label}: {}", done.err);
        after(&trial, &label);
        trial.run(words).ok();
        healed(&trial, &label);
    }
    points
}

fn finish(command: &mut Command) -> Done {
    done(command.output().unwrap())
}

/// What a finished process says.
pub(crate) fn done(output: std::process::Output) -> Done {
    let done = Done {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!done.err.contains("a bug in change"), "{}", done.err);
    done
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
