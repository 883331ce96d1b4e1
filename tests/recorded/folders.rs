//! What stood in the folders of the sessions. It was not recorded, and is worked out here from the commands
//! and their outputs; the plans are those whose ids were recorded.

use crate::desk::Desk;
use crate::replay::group;
use serde_json::Value as Json;

const CONF: &str = "[core]\n\tengine = sqlite\n";
const TARGET: &str = "[engine \"sqlite\"]\n\ttarget = db:sqlite:x.db\n";
const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n";

/// What happens to the folder before a step.
pub(crate) fn prepare(desk: &mut Desk, group: &str, number: usize, recording: &Json) {
    let target = format!("{CONF}{TARGET}");
    match (group, number) {
        // The others go on in the folder of the one before.
        ("init", 1 | 2 | 3 | 6 | 10 | 11 | 12) => desk.move_on(),
        ("bundle", 0) => reworked(desk, recording),
        ("target and engine", 0) => {
            desk.write("sqitch.conf", "[core]\n\tengine = pg\n");
            plan(desk, &[]);
        }
        ("user identity", 0) => {
            desk.write("sqitch.conf", CONF);
            plan(desk, &[]);
        }
        ("arguments and targets", 0) => {
            let targets =
                ["t1", "t2"].map(|name| format!("[target \"{name}\"]\n\turi = db:sqlite:{name}.db\n"));
            desk.write("sqitch.conf", &format!("{CONF}{}", targets.concat()));
            plan(desk, &["a 2024-01-01T00:00:00Z", "b 2024-01-01T00:00:00Z"]);
            // They bear it to be logged and not run.
            for name in ["a", "b"] {
                desk.write(
                    &format!("deploy/{name}.sql"),
                    &format!("CREATE TABLE IF NOT EXISTS {name} (id);\n"),
                );
                desk.write(&format!("revert/{name}.sql"), &format!("DROP TABLE IF EXISTS {name};\n"));
                desk.write(&format!("verify/{name}.sql"), "SELECT 1 WHERE 0;\n");
            }
        }
        ("missing scripts", 0) => {
            desk.write("sqitch.conf", &target);
            plan(desk, &["a 2024-01-01T00:00:00Z", "b 2024-01-01T00:00:01Z"]);
        }
        ("missing scripts", 9) => {
            for name in ["a", "b"] {
                desk.write(&format!("deploy/{name}.sql"), "CREATE TABLE IF NOT EXISTS t (id);\n");
                desk.write(&format!("revert/{name}.sql"), "DROP TABLE IF EXISTS t;\n");
            }
        }
        ("verify failure on deploy", 0) => {
            desk.write("sqitch.conf", &format!("{target}[deploy]\n\tverify = true\n\tmode = change\n"));
            plan(desk, &["a 2024-01-01T00:00:00Z", "b 2024-01-01T00:00:01Z"]);
            tables(desk, &["a", "b"]);
            desk.write("verify/b.sql", "select nope from b;\n");
        }
        ("verify failure on deploy", 6) => desk.write("revert/b.sql", "syntax error;\n"),
        ("verify anomalies", _) => anomaly(desk, number, &target),
        ("project uri registration", _) => registration(desk, number, &target),
        _ => {}
    }
}

/// The project that the groups before left, with a change that was reworked.
fn reworked(desk: &Desk, recording: &Json) {
    let steps = group(recording, "rework")["steps"].as_array().unwrap();
    let plan = steps.iter().rev().find_map(|step| step["files"]["sqitch.plan"].as_str()).unwrap();
    for script in group(recording, "bundle")["B"].as_array().unwrap() {
        desk.write(script.as_str().unwrap(), "-- A script.\n");
    }
    desk.write("sqitch.conf", CONF);
    desk.write("sqitch.plan", plan);
}

fn anomaly(desk: &Desk, number: usize, target: &str) {
    const A: &str = "a 2024-01-01T00:00:00Z";
    const B: &str = "b 2024-01-01T00:00:01Z";
    const C: &str = "c 2024-01-01T00:00:02Z";
    match number {
        0 => {
            desk.write("sqitch.conf", target);
            plan(desk, &[A, B, C]);
            tables(desk, &["a", "b", "c"]);
        }
        1 => plan(desk, &[A, C]),
        4 => {
            plan(desk, &[A, B, C]);
            desk.write("deploy/b.sql", "create table b (id integer); -- edited\n");
        }
        5 => plan(desk, &[A, B, C, "d 2024-01-01T00:00:03Z"]),
        6 => plan(desk, &[]),
        8 => {
            plan(desk, &[A, B, C]);
            let text = desk.read("sqitch.plan").unwrap();
            desk.write("sqitch.plan", &text.replacen("acme\n", "acme\n%uri=https://example.org/\n", 1));
        }
        _ => {}
    }
}

fn registration(desk: &Desk, number: usize, target: &str) {
    let project = |name: &str, uri: Option<&str>| {
        let uri = uri.map(|uri| format!("%uri={uri}\n")).unwrap_or_default();
        let change = "a 2024-01-01T00:00:00Z A <a@b.c>";
        desk.write("sqitch.plan", &format!("%syntax-version=1.0.0\n%project={name}\n{uri}\n{change}\n"));
    };
    match number {
        0 => {
            desk.write("sqitch.conf", target);
            tables(desk, &["a"]);
            project("p1", Some("https://x.org/1"));
        }
        2 => project("p1", None),
        3 => project("p1", Some("https://x.org/2")),
        4 => project("p2", Some("https://x.org/1")),
        5 => project("p3", None),
        7 => project("p3", Some("https://x.org/3")),
        8 => std::fs::remove_file(desk.path("sqitch.plan")).unwrap(),
        _ => {}
    }
}

/// Writes a plan of changes with the times they were planned at.
fn plan(desk: &Desk, changes: &[&str]) {
    let lines: String = changes.iter().map(|change| format!("{change} A <a@b.c>\n")).collect();
    desk.write("sqitch.plan", &format!("{PLAN}{lines}"));
}

/// Writes the scripts of changes that make a table each.
fn tables(desk: &Desk, names: &[&str]) {
    for name in names {
        desk.write(&format!("deploy/{name}.sql"), &format!("create table {name} (id integer);\n"));
        desk.write(&format!("revert/{name}.sql"), &format!("drop table {name};\n"));
        desk.write(&format!("verify/{name}.sql"), &format!("select id from {name};\n"));
    }
}
