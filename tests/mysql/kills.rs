//! A deployment of forty changes is hit at a random moment: afterwards registry and schema agree, or
//! the journal names the change and the statement, and running it again finishes.
//! `CHANGE_TRIALS=100 cargo test --release --test mysql -- kills:: --nocapture` is the long form.

use crate::maria::{Server, server};
use crate::place::Place;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Output};
use std::time::{Duration, Instant};

const CHANGES: usize = 40;

/// What happens to a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    /// The program is killed.
    Kill,
    /// One of its sessions is ended.
    Terminate,
    /// The server is killed, and started again.
    Server,
}

fn names() -> Vec<String> {
    (0..CHANGES).map(|number| format!("c{number:02}")).collect()
}

/// Tables, rows, indexes, triggers, procedures, transactions of several statements, and one statement
/// that takes its time.
fn script(at: usize, name: &str) -> String {
    let table = format!("CREATE TABLE t_{name} (id INTEGER PRIMARY KEY AUTO_INCREMENT, x INTEGER);\n");
    let row = format!("INSERT INTO t_{name} (x) VALUES (1);\n");
    match at % 6 {
        1 => format!(
            "{table}{row}ALTER TABLE t_{name} ADD COLUMN more INTEGER;\nCREATE INDEX i_{name} ON t_{name} (x);\n"
        ),
        2 => format!(
            "{table}START TRANSACTION;\n{row}UPDATE t_{name} SET x = x + 1;\nUPDATE t_{name} SET x = x - 1;\nCOMMIT;\n"
        ),
        3 => format!(
            "{table}DELIMITER //\nCREATE TRIGGER r_{name} BEFORE UPDATE ON t_{name} FOR EACH ROW BEGIN SET NEW.x = NEW.x; END//\n\
             CREATE PROCEDURE p_{name}() BEGIN SELECT 1; END//\nDELIMITER ;\n{row}"
        ),
        4 => format!(
            "{table}{row}ALTER TABLE t_{name} MODIFY x BIGINT;\nDO SLEEP(0.02);\nRENAME TABLE t_{name} TO u_{name};\nRENAME TABLE u_{name} TO t_{name};\n"
        ),
        5 => format!("BEGIN;\n{table}{row}COMMIT;\n"),
        _ => format!("{table}{row}"),
    }
}

