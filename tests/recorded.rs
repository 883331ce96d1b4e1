//! What was recorded of the real Sqitch, played again with `change` under Sqitch's name: sessions at the
//! command line, and what Sqitch starts its client programs with.
#![cfg(all(unix, feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "recorded/clients.rs"]
mod clients;
#[path = "recorded/desk.rs"]
mod desk;
#[path = "recorded/differences.rs"]
mod differences;
#[path = "recorded/folders.rs"]
mod folders;
#[path = "support/mysql.rs"]
mod maria;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "recorded/replay.rs"]
mod replay;
#[path = "recorded/sessions.rs"]
mod sessions;
