//! The pages of the rules, and their index, in Markdown.
//!
//! Knows: rules. Must never know: findings, or where the pages are kept.

use crate::lint::rule::{Example, Rule};
use crate::lint::rules::is_pedantic;
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
    let mut page = format!("# {} {}\n\n{}\n\n", rule.code, rule.name, sentence(&prose(&summary(rule))));
    page.push_str("| | |\n|---|---|\n");
    page.push_str(&row("severity", &format!("{} (`{}`)", rule.severity.words(), rule.severity.key())));
    if is_pedantic(rule) {
        let off = format!(
            "until `lint.pedantic` is `true`, or until it is named: `change config lint.rule.{} advice`",
            rule.code
        );
        page.push_str(&row("off", &off));
    }
    page.push_str(&row("engine", if is_about_changes(rule) { "every one" } else { engine(rule.dialect) }));
    if !rule.lock.trim().is_empty() {
        page.push_str(&row("lock", rule.lock));
    }
    page.push_str(&section("What happens in production", &markdown(rule.reason)));
    page.push_str(&section("What to write instead", &markdown(rule.recipe)));
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
    if rules.iter().any(|rule| is_pedantic(rule)) {
        page.push_str(
            "\nRules marked *off* are a matter of taste. They look only if `lint.pedantic` is `true`, or if the \
             configuration names them: `change config lint.rule.PS05 advice`.\n",
        );
    }
    let (about_changes, rules): (Vec<&Rule>, Vec<&Rule>) =
        rules.into_iter().partition(|rule| is_about_changes(rule));
    if !about_changes.is_empty() {
        page.push_str("\n## Changes, on every engine\n");
        page.push_str(&table(about_changes.into_iter()));
    }
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
        let off = if is_pedantic(rule) { ", *off*" } else { "" };
        table.push_str(&format!(
            "| [{code}]({code}.md) | {} | {} | {severity}{off} |\n",
            rule.name,
            cell(&summary(rule))
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

fn theme(letters: &str) -> &str {
    LETTERS.iter().find(|(known, _)| *known == letters).map_or(letters, |(_, theme)| theme)
}

/// Whether a rule looks at a change as a whole, whatever its engine, and not at statements.
fn is_about_changes(rule: &Rule) -> bool {
    letters_of(rule.code) == "CH"
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

/// A rule's text in Markdown: lines that are indented by four blanks are SQL, and get a fence.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut code: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in text.trim().lines() {
        match line.strip_prefix("    ") {
            Some(sql) if !fenced => code.push(sql),
            None if line.trim().is_empty() && !code.is_empty() => code.push(""),
            _ => {
                end_code(&mut parts, &mut code);
                let fence = line.trim_start().starts_with("```");
                parts.push(if fenced || fence { line.to_owned() } else { prose(line) });
                fenced ^= fence;
            }
        }
    }
    end_code(&mut parts, &mut code);
    parts.join("\n")
}

fn end_code(parts: &mut Vec<String>, code: &mut Vec<&str>) {
    if code.is_empty() {
        return;
    }
    let blank = |part: Option<&String>| part.is_none_or(|part| part.is_empty());
    if !blank(parts.last()) {
        parts.push(String::new());
    }
    let sql: Vec<&str> = std::mem::take(code);
    let blanks_after = sql.last().is_some_and(|line| line.is_empty());
    parts.push(block(&sql.join("\n")));
    if blanks_after {
        parts.push(String::new());
    }
}

/// A line in which asterisks and angle brackets are no markup, except between backticks.
fn prose(line: &str) -> String {
    let mut written = String::with_capacity(line.len());
    let (bullet, rest) = line.strip_prefix("* ").map_or(("", line), |rest| ("* ", rest));
    written.push_str(bullet);
    for (number, part) in rest.split('`').enumerate() {
        if number > 0 {
            written.push('`');
        }
        match number % 2 {
            0 => written.push_str(&part.replace('<', "&lt;").replace('*', "\\*")),
            _ => written.push_str(part),
        }
    }
    written
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
    prose(&text.split_whitespace().collect::<Vec<_>>().join(" ")).replace('|', "\\|")
}

/// What a rule finds, with a capital.
#[must_use]
pub fn summary(rule: &Rule) -> String {
    let mut letters = rule.summary.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.chars().next_back() {
        Some('.' | '!' | '?' | ':') | None => text.to_owned(),
        Some(_) => format!("{text}."),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::lint::rule::Severity;

    const fn rule(code: &'static str, dialect: Dialect, lock: &'static str) -> Rule {
        Rule {
            code,
            name: "create-index-not-concurrent",
            dialect,
            severity: Severity::Blocks,
            summary: "cREATE INDEX | without\n  CONCURRENTLY",
            reason: "Every INSERT waits.\n",
            lock,
            recipe: "Build it concurrently.",
            bad: &[Example { given: "", sql: "\nCREATE INDEX i ON t (a);\n" }],
            good: &[Example { given: "CREATE TABLE t (a int);", sql: "SELECT '```';" }],
            check: |_, _| {},
        }
    }

    static LOCK: Rule = rule("PL01", Dialect::Postgres, "`SHARE` on the table");
    static STYLE: Rule = rule("PS01", Dialect::Postgres, "");
    static TASTE: Rule = rule("PS05", Dialect::Postgres, "");
    static OTHER: Rule = rule("PZ07", Dialect::Postgres, "");
    static LITE: Rule = rule("SL01", Dialect::Sqlite, "");

    #[test]
    fn a_page_says_it_all() {
        assert_eq!(
            page(&LOCK),
            "\
# PL01 create-index-not-concurrent

CREATE INDEX | without
  CONCURRENTLY.

| | |
|---|---|
| severity | blocks or rewrites (`blocks`) |
| engine | PostgreSQL |
| lock | `SHARE` on the table |

## What happens in production

Every INSERT waits.

## What to write instead

Build it concurrently.

## It finds

```sql
CREATE INDEX i ON t (a);
```

## It lets pass

After this was deployed:

```sql
CREATE TABLE t (a int);
```

this:

````sql
SELECT '```';
````

## Accepting it

Where it does no harm, say why in the script, in a line of its own:

```sql
-- change: allow=PL01 because \"…\"
```

For a whole project its severity is set in the configuration, or `off`:

```sh
change config lint.rule.PL01 advice
```

[Lint](../guide/lint.md) tells more.
"
        );
        assert!(!page(&STYLE).contains("| lock |"));
        assert!(
            page_apart(&LOCK).contains("](https://github.com/change-db/change/blob/main/docs/guide/lint.md)")
        );
    }

    #[test]
    fn indented_lines_are_sql_and_signs_in_prose_are_no_markup() {
        for (text, expected) in [
            ("a:\n\n    SELECT *\n\n      FROM t;\n\nb", "a:\n\n```sql\nSELECT *\n\n  FROM t;\n```\n\nb"),
            ("a:\n    SELECT 1;\nb", "a:\n\n```sql\nSELECT 1;\n```\nb"),
            ("count(*) <> `a*b<c>` *x*", "count(\\*) &lt;> `a*b<c>` \\*x\\*"),
            ("* one\n* two\n\n```sql\n    SELECT *;\n```", "* one\n* two\n\n```sql\n    SELECT *;\n```"),
            ("", ""),
        ] {
            assert_eq!(markdown(text), expected);
        }
    }

    #[test]
    fn the_index_goes_by_engine_and_theme() {
        let page =
            index([&OTHER, &STYLE, &LOCK, &LITE].into_iter(), &[("PL31", "limits-too-long", "set by\n| us")]);
        let titles: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
        let expected = ["# Rules", "## PostgreSQL", "### Locks", "### Style", "### PZ", "## SQLite"];
        assert_eq!(titles[..6], expected);
        assert_eq!(titles[6..], ["## Hazards that are no rule, and why"]);
        let row = "| [PL01](PL01.md) | create-index-not-concurrent | CREATE INDEX \\| without CONCURRENTLY | \
                   blocks or rewrites |";
        assert!(page.contains(row), "{page}");
        assert!(page.ends_with("| PL31 | limits-too-long | set by \\| us |\n"), "{page}");
        assert!(!page.contains("*off*"), "{page}");
        assert!(!index([].into_iter(), &[]).contains("##"));
    }

    #[test]
    fn rules_about_changes_are_for_every_engine() {
        static WHOLE: Rule = rule("CH01", Dialect::Postgres, "");
        let list = index([&LOCK, &WHOLE].into_iter(), &[]);
        let titles: Vec<&str> = list.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(titles, ["# Rules", "## Changes, on every engine", "## PostgreSQL"]);
        assert!(page(&WHOLE).contains("| engine | every one |"), "{}", page(&WHOLE));
    }

    #[test]
    fn rules_of_taste_are_marked() {
        let list = index([&STYLE, &TASTE].into_iter(), &[]);
        assert!(list.contains("Rules marked *off* are a matter of taste."), "{list}");
        assert_eq!(list.matches("blocks or rewrites, *off* |").count(), 1, "{list}");
        assert!(page(&TASTE).contains("| off | until `lint.pedantic` is `true`"), "{}", page(&TASTE));
        assert!(!page(&STYLE).contains("| off |"));
    }
}
