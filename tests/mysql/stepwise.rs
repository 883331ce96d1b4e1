//! MySQL commits statements one by one: what is done stays, is noted, and is gone on with.

use crate::place::{Engine, Place};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r>\nbravo 2024-01-01T00:00:02Z P Q <p@q.r>\n";

fn place(deploy: &str) -> Place {
    let place = Place::with_plan(Engine::Mysql, PLAN);
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place.world.write("deploy/bravo.sql", deploy);
    place.world.write("revert/bravo.sql", "DROP TABLE IF EXISTS t_bravo, t_more;\n");
    place.world.write("verify/bravo.sql", "SELECT 1 FROM t_bravo;\n");
    place
}

const FAILS: &str = "CREATE TABLE t_bravo (id INTEGER);\nINSERT INTO t_bravo VALUES (1);\n\
    SELECT nope FROM t_alpha;\nINSERT INTO t_bravo VALUES (2);\n";

#[test]
fn a_failure_half_way_is_gone_on_with() {
    let place = place(FAILS);
    let done = place.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    assert!(
        done.err.contains("deploy/bravo.sql:3") && done.err.contains("Unknown column 'nope'"),
        "{}",
        done.err
    );
    let status = place.change("status");
    assert_eq!(status.status, 4);
    assert!(status.out.contains("bravo") && status.out.contains("SELECT nope"), "{}", status.out);
    place.world.write("deploy/bravo.sql", &FAILS.replace("nope", "id"));
    place.change("deploy").ok();
    assert_eq!(place.ask("SELECT GROUP_CONCAT(id ORDER BY id) FROM t_bravo"), "1,2");
}

#[test]
fn a_failure_half_way_is_taken_back() {
    let place = place(FAILS);
    assert_eq!(place.change("deploy").status, 4);
    place.change("revert -y").ok();
    assert_eq!(place.ask("SHOW TABLES"), "t_alpha");
    place.world.write("deploy/bravo.sql", "CREATE TABLE t_bravo (id INTEGER);\n");
    place.change("deploy").ok();
}

#[test]
fn what_was_edited_in_its_done_part_is_not_gone_on_with() {
    let place = place(FAILS);
    assert_eq!(place.change("deploy").status, 4);
    place.world.write("deploy/bravo.sql", &FAILS.replace("VALUES (1)", "VALUES (7)"));
    let done = place.change("resume");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    assert!(done.err.contains("was edited in the part that already took effect"), "{}", done.err);
    place.change("mark deployed bravo").ok();
    assert!(place.change("status").out.contains("# Name:     bravo"));
}

#[test]
fn what_the_session_held_is_not_gone_on_without() {
    let place = place(
        "CREATE TABLE t_bravo (id INTEGER);\nCREATE TEMPORARY TABLE w (id INTEGER);\nINSERT INTO t_bravo VALUES (1);\n\
         SELECT nope FROM w;\n",
    );
    assert_eq!(place.change("deploy").status, 4);
    let done = place.change("resume");
    assert_eq!(done.status, 4);
    assert!(done.err.contains("what its first part left in its session"), "{}", done.err);
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let place = place(
        "CREATE TABLE t_bravo (id INTEGER);\nSTART TRANSACTION;\nINSERT INTO t_bravo VALUES (1);\nSELECT nope FROM t_alpha;\nCOMMIT;\n",
    );
    assert_eq!(place.change("deploy").status, 4);
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_bravo"), "0");
    let text = place.world.read("deploy/bravo.sql").replace("nope", "id");
    place.world.write("deploy/bravo.sql", &text);
    place.change("deploy").ok();
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_bravo"), "1");
}

#[test]
fn a_first_statement_that_fails_leaves_nothing_and_rolls_back_the_run() {
    let place = place("SELECT nope FROM t_alpha;\n");
    let done = place.change("deploy");
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert_eq!(place.schema(), "");
    assert!(done.out.contains("  - alpha .. ok"), "{}", done.out);
}

#[test]
fn a_verify_script_that_fails_has_the_change_taken_back() {
    let place = place("CREATE TABLE t_bravo (id INTEGER);\n");
    let registry = place.registry_name();
    place.world.write(
        "verify/bravo.sql",
        &format!("SELECT {registry}.checkit(COUNT(*), 'no rows') FROM t_bravo;\n"),
    );
    let done = place.change("deploy --mode change");
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert!(done.err.contains("no rows"), "{}", done.err);
    assert_eq!(place.ask("SHOW TABLES"), "t_alpha");
}

#[test]
fn a_call_whose_fate_nobody_knows_asks_a_person() {
    let place = place(
        "CREATE TABLE t_bravo (id INTEGER);\nDELIMITER //\nCREATE PROCEDURE p() BEGIN INSERT INTO t_bravo VALUES (1); \
         SELECT nope FROM t_alpha; END//\nDELIMITER ;\nCALL p();\n",
    );
    let done = place.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    let done = place.change("resume");
    assert!(done.err.contains("change resume --skip"), "{}", done.err);
    place.ask("DROP PROCEDURE p");
    place.change("resume --skip").ok();
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_bravo"), "1");
}

#[test]
fn nothing_a_script_sets_reaches_the_next() {
    let place = place(
        "SET sql_mode = 'ANSI_QUOTES', @x = 1, autocommit = 0;\nUSE mysql;\nCREATE TEMPORARY TABLE test.t (i INT);\n",
    );
    let name = &place.maria().name;
    let text = format!(
        "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', @x = 1;\nCREATE TABLE {name}.t_bravo (id INTEGER);\nUSE mysql;\nSET autocommit = 0;\n"
    );
    place.world.write("deploy/bravo.sql", &text);
    place.world.write(
        "verify/bravo.sql",
        "SELECT 1 / (@x IS NULL), 1 FROM t_bravo;\nSET sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES');\n\
         SELECT IF(@x IS NULL AND @@autocommit = 1 AND @@sql_mode NOT LIKE '%ANSI%', 1, (SELECT 1 UNION SELECT 2));\n",
    );
    place.change("deploy").ok();
}

#[test]
fn rows_of_tables_without_transactions_are_noted_before_and_after() {
    let place = place(
        "CREATE TABLE t_bravo (id INTEGER) ENGINE=MyISAM;\nINSERT INTO t_bravo VALUES (1);\nSELECT nope FROM t_alpha;\n",
    );
    assert_eq!(place.change("deploy").status, 4);
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_bravo"), "1");
    place.world.write(
        "deploy/bravo.sql",
        "CREATE TABLE t_bravo (id INTEGER) ENGINE=MyISAM;\nINSERT INTO t_bravo VALUES (1);\nSELECT id FROM t_alpha;\n",
    );
    // A query that failed on the server has left nothing, but nobody noted how things looked.
    place.change("resume --retry").ok();
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_bravo"), "1");
}
