//! Playing a scenario.

use crate::place::{Engine, Place};
use crate::script::{Difference, Expected, Scenario, Step};
use crate::support::Done;
use regex::Regex;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Sqitch,
    Change,
}

/// A project with its database, in which one program plays, or both in turns.
struct Actor {
    place: Place,
    env: BTreeMap<String, String>,
    typed: String,
}

/// Plays with each program in a place of its own, comparing after each step; then with both in turns.
pub(crate) fn play(scenario: &Scenario, engine: Engine) -> Result<(), String> {
    let mut sqitch = Actor::new(engine);
    let mut change = Actor::new(engine);
    let mut both = Actor::new(engine);
    // Where they differ on purpose, turns would only show that again.
    let mut turns = scenario.steps.iter().all(|step| !matches!(step, Step::Run(_, Some(_)) | Step::Only(..)));
    let mut number = 0;
    for step in &scenario.steps {
        for actor in [&mut sqitch, &mut change, &mut both] {
            actor.prepare(step);
        }
        let story = |what: &str| format!("{} ({}), on {engine:?}\n{what}", scenario.name, scenario.title);
        match step {
            Step::Only(true, words) => drop(sqitch.run(Tool::Sqitch, words)),
            Step::Only(false, words) => drop(change.run(Tool::Change, words)),
            Step::Run(words, difference) => {
                number += 1;
                let (want, got) = (sqitch.run(Tool::Sqitch, words), change.run(Tool::Change, words));
                let line = format!("step {number}: {}", words.join(" "));
                match difference {
                    Some(difference) => {
                        differ(difference, &want, &got).map_err(|why| story(&format!("{line}\n{why}")))?
                    }
                    None => {
                        same(&sqitch, &want, &change, &got)
                            .map_err(|why| story(&format!("{line}\n{why}")))?;
                    }
                }
                if turns {
                    let tool = if (number + scenario.number).is_multiple_of(2) {
                        Tool::Change
                    } else {
                        Tool::Sqitch
                    };
                    let done = both.run(tool, words);
                    // One of them begins what the other would have begun in its own words.
                    turns = want.status == 0 || number > 1;
                    state(&sqitch, &both).map_err(|why| {
                        story(&format!("{line}, in turns, by {tool:?}\n{why}\n{}{}", done.out, done.err))
                    })?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn differ(difference: &Difference, want: &Done, got: &Done) -> Result<(), String> {
    let check = |name: &str, expected: &Expected, done: &Done| {
        let said = format!("{}{}", done.out, done.err);
        if done.status == expected.status && said.contains(&expected.says) {
            return Ok(());
        }
        Err(format!(
            "{name} was to end with {} and say {:?}:\n{} {said}",
            expected.status, expected.says, done.status
        ))
    };
    check("sqitch", &difference.sqitch, want)?;
    check("change", &difference.change, got)?;
    if want.status == got.status && want.out == got.out && want.err == got.err {
        return Err(format!("the difference {:?} is none", difference.anchor));
    }
    Ok(())
}

/// Whether both did the same.
fn same(sqitch: &Actor, want: &Done, change: &Actor, got: &Done) -> Result<(), String> {
    let told = format!(
        "sqitch: {} {}{}\nchange: {} {}{}",
        want.status, want.out, want.err, got.status, got.out, got.err
    );
    if want.status != got.status {
        return Err(format!("exit status {} is not {}\n{told}", got.status, want.status));
    }
    let (want_out, got_out) = (sqitch.nameless(&want.out), change.nameless(&got.out));
    if !want.out.contains("Usage:") && want_out.trim_end() != got_out.trim_end() {
        return Err(format!("output:\n{want_out}\nbut\n{got_out}\n{told}"));
    }
    if want.err.is_empty() != got.err.is_empty() && want.status != 0 {
        return Err(format!("errors\n{told}"));
    }
    state(sqitch, change).map_err(|why| format!("{why}\n{told}"))
}

/// Whether files, registries and schemas are the same.
fn state(one: &Actor, other: &Actor) -> Result<(), String> {
    let (mine, theirs) = (one.files(), other.files());
    for name in mine.keys().chain(theirs.keys()) {
        let (want, got) = (mine.get(name), theirs.get(name));
        if want != got {
            return Err(format!("file {name}:\n{want:?}\nbut\n{got:?}"));
        }
    }
    let pairs = [
        ("registry", one.place.registry(), other.place.registry()),
        ("schema", one.place.schema(), other.place.schema()),
    ];
    for (what, want, got) in pairs {
        if want != got {
            return Err(format!("{what}:\n{want}\nbut\n{got}"));
        }
    }
    Ok(())
}

impl Actor {
    fn new(engine: Engine) -> Actor {
        Actor { place: Place::new(engine), env: BTreeMap::new(), typed: String::new() }
    }

    /// What happens to the files, and what is set, before a program is run.
    fn prepare(&mut self, step: &Step) {
        let world = &self.place.world;
        match step {
            Step::Table(names) => names.iter().for_each(|name| self.place.write_table_scripts(name)),
            Step::Write(name, text) => world.write(name, text),
            Step::Delete(name) => {
                let path = world.path(name);
                let gone =
                    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
                gone.unwrap();
            }
            Step::Plan(body) => world
                .write("sqitch.plan", &format!("%syntax-version=1.0.0\n%project=acme\n\n{}", stamped(body))),
            Step::Config(key, value) => {
                let mut file =
                    change::config::ini::Ini::parse(&world.read("sqitch.conf"), "sqitch.conf").unwrap();
                file.set(key, value).unwrap();
                world.write("sqitch.conf", &file.to_string());
            }
            Step::Env(name, value) => drop(self.env.insert(name.clone(), value.clone())),
            Step::Type(text) => self.typed.push_str(text),
            Step::Git(words) => {
                let done = self.command("git").args(words).output().unwrap();
                assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
            }
            Step::Run(..) | Step::Only(..) => {}
        }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let world = &self.place.world;
        let mut command = Command::new(program);
        command
            .current_dir(world.path(""))
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([
                ("HOME", world.path("").to_str().unwrap()),
                ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
                ("SQITCH_USER_CONFIG", "/nonexistent"),
                ("SQITCH_FULLNAME", "Vera Tester"),
                ("SQITCH_EMAIL", "vera@example.org"),
                ("GIT_AUTHOR_NAME", "Vera"),
                ("GIT_AUTHOR_EMAIL", "vera@example.org"),
                ("GIT_COMMITTER_NAME", "Vera"),
                ("GIT_COMMITTER_EMAIL", "vera@example.org"),
                ("LC_ALL", "C.UTF-8"),
                ("EDITOR", "false"),
                ("NO_COLOR", "1"),
                ("TZ", "UTC"),
            ])
            .envs(&self.env);
        command
    }

    fn run(&mut self, tool: Tool, words: &[String]) -> Done {
        let mut command = match tool {
            Tool::Sqitch => self.command("sqitch"),
            // Under Sqitch's name, as an alias would have it.
            Tool::Change => self.command(alias()),
        };
        let mut child = command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who asks nothing closes its input early; that is no failure.
        let _ = child.stdin.take().unwrap().write_all(std::mem::take(&mut self.typed).as_bytes());
        let done = child.wait_with_output().unwrap();
        self.restamp();
        Done {
            status: done.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&done.stdout).into_owned(),
            err: String::from_utf8_lossy(&done.stderr).into_owned(),
        }
    }

    /// Gives what was planned just now a time that is the same in every place.
    fn restamp(&self) {
        let now = Regex::new(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
        for (name, text) in self.files() {
            if !name.ends_with(".plan") || !now.is_match(&text) {
                continue;
            }
            let mut second = text.matches("2024-02-01T").count();
            let text = now.replace_all(&text, |_: &regex::Captures<'_>| {
                second += 1;
                format!("2024-02-01T00:{:02}:{:02}Z", second / 60, second % 60)
            });
            self.place.world.write(&name, &text);
        }
    }

    /// All files but databases, with their texts.
    fn files(&self) -> BTreeMap<String, String> {
        let top = self.place.world.path("");
        let skipped = |name: &str| {
            name.starts_with(".git/")
                || [".db", ".lock", ".db-journal", ".new"].iter().any(|end| name.ends_with(end))
        };
        let files = walkdir::WalkDir::new(&top)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file());
        let named = files.map(|entry| {
            let name = entry.path().strip_prefix(&top).unwrap().display().to_string();
            let text = std::fs::read(entry.path()).unwrap();
            (name, self.place.nameless_file(&String::from_utf8_lossy(&text)))
        });
        named.filter(|(name, text)| !skipped(name) && !text.starts_with("SQLite format 3")).collect()
    }

    /// Output without what is another in every place and at every time.
    fn nameless(&self, text: &str) -> String {
        let text = self.place.nameless(text).replace(self.place.world.path("").to_str().unwrap(), "FOLDER/");
        Regex::new(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4}|Z)?")
            .unwrap()
            .replace_all(&text, "NOW")
            .into_owned()
    }
}

/// `{P}` becomes a time, later from line to line, and the planner.
fn stamped(body: &str) -> String {
    let mut text = String::new();
    for (number, piece) in body.split("{P}").enumerate() {
        if number > 0 {
            text.push_str(&format!(" 2024-01-01T00:00:{number:02}Z P Q <p@q.r>"));
        }
        text.push_str(piece);
    }
    text
}

/// A link to `change` that is called `sqitch`.
fn alias() -> PathBuf {
    use std::sync::OnceLock;
    static LINK: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = LINK.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sqitch");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_change"), &path).unwrap();
        (folder, path)
    });
    path.clone()
}
