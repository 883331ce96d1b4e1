//! Tests of every format, with texts that are easy to get wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::error::Place;
use crate::lint::rule::{Example, Rule};
use crate::sql::Dialect;
use proptest::prelude::*;
use serde_json::Value;

/// What an unfriendly script may put into any text.
const EVIL: &str =
    "<a href=\"x\">&'| `` ``` %0A ]]> ::error:: @ann *b* é日😀\u{1b}[31m\u{9b}\r\n\u{7}\u{ffff}";

const fn rule(code: &'static str, name: &'static str, severity: Severity) -> Rule {
    Rule {
        code,
        name,
        dialect: Dialect::Postgres,
        severity,
        summary: "An index is built while nobody may write",
        reason: "Every INSERT, UPDATE and DELETE waits.",
        lock: "`SHARE` on the table",
        recipe: "Build it concurrently:\n\n```sql\nCREATE INDEX CONCURRENTLY i ON t (a);\n```\n\n\
                 in a change of its own.",
        bad: &[Example { given: "", sql: "CREATE INDEX i ON t (a);" }],
        good: &[Example { given: "CREATE TABLE t (a int);", sql: "CREATE INDEX CONCURRENTLY i ON t (a);" }],
        check: |_, _| {},
    }
}

static INDEX: Rule = rule("PL01", "create-index-not-concurrent", Severity::Blocks);
static RENAME: Rule = rule("PA02", "rename-column", Severity::Breaks);
static COLUMN: Rule = rule("PL40", "brief-lock", Severity::Brief);
static STYLE: Rule = rule("PS01", "prefer-bigint", Severity::Advice);

const SOURCE: &str =
    "BEGIN;\nCREATE INDEX orders_note\n    ON orders (note);\nALTER TABLE t RENAME a TO b;\n";

fn finding(rule: &'static Rule, message: &str, marked: &str) -> Finding {
    let start = SOURCE.find(marked).unwrap();
    Finding {
        rule,
        severity: rule.severity,
        message: message.to_owned(),
        notes: Vec::new(),
        instead: None,
        table: None,
        place: Place::over_lines("deploy/a.sql", SOURCE, start, start + marked.len()),
        change: Some("a".to_owned()),
        accepted: None,
        relaxed: None,
    }
}

fn index() -> Finding {
    let whole = "CREATE INDEX orders_note\n    ON orders (note)";
    let sql = "CREATE INDEX CONCURRENTLY orders_note\n    ON orders (note);";
    let notes = vec!["takes SHARE on orders until the index is built".to_owned()];
    let table = Some("orders".to_owned());
    let message = "Writers of orders wait while the index is built";
    Finding { notes, table, instead: Some(sql.to_owned()), ..finding(&INDEX, message, whole) }
}

fn rename() -> Finding {
    finding(&RENAME, "The application asks for t.a, which is gone", "RENAME a TO b")
}

/// Everything in it is unfriendly.
fn evil(rule: &'static Rule) -> Finding {
    let text = Some(EVIL.replace('\r', ""));
    let place = Place { file: format!("deploy/{EVIL}.sql"), line: 3, column: 2, length: 5, text };
    let some = || Some(EVIL.to_owned());
    Finding {
        notes: vec![EVIL.to_owned()],
        instead: some(),
        table: some(),
        change: some(),
        relaxed: some(),
        place,
        ..finding(rule, EVIL, "BEGIN")
    }
}

fn bare(rule: &'static Rule) -> Finding {
    Finding { place: Place::new("./deploy/b.sql", 0, 0), change: None, ..finding(rule, "m", "BEGIN") }
}

fn accepted(finding: Finding) -> Finding {
    Finding { accepted: Some("the table is empty".to_owned()), ..finding }
}

fn report<'a>(findings: &'a [Finding], files: &'a [String]) -> Report<'a> {
    let face = Face { colour: false, width: 100, verbose: false };
    Report { findings, files, statements: 3, notes: &[], fails: Some(Severity::Breaks), base: "", face }
}

fn written(format: Format, findings: &[Finding]) -> String {
    format.render(&report(findings, &["deploy/a.sql".to_owned(), "deploy/c.sql".to_owned()]))
}

fn parsed(format: Format, findings: &[Finding]) -> Value {
    serde_json::from_str(&written(format, findings)).unwrap()
}

