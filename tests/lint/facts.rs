//! What a live PostgreSQL tells, or a file of facts.

use super::server::{Database, server};
use super::{INDEX, ORDERS, change, lint, shop};
use serde_json::Value;

/// A database with a small table and a large one.
fn database() -> Database {
    let database = server().database();
    database.psql(ORDERS);
    database.psql("INSERT INTO orders (note, price) SELECT 'x', g FROM generate_series(1, 20000) g");
    database.psql("INSERT INTO people SELECT g, 'x' FROM generate_series(1, 10) g; ANALYZE");
    database
}

/// The answers of both ways to know, which are the same.
#[track_caller]
fn both(deploy: &str) -> Value {
    let database = database();
    let world = shop(&[("it", deploy)]);
    let live = lint(&world, &["--target", &database.uri]);
    change(&world, &["facts", "export", &database.uri, "--output", "facts.json"]).ok();
    let stored = lint(&world, &["--facts", "facts.json"]);
    assert_eq!(live.done.status, stored.done.status);
    let told = |json: &Value| {
        // Traffic differs from one look to the next.
        let mut findings = json["findings"].clone();
        findings.as_array_mut().unwrap().iter_mut().for_each(|own| own["notes"] = Value::Null);
        findings
    };
    assert_eq!(told(&live.json), told(&stored.json));
    live.json
}

fn severity(json: &Value, code: &str) -> Option<String> {
    let found = json["findings"].as_array().unwrap().iter().find(|own| own["code"] == code)?;
    Some(found["severity"].as_str().unwrap().to_owned())
}

#[test]
fn a_small_table_is_not_nagged_about_and_a_large_one_is() {
    let large = both(INDEX);
    assert_eq!(severity(&large, "PL01").as_deref(), Some("blocks"));
    let notes = large["findings"][0]["notes"].to_string();
    assert!(notes.contains("about 20000 rows"), "{notes}");
    let small = both("CREATE INDEX people_name ON people (name);\n");
    assert_eq!(severity(&small, "PL01").as_deref(), Some("brief"));
    assert!(small["findings"][0]["relaxed"].as_str().unwrap().contains("10 rows"), "{small}");
}

#[test]
fn not_null_after_a_check_that_was_validated_is_fine() {
    let not_null = "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n";
    assert_eq!(severity(&both(not_null), "PL05").as_deref(), Some("blocks"));
    let database = database();
    database.psql("ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL)");
    let report = lint(&shop(&[("it", not_null)]), &["--target", &database.uri]);
    assert_eq!((report.done.status, severity(&report.json, "PL05")), (0, None), "{}", report.done.out);
    // The plan tells the same.
    let changes = [
        ("orders", ORDERS),
        ("check", "ALTER TABLE orders ADD CONSTRAINT there CHECK (note IS NOT NULL) NOT VALID;\n"),
        ("validate", "ALTER TABLE orders VALIDATE CONSTRAINT there;\n"),
        ("not_null", not_null),
    ];
    let report = lint(&shop(&changes), &["not_null"]);
    assert_eq!((report.done.status, severity(&report.json, "PL05")), (0, None), "{}", report.done.out);
    let report = lint(&shop(&[changes[0], changes[1], changes[3]]), &["not_null"]);
    assert_eq!(severity(&report.json, "PL05").as_deref(), Some("blocks"), "{}", report.done.out);
}

#[test]
fn the_registry_tells_what_is_deployed() {
    let database = server().database();
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    // Nothing is deployed: the table is as new as its index.
    let report = lint(&world, &["--target", &database.uri]);
    assert_eq!((report.done.status, report.codes().len()), (0, 0), "{}", report.done.out);
    let to = ["deploy", "--target", &database.uri, "--to", "orders", "-y"];
    change(&world, &to).ok();
    database.psql("INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 20000); ANALYZE");
    let report = lint(&world, &["--target", &database.uri]);
    assert_eq!((report.done.status, report.files()), (1, vec!["deploy/index.sql".to_owned()]));
    change(&world, &["deploy", "--target", &database.uri, "-y"]).ok();
    let report = lint(&world, &["--target", &database.uri]);
    assert_eq!((report.done.status, report.findings().count()), (0, 0), "{}", report.done.out);
    let named = lint(&world, &["--target", &database.uri, "index"]);
    assert_eq!(named.findings().filter(|own| own["change"] != "index").count(), 0);
}

#[test]
fn a_look_at_the_target_writes_nothing() {
    let database = database();
    let world = shop(&[("it", INDEX)]);
    lint(&world, &["--target", &database.uri]);
    assert_eq!(database.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'sqitch'"), "0");
    let done = change(&world, &["lint", "--target", &database.uri.replace("/t", "/nowhere_t")]);
    assert!(done.status == 2 && done.err.contains("nowhere_t"), "{}", done.err);
}

#[test]
fn facts_of_another_kind_and_old_facts_are_told() {
    let world = shop(&[("it", INDEX)]);
    world.database("a.db").execute_batch("CREATE TABLE a (b)").unwrap();
    change(&world, &["facts", "export", "db:sqlite:a.db", "--output", "facts.json"]).ok();
    let done = change(&world, &["lint", "--facts", "facts.json"]);
    assert!(done.status == 2 && done.err.contains("another kind of database"), "{}", done.err);
    let database = database();
    change(&world, &["facts", "export", &database.uri, "--output", "facts.json"]).ok();
    let mut facts: Value = serde_json::from_str(&world.read("facts.json")).unwrap();
    facts["exported_at"] = "2024-01-01T00:00:00Z".into();
    world.write("facts.json", &facts.to_string());
    assert!(lint(&world, &["--facts", "facts.json"]).notes().contains("days old"));
    let done = change(&world, &["lint", "--facts", "facts.json", "--target", &database.uri]);
    assert_eq!(done.status, 2, "{}", done.out);
}

#[test]
fn explain_tells_how_long_by_the_facts() {
    let database = database();
    let done = change(&shop(&[("it", INDEX)]), &["explain", "--target", &database.uri]).ok();
    assert!(done.out.contains("for about 20000 rows"), "{}", done.out);
}

#[test]
fn a_file_of_no_project_can_be_meant_for_a_target() {
    let database = database();
    let world = super::World::new();
    world.write("a.sql", "CREATE INDEX people_name ON people (name);\n");
    let report = lint(&world, &["--target", &database.uri, "a.sql"]);
    assert_eq!(severity(&report.json, "PL01").as_deref(), Some("brief"), "{}", report.done.out);
    world.write("b.sql", "DELETE FROM people;\n");
    world.database("b.db").execute_batch("CREATE TABLE people (id INTEGER PRIMARY KEY)").unwrap();
    let codes = lint(&world, &["--target", "db:sqlite:b.db", "b.sql"]).codes();
    assert!(codes.iter().all(|code| code.starts_with("SL")), "{codes:?}");
    let done = change(&world, &["lint", "--target", "nowhere", "a.sql"]);
    assert_eq!(done.status, 2, "{}", done.out);
}
