//! `change` beside the real Sqitch 1.3.1: the same words do the same thing to the same database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

mod dependencies;
mod old_registries;
mod pair;
mod scenario;
mod side_by_side;
#[path = "../support/mod.rs"]
mod support;
mod turns;
mod wild;
