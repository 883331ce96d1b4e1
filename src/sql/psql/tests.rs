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

/// As the vectors write it: bytes that are no UTF-8 as if they were LATIN1.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|wrong| wrong.as_bytes().iter().copied().map(char::from).collect())
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
                    while let Some(argument) = scanner.argument(kind, values, &mut printed) {
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
                scanner.single_line(name == "SINGLELINE");
            }
            "unset" => {
                self.values.0.remove(args.first()?.as_bytes());
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
const NEEDS_MORE: [&str; 12] = [
    "on_error_rollback",
    "autocommit off",
    "autocommit off vacuum",
    "fetch_count",
    "builtin vars",
    "elif",
    "gexec",
    "gexec rows cols null",
    "gexec error",
    "gexec var not expanded",
    "PSQLRC used w/o -X",
    "unset ON_ERROR_STOP",
];

/// What the shell commands in backticks of the vectors print.
fn printed(command: &[u8]) -> Option<Vec<u8>> {
    (command == b"echo hi; echo there").then(|| b"hi\nthere\n".to_vec())
}

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
        player.values.0.insert(b"registry".to_vec(), b"sqitch".to_vec());
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

mod properties {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [ArgumentKind; 6] = [
        ArgumentKind::Normal,
        ArgumentKind::SqlId,
        ArgumentKind::SqlIdKeepCase,
        ArgumentKind::Filepipe,
        ArgumentKind::WholeLine,
        ArgumentKind::NoEval,
    ];

    fn script() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "'", "''", "\"", "$$", "$a$", "/*", "*/", "--", "\n", "\r", ";", "\\", "\\\\", "\\;", "(", ")",
            " ", ":a", ":b", ":'a'", ":\"b\"", ":{?a}", "::", "e'", "u&'", "b'", "create", "function",
            "begin", "end", "case", "1e", "\\echo", "\\if x", "\\endif", "|", "`", "x", "\0", "\u{feff}",
            "é", "\\.\n",
        ]);
        let known = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
        prop_oneof![known, prop::collection::vec(any::<u8>(), 0..200)]
    }

    proptest! {
        #[test]
        fn no_script_panics_and_every_script_ends(
            text in script(), a in script(), b in script(), choices in prop::collection::vec(0..9_usize, 1..20),
        ) {
            let mut values = Values::default();
            values.0.insert(b"a".to_vec(), a);
            values.0.insert(b"b".to_vec(), b);
            let mut scanner = Scanner::new(text, true);
            // Each value may be put in once per reference, and values nest two deep.
            for step in 0..1_000_000_usize {
                let choice = choices[step % choices.len()];
                scanner.skip_text(choice == 8);
                match scanner.next(&values, choice != 1) {
                    Piece::End { .. } => return Ok(()),
                    Piece::Statement { text, origin, start_line, line } => {
                        prop_assert!(start_line <= line);
                        prop_assert!((0..text.len()).all(|at| origin.in_file(at).is_some()));
                        if choice == 2 {
                            scanner.copy_line();
                        }
                    }
                    Piece::Command { .. } => {
                        let saved = scanner.save();
                        if let Some(kind) = KINDS.get(choice) {
                            scanner.argument(*kind, &values, &mut |command| Some(command.to_vec()));
                        } else if choice == 6 {
                            scanner.skip_line();
                        } else {
                            scanner.finish_command();
                        }
                        match choice {
                            3 => scanner.reset_pending(),
                            4 => scanner.restore(saved),
                            5 => scanner.append(b"x"),
                            _ => {}
                        }
                    }
                }
            }
            prop_assert!(false, "it goes on for ever");
        }
    }
}

