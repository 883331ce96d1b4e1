//! A change that fails leaves nothing, and what one script sets another does not see.

use crate::Place;

fn plan(names: &[&str]) -> String {
    let line = |(at, name): (usize, &&str)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}")
}

fn place(names: &[&str]) -> Place {
    let place = Place::with_plan(&plan(names));
    names.iter().for_each(|name| place.write_table_scripts(name));
    place
}

#[test]
fn a_script_that_fails_leaves_nothing() {
    let place = place(&["alpha", "bravo"]);
    place.world.write("deploy/bravo.sql", "CREATE TABLE t_bravo (id INTEGER);\n\nSELECT nothing;\n");
    let done = place.world.change("deploy --mode change");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("deploy/bravo.sql:3"), "{}", done.err);
    assert_eq!(place.schema(), "public.t_alpha r");
    assert_eq!(
        place.ask("SELECT event || ' ' || change FROM sqitch.events ORDER BY committed_at"),
        "deploy alpha\nfail bravo"
    );
}

#[test]
fn a_verify_script_that_fails_leaves_nothing_and_no_other_session_ever_saw_the_change() {
    let place = place(&["alpha"]);
    place.world.write("verify/alpha.sql", "SELECT 1/count(*) FROM t_alpha;\n");
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("division by zero"), "{}", done.err);
    assert_eq!(place.schema(), "");
}

#[test]
fn what_fails_at_the_commit_leaves_nothing() {
    let place = place(&["alpha", "bravo"]);
    place.world.write(
        "deploy/bravo.sql",
        "CREATE TABLE t_bravo (id INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t_bravo VALUES (1), (1);\n",
    );
    let done = place.world.change("deploy --mode change --no-verify");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("duplicate key"), "{}", done.err);
    assert_eq!(place.schema(), "public.t_alpha r");
    assert_eq!(place.ask("SELECT change FROM sqitch.changes"), "alpha");
}

#[test]
fn nothing_of_a_session_reaches_the_next_script_or_the_registry() {
    let place = place(&["alpha", "bravo"]);
    let role = format!("r_{}", place.database.name);
    place.ask(&format!("CREATE ROLE {role}; GRANT CREATE ON SCHEMA public TO {role}"));
    place.world.write(
        "deploy/alpha.sql",
        &format!(
            "SET ROLE {role};\nSET search_path = public;\nSET statement_timeout = '1h';\nCREATE TEMP TABLE scratch (id INTEGER);\n\
             PREPARE p AS SELECT 1;\nCREATE TABLE t_alpha (id INTEGER);\n"
        ),
    );
    place.world.write("verify/alpha.sql", "SELECT id FROM public.t_alpha;\n");
    place.world.write("revert/alpha.sql", "DROP TABLE t_alpha;\n");
    place.world.write(
        "deploy/bravo.sql",
        "DO $$ BEGIN\n\
         ASSERT current_user = 'postgres', 'role';\n\
         ASSERT current_setting('statement_timeout') <> '1h', 'statement_timeout';\n\
         ASSERT to_regclass('pg_temp.scratch') IS NULL, 'temporary table';\n\
         ASSERT NOT EXISTS (SELECT FROM pg_prepared_statements), 'prepared statement';\n\
         END $$;\nCREATE TABLE t_bravo (id INTEGER);\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT tableowner FROM pg_tables WHERE tablename = 't_alpha'"), role);
    place.world.change("revert -y").ok();
    place.ask(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_script_that_goes_on_after_an_error_is_not_recorded() {
    let place = place(&["alpha"]);
    place.world.write(
        "deploy/alpha.sql",
        "\\set ON_ERROR_STOP off\nBEGIN;\nCREATE TABLE t_alpha (id INTEGER);\nSELECT nothing;\nCOMMIT;\n",
    );
    let done = place.world.change("deploy --no-verify");
    assert_ne!(done.status, 0);
    assert_eq!(place.ask("SELECT count(*) FROM sqitch.changes"), "0");
}
