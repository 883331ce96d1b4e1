//! Two runners at the same moment: each change runs exactly once, and both end well.
//! `CHANGE_TRIALS=100 cargo test --test postgres races` is the long form.

use crate::Place;
use crate::support::Tool;
use std::process::{Child, Stdio};

const CHANGES: usize = 10;

fn names() -> Vec<String> {
    (0..CHANGES).map(|number| format!("c{number:02}")).collect()
}

fn place() -> Place {
    let names = names();
    let line = |(at, name): (usize, &String)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::with_plan(&format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    for (at, name) in names.iter().enumerate() {
        place.write_table_scripts(name);
        if at % 3 == 2 {
            place.world.write(
                &format!("deploy/{name}.sql"),
                &format!("CREATE TABLE t_{name} (id INTEGER);\nCREATE INDEX CONCURRENTLY i_{name} ON t_{name} (id);\n"),
            );
        }
    }
    place
}

fn start(place: &Place, tool: Tool) -> Child {
    let mut command = tool.command();
    command.args(["deploy", "--verify"]).current_dir(place.world.path(""));
    command.env("SQITCH_FULLNAME", "V").env("SQITCH_EMAIL", "v@e.org").env("HOME", place.world.path(""));
    command.env("SQITCH_USER_CONFIG", "/nonexistent").env("SQITCH_SYSTEM_CONFIG", "/nonexistent");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn race(first: Tool, second: Tool) {
    let count = std::env::var("CHANGE_TRIALS").map_or(2, |text| text.parse().unwrap());
    for trial in 0..count {
        let place = place();
        let mut runners =
            [start(&place, first), start(&place, second)].map(|child| child.wait_with_output().unwrap());
        for done in &mut runners {
            let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert!(done.status.success(), "{trial}: {}{}", said(&done.stdout), said(&done.stderr));
        }
        let recorded = place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes");
        assert_eq!(recorded, names().join(" "), "{trial}");
        let events = place.ask("SELECT count(*) FROM sqitch.events");
        assert_eq!(events, CHANGES.to_string(), "{trial}");
        assert_eq!(place.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0", "{trial}");
    }
}

#[test]
fn two_deployments_at_once_deploy_everything_once() {
    race(Tool::Change, Tool::Change);
}

#[test]
fn a_deployment_and_one_by_sqitch_keep_each_other_out() {
    race(Tool::Change, Tool::Sqitch);
}

#[test]
fn who_waits_says_for_whom() {
    let place = place();
    let mut holder = place.database.psql_command();
    holder.args(["-qAtX", "-c", "SELECT pg_advisory_lock(75474063)", "-c", "SELECT pg_sleep(30)"]);
    let mut holder = holder.stdout(Stdio::null()).spawn().unwrap();
    while place.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "0" {
        std::thread::yield_now();
    }
    let done = place.world.change("deploy --lock-timeout 1");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_ne!(done.status, 0);
    let said = format!("{}{}", done.out, done.err);
    assert!(said.contains("psql of user postgres"), "{said}");
    assert!(said.contains("Timed out waiting 1 seconds"), "{said}");
}
