//! Scripts that the real psql runs.

use crate::Place;
use crate::server::Server;
use crate::support::Tool;

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r>\n\
    bravo [alpha] 2024-01-01T00:00:02Z P Q <p@q.r>\n";

fn place() -> Place {
    let place = Place::with_plan(PLAN);
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place
}

fn recorded(place: &Place) -> String {
    place.ask("SELECT string_agg(change, ' ' ORDER BY committed_at) FROM sqitch.changes")
}

/// `\d` is psql's own: without a client it is refused before anything runs.
#[test]
fn what_only_psql_can_run_is_run_by_it_where_that_is_allowed() {
    let place = place();
    place.world.write(
        "deploy/bravo.sql",
        "BEGIN;\nCREATE TABLE t_bravo (id INTEGER);\n\\d t_bravo\n\\echo :greeting\nCOMMIT;\n",
    );
    place.world.write("revert/bravo.sql", "\\dt\nDROP TABLE t_bravo;\n");
    place.world.write("verify/bravo.sql", "\\dt t_bravo\nSELECT id FROM t_bravo WHERE false;\n");
    let refused = place.world.change("deploy");
    assert_ne!(refused.status, 0);
    assert!(
        refused.err.contains("deploy/bravo.sql:3") && refused.err.contains("client=psql"),
        "{}",
        refused.err
    );
    assert_eq!(place.schema(), "");
    let done = place.world.change("deploy --client psql --set greeting=hello").ok();
    assert!(done.out.contains("hello") && done.out.contains("id|integer"), "{}", done.out);
    assert_eq!(recorded(&place), "alpha bravo");
    let mode = "SELECT string_agg(mode || ' ' || state, ', ' ORDER BY step_id) FROM sqitch.change_steps";
    assert_eq!(place.ask(mode), "atomic done, stepwise done");
    place.world.change("config engine.pg.client psql").ok();
    place.world.change("verify").ok();
    place.world.sqitch("status").ok();
    place.world.change("revert -y").ok();
    assert_eq!(place.schema(), "");
}

#[test]
fn a_script_may_ask_for_psql() {
    let place = place();
    place.world.write("deploy/alpha.sql", "-- change: client=psql\nCREATE TABLE t_alpha (id INTEGER);\nSELECT current_setting('lock_timeout') AS limit \\gset\nCOMMENT ON TABLE t_alpha IS :'limit';\n");
    place.world.change("deploy").ok();
    // It is limited as if it had been run here.
    assert_eq!(place.ask("SELECT obj_description('t_alpha'::regclass)"), "90ms");
}

#[test]
fn a_script_that_fails_in_psql_may_have_taken_effect_unless_it_is_one_transaction() {
    let place = place();
    let script = "CREATE TABLE t_bravo (id INTEGER);\nSELECT 1/0;\n";
    place.world.write("deploy/bravo.sql", &format!("-- change: client=psql\nBEGIN;\n{script}COMMIT;\n"));
    let failed = place.world.change("deploy --mode change");
    assert_eq!(failed.status, 2, "{}", failed.err);
    assert!(failed.err.contains("division by zero"), "{}", failed.err);
    assert_eq!((recorded(&place).as_str(), place.schema().as_str()), ("alpha", "public.t_alpha r"));

    place.world.write("deploy/bravo.sql", &format!("-- change: client=psql\n{script}"));
    let failed = place.world.change("deploy");
    assert_eq!(failed.status, 4, "{}", failed.err);
    let status = place.world.change("status");
    assert!(
        status.out.contains("In doubt") && status.out.contains("deploy/bravo.sql  (run by psql)"),
        "{}",
        status.out
    );
    let stuck = place.world.change("deploy");
    assert!(stuck.err.contains("resume --skip"), "{}", stuck.err);
    place.ask("DROP TABLE t_bravo");
    place.world.write("deploy/bravo.sql", "-- change: client=psql\nCREATE TABLE t_bravo (id INTEGER);\n");
    place.world.change("resume --retry").ok();
    assert_eq!(recorded(&place), "alpha bravo");
}

#[test]
fn a_client_that_is_not_there_is_found_out_before_anything_runs() {
    let place = place();
    place.world.write("deploy/bravo.sql", "-- change: client=psql\nSELECT 1;\n");
    let refused = place.world.change("deploy --client /nowhere/psql");
    assert_ne!(refused.status, 0);
    assert!(refused.err.contains("/nowhere/psql cannot be started"), "{}", refused.err);
    assert_eq!(place.schema(), "");
}

