//! What scripts of real projects do, or could; how servers are reached; and what nobody may see.

use crate::place::{Engine, Place};
use std::time::{Duration, Instant};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r> # With an emoji \u{1f600}\n";

fn place() -> Place {
    let place = Place::with_plan(Engine::Mysql, PLAN);
    place.write_table_scripts("alpha");
    place
}

#[test]
fn an_emoji_in_a_note_is_no_reason_to_fail() {
    let place = place();
    place.change("deploy").ok();
    place.sqitch("status").ok();
    place.sqitch("revert -y").ok();
    assert_eq!(place.schema(), "");
}

#[test]
fn an_emoji_in_a_script_arrives() {
    let place = place();
    place.world.write(
        "deploy/alpha.sql",
        "CREATE TABLE t_alpha (id INTEGER, x TEXT CHARACTER SET utf8mb4);\nINSERT INTO t_alpha VALUES (1, '\u{1f600}');\n",
    );
    place.change("deploy").ok();
    assert_eq!(place.ask("SELECT HEX(x) FROM t_alpha"), "F09F9880");
}

#[test]
fn a_password_is_nowhere() {
    let place = place();
    let uri = place.maria().tcp();
    place.world.write(
        "deploy/alpha.sql",
        "CREATE TABLE t_alpha (id INTEGER);\nCREATE USER IF NOT EXISTS u_alpha IDENTIFIED BY 'Very Secret';\nSELECT nope FROM t_alpha;\n",
    );
    let done = place.change(&format!("deploy --target {uri} --registry {}", place.registry_name()));
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    let bad = place.change(&format!("status --target {}", uri.replace(":pw@", ":wrong+pass@")));
    assert_eq!(bad.status, 2);
    assert!(
        bad.err.contains("Access denied for user 'tester'") && bad.err.contains("MYSQL_PWD"),
        "{}",
        bad.err
    );
    let registry = place.ask_registry("SELECT statement, error FROM {r}change_steps")
        + &place.ask_registry("SELECT * FROM {r}change_runs");
    for text in [&done.out, &done.err, &bad.out, &bad.err, &registry] {
        for secret in ["Very Secret", "wrong+pass", "tester:pw"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    place.ask("DROP USER u_alpha");
}

#[test]
fn servers_are_found_by_option_files_and_environment() {
    let place = place();
    let base = place.maria();
    place.world.write(
        ".my.cnf",
        &format!("[client]\nuser = tester\npassword = \"pw\"\nhost = 127.0.0.1\nport = {}\n", base.port),
    );
    let target = format!("db:mysql:{}", base.name);
    place.change(&format!("deploy --target {target} --registry {}", base.registry)).ok();
    assert_eq!(place.ask("SHOW TABLES"), "t_alpha");
}

#[test]
fn a_server_that_is_not_there_is_said_with_its_place() {
    let place = place();
    let done = place.change("status --target db:mysql://nobody@127.0.0.1:1/x");
    assert_eq!(done.status, 2);
    assert!(done.err.contains("127.0.0.1, port 1"), "{}", done.err);
    let done = place.change(&format!(
        "deploy --target {}",
        place.uri().replace(&format!("/{}?", place.maria().name), "/not_there?")
    ));
    assert_eq!(done.status, 2);
    assert!(
        done.err.contains("Unknown database 'not_there'") && done.err.contains("CREATE DATABASE `not_there`"),
        "{}",
        done.err
    );
}

#[test]
fn nobody_waits_long_behind_a_change_that_waits() {
    let place = place();
    place.change("deploy").ok();
    place.ask("INSERT INTO t_alpha VALUES (1)");
    place.world.write("sqitch.plan", &format!("{PLAN}bravo 2024-01-01T00:00:02Z P Q <p@q.r>\n"));
    place.world.write("deploy/bravo.sql", "ALTER TABLE t_alpha ADD COLUMN more INTEGER;\n");
    place.world.write("revert/bravo.sql", "ALTER TABLE t_alpha DROP COLUMN more;\n");
    place.world.write("verify/bravo.sql", "SELECT more FROM t_alpha;\n");
    let mut holder = place.maria().client();
    let mut holder =
        holder.args(["-e", "START TRANSACTION; SELECT * FROM t_alpha; DO SLEEP(3); COMMIT"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let deploy = place.command(&["deploy"]).spawn().unwrap();
    let (mut slowest, start) = (Duration::ZERO, Instant::now());
    while start.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        place.ask("SELECT COUNT(*) FROM t_alpha");
        slowest = slowest.max(asked.elapsed());
    }
    holder.wait().unwrap();
    let done = deploy.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(slowest < Duration::from_millis(600), "somebody waited {slowest:?}");
    let attempts: i64 =
        place.ask_registry("SELECT attempts FROM {r}change_steps WHERE `change` = 'bravo'").parse().unwrap();
    assert!(attempts > 1, "{attempts}");
}

#[test]
fn two_runners_do_not_get_in_each_others_way() {
    let place = place();
    let runners = [(); 4].map(|()| place.command(&["deploy"]).spawn().unwrap());
    for runner in runners {
        let done = runner.wait_with_output().unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    assert_eq!(place.ask_registry("SELECT COUNT(*) FROM {r}events"), "1");
}

#[test]
fn what_is_locked_by_a_script_is_no_reason_to_fail() {
    let place = place();
    place.world.write(
        "deploy/alpha.sql",
        "CREATE TABLE t_alpha (id INTEGER);\nLOCK TABLES t_alpha WRITE;\nINSERT INTO t_alpha VALUES (1);\nUNLOCK TABLES;\n",
    );
    place.change("deploy").ok();
    assert_eq!(place.ask("SELECT COUNT(*) FROM t_alpha"), "1");
}

#[test]
fn variables_reach_scripts() {
    let place = place();
    place.world.write(
        "deploy/alpha.sql",
        "CREATE TABLE t_alpha (id INTEGER, x TEXT);\nINSERT INTO t_alpha VALUES (1, @\"my name\"), (2, @y);\n",
    );
    let done = place.world.run(
        crate::support::Tool::Change,
        "",
        &["deploy", "--set", "my name=it's", "--set", "y=2"],
        "",
    );
    done.ok();
    assert_eq!(place.ask("SELECT x FROM t_alpha ORDER BY id"), "it's\n2");
}

#[test]
fn two_databases_that_share_a_registry_are_told_apart() {
    let place = place();
    place.change("deploy").ok();
    let other = crate::maria::server().database();
    let target = |registry: &str| format!("--target {} --registry {registry}", other.uri);
    let done = place.change(&format!("deploy {}", target(&place.registry_name())));
    assert_eq!(done.status, 3, "{}{}", done.out, done.err);
    assert!(done.err.contains(&format!("says what is deployed to {}", place.maria().name)), "{}", done.err);
    place.change(&format!("deploy {}", target(&other.registry))).ok();
    assert_eq!(other.ask("SHOW TABLES"), "t_alpha");
}

#[test]
fn a_registry_that_may_not_be_read_is_not_a_missing_one() {
    let place = place();
    place.change("deploy").ok();
    place.ask("CREATE USER low@localhost");
    let database = place.ask("SELECT DATABASE()");
    place.ask(&format!("GRANT ALL ON {database}.* TO low@localhost"));
    for command in ["status", "verify", "check", "revert -y", "deploy"] {
        let done = place.change(&format!("{command} --db-user low"));
        assert_eq!(done.status, 2, "{command}: {}{}", done.out, done.err);
        assert!(
            done.err.contains("no access to the registry") && done.err.contains("GRANT ALL"),
            "{}",
            done.err
        );
    }
}

#[test]
fn what_runs_is_not_in_doubt() {
    let place = place();
    place.world.write("deploy/alpha.sql", "CREATE TABLE t_alpha (id INTEGER);\nDO SLEEP(3);\n");
    std::thread::scope(|scope| {
        let deploying = scope.spawn(|| place.change("deploy"));
        let deadline = Instant::now() + Duration::from_secs(20);
        let seen = loop {
            let status = place.change("status");
            if status.out.contains("# Running: the deploy of alpha") {
                break status;
            }
            assert!(Instant::now() < deadline, "{}{}", status.out, status.err);
        };
        assert!(!seen.out.contains("In doubt") && !seen.out.contains("change mark"), "{}", seen.out);
        assert_ne!(seen.status, 4);
        deploying.join().unwrap().ok();
    });
}

#[test]
fn what_failed_is_not_skipped() {
    let place = place();
    place.world.write("deploy/alpha.sql", "CREATE TABLE t_alpha (id INTEGER);\nSELECT nope FROM t_alpha;\n");
    assert_eq!(place.change("deploy").status, 4);
    let done = place.change("resume --skip");
    assert!(done.status == 2 && done.err.contains("nothing is in doubt"), "{}{}", done.out, done.err);
}

#[test]
fn a_second_revert_takes_back_no_more_than_what_had_stopped() {
    let plan = format!("{PLAN}bravo 2024-01-01T00:00:02Z P Q <p@q.r>\n");
    let place = Place::with_plan(Engine::Mysql, &plan);
    place.write_table_scripts("alpha");
    place.write_table_scripts("bravo");
    place.world.write("revert/bravo.sql", "DROP TABLE t_bravo;\nDROP TABLE more;\n");
    place.change("deploy").ok();
    assert_eq!(place.change("revert -y --to alpha").status, 4);
    place.ask("CREATE TABLE more (id INTEGER)");
    let done = place.change("revert -y").ok();
    assert!(done.out.contains("Reverting the stopped change bravo"), "{}", done.out);
    assert_eq!(place.ask("SHOW TABLES"), "t_alpha");
}
