//! The text of a tutorial, in its parts.

use std::process::Command;

/// A part of the text.
#[derive(Debug)]
pub(crate) enum Part {
    /// A paragraph of prose or a heading, in one line.
    Told(String),
    /// A block that shows a file, or a change to one.
    Listing(String),
    /// A command that the reader types, and what it is said to print.
    Typed { command: String, shown: String },
}

/// Reads the tutorial of this name, wherever Sqitch was installed.
pub(crate) fn open(name: &str) -> Vec<Part> {
    let seek = format!("print for (grep {{ -f }} map {{ \"$_/{name}.pod\" }} @INC)[0]");
    let found = Command::new("perl").args(["-e", &seek]).output();
    let path = found.map(|found| String::from_utf8_lossy(&found.stdout).into_owned()).unwrap_or_default();
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{name}: {error}: these tests follow the tutorials of Sqitch; install it: apt-get install sqitch libdbd-pg-perl libdbd-sqlite3-perl libdbd-mysql-perl")
    });
    parts(&text)
}

/// Splits POD into its parts. Paragraphs that are set in belong together when nothing is between them.
fn parts(pod: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for line in pod.lines().chain(["=cut"]) {
        let blank = line.trim().is_empty();
        let inside = line.starts_with([' ', '\t']) && told.is_empty();
        if !blank && !inside && !block.is_empty() {
            parts.extend(displayed(&block));
            block.clear();
        }
        if blank && !told.is_empty() || line.starts_with('=') {
            parts.push(Part::Told(told.join(" ")));
            told.clear();
        }
        if inside || (blank && !block.is_empty()) {
            block.push(line);
        } else if !blank {
            told.push(line);
        }
    }
    parts
}

/// What a block is: commands with what they print, or a listing.
fn displayed(block: &[&str]) -> Vec<Part> {
    let lines: Vec<&str> = block.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let prompt = |line: &str| line.trim_start_matches('\t').strip_prefix("> ").map(str::to_owned);
    if prompt(lines[0]).is_none() {
        return vec![Part::Listing(lines.join("\n").trim_end().to_owned() + "\n")];
    }
    let mut parts: Vec<Part> = Vec::new();
    for line in lines {
        match (parts.last_mut(), prompt(line)) {
            (Some(Part::Typed { command, shown }), None) => {
                let goes_on = command.ends_with('\\') || is_open(command);
                let text = if goes_on { command } else { shown };
                text.push_str(&format!("\n{line}"));
            }
            (_, start) => parts.push(Part::Typed { command: start.unwrap(), shown: String::new() }),
        }
    }
    parts
}

/// Whether a quote in a command was not closed yet.
fn is_open(command: &str) -> bool {
    let quote = command.chars().fold(None, |quote, sign| match quote {
        None if sign == '"' || sign == '\'' => Some(sign),
        Some(begun) if begun == sign => None,
        same => same,
    });
    quote.is_some()
}
