//! Changes that cannot be one transaction and stop half-way: what `status` says, and the ways on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use trial::{Change, Trial};

/// A script that cannot be one transaction because of the VACUUM at its end.
fn stepwise(deploy: &str) -> Trial {
    Trial::new(&[Change::new(
        "steps",
        &format!("{deploy}\nVACUUM;"),
        "SELECT 1;",
        "DROP TABLE IF EXISTS one;",
    )])
}

#[test]
fn a_script_never_reaches_the_registry() {
    // `tags` is also a table of the registry, which is attached to commit with the first statement.
    let trial = stepwise("CREATE TABLE one (x);\nDROP TABLE IF EXISTS tags;\nDELETE FROM one;");
    trial.run(&["deploy"]).ok();
    trial.run(&["status"]).ok().says("Nothing to deploy (up-to-date)");

    let trial = stepwise("CREATE TABLE one (x);\nDELETE FROM changes;");
    trial.run(&["deploy"]).ends(4).says("no such table: changes");
}
