//! Every format is what its readers demand.

use super::{INDEX, ORDERS, change, shop};
use serde_json::Value;

/// Findings of each severity, and letters that have to be escaped.
fn world() -> super::World {
    let odd = "ALTER TABLE \"a<b>&'%,|`é\" DROP COLUMN \"]]>\";\nALTER TABLE orders ADD COLUMN more text;\n";
    shop(&[("orders", ORDERS), ("index", INDEX), ("odd", odd)])
}

#[track_caller]
fn written(format: &str) -> String {
    let done = change(&world(), &["lint", "--format", format]);
    assert_eq!((done.status, done.err.as_str()), (1, ""), "{format}");
    assert!(done.out.ends_with('\n') && done.out.contains("PL01"), "{format}: {}", done.out);
    done.out
}

#[test]
fn text_shows_the_place_and_what_to_write_instead() {
    let text = written("text");
    for part in [
        "error[PL01]: writes to \"orders\" wait while the index is built",
        "deploy/index.sql:1:1",
        "CREATE INDEX CONCURRENTLY orders_note ON orders (note);",
        "change lint --explain PL01",
        "blocks or rewrites",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn sarif_has_a_result_with_a_place_for_each_finding() {
    let sarif: Value = serde_json::from_str(&written("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{sarif}");
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with(".sql"));
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

#[test]
fn gitlab_has_an_entry_with_a_fingerprint_of_its_own_for_each_finding() {
    let list: Value = serde_json::from_str(&written("gitlab")).unwrap();
    let list = list.as_array().unwrap();
    let mut prints: Vec<&str> = list.iter().map(|own| own["fingerprint"].as_str().unwrap()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert!(list.len() >= 3 && prints.len() == list.len());
    for own in list {
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&own["severity"].as_str().unwrap())
        );
        assert!(own["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        assert!(own["check_name"].is_string() && own["description"].is_string());
    }
}

#[test]
fn junit_is_well_formed_and_counts_what_fails() {
    let xml = written("junit");
    let mut open: Vec<&str> = Vec::new();
    let mut failures = 0;
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("{piece}"));
        // Outside of tags an ampersand begins an entity, always.
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let name = entity.split(';').next().unwrap();
            assert!(
                matches!(name, "lt" | "gt" | "amp" | "quot" | "apos") || name.starts_with('#'),
                "{piece}"
            );
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap();
        failures += usize::from(name == "failure" && !tag.starts_with('/'));
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name), "{xml}"),
            (_, true) => {}
            _ => open.push(name),
        }
    }
    assert!(open.is_empty() && failures == 2, "{open:?} {failures} {xml}");
    // A test for each script in which something was found: two of them fail.
    assert!(xml.contains("failures=\"2\""), "{xml}");
}

#[test]
fn github_has_one_command_in_a_line() {
    let text = written("github");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert!(lines.len() >= 3, "{text}");
    for line in lines {
        let (command, message) = line[2..].split_once("::").unwrap();
        let (kind, rest) = command.split_once(' ').unwrap();
        assert!(matches!(kind, "error" | "warning" | "notice"), "{line}");
        assert!(rest.contains(".sql,line=") && rest.contains("title="), "{line}");
        assert!(!message.is_empty());
    }
}

#[test]
fn markdown_is_a_comment_that_a_job_finds_again() {
    let text = written("markdown");
    assert!(text.starts_with("<!-- change lint -->\n### "), "{text}");
    assert_eq!(text.matches("```").count() % 2, 0, "{text}");
    assert!(text.contains("CREATE INDEX CONCURRENTLY"), "{text}");
}

#[test]
fn every_format_says_when_all_is_well() {
    for format in ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"] {
        let world = shop(&[("people", "CREATE TABLE people (id bigint PRIMARY KEY);\n")]);
        world.write("verify/people.sql", "SELECT id FROM people WHERE false;\n");
        let done = change(&world, &["lint", "--format", format]).ok();
        match format {
            "json" | "sarif" | "gitlab" => drop(serde_json::from_str::<Value>(&done.out).unwrap()),
            _ => assert!(done.out.contains("Safe"), "{format}: {}", done.out),
        }
    }
    let done = change(&world(), &["lint", "--format", "yaml"]);
    assert!(done.status == 2 && done.err.contains("sarif"), "{}", done.err);
}

#[test]
fn the_report_goes_into_a_file() {
    let world = world();
    let shown = change(&world, &["lint", "--format", "sarif"]).out;
    let done = change(&world, &["lint", "--format", "sarif", "--output", "lint.sarif"]);
    assert_eq!((done.status, done.out.as_str()), (1, ""), "{}", done.err);
    assert_eq!(world.read("lint.sarif"), shown);
    let done = change(&world, &["lint", "--output", "new/lint.txt"]);
    assert!(done.status == 1 || done.status == 2 && done.err.contains("new/lint.txt"), "{}", done.err);
}
