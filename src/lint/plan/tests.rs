//! Every example is a small project, and a test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::lint::effect::{Effects, Lock, Mode};
use crate::schema::Schema;
use crate::sql::directive::{self, Directives};
use crate::sql::sqlite::statement::script as read;
use crate::sql::statement::{Name, Object, Said};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A project out of a text: `-- PATH` begins a file, `-- origin/main: PATH` one of the base.
pub(super) fn project(text: &str) -> Plan {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let heads = [
            "deploy/",
            "verify/",
            "revert/",
            "recovery/",
            "sqitch.plan",
            "origin/main:",
            "changed since",
            "variables",
        ];
        match line.strip_prefix("-- ").filter(|rest| heads.iter().any(|head| rest.starts_with(head))) {
            Some(path) => files.push((path.to_owned(), String::new())),
            None => {
                let (_, text) = files.last_mut().unwrap_or_else(|| panic!("no file: {line}"));
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let file = |path: &str| files.iter().find(|(own, _)| own == path).map(|(_, text)| text.clone());
    let name_of = |path: &str| {
        let name = path.split_once('/').map_or(path, |(_, name)| name);
        name.rsplit_once('.').map_or(name, |(name, _)| name).to_owned()
    };
    let listed = |text: Option<String>| -> Vec<(String, Vec<String>)> {
        let lines = text.unwrap_or_default();
        let one = |line: &str| {
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            let requires = rest.trim_matches(['[', ']']).split(' ').filter(|name| !name.is_empty());
            (name.to_owned(), requires.map(str::to_owned).collect())
        };
        lines.lines().filter(|line| !line.is_empty()).map(one).collect()
    };
    let deploys = files.iter().filter(|(path, _)| path.starts_with("deploy/"));
    let order = match file("sqitch.plan") {
        Some(text) => listed(Some(text)),
        None => deploys.map(|(path, _)| (name_of(path), Vec::new())).collect(),
    };
    let script = |folder: &str, name: &str| {
        let path = format!("{folder}/{name}.sql");
        file(&path).map(|text| self::script(&path, &text))
    };
    let changes = order.iter().enumerate().map(|(at, (name, requires))| Change {
        name: name.clone(),
        label: name.clone(),
        id: String::new(),
        note: String::new(),
        line: at + 3,
        requires: requires.clone(),
        deploy: script("deploy", name),
        verify: script("verify", name),
        revert: script("revert", name),
        recovery: file(&format!("recovery/{name}.md")).map(|text| (format!("recovery/{name}.md"), text)),
        judged: true,
        pending: false,
    });
    let changes: Vec<Change> = changes.collect();
    let theirs = |path: &str| file(&format!("origin/main: {path}"));
    let base = theirs("sqitch.plan").map(|text| Base {
        reference: "origin/main".to_owned(),
        changes: listed(Some(text))
            .into_iter()
            .map(|(name, _)| BaseChange {
                deploy: theirs(&format!("deploy/{name}.sql")),
                id: String::new(),
                name,
            })
            .collect(),
    });
    let known = |path: &str| changes.iter().any(|change| name_of(path) == change.name);
    let scripts = files.iter().filter(|(path, _)| path.ends_with(".sql") && !path.starts_with("origin"));
    let stray = scripts.clone().filter(|(path, _)| !known(path)).map(|(path, _)| path.clone()).collect();
    let used = scripts.flat_map(|(path, text)| variables(path, text)).collect();
    let set = file("variables").unwrap_or_default();
    Plan {
        dialect: Dialect::Sqlite,
        file: "sqitch.plan".to_owned(),
        base,
        changed_files: file("changed since origin/main")
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect(),
        own_paths: ["sqitch.plan", "deploy", "verify", "revert", "recovery"].map(str::to_owned).to_vec(),
        stray,
        used,
        set: set.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect(),
        changes,
    }
}

fn script(path: &str, text: &str) -> Script {
    let (statements, _) = read(path, text);
    let (directives, _) = directive::read(path, text, Dialect::Sqlite);
    let left_open = statements.iter().fold(false, |open, statement| match statement.said {
        Said::Begin => true,
        Said::Commit | Said::Rollback => false,
        _ => open,
    });
    let atomic = !statements.iter().any(|statement| statement.said == Said::Begin);
    Script { path: path.to_owned(), text: text.to_owned(), statements, directives, atomic, left_open }
}

/// `:name` in a script.
fn variables(path: &str, text: &str) -> Vec<Used> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (at, _) in line.match_indices(':') {
            let name: String =
                line[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.push(Used { name, file: path.to_owned(), line: number + 1 });
            }
        }
    }
    found
}

