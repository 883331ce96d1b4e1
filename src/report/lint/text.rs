//! Findings as compilers show errors: title, place with excerpt, notes, what to write instead.
//!
//! Knows: findings. Must never know: which stream it is for, or whether that is a terminal.

use super::{Counts, Report, words};
use crate::lint::rule::{Finding, Severity};
use crate::report::excerpt::{Reach, footer, harmless, origin, renderer, snippet};
use crate::report::prose::{WIDTH, wrapped};
use annotate_snippets::{Group, Level, Renderer};
use anstyle::{AnsiColor, Style};

/// Every finding, then what must be said of the whole, and how many there are.
pub(super) fn render(report: &Report<'_>) -> String {
    let renderer = renderer(report.face.colour, report.face.width);
    let mut shown: Vec<String> = report.shown().map(|finding| single(finding, &renderer)).collect();
    let mut end: Vec<String> = Vec::new();
    for note in report.notes {
        let title = Level::NOTE.secondary_title(footer(note));
        end.push(renderer.render(&[Group::with_title(title)]));
    }
    end.push(closing(report));
    shown.push(end.join("\n"));
    let text = shown.join("\n\n");
    // Empty lines in notes get the blanks of their margin.
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn closing(report: &Report<'_>) -> String {
    let text = words::summary(report);
    if !report.face.colour {
        return text;
    }
    let counts = Counts::of(report.findings);
    let style = match counts.open() {
        _ if report.open().any(|finding| report.fails(finding)) => AnsiColor::Red.on_default().bold(),
        0 if report.statements > 0 => AnsiColor::Green.on_default(),
        _ => Style::new().bold(),
    };
    format!("{style}{text}{style:#}")
}

fn single(finding: &Finding, renderer: &Renderer) -> String {
    let title = level(finding).primary_title(harmless(finding.message.trim_end())).id(finding.rule.code);
    let place = &finding.place;
    match snippet(place, None, Reach::Lines) {
        Some(excerpt) => {
            let elements = footers(finding).into_iter().map(|(level, text)| level.message(footer(&text)));
            renderer.render(&[title.element(excerpt).elements(elements)])
        }
        None => {
            let mut lines = vec![renderer.render(&[title.element(origin(place))])];
            for (level, text) in footers(finding) {
                lines.push(renderer.render(&[Group::with_title(level.secondary_title(footer(&text)))]));
            }
            lines.join("\n")
        }
    }
}

fn level(finding: &Finding) -> Level<'static> {
    match finding.severity {
        _ if finding.accepted.is_some() => Level::NOTE.with_name("accepted"),
        Severity::Blocks | Severity::Breaks => Level::ERROR,
        Severity::Brief => Level::WARNING,
        Severity::Advice => Level::NOTE,
    }
}

/// The lines below the excerpt.
fn footers(finding: &Finding) -> Vec<(Level<'static>, String)> {
    let mut lines: Vec<(Level<'static>, String)> =
        words::notes(finding).into_iter().map(|note| (Level::NOTE, note)).collect();
    lines.push((Level::HELP, words::instead(finding)));
    lines.retain(|(_, text)| !text.trim().is_empty());
    lines.iter_mut().for_each(|(_, text)| *text = wrapped(text, WIDTH));
    lines.push((Level::NOTE.with_name("rule"), words::explain(finding)));
    lines
}
