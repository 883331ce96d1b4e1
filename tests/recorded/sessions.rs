//! Sessions at the command line, typed again.

use crate::desk::Desk;
use crate::differences::OF_SESSIONS;
use crate::folders::prepare;
use crate::replay::{Difference, group, same, settle, vector};
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

/// A value that Sqitch writes to be read back with backslashes, in a file and on the screen, and what
/// ours makes of it: see `config-quotes` in docs/sqitch.md.
const QUOTES: [(&str, &str); 2] =
    [(r#""Joe \"X\" #1; ok""#, r#""Joe "\""X"\"" #1; ok""#), (r#"Joe \"X\" #1; ok"#, r#"Joe "X" #1; ok"#)];

/// Words with blanks in them; their quotes were not recorded.
const WITH_BLANKS: [&str; 2] =
    [r#"Joe "X" #1; ok"#, "format:%{planner_name}a%{date:rfc}p %{date:strftime:%Y}p %{date:cldr:yyyy}p %v%C"];

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
    OF_SESSIONS.iter().for_each(|difference| difference.check(&steps));
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
            let difference = Difference::of(OF_SESSIONS, &label);
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
