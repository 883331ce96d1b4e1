//! Deploying to PostgreSQL, against a minimal program that sends the same SQL over one connection,
//! with one commit and Sqitch's rows for each change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/floor.rs"]
mod floor;
#[path = "support/served.rs"]
mod served;
#[path = "../tests/support/postgres.rs"]
mod server;
mod support;

use floor::Work;
use served::{all_deployed, both, compare, counts, deploy};
use server::Server;
use std::process::ExitCode;
use support::{MEBIBYTE, Project, Report, change, mebibytes, milliseconds, peak_memory};

const CHANGES: usize = 1000;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    if floor::was_it() {
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    let server = Server::start(&[("fsync", "on"), ("shared_buffers", "128MB")]);
    against_the_floor(&mut report, &server, true);
    against_the_floor(&mut report, &server, false);
    nothing_to_do(&mut report, &server);
    memory(&mut report, &server);
    report.finish()
}

fn against_the_floor(report: &mut Report, server: &Server, verify: bool) {
    let project = Project::written(CHANGES);
    let work = if verify { Work::Verified } else { Work::Deploy };
    let (mut tool, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let database = server.database();
        floor.push(both(server, 1, || floor::command(work, &project, CHANGES, &database)));
        let rows = counts(&database);
        let database = server.database();
        tool.push(both(server, 1, || deploy(&project, verify, &database.uri)));
        assert_eq!(counts(&database), rows, "the same work");
    }
    let how = if verify { "verified" } else { "not verified" };
    compare(report, &format!("deploy of 1 000 changes, {how}"), [&tool, &floor], [1.3, 1.15]);
}

fn nothing_to_do(report: &mut Report, server: &Server) {
    let (project, database) = all_deployed(5000, server);
    for word in ["status", "deploy"] {
        let spent = support::average(20, || change(project.folder(), &[word, "--target", &database.uri]));
        report.at_most(
            &format!("{word}, 5 000 changes deployed, CPU"),
            spent.cpu.as_secs_f64(),
            0.010,
            milliseconds,
        );
    }
}

fn memory(report: &mut Report, server: &Server) {
    let project = Project::written(5000);
    let peak = peak_memory(&mut deploy(&project, true, &server.database().uri));
    report.at_most("deploy of 5 000 changes, peak memory", peak as f64, 20.0 * MEBIBYTE, mebibytes);
}
