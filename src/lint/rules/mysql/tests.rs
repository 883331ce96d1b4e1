//! The examples of the rules, and sentences that are easily got wrong.

use super::RULES;
use crate::lint::rule::{Example, Finding, Rule, Severity};
use crate::lint::settings::Settings;
use crate::lint::state::State;
use crate::lint::{Outcome, Subject, walk};
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::directive;
use crate::sql::mysql::statement::script;
use proptest::prelude::*;

/// A script as a step of the walk.
fn subject(file: &str, text: &str, judged: bool) -> Subject {
    let (statements, errors) = script(file, text);
    assert!(errors.is_empty(), "{text}: {errors:?}");
    let (directives, errors) = directive::read(file, text, Dialect::Mysql);
    assert!(errors.is_empty(), "{text}: {errors:?}");
    Subject {
        change: None,
        file: file.to_owned(),
        source: text.to_owned(),
        statements,
        directives,
        atomic: false,
        left_open: false,
        pending: false,
        judged,
    }
}

/// What is found in a script, after others that are deployed.
fn lint(given: &str, sql: &str, schema: Schema, wanted: &Settings) -> Vec<Finding> {
    let subjects = [subject("given.sql", given, false), subject("a.sql", sql, true)];
    let Outcome { findings, .. } = walk(State::new(Dialect::Mysql, schema), &subjects, wanted, false);
    findings
}

fn findings(example: &Example) -> Vec<Finding> {
    // What only a catalogue knows is written into a comment of the example.
    let fact = example.given.split("fact: row_versions = ").nth(1);
    let given = example.given.split("--").next().unwrap_or_default();
    let mut state = State::new(Dialect::Mysql, Schema::default());
    let subjects = [subject("given.sql", given, false), subject("a.sql", example.sql, true)];
    if let Some(versions) = fact {
        let create = script("given.sql", given).0;
        state.begin_script(false, false);
        state.pass(&create[0], &crate::lint::effect::Effects::default());
        for relation in state.schema.relations.values_mut() {
            relation.row_versions = versions.trim().parse().ok();
        }
        return walk(state, &subjects[1..], &Settings::usual(), false).findings;
    }
    walk(state, &subjects, &Settings::usual(), false).findings
}

fn of<'a>(found: &'a [Finding], rule: &Rule) -> Vec<&'a Finding> {
    found.iter().filter(|finding| finding.rule.code == rule.code).collect()
}

#[test]
fn every_rule_finds_its_bad_examples_and_no_good_one() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.bad {
            let found = findings(example);
            if of(&found, rule).is_empty() {
                wrong.push(format!("{} misses {:?} {:?}", rule.code, example.given, example.sql));
            }
        }
        for example in rule.good {
            let found = findings(example);
            for finding in of(&found, rule) {
                wrong.push(format!("{} finds {:?}: {}", rule.code, example.sql, finding.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_is_in_order_and_complete() {
    let codes: Vec<String> = RULES.iter().map(|rule| rule.code.to_owned()).collect();
    let expected: Vec<String> = (1..=29).map(|number| format!("ML{number:02}")).collect();
    assert_eq!(codes, expected);
    for rule in RULES {
        assert!(!rule.bad.is_empty() && !rule.good.is_empty(), "{}", rule.code);
        assert!(rule.dialect == Dialect::Mysql && !rule.name.contains(' '), "{}", rule.code);
        assert!(rule.reason.len() > 150 && rule.recipe.len() > 40, "{}", rule.code);
    }
}

/// Messages are sentences without a full stop, and speak of something.
#[test]
fn messages_are_sentences() {
    for rule in RULES {
        for example in rule.bad {
            for finding in findings(example) {
                let message = &finding.message;
                assert!(
                    !message.ends_with('.') && !message.contains("  ") && !message.contains("\"\""),
                    "{message}"
                );
                assert!(finding.place.line > 0 && finding.place.length > 0, "{message}");
            }
        }
    }
}

#[test]
fn what_only_touches_new_tables_blocks_nobody() {
    let text = "DROP TABLE IF EXISTS a; CREATE TABLE a (id INT, b VARCHAR(9), e ENUM('x'), t INT);
      ALTER TABLE a MODIFY id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ADD CHECK (t > 0), ADD FULLTEXT (b),
        ADD FOREIGN KEY (t) REFERENCES a (id), CONVERT TO CHARACTER SET latin1, MODIFY e ENUM('y','x');
      CREATE UNIQUE INDEX u ON a (b); UPDATE a SET b = 1; DELETE FROM a; TRUNCATE a;
      ALTER TABLE a DROP COLUMN b, PARTITION BY HASH (id); RENAME TABLE a TO c; DROP INDEX u ON c;
      DROP TABLE c;";
    for finding in lint("", text, Schema::default(), &Settings::usual()) {
        assert!(finding.severity == Severity::Advice, "{} {}", finding.rule.code, finding.message);
    }
}

/// All examples, one after the other, each cut off somewhere.
fn soup() -> impl Strategy<Value = String> {
    let examples: Vec<&'static str> =
        RULES.iter().flat_map(|rule| rule.bad.iter().chain(rule.good)).map(|example| example.sql).collect();
    let one = (proptest::sample::select(examples), 0_usize..400).prop_map(|(text, end)| {
        let end = end.min(text.len());
        text.get(..end).unwrap_or(text).to_owned()
    });
    proptest::collection::vec(one, 1..6).prop_map(|parts| parts.join("; "))
}

proptest! {
    #[test]
    fn nothing_makes_the_rules_panic(text in soup()) {
        let (statements, _) = script("a.sql", &text);
        let one = Subject { statements, ..subject("a.sql", "", true) };
        let one = Subject { source: text, ..one };
        for version in [None, Some((8, 0)), Some((10, 11))] {
            let schema = Schema { version, ..Schema::default() };
            let state = State::new(Dialect::Mysql, schema);
            let outcome = walk(state, std::slice::from_ref(&one), &Settings::usual(), true);
            prop_assert!(outcome.findings.iter().all(|finding| !finding.message.is_empty()));
        }
    }
}
