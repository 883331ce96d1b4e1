//! A case: what stands in its file, and in the file of the base that it builds on.

use std::path::{Path, PathBuf};

/// A change with all that is around it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The schema that it shares with other cases, if any.
    pub(crate) base: Option<String>,
    /// What happened before, in order, without what the base did.
    pub(crate) steps: Vec<Step>,
    /// The deploy script under judgement.
    pub(crate) change: String,
    /// What the old application says.
    pub(crate) app: Vec<Spoken>,
}

/// Something that happened before the change.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// An earlier change of the plan: its name and its script.
    Deployed { name: String, script: String },
    /// Rows that came in; a linter without a database does not see them.
    Rows(String),
}

/// A statement of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) sql: String,
    /// The case says that other rows than before are right.
    pub(crate) may_differ: bool,
}

const MAY_DIFFER: &str = "-- may differ";
const SECTIONS: [&str; 8] = ["case", "base", "given", "earlier", "rows", "change", "app", "app instead"];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accuracy")
}

impl Case {
    /// All cases, in the order of their names.
    pub(crate) fn all() -> Vec<Case> {
        let files = std::fs::read_dir(folder().join("cases")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let scripts = paths.filter(|path| path.extension().is_some_and(|end| end == "sql"));
        let mut cases: Vec<Case> = scripts.map(|path| Case::read(&path)).collect();
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        cases
    }

    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).unwrap();
        let case = parse(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(case.name, stem, "the name of a case is that of its file");
        assert!(!case.change.trim().is_empty(), "{stem} has no change");
        match &case.base {
            Some(name) if !case.app.iter().any(|spoken| spoken.sql.is_empty()) => {
                let mut app = base(name).app;
                app.extend(case.app.clone());
                Case { app, ..case }
            }
            // An empty statement is the mark of `app instead`.
            _ => Case { app: case.app.iter().filter(|said| !said.sql.is_empty()).cloned().collect(), ..case },
        }
    }

    /// The earlier changes of the plan, those of the base first.
    pub(crate) fn deployed(&self) -> Vec<(String, String)> {
        let mut steps = self.base.as_deref().map(|name| base(name).steps).unwrap_or_default();
        steps.extend(self.steps.clone());
        let scripts = steps.into_iter().filter_map(|step| match step {
            Step::Deployed { name, script } => Some((name, script)),
            Step::Rows(_) => None,
        });
        scripts.collect()
    }
}

/// The schema that cases share.
pub(crate) fn base(name: &str) -> Case {
    let path = folder().join(format!("bases/{name}.sql"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut base = parse(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    for step in &mut base.steps {
        if let Step::Deployed { name: step, .. } = step {
            *step = format!("{name}_{step}");
        }
    }
    base
}

fn parse(text: &str) -> Result<Case, String> {
    let mut case =
        Case { name: String::new(), base: None, steps: Vec::new(), change: String::new(), app: Vec::new() };
    let mut sections: Vec<(&str, &str, String)> = Vec::new();
    for line in text.lines() {
        match heading(line) {
            Some((name, value)) => sections.push((name, value, String::new())),
            None => match sections.last_mut() {
                Some((_, _, body)) => {
                    body.push_str(line);
                    body.push('\n');
                }
                None => return Err(format!("stands before the first section: {line}")),
            },
        }
    }
    let mut earlier = 0;
    for (name, value, body) in sections {
        match name {
            "case" => case.name = value.to_owned(),
            "base" => case.base = Some(value.to_owned()),
            "given" => case.steps.push(Step::Deployed { name: "given".to_owned(), script: body }),
            "earlier" => {
                earlier += 1;
                case.steps.push(Step::Deployed { name: format!("earlier{earlier}"), script: body });
            }
            "rows" => case.steps.push(Step::Rows(body)),
            "change" => case.change = body,
            _ => {
                if name == "app instead" {
                    case.app.push(Spoken { sql: String::new(), may_differ: true });
                }
                for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    case.app.push(spoken(line)?);
                }
            }
        }
    }
    Ok(case)
}

/// `-- name: value`, where the name is that of a section.
fn heading(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("-- ")?.split_once(':')?;
    let value = value.trim();
    let named = matches!(name, "case" | "base");
    (SECTIONS.contains(&name) && named != value.is_empty()).then_some((name, value))
}

fn spoken(line: &str) -> Result<Spoken, String> {
    let (sql, may_differ) = match line.strip_suffix(MAY_DIFFER) {
        Some(sql) => (sql.trim_end(), true),
        None => (line, false),
    };
    if !sql.ends_with(';') {
        return Err(format!("a statement of the application is one line that ends in a semicolon: {line}"));
    }
    Ok(Spoken { sql: sql.to_owned(), may_differ })
}
