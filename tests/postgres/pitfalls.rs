//! Scripts that could make a program believe what is not so.

use crate::Place;

fn place(names: &[&str]) -> Place {
    let line = |(at, name): (usize, &&str)| format!("{name} 2024-01-01T00:00:{at:02}Z P Q <p@q.r>\n");
    let lines: String = names.iter().enumerate().map(line).collect();
    let place = Place::with_plan(&format!("%syntax-version=1.0.0\n%project=acme\n\n{lines}"));
    names.iter().for_each(|name| place.write_table_scripts(name));
    place
}

impl Place {
    fn deploys(&self, name: &str, script: &str) {
        self.world.write(&format!("deploy/{name}.sql"), script);
    }

    fn recorded(&self) -> String {
        self.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes")
    }
}

#[test]
fn a_rollback_to_a_savepoint_does_not_hide_an_error() {
    let place = place(&["alpha", "bravo"]);
    let script = "CREATE TABLE t_bravo (id INTEGER);\nSAVEPOINT s;\nSELECT 1/0;\nROLLBACK TO s;\nSELECT 1;\n";
    place.deploys("bravo", script);
    assert_ne!(place.world.change("deploy --mode change").status, 0);
    assert_eq!((place.recorded().as_str(), place.schema().as_str()), ("alpha", "public.t_alpha r"));
    place.write_table_scripts("bravo");
    place.world.write("verify/bravo.sql", "SAVEPOINT s;\nSELECT 1/0;\nROLLBACK TO s;\n");
    let done = place.world.change("deploy --mode change");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("division by zero"), "{}", done.err);
    assert_eq!((place.recorded().as_str(), place.schema().as_str()), ("alpha", "public.t_alpha r"));
}

#[test]
fn a_begin_that_fails_lets_nothing_through() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "BEGIN ISOLATION LEVEL SERIALISABLE;\nCREATE TABLE t_alpha (id INTEGER);\nCOMMIT;\n",
    );
    assert_ne!(place.world.change("deploy").status, 0);
    assert_eq!((place.recorded().as_str(), place.schema().as_str()), ("", ""));
    place.deploys("alpha", "BEGIN -- a word\n;\nCREATE TABLE t_alpha (id INTEGER);\nCOMMIT;\n");
    place.world.change("deploy").ok();
    assert_eq!(place.recorded(), "alpha");
}

#[test]
fn an_isolation_level_may_be_set_in_any_way() {
    let place = place(&["alpha", "bravo"]);
    let body = "CREATE TABLE t_alpha (level TEXT);\nINSERT INTO t_alpha SELECT current_setting('transaction_isolation');\n";
    place.deploys("alpha", &format!("BEGIN ISOLATION LEVEL SERIALIZABLE;\n{body}COMMIT;\n"));
    place.deploys(
        "bravo",
        "BEGIN;\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nCREATE TABLE t_bravo (id INTEGER);\n\
         INSERT INTO t_alpha SELECT current_setting('transaction_isolation');\nCOMMIT;\n",
    );
    place.world.change("deploy --no-verify").ok();
    assert_eq!(place.ask("SELECT level FROM t_alpha"), "serializable\nrepeatable read");
}

#[test]
fn what_stands_before_another_session_is_committed_there() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "CREATE TABLE t_alpha (id INTEGER);\nINSERT INTO t_alpha VALUES (1);\n\\c - -\nSELECT 1;\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT count(*) FROM t_alpha"), "1");
}

#[test]
fn a_script_that_results_steer_is_not_gone_on_with() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "CREATE TABLE t_alpha (id INTEGER);\nSELECT 1 AS n \\gset\nINSERT INTO t_alpha VALUES (0);\n\\if :n\n\
         INSERT INTO t_alpha VALUES (1);\n\\endif\nSELECT 1/count(*) FROM pg_class WHERE relname = 'later';\n\
         CREATE INDEX CONCURRENTLY alpha ON t_alpha (id);\n",
    );
    assert_eq!(place.world.change("deploy").status, 4);
    place.ask("CREATE TABLE later ()");
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("results decide"), "{}{}", done.out, done.err);
    assert_eq!(place.recorded(), "");
}

