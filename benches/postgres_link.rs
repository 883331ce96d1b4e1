//! How often `change` waits for a PostgreSQL server: round trips, synchronisations of its log, and
//! what both come to over a link of 20 ms; the other directions, revert and verify, against a minimal
//! program; and the real Sqitch beside it, if there is one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/floor.rs"]
mod floor;
#[path = "support/relay.rs"]
mod relay;
#[path = "support/served.rs"]
mod served;
#[path = "../tests/support/postgres.rs"]
mod server;
mod support;

use floor::Work;
use relay::Relay;
use served::{all_deployed, both, compare, counts, deploy, floored, fresh, syncs};
use server::{Database, Server};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use support::{Cost, Project, Report, average, change, command, cost, milliseconds, plain, times};

/// Each way.
const DELAY: Duration = Duration::from_millis(10);

fn main() -> ExitCode {
    if floor::was_it() {
        return ExitCode::SUCCESS;
    }
    let mut report = Report::default();
    // Nothing but the sessions is to write or to use the processor: what happens every so often counts
    // the time that passes and not what the program asks for.
    let server = Server::start(&[
        ("fsync", "on"),
        ("shared_buffers", "128MB"),
        ("checkpoint_timeout", "1h"),
        ("max_wal_size", "4GB"),
        ("wal_writer_delay", "10s"),
        ("autovacuum", "off"),
    ]);
    start_up(&mut report);
    waits(&mut report, &server);
    against_the_floor(&mut report, &server);
    over_a_link(&mut report, &server);
    nothing_to_do(&mut report, &server);
    beside_sqitch(&mut report, &server);
    report.finish()
}

fn start_up(report: &mut Report) {
    let folder = tempfile::tempdir().unwrap();
    let spent = average(100, || change(folder.path(), &["--version"]));
    report.at_most("change --version, CPU", spent.cpu.as_secs_f64(), 0.005, milliseconds);
}

fn revert(project: &Project, uri: &str) -> Command {
    change(project.folder(), &["revert", "-y", "--target", uri])
}

/// Round trips and synchronisations. Both are counted from the first byte to the last, with what
/// every run has to do once.
fn waits(report: &mut Report, server: &Server) {
    const CHANGES: usize = 500;
    let relay = Relay::start(server.port(), Duration::ZERO);
    let (project, database) = (Project::written(CHANGES), server.database());
    let uri = database.through(relay.port());
    for (title, mut command) in
        [("deploy, verified", deploy(&project, true, &uri)), ("revert", revert(&project, &uri))]
    {
        let before = syncs(server);
        relay.trips();
        support::run(&mut command);
        let (trips, syncs) = (relay.trips(), syncs(server) - before);
        let each = |count: u64| count as f64 / CHANGES as f64;
        report.at_most(&format!("{title}, 500 changes, round trips for each"), each(trips), 2.0, plain);
        report.at_most(&format!("{title}, 500 changes, fsyncs for each"), each(syncs), 1.1, plain);
    }
}

/// The directions that `postgres_deploy` does not look at.
fn against_the_floor(report: &mut Report, server: &Server) {
    const CHANGES: usize = 1000;
    let project = Project::written(CHANGES);
    let [mut verify, mut floor_verify, mut back, mut floor_back] = [const { Vec::<Cost>::new() }; 4];
    for _ in 0..5 {
        let floors = floored(&project, CHANGES, server);
        let floor = |work| floor::command(work, &project, CHANGES, &floors);
        let database = server.database();
        support::run(&mut deploy(&project, true, &database.uri));
        // The two of a pair one right after the other: the machine's pace changes in the meantime.
        let words = ["verify", "--target", &database.uri];
        floor_verify.push(both(server, 4, || floor(Work::Verify)));
        verify.push(both(server, 4, || change(project.folder(), &words)));
        floor_back.push(both(server, 1, || floor(Work::Revert)));
        back.push(both(server, 1, || revert(&project, &database.uri)));
        assert_eq!(counts(&database), counts(&floors), "the same work");
    }
    compare(report, "revert of 1 000 changes", [&back, &floor_back], [1.3, 1.15]);
    compare(report, "verify of 1 000 changes", [&verify, &floor_verify], [1.5, 1.5]);
}

