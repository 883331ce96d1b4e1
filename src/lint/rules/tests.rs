//! Every rule's examples are its test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::lint::rule::{Example, Finding};
use crate::lint::settings::Settings;
use crate::lint::state::State;
use crate::lint::{Subject, walk};
use crate::schema::Schema;
use crate::sql::{Dialect, directive, pg};

fn subject(change: &str, sql: &str, judged: bool) -> Subject {
    let file = format!("deploy/{change}.sql");
    let script = pg::script(&file, sql.as_bytes(), &[], &mut |_| Ok(Vec::new()));
    assert!(script.problems.is_empty(), "{sql}: {:?}", script.problems);
    let (directives, errors) = directive::read(&file, sql, Dialect::Postgres);
    assert!(errors.is_empty(), "{sql}: {errors:?}");
    Subject {
        change: Some(change.to_owned()),
        file,
        source: sql.to_owned(),
        statements: script.statements,
        directives,
        atomic: script.atomic,
        left_open: false,
        pending: false,
        judged,
    }
}

pub(in crate::lint) fn findings(given: &str, sql: &str) -> Vec<Finding> {
    findings_when(true, given, sql)
}

fn findings_when(limited: bool, given: &str, sql: &str) -> Vec<Finding> {
    findings_in(Schema::default(), limited, given, sql)
}

pub(in crate::lint) fn findings_in(schema: Schema, limited: bool, given: &str, sql: &str) -> Vec<Finding> {
    let subjects = [subject("given", given, false), subject("judged", sql, true)];
    let state = State::new(Dialect::Postgres, schema);
    walk(state, &subjects, &Settings { limited, pedantic: true, ..Settings::usual() }, false).findings
}

fn codes(example: &Example, limited: bool) -> Vec<&'static str> {
    let found = match limited {
        true => findings(example.given, example.sql),
        false => findings_when(false, example.given, example.sql),
    };
    found.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    let mut wrong = Vec::new();
    for rule in of(Dialect::Postgres) {
        assert!(!rule.bad.is_empty() || rule.good.is_empty(), "{} has no bad example", rule.code);
        // Some rules find nothing where the runner sets limits and resets sessions.
        let limited = rule.bad.iter().all(|example| codes(example, true).contains(&rule.code));
        for example in rule.bad {
            let found = codes(example, limited);
            if !found.contains(&rule.code) {
                wrong.push(format!(
                    "{} does not find its bad example: {} ({found:?})",
                    rule.code, example.sql
                ));
            }
        }
        for example in rule.good {
            if codes(example, limited).contains(&rule.code) {
                wrong.push(format!("{} finds its good example: {}", rule.code, example.sql));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        let codes: Vec<&str> = of(dialect).iter().map(|rule| rule.code).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes.len(), sorted.len(), "{codes:?}");
        for rule in of(dialect) {
            assert_eq!(rule.dialect, dialect, "{}", rule.code);
            assert!(
                !rule.summary.is_empty() && !rule.reason.is_empty() && !rule.recipe.is_empty(),
                "{}",
                rule.code
            );
        }
    }
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        let mut names: Vec<&str> = of(dialect).iter().map(|rule| rule.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