#[test]
fn skipping_skips_the_statement_that_was_in_doubt() {
    let place = place(&["alpha"]);
    place.ask(
        "CREATE TABLE calls (); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN \
         INSERT INTO calls DEFAULT VALUES; COMMIT; RAISE 'later'; END $$",
    );
    place.deploys(
        "alpha",
        "SET statement_timeout = 0;\nSET work_mem = '1MB';\nCALL p();\nCREATE TABLE t_alpha (id INTEGER);\n",
    );
    assert_eq!(place.world.change("deploy").status, 4);
    let done = place.world.change("deploy");
    assert!(done.err.contains("resume --skip"), "{}", done.err);
    place.world.change("resume --skip").ok();
    assert_eq!((place.recorded().as_str(), place.ask("SELECT count(*) FROM calls").as_str()), ("alpha", "1"));
}

#[test]
fn a_transaction_that_begins_or_ends_in_a_joined_message_is_refused() {
    let place = place(&["alpha"]);
    place.deploys("alpha", "BEGIN;\nCREATE TABLE t_alpha (id INTEGER) \\; COMMIT;\nSELECT 1/0;\n");
    let done = place.world.change("deploy");
    assert!(done.err.contains("deploy/alpha.sql:2"), "{}", done.err);
    assert_eq!(place.schema(), "");
}

#[test]
fn with_autocommit_off_a_rollback_takes_back_what_stands_before_it() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "\\set AUTOCOMMIT off\nCREATE TABLE t_alpha (id INTEGER);\nINSERT INTO t_alpha VALUES (1);\nCOMMIT;\n\
         INSERT INTO t_alpha VALUES (2);\nROLLBACK;\nINSERT INTO t_alpha VALUES (3);\nCOMMIT;\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT id FROM t_alpha"), "1\n3");
}

#[test]
fn a_taking_back_that_stops_is_not_gone_on_with_as_a_deployment() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "CREATE TABLE t_alpha (id INTEGER);\nCREATE INDEX CONCURRENTLY alpha ON t_alpha (id);\nSELECT 1/0;\n",
    );
    place.world.write(
        "revert/alpha.sql",
        "DROP INDEX CONCURRENTLY alpha;\nSELECT 1/count(*) FROM pg_class WHERE relname = 'later';\nDROP TABLE t_alpha;\n",
    );
    assert_eq!(place.world.change("deploy").status, 4);
    assert_ne!(place.world.change("revert -y").status, 0);
    place.deploys(
        "alpha",
        "CREATE TABLE t_alpha (id INTEGER);\nCREATE INDEX CONCURRENTLY alpha ON t_alpha (id);\nSELECT 1;\n",
    );
    let done = place.world.change("deploy");
    assert_ne!(done.status, 0, "{}{}", done.out, done.err);
    assert_eq!(place.recorded(), "");
    place.ask("CREATE TABLE later ()");
    place.world.change("revert -y").ok();
    assert_eq!(place.schema(), "public.later r");
    place.world.change("deploy").ok();
    assert_eq!(place.schema(), "public.alpha i\npublic.later r\npublic.t_alpha r");
}

#[test]
fn an_index_is_looked_for_where_the_script_made_it() {
    let place = place(&["alpha"]);
    let name = &place.database.name;
    place.ask(&format!(
        "CREATE SCHEMA app; CREATE TABLE app.t (x INTEGER); CREATE TABLE public.t (x INTEGER); \
         CREATE INDEX ti ON public.t (x); INSERT INTO app.t VALUES (1), (1); \
         ALTER DATABASE {name} SET search_path = app"
    ));
    place.deploys("alpha", "CREATE UNIQUE INDEX CONCURRENTLY ti ON t (x);\n");
    place.world.write("verify/alpha.sql", "SELECT 1;\n");
    assert_ne!(place.world.change("deploy").status, 0);
    place.ask("TRUNCATE app.t");
    place.world.change("deploy").ok();
    assert_eq!(
        place.ask("SELECT indexrelid::regclass || ' ' || indisvalid FROM pg_index WHERE indexrelid::regclass::text LIKE '%ti' ORDER BY 1"),
        "public.ti true\nti true"
    );
}