fn place(on: &Server) -> Place {
    let place = Place::on_maria(on);
    let names = names();
    let line = |(at, name): (usize, &String)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    place.world.write("sqitch.plan", &format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for (at, name) in names.iter().enumerate() {
        place.write_table_scripts(name);
        place.world.write(&format!("deploy/{name}.sql"), &script(at, name));
        let gone = format!("DROP TABLE IF EXISTS t_{name}, u_{name};\nDROP PROCEDURE IF EXISTS p_{name};\n");
        place.world.write(&format!("revert/{name}.sql"), &gone);
    }
    place
}

fn recorded(place: &Place) -> String {
    place.ask_registry(
        "SELECT COALESCE(GROUP_CONCAT(`change` ORDER BY committed_at SEPARATOR ' '), '') FROM {r}changes",
    )
}

/// Whether the registry's tables are there yet.
fn has(place: &Place, table: &str) -> bool {
    let registry = place.registry_name();
    let sql = format!(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = '{registry}' AND table_name = '{table}'"
    );
    !place.ask(&sql).is_empty()
}

/// Waits until the sessions of a program that ended are over.
fn settle(place: &Place) {
    let start = Instant::now();
    let busy = "SELECT COUNT(*) FROM information_schema.processlist WHERE command <> 'Daemon' AND id <> CONNECTION_ID() \
                AND (db = DATABASE() OR info LIKE '%change_steps%')";
    while place.ask(busy) != "0" {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "a session stays: {}",
            place.ask("SHOW FULL PROCESSLIST")
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Every recorded change is there, in the order of the plan; of what is not recorded only that which
/// the journal holds as running may be there, and `status` names it with its statement.
fn assert_agree(place: &Place, story: &str) {
    settle(place);
    if !has(place, "changes") || !has(place, "change_steps") {
        return;
    }
    let (recorded, planned) = (recorded(place), names().join(" "));
    assert!(planned.starts_with(&recorded), "{story}\nrecorded: {recorded}");
    let there = place.ask(
        "SELECT COALESCE(GROUP_CONCAT(SUBSTR(table_name, 3) ORDER BY SUBSTR(table_name, 3) SEPARATOR ' '), '') \
         FROM information_schema.tables WHERE table_schema = DATABASE()",
    );
    let stopped =
        place.ask_registry("SELECT `change` FROM {r}change_steps WHERE state IN ('running', 'stopped')");
    let with = format!("{recorded} {stopped}");
    let story = format!("{story}\nrecorded: {recorded}\nstopped: {stopped}\nthere: {there}");
    assert!(there == recorded || there == with.trim(), "{story}");
    if !stopped.is_empty() {
        let status = place.change("status --format json");
        let json: serde_json::Value = serde_json::from_str(&status.out).unwrap();
        assert_eq!(json["in_doubt"]["change"], stopped.as_str(), "{story}\n{}", status.out);
        let at: usize = stopped[1..].parse().unwrap();
        let statement = json["in_doubt"]["statement"].as_str().unwrap();
        let first = statement.lines().next().unwrap_or_default();
        assert!(script(at, &stopped).contains(first), "{story}\n{statement}");
    }
}

/// A plain second deployment finishes what the first began, and does nothing twice.
fn assert_finishes(place: &Place, story: &str) {
    let again = place.change("deploy");
    let story = format!("{story}\nthen: {}{}", again.out, again.err);
    assert_eq!(again.status, 0, "{story}\n{}", place.ask_registry("SELECT step_id, `change`, state, units_done, unit_begun, line, statement, looked FROM {r}change_steps ORDER BY step_id DESC LIMIT 3"));
    assert_eq!(recorded(place), names().join(" "), "{story}");
    for (at, name) in names().iter().enumerate() {
        assert_eq!(place.ask(&format!("SELECT COUNT(*), MIN(x) FROM t_{name}")), "1|1", "{story}\n{name}");
        let columns = place.ask(&format!("SHOW COLUMNS FROM t_{name}"));
        assert_eq!(columns.contains("more"), at % 6 == 1, "{story}\n{name}: {columns}");
        assert_eq!(columns.contains("bigint"), at % 6 == 4, "{story}\n{name}: {columns}");
    }
    let open =
        place.ask_registry("SELECT COUNT(*) FROM {r}change_steps WHERE state IN ('running', 'stopped')");
    assert_eq!(open, "0", "{story}");
    assert_eq!(place.change("verify").status, 0, "{story}");
}

fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let bits = std::hash::RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn trials(blow: Blow, on: &Server, short: usize) {
    let whole = Instant::now();
    place(on).change("deploy").ok();
    let whole = whole.elapsed();
    let count = std::env::var("CHANGE_TRIALS").map_or(short, |text| text.parse().unwrap());
    let (mut hit, mut doubtful) = (0, 0);
    for trial in 0..count {
        let place = place(on);
        let child = place.command(&["deploy"]).spawn().unwrap();
        let moment = whole.mul_f64(random());
        std::thread::sleep(moment);
        strike(blow, on, &place, &child);
        let first = child.wait_with_output().unwrap();
        let story = format!("{blow:?} {trial} after {moment:?} of {whole:?}:\n{}", said(&first));
        assert_agree(&place, &story);
        doubtful += usize::from(
            has(&place, "change_steps")
                && place.ask_registry("SELECT COUNT(*) FROM {r}change_steps WHERE unit_begun = 1") != "0",
        );
        assert_finishes(&place, &story);
        hit += usize::from(!first.status.success());
    }
    println!(
        "{blow:?}: {hit} of {count} deployments of {whole:?} were cut short, {doubtful} of them inside a statement that \
         commits by itself; all were finished by running them again"
    );
}

fn said(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

fn strike(blow: Blow, on: &Server, place: &Place, child: &Child) {
    match blow {
        // Who has ended already cannot be killed; it is not waited for yet, so nobody else has its number.
        Blow::Kill => drop(kill_process(Pid::from_child(child), Signal::KILL)),
        Blow::Terminate => {
            let sessions = "SELECT id FROM information_schema.processlist WHERE command <> 'Daemon' AND id <> CONNECTION_ID() \
                            AND user <> 'system user' AND (db = DATABASE() OR db IS NULL) ORDER BY RAND() LIMIT 1";
            let session = place.ask(sessions);
            if !session.is_empty() {
                // It may be gone by now.
                let _ = place.maria().client().args(["-e", &format!("KILL {session}")]).output();
            }
        }
        Blow::Server => {
            on.kill();
            on.resume();
        }
    }
}

#[test]
fn the_program_is_killed() {
    trials(Blow::Kill, server(), 4);
}

#[test]
fn a_session_is_ended() {
    // On a server of its own: the session of another test must not be hit.
    trials(Blow::Terminate, &Server::start(), 4);
}

#[test]
fn the_server_is_killed() {
    trials(Blow::Server, &Server::start(), 3);
}
