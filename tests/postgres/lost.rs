//! The connection breaks after a COMMIT was forwarded and before its answer came.

use crate::Place;
use crate::forty::{self, recorded, settle};
use crate::server::server;
use crate::support::Done;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What of a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Breaks {
    /// The server gets the COMMIT and can do it in peace; only its answer goes nowhere.
    Answer,
    /// The server's side is closed as well, with answers unread: it may not come as far as the COMMIT.
    Both,
}

/// Forwards connections to a server, and breaks the one that sends the n-th COMMIT.
struct Relay {
    port: u16,
    commits: Arc<AtomicUsize>,
}

impl Relay {
    fn start(server: u16, breaks_at: usize, breaks: Breaks) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let commits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let counter = Arc::clone(&counter);
                std::thread::spawn(move || forward(client, server, (breaks_at, breaks), &counter));
            }
        });
        Relay { port, commits }
    }
}

fn forward(mut client: TcpStream, server: u16, (breaks_at, what): (usize, Breaks), commits: &AtomicUsize) {
    let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
        if what == Breaks::Answer {
            // A side that is closed with something unread throws away what it has sent, too.
            let _ = std::io::copy(&mut from_server, &mut std::io::sink());
        }
    });
    let mut kept = None;
    let mut buffer = [0; 65536];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let bytes = &buffer[..count];
        // Where changes go ahead of their turn, several come at once.
        let here = commits_in(bytes, &mut kept);
        let before = commits.fetch_add(here, Ordering::SeqCst);
        let breaks = (before + 1..=before + here).contains(&breaks_at);
        if breaks {
            // No answer reaches the client any more.
            let _ = client.shutdown(Shutdown::Both);
        }
        if server.write_all(bytes).is_err() || breaks {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}

/// How often a COMMIT is asked for: by its text, or by the name under which the server keeps it.
fn commits_in(bytes: &[u8], kept: &mut Option<Vec<u8>>) -> usize {
    let mut count = 0;
    for at in (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"COMMIT\0")) {
        let before = bytes[..at].strip_suffix(b"\0").unwrap_or_default();
        let name = before.iter().rposition(|byte| *byte == b'c').map(|start| &before[start..]);
        match name.filter(|name| name.starts_with(b"change_")) {
            Some(name) => *kept = Some([b"\0", name, b"\0"].concat()),
            None => count += 1,
        }
    }
    let named = |name: &Vec<u8>| bytes.windows(name.len()).filter(|window| window == name).count();
    count + kept.as_ref().map_or(0, named)
}

fn deploy_through(relay: &Relay, place: &Place) -> Done {
    let database = &place.database;
    let through = database.tcp.replace(&format!(":{}/", database.port), &format!(":{}/", relay.port));
    place.world.change(&format!("deploy --target {through}"))
}

fn place(count: usize) -> (Place, Vec<String>) {
    let names: Vec<String> = (0..count).map(|number| format!("c{number:02}")).collect();
    let line = |(at, name): (usize, &String)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::with_plan(&format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for (at, name) in names.iter().enumerate() {
        place.write_table_scripts(name);
        if at % 4 == 3 {
            place.world.write(
                &format!("deploy/{name}.sql"),
                &format!("CREATE TABLE t_{name} (id INTEGER);\nCREATE INDEX CONCURRENTLY i_{name} ON t_{name} (id);\n"),
            );
        }
    }
    (place, names)
}

#[test]
fn a_commit_whose_answer_was_lost_is_done_once() {
    every_commit(Breaks::Answer);
}

#[test]
fn a_commit_that_may_not_have_come_through_is_done_once() {
    every_commit(Breaks::Both);
}

fn every_commit(breaks: Breaks) {
    let (mut place, names) = place(8);
    let mut at = 0;
    loop {
        at += 1;
        place = place.twin();
        let relay = Relay::start(place.database.port, at, breaks);
        let broken = deploy_through(&relay, &place);
        settle(&place);
        let known = recorded(&place);
        let there = place.ask("SELECT string_agg(substr(tablename, 3), ' ' ORDER BY tablename) FROM pg_tables WHERE tablename ~ '^t_'");
        if broken.status == 0 {
            assert_eq!(known, names.join(" "), "at {at}: {}", broken.out);
        } else if broken.status != 4 {
            // Half of a change may only be there if the exit status says so.
            assert_eq!(there, known, "at {at}: {}{}", broken.out, broken.err);
        }
        let again = place.world.change("deploy");
        assert_eq!(again.status, 0, "at {at}: {}{}\n{}{}", broken.out, broken.err, again.out, again.err);
        let known = recorded(&place);
        assert_eq!(known, names.join(" "), "at {at}");
        let invalid = place.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid");
        assert_eq!(invalid, "0", "at {at}");
        if relay.commits.load(Ordering::SeqCst) < at {
            break;
        }
    }
    assert!(at > 10, "the relay broke nothing: {at}");
}

#[test]
fn the_answer_to_any_commit_of_a_long_deployment_may_be_lost() {
    any_commit(Breaks::Answer, "auto");
}

#[test]
fn any_commit_of_a_long_deployment_may_not_come_through() {
    any_commit(Breaks::Both, "auto");
}

#[test]
fn the_answers_to_changes_that_went_ahead_may_be_lost() {
    any_commit(Breaks::Answer, "on");
}

fn any_commit(breaks: Breaks, pipeline: &str) {
    let start = || {
        let place = forty::place(server());
        place.world.change(&format!("config deploy.pipeline {pipeline}")).ok();
        place
    };
    let undisturbed = start();
    let relay = Relay::start(undisturbed.database.port, usize::MAX, Breaks::Answer);
    deploy_through(&relay, &undisturbed).ok();
    let commits = relay.commits.load(Ordering::SeqCst);
    assert!(commits >= forty::names().len(), "the relay does not see the commits: {commits}");
    let count = forty::trials_wanted(3);
    let mut cut_short = 0;
    for trial in 0..count {
        let place = start();
        let at = 1 + (forty::random() * commits as f64) as usize;
        let relay = Relay::start(place.database.port, at, breaks);
        let broken = deploy_through(&relay, &place);
        let story = format!("{trial}, at {at} of {commits}: {}{}", broken.out, broken.err);
        assert!(relay.commits.load(Ordering::SeqCst) >= at, "nothing was broken: {story}");
        forty::assert_agree(&place, &story);
        match broken.status {
            0 => assert_eq!(recorded(&place), forty::names().join(" "), "{story}"),
            4 => {}
            _ => assert_eq!(open_steps(&place), "0", "half of a change without a word: {story}"),
        }
        cut_short += usize::from(broken.status != 0);
        forty::assert_finishes(&place, &story);
    }
    println!(
        "{breaks:?} broken at a random one of {commits} commits: {cut_short} of {count} deployments were cut short, \
         the others went on by themselves; all were finished"
    );
}

/// How many changes the journal holds as begun.
fn open_steps(place: &Place) -> String {
    if place.ask("SELECT to_regclass('sqitch.change_steps') IS NULL") == "t" {
        return "0".to_owned();
    }
    place.ask("SELECT count(*) FROM sqitch.change_steps WHERE state IN ('running', 'stopped')")
}
