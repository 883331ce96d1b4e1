//! Scripts on SQLite against what the sqlite3 shell 3.40.1 did with the same scripts: what is left
//! in the database, success or failure, what is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

use change::engine::sqlite::shell::{Ask, Flow, Output, Shell, open_session};
use change::error::{Error, Kind};
use change::sql::sqlite::cut::{ItemKind, read_script};
use change::sql::sqlite::dot::Effect;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where `change` differs on purpose, and why. One that comes to agree fails the test, too.
const DEVIATIONS: &[(&str, &str)] = &[
    ("unknown dot", "refused before the first statement, so that nothing is left half-way"),
    ("unclosed comment", "refused: the shell skips the rest of the script in silence"),
    ("unclosed comment after stmt", "refused: the shell skips the rest of the script in silence"),
    ("NUL", "refused: the shell skips the rest of the line in silence"),
    ("bad utf8", "refused: a script is UTF-8 text"),
    ("dbconfig", ".limit is refused: the driver is built without it"),
    ("cli functions", "sha3, decimal, ieee754 and the collation uint are the shell's own"),
    ("fsdir zipfile", "fsdir is the shell's own"),
    ("update limit", "DELETE with ORDER BY and LIMIT is not in the bundled library"),
];

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    succeeded: bool,
    stdout: String,
    checks: Vec<String>,
}

/// All vectors in one test, as each runs in a folder that is the process's own for its time.
#[test]
fn scripts_do_what_they_do_in_the_shell() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/scripts/sqlite.json")).unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::env::set_current_dir(folder.path()).unwrap();
        let got = run(vector, folder.path());
        let wanted = expected(vector);
        let deviates = DEVIATIONS.iter().any(|(deviating, _)| *deviating == name);
        if (got == wanted) == deviates {
            wrong.push(format!("{name}:\n   wanted {wanted:?}\n   got    {got:?}"));
        }
        compared += 1;
    }
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(compared, 98, "all vectors");
}

fn expected(vector: &Value) -> Outcome {
    let expect = &vector["expect"];
    let checks = expect["check"].as_array().into_iter().flatten();
    Outcome {
        succeeded: expect["exit"] == 0,
        stdout: expect["stdout"].as_str().unwrap().to_owned(),
        checks: checks.map(|check| check["result"].as_str().unwrap().to_owned()).collect(),
    }
}

fn run(vector: &Value, folder: &Path) -> Outcome {
    let bytes = match vector["script"].as_str() {
        Some(script) => script.as_bytes().to_vec(),
        None => unhex(vector["script_hex"].as_str().unwrap()),
    };
    let mut files: Vec<(String, Vec<u8>)> = vec![("deploy/x.sql".to_owned(), bytes.clone())];
    for (name, content) in vector["files"].as_object().into_iter().flatten() {
        files.push((name.clone(), content.as_str().unwrap().as_bytes().to_vec()));
    }
    for (name, content) in &files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let mut outcome = Outcome::default();
    let result = String::from_utf8(bytes)
        .map_err(|error| Error::new(Kind::Script, "script.encoding", error.to_string()))
        .and_then(|text| play(&text, folder, &mut outcome));
    if let Err(error) = &result {
        assert!(!error.message().is_empty());
    }
    outcome.succeeded = result.is_ok_and(|status| status == 0);
    let conn = open_session(Path::new("t.db"), true).unwrap();
    for check in vector["expect"]["check"].as_array().into_iter().flatten() {
        let result = query(&conn, check["query"].as_str().unwrap());
        outcome.checks.push(result.unwrap_or_else(|error| error.to_string()));
    }
    outcome
}

/// Runs a script as a whole; the exit status, or the error that ended it.
fn play(text: &str, folder: &Path, outcome: &mut Outcome) -> Result<i32, Error> {
    let mut open = |path: &str| {
        std::fs::read_to_string(folder.join(path))
            .map_err(|error| Error::new(Kind::Project, "file", error.to_string()))
    };
    let script = read_script("deploy/x.sql", text, &mut open);
    if let Some(error) = Error::join(script.problems.clone()) {
        return Err(error);
    }
    let mut conn = open_session(Path::new("t.db"), true)?;
    let mut shell = Shell::new(PathBuf::new());
    let mut stdout = Vec::new();
    let mut ignored = Vec::new();
    let mut print = |bytes: &[u8]| stdout.extend_from_slice(bytes);
    let mut warn = |bytes: &[u8]| ignored.extend_from_slice(bytes);
    let mut out = Output { stdout: &mut print, stderr: &mut warn };
    let mut status = Ok(0);
    for item in &script.items {
        let mut before = |_: &rusqlite::Connection, _: &str, _: usize| Ok(Ask::Run);
        match shell.item(&mut conn, &script, item, &mut out, &mut before) {
            Ok(Flow::GoOn) => {}
            Ok(Flow::Exit(code)) => {
                status = Ok(code);
                break;
            }
            Err(error) => {
                status = Err(error);
                break;
            }
        }
    }
    shell.finish(&mut out)?;
    outcome.stdout = String::from_utf8(stdout).unwrap();
    if status.is_ok() && shell.failed() { Ok(1) } else { status }
}

fn query(conn: &rusqlite::Connection, sql: &str) -> rusqlite::Result<String> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut shown = Vec::new();
    while let Some(row) = rows.next()? {
        let value: rusqlite::types::Value = row.get(0)?;
        shown.push(match value {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        });
    }
    Ok(shown.join("\n"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The statements that are announced are those that SQLite's own parser made of the script.
#[test]
fn statements_are_announced_as_sqlite_parses_them() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/scripts/sqlite.json")).unwrap();
    let mut compared = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let (Some(text), true) = (vector["script"].as_str(), vector["expect"]["exit"] == 0) else { continue };
        let none = &mut |_: &str| Err(Error::new(Kind::Project, "file", "no files here"));
        let script = read_script("x.sql", text, none);
        let plain = script.items.iter().all(|item| match &item.kind {
            ItemKind::Sql(text) => !text.to_ascii_uppercase().contains("EXPLAIN"),
            ItemKind::Dot(call) => matches!(call.effect(), Effect::OutputOnly),
        });
        if !plain || !script.problems.is_empty() || vector["files"].is_object() {
            continue;
        }
        let announced: Vec<String> = script.items.iter().flat_map(|item| split(&item.kind)).collect();
        let name = vector["name"].as_str().unwrap();
        let trace = vector["expect"]["trace"].as_str().unwrap();
        // Without what triggers ran, and DROP TABLE is run twice to check foreign keys.
        let mut traced: Vec<&str> = trace.lines().filter(|line| !line.starts_with("-- ")).collect();
        traced.dedup();
        let traced = traced.join("\n");
        assert_eq!(bare(&announced.concat()), bare(traced.trim_start_matches('\u{feff}')), "{name}");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} vectors were compared");
}

fn split(kind: &ItemKind) -> Vec<String> {
    use change::sql::sqlite::cut::{first_statement, leading_blank};
    let ItemKind::Sql(mut rest) = kind.clone() else { return Vec::new() };
    let mut statements = Vec::new();
    loop {
        rest = rest[leading_blank(&rest)..].to_owned();
        if rest.is_empty() {
            return statements;
        }
        let after = rest.split_off(first_statement(&rest));
        statements.push(std::mem::replace(&mut rest, after));
    }
}

/// Without blanks and semicolons, which the trace puts where it likes.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != ';').collect()
}
