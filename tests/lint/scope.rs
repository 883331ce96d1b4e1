//! What is looked at, and with which status it ends.

use super::support::Tool;
use super::{INDEX, ORDERS, change, lint, shop, small_shop};

const DROP: &str = "DROP TABLE people;\n";

#[test]
fn everything_planned_is_looked_at_unless_something_is_named() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX), ("away", DROP)]);
    let all = lint(&world, &[]);
    assert_eq!(
        (all.done.status, all.files()),
        (1, vec!["deploy/index.sql".to_owned(), "deploy/away.sql".to_owned()])
    );
    assert_eq!(all.finding("PL01")["change"], "index");
    assert_eq!(all.finding("PL01")["severity"], "blocks");
    assert_eq!(all.finding("PD01")["severity"], "breaks");
    for named in ["index", "deploy/index.sql", "./deploy/index.sql"] {
        let one = lint(&world, &[named]);
        assert_eq!((one.done.status, one.codes()), (1, vec!["PL01".to_owned()]), "{named}");
        assert_eq!(one.finding("PL01")["change"], "index", "{named}");
    }
    let harmless = lint(&world, &["orders"]);
    assert_eq!((harmless.done.status, harmless.codes().len()), (0, 0));
}

#[test]
fn a_first_change_that_only_makes_new_things_is_safe() {
    let sql = ORDERS.to_owned()
        + INDEX
        + "ALTER TABLE orders ADD CHECK (price > 0);\n\
        ALTER TABLE orders ADD COLUMN buyer bigint NOT NULL REFERENCES people;\n\
        INSERT INTO people VALUES (1, 'Vera');\n";
    let world = shop(&[("orders", &sql)]);
    let done = change(&world, &["lint", "--fail-on", "brief"]).ok();
    assert!(!done.out.contains("error") && !done.out.contains("warning"), "{}", done.out);
    let world = shop(&[("people", "CREATE TABLE people (id bigint PRIMARY KEY, name text);\n")]);
    world.write("verify/people.sql", "SELECT id, name FROM people WHERE false;\n");
    let done = change(&world, &["lint"]).ok();
    assert!(done.out.starts_with("Safe: 1 statement in 1 file, nothing found"), "{}", done.out);
}

#[test]
fn the_least_grave_severity_that_fails_can_be_chosen() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    for (level, status) in [("blocks", 1), ("breaks", 1), ("brief", 1), ("advice", 1), ("never", 0)] {
        assert_eq!(lint(&world, &["--fail-on", level]).done.status, status, "{level}");
    }
    let world = shop(&[("orders", ORDERS), ("away", "ALTER TABLE orders DROP COLUMN note;\n")]);
    assert_eq!(lint(&world, &["--fail-on", "blocks"]).done.status, 0);
    assert_eq!(lint(&world, &[]).done.status, 1);
    let world = shop(&[("orders", ORDERS), ("more", "ALTER TABLE orders ADD COLUMN more text;\n")]);
    let brief = lint(&world, &["more"]);
    assert_eq!((brief.done.status, brief.codes()), (0, vec!["PL40".to_owned()]));
    assert_eq!(lint(&world, &["--fail-on", "brief", "more"]).done.status, 1);
}

#[test]
fn what_cannot_be_understood_on_the_command_line_is_an_error() {
    let world = shop(&[("orders", ORDERS)]);
    for (words, complaint) in [
        (&["--fail-on", "grave"][..], "\"grave\" is no severity"),
        (&["nothing"], "Unknown argument \"nothing\""),
        (&["--dialect", "oracle", "deploy/orders.sql"], "There are no rules for \"oracle\""),
        (&["--pg-version", "new"], "\"new\" is no version"),
        (&["--facts", "no.json"], "Cannot read the facts no.json"),
        (&["--baseline", "no.json"], "Cannot read the baseline no.json"),
        (&["--explain", "PL99"], "There is no rule \"PL99\""),
        (&["--since", "@v9"], "v9"),
    ] {
        let done = change(&world, &[&["lint"], words].concat());
        assert_eq!(done.status, 2, "{words:?}: {}", done.out);
        assert!(done.err.contains(complaint), "{words:?}: {}", done.err);
    }
}

