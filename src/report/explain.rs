//! Explanations of statements, for people.
//!
//! Knows: explanations. Must never know: how they came about, or which stream they are for.

use super::prose::{WIDTH, wrapped};
use crate::lint::explain::{Explanation, Held, Task, sum};

/// The longest piece of a statement that is repeated.
const LONGEST: usize = 100;

/// All explanations, file by file; the text ends with a line feed.
#[must_use]
pub fn render(all: &[Explanation]) -> String {
    let mut text = String::new();
    let mut file: Option<&str> = None;
    for one in all {
        if file != Some(one.file.as_str()) {
            text.push_str(&format!("{}{}\n", if file.is_some() { "\n" } else { "" }, one.file));
            file = Some(&one.file);
        }
        text.push('\n');
        statement(one, &mut text);
    }
    if all.is_empty() {
        text.push_str("There are no statements\n");
    } else {
        text.push_str(&format!("\n{}\n", sum(all)));
    }
    text
}

fn statement(one: &Explanation, text: &mut String) {
    let margin = "  ".repeat(one.depth);
    text.push_str(&format!("{margin}{:>4}  {}\n", one.line, shortened(&one.sql)));
    let mut line = |name: &str, what: &str| {
        let line = format!("{margin}      {name:<6} {what}");
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line("does", &one.does);
    for lock in &one.locks {
        line("lock", &held(lock));
    }
    for task in &one.work {
        line("work", &work(task));
        if let Some(unless) = &task.unless {
            line("", &format!("it may be less: that depends on {unless}"));
        }
    }
    line("undo", one.undo);
    line(if one.safe { "safe" } else { "NOT" }, verdict(one));
    let recipe = one.recipe.map(|text| wrapped(text, WIDTH));
    let better = one.instead.as_ref().or(recipe.as_ref());
    for (at, own) in better.iter().flat_map(|text| text.lines()).enumerate() {
        line(if at == 0 { "better" } else { "" }, own);
    }
}

fn verdict(one: &Explanation) -> &str {
    // The word stands in the margin already.
    let rest = one.verdict.strip_prefix("safe").filter(|_| one.safe);
    rest.map_or(one.verdict.as_str(), |rest| rest.trim_start_matches([':', ' ']))
}

fn held(lock: &Held) -> String {
    let long = if lock.brief { ", for a moment" } else { "" };
    format!("{} on {}{long}: {}", lock.mode, lock.on, lock.waits)
}

fn work(task: &Task) -> String {
    let time = task.takes.as_ref().map(|time| format!(", {time}")).unwrap_or_default();
    let waits = if task.blocks { "; others wait meanwhile" } else { "" };
    format!("{}: {}{time}{waits}", task.on, task.does)
}

/// The first line of a statement.
fn shortened(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let one_line = words.join(" ");
    if one_line.chars().count() <= LONGEST {
        return one_line;
    }
    let cut: String = one_line.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}
