//! What a script's runner tells its caller, beside what psql would have printed: which statements
//! come, where an error stands, what was passed over.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::Silent;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::shell::{Ask, End, Script, Shell};
use change::engine::postgres::wire::{Connection, Status};
use change::error::{Error, Kind, Result};
use postgres::{Database, server};
use std::path::PathBuf;

struct Session {
    database: Database,
    settings: Settings,
    conn: Connection,
    folder: PathBuf,
}

impl Session {
    fn new() -> Session {
        let database = server().database();
        let uri = DatabaseUri::parse(&database.uri).unwrap();
        let settings = Settings::from(&uri, &|_| None).unwrap();
        let conn = Connection::connect(&settings).unwrap();
        Session { database, settings, conn, folder: std::env::temp_dir() }
    }

    fn shell(&self, variables: &[(&str, &str)]) -> Shell {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let shell = Shell::new(self.settings.clone(), self.folder.clone(), &variables).unwrap();
        shell.with_input(std::io::empty())
    }

    fn run(&mut self, text: &str) -> Result<End> {
        let mut shell = self.shell(&[]);
        let script = Script { path: "x.sql", text: text.as_bytes() };
        shell.run(&mut self.conn, &script, &mut Silent, &mut |_, _, _| Ok(Ask::Send))
    }
}

fn place(error: &Error) -> (String, usize, usize, usize) {
    let place = error.place().unwrap();
    (place.file.clone(), place.line, place.column, place.length)
}

#[test]
fn an_error_stands_at_the_word_the_server_means() {
    let mut session = Session::new();
    let error = session.run("SELECT 1;\n\nSELECT 'é',\n  nope\n;").unwrap_err();
    assert_eq!(place(&error), ("x.sql".to_owned(), 4, 3, 4));
    assert_eq!(error.kind(), Kind::Script);
    assert_eq!(error.message(), "column \"nope\" does not exist (SQLSTATE 42703)");
    // Without a position it is the statement; behind a variable it is where that is written.
    let error = session.run("SELECT 1; SELECT 1/0;").unwrap_err();
    assert_eq!(place(&error), ("x.sql".to_owned(), 1, 11, 11));
    let error = session.run("\\set v 'nope, nope'\nSELECT :v;").unwrap_err();
    assert_eq!((place(&error).1, place(&error).2), (2, 8));
    let error = session.run("SELECT 1\n\\nosuch x\n;").unwrap_err();
    assert_eq!(place(&error), ("x.sql".to_owned(), 2, 1, 9));
    let error = session.run("VALUES ('SELECT nope')\n\\gexec").unwrap_err();
    assert_eq!(place(&error).1, 2);
}

#[test]
fn the_gate_sees_every_statement_and_may_hold_it_back() {
    let mut session = Session::new();
    session.conn.batch("CREATE TABLE t(i int)").unwrap();
    let text = b"-- c\nBEGIN;\nINSERT INTO t VALUES (1);\n\\copy t from stdin\n2\n\\.\n\
                 SELECT 'INSERT INTO t VALUES (3)' \\gexec\nCOMMIT;";
    let mut seen = Vec::new();
    let mut shell = session.shell(&[]);
    let done = shell.run(
        &mut session.conn,
        &Script { path: "x.sql", text },
        &mut Silent,
        &mut |_, statement, spot| {
            let text = String::from_utf8_lossy(statement).into_owned();
            let ask = if text == "COMMIT;" { Ask::Skip } else { Ask::Send };
            seen.push((text, spot.line, spot.offset));
            Ok(ask)
        },
    );
    assert!(done.unwrap().swallowed.is_empty());
    assert_eq!(
        seen.iter().map(|(text, line, offset)| (text.as_str(), *line, *offset)).collect::<Vec<_>>(),
        [
            ("BEGIN;", 2, Some(5)),
            ("INSERT INTO t VALUES (1);", 3, Some(12)),
            ("COPY  t FROM STDIN ", 4, None),
            ("SELECT 'INSERT INTO t VALUES (3)' ", 7, Some(62)),
            ("INSERT INTO t VALUES (3)", 7, None),
            ("COMMIT;", 8, Some(103)),
        ]
    );
    assert_eq!(session.conn.status(), Status::InTransaction);
    let rows = session.conn.rows("SELECT count(*) FROM t", &[]).unwrap();
    assert_eq!(rows, [[Some("3".to_owned())]]);
}

#[test]
fn an_error_of_the_gate_ends_the_script_whatever_it_wants() {
    let mut session = Session::new();
    let mut shell = session.shell(&[("ON_ERROR_STOP", "off")]);
    let script = Script { path: "x.sql", text: b"SELECT 1;\nCREATE TABLE never();" };
    let error = shell
        .run(&mut session.conn, &script, &mut Silent, &mut |_, _, spot| match spot.line {
            1 => Ok(Ask::Send),
            _ => Err(Error::new(Kind::Busy, "test.gate", "not now")),
        })
        .unwrap_err();
    assert_eq!(error.code(), "test.gate");
    assert_eq!(session.database.psql("SELECT to_regclass('never') IS NULL"), "t");
}

#[test]
fn what_is_swallowed_is_told() {
    let mut session = Session::new();
    let end = session.run("\\set ON_ERROR_STOP off\nSELECT 1/0;\n\\i nosuch.sql\nSELECT 1;").unwrap();
    let lines: Vec<_> = end.swallowed.iter().map(|error| place(error).1).collect();
    assert_eq!(lines, [2, 3]);
    assert!(!end.reconnected);
}

