//! Scripts beside the real psql: what is printed on both outputs is the same, to the byte.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::Output;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::shell::{Ask, Script, Shell};
use change::engine::postgres::wire::Connection;
use postgres::{Database, server};
use std::path::Path;
use std::process::Stdio;

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

/// The folder a script runs in, and what it includes.
fn lay_out(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("deploy/x.sql", script),
        ("inc/a.sql", "select 'a';\n\\ir sub/c.sql\nselect 'rest'"),
        ("inc/sub/c.sql", "select 'c', nope;\n"),
        ("deploy/inc/b.sql", "\\set from_b 'it''s'\n\\if true\nselect 'b';\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn with_psql(database: &Database, script: &str) -> (bool, String, String) {
    let folder = lay_out(script);
    let output = database
        .psql_command()
        .args(["--quiet", "--no-psqlrc", "--no-align", "--tuples-only"])
        .args(["--set", "ON_ERROR_STOP=1", "--file", "deploy/x.sql"])
        .env("PATH", std::env::var_os("PATH").unwrap())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| masked(&String::from_utf8_lossy(bytes), folder.path());
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

fn with_ours(database: &Database, script: &str) -> (bool, String, String) {
    let folder = lay_out(script);
    let uri = DatabaseUri::parse(&database.uri).unwrap();
    let settings = Settings::from(&uri, &|_| None).unwrap();
    let mut conn = Connection::connect(&settings).unwrap();
    let shell = Shell::new(settings, folder.path().to_owned(), &[]).unwrap();
    let mut shell = shell.with_input(std::io::empty());
    let mut printed = Printed::default();
    let script = Script { path: "deploy/x.sql", text: script.as_bytes() };
    let done = shell.run(&mut conn, &script, &mut printed, &mut |_, _, _| Ok(Ask::Send));
    printed.stderr.extend_from_slice(if done.is_err() { shell.last_words() } else { b"" });
    let text = |bytes: &[u8]| masked(&String::from_utf8_lossy(bytes), folder.path());
    (done.is_ok(), text(&printed.stdout), text(&printed.stderr))
}

/// Without what is different each time.
fn masked(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.canonicalize().unwrap().display().to_string(), ".");
    let pid = regex::Regex::new(r"PID [0-9]+").unwrap();
    pid.replace_all(&text, "PID n").into_owned()
}

#[track_caller]
fn same(script: &str) {
    let theirs = with_psql(&server().database(), script);
    let ours = with_ours(&server().database(), script);
    let mut diffs = String::new();
    for (theirs, ours) in [(&theirs.1, &ours.1), (&theirs.2, &ours.2)] {
        let diff = similar::TextDiff::from_lines(theirs.as_str(), ours.as_str());
        diffs += &diff.unified_diff().header("psql", "change").to_string();
    }
    assert!(diffs.is_empty(), "{diffs}");
    assert_eq!(theirs.0, ours.0, "success");
}

#[test]
fn tables_look_as_in_psql() {
    same(include_str!("beside_psql/tables.sql"));
}

#[test]
fn commands_and_their_mistakes_are_the_same() {
    same(include_str!("beside_psql/commands.sql"));
}
