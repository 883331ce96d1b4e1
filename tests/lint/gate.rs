//! The same rules in `deploy`, before anything runs.

use super::{ORDERS, World, change, small_shop};

const PEOPLE: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);\n";
const AWAY: &str = "ALTER TABLE people DROP COLUMN name;\n";

/// A project whose first change is deployed; the second takes something away.
fn world(settings: &str, away: &str) -> World {
    let world = small_shop(&[("people", PEOPLE), ("away", away)]);
    std::fs::remove_file(world.path("sqitch.conf")).unwrap();
    world.write(
        "change.toml",
        "[core]\nengine = \"sqlite\"\ntarget = \"app\"\n[target.app]\nuri = \"db:sqlite:app.db\"\n",
    );
    let first = change(&world, &["deploy", "--to", "people", "-y"]).ok();
    assert!(!first.err.contains("hazard") && !first.out.contains("hazard"), "{}{}", first.out, first.err);
    let conf = world.read("change.toml") + settings;
    world.write("change.toml", &conf);
    world
}

fn columns(world: &World) -> usize {
    world.database("app.db").prepare("SELECT * FROM people").unwrap().column_count()
}

#[test]
fn it_warns_and_deploys() {
    let world = world("", AWAY);
    let done = change(&world, &["deploy", "-y"]).ok();
    let told = done.out + &done.err;
    assert!(told.contains("warning: 1 hazard for those who use the database"), "{told}");
    assert!(told.contains("deploy/away.sql:1") && told.contains("people.name"), "{told}");
    assert_eq!(columns(&world), 1);
}

#[test]
fn it_refuses_on_a_protected_target_before_anything_runs() {
    let world = world("protected = true\n", AWAY);
    let before = std::fs::read(world.path("app.db")).unwrap();
    let done = change(&world, &["deploy", "-y"]);
    assert_eq!(done.status, 3, "{}{}", done.out, done.err);
    assert!(
        done.err.contains("nothing was deployed") && done.err.contains("deploy/away.sql:1"),
        "{}",
        done.err
    );
    for hint in ["change lint", "allow=CODE because"] {
        assert!(done.err.contains(hint), "{hint}: {}", done.err);
    }
    assert_eq!(std::fs::read(world.path("app.db")).unwrap(), before);
    assert_eq!(columns(&world), 2);
}

#[test]
fn what_is_accepted_passes() {
    let allow = "-- change: allow=all because \"nobody reads it since March\"\n";
    let world = world("protected = true\n", &(allow.to_owned() + AWAY));
    let done = change(&world, &["deploy", "-y"]).ok();
    assert!(!done.err.contains("hazard") && !done.out.contains("hazard"), "{}{}", done.out, done.err);
    assert_eq!(columns(&world), 1);
}

#[test]
fn the_policy_can_be_chosen() {
    let refused = world("[policy]\nhazards = \"refuse\"\n", AWAY);
    assert_eq!(change(&refused, &["deploy", "-y"]).status, 3);
    let off = world("protected = true\n[policy]\nhazards = \"off\"\n", AWAY);
    let done = change(&off, &["deploy", "-y"]).ok();
    // That nothing is looked at is said, what would be found is not.
    let said = done.out + &done.err;
    assert!(said.contains("policy.hazards") && !said.contains("for those who use the database"), "{said}");
    assert_eq!(columns(&off), 1);
    let warned = world("protected = true\n[policy]\nhazards = \"warn\"\n", AWAY);
    change(&warned, &["deploy", "-y"]).ok();
    assert_eq!(columns(&warned), 1);
    let wild = world("[policy]\nhazards = \"wild\"\n", AWAY);
    assert!(change(&wild, &["deploy", "-y"]).err.contains("policy.hazards"));
}

#[test]
fn a_first_deploy_that_only_makes_new_things_is_quiet() {
    let index = "CREATE INDEX people_name ON people (name);\nUPDATE people SET name = 'x';\n";
    let world = small_shop(&[("people", PEOPLE), ("index", index), ("away", AWAY)]);
    world.write("deploy/away.sql", "CREATE UNIQUE INDEX people_id ON people (id);\n");
    let done = change(&world, &["deploy", "-y"]).ok();
    assert!(!(done.out.clone() + &done.err).contains("hazard"), "{}{}", done.out, done.err);
}

#[test]
fn on_postgresql_the_size_of_the_table_counts() {
    let database = super::server::server().database();
    let world = super::shop(&[("orders", ORDERS), ("index", super::INDEX)]);
    let target = format!(
        "[core]\nengine = \"pg\"\ntarget = \"live\"\n[target.live]\nuri = \"{}\"\nprotected = true\n",
        database.uri
    );
    std::fs::remove_file(world.path("sqitch.conf")).unwrap();
    world.write("change.toml", &target);
    change(&world, &["deploy", "--to", "orders", "-y"]).ok();
    database.psql("INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 20000); ANALYZE");
    let done = change(&world, &["deploy", "-y"]);
    assert!(done.status == 3 && done.err.contains("PL01"), "{}{}", done.out, done.err);
    database.psql("TRUNCATE orders; INSERT INTO orders (note) VALUES ('x'); ANALYZE");
    change(&world, &["deploy", "-y"]).ok();
}
