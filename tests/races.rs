//! Two runners at once: one works, the other waits, and neither needs to be told what happened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use trial::{Change, Trial, done, trials};

#[test]
fn two_deployments_at_once_deploy_everything_once() {
    let changes: Vec<Change> = (1..=10).map(|number| Change::whole(&format!("c{number:02}"))).collect();
    let start = Trial::new(&changes);
    let count = trials(10);
    let mut waited = 0;
    for number in 1..=count {
        let trial = start.twin();
        let both = [0, 1].map(|_| trial.command(&["deploy"]).spawn().unwrap());
        for child in both {
            let ended = done(child.wait_with_output().unwrap()).ok();
            waited += usize::from(ended.out.contains("Blocked by another instance"));
        }
        let label = format!("trial {number}");
        trial.complete(&label);
        let events: Vec<(String, i64)> = {
            let registry = trial.registry();
            let mut query = registry.prepare("SELECT event, count(*) FROM events GROUP BY event").unwrap();
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
        };
        assert_eq!(events, [("deploy".to_owned(), 10)], "{label}");
    }
    println!("{count} races, {waited} in which one waited; all complete, both always with status 0");
}

/// A deployment that holds the lock until the file `go` is there.
struct Holder {
    trial: Trial,
    child: Child,
}

impl Holder {
    fn start() -> Holder {
        let slow = Change::new(
            "slow",
            ".print once\n.shell touch here; for i in $(seq 3000); do [ -e go ] && exit; sleep 0.02; done\nCREATE TABLE slow (x);",
            "SELECT x FROM slow;",
            "DROP TABLE slow;",
        );
        let trial = Trial::new(&[slow.makes(&["slow"])]);
        let mut quiet = trial.command(&["deploy"]);
        let mut child = quiet.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !trial.path("here").exists() {
            assert!(child.try_wait().unwrap().is_none(), "the holder ended");
            std::thread::yield_now();
        }
        Holder { trial, child }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The program that the script started goes by itself.
        self.trial.write("go", "");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn who_waits_says_for_whom() {
    let mut holder = Holder::start();
    let mut waiting = holder.trial.command(&["deploy"]).spawn().unwrap();
    let mut out = BufReader::new(waiting.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let year = "since 20";
    for part in [&format!("process {}", holder.child.id()), &host, year] {
        assert!(line.contains(part), "\"{part}\" is not in: {line}");
    }
    holder.trial.write("go", "");
    assert!(holder.child.wait().unwrap().success());
    out.read_to_string(&mut line).unwrap();
    assert!(line.contains("Nothing to deploy (up-to-date)"), "{line}");
    done(waiting.wait_with_output().unwrap()).ok();
    holder.trial.complete("after both");
}

#[test]
fn patience_ends_with_the_holder_named() {
    let holder = Holder::start();
    let name = format!("process {}", holder.child.id());
    for words in [["deploy", "--lock-timeout", "0"], ["revert", "-y", "--lock-timeout=0"]] {
        holder.trial.run(&words).ends(2).says("Timed out").says(&name).says("--lock-timeout");
    }
    let clock = Instant::now();
    holder.trial.run(&["deploy", "--lock-timeout", "1"]).ends(2).says(&name);
    assert!(clock.elapsed() >= Duration::from_secs(1));
}

#[test]
fn the_lock_of_a_killed_holder_is_free_at_once() {
    let mut holder = Holder::start();
    holder.child.kill().unwrap();
    holder.child.wait().unwrap();
    // In doubt, because nobody knows whether the program did its work; but nobody is waited for.
    holder.trial.run(&["deploy", "--lock-timeout", "0"]).ends(4).says("resume --retry");
}

#[test]
fn reading_waits_for_nobody() {
    let holder = Holder::start();
    // As when nothing is deployed yet: what runs is not in doubt.
    holder.trial.run(&["status"]).ends(1).says("# Running: the deploy of slow, after 0 of");
    holder.trial.run(&["log"]);
    holder.trial.run(&["plan"]).ok();
}
