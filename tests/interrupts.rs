//! Ctrl-C: the first asks to stop after the change at hand and says so, the second ends the program,
//! and where nothing is being changed the first does.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use trial::{Change, Trial, done};

/// Says that it is at work, and works until the file `go` is there.
const WORKS: &str = ".shell touch here; for i in $(seq 3000); do [ -e go ] && exit; sleep 0.02; done";

/// A run in the middle of a change.
struct AtWork {
    trial: Trial,
    child: Child,
    err: BufReader<ChildStderr>,
}

impl AtWork {
    fn start(changes: &[Change]) -> AtWork {
        let trial = Trial::new(changes);
        let mut child = trial.command(&["deploy"]).spawn().unwrap();
        while !trial.path("here").exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
            std::thread::yield_now();
        }
        let err = BufReader::new(child.stderr.take().unwrap());
        AtWork { trial, child, err }
    }

    /// What it says next on standard error that speaks of Ctrl-C.
    fn told(&mut self) -> String {
        let mut line = String::new();
        while !line.contains("Ctrl-C") {
            line.clear();
            assert!(self.err.read_line(&mut line).unwrap() > 0, "it says nothing of Ctrl-C");
        }
        line
    }

    /// Lets it go on to its end.
    fn ends(mut self) -> (Trial, trial::Done) {
        self.trial.write("go", "");
        let mut err = String::new();
        self.err.read_to_string(&mut err).unwrap();
        let mut ended = done(self.child.wait_with_output().unwrap());
        ended.err = err;
        (self.trial, ended)
    }
}

fn interrupt(child: &Child) {
    kill_process(Pid::from_child(child), Signal::INT).unwrap();
}

fn slow() -> Change {
    let deploy = format!("{WORKS}\nCREATE TABLE slow (x);");
    Change::new("slow", &deploy, "SELECT x FROM slow;", "DROP TABLE slow;").makes(&["slow"])
}

#[test]
fn the_first_lets_the_change_end_and_says_so() {
    let mut run = AtWork::start(&[Change::whole("a"), slow(), Change::whole("c")]);
    interrupt(&run.child);
    assert_eq!(run.told(), "stopping after this change; press Ctrl-C again to stop at once\n");
    let (trial, ended) = run.ends();
    ended.ends(130).says("stopped between two changes, as asked");
    assert_eq!(trial.recorded(), ["a", "slow"]);
    trial.settled("interrupted");
    trial.run(&["deploy"]).ok();
    trial.complete("after it");
}

#[test]
fn the_second_ends_the_run_at_once() {
    let mut run = AtWork::start(&[Change::whole("a"), slow()]);
    interrupt(&run.child);
    run.told();
    interrupt(&run.child);
    assert_eq!(run.child.wait().unwrap().code(), Some(130));
    // Only now may the script's own program end: nobody waited for it.
    let (trial, _) = run.ends();
    assert_eq!(trial.recorded(), ["a"]);
    trial.agrees("interrupted twice");
}

#[test]
fn what_is_being_taken_back_is_taken_back_first() {
    let mut slow = Change::whole("a");
    slow.revert = format!("{WORKS}\n{}", slow.revert);
    let fails = Change::new("b", "SELECT * FROM nonesuch;", "SELECT 1;", "DROP TABLE b;");
    let mut run = AtWork::start(&[slow, fails]);
    interrupt(&run.child);
    assert_eq!(run.told(), "taking back what this run did; press Ctrl-C again to stop at once\n");
    let (trial, ended) = run.ends();
    ended.ends(2).says("Deploy failed");
    trial.empty("taken back");
}

#[test]
fn a_question_is_left_at_the_first() {
    let trial = Trial::new(&[Change::whole("a")]);
    trial.run(&["deploy"]).ok();
    let mut child = trial.command(&["revert"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut said = String::new();
    while !said.ends_with("? [No] ") {
        let mut byte = [0];
        assert_eq!(out.read(&mut byte).unwrap(), 1, "{said}");
        said.push(char::from(byte[0]));
    }
    // Its input stays open: an answer could still come.
    let input = child.stdin.take();
    interrupt(&child);
    done(child.wait_with_output().unwrap()).ends(130);
    drop(input);
    assert_eq!(trial.recorded(), ["a"]);
}

#[test]
fn waiting_for_another_runner_ends_at_the_first() {
    let run = AtWork::start(&[slow()]);
    let mut waiting = run.trial.command(&["deploy"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(waiting.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("another instance"), "{line}");
    interrupt(&waiting);
    done(waiting.wait_with_output().unwrap()).ends(130);
    let (trial, ended) = run.ends();
    ended.ok();
    trial.complete("undisturbed");
}