/// The password is nobody's business: no argument, no output, no row holds it.
#[test]
fn the_client_gets_the_password_by_its_environment() {
    let server = Server::start(&[]);
    let place = Place::on(&server, PLAN);
    place.write_table_scripts("bravo");
    place.write_table_scripts("alpha");
    place.ask("CREATE ROLE deployer LOGIN SUPERUSER PASSWORD 'pass w0rd'");
    server.login_rules("host all deployer 127.0.0.1/32 scram-sha-256");
    place.world.write(
        "deploy/alpha.sql",
        "-- change: client=psql\n\\! ps -ww -o args= -p $PPID\nCREATE TABLE t_alpha (who NAME DEFAULT current_user);\n\
         INSERT INTO t_alpha VALUES (DEFAULT);\n",
    );
    place.world.write("verify/alpha.sql", "SELECT who FROM t_alpha WHERE false;\n");
    let uri = place.database.tcp.replace("://postgres@", "://deployer:pass%20w0rd@");
    let done = place.world.change(&format!("deploy --target {uri}")).ok();
    assert_eq!(place.ask("SELECT who FROM t_alpha"), "deployer");
    assert!(done.out.contains("psql --dbname"), "{}", done.out);
    let journal = place
        .ask("SELECT string_agg(r::text || s::text, '') FROM sqitch.change_runs r, sqitch.change_steps s");
    for text in [&done.out, &done.err, &journal] {
        assert!(!text.contains("w0rd"), "{text}");
    }
}

#[test]
fn psql_may_fail_after_its_script_was_committed() {
    let place = place();
    let script = "BEGIN;\nCREATE TABLE t_bravo (id INTEGER);\nCOMMIT;\n";
    place.world.write("deploy/bravo.sql", &format!("{script}\\d nowhere\n"));
    let failed = place.world.change("deploy --client psql");
    assert_eq!(failed.status, 4, "{}{}", failed.out, failed.err);
    assert_eq!(
        (recorded(&place).as_str(), place.schema().as_str()),
        ("alpha", "public.t_alpha r\npublic.t_bravo r")
    );
    place.world.write("deploy/bravo.sql", &format!("{script}\\d t_bravo\n"));
    place.world.change("resume --skip --client psql").ok();
    assert_eq!(recorded(&place), "alpha bravo");
}

#[test]
fn what_is_wrong_with_a_script_is_found_before_psql_runs_it() {
    let place = place();
    place
        .world
        .write("deploy/bravo.sql", "-- change: client=psql\nBEGIN;\nCREATE TABLE t_bravo (id INTEGER);\n");
    let refused = place.world.change("deploy");
    assert!(refused.status != 0 && refused.err.contains("leaves its transaction open"), "{}", refused.err);
    place.world.write("deploy/bravo.sql", "\\dt\n\\i nowhere.sql\n");
    let refused = place.world.change("deploy --client psql");
    assert!(refused.status != 0 && refused.err.contains("cannot open"), "{}", refused.err);
    // A server that cannot be reached by psql has done nothing.
    place.world.write("psql", "#!/bin/sh\n[ \"$1\" = --version ] || { echo no way >&2; exit 2; }\n");
    std::process::Command::new("chmod").arg("+x").arg(place.world.path("psql")).status().unwrap();
    place.world.write("deploy/bravo.sql", "-- change: client=psql\nCREATE TABLE t_bravo (id INTEGER);\n");
    let client = place.world.path("psql");
    let failed = place.world.change(&format!("deploy --mode change --client {}", client.display()));
    assert_eq!(failed.status, 2, "{}", failed.err);
    assert_eq!((recorded(&place).as_str(), place.schema().as_str()), ("alpha", "public.t_alpha r"));
}

#[test]
fn variables_reach_psql_unseen_and_a_verify_script_leaves_nothing() {
    let place = place();
    place.world.write("deploy/bravo.sql", "-- change: client=psql\n\\! ps -ww -o args= -p $PPID\nCREATE TABLE t_bravo (id TEXT);\nINSERT INTO t_bravo VALUES (:'key');\n");
    place.world.write("verify/bravo.sql", "-- change: client=psql\nINSERT INTO t_bravo VALUES ('test');\nSELECT 1 / (count(*) = 2)::int FROM t_bravo;\n");
    let done = place.world.run(Tool::Change, "", &["deploy", "--set", "key=it's \\ a\nkey"], "").ok();
    assert!(done.out.contains("psql --dbname") && !done.out.contains("key"), "{}", done.out);
    assert_eq!(place.ask("SELECT id FROM t_bravo"), "it's \\ a\nkey");
}
