//! The pages of the rules, and their index, in Markdown.
//!
//! Knows: rules. Must never know: findings, or where the pages are kept.

use crate::lint::rule::{Example, Rule};
use crate::sql::Dialect;

/// What the letters before the number of a code stand for, in the order of the index.
const LETTERS: [(&str, &str); 9] = [
    ("PL", "Locks"),
    ("PR", "Rewrites"),
    ("PA", "The running application"),
    ("PD", "Data"),
    ("PN", "Transactions"),
    ("PB", "Backfills"),
    ("PI", "Running it again"),
    ("PX", "What cannot be seen"),
    ("PS", "Style"),
];

/// A rule's own page.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut page = format!("# {} {}\n\n{}\n\n", rule.code, rule.name, sentence(rule.summary));
    page.push_str("| | |\n|---|---|\n");
    page.push_str(&row("severity", &format!("{} (`{}`)", rule.severity.words(), rule.severity.key())));
    page.push_str(&row("engine", engine(rule.dialect)));
    if !rule.lock.trim().is_empty() {
        page.push_str(&row("lock", rule.lock));
    }
    page.push_str(&section("What happens in production", rule.reason));
    page.push_str(&section("What to write instead", rule.recipe));
    let bad = rule.bad.first().map(example).unwrap_or_default();
    page.push_str(&section("It finds", &bad));
    let good = rule.good.first().map(example).unwrap_or_default();
    page.push_str(&section("It lets pass", &good));
    page.push_str(&section("Accepting it", &accepting(rule)));
    page
}

/// The same page, to be read elsewhere than beside the others: its links are whole addresses.
#[must_use]
pub fn page_apart(rule: &Rule) -> String {
    page(rule).replace("](../", &format!("]({}/blob/main/docs/", env!("CARGO_PKG_REPOSITORY")))
}

fn accepting(rule: &Rule) -> String {
    format!(
        "Where it does no harm, say why in the script, in a line of its own:\n\n\
         ```sql\n-- change: allow={} because \"…\"\n```\n\n\
         For a whole project its severity is set in the configuration, or `off`:\n\n\
         ```sh\nchange config lint.rule.{} advice\n```\n\n\
         [Lint](../guide/lint.md) tells more.",
        rule.code, rule.code
    )
}

/// All rules by engine and theme, then what is known and no rule.
#[must_use]
pub fn index<'a>(rules: impl Iterator<Item = &'a Rule>, omitted: &[(&str, &str, &str)]) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let mut page =
        "# Rules\n\nWhat `change lint` looks for. `change lint --explain CODE` prints the page of a \
                    rule; [Lint](../guide/lint.md) is about the command.\n"
            .to_owned();
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        let own: Vec<&Rule> = rules.iter().filter(|rule| rule.dialect == dialect).copied().collect();
        if own.is_empty() {
            continue;
        }
        page.push_str(&format!("\n## {}\n", engine(dialect)));
        let letters = prefixes(&own);
        for prefix in &letters {
            if letters.len() > 1 {
                page.push_str(&format!("\n### {}\n", theme(prefix)));
            }
            let group = own.iter().filter(|rule| letters_of(rule.code) == *prefix);
            page.push_str(&table(group.copied()));
        }
    }
    if !omitted.is_empty() {
        page.push_str("\n## Hazards that are no rule, and why\n\n| code | name | why |\n|---|---|---|\n");
        for (code, name, why) in omitted {
            page.push_str(&format!("| {} | {} | {} |\n", cell(code), cell(name), cell(why)));
        }
    }
    page
}

fn table<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let mut table = "\n| code | name | finds | severity |\n|---|---|---|---|\n".to_owned();
    for rule in rules {
        let (code, severity) = (rule.code, rule.severity.words());
        table.push_str(&format!(
            "| [{code}]({code}.md) | {} | {} | {severity} |\n",
            rule.name,
            cell(rule.summary)
        ));
    }
    table
}

/// The letters that occur, in the order of the themes; unknown ones come last.
fn prefixes(rules: &[&Rule]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for rule in rules {
        let letters = letters_of(rule.code);
        if !found.contains(&letters) {
            found.push(letters);
        }
    }
    let place = |letters: &&str| LETTERS.iter().position(|(known, _)| known == letters);
    found.sort_by_key(|letters| place(letters).unwrap_or(LETTERS.len()));
    found
}

fn letters_of(code: &'static str) -> &'static str {
    code.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn theme<'a>(letters: &'a str) -> &'a str {
    LETTERS.iter().find(|(known, _)| *known == letters).map_or(letters, |(_, theme)| theme)
}

/// An engine's name as people write it.
#[must_use]
pub fn engine(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "PostgreSQL",
        Dialect::Mysql => "MySQL and MariaDB",
        Dialect::Sqlite => "SQLite",
    }
}

/// Where a rule's page is on the web.
#[must_use]
pub fn address(rule: &Rule) -> String {
    format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.code)
}

fn section(title: &str, text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("\n## {title}\n\n{text}\n") }
}

fn example(example: &Example) -> String {
    let script = block(example.sql);
    match example.given.trim() {
        "" => script,
        given => format!("After this was deployed:\n\n{}\n\nthis:\n\n{script}", block(given)),
    }
}

/// A block of SQL; its fence is longer than any row of backticks inside.
fn block(sql: &str) -> String {
    let longest = sql.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sql\n{}\n{fence}", sql.trim())
}

fn row(name: &str, value: &str) -> String {
    format!("| {name} | {} |\n", cell(value))
}

/// A text in a cell of a table: one line, no bars.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.chars().next_back() {
        Some('.' | '!' | '?' | ':') | None => text.to_owned(),
        Some(_) => format!("{text}."),
    }
}
