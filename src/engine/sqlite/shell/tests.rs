//! Tests of the shell as a whole, on databases in memory and in temporary folders.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::sql::sqlite::cut::read_script;
use std::path::Path;

/// What a script has printed and where it stopped.
#[derive(Default)]
struct Played {
    stdout: String,
    stderr: String,
    error: Option<Error>,
    failed: bool,
    exit: Option<i32>,
    seen: Vec<(usize, String)>,
}

/// Plays a script in `folder`; statements that hold `skip` are skipped.
fn play_in(folder: &Path, conn: &mut Connection, text: &str, skip: &str) -> Played {
    let mut open = |path: &str| {
        std::fs::read_to_string(folder.join(path))
            .map_err(|error| Error::new(Kind::Project, "file", error.to_string()))
    };
    let script = read_script("x.sql", text, &mut open);
    assert!(script.problems.is_empty(), "{:?}", script.problems);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut print = |bytes: &[u8]| stdout.extend_from_slice(bytes);
    let mut warn = |bytes: &[u8]| stderr.extend_from_slice(bytes);
    let mut out = Output { stdout: &mut print, stderr: &mut warn };
    let mut shell = Shell::new(folder.to_owned());
    let mut played = Played::default();
    for item in &script.items {
        let mut before = |_: &Connection, text: &str, line: usize| {
            played.seen.push((line, text.to_owned()));
            Ok(if !skip.is_empty() && text.contains(skip) { Ask::Skip } else { Ask::Run })
        };
        match shell.item(conn, &script, item, &mut out, &mut before) {
            Ok(Flow::GoOn) => continue,
            Ok(Flow::Exit(status)) => played.exit = Some(status),
            Err(error) => played.error = Some(error),
        }
        break;
    }
    shell.finish(&mut out).unwrap();
    played.failed = shell.failed();
    played.stdout = String::from_utf8(stdout).unwrap();
    played.stderr = String::from_utf8(stderr).unwrap();
    played
}

fn play(text: &str) -> Played {
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    play_in(Path::new(""), &mut conn, text, "")
}

#[test]
fn an_error_has_the_exact_place_and_the_databases_words() {
    let error = play("SELECT 1;\n\n  /* c */ SELECT 'é',\n nope\n;").error.unwrap();
    let place = error.place().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column, place.length), ("x.sql", 4, 2, 4));
    assert_eq!(place.text.as_deref(), Some(" nope"));
    assert_eq!(error.message(), "no such column: nope");

    let error =
        play("CREATE TABLE a(i UNIQUE);INSERT INTO a VALUES(1); INSERT INTO a VALUES(1);").error.unwrap();
    let place = error.place().unwrap();
    assert_eq!((place.line, place.column, place.length), (1, 51, 6));
    assert_eq!(error.message(), "UNIQUE constraint failed: a.i");
    assert_eq!(error.causes(), ["SQLite error 19, extended 2067"]);
}

#[test]
fn each_statement_is_announced_and_can_be_skipped() {
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let text = "-- c\nCREATE TABLE a(i); ;\nCREATE TABLE a(i, skip); SELECT 1\n/\n";
    let played = play_in(Path::new(""), &mut conn, text, "skip");
    assert!(played.error.is_none());
    let seen = [(2, "CREATE TABLE a(i);"), (3, "CREATE TABLE a(i, skip);"), (3, "SELECT 1\n;")];
    assert_eq!(played.seen, seen.map(|(line, text)| (line, text.to_owned())));
    assert_eq!(played.stdout, "1\n");
}

#[test]
fn without_bail_errors_are_told_and_remembered() {
    let played = play(".bail off\nSELECT nope; SELECT 'not reached';\n.cd nowhere\nSELECT 2;");
    assert!(played.error.is_none() && played.failed);
    assert_eq!(played.stdout, "2\n");
    assert!(played.stderr.starts_with("x.sql:2:8: no such column: nope"), "{}", played.stderr);
    assert!(played.stderr.contains("x.sql:3:1: cannot change to the directory"), "{}", played.stderr);
}

