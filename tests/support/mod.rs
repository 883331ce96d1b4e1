//! A project in a folder of its own, on which `change` and the real Sqitch are run alike.

use regex::Regex;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The tables of a registry that are Sqitch's.
pub(crate) const TABLES: [&str; 6] = ["releases", "projects", "changes", "tags", "dependencies", "events"];

/// The two programs that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Change,
    Sqitch,
}

impl Tool {
    pub(crate) fn command(self) -> Command {
        match self {
            Tool::Change => Command::new(env!("CARGO_BIN_EXE_change")),
            Tool::Sqitch => Command::new("sqitch"),
        }
    }
}

/// What a program did.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Fails unless the program went well.
    #[track_caller]
    pub(crate) fn ok(self) -> Done {
        assert_eq!(self.status, 0, "{}{}", self.out, self.err);
        self
    }
}

/// A temporary folder that holds projects and databases, and is the home of who runs the programs.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> World {
        World { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with a project that deploys to `app.db`.
    pub(crate) fn with_plan(plan: &str) -> World {
        let world = World::new();
        world.write(
            "sqitch.conf",
            "[core]\n\tengine = sqlite\n[engine \"sqlite\"]\n\ttarget = db:sqlite:app.db\n",
        );
        world.write("sqitch.plan", plan);
        world
    }

    /// The same files once more, elsewhere.
    pub(crate) fn twin(&self) -> World {
        let twin = World::new();
        copy(self.folder.path(), twin.folder.path());
        twin
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
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The three scripts of a change that makes the table `t_NAME`.
    pub(crate) fn write_table_scripts(&self, name: &str) {
        self.write(&format!("deploy/{name}.sql"), &format!("CREATE TABLE t_{name} (id INTEGER);\n"));
        self.write(&format!("revert/{name}.sql"), &format!("DROP TABLE t_{name};\n"));
        self.write(&format!("verify/{name}.sql"), &format!("SELECT id FROM t_{name} WHERE 0;\n"));
    }

    /// Runs `change` with these words.
    pub(crate) fn change(&self, words: &str) -> Done {
        self.run(Tool::Change, "", &split(words), "")
    }

    /// Runs the real Sqitch with these words.
    pub(crate) fn sqitch(&self, words: &str) -> Done {
        self.run(Tool::Sqitch, "", &split(words), "")
    }

    /// Runs a program in a folder, with `input` as all that is typed.
    pub(crate) fn run(&self, tool: Tool, folder: &str, words: &[&str], input: &str) -> Done {
        let mut child = tool
            .command()
            .args(words)
            .current_dir(self.path(folder))
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([
                ("HOME", self.folder.path().to_str().unwrap()),
                ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
                ("SQITCH_USER_CONFIG", "/nonexistent"),
                ("SQITCH_FULLNAME", "Vera Tester"),
                ("SQITCH_EMAIL", "vera@example.org"),
                ("LC_ALL", "C.UTF-8"),
                ("EDITOR", "false"),
                ("NO_COLOR", "1"),
                ("TZ", "UTC"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| match tool {
                Tool::Sqitch => panic!(
                    "{error}: these tests run the real Sqitch; install it: apt-get install sqitch libdbd-sqlite3-perl sqlite3"
                ),
                Tool::Change => panic!("{error}"),
            });
        // Who asks nothing closes its input early; that is no failure.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        Done {
            status: done.status.code().unwrap_or(-1),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// A connection to one of the databases.
    pub(crate) fn database(&self, name: &str) -> Connection {
        Connection::open(self.path(name)).unwrap()
    }

    /// The rows of Sqitch's tables in `sqitch.db`, comparable: see [`comparable`].
    pub(crate) fn registry(&self) -> Value {
        self.registry_in("sqitch.db")
    }

    /// The same of another file.
    pub(crate) fn registry_in(&self, file: &str) -> Value {
        let db = self.database(file);
        let tables = TABLES.map(|table| (table.to_owned(), Value::Array(rows(&db, table))));
        comparable(&Value::Object(tables.into_iter().collect()))
    }

    /// How Sqitch's tables in `sqitch.db` are laid out: what the database knows of their columns,
    /// keys and checks, without the blanks of who wrote it down.
    pub(crate) fn registry_tables(&self) -> Vec<String> {
        let mut tables = self.registry_sql();
        for sql in &mut tables {
            *sql = sql.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ");
        }
        tables.sort();
        tables
    }

    /// The statements that made Sqitch's tables, in order.
    pub(crate) fn registry_sql(&self) -> Vec<String> {
        let db = self.database("sqitch.db");
        let mut statement =
            db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").unwrap();
        let all = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap);
        all.filter(|(name, _)| TABLES.contains(&name.as_str())).map(|(_, sql)| sql).collect()
    }

    /// The tables, indexes, views and triggers of `app.db`, as the database spells them.
    pub(crate) fn schema(&self) -> Vec<String> {
        self.schema_in("app.db")
    }

    /// The same of another file.
    pub(crate) fn schema_in(&self, file: &str) -> Vec<String> {
        let db = self.database(file);
        let mut statement =
            db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Every file below a folder, by its path, with its text.
    pub(crate) fn files(&self, folder: &str) -> Vec<(String, String)> {
        let top = self.path(folder);
        let mut files: Vec<_> = walkdir::WalkDir::new(&top)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let name = entry.path().strip_prefix(&top).unwrap().display().to_string();
                (name, std::fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

fn split(words: &str) -> Vec<&str> {
    words.split_whitespace().collect()
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).min_depth(1) {
        let entry = entry.unwrap();
        let copied = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir(copied).unwrap();
        } else {
            std::fs::copy(entry.path(), copied).unwrap();
        }
    }
}

/// All rows of a table, the oldest first.
pub(crate) fn rows(db: &Connection, table: &str) -> Vec<Value> {
    let order = if matches!(table, "changes" | "events") { "committed_at, rowid" } else { "rowid" };
    let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY {order}")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| {
        let pair = |(at, name): (usize, &String)| Ok((name.clone(), value(row.get_ref(at)?)));
        names.iter().enumerate().map(pair).collect::<rusqlite::Result<Map<_, _>>>().map(Value::Object)
    };
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned().into(),
    }
}

/// A dump of a registry made comparable: the time when something was done, to the millisecond, is
/// replaced by a word, and rows whose order means nothing are sorted.
pub(crate) fn comparable(dump: &Value) -> Value {
    let done = Regex::new(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$").unwrap();
    let mut dump = dump.clone();
    for (table, rows) in dump.as_object_mut().unwrap() {
        let rows = rows.as_array_mut().unwrap();
        for cell in rows.iter_mut().flat_map(|row| row.as_object_mut().unwrap().values_mut()) {
            if cell.as_str().is_some_and(|text| done.is_match(text)) {
                *cell = "when it was done".into();
            }
        }
        if !matches!(table.as_str(), "changes" | "events") {
            rows.sort_by_key(Value::to_string);
        }
    }
    dump
}

/// Output without the times at which the test ran. The plans of the tests are of 2024, and those
/// times stay.
pub(crate) fn timeless(text: &str) -> String {
    let run = Regex::new(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: \+0000|Z)").unwrap();
    run.replace_all(text, "NOW").into_owned()
}
