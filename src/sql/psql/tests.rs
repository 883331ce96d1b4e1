//! The scanner beside what the real psql was measured to send.

use super::{ArgumentKind, Piece, Scanner, Variables};
use std::collections::HashMap;

/// Variables with literal values.
#[derive(Default)]
struct Values(HashMap<Vec<u8>, Vec<u8>>);

impl Variables for Values {
    fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.0.get(name).cloned()
    }
}

/// What stands between the scanner and the texts it would send.
#[derive(Default)]
struct Player {
    values: Values,
    std_strings: bool,
    sent: Vec<String>,
}

/// One `\if`: whether its present branch is taken, whether one was, and what is kept for it.
struct Branch {
    active: bool,
    done: bool,
    saved: super::Saved,
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Player {
    fn send(&mut self, statement: Vec<u8>, scanner: &mut Scanner) {
        let statement = text(statement);
        if statement.starts_with("SET standard_conforming_strings") {
            self.std_strings = !statement.contains("off");
        }
        let copies = statement.contains("FROM STDIN");
        self.sent.push(statement);
        if copies {
            let mut data = String::new();
            while let Some(line) = scanner.copy_line() {
                data.push_str(&text(line));
            }
            self.sent.push(format!("<CopyData> {data}"));
        }
    }

    /// Plays a file; `None` if it holds a command that this player does not know.
    fn play(&mut self, script: Vec<u8>, files: &HashMap<String, String>) -> Option<()> {
        let mut scanner = Scanner::new(script, true);
        let mut branches: Vec<Branch> = Vec::new();
        loop {
            let active = branches.iter().all(|branch| branch.active);
            scanner.skip_text(!active);
            let unset = Values::default();
            match scanner.next(if active { &self.values } else { &unset }, self.std_strings) {
                Piece::Statement { text, .. } => self.send(text, &mut scanner),
                Piece::End { .. } => break,
                Piece::Command { name, .. } => {
                    let name = text(name);
                    let mut args = Vec::new();
                    let whole = matches!(name.as_str(), "copy" | "!");
                    let kind = match whole {
                        true => ArgumentKind::WholeLine,
                        false if active => ArgumentKind::Normal,
                        false => ArgumentKind::NoEval,
                    };
                    let values = if active { &self.values } else { &unset };
                    while let Some(argument) = scanner.argument(kind, values, &mut |_| None) {
                        args.push(text(argument.text));
                    }
                    scanner.finish_command();
                    if !self.command(&name, &args, active, &mut scanner, &mut branches, files)? {
                        break;
                    }
                }
            }
        }
        if !scanner.pending().is_empty() && branches.iter().all(|branch| branch.active) {
            let pending = scanner.take_pending();
            self.send(pending, &mut scanner);
        }
        Some(())
    }

    /// Does a command; false where it ends the file.
    fn command(
        &mut self,
        name: &str,
        args: &[String],
        active: bool,
        scanner: &mut Scanner,
        branches: &mut Vec<Branch>,
        files: &HashMap<String, String>,
    ) -> Option<bool> {
        let truth = || matches!(args, [one] if ["true", "TRUE", "t"].contains(&one.as_str()));
        match name {
            "if" => {
                let taken = active && truth();
                branches.push(Branch { active: taken, done: taken || !active, saved: scanner.save() });
            }
            "elif" | "else" => {
                let branch = branches.last_mut()?;
                if branch.active {
                    branch.saved = scanner.save();
                } else {
                    scanner.restore(branch.saved);
                }
                branch.active = !branch.done && (name == "else" || truth());
                branch.done |= branch.active;
            }
            "endif" => {
                let branch = branches.pop()?;
                if !branch.active {
                    scanner.restore(branch.saved);
                }
            }
            _ if !active => {}
            "set" => {
                let (name, value) = args.split_first()?;
                self.values.0.insert(name.clone().into_bytes(), value.concat().into_bytes());
            }
            "g" | "gset" | "gexec" if !scanner.pending().is_empty() && args.is_empty() => {
                let pending = scanner.take_pending();
                self.send(pending, scanner);
            }
            "i" | "include" => {
                let file = files.get(args.first()?)?;
                self.play(file.clone().into_bytes(), files)?;
            }
            "q" => return Some(false),
            "r" => scanner.reset_pending(),
            "echo" | "p" | "t" | "x" | "pset" | "!" | "timing" | "warn" | "qecho" | "o" => {}
            _ => return None,
        }
        Some(true)
    }
}

/// Vectors whose script fails before its end, or needs more of psql than this player knows, or
/// the answers of a server.
const NEEDS_MORE: [&str; 0] = [];

#[test]
fn statements_are_cut_as_psql_cuts_them() {
    let file = include_str!("../../../tests/vectors/scripts/pg.json");
    let vectors: serde_json::Value = serde_json::from_str(file).unwrap();
    let mut played = 0;
    let mut wrong = Vec::new();
    for vector in vectors["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let Some(sent) = vector["expect"]["sent"].as_array() else { continue };
        if NEEDS_MORE.contains(&name) || !vector["extra_options"].is_null() {
            continue;
        }
        let mut player = Player { std_strings: true, ..Player::default() };
        for (name, value) in vector["variables"].as_object().into_iter().flatten() {
            player.values.0.insert(name.clone().into_bytes(), value.as_str().unwrap().into());
        }
        let files = vector["files"].as_object().into_iter().flatten();
        let files = files.map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned())).collect();
        let script = match vector["script"].as_str() {
            Some(script) => script.as_bytes().to_vec(),
            None => unhex(vector["script_hex"].as_str().unwrap()),
        };
        if player.play(script, &files).is_none() {
            continue;
        }
        let expected: Vec<String> = sent
            .iter()
            .map(|text| text.as_str().unwrap())
            .filter(|text| *text != "<CopyDone>")
            .map(|text| match text.strip_prefix("<CopyData> ") {
                Some(data) => {
                    let data = data.strip_suffix("\\.\n").unwrap_or(data);
                    format!("<CopyData> {}", data.strip_suffix("\\.\r\n").unwrap_or(data))
                }
                None => text.to_owned(),
            })
            .collect();
        // After a failure psql stops, and this player knows of none.
        let failed = vector["expect"]["exit"] != 0;
        let same = match failed {
            true => player.sent.starts_with(&expected),
            false => player.sent == expected,
        };
        played += 1;
        if !same {
            wrong.push(format!("{name}:\n  psql {expected:?}\n  here {:?}", player.sent));
        }
    }
    assert!(wrong.is_empty(), "{} of {played}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(played > 150, "{played}");
}

fn unhex(digits: &str) -> Vec<u8> {
    let bytes = digits.as_bytes().chunks(2);
    bytes.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
