//! Commands that only look, on a registry of ten thousand deployed changes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use std::process::ExitCode;
use support::{Project, Report, average, change, megabytes, milliseconds, peak_memory, run};

const CHANGES: usize = 10_000;
const ROUNDS: u32 = 30;

fn main() -> ExitCode {
    let mut report = Report::default();
    let project = Project::planned(CHANGES);
    // No scripts: what is measured is the registry, not the schema.
    run(&mut change(project.folder(), &["config", "policy.way_back", "off"]));
    run(&mut change(project.folder(), &["deploy", "--log-only", "--no-verify"]));
    for words in [&["status"], &["deploy"]] {
        let looked = average(ROUNDS, || change(project.folder(), words));
        let title = format!("{}, 10 000 changes deployed", words[0]);
        report.at_most(&format!("{title}, CPU"), looked.cpu.as_secs_f64(), 0.050, milliseconds);
        report.note(&format!("{title}, wall"), milliseconds(looked.wall.as_secs_f64()));
        let peak = peak_memory(&mut change(project.folder(), words));
        report.note(&format!("{title}, peak memory"), megabytes(peak as f64));
    }
    report.finish()
}
