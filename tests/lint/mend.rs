//! `change lint --fix`

use super::server::server;
use super::{INDEX, ORDERS, change, lint, shop, small_shop};

#[test]
fn an_index_is_built_concurrently_outside_of_a_transaction() {
    let world =
        shop(&[("orders", ORDERS), ("index", &format!("-- Faster.\n\nBEGIN;\n\n{INDEX}\nCOMMIT;\n"))]);
    let done = change(&world, &["lint", "--fix"]).ok();
    assert_eq!(done.out, "Mended deploy/index.sql: line 5: CREATE INDEX CONCURRENTLY\n");
    let text = world.read("deploy/index.sql");
    assert!(text.contains("CREATE INDEX CONCURRENTLY orders_note ON orders (note);"), "{text}");
    assert!(text.starts_with("-- Faster.") && !text.contains("BEGIN") && !text.contains("COMMIT"), "{text}");
    assert_eq!(lint(&world, &["index"]).done.status, 0);
    assert_eq!(change(&world, &["lint", "--fix"]).ok().out, "There is nothing to mend\n");
    let database = server().database();
    change(&world, &["deploy", "--target", &database.uri, "-y"]).ok();
    assert_eq!(database.psql("SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_note'"), "1");
}

#[test]
fn a_constraint_is_validated_by_a_change_of_its_own_that_really_runs() {
    let check = "BEGIN;\n\
        ALTER TABLE orders ADD CONSTRAINT \"Fair 'price'\" CHECK (price > 0);\n\
        ALTER TABLE orders ADD CONSTRAINT buyer FOREIGN KEY (price) REFERENCES people (id);\n\
        COMMIT;\n";
    let world = shop(&[("orders", ORDERS), ("fair", check)]);
    let done = change(&world, &["lint", "--fix"]).ok();
    for part in [
        "Created deploy/fair_validate.sql",
        "Created verify/fair_validate.sql",
        "Created revert/fair_validate.sql",
        "Added \"fair_validate [fair]\" to sqitch.plan",
    ] {
        assert!(done.out.contains(part), "{part}: {}", done.out);
    }
    let text = world.read("deploy/fair.sql");
    assert_eq!(text.matches(" NOT VALID;").count(), 2, "{text}");
    let report = lint(&world, &[]);
    assert!(report.grave().iter().all(|(_, severity, _)| severity == "brief"), "{}", report.done.out);
    let database = server().database();
    change(&world, &["deploy", "--target", &database.uri, "--to", "fair", "-y"]).ok();
    let validated = "SELECT string_agg(convalidated::text, ' ' ORDER BY conname) FROM pg_constraint \
        WHERE conname IN ('Fair ''price''', 'buyer')";
    assert_eq!(database.psql(validated), "false false");
    change(&world, &["deploy", "--target", &database.uri, "--verify", "-y"]).ok();
    assert_eq!(database.psql(validated), "true true");
    change(&world, &["verify", "--target", &database.uri]).ok();
    change(&world, &["revert", "--target", &database.uri, "--to", "fair", "-y"]).ok();
}

#[test]
fn a_verify_script_fails_where_nothing_was_validated() {
    let check = "ALTER TABLE orders ADD CONSTRAINT fair CHECK (price > 0);\n";
    let world = shop(&[("orders", ORDERS), ("fair", check)]);
    change(&world, &["lint", "--fix"]).ok();
    world.write("deploy/fair_validate.sql", "SELECT 1;\n");
    let database = server().database();
    let done = change(&world, &["deploy", "--target", &database.uri, "--verify", "-y"]);
    assert_ne!(done.status, 0, "{}{}", done.out, done.err);
}

#[test]
fn what_cannot_be_mended_is_left_and_told() {
    let mixed = "ALTER TABLE orders ADD COLUMN more text;\n".to_owned() + INDEX;
    let nameless = "ALTER TABLE orders ADD CHECK (price > 0);\n";
    let world = shop(&[("orders", ORDERS), ("mixed", &mixed), ("nameless", nameless)]);
    let done = change(&world, &["lint", "--fix"]).ok();
    assert!(done.out.contains("Left deploy/mixed.sql: line 2: move CREATE INDEX"), "{}", done.out);
    assert!(
        done.out.contains("Left deploy/nameless.sql: line 1: give the constraint a name"),
        "{}",
        done.out
    );
    assert_eq!(world.read("deploy/mixed.sql"), mixed);
    assert_eq!(world.read("deploy/nameless.sql"), nameless);
    let accepted = format!("-- change: allow=PL01 because \"it is empty\"\n{INDEX}");
    let world = shop(&[("orders", ORDERS), ("index", &accepted)]);
    assert_eq!(change(&world, &["lint", "--fix"]).ok().out, "There is nothing to mend\n");
    assert_eq!(world.read("deploy/index.sql"), accepted);
    let done = change(&small_shop(&[("orders", "SELECT 1;\n")]), &["lint", "--fix"]);
    assert!(done.status == 2 && done.err.contains("PostgreSQL"), "{}", done.err);
}

#[test]
fn a_loose_file_is_mended_too() {
    let world = super::World::new();
    world.write("one.sql", INDEX);
    world.write("two.sql", "ALTER TABLE orders ADD CONSTRAINT fair CHECK (price > 0);\n");
    let done = change(&world, &["lint", "--fix", "one.sql", "two.sql"]).ok();
    assert!(world.read("one.sql").contains("CONCURRENTLY"), "{}", done.out);
    assert!(done.out.contains("VALIDATE CONSTRAINT fair"), "{}", done.out);
    assert!(world.read("two.sql").contains("NOT VALID"));
}
