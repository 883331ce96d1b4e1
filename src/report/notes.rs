//! Deploy notes: what runs did, as the journal tells, for people.

use crate::steps::{RunNote, StepNote};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Runs as text, in the order given.
#[must_use]
pub fn text(runs: &[RunNote], zone: &TimeZone) -> String {
    runs.iter().map(|run| one(run, zone)).collect::<Vec<_>>().join("\n")
}

fn one(run: &RunNote, zone: &TimeZone) -> String {
    let at = |at: Option<Timestamp>, format: &str| {
        at.map_or("?".to_owned(), |at| at.to_zoned(zone.clone()).strftime(format).to_string())
    };
    let mut text = format!("Run {}: {} to {}\n", run.run, run.command, run.target);
    let end = match (run.started_at, run.ended_at) {
        (Some(from), Some(to)) => {
            let took = u128::try_from(to.duration_since(from).as_millis()).unwrap_or(0);
            format!("{} after {}", run.outcome.as_deref().unwrap_or("ended"), seconds(took))
        }
        _ => "not ended: interrupted, or still at work".to_owned(),
    };
    text.push_str(&format!("  {}, {end}\n", at(run.started_at, "%Y-%m-%d %H:%M:%S %z")));
    let commit =
        run.git_commit.as_deref().map(|commit| format!(", commit {}", commit.get(..12).unwrap_or(commit)));
    text.push_str(&format!(
        "  by {} <{}> from {}, change {}{}\n",
        run.user_name,
        run.user_email,
        run.host,
        run.tool_version,
        commit.unwrap_or_default()
    ));
    let width = run.steps.iter().map(|step| step.change.chars().count()).max().unwrap_or(0);
    for step in &run.steps {
        let sign = if step.direction == "revert" { '-' } else { '+' };
        text.push_str(&format!("  {sign} {:width$}  {}", step.change, at(step.started_at, "%H:%M:%S")));
        for part in parts(step) {
            text.push_str(", ");
            text.push_str(&part);
        }
        text.push('\n');
        for blocker in step.blockers.iter().flat_map(|blockers| blockers.lines()) {
            text.push_str(&format!("      in its way: {blocker}\n"));
        }
        for line in step.error.iter().flat_map(|error| error.lines()) {
            text.push_str(&format!("      {line}\n"));
        }
    }
    text
}

/// What there is to say about a step.
fn parts(step: &StepNote) -> Vec<String> {
    let millis = |millis: i64| u128::try_from(millis).unwrap_or(0);
    let mut parts = Vec::new();
    if step.state != "done" {
        parts.push(step.state.clone());
    }
    if let Some(took) = step.duration_ms {
        parts.push(format!("took {}", seconds(millis(took))));
    }
    if step.mode == "stepwise" {
        parts.push(format!("{} of {} statements", step.statements_done, step.statements));
    } else if step.mode != "atomic" {
        parts.push(step.mode.clone());
    }
    if step.attempts > 1 {
        parts.push(format!("{} attempts", step.attempts));
    }
    if step.waited_ms > 0 {
        parts.push(format!("waited {} for its locks", seconds(millis(step.waited_ms))));
    }
    if step.others_waited_ms > 0 {
        parts.push(format!("others waited up to {} for it", seconds(millis(step.others_waited_ms))));
    }
    parts
}

fn seconds(millis: u128) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_reads_like_a_report() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).ok();
        let step = StepNote {
            change: "add_email".to_owned(),
            direction: "deploy".to_owned(),
            mode: "atomic".to_owned(),
            state: "done".to_owned(),
            started_at: at(1),
            duration_ms: Some(40),
            error: None,
            attempts: 3,
            waited_ms: 2300,
            others_waited_ms: 71,
            blockers: Some("psql of user bob".to_owned()),
            statements_done: 0,
            statements: 0,
        };
        let failed = StepNote {
            change: "idx".to_owned(),
            mode: "stepwise".to_owned(),
            state: "stopped".to_owned(),
            attempts: 1,
            waited_ms: 0,
            others_waited_ms: 0,
            blockers: None,
            duration_ms: None,
            error: Some("no".to_owned()),
            statements_done: 1,
            statements: 2,
            ..step.clone()
        };
        let run = RunNote {
            run: 7,
            command: "deploy".to_owned(),
            target: "db:pg:shop".to_owned(),
            started_at: at(0),
            ended_at: at(90),
            outcome: Some("failed".to_owned()),
            tool_version: "1.2.3".to_owned(),
            user_name: "Ann".to_owned(),
            user_email: "ann@example.org".to_owned(),
            host: "ci".to_owned(),
            git_commit: Some("0123456789abcdef".to_owned()),
            steps: vec![step, failed],
        };
        let expected = "Run 7: deploy to db:pg:shop\n  2023-11-14 22:13:20 +0000, failed after 1 min 30 s\n  \
            by Ann <ann@example.org> from ci, change 1.2.3, commit 0123456789ab\n  \
            + add_email  22:13:21, took 40 ms, 3 attempts, waited 2.3 s for its locks, others waited up to 71 ms for it\n      \
            in its way: psql of user bob\n  \
            + idx        22:13:21, stopped, 1 of 2 statements\n      no\n";
        assert_eq!(text(&[run], &TimeZone::UTC), expected);
    }
}
