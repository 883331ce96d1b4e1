//! What a script does stays in its change: it reaches neither the registry nor the next script, and
//! what is refused or verified leaves nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

#[path = "support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use support::World;

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    one 2024-01-01T00:00:01Z P Q <p@q.r>\ntwo 2024-01-01T00:00:02Z P Q <p@q.r>\n";

/// A project of two changes; the first is plain, the second holds these scripts.
fn with(deploy: &str, verify: &str) -> World {
    let world = World::with_plan(PLAN);
    world.write_table_scripts("one");
    world.write("deploy/two.sql", deploy);
    world.write("verify/two.sql", verify);
    world.write("revert/two.sql", "DROP TABLE IF EXISTS u;");
    world
}

fn count(world: &World, query: &str) -> i64 {
    world.database("app.db").query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn names_in_any_quotes_do_not_reach_the_registry() {
    for quote in ["'", "\"", "`"] {
        let script = format!("DROP TABLE IF EXISTS {quote}tags{quote}; CREATE TABLE u(a);");
        let world = with(&script, "SELECT a FROM u;");
        world.change("deploy").ok();
        world.change("status").ok().out.contains("up-to-date").then_some(()).unwrap();
        assert_eq!(world.registry()["changes"].as_array().unwrap().len(), 2, "{quote}");
        let world = with("CREATE TABLE u(a);", &format!("SELECT * FROM {quote}changes{quote};"));
        let done = world.change("deploy --mode change");
        assert_ne!(done.status, 0, "{quote}: a verify script saw the registry");
    }
}

#[test]
fn statements_about_all_databases_leave_the_registry_alone() {
    let world = with("CREATE TABLE u(a); CREATE INDEX i ON u(a); ANALYZE; REINDEX;", "SELECT a FROM u;");
    world.change("deploy").ok();
    let tables = world.registry_tables();
    assert!(!format!("{tables:?}").contains("sqlite_stat"), "{tables:?}");
}

#[test]
fn what_the_database_rolled_back_does_not_go_on_without_a_transaction() {
    let world = with(
        ".bail off\nCREATE TABLE u(x UNIQUE);\nINSERT INTO u VALUES (1);\nINSERT OR ROLLBACK INTO u VALUES (1);\nCREATE TABLE b(y);\n",
        "",
    );
    let done = world.change("deploy --mode change");
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert_eq!(count(&world, "SELECT count(*) FROM sqlite_schema WHERE name IN ('u', 'b')"), 0);
}

#[test]
fn what_a_verify_script_writes_does_not_stay() {
    for verify in [
        "INSERT INTO u VALUES (1);\nPRAGMA foreign_keys = ON;\nSELECT 1;",
        "PRAGMA foreign_keys = ON;\nBEGIN;\nINSERT INTO u VALUES (1);\nCOMMIT;",
        "VACUUM;\nINSERT INTO u VALUES (1);",
        "BEGIN;\nINSERT INTO u VALUES (1);\nROLLBACK;\nBEGIN;\nINSERT INTO u VALUES (1);\nCOMMIT;",
    ] {
        let world = with("CREATE TABLE u(a);", verify);
        world.change("deploy").ok();
        assert_eq!(count(&world, "SELECT count(*) FROM u"), 0, "deploy: {verify}");
        world.change("verify").ok();
        assert_eq!(count(&world, "SELECT count(*) FROM u"), 0, "verify: {verify}");
    }
    let world = with("CREATE TABLE u(a);", ".import --csv rows.csv scratch\nSELECT a FROM u;");
    world.write("rows.csv", "a,b\n1,2\n");
    world.change("deploy").ok();
    assert_eq!(count(&world, "SELECT count(*) FROM sqlite_schema WHERE name = 'scratch'"), 0);
}

#[test]
fn a_verify_script_that_needs_its_own_session_leaves_the_deploy_script_whole() {
    let world = with(
        "CREATE TABLE u(a); CREATE TABLE w(a); CREATE TABLE u(a);",
        "PRAGMA foreign_keys = ON;\nSELECT a FROM u;",
    );
    let done = world.change("deploy --mode change");
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert_eq!(count(&world, "SELECT count(*) FROM sqlite_schema WHERE name IN ('u', 'w')"), 0);
}

#[test]
fn settings_of_a_deploy_script_do_not_reach_its_verify_script() {
    let deploy = "PRAGMA case_sensitive_like = ON;\nCREATE TABLE u(a);\nINSERT INTO u VALUES ('X');";
    let verify = "SELECT 1 / count(*) FROM u WHERE a LIKE 'x';\nSELECT CASE WHEN (SELECT count(*) FROM u WHERE a LIKE 'x') = 1 THEN 1 ELSE abs(-9223372036854775808) END;";
    with(deploy, verify).change("deploy").ok();
}

#[test]
fn a_savepoint_outside_a_transaction_is_one() {
    let world =
        with("PRAGMA journal_mode = WAL;\nSAVEPOINT s;\nCREATE TABLE u(a);\nRELEASE s;", "SELECT a FROM u;");
    world.change("deploy").ok();
    let world = with("SAVEPOINT s;\nCREATE TABLE u(a);", "");
    let done = world.change("deploy");
    assert_eq!(done.status, 2);
    assert!(done.err.contains("leaves its transaction open"), "{}", done.err);
}

#[test]
fn what_failed_outside_a_transaction_is_in_doubt() {
    let world = with(".read '|echo \"create table u(x); create table u(x);\"'\n", "");
    let done = world.change("deploy --mode change");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    assert_eq!(world.change("status").status, 4);
}
