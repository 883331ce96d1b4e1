//! Transactions of a script's own, and statements that end them or may.

use crate::place::{Engine, Place};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r>\nbravo 2024-01-01T00:00:02Z P Q <p@q.r>\n";

/// A project in which `alpha` made the tables and a procedure, and `bravo` is the script in question.
fn place(deploy: &str) -> Place {
    let place = Place::with_plan(Engine::Mysql, PLAN);
    place.world.write(
        "deploy/alpha.sql",
        "CREATE TABLE t (id INTEGER);\nDELIMITER //\n\
         CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (5); END//\nDELIMITER ;\n",
    );
    place.world.write("revert/alpha.sql", "DROP PROCEDURE p;\nDROP TABLE t;\n");
    place.world.write("verify/alpha.sql", "SELECT id FROM t WHERE 0;\n");
    place.world.write("deploy/bravo.sql", deploy);
    place.world.write("revert/bravo.sql", "DELETE FROM t;\n");
    place.world.write("verify/bravo.sql", "SELECT id FROM t WHERE 0;\n");
    place.change("deploy alpha").ok();
    place
}

fn rows(place: &Place) -> String {
    place.ask("SELECT COALESCE(GROUP_CONCAT(id ORDER BY id), '') FROM t")
}

#[test]
fn what_a_failing_statement_committed_is_known() {
    let script = "BEGIN;\nINSERT INTO t VALUES (1);\nALTER TABLE nosuch ADD x INT;\nCOMMIT;\n";
    let place = place(script);
    let done = place.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    assert_eq!(rows(&place), "1");
    place.world.write("deploy/bravo.sql", &script.replace("nosuch", "t"));
    place.change("deploy").ok();
    assert_eq!(rows(&place), "1");
}

#[test]
fn a_failing_statement_that_committed_nothing_leaves_nothing() {
    let place = place("BEGIN;\nALTER TABLE nosuch ADD x INT;\nCOMMIT;\n");
    let done = place.change("deploy");
    assert_eq!(done.status, 2, "{}{}", done.out, done.err);
    assert!(done.err.contains("nothing of bravo stayed"), "{}", done.err);
    let status = place.change("status");
    assert!(status.status == 0 && !status.out.contains("In doubt"), "{}", status.out);
}

#[test]
fn a_call_in_a_transaction_goes_with_it() {
    let script = "BEGIN;\nCALL p();\nINSERT INTO nosuch VALUES (1);\nCOMMIT;\n";
    let place = place(script);
    let done = place.change("deploy");
    assert_eq!((done.status, rows(&place).as_str()), (2, ""), "{}{}", done.out, done.err);
    place.world.write("deploy/bravo.sql", &script.replace("nosuch", "t"));
    place.change("deploy").ok();
    assert_eq!(rows(&place), "1,5");
}

#[test]
fn a_call_that_commits_is_asked_about() {
    let place =
        place("BEGIN;\nINSERT INTO t VALUES (1);\nCALL p();\nINSERT INTO nosuch VALUES (1);\nCOMMIT;\n");
    place.ask("DROP PROCEDURE p");
    place.ask("CREATE PROCEDURE p() CREATE TABLE made (id INTEGER)");
    let done = place.change("deploy");
    assert_eq!((done.status, rows(&place).as_str()), (4, "1"), "{}{}", done.out, done.err);
    let status = place.change("status");
    assert!(status.out.contains("CALL p()") && status.out.contains("may or may not"), "{}", status.out);
}

#[test]
fn without_autocommit_a_call_waits_for_its_commit() {
    let script =
        "SET @old = @@AUTOCOMMIT, @@AUTOCOMMIT = 0;\nCALL p();\nINSERT INTO nosuch VALUES (6);\nCOMMIT;\n";
    let place = place(script);
    assert_eq!(place.change("deploy").status, 2);
    assert_eq!(rows(&place), "");
    place.world.write("deploy/bravo.sql", &script.replace("nosuch", "t"));
    place.change("deploy").ok();
    assert_eq!(rows(&place), "5,6");
}

#[test]
fn what_goes_on_goes_on_in_its_transaction() {
    let script = "BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT AND CHAIN;\nINSERT INTO t VALUES (2);\n\
                  INSERT INTO nosuch VALUES (3);\nROLLBACK;\n";
    let place = place(script);
    assert_eq!(place.change("deploy").status, 4);
    place.world.write("deploy/bravo.sql", &script.replace("nosuch", "t"));
    place.change("deploy").ok();
    assert_eq!(rows(&place), "1");
}

#[test]
fn tables_stay_locked_and_the_journal_is_kept() {
    let place = place(
        "SET autocommit = 0;\nLOCK TABLES t WRITE;\nINSERT INTO t VALUES (1);\nCOMMIT;\nUNLOCK TABLES;\n\
         INSERT INTO t VALUES (2);\nCOMMIT;\n",
    );
    place.change("deploy").ok();
    assert_eq!(rows(&place), "1,2");
    place.change("revert -y --to alpha").ok();
    let dump = "LOCK TABLES t WRITE;\n/*!40000 ALTER TABLE t DISABLE KEYS */;\nINSERT INTO t VALUES (3);\n\
                SELECT COUNT(*) FROM mysql.db;\nUNLOCK TABLES;\n";
    place.world.write("deploy/bravo.sql", dump);
    let done = place.change("deploy");
    assert!(done.err.contains("was not locked with LOCK TABLES"), "{}{}", done.out, done.err);
}

#[test]
fn lines_may_move_but_not_what_was_begun() {
    let script = "CREATE TABLE t2 (id INTEGER);\n\nCALL nosuch();\n\nINSERT INTO t VALUES (3);\n\nINSERT INTO t VALUES (4);\n";
    let place = place(script);
    let done = place.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    place.world.write("deploy/bravo.sql", &script.replace("\n\n", "\n"));
    place.change("resume --skip").ok();
    assert_eq!(rows(&place), "3,4");
}

#[test]
fn a_password_in_a_script_is_not_repeated() {
    let place = place("CREATE USER root@localhost IDENTIFIED BI 'TopSecret1';\n");
    for script in [
        "CREATE USER root@localhost IDENTIFIED BY 'TopSecret1';\n",
        "CREATE USER x@y IDENTIFIED BI 'TopSecret1';\n",
    ] {
        place.world.write("deploy/bravo.sql", script);
        let done = place.change("deploy");
        assert_ne!(done.status, 0);
        assert!(!format!("{}{}", done.out, done.err).contains("TopSecret1"), "{}", done.err);
        let kept =
            "SELECT COUNT(*) FROM {r}change_steps WHERE CONCAT_WS(' ', error, statement) LIKE '%TopSecret1%'";
        assert_eq!(place.ask_registry(kept), "0");
    }
}
