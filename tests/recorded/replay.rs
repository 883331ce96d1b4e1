//! A recorded step beside what `change` does now.

use crate::desk::{Desk, Run};
use regex::Regex;
use serde_json::Value as Json;

/// A step that comes out differently.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The step: its label, or its group and number.
    pub(crate) step: &'static str,
    /// How its command begins, after the program's name.
    pub(crate) typed: &'static str,
    /// The row of docs/sqitch.md that explains it; or "finding: …", which waits to be mended or for a
    /// row.
    pub(crate) why: &'static str,
    /// What `change` ends with.
    pub(crate) status: i32,
    /// What `change` says, among other things.
    pub(crate) says: &'static str,
    /// Commands after which everything is where Sqitch left it.
    pub(crate) catch_up: &'static [&'static str],
}

/// A file of `tests/vectors`.
pub(crate) fn vector(name: &str) -> Json {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A group of the sessions.
pub(crate) fn group<'a>(recording: &'a Json, name: &str) -> &'a Json {
    recording["groups"].as_array().unwrap().iter().find(|group| group["group"] == name).unwrap()
}

/// Whether a run ended as recorded, printed what was recorded and complained of everything that Sqitch
/// complained of.
pub(crate) fn same(recorded: &Json, run: &Run) -> Result<(), String> {
    let text = |key: &str| recorded[key].as_str().unwrap();
    // 255 is how Perl ends by accident.
    let status = match recorded["rc"].as_i64().unwrap() {
        255 => 2,
        status => status,
    };
    if i64::from(run.status) != status {
        return Err(format!("exit status {} is not {status}", run.status));
    }
    let (want, got) = (masked(text("stdout")), masked(&run.out));
    if want != got {
        return Err(format!("Sqitch prints\n{want}\nand not\n{got}"));
    }
    match complaints(text("stderr")).find(|line| !run.err.contains(line)) {
        Some(line) => Err(format!("Sqitch complains: {line}")),
        None => Ok(()),
    }
}

/// Fails unless the step came out the same; or, where a difference is meant, just as that says.
pub(crate) fn settle(
    step: &str,
    command: &str,
    outcome: Result<(), String>,
    run: &Run,
    difference: Option<&Difference>,
) {
    let story = format!("{step}: {command}\n{} {}{}", run.status, run.out, run.err);
    match (difference, outcome) {
        (None, outcome) => outcome.unwrap_or_else(|why| panic!("{why}\n{story}")),
        (Some(difference), Ok(())) => {
            panic!("no difference any more, take it out of the table: {:?}\n{story}", difference.why)
        }
        (Some(difference), Err(_)) => {
            assert_eq!(run.status, difference.status, "{}\n{story}", difference.why);
            let said = format!("{}{}", run.out, run.err);
            assert!(said.contains(difference.says), "{:?} is not said\n{story}", difference.says);
        }
    }
}

impl Difference {
    /// The difference of a step, if there is one.
    pub(crate) fn of(table: &'static [Difference], step: &str) -> Option<&'static Difference> {
        table.iter().find(|difference| difference.step == step)
    }

    /// Brings everything where Sqitch left it.
    pub(crate) fn catch_up(&self, desk: &Desk) {
        for command in self.catch_up {
            let words: Vec<&str> = command.split(' ').collect();
            let run = desk.run(&words, "");
            assert_eq!(run.status, 0, "{}: {command}: {run:?}", self.step);
        }
    }

    /// Fails unless it is of one of these steps, by name and command, and explained.
    pub(crate) fn check(&self, steps: &[(String, String)]) {
        let typed = format!("sqitch {}", self.typed);
        let known = steps.iter().any(|(name, command)| name == self.step && command.starts_with(&typed));
        assert!(known, "no step {:?} begins with {typed:?}", self.step);
        let page = include_str!("../../docs/sqitch.md");
        let explained = self.why.starts_with("finding: ")
            || self.why.split(", ").all(|row| page.contains(&format!("<a id=\"{row}\"></a>")));
        assert!(explained, "{}: docs/sqitch.md has no {:?}", self.step, self.why);
    }
}

/// The lines of complaint that are Sqitch's own: not how it is used, nothing of Perl's, and nothing of
/// the client programs'.
fn complaints(text: &str) -> impl Iterator<Item = &str> {
    const OF_OTHERS: [&str; 6] = [
        "Unknown option:",
        "Use of uninitialized value",
        "Parse error near",
        "Error: cannot open",
        "\"sqlite3\" unexpectedly returned",
        // A line of a script, or what stands below one.
        "  ",
    ];
    text.lines()
        .take_while(|line| !line.starts_with("Usage") && *line != "Name")
        .filter(|line| !OF_OTHERS.iter().any(|start| line.starts_with(start)))
        .map(|line| line.trim_end_matches(" [perl stack trace cut]").trim_end_matches('.'))
}

/// What was deployed was deployed at another time.
fn masked(text: &str) -> String {
    let iso = Regex::new(r"(?m)^# Deployed: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000$").unwrap();
    let rfc = Regex::new(r"(?m)^# Deployed: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d -0000$").unwrap();
    rfc.replace_all(&iso.replace_all(text, "# Deployed: ISO"), "# Deployed: RFC").into_owned()
}