#[test]
fn a_change_that_is_not_named_tells_which_tables_are_old() {
    let world = shop(&[("orders", ORDERS), ("both", &(ORDERS.replace("orders", "bills") + INDEX + INDEX))]);
    let report = lint(&world, &["both"]);
    assert_eq!(report.codes()[0], "PL01", "orders was made by another change: {}", report.done.out);
    assert!(report.findings().all(|own| own["table"] != "bills"), "{}", report.done.out);
}

#[test]
fn the_changes_after_a_tag_are_looked_at() {
    let world = shop(&[("orders", ORDERS), ("index@v1", INDEX), ("away", DROP)]);
    for since in ["@v1", "v1", "index"] {
        let done = change(&world, &["lint", "--format", "json", "--since", since]);
        if since == "v1" && done.status == 2 {
            continue; // A tag is written with its @ where a change may have the same name.
        }
        assert!(
            done.out.contains("deploy/away.sql") && !done.out.contains("deploy/index.sql"),
            "{}",
            done.out
        );
    }
    let none = lint(&world, &["--since", "away"]);
    assert_eq!((none.done.status, none.findings().count()), (0, 0));
}

#[test]
fn files_of_no_project_are_read_alone_by_the_folder_and_from_the_standard_input() {
    let world = super::support::World::new();
    world.write("old/2.sql", INDEX);
    world.write("old/below/3.SQL", "DROP TABLE people;\n");
    world.write("old/notes.txt", "This is no SQL.\n");
    assert_eq!(lint(&world, &["old/2.sql"]).codes(), ["PL01"]);
    assert_eq!(lint(&world, &["old"]).files(), ["old/2.sql", "old/below/3.SQL"]);
    assert_eq!(lint(&world, &["old/"]).files(), ["old/2.sql", "old/below/3.SQL"]);
    let input = |words: &[&str]| world.run(Tool::Change, "", &[&["lint"], words].concat(), INDEX);
    let done = input(&["-"]);
    assert!(done.status == 1 && done.out.contains("stdin:1:1") && done.out.contains("PL01"), "{}", done.out);
    let done = input(&["--dialect", "mysql", "-"]);
    assert!(!done.out.contains("PL01"), "{}", done.out);
    let done = input(&["--dialect", "postgres", "-"]);
    assert!(done.out.contains("PL01"), "{}", done.out);
    let done = change(&world, &["lint"]);
    assert!(done.status == 2 && done.err.contains("No project configuration"), "{}", done.err);
}

#[test]
fn each_engine_has_rules_of_its_own() {
    let world = small_shop(&[("orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\n")]);
    world.write("all.sql", "DELETE FROM orders;\n");
    for (dialect, code) in [("pg", "PD07"), ("mysql", "ML21"), ("mariadb", "ML21"), ("sqlite", "SL21")] {
        let codes = lint(&world, &["--dialect", dialect, "all.sql"]).codes();
        assert!(codes.iter().any(|own| own == code), "{dialect}: {codes:?}");
    }
    // In a project its engine counts.
    assert!(lint(&world, &["all.sql"]).codes().iter().all(|code| code.starts_with("SL")));
}

#[test]
fn other_scripts_of_a_change_are_not_looked_at() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    world.write("revert/index.sql", "DROP INDEX orders_note;\n");
    let both = lint(&world, &["revert/index.sql", "deploy/index.sql", "verify/index.sql"]);
    assert_eq!(both.files(), ["deploy/index.sql"]);
    let none = change(&world, &["lint", "revert/index.sql"]);
    assert!(none.err.contains("no deploy script") || none.out.contains("no deploy script"), "{none:?}");
}

#[test]
fn a_rule_is_explained_by_its_code_or_name_anywhere() {
    let world = super::support::World::new();
    for name in ["PL01", "pl01", "create-index-not-concurrent"] {
        let done = change(&world, &["lint", "--explain", name]).ok();
        for part in
            ["PL01", "CREATE INDEX CONCURRENTLY", "What happens in production", "-- change: allow=PL01"]
        {
            assert!(done.out.contains(part), "{name}: {part}: {}", done.out);
        }
    }
    let near = change(&world, &["lint", "--explain", "drop-tabel"]);
    assert!(near.status == 2 && near.err.contains("drop-table"), "{}", near.err);
}
