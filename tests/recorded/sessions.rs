//! Sessions at the command line. What stood in the folders was not recorded, and is worked out here
//! from the commands and their outputs; the plans are those whose ids were recorded.

use crate::desk::Desk;
use crate::replay::{Difference, same, settle, vector};
use regex::Regex;
use serde_json::Value as Json;

/// The groups that `tests/commands.rs` plays.
const ELSEWHERE: [&str; 3] = ["add", "tag", "rework"];

/// The groups that are played here; those in one row were recorded one after the other in one folder.
const ROWS: [&[&str]; 9] = [
    &["init"],
    &["bundle", "plan formats"],
    &["target and engine", "config"],
    &["user identity"],
    &["arguments and targets", "rebase"],
    &["missing scripts"],
    &["verify failure on deploy"],
    &["verify anomalies"],
    &["project uri registration"],
];

const DIFFERENCES: &[Difference] = &[
    Difference {
        step: "init 1",
        typed: "init bad:name",
        why: "finding: Sqitch refuses a backslash, too, but does not say so",
        status: 2,
        says: r##"contain "@", ":", "#", "\", or blanks, or end in punctuation"##,
        catch_up: &[],
    },
    Difference {
        step: "init 3",
        typed: "init demo --uri",
        why: "finding: Sqitch makes db/deploy in place of dep, and the folders for reworked scripts",
        status: 0,
        says: "Created p/my.plan\nCreated dep/\nCreated db/revert/\nCreated db/verify/\n",
        catch_up: &[],
    },
    Difference {
        step: "init 4",
        typed: "init demo",
        why: "finding: the configuration that is there says where the plan is, and is not asked",
        status: 0,
        says: "Created sqitch.plan\n",
        catch_up: &[],
    },
    Difference {
        step: "init 5",
        typed: "init other",
        why: "finding: as before",
        status: 2,
        says: "project \"demo\" already initialized in sqitch.plan",
        catch_up: &[],
    },
    Difference {
        step: "init 14",
        typed: "nosuchcommand",
        why: "finding: in other words",
        status: 2,
        says: "unrecognized subcommand 'nosuchcommand'",
        catch_up: &[],
    },
    Difference {
        step: "init 17",
        typed: "--version",
        why: "finding: the name and the version are our own, even under Sqitch's name",
        status: 0,
        says: "change ",
        catch_up: &[],
    },
    Difference {
        step: "init 19",
        typed: "-C nowhere",
        why: "finding: the reason is on a line of its own",
        status: 2,
        says: "Cannot change to directory nowhere\ncaused by: No such file or directory",
        catch_up: &[],
    },
    Difference {
        step: "bundle 2",
        typed: "bundle --dest-dir B3 --to nope",
        why: "bundle-to",
        status: 2,
        says: "Writing plan from @ROOT to nope\n",
        catch_up: &[],
    },
    Difference {
        step: "plan formats 1",
        typed: "plan -f format:%h",
        why: "announced",
        status: 2,
        says: "{attr} is not a valid change attribute",
        catch_up: &[],
    },
    Difference {
        step: "plan formats 2",
        typed: "plan -f format:%{planner_name}a",
        why: "announced",
        status: 2,
        says: "{color} is not a valid ANSI color",
        catch_up: &[],
    },
    Difference {
        step: "target and engine 5",
        typed: "target -v",
        why: "passwords",
        status: 0,
        says: "bad\tdb:nope:thing\ndev\tdb:pg://me:@h:5433/dev?sslmode=require\n",
        catch_up: &[],
    },
    Difference {
        step: "target and engine 6",
        typed: "target show dev",
        why: "passwords",
        status: 0,
        says: "* dev\n    URI:           db:pg://me:@h:5433/dev?sslmode=require\n    Registry:      sqitch\n",
        catch_up: &[],
    },
    Difference {
        step: "target and engine 10",
        typed: "engine add pg prod",
        why: "finding: the plan of the target is not made",
        status: 0,
        says: "",
        catch_up: &[],
    },
    Difference {
        step: "target and engine 15",
        typed: "target remove prod",
        why: "finding: Sqitch says that it cannot rename it",
        status: 2,
        says: "Cannot remove target \"prod\" because it's referenced by: engine.pg.target",
        catch_up: &[],
    },
    Difference {
        step: "config 11",
        typed: "config --list",
        why: "finding: Sqitch ends with an empty line",
        status: 0,
        says: "core.engine=pg\ntarget.bad.uri=db:nope:thing\nuser.name=Joe \"X\" #1; ok\n",
        catch_up: &[],
    },
    Difference {
        step: "arguments and targets 9",
        typed: "deploy --mode weird",
        why: "exit-status",
        status: 2,
        says: "Unknown deployment mode: \"weird\"",
        catch_up: &[],
    },
    Difference {
        step: "arguments and targets 11",
        typed: "status --date bogus",
        why: "exit-status",
        status: 2,
        says: "Unknown date format \"bogus\"",
        catch_up: &[],
    },
    Difference {
        step: "rebase 7",
        typed: "rebase t1",
        why: "revert-asks, rebase-declined",
        status: 1,
        says: "Revert all changes from t1? [No] Nothing reverted\n",
        catch_up: &[],
    },
    Difference {
        step: "rebase 8",
        typed: "rebase t1 --onto a",
        why: "revert-asks",
        status: 1,
        says: "Revert changes to a from t1? [No] Nothing reverted\n",
        catch_up: &[],
    },
    Difference {
        step: "missing scripts 0",
        typed: "deploy",
        why: "announced, checked-first",
        status: 2,
        says: "Deploy script deploy/a.sql does not exist",
        catch_up: &[],
    },
    Difference {
        step: "missing scripts 1",
        typed: "deploy --log-only",
        why: "way-back",
        status: 3,
        says: "2 changes have no way back, so nothing was deployed",
        catch_up: &["config policy.way_back off", "deploy --log-only"],
    },
    Difference {
        step: "missing scripts 5",
        typed: "revert -y",
        why: "announced, checked-first",
        status: 2,
        says: "Revert script revert/b.sql does not exist",
        catch_up: &[],
    },
    Difference {
        step: "missing scripts 6",
        typed: "revert -y",
        why: "announced, checked-first",
        status: 2,
        says: "Revert script revert/b.sql does not exist",
        catch_up: &[],
    },
    Difference {
        step: "missing scripts 8",
        typed: "deploy --log-only",
        why: "finding: newer ones miss scripts that they would not run; 1.3.1 does not, see step 1",
        status: 0,
        says: "Deploying changes to db:sqlite:x.db\n  + a .. ok\n  + b .. ok\n",
        catch_up: &["revert -y --log-only"],
    },
    Difference {
        step: "missing scripts 9",
        typed: "deploy",
        why: "same-script",
        status: 0,
        says: "Deploying changes to db:sqlite:x.db\n  + a .. ok\n  + b .. ok\n",
        catch_up: &["revert -y"],
    },
    Difference {
        step: "missing scripts 10",
        typed: "deploy",
        why: "same-script",
        status: 0,
        says: "Deploying changes to db:sqlite:x.db\n  + a .. ok\n  + b .. ok\n",
        catch_up: &["revert -y"],
    },
    Difference {
        step: "verify anomalies 4",
        typed: "check",
        why: "check-lists",
        status: 1,
        says: "Checking db:sqlite:x.db\n  * deploy/b.sql was edited since b was deployed\nCheck found 1 difference\n",
        catch_up: &[],
    },
];

