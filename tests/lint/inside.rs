//! What stands in bodies, variables and includes, and what cannot be understood.

use super::{INDEX, ORDERS, World, change, lint, shop};

fn file(name: &str, text: &str) -> World {
    let world = World::new();
    world.write(name, text);
    world
}

#[test]
fn blocks_and_functions_that_are_called_are_looked_into() {
    for sql in [
        "DO $$ BEGIN DROP TABLE people; END $$;\n",
        "DO $$ BEGIN IF now() > '2024-01-01' THEN EXECUTE 'DROP TABLE people'; END IF; END $$;\n",
        "DO $x$ BEGIN EXECUTE $q$DROP TABLE people$q$; END $x$;\n",
        "DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'people'); END $$;\n",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE people; END $$;\n\
         SELECT f();\n",
    ] {
        let report = lint(&file("a.sql", sql), &["a.sql"]);
        assert!(report.codes().contains(&"PD01".to_owned()), "{sql}: {}", report.done.out);
    }
    let made = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE people; END $$;\n";
    assert!(lint(&file("a.sql", made), &["a.sql"]).codes().is_empty(), "made is not called");
}

#[test]
fn what_is_put_together_while_it_runs_is_told_and_not_called_safe() {
    let sql = "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables LOOP\n\
        EXECUTE 'ALTER TABLE ' || t || ' ADD COLUMN a int'; END LOOP; END $$;\n";
    let world = file("a.sql", sql);
    assert!(lint(&world, &["a.sql"]).findings().any(|own| own["code"] == "PX02"));
    assert!(!change(&world, &["lint", "a.sql"]).ok().out.contains("Safe"));
}

#[test]
fn variables_and_includes_of_psql_are_followed() {
    let script = "\\set tbl orders\n\\ir parts/index.sql\n\
        ALTER TABLE :\"tbl\" DROP COLUMN price;\nDROP TABLE :gone;\n";
    let world = shop(&[("orders", ORDERS), ("it", script)]);
    world.write("deploy/parts/index.sql", "CREATE INDEX orders_note ON :tbl (note);\n");
    let report = lint(&world, &["it", "--set", "gone=people"]);
    assert_eq!(report.finding("PL01")["file"], "deploy/parts/index.sql", "{}", report.done.out);
    assert_eq!(report.finding("PL01")["table"], "orders");
    assert!(report.finding("PD02")["message"].as_str().unwrap().contains("orders.price"));
    assert!(report.finding("PD01")["message"].as_str().unwrap().contains("people"));
    let world = file("a.sql", "DROP TABLE :gone;\n");
    let report = lint(&world, &["a.sql", "--set", "gone=people"]);
    assert!(report.finding("PD01")["message"].as_str().unwrap().contains("people"), "in a loose file, too");
    let done = change(&file("a.sql", "\\i nowhere.sql\n"), &["lint", "a.sql"]);
    assert!(done.status == 2 && done.err.contains("nowhere.sql"), "{}", done.err);
}

#[test]
fn a_statement_that_is_not_understood_is_told_and_not_called_safe() {
    for (dialect, sql) in [
        ("pg", "ALTER TABLE orders FROBNICATE COLUMN a;\n"),
        ("pg", "FROBNICATE orders;\n"),
        ("pg", "CREATE TABLE new (a int PRIMARY KEY);\nALTER TABLE :unset DROP COLUMN a;\n"),
        ("mysql", "FROBNICATE orders;\n"),
        ("mysql", "ALTER TABLE orders FROBNICATE a;\n"),
        ("sqlite", "FROBNICATE orders;\n"),
    ] {
        let world = file("a.sql", sql);
        let report = lint(&world, &["--dialect", dialect, "a.sql"]);
        assert!(report.findings().count() > 0, "{dialect} {sql}: {}", report.done.out);
        let text = change(&world, &["lint", "--dialect", dialect, "a.sql"]);
        assert!(!text.out.contains("Safe"), "{dialect} {sql}: {}", text.out);
        let told = change(&world, &["explain", "--dialect", dialect, "a.sql"]).out;
        assert!(told.contains("NOT"), "{dialect} {sql}: {told}");
    }
}

#[test]
fn a_script_that_is_broken_is_an_error_and_not_called_safe() {
    for (dialect, sql) in [
        ("pg", "CREATE TABLE new (a int\n"),
        ("pg", "SELECT 'open;\n"),
        ("pg", "DO $$ BEGIN NULL; END;\n"),
        ("sqlite", "CREATE TABLE new (a int\n"),
    ] {
        let world = file("a.sql", sql);
        let done = change(&world, &["lint", "--dialect", dialect, "a.sql"]);
        assert!(!done.out.contains("Safe"), "{dialect} {sql}: {}", done.out);
        assert_ne!(
            (done.status, done.out.contains('[')),
            (0, false),
            "{dialect} {sql}: {}{}",
            done.out,
            done.err
        );
    }
    // What is found beside it is shown all the same.
    let done = change(&file("a.sql", &(INDEX.to_owned() + "SELECT (1;\n")), &["lint", "a.sql"]);
    assert!(
        done.status == 2 && done.out.contains("PL01") && done.err.contains("a.sql:2"),
        "{}{}",
        done.out,
        done.err
    );
}
