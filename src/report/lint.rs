//! What lint found, for people, for editors and for the machines that show it beside the code.
//!
//! Knows: findings and their rules. Must never know: how they were found, files, which stream it is for.

mod fingerprint;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use fingerprint::fingerprints;
pub use json::Found;
pub use words::summary;

use crate::error::{Error, Kind, Result};
use crate::lint::rule::{Finding, Severity};
use crate::suggest::suggest;

/// All that a report tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was found, those that are accepted included, in the order of the walk.
    pub findings: &'a [Finding],
    /// The scripts that were looked at.
    pub files: &'a [String],
    /// How many statements they hold.
    pub statements: usize,
    /// What must be said of the whole: a profile that relaxes, an acceptance that nothing used.
    pub notes: &'a [String],
    /// The least grave severity that fails; none if nothing does.
    pub fails: Option<Severity>,
    /// The folder that paths start from, seen from the root of the repository: `db/`, or nothing.
    pub base: &'a str,
    /// How people see it.
    pub face: Face,
}

/// How a report looks to people.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    /// In colours.
    pub colour: bool,
    /// Excerpts are cut to this many columns.
    pub width: usize,
    /// Findings that are accepted are shown, too.
    pub verbose: bool,
}

/// A way to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with excerpts.
    Text,
    /// One object, with every field.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for pages of test results.
    Junit,
    /// Commands of GitHub's workflows, which become annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// A comment on a pull request.
    Markdown,
}

type Render = fn(&Report<'_>) -> String;

/// Every format, its name, and what writes it.
const FORMATS: [(Format, &str, Render); 7] = [
    (Format::Text, "text", text::render),
    (Format::Json, "json", json::render),
    (Format::Sarif, "sarif", sarif::render),
    (Format::Junit, "junit", junit::render),
    (Format::Github, "github", github::render),
    (Format::Gitlab, "gitlab", gitlab::render),
    (Format::Markdown, "markdown", markdown::render),
];

impl Format {
    /// The names of all formats, in the order in which they are offered.
    #[must_use]
    pub fn names() -> [&'static str; 7] {
        FORMATS.map(|(_, name, _)| name)
    }

    /// Reads the name of a format.
    ///
    /// # Errors
    /// `Unknown format` for every other text.
    pub fn parse(text: &str) -> Result<Format> {
        let known = FORMATS.iter().find(|(_, name, _)| *name == text);
        known.map(|(format, ..)| *format).ok_or_else(|| unknown(text))
    }

    /// Writes a report; the text ends with a line feed.
    #[must_use]
    pub fn render(self, report: &Report<'_>) -> String {
        let own = FORMATS.iter().find(|(format, ..)| *format == self);
        own.map(|(_, _, render)| render(report)).unwrap_or_default()
    }
}

fn unknown(text: &str) -> Error {
    let error = Error::new(Kind::Usage, "lint.format", format!("Unknown format \"{text}\""));
    match suggest(text, Format::names().into_iter()) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint(format!("use one of {}", Format::names().join(", "))),
    }
}

/// How many findings there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Of the severity `blocks`.
    pub blocks: usize,
    /// Of the severity `breaks`.
    pub breaks: usize,
    /// Of the severity `brief`.
    pub brief: usize,
    /// Of the severity `advice`.
    pub advice: usize,
    /// Accepted ones, which are counted nowhere else.
    pub accepted: usize,
}

impl Counts {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Counts {
        let mut counts = Counts::default();
        for finding in findings {
            let count = match (&finding.accepted, finding.severity) {
                (Some(_), _) => &mut counts.accepted,
                (None, Severity::Blocks) => &mut counts.blocks,
                (None, Severity::Breaks) => &mut counts.breaks,
                (None, Severity::Brief) => &mut counts.brief,
                (None, Severity::Advice) => &mut counts.advice,
            };
            *count += 1;
        }
        counts
    }

    /// How many are not accepted.
    #[must_use]
    pub fn open(&self) -> usize {
        self.blocks + self.breaks + self.brief + self.advice
    }

    /// How many there are of a severity, and not accepted.
    #[must_use]
    pub fn at(&self, severity: Severity) -> usize {
        match severity {
            Severity::Blocks => self.blocks,
            Severity::Breaks => self.breaks,
            Severity::Brief => self.brief,
            Severity::Advice => self.advice,
        }
    }
}

impl<'a> Report<'a> {
    /// The findings that are not accepted.
    fn open(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.findings.iter().filter(|finding| finding.accepted.is_none())
    }

    /// The findings that are shown: the accepted ones only to those who want to see everything.
    fn shown(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let verbose = self.face.verbose;
        self.findings.iter().filter(move |finding| verbose || finding.accepted.is_none())
    }

    /// Whether a finding makes the command fail.
    fn fails(&self, finding: &Finding) -> bool {
        finding.accepted.is_none() && self.fails.is_some_and(|least| finding.severity >= least)
    }

    /// The path of a file seen from the root of the repository.
    fn path(&self, file: &str) -> String {
        if file.starts_with('/') || self.base.is_empty() {
            return file.strip_prefix("./").unwrap_or(file).to_owned();
        }
        let mut path: Vec<&str> = Vec::new();
        for part in self.base.split('/').chain(file.split('/')).filter(|part| !matches!(*part, "" | ".")) {
            match part {
                ".." if path.last().is_some_and(|last| *last != "..") => drop(path.pop()),
                _ => path.push(part),
            }
        }
        path.join("/")
    }
}