pub(super) fn findings(text: &str) -> Vec<Finding> {
    let state = State::new(Dialect::Sqlite, Schema::default());
    judge(state, &project(text), &Settings::usual()).findings
}

/// The messages of one rule, notes behind them.
pub(super) fn messages(code: &str, text: &str) -> Vec<String> {
    let found = findings(text).into_iter().filter(|finding| finding.rule.code == code);
    found.map(|finding| [vec![finding.message], finding.notes].concat().join("; ")).collect()
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    let mut wrong = Vec::new();
    for own in RULES {
        let rule = &own.rule;
        assert!(!rule.bad.is_empty() && !rule.good.is_empty(), "{}", rule.code);
        // SQLite has no locks on tables that could be taken in another order.
        let bad = rule.bad.iter().filter(|_| rule.code != "CH11");
        for example in bad {
            if messages(rule.code, example.sql).is_empty() {
                wrong.push(format!("{} does not find its bad example:\n{}", rule.code, example.sql));
            }
        }
        for example in rule.good {
            for message in messages(rule.code, example.sql) {
                wrong.push(format!("{} finds its good example: {message}\n{}", rule.code, example.sql));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_in_order_and_names_are_unique() {
    let codes: Vec<&str> = RULES.iter().map(|own| own.rule.code).collect();
    let expected: Vec<String> = (1..=codes.len()).map(|number| format!("CH{number:02}")).collect();
    assert_eq!(codes, expected);
    for own in RULES {
        let rule = &own.rule;
        assert!(
            !rule.summary.is_empty() && !rule.reason.is_empty() && !rule.recipe.is_empty(),
            "{}",
            rule.code
        );
        assert_eq!(rule.name, rule.name.to_ascii_lowercase());
        let others = crate::lint::rules::all().filter(|other| other.name == rule.name).count();
        assert_eq!(others, 0, "{}", rule.name);
    }
}

#[test]
fn a_finding_is_accepted_by_a_directive_and_silenced_by_settings() {
    let text = "-- deploy/orders.sql\n-- change: allow=verify-missing because \"checked by hand\"\nCREATE \
                TABLE orders (id INT);\n\
                -- revert/orders.sql\nDROP TABLE orders;";
    let state = || State::new(Dialect::Sqlite, Schema::default());
    let outcome = judge(state(), &project(text), &Settings::usual());
    let missing: Vec<_> = outcome.findings.iter().filter(|finding| finding.rule.code == "CH02").collect();
    assert_eq!(missing[0].accepted.as_deref(), Some("checked by hand"));
    assert_eq!(outcome.used, [(0, 0)]);
    assert_eq!(missing[0].place.file, "deploy/orders.sql");
    let quiet = Settings { rules: vec![("CH02".to_owned(), None)], ..Settings::usual() };
    assert!(judge(state(), &project(text), &quiet).findings.is_empty());
}

#[test]
fn nobody_needs_phases_before_the_launch() {
    let text = RULES[5].rule.bad[0].sql;
    let state = State::new(Dialect::Sqlite, Schema::default());
    let settings = Settings { profile: Profile::Prelaunch, ..Settings::usual() };
    let found = judge(state, &project(text), &settings).findings;
    let expand = found.iter().find(|finding| finding.rule.code == "CH06").unwrap();
    assert_eq!(expand.severity, Severity::Advice);
    assert!(expand.relaxed.is_some());
}

#[test]
fn locks_in_another_order_are_found() {
    // SQLite has one lock only, so the effects are made by hand.
    let plan = project("-- deploy/one.sql\nSELECT 1;\n-- deploy/two.sql\nSELECT 1;");
    let name = Name::new;
    let orders = [LockOrder { first: name("items"), then: name("orders") }];
    let mut ordered = BTreeMap::new();
    ordered.insert((name("orders"), name("items")), 0);
    let schema = Schema::default();
    let seen = |ordered| {
        let seen = ChangeSeen {
            plan: &plan,
            position: 1,
            change: &plan.changes[1],
            steps: &[],
            before: &schema,
            after: &schema,
            reverted: None,
            revert_fails: &[],
            born: &[],
            gone: &std::collections::HashSet::new(),
            dark: false,
            orders: &orders,
            ordered,
            way_back: Err(String::new()),
            lacks: Vec::new(),
        };
        let Check::Change(check) = RULES[10].check else { panic!() };
        check(&seen)
    };
    let found = seen(&ordered);
    assert_eq!(found[0].message, "this locks items, then orders, and one locks orders, then items");
    assert!(seen(&BTreeMap::new()).is_empty());
}

#[test]
fn the_order_of_locks_is_that_of_one_transaction() {
    let lock = |table: &str, mode| Lock {
        on: Name::new(table),
        object: Object::Table,
        mode,
        span: Default::default(),
    };
    let effects = |table: &str, mode| Effects { locks: vec![lock(table, mode)], ..Effects::default() };
    let mut state = State::new(Dialect::Postgres, Schema::default());
    state.begin_script(true, false);
    let statements = read("x.sql", "SELECT 1; SELECT 2; SELECT 3; COMMIT; SELECT 4").0;
    let found = course::orders(
        &state,
        vec![
            (&statements[0], effects("a", Mode::AccessExclusive)),
            (&statements[1], effects("b", Mode::RowExclusive)),
            (&statements[2], effects("c", Mode::Share)),
            (&statements[3], Effects::default()),
            (&statements[4], effects("d", Mode::AccessExclusive)),
        ],
    );
    let key = |name: &str| Name::within("public", name);
    assert_eq!(found, [LockOrder { first: key("a"), then: key("c") }]);
}

#[test]
fn a_base_with_other_ids_tells_the_first_line_that_differs() {
    let mut plan = project(
        "-- sqitch.plan\na\nb\n-- deploy/a.sql\nSELECT 1;\n-- deploy/b.sql\nSELECT 1;\n-- origin/main: \
         sqitch.plan\na\nb",
    );
    plan.changes[0].id = "one".into();
    plan.changes[1].id = "two".into();
    let base = plan.base.as_mut().unwrap();
    base.changes[0].id = "uno".into();
    base.changes[1].id = "due".into();
    let state = State::new(Dialect::Sqlite, Schema::default());
    let found = judge(state, &plan, &Settings::usual()).findings;
    let lines: Vec<_> = found.iter().filter(|finding| finding.rule.code == "CH12").collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].message, "the line of a in the plan differs from that of origin/main");
    assert_eq!((lines[0].place.line, lines[0].change.as_deref()), (3, Some("a")));
}

#[test]
fn a_thousand_changes_are_judged_in_time() {
    let mut text = String::new();
    for number in 0..1_000 {
        text.push_str(&format!(
            "-- deploy/c{number}.sql\nCREATE TABLE t{number} (id INTEGER PRIMARY KEY, a TEXT);\nCREATE INDEX \
             i{number} ON t{number} (a);\n\
             -- verify/c{number}.sql\nSELECT id, a FROM t{number} WHERE 0;\n-- revert/c{number}.sql\nDROP \
             TABLE t{number};\n"
        ));
    }
    let plan = project(&text);
    let start = std::time::Instant::now();
    let state = State::new(Dialect::Sqlite, Schema::default());
    let found = judge(state, &plan, &Settings::usual()).findings;
    assert!(found.is_empty(), "{:?}", found[0].message);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn no_mixture_of_projects_panics(
        picks in proptest::collection::vec((0..17_usize, 0..9_usize, 0..400_usize), 0..5),
    ) {
        // Whole examples one after the other, some of them cut anywhere.
        let mut text = String::new();
        for (rule, example, cut) in picks {
            let rule = &RULES[rule].rule;
            let examples: Vec<&str> = rule.bad.iter().chain(rule.good).map(|example| example.sql).collect();
            let whole = examples[example % examples.len()];
            text.push_str(whole.get(..cut).filter(|cut| cut.contains('\n')).unwrap_or(whole));
            text.push('\n');
        }
        let _ = findings(&text);
    }
}

#[test]
fn directives_of_no_script_are_none() {
    let plan = project("-- sqitch.plan\nlost");
    assert_eq!(plan.changes[0].phase(), None);
    assert_eq!(plan.changes[0].scripts().count(), 0);
    assert_eq!(Directives::default().phase, None);
    assert!(findings("-- sqitch.plan\nlost").is_empty());
}