/// One of each kind, and those that are hard.
fn all() -> Vec<Finding> {
    let mut all = vec![index(), rename(), accepted(index()), evil(&COLUMN), evil(&STYLE), bare(&STYLE)];
    all.push(accepted(evil(&INDEX)));
    all
}

#[test]
fn formats_go_by_their_names() {
    for name in Format::names() {
        assert!(Format::parse(name).unwrap().render(&report(&all(), &[])).ends_with('\n'), "{name}");
    }
    let error = Format::parse("sarfi").unwrap_err();
    assert_eq!(
        (error.message(), error.hints()[0].as_str()),
        ("Unknown format \"sarfi\"", "did you mean sarif?")
    );
    assert!(Format::parse("x").unwrap_err().hints()[0].contains("text, json, sarif"));
}

#[test]
fn text_reads_like_a_compiler() {
    assert_eq!(
        written(Format::Text, &[index(), rename()]),
        "\
error[PL01]: Writers of orders wait while the index is built
 --> deploy/a.sql:2:1
  |
2 | / CREATE INDEX orders_note
3 | |     ON orders (note);
  | |____________________^
  |
  = note: takes SHARE on orders until the index is built
  = help: write instead:
            CREATE INDEX CONCURRENTLY orders_note
                ON orders (note);
  = rule: create-index-not-concurrent (blocks or rewrites); change lint --explain PL01

error[PA02]: The application asks for t.a, which is gone
 --> deploy/a.sql:4:15
  |
4 | ALTER TABLE t RENAME a TO b;
  |               ^^^^^^^^^^^^^
  |
  = help: Build it concurrently:

            CREATE INDEX CONCURRENTLY i ON t (a);

          in a change of its own.
  = rule: rename-column (breaks the application or loses data); change lint --explain PA02

2 findings in 1 file: 1 blocks or rewrites, 1 breaks the application or loses data
"
    );
}

#[test]
fn text_hides_what_is_accepted_and_counts_it() {
    let findings = [accepted(index())];
    assert_eq!(written(Format::Text, &findings), "3 statements in 2 files, nothing found; 1 accepted\n");
    let all = Report { face: Face { colour: false, width: 100, verbose: true }, ..report(&findings, &[]) };
    let text = Format::Text.render(&all);
    assert!(text.starts_with("accepted[PL01]: Writers"), "{text}");
    assert!(text.contains("\n  = note: accepted: the table is empty\n"), "{text}");
}

#[test]
fn text_says_safe_out_loud_and_what_is_relaxed() {
    assert_eq!(written(Format::Text, &[]), "Safe: 3 statements in 2 files, nothing found\n");
    let notes = ["the target is in its maintenance hours".to_owned()];
    let quiet = Report { statements: 0, notes: &notes, ..report(&[], &[]) };
    assert_eq!(
        Format::Text.render(&quiet),
        "note: the target is in its maintenance hours\nNo statements in 0 files, so nothing was looked at\n"
    );
    let relaxed = Finding { relaxed: Some("the table has 12 rows only".to_owned()), ..bare(&COLUMN) };
    let text = written(Format::Text, &[relaxed]);
    assert!(text.starts_with("warning[PL40]: m\n--> ./deploy/b.sql:0:0\n"), "{text}");
    assert!(text.contains("\nnote: relaxed: the table has 12 rows only\n"), "{text}");
}

#[test]
fn text_is_coloured_without_other_differences() {
    let findings = all();
    let plain = report(&findings, &[]);
    let coloured = Report { face: Face { colour: true, ..plain.face }, ..plain };
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let coloured = Format::Text.render(&coloured);
    assert_eq!(escapes.replace_all(&coloured, ""), Format::Text.render(&plain));
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31m5 findings"), "{coloured}");
}

#[test]
fn no_control_character_gets_through() {
    for format in [Format::Text, Format::Junit, Format::Github, Format::Markdown] {
        let text = written(format, &all());
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'), "{format:?}: {text:?}");
    }
}

#[test]
fn json_has_every_field() {
    let json = parsed(Format::Json, &all());
    assert_eq!(json["summary"].to_string(), r#"{"blocks":1,"breaks":1,"brief":1,"advice":2,"accepted":2}"#);
    let first = json["findings"][0].as_object().unwrap();
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "code name severity message notes instead table file line column change accepted relaxed"
    );
    assert_eq!((first["severity"].as_str(), first["line"].as_u64()), (Some("blocks"), Some(2)));
    assert_eq!(json["findings"][3]["message"], EVIL);
    assert_eq!(json["findings"][5]["instead"], Value::Null);
}

