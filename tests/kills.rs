//! `kill -9` at random moments of a deployment: registry and schema agree afterwards, and a plain
//! second deployment finishes the work. `CHANGE_TRIALS=300 cargo test --test kills` is the long form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use std::time::{Duration, Instant};
use trial::{Change, Trial, done, trials};

/// Numbers that differ from run to run.
struct Random(u64);

impl Random {
    fn new() -> Random {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Random(now.as_nanos() as u64 | 1)
    }

    /// A moment before `end`, all equally likely.
    fn moment(&mut self, end: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        end.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn killed_at_random(start: &Trial, what: &str) {
    let mut random = Random::new();
    let undisturbed = start.twin();
    let clock = Instant::now();
    undisturbed.run(&["deploy"]).ok();
    let duration = clock.elapsed();
    undisturbed.complete("undisturbed");
    let (count, mut cut_short, mut inside) = (trials(15), 0, 0);
    for number in 1..=count {
        let trial = start.twin();
        let moment = random.moment(duration);
        let mut child = trial.command(&["deploy"]).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        let killed = done(child.wait_with_output().unwrap());
        let label = format!("{what}, trial {number}, killed after {moment:?} of {duration:?}");
        let recorded = trial.recorded().len();
        cut_short += usize::from(killed.status.is_none());
        inside += usize::from(recorded > 0 && recorded < trial.changes.len());
        trial.agrees(&label);
        trial.run(&["deploy"]).ok();
        trial.complete(&label);
    }
    println!(
        "{what}: {count} trials in {duration:?} each, {cut_short} cut short, {inside} of them between first and last change; all consistent, all resumed"
    );
}

fn forty() -> Trial {
    let changes: Vec<Change> = (1..=40).map(|number| Change::whole(&format!("c{number:02}"))).collect();
    Trial::new(&changes)
}

#[test]
fn with_a_rollback_journal() {
    killed_at_random(&forty(), "rollback journal");
}

#[test]
fn in_wal_mode() {
    killed_at_random(&forty().in_wal_mode(), "WAL");
}

/// Scripts of two transactions with a VACUUM between them.
fn stepwise() -> Trial {
    let change = |number: usize| {
        let (one, two) = (format!("one_{number}"), format!("two_{number}"));
        Change::new(
            &format!("s{number:02}"),
            &format!(
                "BEGIN;\nCREATE TABLE {one} (x);\nINSERT INTO {one} VALUES (1);\nCOMMIT;\nVACUUM;\n\
                 BEGIN;\nCREATE TABLE {two} (x);\nCOMMIT;\nINSERT INTO {one} VALUES (2);"
            ),
            &format!("SELECT x FROM {one};"),
            &format!("DROP TABLE {one};\nDROP TABLE {two};"),
        )
        .makes(&[&one, &two])
        .fills(&one, 2)
    };
    Trial::new(&(1..=12).map(change).collect::<Vec<_>>())
}

#[test]
fn step_by_step() {
    killed_at_random(&stepwise(), "step by step");
}

#[test]
fn step_by_step_in_wal_mode() {
    killed_at_random(&stepwise().in_wal_mode(), "step by step, WAL");
}
