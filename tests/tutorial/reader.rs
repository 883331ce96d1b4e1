//! Someone who follows a tutorial: types its commands and edits the files that it tells of.

use crate::book::Part;
use crate::tutorials::{Listing, Tutorial};
use regex::Regex;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What was typed, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) command: String,
    /// What the text says that it prints; nothing if the text does not show the command.
    pub(crate) shown: Option<String>,
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// How programs find the server.
#[derive(Debug, Default)]
pub(crate) struct Way {
    pub(crate) env: Vec<(String, String)>,
    /// What is in `~/.my.cnf`.
    pub(crate) my_cnf: String,
}

/// The reader, with a home that is also where the work is done.
pub(crate) struct Reader {
    home: TempDir,
    at: PathBuf,
    env: Vec<(String, String)>,
    /// The scripts as they were when they were added.
    drafts: BTreeMap<PathBuf, String>,
    /// A file and what it must hold again after the next command.
    brief: Option<(PathBuf, String)>,
    deeds: Vec<Deed>,
}

impl Reader {
    /// Someone in whose PATH this folder comes first, and who knows the way to a server.
    pub(crate) fn new(programs: Option<&Path>, way: &Way) -> Reader {
        let home = TempDir::with_prefix("reader").unwrap();
        std::fs::write(home.path().join(".my.cnf"), &way.my_cnf).unwrap();
        let at = home.path().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = programs.map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).unwrap().into_string().unwrap();
        let own = [
            ("PATH", path.as_str()),
            ("HOME", home.path().to_str().unwrap()),
            ("SQITCH_SYSTEM_CONFIG", "/nonexistent"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "init.defaultBranch"),
            ("GIT_CONFIG_VALUE_0", "main"),
            ("GIT_AUTHOR_NAME", "Marge"),
            ("GIT_AUTHOR_EMAIL", "marge@example.com"),
            ("GIT_COMMITTER_NAME", "Marge"),
            ("GIT_COMMITTER_EMAIL", "marge@example.com"),
            // What git proposes as a message is taken.
            ("GIT_EDITOR", "true"),
            ("EDITOR", "false"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let env = own.chain(way.env.iter().cloned()).collect();
        Reader { home, at, env, drafts: BTreeMap::new(), brief: None, deeds: Vec::new() }
    }

    /// Does all that the text says.
    pub(crate) fn follow(mut self, book: &[Part], tutorial: &Tutorial) -> Vec<Deed> {
        let mut listings = tutorial.listings.iter();
        let mut untold = tutorial.untold.iter().peekable();
        for part in book {
            match part {
                Part::Told(text) => {
                    while let Some((_, commands)) = untold.next_if(|(words, _)| text.contains(words)) {
                        commands.iter().for_each(|command| self.type_in(command, None));
                    }
                }
                Part::Listing(text) => {
                    let listing = listings.next().unwrap_or_else(|| panic!("what is this for?\n{text}"));
                    self.edit(listing, text);
                }
                Part::Typed { command, shown } => {
                    let (theirs, ours) = tutorial.client();
                    let command = command.replace(theirs, &ours);
                    self.type_in(&command, Some(&shown.replace(theirs, &ours)));
                    if let Some((path, text)) = self.brief.take() {
                        std::fs::write(path, text).unwrap();
                    }
                }
            }
        }
        assert!(listings.next().is_none(), "a listing was not found in the text");
        assert!(untold.next().is_none(), "words were not found in the text");
        for command in tutorial.state {
            self.type_in(command, None);
        }
        self.deeds
    }

    fn edit(&mut self, listing: &Listing, text: &str) {
        let (file, text) = match listing {
            Listing::Shown => return,
            Listing::To(file) | Listing::Briefly(file) => (file, text.to_owned()),
            Listing::Meaning(file, slip, meant) => {
                assert!(text.contains(slip), "{slip:?} was mended:\n{text}");
                (file, text.replace(slip, meant))
            }
        };
        let path = self.at.join(file);
        let old = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let draft = self.drafts.entry(path.clone()).or_insert_with(|| old.clone());
        let new = if text.starts_with("@@") {
            patched(&old, &text)
        } else if text.lines().any(|line| line == "BEGIN;") {
            text
        } else {
            let placeholder = Regex::new("(?m)^-- XXX .*$").unwrap();
            assert!(placeholder.is_match(draft), "{file} has no place for\n{text}");
            placeholder.replace(draft, regex::NoExpand(text.trim_end())).into_owned()
        };
        std::fs::write(&path, new).unwrap();
        if let Listing::Briefly(_) = listing {
            self.brief = Some((path, old));
        }
    }

    /// Types a command for the shell.
    fn type_in(&mut self, command: &str, shown: Option<&str>) {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.at = self.at.join(folder).canonicalize().unwrap();
            return;
        }
        let mut child = Command::new("sh")
            .args(["-c", command])
            .current_dir(&self.at)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The answer to whatever is asked. Who asks nothing closes its input early; that is no failure.
        let _ = child.stdin.take().unwrap().write_all(b"y\n");
        let done = child.wait_with_output().unwrap();
        self.restamp();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.replace(self.home.path().to_str().unwrap(), "HOME")
        };
        self.deeds.push(Deed {
            command: command.to_owned(),
            shown: shown.map(str::to_owned),
            status: done.status.code().unwrap_or(-1),
            out: text(&done.stdout),
            err: text(&done.stderr),
        });
    }

    /// Gives what was planned just now a time that is the same for every reader.
    fn restamp(&self) {
        let now = Regex::new(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
        let path = self.at.join("sqitch.plan");
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        if !now.is_match(&text) {
            return;
        }
        let mut minute = text.matches("2024-02-01T").count();
        let text = now.replace_all(&text, |_: &regex::Captures<'_>| {
            minute += 1;
            format!("2024-02-01T00:{minute:02}:00Z")
        });
        std::fs::write(path, text.as_bytes()).unwrap();
    }
}

/// A text changed as a diff shows. How lines are set in does not count: the tutorials mix tabs and blanks.
fn patched(text: &str, diff: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Behind the second @@ of a hunk's head is more of the same line.
    for hunk in diff.split("@@").skip(2).step_by(2) {
        let without = |mark: char| {
            let kept = hunk.lines().skip(1).filter(|line| !line.starts_with(mark));
            let kept: Vec<&str> = kept.map(|line| line.get(1..).unwrap_or_default()).collect();
            kept.join("\n").trim_matches('\n').lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (old, new) = (without('+'), without('-'));
        let at = lines
            .windows(old.len())
            .position(|window| {
                window.iter().zip(&old).all(|(mine, theirs)| squeezed(mine) == squeezed(theirs))
            })
            .unwrap_or_else(|| panic!("the file is not as the text shows it:\n{text}\n{diff}"));
        lines.splice(at..at + old.len(), new);
    }
    lines.join("\n") + "\n"
}

/// A line with single blanks.
pub(crate) fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