/// What the round trips cost where they are long, told in round trips: all the time there is, which
/// holds what the server does too, and what is left of it without the time that the same takes through
/// a relay that does not delay.
fn over_a_link(report: &mut Report, server: &Server) {
    const CHANGES: usize = 200;
    let project = Project::written(CHANGES);
    let [near, far] = [Duration::ZERO, DELAY].map(|delay| {
        let relay = Relay::start(server.port(), delay);
        let uri = fresh(server).through(relay.port());
        [deploy(&project, true, &uri), revert(&project, &uri)].map(|mut command| {
            let wall = cost(&mut command).wall.as_secs_f64();
            (wall, relay.trips())
        })
    });
    for ((title, near), far) in ["deploy, verified", "revert"].into_iter().zip(near).zip(far) {
        let show = |(wall, trips): (f64, u64)| format!("{}, {trips}", milliseconds(wall));
        report.note(&format!("{title}, 200 changes, no delay, wall, round trips counted"), show(near));
        report.note(&format!("{title}, 200 changes, 20 ms, wall, round trips counted"), show(far));
        let trips = |wall: f64| wall / (2.0 * DELAY.as_secs_f64()) / CHANGES as f64;
        report.at_most(&format!("{title}, 20 ms, wall in round trips for each"), trips(far.0), 0.2, plain);
        report.at_most(
            &format!("{title}, the same without the server's time"),
            trips(far.0 - near.0),
            0.2,
            plain,
        );
    }
}

fn nothing_to_do(report: &mut Report, server: &Server) {
    let (project, database) = all_deployed(5000, server);
    let relay = Relay::start(server.port(), Duration::ZERO);
    let uri = database.through(relay.port());
    for word in ["status", "deploy"] {
        let spent = average(20, || change(project.folder(), &[word, "--target", &database.uri]));
        let title = format!("{word}, 5 000 changes deployed");
        report.at_most(&format!("{title}, CPU"), spent.cpu.as_secs_f64(), 0.010, milliseconds);
        support::run(&mut change(project.folder(), &[word, "--target", &uri]));
        report.at_most(&format!("{title}, round trips"), relay.trips() as f64, 5.0, plain);
    }
}

/// The real Sqitch runs psql for each script, and so connects for each.
fn beside_sqitch(report: &mut Report, server: &Server) {
    let version =
        Command::new("sqitch").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        report.note("there is no sqitch here to compare with", String::new());
        return;
    }
    let project = Project::written(40);
    let theirs = |project: &Project, uri: &str| {
        let mut command = command("sqitch", project.folder());
        command.args(["deploy", "--verify", "--target", uri]);
        command
    };
    let (mut tool, mut sqitch) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let database = fresh(server);
        sqitch.push(both(server, 1, || theirs(&project, &database.uri)));
        // What is short is done more than once, for the clock.
        let mut databases: Vec<Database> = (0..5).map(|_| fresh(server)).collect();
        tool.push(both(server, 5, || deploy(&project, true, &databases.pop().unwrap().uri)));
    }
    let (tool, sqitch) = (Cost::median(&tool), Cost::median(&sqitch));
    let title = "deploy of 40 changes, verified";
    beside(report, &format!("{title}, CPU"), tool.cpu, sqitch.cpu, 20.0);
    beside(report, &format!("{title}, wall"), tool.wall, sqitch.wall, 20.0);

    let project = Project::written(100);
    let relay = Relay::start(server.port(), DELAY);
    let uri = || fresh(server).through(relay.port());
    let sqitch = cost(&mut theirs(&project, &uri()));
    let theirs = relay.trips();
    let tool = cost(&mut deploy(&project, true, &uri()));
    report.note(
        "deploy of 100 changes over 20 ms, round trips, Sqitch's",
        format!("{} to {theirs}", relay.trips()),
    );
    beside(report, "deploy of 100 changes over 20 ms, wall", tool.wall, sqitch.wall, 60.0);
}

fn beside(report: &mut Report, title: &str, tool: Duration, sqitch: Duration, target: f64) {
    let (tool, sqitch) = (tool.as_secs_f64(), sqitch.as_secs_f64());
    report.note(title, format!("{} to {}", milliseconds(tool), milliseconds(sqitch)));
    report.at_least(&format!("{title}, Sqitch's of ours"), sqitch / tool, target, times);
}
