//! Scripts that cannot be one transaction: what is done stays, is noted, and is gone on with.

use crate::Place;

fn place() -> Place {
    let place = Place::with_plan(
        "%syntax-version=1.0.0\n%project=acme\n\n\
         alpha 2024-01-01T00:00:01Z P Q <p@q.r>\n\
         bravo 2024-01-01T00:00:02Z P Q <p@q.r>\n",
    );
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place.world.write(
        "revert/bravo.sql",
        "DROP INDEX CONCURRENTLY IF EXISTS bravo;\nDROP TABLE IF EXISTS t_bravo;\n",
    );
    place.world.write("verify/bravo.sql", "SELECT 'bravo'::regclass;\n");
    place
}

#[test]
fn an_index_is_built_concurrently() {
    let place = place();
    place.world.write("deploy/bravo.sql", "CREATE INDEX CONCURRENTLY bravo ON t_alpha (id);\n");
    place.world.change("deploy").ok();
    assert_eq!(place.schema(), "public.bravo i\npublic.t_alpha r");
    assert_eq!(
        place.ask("SELECT mode || ' ' || state FROM sqitch.change_steps WHERE change = 'bravo'"),
        "stepwise done"
    );
    place.world.change("revert -y").ok();
    assert_eq!(place.schema(), "");
}

#[test]
fn a_failure_half_way_is_gone_on_with() {
    let place = place();
    place.world.write(
        "deploy/bravo.sql",
        "BEGIN;\nCREATE TABLE t_bravo (id INTEGER);\nCOMMIT;\nINSERT INTO t_bravo VALUES (1);\n\
         SELECT 1/count(*) FROM t_alpha;\nCREATE INDEX CONCURRENTLY bravo ON t_alpha (id);\n",
    );
    let done = place.world.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    assert!(done.err.contains("deploy/bravo.sql:5"), "{}", done.err);
    let status = place.world.change("status");
    assert!(status.out.contains("bravo"), "{}", status.out);
    place.ask("INSERT INTO t_alpha VALUES (1)");
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT count(*) FROM t_bravo"), "1");
    assert_eq!(place.ask("SELECT change FROM sqitch.changes ORDER BY committed_at"), "alpha\nbravo");
}

#[test]
fn an_index_that_a_failed_build_left_invalid_does_not_pass_for_built() {
    let place = place();
    place.world.write(
        "deploy/bravo.sql",
        "\\set ON_ERROR_STOP off\nCREATE UNIQUE INDEX CONCURRENTLY bravo ON t_alpha (id);\n",
    );
    place.world.change("deploy --to alpha").ok();
    place.ask("INSERT INTO t_alpha VALUES (1), (1)");
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("invalid index"), "{}{}", done.out, done.err);
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.changes WHERE change = 'bravo'"), "0");
}

#[test]
fn a_build_that_failed_is_built_again_after_its_rest_was_dropped() {
    let place = place();
    place.world.write("deploy/bravo.sql", "CREATE UNIQUE INDEX CONCURRENTLY bravo ON t_alpha (id);\n");
    place.world.change("deploy --to alpha").ok();
    place.ask("INSERT INTO t_alpha VALUES (1), (1)");
    assert_ne!(place.world.change("deploy").status, 0);
    place.ask("DELETE FROM t_alpha");
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'bravo'::regclass"), "t");
}

/// A place whose second change runs these statements, then psql with this one.
fn place_with_program(statements: &str, sql: &str) -> Place {
    let place = place();
    let database = &place.database;
    // Who waits for a lock would wait for ever: for the script, which waits for it.
    let psql = format!(
        "{} -X -U postgres -h {} -p {} -d {} -qAt -c \"SET lock_timeout = '1s'\" -c \"{sql}\"",
        crate::server::program("psql").display(),
        database.folder.display(),
        database.port,
        database.name
    );
    place.world.write("deploy/bravo.sql", &format!("{statements}\n\\! {psql}\n"));
    place.world.write("verify/bravo.sql", "SELECT 1;\n");
    place
}

#[test]
fn a_program_sees_what_the_script_did_before_it() {
    let place = place_with_program(
        "CREATE TABLE t_bravo (id INTEGER);\nINSERT INTO t_bravo VALUES (1);",
        "UPDATE t_bravo SET id = id + 1",
    );
    let done = place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT id FROM t_bravo"), "2", "{}{}", done.out, done.err);
}

#[test]
fn no_lock_is_held_while_a_program_runs() {
    let place = place_with_program(
        "ALTER TABLE t_alpha ADD COLUMN more INTEGER;",
        "INSERT INTO t_alpha (id) VALUES (1)",
    );
    let done = place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT id FROM t_alpha"), "1", "{}{}", done.out, done.err);
}
