//! A deployment of forty changes is hit at a random moment: afterwards registry and schema agree,
//! and running it again finishes. `CHANGE_TRIALS=300 cargo test --test postgres kills` is the long
//! form.

use crate::Place;
use crate::forty::{assert_agree, assert_finishes, place, random, trials_wanted};
use crate::server::{Server, server};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::process::CommandExt;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

/// What happens to a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    /// The program is killed; programs that its scripts started live on.
    Kill,
    /// The program is killed together with all that its scripts started.
    KillGroup,
    /// One of its sessions is terminated.
    Terminate,
    /// The server is stopped without a checkpoint, and started again.
    Stop,
}

/// When it is deployed again.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Again {
    /// After the server has noticed, and somebody has looked.
    Calmly,
    /// While the server may still be at work for the first one.
    AtOnce,
}

/// A deployment as the leader of a process group.
fn start(place: &Place) -> Child {
    place.deploy_command().process_group(0).spawn().unwrap()
}

fn trials(blow: Blow, again: Again, server: &Server) {
    let whole = Instant::now();
    place(server).world.change("deploy").ok();
    let whole = whole.elapsed();
    let count = trials_wanted(if again == Again::AtOnce { 2 } else { 4 });
    let mut hit = 0;
    for trial in 0..count {
        hit += usize::from(one(blow, again, server, whole, trial));
    }
    println!(
        "{blow:?}, again {again:?}: {hit} of {count} deployments of {whole:?} were cut short, all were \
         finished by running them again"
    );
}

fn one(blow: Blow, again: Again, server: &Server, whole: Duration, trial: usize) -> bool {
    let place = place(server);
    let child = start(&place);
    let moment = whole.mul_f64(random());
    std::thread::sleep(moment);
    strike(blow, server, &place, &child);
    let first = child.wait_with_output().unwrap();
    let story = format!("{blow:?} {trial} after {moment:?} of {whole:?}:\n{}", said(&first));
    if again == Again::Calmly {
        assert_agree(&place, &story);
    }
    assert_finishes(&place, &story);
    !first.status.success()
}

fn said(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

fn strike(blow: Blow, server: &Server, place: &Place, child: &Child) {
    // Who has ended already cannot be killed; it is not waited for yet, so nobody else has its number.
    let pid = Pid::from_child(child);
    match blow {
        Blow::Kill => drop(kill_process(pid, Signal::KILL)),
        Blow::KillGroup => drop(kill_process_group(pid, Signal::KILL)),
        Blow::Terminate => {
            place.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                 AND pid <> pg_backend_pid() AND application_name = 'change' ORDER BY random() LIMIT 1",
            );
        }
        Blow::Stop => {
            server.stop("immediate");
            server.resume();
        }
    }
}

#[test]
fn the_program_is_killed() {
    trials(Blow::Kill, Again::Calmly, server());
}

#[test]
fn the_program_is_killed_and_started_again_at_once() {
    trials(Blow::Kill, Again::AtOnce, server());
}

#[test]
fn the_process_group_is_killed() {
    trials(Blow::KillGroup, Again::Calmly, server());
}

#[test]
fn the_process_group_is_killed_and_the_program_started_again_at_once() {
    trials(Blow::KillGroup, Again::AtOnce, server());
}

#[test]
fn the_process_group_is_killed_while_a_script_runs_a_program() {
    let place = place(server());
    place.write_table_scripts("c20");
    // Waits for ever, but only the first time.
    place.world.write(
        "deploy/c20.sql",
        "BEGIN;\nCREATE TABLE t_c20 (id INTEGER);\nCOMMIT;\n\\! test -e begun || { echo > begun; sleep 1000; }\nINSERT INTO t_c20 VALUES (1);\n",
    );
    let mut child = start(&place);
    while !place.world.path("begun").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the deployment ended before the program began");
        std::thread::yield_now();
    }
    strike(Blow::KillGroup, server(), &place, &child);
    // Its output ends only if all are dead who had it.
    let story = said(&child.wait_with_output().unwrap());
    assert_agree(&place, &story);
    assert_eq!(place.ask("SELECT change FROM sqitch.change_steps WHERE state = 'running'"), "c20", "{story}");
    assert_finishes(&place, &story);
}

#[test]
fn a_session_is_terminated() {
    trials(Blow::Terminate, Again::Calmly, server());
}

#[test]
fn the_server_is_stopped() {
    trials(Blow::Stop, Again::Calmly, &Server::start(&[]));
}
