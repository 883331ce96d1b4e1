//! The connection to PostgreSQL, against a real server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::wire::{Connection, Message, Status};
use postgres::{Server, server};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

/// Settings for an address, with nothing in the environment.
fn settings(uri: &str) -> Settings {
    Settings::from(&DatabaseUri::parse(uri).unwrap(), &|_| None).unwrap()
}

fn open(uri: &str) -> Connection {
    Connection::connect(&settings(uri)).unwrap()
}

/// Everything up to `Ready`.
fn answers(connection: &mut Connection) -> Vec<Message> {
    let mut all = Vec::new();
    loop {
        let message = connection.receive().unwrap();
        let ready = matches!(message, Message::Ready(_));
        all.push(message);
        if ready {
            return all;
        }
    }
}

#[test]
fn a_statement_is_answered_through_socket_and_tcp() {
    let database = server().database();
    for uri in [&database.uri, &database.tcp] {
        let mut connection = open(uri);
        let rows = connection.rows("SELECT $1::text, $2::int + 1, NULL", &[Some("é"), Some("41")]).unwrap();
        assert_eq!(rows, [[Some("é".to_owned()), Some("42".to_owned()), None]]);
        assert_eq!(connection.parameter("server_encoding"), Some("UTF8"));
        assert_eq!(connection.status(), Status::Idle);
        connection.batch("BEGIN; SELECT 1").unwrap();
        assert_eq!(connection.status(), Status::InTransaction);
        let error = connection.rows("SELECT nothing", &[]).unwrap_err();
        assert_eq!(error.message(), "column \"nothing\" does not exist (SQLSTATE 42703)");
        assert_eq!(connection.status(), Status::Failed);
        connection.query(b"ROLLBACK").unwrap();
        let tags = [Message::Complete("ROLLBACK".to_owned()), Message::Ready(Status::Idle)];
        assert_eq!(answers(&mut connection), tags);
    }
}

