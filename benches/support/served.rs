//! What the benchmarks against a PostgreSQL server share.
//!
//! What the server costs is counted too: the processor time of all its sessions, which have ended
//! when it is read.

#![allow(dead_code, unreachable_pub)] // Every benchmark uses a part of it.

use crate::floor::{self, Work};
use crate::server::{self, Database, Server};
use crate::support::{self, Cost, Project, Report, average, change, milliseconds, times};
use std::process::Command;
use std::time::Duration;

/// A fresh database, once all that making it has left to be written is written.
pub fn fresh(server: &Server) -> Database {
    let database = server.database();
    server.existing(server::ADMIN).psql("CHECKPOINT");
    database
}

/// Waits until all sessions have ended, and with that told what they did and cost.
fn settle(server: &Server) -> Database {
    let admin = server.existing(server::ADMIN);
    while admin.psql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") != "1" {
        std::thread::sleep(Duration::from_millis(5));
    }
    admin
}

/// The processor time of the server and of all its sessions that have ended.
fn server_time(server: &Server) -> Duration {
    settle(server);
    std::thread::sleep(Duration::from_millis(20));
    let pid = std::fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.lines().next().unwrap())).unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    let ticks: u64 = (11..15).map(|at| fields[at].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

/// Client and server together, for one of `runs` runs.
pub fn both(server: &Server, runs: u32, command: impl FnMut() -> Command) -> Cost {
    let before = server_time(server);
    let client = average(runs, command);
    Cost { cpu: client.cpu + (server_time(server) - before) / runs, wall: client.wall }
}

/// How often the server has waited until its log was on the disk.
pub fn syncs(server: &Server) -> u64 {
    settle(server).psql("SELECT wal_sync FROM pg_stat_wal").parse().unwrap()
}

/// `change deploy` to a database.
pub fn deploy(project: &Project, verify: bool, uri: &str) -> Command {
    let verify = if verify { "--verify" } else { "--no-verify" };
    change(project.folder(), &["deploy", verify, "--target", uri])
}

/// How much the tables hold: the same for the same work.
pub fn counts(database: &Database) -> String {
    database.psql(
        "SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'), (SELECT count(*) FROM sqitch.changes), \
         (SELECT count(*) FROM sqitch.dependencies), (SELECT count(*) FROM sqitch.tags), (SELECT count(*) FROM sqitch.events)",
    )
}

/// A database that the floor has deployed everything to.
pub fn floored(project: &Project, count: usize, server: &Server) -> Database {
    let database = server.database();
    support::run(&mut floor::command(Work::Verified, project, count, &database));
    database
}

/// A project and a database in which all of its changes are deployed.
pub fn all_deployed(count: usize, server: &Server) -> (Project, Database) {
    let (project, database) = (Project::planned(count), server.database());
    support::run(&mut change(project.folder(), &["config", "policy.way_back", "off"]));
    let words = ["deploy", "--log-only", "--no-verify", "--target", &database.uri];
    support::run(&mut change(project.folder(), &words));
    (project, database)
}

/// The rows of a table that compare a cost with the floor's.
pub fn compare(report: &mut Report, title: &str, [tool, floor]: [&[Cost]; 2], [cpu, wall]: [f64; 2]) {
    let (tool, floor) = (Cost::median(tool), Cost::median(floor));
    let show = |cost: Cost| {
        let (cpu, wall) = (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
        format!("{} CPU, {} wall", milliseconds(cpu), milliseconds(wall))
    };
    report.note(title, show(tool));
    report.note("floor", show(floor));
    let of = |tool: Duration, floor: Duration| tool.as_secs_f64() / floor.as_secs_f64();
    report.at_most("CPU of client and server, of the floor's", of(tool.cpu, floor.cpu), cpu, times);
    report.at_most("wall time, of the floor's", of(tool.wall, floor.wall), wall, times);
}