#[test]
fn without_the_lock_nothing_more_is_done() {
    let place = place(&["alpha", "bravo", "charlie"]);
    place.deploys(
        "bravo",
        "CREATE TABLE t_bravo (id INTEGER);\n\
         SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 75474063\n\
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database());\n\
         SELECT pg_sleep(0.3);\n",
    );
    let done = place.world.change("deploy --mode change");
    assert_ne!(done.status, 0);
    assert!(done.err.contains("lock"), "{}", done.err);
    assert_eq!((place.recorded().as_str(), place.schema().as_str()), ("alpha", "public.t_alpha r"));
}

#[test]
fn what_is_put_off_to_the_commit_happens_under_the_scripts_own_settings() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "BEGIN;\nCREATE SCHEMA app;\nSET search_path = app;\nCREATE TABLE log (who TEXT);\nCREATE TABLE t (id INTEGER);\n\
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n\
         INSERT INTO log VALUES (current_setting('app.who')); RETURN NULL; END $$;\n\
         CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();\n\
         SET LOCAL app.who = 'me';\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
    );
    place.world.write("verify/alpha.sql", "SELECT 1 FROM app.log;\n");
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT who FROM app.log"), "me");
}

#[test]
fn no_password_is_kept() {
    let place = place(&["alpha"]);
    let role = format!("s_{}", place.database.name);
    place.deploys("alpha", "CREATE ROLE :\"who\" PASSWORD :'app_pw';\nVACUUM;\nALTER ROLE :\"who\" PASSWORD :'app_pw'; SELECT 1/0;\n");
    let done = place.world.change(&format!("deploy --set app_pw=TopSecret --set who={role}"));
    assert_ne!(done.status, 0);
    let status = place.world.change("status");
    let kept = place.ask("SELECT string_agg(s::text, ' ') FROM sqitch.change_steps s");
    place.ask(&format!("DROP ROLE {role}"));
    for (what, text) in
        [("journal", &kept), ("status", &status.out), ("errors", &done.err), ("output", &done.out)]
    {
        assert!(!text.contains("TopSecret"), "{what}: {text}");
    }
}

#[test]
fn the_next_script_sees_new_defaults_and_no_settings() {
    let place = place(&["alpha", "bravo"]);
    place.deploys(
        "alpha",
        "CREATE SCHEMA app;\nSET app.who = 'me';\n\
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$;\n",
    );
    place.deploys(
        "bravo",
        "CREATE TABLE t_bravo AS SELECT current_setting('app.who', true) IS NULL AS none;\n",
    );
    place.world.change("deploy --no-verify").ok();
    assert_eq!(place.ask("SELECT none FROM app.t_bravo"), "t");
}

#[test]
fn a_script_that_goes_on_after_errors_does_so_step_by_step_too() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "\\set ON_ERROR_STOP off\nCREATE TABLE t_alpha (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n\
         BEGIN;\nSELECT 1;\nCOMMIT;\nINSERT INTO t_alpha VALUES (2);\nVACUUM t_alpha;\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.ask("SELECT id FROM t_alpha"), "2");
}

#[test]
fn a_registry_may_have_any_name() {
    for name in ["r$1", "r?x", "{r}"] {
        let place = place(&["alpha"]);
        place.world.change(&format!("deploy --registry {name}")).ok();
        assert_eq!(place.ask(&format!("SELECT change FROM \"{name}\".changes")), "alpha");
        place.world.change(&format!("status --registry {name}")).ok();
    }
}

#[test]
fn a_transaction_that_goes_on_after_its_commit_is_open_again_when_the_script_is_gone_on_with() {
    let place = place(&["alpha"]);
    place.deploys(
        "alpha",
        "BEGIN;\nCREATE TABLE t_alpha (id INTEGER);\nCOMMIT AND CHAIN;\nINSERT INTO t_alpha VALUES (2);\n\
         SELECT 1/count(*) FROM pg_class WHERE relname = 'later';\nROLLBACK;\nINSERT INTO t_alpha VALUES (3);\n",
    );
    assert_eq!(place.world.change("deploy").status, 4);
    place.ask("CREATE TABLE later ()");
    place.world.change("deploy").ok();
    assert_eq!((place.recorded().as_str(), place.ask("SELECT id FROM t_alpha").as_str()), ("alpha", "3"));
}

