//! Changes that are sent before the answers to those before them have come.

use crate::Place;

const CHANGES: usize = 30;

fn name(at: usize) -> String {
    format!("c{at:02}")
}

fn place() -> Place {
    let line = |at: usize| format!("{} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n", name(at));
    let lines: String = (0..CHANGES).map(line).collect();
    let place = Place::with_plan(&format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    (0..CHANGES).for_each(|at| place.write_table_scripts(&name(at)));
    place.world.change("config deploy.pipeline on").ok();
    place
}

impl Place {
    fn tables(&self) -> usize {
        self.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").parse().unwrap()
    }

    fn changes(&self) -> usize {
        self.ask("SELECT count(*) FROM sqitch.changes").parse().unwrap()
    }

    fn both(&self) -> (usize, usize) {
        (self.tables(), self.changes())
    }
}

#[test]
fn all_go_and_come_back_in_order() {
    let place = place();
    place.world.change("deploy").ok();
    assert_eq!(place.both(), (CHANGES, CHANGES));
    let order = "SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.";
    let names: Vec<String> = (0..CHANGES).map(name).collect();
    assert_eq!(place.ask(&format!("{order}changes")), names.join(" "));
    assert_eq!(place.ask("SELECT count(DISTINCT committed_at) FROM sqitch.changes"), CHANGES.to_string());
    place.world.change(&format!("revert -y --to {}", name(9))).ok();
    assert_eq!(place.both(), (10, 10));
    place.world.change("deploy").ok();
    place.world.change("revert -y").ok();
    assert_eq!(place.both(), (0, 0));
    assert_eq!(
        place.ask("SELECT count(*) FROM sqitch.change_steps WHERE state <> 'done'"),
        "0",
        "nothing failed on the way"
    );
}

#[test]
fn a_failure_stops_all_that_was_sent_after_it() {
    for script in [
        // At a statement, at the COMMIT, and after the change was begun anew.
        "SELECT 1/0;\n",
        "CREATE TABLE t_c17 (id INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t_c17 VALUES (1), (1);\n",
        "CREATE TABLE t_c17 (id INTEGER);\nSAVEPOINT s;\nSELECT 1/0;\nROLLBACK TO s;\n",
    ] {
        let place = place();
        place.world.write("deploy/c17.sql", script);
        let done = place.world.change("deploy --mode change");
        assert_ne!(done.status, 0, "{script}");
        assert!(done.out.contains("c17") && !done.out.contains("c18"), "{}", done.out);
        assert_eq!(place.both(), (17, 17), "{script}");
        place.write_table_scripts("c17");
        place.world.change("deploy").ok();
        assert_eq!(place.both(), (CHANGES, CHANGES), "{script}");
    }
}

#[test]
fn a_failed_verification_takes_back_all_of_the_run() {
    let place = place();
    place.world.write("verify/c20.sql", "SELECT 1/count(*) FROM t_c20;\n");
    assert_ne!(place.world.change("deploy").status, 0);
    assert_eq!(place.both(), (0, 0));
}

#[test]
fn what_cannot_go_ahead_has_its_turn_in_order() {
    let place = place();
    place.world.write(
        "deploy/c05.sql",
        "CREATE TABLE t_c05 (id INTEGER);\nCREATE INDEX CONCURRENTLY i ON t_c04 (id);\n",
    );
    place.world.write("deploy/c06.sql", "CREATE TABLE t_c06 (id INTEGER);\n\\echo hello\n");
    place.world.write(
        "deploy/c07.sql",
        "CREATE TABLE t_c07 (id INTEGER);\nALTER TABLE t_c03 ADD COLUMN x INTEGER;\n",
    );
    let deployed = place.world.change("deploy");
    let out = deployed.ok().out.clone();
    let at = |name: &str| out.find(name).unwrap_or_else(|| panic!("{name}: {out}"));
    assert!((0..CHANGES - 1).all(|one| at(&name(one)) < at(&name(one + 1))), "{out}");
    assert_eq!(place.both(), (CHANGES, CHANGES));
}

#[test]
fn a_lost_session_leaves_nothing_undecided() {
    let place = place();
    let kill = "CREATE TABLE t_c12 (id INTEGER);\nSELECT pg_terminate_backend(pg_backend_pid());\n";
    place.world.write("deploy/c12.sql", kill);
    assert_ne!(place.world.change("deploy --mode change").status, 0);
    assert_eq!(place.both(), (12, 12));
    place.write_table_scripts("c12");
    place.world.change("deploy").ok();
    assert_eq!(place.both(), (CHANGES, CHANGES));
}

#[test]
fn behind_a_pooler_nothing_is_run() {
    let place = place();
    let relay = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = relay.local_addr().unwrap().port();
    let server = place.database.port;
    // What a pooler shows of the session: a number of its own.
    std::thread::spawn(move || {
        for client in relay.incoming().map(Result::unwrap) {
            let server = std::net::TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut up, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up, &mut to));
            std::thread::spawn(move || hand_out_another_number(server, client));
        }
    });
    let uri = place.database.through(port);
    let done = place.world.run(crate::support::Tool::Change, "", &["deploy", "--target", &uri], "");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("pooler"), "{}", done.err);
    assert_eq!(place.tables(), 0);
}

/// Passes on what the server says, with another process number in its `BackendKeyData`.
fn hand_out_another_number(mut server: std::net::TcpStream, mut client: std::net::TcpStream) {
    use std::io::{Read, Write};
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = server.read(&mut bytes) {
        let key = bytes[..count].windows(5).position(|five| five == b"K\0\0\0\x0c");
        if let Some(at) = key.filter(|at| at + 9 <= count) {
            bytes[at + 8] ^= 1;
        }
        if client.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

#[test]
fn without_the_lock_nothing_that_was_sent_is_done() {
    let place = place();
    place.world.write(
        "deploy/c08.sql",
        "CREATE TABLE t_c08 (id INTEGER);\n\
         SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 75474063\n\
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database());\nSELECT pg_sleep(0.3);\n",
    );
    assert_ne!(place.world.change("deploy --mode change").status, 0);
    assert_eq!(place.both(), (8, 8));
}

/// One that was sent ahead finds a table held by somebody old: that one is named and waited for.
#[test]
fn a_held_table_is_waited_for() {
    let place = place();
    place.ask("CREATE TABLE shop (id INTEGER)");
    place.world.write(
        "deploy/c05.sql",
        "BEGIN;\nALTER TABLE shop ADD COLUMN note TEXT;\nCREATE TABLE t_c05 (id INTEGER);\nCOMMIT;\n",
    );
    let mut reader = place.database.psql_command();
    let mut reader = reader
        .args(["-qAtX", "-c", "BEGIN; SELECT count(*) FROM shop; SELECT pg_sleep(3); COMMIT"])
        .spawn()
        .unwrap();
    while place.ask("SELECT count(*) FROM pg_stat_activity WHERE query ~ 'shop.*pg_sleep' AND xact_start < now() - interval '0.6 s' AND pid <> pg_backend_pid()") == "0" {
        std::thread::yield_now();
    }
    let done = place.world.change("deploy").ok();
    assert!(done.err.contains("waiting for psql of user postgres"), "{}", done.err);
    assert_eq!(place.both(), (CHANGES + 1, CHANGES));
    reader.wait().unwrap();
}