#[test]
fn an_error_of_the_caller_ends_the_script_even_without_bail() {
    let script = read_script("x.sql", ".bail off\nSELECT 1;", &mut |_| unreachable!());
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let mut shell = Shell::new(PathBuf::new());
    let mut out = Output { stdout: &mut |_| {}, stderr: &mut |_| {} };
    let mut before = |_: &Connection, _: &str, _: usize| Err(Error::new(Kind::Busy, "lock.lost", "lost"));
    shell.item(&mut conn, &script, &script.items[0], &mut out, &mut before).unwrap();
    let error = shell.item(&mut conn, &script, &script.items[1], &mut out, &mut before).unwrap_err();
    assert_eq!(error.code(), "lock.lost");
    assert!(!shell.failed());
}

#[cfg(unix)]
#[test]
fn what_a_command_makes_can_be_read_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let text = ".once made.sql\n.print \"SELECT 1;\\nSELECT nope;\"\n.bail off\n.read made.sql\n\
        .read '|echo \".exit 4\"'\nSELECT 3;";
    let played = play_in(folder.path(), &mut conn, text, "");
    assert_eq!((played.stdout.as_str(), played.exit), ("1\n", Some(4)));
    assert!(played.stderr.starts_with("made.sql:2:8: "), "{}", played.stderr);
}

#[test]
fn files_that_read_themselves_at_run_time_end_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let text = ".once a.sql\n.print '.read a.sql'\n.read a.sql\n";
    let error = play_in(folder.path(), &mut conn, text, "").error.unwrap();
    assert!(error.message().contains("nested"), "{error}");
}

#[test]
fn open_changes_the_database_and_backup_restores_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = open_session(&folder.path().join("first.db"), true).unwrap();
    let text = ".open second.db\nCREATE TABLE a(i);\n.backup saved.db\nDROP TABLE a;\n.tables\n.restore saved.db\n.tables\n";
    let played = play_in(folder.path(), &mut conn, text, "");
    assert!(played.error.is_none());
    assert_eq!(played.stdout, "a\n");
    let error = play_in(folder.path(), &mut conn, ".restore nowhere.db", "").error.unwrap();
    assert_eq!(error.message(), "cannot open \"nowhere.db\"");
    assert_eq!(play_in(folder.path(), &mut conn, ".tables", "").stdout, "a\n", "nothing was emptied");
}

#[test]
fn a_failing_import_leaves_its_rows_out_when_the_database_gives_up() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "1\n2\n2\n3\n").unwrap();
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let played = play_in(folder.path(), &mut conn, "CREATE TABLE a(i UNIQUE);\n.import d.csv a\n", "");
    assert!(played.error.is_none());
    assert_eq!(played.stderr, "d.csv:3: INSERT failed: UNIQUE constraint failed: a.i\n");
    std::fs::write(folder.path().join("d.csv"), "4\n4\n").unwrap();
    let played = play_in(folder.path(), &mut conn, ".import d.csv a\n", "");
    assert_eq!(played.error.unwrap().message(), "UNIQUE constraint failed: a.i");
    let played = play_in(folder.path(), &mut conn, "SELECT sum(i) FROM a;", "");
    assert_eq!(played.stdout, "10\n");
}

#[test]
fn a_locked_database_can_be_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let other = open_session(&path, true).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut conn = open_session(&path, true).unwrap();
    let played = play_in(folder.path(), &mut conn, "CREATE TABLE a(i);", "");
    assert_eq!(played.error.unwrap().code(), "script.locked");
}

#[test]
fn functions_of_the_shell_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = open_session(Path::new(":memory:"), true).unwrap();
    let text = ".cd .\nSELECT 'abc' REGEXP '^a', NULL REGEXP 'a', writefile('f','xy'), readfile('f'), readfile('g');\n\
        SELECT group_concat(value,'+') FROM generate_series(1,5,2);\nSELECT 'a' REGEXP '(';";
    let played = play_in(folder.path(), &mut conn, text, "");
    assert_eq!(played.stdout, "1,,2,xy,\n1+3+5\n");
    assert!(played.error.unwrap().message().contains("regex"));
}