#[test]
fn an_index_that_somebody_else_is_building_is_none_of_ours() {
    let place = place(&["alpha"]);
    place.ask("CREATE TABLE other (x INTEGER)");
    place.deploys("alpha", "CREATE TABLE t_alpha (id INTEGER);\nSELECT pg_sleep(2);\nVACUUM t_alpha;\n");
    let psql = |sql: &str| {
        let mut command = place.database.psql_command();
        command.args(["-qAtX", "-c", sql]).spawn().unwrap()
    };
    // A writer of the table keeps the build waiting, with its index invalid.
    let mut writer = psql("BEGIN; INSERT INTO other VALUES (1); SELECT pg_sleep(6); COMMIT");
    let mut build = std::thread::scope(|scope| {
        let deployed = scope.spawn(|| place.world.change("deploy"));
        while place.ask("SELECT count(*) FROM pg_stat_activity WHERE query ~ 't_alpha|pg_sleep.2' AND datname = current_database() AND pid <> pg_backend_pid()") == "0" {
            std::thread::yield_now();
        }
        let build = psql("CREATE INDEX CONCURRENTLY oi ON other (x)");
        deployed.join().unwrap().ok();
        build
    });
    let invalid = place.ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid");
    assert_eq!(
        (invalid.as_str(), place.recorded().as_str()),
        ("1", "alpha"),
        "the other build was under way"
    );
    writer.wait().unwrap();
    build.wait().unwrap();
}

#[test]
fn what_a_script_does_to_prepared_statements_reaches_neither_ours_nor_other_scripts() {
    let place = place(&["alpha", "beta", "gamma", "delta"]);
    // The first and the third leave no traces, so that their session is used as it is.
    place.deploys("alpha", "BEGIN;\nCREATE TABLE t_alpha (id INTEGER);\nCOMMIT;\n");
    let steps = "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; EXECUTE 'PREPARE change_1 AS SELECT 1'; END $$;\n\
                 PREPARE mine AS SELECT 1;\nCREATE TEMP TABLE kept (x INTEGER);\nCREATE TABLE t_beta (id INTEGER);\n";
    place.deploys("beta", &format!("BEGIN;\n{steps}COMMIT;\n"));
    place.deploys("gamma", "BEGIN;\nCREATE TABLE t_gamma (id INTEGER);\nCOMMIT;\n");
    place.deploys(
        "delta",
        "BEGIN;\nSELECT 1 / (count(*) = 0)::int FROM pg_prepared_statements;\n\
         SELECT 1 / (to_regclass('kept') IS NULL)::int;\nCREATE TABLE t_delta (id INTEGER);\nCOMMIT;\n",
    );
    place.world.change("deploy").ok();
    assert_eq!(place.recorded(), "alpha beta gamma delta");
    place.world.change("revert -y").ok();
    assert_eq!(place.recorded(), "");
}

#[test]
fn what_takes_long_says_how_far_it_is_and_whom_it_waits_for() {
    let place = place(&["alpha"]);
    place.ask("CREATE TABLE big (x INTEGER)");
    place.deploys(
        "alpha",
        "CREATE TABLE t_alpha (id INTEGER);\nCREATE INDEX CONCURRENTLY big_x ON big (x);\n",
    );
    let mut writer = place.database.psql_command();
    let mut writer = writer
        .args(["-qAtX", "-c", "BEGIN; INSERT INTO big VALUES (1); SELECT pg_sleep(5); COMMIT"])
        .spawn()
        .unwrap();
    while place.ask("SELECT count(*) FROM pg_locks WHERE relation = 'big'::regclass") == "0" {
        std::thread::yield_now();
    }
    let done = place.world.change("deploy").ok();
    writer.wait().unwrap();
    let told = done.err.lines().find(|line| line.contains("building the index big_x")).unwrap_or_default();
    assert!(told.contains("waits for ") && told.contains("waiting for writers before build"), "{}", done.err);
}
