//! The connection to PostgreSQL, against a real server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "support/postgres.rs"]
mod postgres;

use change::config::uri::DatabaseUri;
use change::engine::postgres::settings::Settings;
use change::engine::postgres::wire::{Connection, Message, Status};
use postgres::server;

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
