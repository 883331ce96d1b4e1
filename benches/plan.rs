//! Reading, listing and extending long plans, and what the program costs before it does anything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use std::process::ExitCode;
use std::time::Instant;
use support::{Project, Report, average, change, megabytes, milliseconds, peak_memory};

fn main() -> ExitCode {
    let mut report = Report::default();
    start(&mut report);
    parse(&mut report);
    list(&mut report, 10_000, 20, 0.050);
    list(&mut report, 100_000, 5, 0.500);
    add(&mut report);
    report.finish()
}

/// What every command pays.
fn start(report: &mut Report) {
    let folder = tempfile::tempdir().unwrap();
    let version = average(100, || change(folder.path(), &["--version"]));
    report.at_most("--version, CPU", version.cpu.as_secs_f64(), 0.005, milliseconds);
    let size = std::fs::metadata(support::PROGRAM).unwrap().len();
    report.at_most("the program's size", size as f64, 20e6, megabytes);
}

/// The parser alone, without a process around it.
fn parse(report: &mut Report) {
    let text = support::plan(100_000);
    let rounds = (0..5).map(|_| {
        let start = Instant::now();
        let plan = change::plan::parse("sqitch.plan", text.as_bytes()).unwrap();
        let taken = start.elapsed().as_secs_f64();
        assert_eq!(plan.changes.len(), 100_000);
        taken
    });
    let taken = support::median(rounds.collect());
    report.at_most("parsing 100 000 changes", taken, 0.3, milliseconds);
    report.note("", format!("{:.0} MB/s", text.len() as f64 / taken / 1e6));
}

fn list(report: &mut Report, count: usize, rounds: u32, target: f64) {
    let project = Project::planned(count);
    let words = ["plan", "--oneline"];
    let listed = average(rounds, || change(project.folder(), &words));
    let title = format!("listing {} 000 changes", count / 1000);
    report.note(&format!("{title}, CPU"), milliseconds(listed.cpu.as_secs_f64()));
    report.at_most(&format!("{title}, wall"), listed.wall.as_secs_f64(), target, milliseconds);
    let peak = peak_memory(&mut change(project.folder(), &words));
    report.at_most(&format!("{title}, peak memory"), peak as f64, 100e6, megabytes);
}

fn add(report: &mut Report) {
    let project = Project::planned(10_000);
    let mut number = 0;
    let added = average(20, || {
        number += 1;
        change(project.folder(), &["add", &format!("new_{number}"), "--note", "One more."])
    });
    report.note("adding to 10 000 changes, CPU", milliseconds(added.cpu.as_secs_f64()));
    report.at_most("adding to 10 000 changes, wall", added.wall.as_secs_f64(), 0.030, milliseconds);
}
