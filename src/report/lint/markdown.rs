//! Findings as a comment on a pull request.
//!
//! Knows: findings, Markdown as GitHub and GitLab read it. Must never know: how the comment gets there.

use super::{Counts, Report, words};
use crate::lint::rule::{Finding, Severity};
use crate::report::rule_page;

/// A comment may hold 65 536 characters on GitHub; findings that would make it longer are counted only.
const LONGEST: usize = 60_000;

/// Of an excerpt this many lines are shown.
const MOST_LINES: usize = 20;

/// By this a job finds the comment again, to replace it.
const MARK: &str = "<!-- change lint -->";

/// A headline, a table by severity, each finding from the gravest on; advice and what is accepted are
/// folded.
pub(super) fn render(report: &Report<'_>) -> String {
    let counts = Counts::of(report.findings);
    let mut text = format!("{MARK}\n### Database changes: {}\n", headline(report, &counts));
    if counts.open() > 0 {
        text.push_str("\n| findings | |\n|---:|---|\n");
        for severity in Severity::ALL.into_iter().filter(|severity| counts.at(*severity) > 0) {
            text.push_str(&format!("| {} | {} |\n", counts.at(severity), severity.words()));
        }
    }
    for note in report.notes {
        text.push_str(&format!("\n> {}\n", prose(note)));
    }
    let mut hidden = 0;
    for severity in Severity::ALL {
        let mut details = String::new();
        for finding in report.open().filter(|finding| finding.severity == severity) {
            let one = detail(report, finding);
            match text.len() + details.len() + one.len() < LONGEST {
                true => details.push_str(&one),
                false => hidden += 1,
            }
        }
        let folded = severity == Severity::Advice && !details.is_empty();
        text.push_str(&if folded { fold(severity.words(), counts.advice, &details) } else { details });
    }
    let accepted: String = report.findings.iter().filter_map(|finding| accepted(report, finding)).collect();
    if !accepted.is_empty() && text.len() + accepted.len() < LONGEST {
        text.push_str(&fold("accepted", counts.accepted, &format!("{accepted}\n")));
    }
    if hidden > 0 {
        text.push_str(&format!(
            "\n… and {} more; `change lint` shows them all.\n",
            words::many(hidden, "finding")
        ));
    }
    text
}

fn headline(report: &Report<'_>, counts: &Counts) -> String {
    match counts.open() {
        0 => words::summary(report),
        open => {
            let accepted = match counts.accepted {
                0 => String::new(),
                accepted => format!("; {accepted} accepted"),
            };
            format!("{}{accepted}", words::many(open, "finding"))
        }
    }
}

fn fold(what: &str, count: usize, inside: &str) -> String {
    format!("\n<details>\n<summary>{count} {what}</summary>\n{inside}\n</details>\n")
}

fn detail(report: &Report<'_>, finding: &Finding) -> String {
    let rule = finding.rule;
    let address = rule_page::address(rule);
    let mut text = format!(
        "\n#### [{}]({address}) {}\n\n{}: {}\n",
        rule.code,
        prose(&finding.message),
        finding.severity.words(),
        place(report, finding)
    );
    if let Some(excerpt) = excerpt(finding) {
        text.push_str(&format!("\n{excerpt}"));
    }
    let notes = words::notes(finding);
    if !notes.is_empty() {
        let notes = notes.iter().map(|note| format!("\n* {}", prose(note)));
        text.push_str(&format!("{}\n", notes.collect::<String>()));
    }
    match &finding.instead {
        Some(sql) => text.push_str(&format!("\nWrite instead:\n\n{}", fenced(sql))),
        None if !rule.recipe.trim().is_empty() => {
            text.push_str(&format!("\n{}\n", rule_page::markdown(rule.recipe)));
        }
        None => {}
    }
    text
}

fn place(report: &Report<'_>, finding: &Finding) -> String {
    let place = code(&format!("{}:{}", report.path(&finding.place.file), finding.place.line));
    match &finding.change {
        Some(change) => format!("{place}, change {}", code(change)),
        None => place,
    }
}

fn accepted(report: &Report<'_>, finding: &Finding) -> Option<String> {
    let why = finding.accepted.as_ref()?;
    let (message, place) = (prose(&finding.message), place(report, finding));
    Some(format!("\n* {} {message} ({place}): {}", finding.rule.code, prose(why)))
}

fn excerpt(finding: &Finding) -> Option<String> {
    let text = finding.place.text.as_ref().filter(|text| !text.trim().is_empty())?;
    let mut lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    if text.lines().count() > MOST_LINES {
        lines.push("…");
    }
    Some(fenced(&lines.join("\n")))
}

/// A block of SQL; its fence is longer than any row of backticks inside.
fn fenced(sql: &str) -> String {
    let fence = "`".repeat(longest_row(sql).max(2) + 1);
    format!("{fence}sql\n{}\n{fence}\n", words::printable(sql).trim_end())
}

/// A piece of code in a line.
fn code(text: &str) -> String {
    let text = words::one_line(text);
    let fence = "`".repeat(longest_row(&text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn longest_row(text: &str) -> usize {
    let rows = text.split(|letter| letter != '`');
    rows.map(str::len).max().unwrap_or_default()
}

/// A sentence in one line in which nothing is markup, and nobody is called by name.
fn prose(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for letter in words::one_line(text).chars() {
        match letter {
            '&' => markdown.push_str("&amp;"),
            '<' => markdown.push_str("&lt;"),
            '>' => markdown.push_str("&gt;"),
            '@' => markdown.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => markdown.extend(['\\', letter]),
            _ => markdown.push(letter),
        }
    }
    markdown
}
