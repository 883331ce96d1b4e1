//! Asking `change lint` about a case: from the text of the plan alone, or with a look at the database.

use crate::case::Case;
use crate::label::Label;
use crate::place;
use crate::postgres::Database;
use crate::score::Claim;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;

/// The change under judgement, in the plan.
const JUDGED: &str = "judged";

/// What the linter says when it has nothing but the project.
pub(crate) fn offline(case: &Case) -> Result<Claim, String> {
    let project = Project::of(case);
    claim(&project.change(&["lint", JUDGED, "--format", "json"]))
}

/// What it says when it may look at the database, as it is before the change.
pub(crate) fn with_facts(case: &Case) -> Result<Claim, String> {
    let project = Project::of(case);
    let lint = |database: &Database| {
        claim(&project.change(&["lint", JUDGED, "--target", &database.uri, "--format", "json"]))
    };
    match &case.base {
        // Looking changes nothing, so those that add nothing to their base can share a database.
        Some(base) if case.steps.is_empty() => lint(&shared(base, || project.deployed(case))?),
        _ => {
            let database = project.deployed(case)?;
            let claim = lint(&database);
            place::drop(&database);
            claim
        }
    }
}

/// The database of all cases that have this base and nothing else.
fn shared(base: &str, make: impl FnOnce() -> Result<Database, String>) -> Result<Database, String> {
    static READY: Mutex<BTreeMap<String, Database>> = Mutex::new(BTreeMap::new());
    let mut ready = READY.lock().unwrap();
    if let Some(database) = ready.get(base) {
        return Ok(database.clone());
    }
    let database = make()?;
    ready.insert(base.to_owned(), database.clone());
    Ok(database)
}

/// A project whose plan has what was deployed before, and the change under judgement.
struct Project {
    folder: TempDir,
    /// The last change before it.
    last: Option<String>,
}

impl Project {
    fn of(case: &Case) -> Project {
        let folder = tempfile::tempdir().unwrap();
        let earlier = case.deployed();
        let mut plan = String::from("%syntax-version=1.0.0\n%project=accuracy\n\n");
        let judged = (JUDGED.to_owned(), case.change.clone());
        write(folder.path(), "sqitch.conf", "[core]\n\tengine = pg\n");
        for (second, (name, script)) in earlier.iter().chain([&judged]).enumerate() {
            let planned = format!("2024-03-01T00:00:{second:02}Z Vera Tester <vera@example.org>");
            plan.push_str(&format!("{name} {planned} # {name}\n"));
            write(folder.path(), &format!("deploy/{name}.sql"), script);
            // Neither is judged here.
            write(folder.path(), &format!("verify/{name}.sql"), "SELECT 1/1;\n");
            write(folder.path(), &format!("revert/{name}.sql"), "DROP TABLE IF EXISTS what_is_not_judged;\n");
        }
        write(folder.path(), "sqitch.plan", &plan);
        Project { folder, last: earlier.last().map(|(name, _)| name.clone()) }
    }

    /// A database in which the earlier changes are deployed, and recorded as such.
    fn deployed(&self, case: &Case) -> Result<Database, String> {
        let database = place::before(case);
        if let Some(last) = &self.last {
            let words = ["deploy", "--log-only", "--to-change", last, "--target", &database.uri];
            let done = self.change(&words);
            if !done.status.success() {
                return Err(format!("deploy --log-only: {}", said(&done)));
            }
        }
        Ok(database)
    }

    /// Runs the program under test, or the one that `CHANGE` names.
    fn change(&self, words: &[&str]) -> Output {
        let program = std::env::var("CHANGE").unwrap_or_else(|_| env!("CARGO_BIN_EXE_change").to_owned());
        Command::new(program)
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([
                ("HOME", self.folder.path().to_str().unwrap()),
                ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
                ("SQITCH_USER_CONFIG", "/nonexistent"),
                ("SQITCH_FULLNAME", "Vera Tester"),
                ("SQITCH_EMAIL", "vera@example.org"),
                ("LC_ALL", "C.UTF-8"),
                ("TZ", "UTC"),
            ])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn said(done: &Output) -> String {
    let text = [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    format!("{}, {}", done.status, text.concat())
}

/// What the findings in the script under judgement come to.
fn claim(done: &Output) -> Result<Claim, String> {
    let answer: Value =
        serde_json::from_slice(&done.stdout).map_err(|error| format!("{error}: {}", said(done)))?;
    let findings = answer["findings"].as_array().ok_or("the answer has no findings")?;
    let mut claim = Claim::default();
    for finding in findings {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        if !text("file").ends_with("deploy/judged.sql") {
            continue;
        }
        let label = match text("severity") {
            "blocks" => Label::Blocks,
            "breaks" => Label::Breaks,
            "brief" => Label::Brief,
            "advice" => continue,
            other => return Err(format!("no severity: {other:?}")),
        };
        claim.add(label, text("code"));
    }
    Ok(claim)
}