#[test]
fn a_statement_knows_where_its_bytes_stand() {
    let mut values = Values::default();
    values.0.insert(b"v".to_vec(), b"x, y".to_vec());
    let script = b"SELECT 1;\n\n  -- c\n SELECT :v,\n\n 2; :v;".to_vec();
    let mut scanner = Scanner::new(script.clone(), true);
    scanner.next(&values, true);
    let Piece::Statement { text, start_line, line, origin } = scanner.next(&values, true) else { panic!() };
    assert_eq!(text, b"SELECT x, y,\n 2;");
    assert_eq!((start_line, line), (4, 6));
    let at = |offset: usize| script[origin.in_file(offset).unwrap()];
    assert_eq!([at(0), at(1), at(11), at(14)], [b'S', b'E', b',', b'2']);
    assert_eq!([at(7), at(10)], [b':', b':']);
    assert_eq!(origin.start(), Some(19));
    let Piece::Statement { origin, start_line, .. } = scanner.next(&values, true) else { panic!() };
    assert_eq!((origin.start(), start_line), (None, 6));
}

#[test]
fn what_is_open_at_the_end_is_named() {
    for (script, unclosed) in [
        ("SELECT 'a", Some("a text in quotes")),
        ("SELECT \"a", Some("a quoted name")),
        ("SELECT $x$ $$", Some("a dollar-quoted text")),
        ("/* a", Some("a comment")),
        ("SELECT (1;", Some("a parenthesis")),
        ("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", Some("the body of a routine")),
        ("SELECT 1", None),
    ] {
        let mut scanner = Scanner::new(script.into(), true);
        assert_eq!(scanner.next(&Values::default(), true), Piece::End { unclosed }, "{script}");
        assert_eq!(scanner.pending(), script.as_bytes());
    }
}

#[test]
fn arguments_are_read_as_their_kind_says() {
    let mut values = Values::default();
    values.0.insert(b"v".to_vec(), b"a'b;".to_vec());
    let read = |line: &str, kind| {
        let mut scanner = Scanner::new(format!("\\x {line}").into_bytes(), true);
        scanner.next(&values, true);
        scanner.argument(kind, &values, &mut |command| Some([command, b"\n\n"].concat()))
    };
    use ArgumentKind::{Filepipe, NoEval, Normal, SqlId, SqlIdKeepCase, WholeLine};
    for (line, kind, expected) in [
        (r"'a\x41\101\n''b'c", Normal, "aAA\n'bc"),
        (r#""a b"c"#, Normal, r#""a b"c"#),
        (":v", Normal, "a'b;"),
        (":'v'", Normal, "'a''b;'"),
        (":{?v}:{?w}", Normal, "TRUEFALSE"),
        (":w:'w'", Normal, ":w:'w'"),
        ("`x :v`y", Normal, "x a'b;\ny"),
        ("`x :'v'`", Normal, "x 'a'\"'\"'b;'\n"),
        ("`x`", NoEval, ""),
        (":v", NoEval, ":v"),
        (r#"Ab"Cd""e"F"#, SqlId, "abCd\"ef"),
        (r#"Ab"Cd""e"F"#, SqlIdKeepCase, "AbCd\"eF"),
        ("| a 'b  c ", Filepipe, "| a 'b  c "),
        ("a |b", Filepipe, "a"),
        ("| a", Normal, "|"),
        (r"  a :v \b ; ", WholeLine, r"a :v \b ; "),
        (r"a\b", Normal, "a"),
    ] {
        let argument = read(line, kind).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(text(argument.text), expected, "{line}");
    }
    assert_eq!(text(read("a;b;;", Normal).unwrap().without_semicolons()), "a;b");
    assert_eq!(text(read("a';'", Normal).unwrap().without_semicolons()), "a;");
    assert_eq!(text(read(":v;", Normal).unwrap().without_semicolons()), "a'b;");
    assert_eq!(text(read(" a ; ; ", WholeLine).unwrap().line_without_semicolons()), "a");
    assert_eq!(read("  ", Normal), None);
    assert_eq!(read("'a", Normal), None);
    assert!(read("''", Normal).is_some());
}