#[test]
fn another_session_takes_the_place_of_the_first() {
    let mut session = Session::new();
    let first = session.conn.pid();
    let end = session.run("SET work_mem = '5MB';\n\\c postgres\nCREATE TEMP TABLE q AS SELECT 1;").unwrap();
    assert!(end.reconnected);
    assert_ne!(session.conn.pid(), first);
    let rows = session.conn.rows("SELECT current_database(), current_setting('work_mem')", &[]).unwrap();
    assert_eq!(rows, [["postgres", "4MB"].map(|text| Some(text.to_owned()))]);
    // Without a session nothing more can be run.
    let error = session.run("\\set ON_ERROR_STOP off\nSELECT 1;\n\\c nosuchdb\nSELECT 2;").unwrap_err();
    assert_eq!((error.kind(), place(&error).1), (Kind::Database, 3));
}

#[test]
fn a_lost_session_ends_the_script_and_says_so() {
    let mut session = Session::new();
    let text = "\\set ON_ERROR_STOP off\nSELECT pg_terminate_backend(pg_backend_pid());\nSELECT 2;";
    let error = session.run(text).unwrap_err();
    assert_eq!((error.code(), place(&error).1), ("postgres.lost", 2));
    assert!(error.causes().iter().any(|cause| cause.contains("administrator command")), "{error:?}");
}

#[test]
fn data_that_are_refused_are_read_to_their_end() {
    let mut session = Session::new();
    let mut text = "\\set ON_ERROR_STOP off\nCREATE TABLE t(i int);\nCOPY t FROM STDIN;\nx\n".to_owned();
    for number in 0..200_000 {
        text.push_str(&format!("{number}\n"));
    }
    text.push_str("\\.\nINSERT INTO t VALUES (7);\n");
    let end = session.run(&text).unwrap();
    assert_eq!(end.swallowed.len(), 1);
    assert_eq!(session.database.psql("SELECT array_agg(i) FROM t"), "{7}");
}

#[test]
fn data_go_both_ways_whole() {
    let mut session = Session::new();
    let folder = tempfile::tempdir().unwrap();
    session.folder = folder.path().to_owned();
    session
        .run(
            "CREATE TABLE t AS SELECT i, repeat('é', 100) AS t FROM generate_series(1, 100000) i;
             \\copy t to 'rows'
             CREATE TABLE u (LIKE t);
             \\copy u from 'rows'
             \\copy u from program 'cat rows'",
        )
        .unwrap();
    let counted = session.database.psql("SELECT count(*), count(DISTINCT u) FROM u");
    assert_eq!(counted, "200000|100000");
}

#[test]
fn commands_that_need_a_person_are_refused() {
    let mut session = Session::new();
    for command in ["\\password", "\\watch", "\\!", "\\e", "\\s", "\\set SINGLESTEP on", "\\dt", "\\h"] {
        let error = session.run(&format!("SELECT 1\n{command}\n")).unwrap_err();
        assert_eq!((error.code(), place(&error).1), ("script.command", 2), "{command}");
    }
    // Where they are not reached they do no harm.
    session.run("\\if false\n\\password\n\\watch\n\\!\n\\endif\n").unwrap();
}

#[test]
fn files_that_include_themselves_come_to_an_end() {
    let mut session = Session::new();
    let folder = tempfile::tempdir().unwrap();
    session.folder = folder.path().to_owned();
    std::fs::write(folder.path().join("a.sql"), "\\i a.sql\n").unwrap();
    let error = session.run("\\i a.sql").unwrap_err();
    assert!(error.message().contains("too deep"), "{error:?}");
}

#[test]
fn a_variable_that_cannot_be_is_refused_at_the_start() {
    let session = Session::new();
    for (name, value) in [("AUTOCOMMIT", "foo"), ("a-b", "1")] {
        let variables = [(name.to_owned(), value.to_owned())];
        let refused = Shell::new(session.settings.clone(), PathBuf::new(), &variables);
        assert_eq!(refused.err().map(|error| error.kind()), Some(Kind::Usage), "{name}");
    }
}

/// A small generator of numbers, the same in every run.
fn dice(state: &mut u64, sides: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap() % sides
}

/// The measured scripts, cut up and put together anew: whatever comes of it, it comes to an end.
#[test]
fn nonsense_comes_to_an_end() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/scripts/pg.json")).unwrap();
    let scripts =
        vectors["vectors"].as_array().unwrap().iter().filter_map(|vector| vector["script"].as_str());
    // Nothing here may reach a shell or a file outside its folder.
    let tame = |script: &str| script.replace(['!', '`', '|', '/', '~'], " ").replace("program", "");
    let tame = |script: &str| tame(script).replace("pg_terminate_backend", "abs").replace("..", "");
    let pieces: Vec<String> = scripts
        .flat_map(|script| tame(script).split_inclusive([' ', '\n']).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut session = Session::new();
    let folder = tempfile::tempdir().unwrap();
    session.folder = folder.path().to_owned();
    let mut state = 7;
    let mut ended = [0, 0];
    for _ in 0..400 {
        let mut text = String::from("\\set ON_ERROR_STOP off\n");
        for _ in 0..dice(&mut state, 12) {
            let at = dice(&mut state, pieces.len());
            let run = dice(&mut state, 9);
            text.extend(pieces.iter().skip(at).take(run).map(String::as_str));
        }
        let done = session.run(&text);
        ended[usize::from(done.is_ok())] += 1;
        if done.is_err_and(|error| error.kind() == Kind::Database) {
            session = Session { folder: session.folder.clone(), ..Session::new() };
        }
        if session.conn.status() != Status::Idle {
            session.conn.batch("ROLLBACK").unwrap();
        }
    }
    assert!(ended.iter().all(|count| *count > 20), "{ended:?}");
}
