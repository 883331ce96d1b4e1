//! Sqitch's own tutorials, for PostgreSQL, SQLite and MySQL, followed from start to end: once with the
//! real Sqitch, once with `change` under the name `sqitch`, each with a home, a repository and a server
//! of its own.
//!
//! The text is read from the installed package; here is only what the reader has to understand of it
//! (`tutorial/*.rs`). A command must end as the text lets expect, and do and say what the real one does.
//!
//! `TUTORIAL=/tmp/played cargo test --test tutorial` leaves what was typed and said in that folder.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "tutorial/book.rs"]
mod book;
#[path = "support/mysql.rs"]
mod maria;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "tutorial/reader.rs"]
mod reader;
#[path = "tutorial/tutorials.rs"]
mod tutorials;
#[path = "tutorial/twins.rs"]
mod twins;

#[test]
fn the_tutorial_on_postgresql() {
    twins::follow(&tutorials::POSTGRES);
}

#[test]
fn the_tutorial_on_sqlite() {
    twins::follow(&tutorials::SQLITE);
}

#[test]
fn the_tutorial_on_mysql() {
    twins::follow(&tutorials::MYSQL);
}
