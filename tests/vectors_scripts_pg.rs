//! Scripts on PostgreSQL against what psql 15 did with the same scripts: what is left in the
//! database, success or failure, what is printed on both outputs.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::Output;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::shell::{Ask, Script, Shell};
use change::engine::postgres::wire::Connection;
use postgres::server;
use regex::Regex;
use serde_json::Value;
use std::io::Cursor;
use std::path::Path;

/// Where `change` differs on purpose, and why. One that comes to agree fails the test, too.
const DEVIATIONS: &[(&str, &str)] = &[
    ("copy csv with \\. in quotes", "the mark that ends the data is no data: the server's message lacks it"),
    ("connect fail", "the message for a server that cannot be reached is our own"),
    ("connect fail nostop", "the message for a server that cannot be reached is our own"),
    ("h", "psql's own help is refused"),
    ("sf", "listings of the catalogue are refused; it fails here, too, with another message"),
];

/// What describes psql's own options, which nobody can give here.
const PSQL_OPTIONS: &[&str] = &[
    "missing file itself",
    "single tx",
    "single tx ok",
    "single tx with inner",
    "single tx q",
    "PSQLRC used w/o -X",
];

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    succeeded: bool,
    stdout: String,
    stderr: String,
    checks: Vec<Vec<String>>,
}

#[derive(Default)]
struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Output for Printed {
    fn starts(&mut self, _: &str, _: bool) {}
    fn stdout(&mut self, bytes: &[u8]) {
        self.stdout.extend_from_slice(bytes);
    }
    fn stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(bytes);
    }
}

#[test]
fn scripts_do_what_they_do_in_psql() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/scripts/pg.json")).unwrap();
    let only = std::env::var("VECTOR").ok();
    let admin = server().existing(postgres::ADMIN);
    admin.psql("CREATE DATABASE probe");
    let latin1 = "CREATE DATABASE latin1 ENCODING LATIN1 LOCALE 'C' TEMPLATE template0";
    admin.psql(latin1);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        if PSQL_OPTIONS.contains(&name) || only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let got = run(vector);
        let wanted = expected(vector);
        let deviates = DEVIATIONS.iter().any(|(deviating, _)| *deviating == name);
        if (got == wanted) == deviates {
            wrong.push(format!("{name}:\n   wanted {wanted:?}\n   got    {got:?}"));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(only.is_some() || compared == 247, "{compared} vectors were compared");
}

fn expected(vector: &Value) -> Outcome {
    let expect = &vector["expect"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = expect["check"].as_array().into_iter().flatten();
    Outcome {
        succeeded: expect["exit"] == 0,
        stdout: text(&expect["stdout"]),
        stderr: text(&expect["stderr"]),
        checks: checks.map(|check| check["result"].as_array().unwrap().iter().map(text).collect()).collect(),
    }
}

fn run(vector: &Value) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let script = lay_out(vector, folder.path());
    let database = if vector["database_encoding"].is_string() { "latin1" } else { "probe" };
    let env = |name: &str| vector["env"][name].as_str().map(str::to_owned);
    let uri = DatabaseUri::parse(&server().existing(database).tcp).unwrap();
    let mut settings = Settings::from(&uri, &env).unwrap();
    for (name, value) in &mut settings.parameters {
        if name == "application_name" {
            "psql".clone_into(value);
        }
    }
    let plain = Settings::from(&uri, &|_| None).unwrap();
    let mut other = Connection::connect(&plain).unwrap();
    other.batch("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    if let Some(setup) = vector["setup"].as_str() {
        other.batch(setup).unwrap();
    }
    let mut variables: Vec<(String, String)> = vec![("registry".to_owned(), "sqitch".to_owned())];
    for (name, value) in vector["variables"].as_object().into_iter().flatten() {
        variables.push((name.clone(), value.as_str().unwrap().to_owned()));
    }
    let stdin = vector["stdin"].as_str().unwrap_or_default().to_owned();
    let mut shell = Shell::new(settings.clone(), folder.path().to_owned(), &variables)
        .unwrap()
        .with_input(Cursor::new(stdin.into_bytes()));
    for (name, value) in vector["env"].as_object().into_iter().flatten() {
        shell = shell.with_environment(name, value.as_str().unwrap());
    }
    let mut printed = Printed::default();
    let mut conn = Connection::connect(&settings).unwrap();
    let script = Script { path: "deploy/x.sql", text: &script };
    let done = shell.run(&mut conn, &script, &mut printed, &mut |_, _, _| Ok(Ask::Send));
    if let Err(error) = &done {
        assert!(!error.message().is_empty());
        assert!(error.place().is_some(), "{error:?}");
        printed.stderr.extend_from_slice(shell.last_words());
    }
    drop(conn);
    let mask = |bytes: &[u8]| masked(&String::from_utf8_lossy(bytes), folder.path());
    let checks = vector["expect"]["check"].as_array().into_iter().flatten();
    let mut check = |sql: &str| -> Vec<String> {
        let rows = other.rows(sql, &[]).unwrap();
        let cells = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default);
        rows.into_iter().map(|row| cells(row).collect::<Vec<_>>().join("|")).collect()
    };
    Outcome {
        succeeded: done.is_ok(),
        stdout: mask(&printed.stdout),
        stderr: mask(&printed.stderr),
        checks: checks.map(|asked| check(asked["query"].as_str().unwrap())).collect(),
    }
}

/// Writes the files of a vector; returns its script.
fn lay_out(vector: &Value, folder: &Path) -> Vec<u8> {
    let script = match vector["script"].as_str() {
        Some(script) => script.as_bytes().to_vec(),
        None => unhex(vector["script_hex"].as_str().unwrap()),
    };
    let files = vector["files"].as_object().into_iter().flatten();
    let files = files.map(|(name, text)| (name.as_str(), text.as_str().unwrap().as_bytes()));
    for (name, text) in files.chain([("deploy/x.sql", script.as_slice())]) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    script
}

/// Without what is different each time.
fn masked(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.canonicalize().unwrap().display().to_string(), ".");
    let mut text = text.replace(&server().port().to_string(), "PORT");
    for (pattern, mask) in [
        (r"Time: [0-9.]+ ms", "Time: T ms"),
        (r"PID [0-9]+", "PID PID"),
        (r#"at port "PORT""#, "at port PORT"),
        (r"(LOCATION:  \w+, )[\w.]+:\d+", "${1}FILE:LINE"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, mask).into_owned();
    }
    text
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