#[test]
fn sarif_keeps_to_the_standard() {
    let findings = all();
    let verbose = Face { colour: false, width: 80, verbose: true };
    let base = Report { face: verbose, base: "db/", ..report(&findings, &[]) };
    let sarif: Value = serde_json::from_str(&Format::Sarif.render(&base)).unwrap();
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(
        rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ["PA02", "PL01", "PL40", "PS01"]
    );
    assert!(rules[0]["help"]["markdown"].as_str().unwrap().contains("](https://"), "{}", rules[0]);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!((&rule["id"], &result["ruleId"]), (&result["ruleId"], &Value::from(finding.rule.code)));
        let place = &result["locations"][0]["physicalLocation"];
        let (region, uri) = (&place["region"], place["artifactLocation"]["uri"].as_str().unwrap());
        assert!(uri.starts_with("db/deploy/") && uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        let number = |key: &str| region[key].as_u64().unwrap();
        assert!(
            number("startLine") > 0 && number("startColumn") > 0 && number("endLine") >= number("startLine")
        );
        assert!(number("endLine") > number("startLine") || number("endColumn") >= number("startColumn"));
        assert_eq!(result["suppressions"].as_array().unwrap().is_empty(), finding.accepted.is_none());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
    }
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["snippet"]["text"], "CREATE INDEX orders_note\n    ON orders (note)");
    assert_eq!((&region["endLine"], &region["endColumn"]), (&Value::from(3), &Value::from(21)));
    let open = parsed(Format::Sarif, &findings);
    assert_eq!(open["runs"][0]["results"].as_array().unwrap().len(), 5);
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let moved = |finding: Finding| {
        let place = Place { line: finding.place.line + 7, ..finding.place.clone() };
        Finding { place, ..finding }
    };
    let before = fingerprints(&[index(), rename(), index(), bare(&STYLE)]);
    let after = fingerprints(&[moved(index()), moved(rename()), moved(index()), moved(bare(&STYLE))]);
    assert_eq!(before, after);
    let mut unique = before.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), before.len());
    assert!(before.iter().all(|print| print.len() == 32));
}