/// The tags of the statements that ended well, and the codes of those that did not.
fn outcomes(messages: &[Message]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| match message {
            Message::Complete(tag) => Some(tag.clone()),
            Message::Error(error) => Some(error.code.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn requests_may_pile_up_while_the_server_is_writing() {
    let database = server().database();
    for uri in [&database.uri, &database.tcp] {
        let mut connection = open(uri);
        let padding = "x".repeat(100_000);
        for _ in 0..100 {
            connection.query(format!("SELECT repeat('y', 100000) /* {padding} */").as_bytes()).unwrap();
        }
        connection.flush().unwrap();
        for _ in 0..100 {
            let all = answers(&mut connection);
            let Message::Row(row) = &all[1] else { panic!("{:?}", all[1]) };
            assert_eq!(row[0].as_ref().unwrap().len(), 100_000);
        }
        assert_eq!(connection.rows("SELECT 1", &[]).unwrap(), [[Some("1".to_owned())]]);
    }
}

#[test]
fn copies_run_both_ways() {
    let mut connection = open(&server().database().uri);
    connection.batch("CREATE TABLE t (a int, b text)").unwrap();
    connection.query(b"COPY t FROM STDIN; SELECT 'after'").unwrap();
    assert_eq!(connection.receive().unwrap(), Message::CopyIn);
    for number in 0..50_000 {
        connection.copy_data(format!("{number}\tline {number}\n").as_bytes());
    }
    connection.copy_done();
    let all = answers(&mut connection);
    assert_eq!(outcomes(&all), ["COPY 50000", "SELECT 1"]);

    connection.query(b"COPY (SELECT * FROM t WHERE a < 2 ORDER BY a) TO STDOUT").unwrap();
    let all = answers(&mut connection);
    let lines = [
        Message::CopyOut,
        Message::CopyData(b"0\tline 0\n".to_vec()),
        Message::CopyData(b"1\tline 1\n".to_vec()),
        Message::CopyDone,
    ];
    assert_eq!(all[..4], lines);

    connection.query(b"COPY t FROM STDIN").unwrap();
    assert_eq!(connection.receive().unwrap(), Message::CopyIn);
    connection.copy_fail("changed\0 my mind");
    let all = answers(&mut connection);
    assert_eq!(outcomes(&all), ["57014"]);
    assert_eq!(connection.rows("SELECT count(*) FROM t", &[]).unwrap(), [[Some("50000".to_owned())]]);
}

#[test]
fn a_copy_that_nobody_feeds_is_given_up() {
    let mut connection = open(&server().database().uri);
    connection.batch("CREATE TABLE t (a int)").unwrap();
    for ask in [Connection::batch, |c: &mut Connection, sql: &str| c.rows(sql, &[]).map(|_| ())] {
        let error = ask(&mut connection, "COPY t FROM STDIN").unwrap_err();
        assert!(error.message().contains("57014"), "{error}");
    }
    connection.query(b"COPY t FROM STDIN").unwrap();
    assert_eq!(connection.receive().unwrap(), Message::CopyIn);
    assert_eq!(connection.rows("SELECT 1", &[]).unwrap().len(), 1);
}

#[test]
fn what_is_running_can_be_cancelled_from_another_thread() {
    let database = server().database();
    for uri in [&database.uri, &database.tcp] {
        let mut connection = open(uri);
        let canceller = connection.canceller();
        connection.query(b"SELECT pg_sleep(600)").unwrap();
        connection.flush().unwrap();
        assert_eq!(connection.receive_within(Duration::from_millis(20)).unwrap(), None);
        let pid = connection.pid();
        let busy = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'PgSleep'");
        while database.psql(&busy).is_empty() {
            std::thread::yield_now();
        }
        std::thread::spawn(move || canceller.cancel().unwrap()).join().unwrap();
        let all = answers(&mut connection);
        assert_eq!(outcomes(&all), ["57014"]);
        assert_eq!(connection.status(), Status::Idle);
    }
}

#[test]
fn a_session_that_was_ended_is_lost_for_good() {
    let database = server().database();
    let mut connection = open(&database.uri);
    let pid = connection.pid();
    database.psql(&format!("SELECT pg_terminate_backend({pid}, 10000)"));
    for _ in 0..2 {
        let error = connection.rows("SELECT 1", &[]).unwrap_err();
        assert_eq!(error.code(), "postgres.lost");
        assert_eq!(error.causes(), ["terminating connection due to administrator command (SQLSTATE 57P01)"]);
    }
    assert_eq!(
        connection.query(b"SELECT 1").and_then(|()| connection.flush()).unwrap_err().code(),
        "postgres.lost"
    );
    assert_eq!(connection.receive().unwrap_err().code(), "postgres.lost");
    assert_eq!(connection.receive_within(Duration::ZERO).unwrap_err().code(), "postgres.lost");
}

#[test]
fn a_server_that_is_killed_is_noticed_in_the_middle_of_a_statement() {
    let own = Server::start(&[]);
    let mut connection = open(&own.database().tcp);
    connection.query(b"SELECT pg_sleep(600)").unwrap();
    connection.flush().unwrap();
    own.stop("immediate");
    let error = loop {
        match connection.receive() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "postgres.lost");
    let error = Connection::connect(&settings(&own.existing("postgres").tcp)).unwrap_err();
    assert_eq!(error.code(), "postgres.connect");
    assert!(error.causes()[0].contains("refused"), "{error}");
    own.resume();
    assert!(Connection::connect(&settings(&own.existing("postgres").tcp)).is_ok());
}

#[test]
fn news_of_the_session_are_told() {
    let database = server().database();
    let mut connection = open(&database.uri);
    connection.batch("LISTEN news").unwrap();
    connection.query(b"DO $$ BEGIN RAISE NOTICE 'look'; END $$; SET application_name TO renamed").unwrap();
    let all = answers(&mut connection);
    assert!(
        matches!(&all[0], Message::Notice(notice) if notice.message == "look" && notice.severity == "NOTICE")
    );
    assert_eq!(outcomes(&all), ["DO", "SET"]);
    assert_eq!(connection.parameter("application_name"), Some("renamed"));
    database.psql("NOTIFY news, 'first'");
    // Not lost when it arrives while something else is asked.
    assert_eq!(connection.rows("SELECT 1", &[]).unwrap().len(), 1);
    let told = loop {
        if let Some(message) = connection.receive_within(Duration::from_secs(60)).unwrap() {
            break message;
        }
    };
    assert!(
        matches!(&told, Message::Notification { channel, payload, .. } if channel == "news" && payload == "first"),
        "{told:?}"
    );
}

#[test]
fn results_can_be_described_without_being_made() {
    let mut connection = open(&server().database().uri);
    connection.describe(b"SELECT 1 AS one, 'a'::varchar(5)").unwrap();
    let all = answers(&mut connection);
    let Message::Columns(columns) = &all[0] else { panic!("{all:?}") };
    assert_eq!((columns[0].name.as_slice(), columns[0].oid, columns[0].modifier), (&b"one"[..], 23, -1));
    assert_eq!((columns[1].oid, columns[1].modifier), (1043, 9));
    connection.describe(b"CREATE TABLE never (a int)").unwrap();
    assert_eq!(answers(&mut connection), [Message::Ready(Status::Idle)]);
    assert_eq!(connection.rows("SELECT to_regclass('never')", &[]).unwrap(), [[None]]);
}

#[test]
fn text_is_bytes_in_the_database_s_own_encoding() {
    let latin = server().database_with("ENCODING 'LATIN1' TEMPLATE template0");
    let mut connection = open(&latin.uri);
    assert_eq!(connection.parameter("client_encoding"), Some("LATIN1"));
    connection.query(b"SELECT '\xe9' AS \"\xe8\"").unwrap();
    let all = answers(&mut connection);
    assert!(matches!(&all[0], Message::Columns(columns) if columns[0].name == b"\xe8"), "{all:?}");
    assert_eq!(all[1], Message::Row(vec![Some(b"\xe9".to_vec())]));
}

#[test]
fn a_nul_is_not_sent() {
    let mut connection = open(&server().database().uri);
    assert_eq!(connection.query(b"SELECT 1\0; DROP TABLE x").unwrap_err().code(), "postgres.unsendable");
    assert!(connection.rows("SELECT 1\0", &[]).is_err());
    assert!(connection.rows("SELECT $1::text", &[Some("a\0b")]).unwrap_err().message().contains("22021"));
    assert_eq!(connection.rows("SELECT $1::text", &[Some("a")]).unwrap(), [[Some("a".to_owned())]]);
}

#[test]
fn what_is_no_postgres_server_is_told_apart() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"N\xff\xff\xff\xff\xff",
        b"NR\0\0\0\x08\0\0\0\x07",
        b"N",
        b"",
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 8]);
                let _ = stream.write_all(answer);
            }
        });
        let error =
            Connection::connect(&settings(&format!("db:pg://u:hunter2@127.0.0.1:{port}/d"))).unwrap_err();
        assert!(error.code().starts_with("postgres."), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
        let _ = std::net::TcpStream::connect(("127.0.0.1", port));
        server.join().unwrap();
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let start = Instant::now();
    let uri = format!("db:pg://u@127.0.0.1:{port}/d?connect_timeout=1");
    let error = Connection::connect(&settings(&uri)).unwrap_err();
    assert!(error.causes()[0].contains("connect_timeout"), "{error}");
    assert!(start.elapsed() >= Duration::from_secs(1));
}
