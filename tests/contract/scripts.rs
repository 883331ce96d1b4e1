//! Scripts: each in a session of its own, all or nothing wherever that can be.

use crate::place::Engine;
use crate::{recorded, tables};

pub(crate) fn nothing_a_script_sets_reaches_the_next(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    let (set, look) = match engine {
        Engine::Sqlite => {
            ("CREATE TEMP TABLE w (i INT);\nPRAGMA foreign_keys = ON;", "CREATE TEMP TABLE w (j INT);")
        }
        Engine::Postgres => {
            ("CREATE TEMP TABLE w (i INT);\nSET search_path = pg_catalog;", "CREATE TEMP TABLE w (j INT);")
        }
        Engine::Mysql => (
            "CREATE TEMPORARY TABLE w (i INT);\nSET autocommit = 1, sql_mode = 'ANSI';",
            "CREATE TEMPORARY TABLE w (j INT);",
        ),
    };
    let with = |name: &str, text: &str| {
        let script = place.world.read(&format!("deploy/{name}.sql"));
        place.world.write(&format!("deploy/{name}.sql"), &format!("{script}{text}\n"));
    };
    with("alpha", set);
    with("bravo", look);
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha bravo");
}

pub(crate) fn a_verify_script_leaves_nothing(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    place.world.write("verify/alpha.sql", "INSERT INTO t_alpha VALUES (1);\n");
    place.change("deploy").ok();
    place.change("verify").ok();
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_alpha"), "0");
}

pub(crate) fn a_failing_script_stops_its_run_in_every_mode(engine: Engine) {
    for (mode, stays) in [("all", ""), ("tag", "alpha bravo"), ("change", "alpha bravo charlie")] {
        let place = tables(engine, &["alpha", "bravo", "@v1", "charlie", "delta"]);
        place.world.write("deploy/delta.sql", "INSERT INTO nowhere VALUES (1);\n");
        let done = place.change(&format!("deploy --mode {mode}"));
        assert_eq!(done.status, 2, "{}{}", done.out, done.err);
        assert!(done.err.contains("deploy/delta.sql:1") && done.err.contains("nowhere"), "{}", done.err);
        assert_eq!(recorded(&place), stays, "{mode}");
        let failed = place.ask_registry("SELECT COUNT(*) FROM {r}events WHERE event = 'fail'");
        assert_eq!(failed, "1", "{mode}");
    }
}

pub(crate) fn a_failing_verify_script_has_its_change_taken_back(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    place.world.write("verify/bravo.sql", "SELECT nope FROM t_bravo;\n");
    let done = place.change("deploy --mode change");
    assert_eq!(done.status, 2);
    assert!(done.err.contains("verify/bravo.sql"), "{}", done.err);
    assert_eq!(recorded(&place), "alpha");
    assert!(!place.schema().contains("t_bravo"), "{}", place.schema());
}

pub(crate) fn the_same_script_twice_is_deployed(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo", "charlie"]);
    for name in ["bravo", "charlie"] {
        place.world.write(&format!("deploy/{name}.sql"), "INSERT INTO t_alpha VALUES (1);\n");
        place.world.write(&format!("revert/{name}.sql"), "DELETE FROM t_alpha;\n");
        place.world.write(&format!("verify/{name}.sql"), "SELECT id FROM t_alpha;\n");
    }
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha bravo charlie");
    place.sqitch("verify").ok();
    place.sqitch("revert -y").ok();
}

pub(crate) fn included_files_are_run(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    place.world.write("more.sql", "CREATE TABLE t_more (id INTEGER);\n");
    let include = match engine {
        Engine::Sqlite => ".read more.sql",
        Engine::Postgres => "\\i more.sql",
        Engine::Mysql => "source more.sql",
    };
    place.world.write("deploy/alpha.sql", &format!("CREATE TABLE t_alpha (id INTEGER);\n{include}\n"));
    place.world.write("revert/alpha.sql", "DROP TABLE t_more;\nDROP TABLE t_alpha;\n");
    place.change("deploy").ok();
    assert!(place.schema().contains("t_more"), "{}", place.schema());
}

pub(crate) fn output_of_scripts_is_shown_but_not_of_verify_scripts(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    place.world.write("deploy/alpha.sql", "CREATE TABLE t_alpha (id INTEGER);\nSELECT 4711;\n");
    place.world.write("verify/alpha.sql", "SELECT 4712;\n");
    let done = place.change("deploy").ok();
    assert!(done.out.contains("4711") && !done.out.contains("4712"), "{}", done.out);
    let done = place.change("-vv verify").ok();
    assert!(done.out.contains("4712"), "{}", done.out);
}