/// A value that Sqitch writes to be read back with backslashes, in a file and on the screen, and what
/// ours makes of it: see `config-quotes` in docs/sqitch.md.
const QUOTES: [(&str, &str); 2] =
    [(r#""Joe \"X\" #1; ok""#, r#""Joe "\""X"\"" #1; ok""#), (r#"Joe \"X\" #1; ok"#, r#"Joe "X" #1; ok"#)];

/// Words with blanks in them; their quotes were not recorded.
const WITH_BLANKS: [&str; 2] =
    [r#"Joe "X" #1; ok"#, "format:%{planner_name}a%{date:rfc}p %{date:strftime:%Y}p %{date:cldr:yyyy}p %v%C"];

const CONF: &str = "[core]\n\tengine = sqlite\n";
const TARGET: &str = "[engine \"sqlite\"]\n\ttarget = db:sqlite:x.db\n";
const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n";

#[test]
fn init() {
    replay(ROWS[0]);
}

#[test]
fn bundle_and_plan_formats() {
    replay(ROWS[1]);
}

#[test]
fn targets_engines_and_configuration() {
    replay(ROWS[2]);
}

#[test]
fn user_identity() {
    replay(ROWS[3]);
}

#[test]
fn arguments_and_rebase() {
    replay(ROWS[4]);
}

#[test]
fn missing_scripts() {
    replay(ROWS[5]);
}

#[test]
fn verify_failure_on_deploy() {
    replay(ROWS[6]);
}

#[test]
fn verify_anomalies() {
    replay(ROWS[7]);
}

#[test]
fn project_uri_registration() {
    replay(ROWS[8]);
}

#[test]
fn every_group_is_played() {
    let mut played: Vec<&str> = ROWS.concat().into_iter().chain(ELSEWHERE).collect();
    let recording = vector("cli-transcripts.json");
    let mut recorded: Vec<&str> = recording["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["group"].as_str().unwrap())
        .collect();
    played.sort_unstable();
    recorded.sort_unstable();
    assert_eq!(played, recorded);
}

#[test]
fn every_difference_is_of_a_step_and_explained() {
    let recording = vector("cli-transcripts.json");
    let mut steps = Vec::new();
    for name in ROWS.concat() {
        let commands = group(&recording, name)["steps"].as_array().unwrap().iter();
        steps.extend(
            commands
                .enumerate()
                .map(|(number, step)| (format!("{name} {number}"), step["cmd"].as_str().unwrap().to_owned())),
        );
    }
    DIFFERENCES.iter().for_each(|difference| difference.check(&steps));
}

fn group<'a>(recording: &'a Json, name: &str) -> &'a Json {
    recording["groups"].as_array().unwrap().iter().find(|group| group["group"] == name).unwrap()
}

/// Plays groups one after the other.
fn replay(groups: &[&str]) {
    let recording = vector("cli-transcripts.json");
    let mut desk = Desk::new();
    for name in groups {
        let group = group(&recording, name);
        for (number, step) in group["steps"].as_array().unwrap().iter().enumerate() {
            prepare(&mut desk, name, number, &recording);
            let label = format!("{name} {number}");
            let command = step["cmd"].as_str().unwrap();
            let variables = step["env"].as_object().into_iter().flatten();
            desk.env =
                variables.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect();
            let run = desk.run(&words(command), step["stdin"].as_str().unwrap_or_default());
            assert!(!format!("{}{}", run.out, run.err).contains("secret"), "{label}: a password is shown");
            let outcome = same(&in_our_quotes(step), &run).and_then(|()| listings(&desk, group, &label));
            let difference = Difference::of(DIFFERENCES, &label);
            settle(&label, command, outcome, &run, difference);
            assert_same_files(&desk, &in_our_quotes(step), &label);
            if let Some(difference) = difference {
                difference.catch_up(&desk);
            }
        }
    }
}

fn words(command: &str) -> Vec<&str> {
    let rest = command.strip_prefix("sqitch").unwrap();
    for whole in WITH_BLANKS {
        if let Some((before, after)) = rest.split_once(whole) {
            return before.split_whitespace().chain([whole]).chain(after.split_whitespace()).collect();
        }
    }
    rest.split_whitespace().collect()
}

/// The step, with values in quotes as ours writes them.
fn in_our_quotes(step: &Json) -> Json {
    let mut step = step.clone();
    let ours = |text: &mut Json| {
        if let Some(theirs) = text.as_str() {
            let quoted =
                QUOTES.iter().fold(theirs.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours));
            *text = quoted.into();
        }
    };
    ours(&mut step["stdout"]);
    if let Some(files) = step["files"].as_object_mut() {
        files.values_mut().for_each(ours);
    }
    step
}

/// Files have the recorded text; what is planned now is planned at another time, and by somebody else
/// if nobody is named.
fn assert_same_files(desk: &Desk, step: &Json, label: &str) {
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let masked = |text: &str| time.replace_all(text, "TIME").into_owned();
    for (file, text) in step["files"].as_object().into_iter().flatten() {
        let want = text.as_str().map(|text| masked(&text.replace("root <root@HOSTNAME>", &account())));
        assert_eq!(desk.read(file).map(|text| masked(&text)), want, "{label}: {file}");
    }
}

/// Whoever runs this, as the system knows them.
fn account() -> String {
    let user = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let mut fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let fields = fields.find(|fields| fields[2] == user).unwrap();
    let name = fields[4].split(',').next().filter(|name| !name.is_empty()).unwrap_or(fields[0]);
    format!("{name} <{}@{}>", fields[0], rustix::system::uname().nodename().to_str().unwrap())
}

/// The folders that were recorded after a step, and the files.
fn listings(desk: &Desk, group: &Json, label: &str) -> Result<(), String> {
    let (key, found) = match label {
        "init 3" => ("dirs", desk.below("", false)),
        "bundle 0" => ("B", desk.below("B", true)),
        _ => return Ok(()),
    };
    if group[key] == Json::from(found.clone()) { Ok(()) } else { Err(format!("there are {found:?}")) }
}

/// What happens to the folder before a step.
fn prepare(desk: &mut Desk, group: &str, number: usize, recording: &Json) {
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
