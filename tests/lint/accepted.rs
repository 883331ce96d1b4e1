//! Findings that are accepted: in the script, or by a baseline.

use super::{INDEX, ORDERS, change, lint, planned, shop};

fn with(directive: &str) -> super::World {
    shop(&[("orders", ORDERS), ("index", &format!("{directive}\n{INDEX}"))])
}

#[test]
fn a_finding_is_accepted_with_a_reason_and_counted() {
    for code in ["PL01", "pl01", "create-index-not-concurrent"] {
        let world = with(&format!("-- change: allow={code} because \"empty until May\""));
        let report = lint(&world, &[]);
        assert_eq!((report.done.status, report.codes().len()), (0, 0), "{code}");
        assert_eq!(report.finding("PL01")["accepted"], "empty until May");
        assert_eq!(report.json["summary"]["accepted"], 1);
        assert_eq!(report.json["summary"]["blocks"], 0);
        let text = change(&world, &["lint"]).ok().out;
        assert!(text.contains("1 accepted") && !text.contains("Safe"), "{text}");
        assert!(!text.contains("empty until May"), "{text}");
    }
    let world = with("-- change: allow=PL01 because \"empty until May\"");
    let text = change(&world, &["lint", "--verbose"]).ok().out;
    assert!(text.contains("accepted: empty until May"), "{text}");
}

#[test]
fn an_acceptance_that_nothing_uses_is_told() {
    let world = with("-- change: allow=drop-table because \"it was old\"");
    let report = lint(&world, &[]);
    assert_eq!((report.done.status, report.codes()), (1, vec!["PL01".to_owned()]));
    let note = "deploy/index.sql: nothing is found that allow=drop-table accepts";
    assert!(report.notes().contains(note), "{}", report.notes());
}

#[test]
fn an_acceptance_without_a_reason_is_an_error() {
    let done = change(&with("-- change: allow=PL01"), &["lint"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("allow=PL01 needs a reason") && done.err.contains("because"), "{}", done.err);
    assert!(done.err.contains("deploy/index.sql:1"), "{}", done.err);
}

#[test]
fn the_past_is_accepted_by_a_baseline_and_what_is_new_is_not() {
    let changes = [("orders", ORDERS), ("index", INDEX)];
    let world = shop(&changes);
    let written = change(&world, &["lint", "--write-baseline", "past.json"]).ok();
    assert!(written.err.contains("findings to past.json"), "{}", written.err);
    let report = lint(&world, &["--baseline", "past.json"]);
    assert_eq!((report.done.status, report.codes().len()), (0, 0));
    assert!(report.finding("PL01")["accepted"].as_str().unwrap().contains("past.json"));
    // Lines may move, and other changes may come.
    let moved = format!("-- One line more.\n\n{INDEX}");
    planned(&world, &[("orders", ORDERS), ("index", &moved), ("away", "DROP TABLE people;\n")]);
    let report = lint(&world, &["--baseline", "past.json"]);
    assert_eq!((report.done.status, report.files()), (1, vec!["deploy/away.sql".to_owned()]));
    assert!(report.notes().is_empty(), "{}", report.notes());
    // Written anew with the old one at hand, it holds both.
    change(&world, &["lint", "--baseline", "past.json", "--write-baseline", "past.json"]).ok();
    lint(&world, &["--baseline", "past.json"]).done.ok();
}

#[test]
fn what_is_gone_from_a_baseline_is_told() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    change(&world, &["lint", "--write-baseline", "past.json"]).ok();
    world.write("deploy/index.sql", "CREATE INDEX CONCURRENTLY orders_note ON orders (note);\n");
    let report = lint(&world, &["--baseline", "past.json"]);
    assert_eq!(report.done.status, 0);
    assert!(report.notes().contains("1 finding in past.json is gone"), "{}", report.notes());
    for broken in ["{", "[]", "{\"format\": 9, \"findings\": []}"] {
        world.write("past.json", broken);
        let done = change(&world, &["lint", "--baseline", "past.json"]);
        assert!(done.status == 2 && done.err.contains("is not a baseline"), "{broken}: {}", done.err);
    }
}
