//! Reading scenarios: the files in `scenarios/`, a step a line.

use crate::place::Engine;
use std::path::Path;

/// A story of several steps.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) number: usize,
    pub(crate) title: String,
    pub(crate) engines: Vec<Engine>,
    pub(crate) steps: Vec<Step>,
}

/// What one program must do when both differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) status: i32,
    pub(crate) says: String,
}

/// A step.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Scripts of changes that make a table each.
    Table(Vec<String>),
    /// A file with its text.
    Write(String, String),
    /// A file that goes.
    Delete(String),
    /// The body of the plan.
    Plan(String),
    /// A key of the configuration.
    Config(String, String),
    /// A variable of the environment.
    Env(String, String),
    /// What is typed at the next step.
    Type(String),
    /// git with these words.
    Git(Vec<String>),
    /// A command line for both.
    Run(Vec<String>, Option<Difference>),
    /// A command line for one of them: whether for Sqitch.
    Only(bool, Vec<String>),
}

/// A difference that is meant.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    /// Where it is explained.
    pub(crate) anchor: String,
    pub(crate) sqitch: Expected,
    pub(crate) change: Expected,
}

impl Scenario {
    /// All of them.
    pub(crate) fn all() -> Vec<Scenario> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/scenarios");
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Scenario::read(path)).collect()
    }

    fn read(path: &Path) -> Scenario {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let (head, body) = text.split_once("\n---\n").unwrap_or_else(|| panic!("{name}: no ---"));
        let field = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
        let engine = |word: &str| match word {
            "sqlite" => Engine::Sqlite,
            "pg" => Engine::Postgres,
            "mysql" => Engine::Mysql,
            other => panic!("{name}: {other}"),
        };
        Scenario {
            number: name.split('-').next().unwrap().parse().unwrap(),
            title: field("title:").unwrap_or_else(|| panic!("{name}: no title")).to_owned(),
            engines: field("engines:")
                .map_or(Engine::ALL.to_vec(), |words| words.split_whitespace().map(engine).collect()),
            steps: steps(&name, body),
            name,
        }
    }

    /// The anchors of its differences.
    pub(crate) fn differences(&self) -> Vec<&str> {
        let anchor = |step: &'_ Step| match step {
            Step::Run(_, Some(difference)) => Some(difference.anchor.clone()),
            _ => None,
        };
        let mut all: Vec<&str> = Vec::new();
        for step in &self.steps {
            if let (Some(_), Step::Run(_, Some(difference))) = (anchor(step), step) {
                all.push(&difference.anchor);
            }
        }
        all
    }
}

fn steps(name: &str, body: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = body.lines().filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut content = || {
            let mut text = String::new();
            while let Some(line) = lines.next_if(|line| line.starts_with("| ") || *line == "|") {
                text.push_str(line.strip_prefix("| ").unwrap_or_default());
                text.push('\n');
            }
            text
        };
        let step = match word {
            "table" => Step::Table(rest.split_whitespace().map(str::to_owned).collect()),
            "write" => Step::Write(rest.to_owned(), content()),
            "delete" => Step::Delete(rest.to_owned()),
            "plan" => Step::Plan(content()),
            "config" => {
                let (key, value) = rest.split_once(' ').unwrap();
                Step::Config(key.to_owned(), value.to_owned())
            }
            "env" => {
                let (key, value) = rest.split_once('=').unwrap();
                Step::Env(key.to_owned(), value.to_owned())
            }
            "type" => Step::Type(format!("{rest}\n")),
            "git" => Step::Git(words(rest)),
            "run" => Step::Run(words(rest), None),
            "both" => Step::Run(words(rest.strip_prefix("run ").unwrap()), None),
            "only" => {
                let (tool, rest) = rest.split_once(' ').unwrap();
                Step::Only(tool == "sqitch", words(rest))
            }
            "differs" => {
                let mut expected = |tool: &str| {
                    let line = lines.next().and_then(|line| line.strip_prefix(&format!("|{tool} ")));
                    let line = line.unwrap_or_else(|| panic!("{name}: what {tool} does must follow"));
                    let (status, says) = line.split_once(' ').unwrap_or((line, ""));
                    Expected { status: status.parse().unwrap(), says: says.to_owned() }
                };
                let (sqitch, change) = (expected("sqitch"), expected("change"));
                let run = lines.next().and_then(|line| line.strip_prefix("run "));
                let run = run.unwrap_or_else(|| panic!("{name}: run must follow"));
                Step::Run(words(run), Some(Difference { anchor: rest.to_owned(), sqitch, change }))
            }
            other => panic!("{name}: {other}"),
        };
        steps.push(step);
    }
    steps
}

/// Words as a shell would split them.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => {
                let next = chars.next().unwrap();
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(next);
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().push(chars.next().unwrap()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
