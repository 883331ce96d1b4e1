//! `change` on MariaDB: killed, refused, resumed, beside the real Sqitch.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod kills;
#[path = "../support/mysql.rs"]
mod maria;
mod pitfalls;
#[path = "../support/place.rs"]
mod place;
#[path = "../support/postgres.rs"]
mod postgres;
mod stepwise;
#[allow(dead_code)] // Parts of it are about SQLite.
#[path = "../support/mod.rs"]
mod support;
mod transactions;
