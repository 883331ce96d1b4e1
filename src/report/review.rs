//! The text of a pull request, and the checklist.
//!
//! Knows: reviewed changes. Must never know: where they came from, or which stream it is for.

use crate::lint::effect::Reversibility;
use crate::lint::review::{Line, Mark, Reviewed};
use crate::lint::rule::Severity;
use crate::policy::recovery;
use std::collections::BTreeMap;

/// The checklist, for people.
#[must_use]
pub fn checklist(lines: &[Line]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text.push_str(&format!(
            "{}. [{}] {}\n        {}\n",
            number + 1,
            mark(line.mark),
            line.question,
            line.because
        ));
    }
    text
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Yes => "yes",
        Mark::No => "NO ",
        Mark::Ask => " ? ",
    }
}

/// The text of a pull request, in Markdown: rollback plan, compatibility, locks, changes.
#[must_use]
pub fn markdown(changes: &[Reviewed], lines: &[Line]) -> String {
    if changes.is_empty() {
        return "No database changes.\n".to_owned();
    }
    let mut text = String::from("## Rollback plan\n");
    section(&mut text, "Recovery path", changes, recovery_path);
    section(&mut text, "Code gate", changes, code_gate);
    section(&mut text, "Backfill reversal", changes, backfill_reversal);
    section(&mut text, "Lock window", changes, lock_window);
    text.push_str("\n## Compatibility\n\n");
    for line in lines.iter().rev().take(2).rev() {
        text.push_str(&format!("- {} **{}** {}\n", line.question, word(line.mark), escaped(&line.because)));
    }
    text.push_str("\n## What was found\n\n");
    text.push_str(&found(changes));
    text.push_str("\n## Checklist\n\n");
    for line in lines {
        let tick = if line.mark == Mark::Yes { "x" } else { " " };
        text.push_str(&format!("- [{tick}] {} {}\n", line.question, escaped(&line.because)));
    }
    text.push_str("\n## Changes\n");
    for own in changes {
        let (path, sql) = &own.deploy;
        let note = own.note.lines().next().unwrap_or_default();
        text.push_str(&format!(
            "\n<details><summary><code>{}</code> {}</summary>\n\n",
            html(&own.change),
            html(note)
        ));
        text.push_str(&format!("`{path}`\n\n{}\n</details>\n", fenced(sql, "sql")));
    }
    text
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Yes => "Yes:",
        Mark::No => "No:",
        Mark::Ask => "To be answered:",
    }
}

fn section(text: &mut String, title: &str, changes: &[Reviewed], body: impl Fn(&Reviewed) -> String) {
    text.push_str(&format!("\n### {title}\n\n"));
    let mut same: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for own in changes {
        let said = body(own);
        if !same.contains_key(&said) {
            order.push(said.clone());
        }
        same.entry(said).or_default().push(&own.change);
    }
    for said in order {
        let names: Vec<String> =
            same.get(&said).into_iter().flatten().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!("{}: {said}\n\n", names.join(", ")));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

fn document(own: &Reviewed, heading: &str) -> Option<String> {
    let text = own.recovery.as_deref()?;
    recovery::says(text, heading).map(|body| format!("\n\n{body}"))
}

fn recovery_path(own: &Reviewed) -> String {
    if let Some(why) = &own.no_way_back {
        return format!("**no way back**: {}", escaped(why));
    }
    if let Some(body) = document(own, "Recovery path") {
        return body;
    }
    if let Some(why) = &own.revert_nothing {
        return format!("reverting it does nothing, because {}", escaped(why));
    }
    let loss = match own.reversibility() {
        Reversibility::Reversible => "the revert script takes it back without loss:",
        Reversibility::WithDataLoss => {
            "the revert script takes it back; what was written into it meanwhile is lost:"
        }
        Reversibility::Irreversible => {
            "the revert script brings the schema back, **not the data**; a copy must be made before:"
        }
    };
    let revert = own.revert.as_deref().unwrap_or_default();
    format!("`change revert` — {loss}\n\n{}", fenced(revert, "sql"))
}

fn code_gate(own: &Reviewed) -> String {
    if !own.directives.flags.is_empty() {
        let flags: Vec<String> = own.directives.flags.iter().map(|flag| format!("`{flag}`")).collect();
        return format!("switch off {} first", flags.join(", "));
    }
    document(own, "Code gate").unwrap_or_else(|| "none named (`-- change: flag=NAME` names one)".to_owned())
}

fn backfill_reversal(own: &Reviewed) -> String {
    if let Some(body) = document(own, "Backfill reversal") {
        return body;
    }
    if own.moves_rows() {
        "rows are changed; **say how they are put back**".to_owned()
    } else {
        "no rows are changed".to_owned()
    }
}

fn lock_window(own: &Reviewed) -> String {
    if let Some(body) = document(own, "Lock window") {
        return body;
    }
    let mut locks: BTreeMap<String, crate::lint::effect::Mode> = BTreeMap::new();
    for lock in own.steps.iter().flat_map(|step| &step.effects.locks).filter(|lock| lock.mode.stops_writes())
    {
        let mode = locks.entry(lock.on.to_string()).or_insert(lock.mode);
        *mode = (*mode).max(lock.mode);
    }
    if locks.is_empty() {
        return "nobody waits".to_owned();
    }
    let long =
        own.steps.iter().flat_map(|step| &step.effects.efforts).any(|effort| effort.under.stops_writes());
    let time = if long { "**for as long as it reads or rewrites**" } else { "for a moment" };
    let all: Vec<String> = locks
        .iter()
        .map(|(table, mode)| format!("{} on `{table}` ({})", mode.written(), mode.who_waits()))
        .collect();
    format!("{}, {time}; not measured", all.join("; "))
}

fn found(changes: &[Reviewed]) -> String {
    let mut text = String::new();
    for own in changes {
        for finding in own.open(Severity::Brief) {
            text.push_str(&format!(
                "- **{}** `{}:{}` {} ({})\n",
                finding.severity.words(),
                finding.place.file,
                finding.place.line,
                escaped(&finding.message),
                finding.rule.code
            ));
        }
        for finding in own.findings.iter().filter(|finding| finding.severity >= Severity::Brief) {
            if let Some(why) = &finding.accepted {
                text.push_str(&format!(
                    "- accepted {} in `{}`: {}\n",
                    finding.rule.code,
                    own.change,
                    escaped(why)
                ));
            }
        }
    }
    if text.is_empty() { "Nothing.\n".to_owned() } else { text }
}

/// A fence longer than any in the text.
fn fenced(text: &str, language: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

fn escaped(text: &str) -> String {
    super::rule_page::markdown(text)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
