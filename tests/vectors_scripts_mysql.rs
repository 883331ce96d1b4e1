//! Scripts on MariaDB against what its client did with the same scripts: what is left in the database,
//! success or failure, what is printed on both outputs.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/mysql.rs"]
mod server;

use change::config::uri::DatabaseUri;
use change::engine::Output;
use change::engine::mysql::settings::Settings;
use change::engine::mysql::shell::{Open, Shell};
use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder};
use serde_json::Value;

/// Where `change` differs on purpose, and why. One that comes to agree fails the test, too.
const DEVIATIONS: &[(&str, &str)] = &[
    ("unclosed comment", "what hides the rest of a script is an error"),
    ("delimiter mid line", "a DELIMITER that is none is said at once"),
    (
        "multi results",
        "the statement that failed is shown, where the client shows an empty one; times and users differ",
    ),
    ("vars", "a backslash in the value of a variable is a backslash"),
    ("delimiter backslash", "the first error ends a script, where the client goes on to a second"),
    ("NUL", "scripts with a NUL byte are refused before"),
];

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    succeeded: bool,
    stdout: String,
    stderr: String,
    checks: Vec<String>,
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
fn scripts_do_what_they_do_in_the_client() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/scripts/mysql.json")).unwrap();
    let only = std::env::var("VECTOR").ok();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let (got, wanted) = (run(vector), expected(vector));
        let deviates = DEVIATIONS.iter().any(|(deviating, _)| *deviating == name);
        if (got == wanted) == deviates {
            wrong.push(format!("{name}:\n   wanted {wanted:?}\n   got    {got:?}"));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(only.is_some() || compared == 82, "{compared} vectors were compared");
}

fn expected(vector: &Value) -> Outcome {
    let expect = &vector["expect"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = expect["check"].as_array().into_iter().flatten();
    Outcome {
        succeeded: expect["exit"] == 0,
        stdout: text(&expect["stdout"]),
        stderr: text(&expect["stderr"]),
        checks: checks.map(|check| text(&check["result"])).collect(),
    }
}

fn text_of(vector: &Value) -> String {
    match vector["script_hex"].as_str() {
        None => vector["script"].as_str().unwrap().to_owned(),
        Some(hex) => {
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap() as char;
            (0..hex.len()).step_by(2).map(byte).collect()
        }
    }
}

fn run(vector: &Value) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in vector["files"].as_object().into_iter().flatten() {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.as_str().unwrap()).unwrap();
    }
    let admin = server::server().existing("mysql");
    for name in ["probe", "other"] {
        admin.ask(&format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET latin1"));
    }
    let probe = server::server().existing("probe");
    if let Some(setup) = vector["setup"].as_str() {
        probe.ask(setup);
    }
    let settings = Settings::from(&DatabaseUri::parse(&probe.uri).unwrap(), &|_| None).unwrap();
    let options = OptsBuilder::new()
        .user(Some("root"))
        .socket(Some(probe.socket.display().to_string()))
        .db_name(Some("probe"));
    let mut conn = Conn::new(options).unwrap();
    conn.query_drop("SET NAMES utf8mb3").unwrap();
    for (name, value) in vector["variables"].as_object().into_iter().flatten() {
        conn.exec_drop(format!("SET @`{name}` = ?"), (value.as_str().unwrap(),)).unwrap();
    }
    let mut shell = Shell::new(settings, folder.path().to_owned());
    let mut printed = Printed::default();
    let done = shell.run(&mut conn, "deploy/x.sql", &text_of(vector), &mut printed, &mut Open);
    if let Err(error) = &done {
        assert!(error.place().is_some(), "{error:?}");
        printed.stderr.extend_from_slice(shell.last_words().as_bytes());
    }
    drop(conn);
    let checks = vector["expect"]["check"].as_array().into_iter().flatten();
    // What is not UTF-8 was recorded as if it were Latin-1.
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| *byte as char).collect(),
    };
    Outcome {
        succeeded: done.is_ok(),
        stdout: text(&printed.stdout),
        stderr: text(&printed.stderr),
        checks: checks.map(|check| probe.ask(check["query"].as_str().unwrap())).collect(),
    }
}