#[test]
fn junit_is_xml_with_a_test_for_each_file() {
    let xml = written(Format::Junit, &all());
    assert_eq!(xml.matches("<testcase ").count(), 4, "{xml}");
    assert!(
        xml.contains("<testsuites name=\"change lint\" tests=\"4\" failures=\"1\" errors=\"0\">"),
        "{xml}"
    );
    assert_eq!(xml.matches("<failure ").count(), 2);
    assert!(xml.contains("name=\"deploy/c.sql\" file=\"deploy/c.sql\" time=\"0\"/>"), "{xml}");
    assert!(xml.contains("&lt;a href=&quot;x&quot;&gt;&amp;&apos;| `` ``` %0A ]]&gt;"), "{xml}");
    let tag =
        regex::Regex::new(r#"^(<\?xml [^<>]*\?>|</?[a-z-]+( [a-z]+="[^"<>]*")*/?>|[^<>]|\n)*$"#).unwrap();
    assert!(tag.is_match(&xml), "{xml}");
    let names: Vec<&str> = xml.split('<').skip(2).filter_map(|tag| tag.split([' ', '>']).next()).collect();
    let mut open = Vec::new();
    for (tag, rest) in names.iter().zip(xml.split('<').skip(2)) {
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if rest.split('>').next().unwrap().ends_with('/') => {}
            None => open.push(tag),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn github_gets_one_line_for_each_finding() {
    let text = written(Format::Github, &[evil(&STYLE), rename(), index()]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    let start = "::error file=deploy/a.sql,line=2,endLine=3,col=1,title=PL01 create-index-not-concurrent::\
                 Writers of orders wait while the index is built%0Anote: takes SHARE";
    assert!(lines[0].starts_with(start), "{}", lines[0]);
    assert!(
        lines[1].starts_with("::error file=deploy/a.sql,line=4,endLine=4,col=15,endColumn=28,title=PA02")
    );
    let evil =
        regex::Regex::new("^::notice file=([^:,]*),line=3,endLine=3,col=2,endColumn=7,title=[^:,]*::.*%250A")
            .unwrap();
    let file = &evil.captures(lines[2]).unwrap_or_else(|| panic!("{}", lines[2]))[1];
    assert!(file.contains("%3A%3Aerror%3A%3A") && file.contains("%250A"), "{file}");
    assert!(lines[3].starts_with("3 findings in 2 files: "));
}

#[test]
fn gitlab_gets_what_it_asks_for() {
    let findings = all();
    let based = Report { base: "db", ..report(&findings, &[]) };
    let entries: Vec<Value> = serde_json::from_str(&Format::Gitlab.render(&based)).unwrap();
    assert_eq!(entries.len(), 5);
    let severities: Vec<&str> = entries.iter().map(|entry| entry["severity"].as_str().unwrap()).collect();
    assert_eq!(severities, ["blocker", "critical", "minor", "info", "info"]);
    assert_eq!(
        entries[0]["location"].to_string(),
        r#"{"path":"db/deploy/a.sql","lines":{"begin":2,"end":3}}"#
    );
    assert_eq!(
        entries[4]["location"].to_string(),
        r#"{"path":"db/deploy/b.sql","lines":{"begin":1,"end":1}}"#
    );
    let above = Report { base: "a/b", ..based };
    assert_eq!((above.path("../../x.sql"), above.path("/x.sql")), ("x.sql".to_owned(), "/x.sql".to_owned()));
}

#[test]
fn markdown_is_a_comment_in_which_nothing_is_markup() {
    let text = written(Format::Markdown, &[index(), accepted(rename()), evil(&STYLE)]);
    let start = "<!-- change lint -->\n### Database changes: 2 findings; 1 accepted\n\n\
                 | findings | |\n|---:|---|\n\
                 | 1 | blocks or rewrites |\n| 1 | advice |\n\n#### [PL01](https://";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("\n```sql\nCREATE INDEX orders_note\n    ON orders (note);\n```\n"), "{text}");
    assert!(text.contains("Write instead:\n\n```sql\nCREATE INDEX CONCURRENTLY orders_note\n"), "{text}");
    assert!(text.contains("&lt;a href=\"x\"&gt;&amp;'\\| \\`\\` \\`\\`\\` %0A"), "{text}");
    assert!(text.contains("````sql\n<a href"), "{text}");
    assert!(text.lines().filter(|line| line.starts_with('*')).all(|line| !line.contains("@ann")), "{text}");
    assert_eq!((text.matches("<details>").count(), text.matches("</details>").count()), (2, 2));
    assert!(text.contains(
        "PA02 The application asks for t.a, which is gone (`deploy/a.sql:4`, change `a`): the table"
    ));
    let safe = written(Format::Markdown, &[]);
    assert_eq!(
        safe,
        "<!-- change lint -->\n### Database changes: Safe: 3 statements in 2 files, nothing found\n"
    );
}

#[test]
fn a_comment_is_never_too_long() {
    let many: Vec<Finding> = std::iter::repeat_with(index).take(500).collect();
    let text = written(Format::Markdown, &many);
    assert!(text.len() < 65_536 && text.contains("more; `change lint` shows them all."), "{}", text.len());
}

proptest! {
    #[test]
    fn nothing_panics(
        text in "[ -~\\n\\r\\t\u{1b}é日😀`|]{0,60}",
        file in ".{0,10}",
        line in prop_oneof![0..9_usize, Just(usize::MAX)],
        column in prop_oneof![0..70_usize, Just(usize::MAX)],
        length in prop_oneof![0..70_usize, Just(usize::MAX)],
        shown in any::<bool>(),
    ) {
        let place = Place { file, line, column, length, text: shown.then(|| text.clone()) };
        let some = Some(text.clone());
        let notes = vec![text.clone()];
        let plain = finding(&INDEX, &text, "BEGIN");
        let hard = Finding { place, notes, instead: some.clone(), relaxed: some, ..plain };
        let findings = [accepted(hard.clone()), hard];
        let files = [text];
        let face = Face { colour: true, width: 80, verbose: true };
        let whole = Report { notes: &files, face, ..report(&findings, &files) };
        for name in Format::names() {
            prop_assert!(Format::parse(name).unwrap().render(&whole).ends_with('\n'));
        }
    }
}
