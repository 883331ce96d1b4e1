//! What scripts of real projects do, or could, and Sqitch lets them.

use crate::Place;

fn place() -> Place {
    let place =
        Place::with_plan("%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r>\n");
    place.write_table_scripts("alpha");
    place
}

#[test]
fn a_verify_script_finds_nothing_of_the_session_that_deployed() {
    let place = place();
    place.world.write(
        "deploy/alpha.sql",
        "BEGIN;\nCREATE TEMP TABLE staging (id INTEGER);\nINSERT INTO staging VALUES (7);\n\
         CREATE TABLE t_alpha AS SELECT id FROM staging;\nPREPARE known AS SELECT 1;\n\
         DECLARE rows CURSOR WITH HOLD FOR SELECT id FROM staging;\nCOMMIT;\n",
    );
    place.world.write(
        "verify/alpha.sql",
        "BEGIN;\nCREATE TEMP TABLE staging (name TEXT);\nPREPARE known AS SELECT 2;\n\
         DECLARE rows CURSOR FOR SELECT name FROM staging;\nROLLBACK;\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.schema(), "public.t_alpha r");
}

#[test]
fn a_verify_script_that_needs_a_temporary_table_of_the_deploy_script_fails() {
    let place = place();
    place.world.write(
        "deploy/alpha.sql",
        "BEGIN;\nCREATE TEMP TABLE staging (id INTEGER);\nCREATE TABLE t_alpha (id INTEGER);\nCOMMIT;\n",
    );
    place.world.write("verify/alpha.sql", "SELECT id FROM staging;\n");
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("relation \"staging\" does not exist"), "{}", done.err);
    assert_eq!(place.schema(), "");
}

#[test]
fn what_one_transaction_cannot_do_comes_with_the_way_out() {
    let place = place();
    let script = "CREATE TABLE t_alpha (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t_alpha \
                  DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t_alpha VALUES (1, 1);\n\
                  ALTER TABLE t_alpha ADD COLUMN name TEXT;\n";
    place.world.write("deploy/alpha.sql", script);
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("-- change: transaction=off"), "{}", done.err);
    place.world.write("deploy/alpha.sql", &format!("-- change: transaction=off\n{script}"));
    place.world.change("deploy").ok();
}

#[test]
fn a_local_setting_outside_a_transaction_has_no_effect() {
    let place =
        Place::with_plan("%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r>\n");
    place.write_table_scripts("alpha");
    place.ask("CREATE SCHEMA other");
    place
        .world
        .write("deploy/alpha.sql", "SET LOCAL search_path = other;\nCREATE TABLE t_alpha (id INTEGER);\n");
    let twin = place.twin();
    twin.ask("CREATE SCHEMA other");
    place.world.change("deploy").ok();
    twin.world.sqitch("deploy --verify").ok();
    assert_eq!(place.schema(), twin.schema());
    assert_eq!(place.schema(), "public.t_alpha r");
}
