//! The same project, the real Sqitch beside `change`, in one run. Needs `sqitch` and `sqlite3`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use support::{Cost, Project, Report, average, change, command, cost, milliseconds, times};

const CHANGES: usize = 20;
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    let mut report = Report::default();
    let version =
        Command::new("sqitch").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        report.note("there is no sqitch here to compare with", String::new());
        return report.finish();
    }
    let project = Project::written(CHANGES);
    deploys(&mut report, &project, "deploy of 20 changes");
    compare_status(&mut report, &project);
    // Where synchronising costs nothing, what is left is the programs' own cost.
    if let Some(project) = Project::written_in(Path::new("/dev/shm"), CHANGES) {
        deploys(&mut report, &project, "the same in memory");
    }
    report.finish()
}

fn deploys(report: &mut Report, project: &Project, title: &str) {
    let ours = || change(project.folder(), &["deploy", "--verify"]);
    let theirs = || {
        let mut command = command("sqitch", project.folder());
        command.args(["deploy", "--verify"]);
        command
    };
    let (mut tool, mut sqitch) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        sqitch.push(deploy(project, &theirs));
        tool.push(deploy(project, &ours));
    }
    compare(report, title, Cost::median(&tool), Cost::median(&sqitch), 20.0);
}

fn compare_status(report: &mut Report, project: &Project) {
    let tool = average(50, || change(project.folder(), &["status"]));
    let sqitch = average(3, || {
        let mut command = command("sqitch", project.folder());
        command.arg("status");
        command
    });
    compare(report, "status", tool, sqitch, 50.0);
}

/// The average of ten: what takes a hundredth of a second is too short for the clock.
fn deploy(project: &Project, command: &dyn Fn() -> Command) -> Cost {
    let rounds: Vec<Cost> = (0..10)
        .map(|_| {
            project.forget_databases();
            cost(&mut command())
        })
        .collect();
    Cost { cpu: rounds.iter().map(|one| one.cpu).sum::<std::time::Duration>() / 10, ..Cost::median(&rounds) }
}

fn compare(report: &mut Report, title: &str, tool: Cost, sqitch: Cost, target: f64) {
    let seconds = |cost: Cost| (cost.cpu.as_secs_f64(), cost.wall.as_secs_f64());
    let ((cpu, wall), (their_cpu, their_wall)) = (seconds(tool), seconds(sqitch));
    report.note(&format!("{title}, CPU"), format!("{} to {}", milliseconds(cpu), milliseconds(their_cpu)));
    report.note(&format!("{title}, wall"), format!("{} to {}", milliseconds(wall), milliseconds(their_wall)));
    report.at_least(&format!("{title}, CPU, Sqitch's of ours"), their_cpu / cpu, target, times);
    report.note(&format!("{title}, wall, Sqitch's of ours"), times(their_wall / wall));
}
