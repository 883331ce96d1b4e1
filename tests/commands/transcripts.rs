//! Sessions recorded from Sqitch 1.3.1, typed again: same exit status, same lines, same files.

use crate::desk::{Desk, Run};
use serde_json::Value as Json;
use std::path::Path;

/// Where ours says it in other words: a piece of the command, and what ours must say instead.
/// Everything that is not listed here must be said as Sqitch says it.
const OTHER_WORDS: [(&str, &str); 6] = [
    ("add -bad", "unexpected argument '-b' found"),
    ("add one -n x", "to change what it does: change rework one"),
    ("add ten2", "tm/none"),
    ("rework after", "tag what is released first: change tag NAME"),
    ("rework one -n again", "tag what is released first: change tag NAME"),
    ("rework nope", "to add it to the plan: change add nope"),
];

/// What Sqitch takes and ignores, and ours refuses, with what ours must say. The rest of such a
/// command is typed again without it.
const REFUSED: [(&str, &str); 1] = [(" --with foo", "Cannot find foo template")];

/// Replays groups of the recording one after the other in one project.
pub(crate) fn replay(groups: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cli-transcripts.json");
    let recording: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut desk = Desk::empty();
    prepare(&desk);
    let mut steps = 0;
    for name in groups {
        let group =
            recording["groups"].as_array().unwrap().iter().find(|group| group["group"] == *name).unwrap();
        if *name == "rework" {
            desk.write("deploy/one.sql", "deploy one original\n");
            desk.write("revert/one.sql", "revert one original\n");
            desk.write("verify/one.sql", "verify one original\n");
        }
        for step in group["steps"].as_array().unwrap() {
            let command = step["cmd"].as_str().unwrap();
            desk.env = step["env"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().into()))
                .collect();
            let mut command = command.to_owned();
            for (piece, complaint) in REFUSED {
                if command.contains(piece) {
                    desk.change(words(&command)).exits(2).complains(complaint);
                    command = command.replace(piece, "");
                }
            }
            compare(&desk, step, &command, &desk.change(words(&command)));
            steps += 1;
        }
        for (folder, key) in [("deploy", "deploy_dir_after"), ("revert", "revert_dir_after")] {
            let Some(expected) = group[key].as_array() else { continue };
            let expected: Vec<&str> = expected.iter().map(|name| name.as_str().unwrap()).collect();
            assert_eq!(listing(&desk, folder), expected, "{name}: {folder}/");
        }
    }
    assert!(steps > 20, "the recording was found");
}

/// What stood in the folder when the sessions were recorded.
fn prepare(desk: &Desk) {
    desk.write("sqitch.plan", "%syntax-version=1.0.0\n%project=acme\n\n");
    desk.write(
        "sqitch.conf",
        "[core]\n\tengine = sqlite\n[user]\n\tname = Vera Tester\n\temail = vera@example.org\n",
    );
    desk.write("deploy/seven.sql", "keep me\n");
    for (file, text) in [
        ("deploy/mine", "D [% change %] [% foo %]\n"),
        ("revert/mine", "R\n"),
        ("verify/mine", "V\n"),
        ("unit/mine", "U [% change %]\n"),
        ("unit/sqlite", "US\n"),
    ] {
        desk.write(&format!("tm/{file}.tmpl"), text);
    }
}

fn compare(desk: &Desk, step: &Json, command: &str, run: &Run) {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    // Where Sqitch dies of a Perl error, ours reports an error like any other.
    let status = step["rc"].as_i64().map(|status| if status == 255 { 2 } else { status });
    assert_eq!(Some(i64::from(run.status)), status, "{command}: exit status\n{run:?}");
    if !text("stdout").contains("Usage") {
        assert_eq!(masked(&run.out), masked(text("stdout")), "{command}: standard output\n{run:?}");
    }
    let other = OTHER_WORDS.iter().find(|(piece, _)| command.contains(piece));
    if let Some((_, words)) = other {
        assert!(run.err.contains(words), "{command}: {words:?} is not said\n{run:?}");
    }
    let told =
        text("stderr").lines().take_while(|line| !line.starts_with("Usage") && !line.starts_with("Use \""));
    for line in told.filter(|line| !line.contains("[perl stack") && !line.starts_with("Unknown option")) {
        let said = run.err.contains(line.trim_end_matches('"'));
        assert!(said || line == "Change lookup failed", "{command}: Sqitch says {line:?}\n{run:?}");
    }
    for (file, content) in step["files"].as_object().into_iter().flatten() {
        match content.as_str() {
            Some(content) => assert_eq!(masked(&desk.read(file)), masked(content), "{command}: {file}"),
            None => assert!(!desk.path(file).exists(), "{command}: {file} is there"),
        }
    }
}

/// The words of a recorded command; the recording left out the quotes.
fn words(command: &str) -> Vec<String> {
    let rest = command.strip_prefix("sqitch ").unwrap();
    if let Some(rest) = rest.strip_prefix("add bad name ") {
        return ["add", "bad name"].into_iter().chain(rest.split(' ')).map(str::to_owned).collect();
    }
    let mut words: Vec<String> = Vec::new();
    let mut noting = false;
    for word in rest.split(' ') {
        match words.last_mut() {
            Some(note) if noting && !word.starts_with('-') && note != "-n" => {
                note.push_str(&format!(" {word}"))
            }
            _ => {
                noting = word == "-n" || noting && !word.starts_with('-');
                words.push(word.to_owned());
            }
        }
    }
    words
}

fn listing(desk: &Desk, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// Times and ids differ from run to run.
fn masked(text: &str) -> String {
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    let id = regex::Regex::new(r"\b[0-9a-f]{40}\b").unwrap();
    id.replace_all(&time.replace_all(text, "TIME"), "ID").into_owned()
}
