//! Changes that cannot be one transaction and stop half-way: what `status` says, and the ways on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "support/trial.rs"]
mod trial;

use trial::{Change, Trial};

const BACK: &str = "DROP TABLE IF EXISTS one;\nDROP TABLE IF EXISTS two;";

/// One change whose script is not one transaction, between two that are.
fn between(deploy: &str) -> Trial {
    let steps = Change::new("steps", deploy, "SELECT x FROM one;\nSELECT x FROM two;", BACK);
    Trial::new(&[Change::whole("a"), steps.makes(&["one", "two"]), Change::whole("z")])
}

/// A script that fails in its fourth statement, on line 5.
const BROKEN: &str = "CREATE TABLE one (x);\nINSERT INTO one VALUES (1);\nVACUUM;\n\nCREATE TABLE two (x) nonsense;\nINSERT INTO one VALUES (2);";
const MENDED: &str = "CREATE TABLE one (x);\nINSERT INTO one VALUES (1);\nVACUUM;\n\nCREATE TABLE two (x);\nINSERT INTO one VALUES (2);";

fn stopped() -> Trial {
    let trial = between(BROKEN);
    trial.run(&["deploy"]).ends(4).says("Deploy stopped inside steps").says("deploy/steps.sql:5");
    trial
}

fn count(trial: &Trial, sql: &str) -> i64 {
    trial.database("app.db").query_row(sql, [], |row| row.get(0)).unwrap()
}

fn events(trial: &Trial) -> Vec<String> {
    let registry = trial.registry();
    let mut query =
        registry.prepare("SELECT event || ' ' || change FROM events ORDER BY committed_at, rowid").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn status_names_change_statement_place_time_and_cause() {
    let trial = stopped();
    let said = trial.run(&["status"]).ends(4);
    for part in [
        "In doubt: the deploy of steps stopped after 3 of 5 statements",
        "at:    deploy/steps.sql:5: CREATE TABLE two (x) nonsense",
        "when:  20",
        "by Vera Tester on ",
        "why:   deploy/steps.sql:5:1: unknown table option: nonsense",
        "Go on with: change deploy, or change resume",
        "change revert, change mark deployed steps, change mark reverted steps",
    ] {
        assert!(said.out.contains(part), "\"{part}\" is not in:\n{}", said.out);
    }
    let json = trial.run(&["status", "--format", "json"]).ends(4);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let in_doubt = &json["in_doubt"];
    assert_eq!(
        (&in_doubt["change"], &in_doubt["line"], &in_doubt["done"]),
        (&"steps".into(), &5.into(), &3.into())
    );
    // What was deployed before it stays; nothing was rolled back from under it.
    assert_eq!(trial.recorded(), ["a"]);
}

#[test]
fn deploy_goes_on_where_it_stopped_and_then_with_the_plan() {
    let trial = stopped();
    trial.run(&["deploy"]).ends(4).says("deploy/steps.sql:5");
    trial.write("deploy/steps.sql", MENDED);
    trial.run(&["deploy", "--dry-run"]).ok().says("» steps").says("it goes on where it stopped");
    trial.run(&["deploy"]).ok();
    trial.complete("mended");
    assert_eq!(count(&trial, "SELECT group_concat(x) = '1,2' FROM one"), 1);
}

#[test]
fn resume_goes_on_and_stops_after_the_change() {
    let trial = stopped();
    trial.write("deploy/steps.sql", MENDED);
    trial.run(&["resume"]).ok();
    assert_eq!(trial.recorded(), ["a", "steps"]);
    trial.settled("resumed");
    trial.run(&["resume"]).ends(1).says("No change stopped half-way");
    trial.run(&["deploy"]).ok();
    trial.complete("deployed");
}

#[test]
fn an_edited_done_part_is_refused() {
    let trial = stopped();
    trial.write("deploy/steps.sql", &MENDED.replace("VALUES (1)", "VALUES (7)"));
    for words in [["deploy"], ["resume"]] {
        trial.run(&words).ends(4).says("was edited in the part that already took effect (3 of 5 statements)");
    }
    assert_eq!(count(&trial, "SELECT count(*) FROM one"), 1);
    trial.write("deploy/steps.sql", MENDED);
    trial.run(&["deploy"]).ok();
}

#[test]
fn revert_takes_back_only_what_stopped() {
    let trial = stopped();
    trial.run(&["revert"]).ends(3).says("Revert the stopped change steps");
    trial.run(&["revert", "-y"]).ok().says("Reverting the stopped change steps");
    assert_eq!(trial.recorded(), ["a"]);
    trial.settled("reverted");
    trial.write("deploy/steps.sql", MENDED);
    trial.run(&["deploy"]).ok();
    trial.complete("deployed");
}

#[test]
fn revert_to_a_change_takes_back_what_stopped_and_what_lies_above() {
    let trial = stopped();
    trial.run(&["revert", "-y", "--to", "@ROOT"]).ok();
    trial.settled("reverted");
    assert_eq!(trial.recorded(), ["a"]);
}

#[test]
fn a_person_says_that_it_is_deployed() {
    let trial = stopped();
    trial.run(&["mark", "deployed", "a"]).ends(2).says("did not stop half-way; steps did");
    trial.database("app.db").execute_batch("CREATE TABLE two (x); INSERT INTO one VALUES (2)").unwrap();
    trial.run(&["mark", "deployed", "steps"]).ok().says("Marked steps as deployed");
    trial.write("deploy/steps.sql", MENDED);
    assert_eq!(trial.recorded(), ["a", "steps"]);
    trial.settled("marked");
    assert_eq!(events(&trial), ["deploy a", "fail steps", "deploy steps"]);
}

#[test]
fn a_person_says_that_it_is_not_deployed() {
    let trial = stopped();
    trial.database("app.db").execute_batch("DROP TABLE one").unwrap();
    trial.run(&["mark", "reverted", "steps"]).ok().says("Marked steps as not deployed");
    trial.settled("marked");
    trial.write("deploy/steps.sql", MENDED);
    trial.run(&["deploy"]).ok();
    trial.complete("deployed");
}

#[test]
fn log_only_records_what_stopped_as_deployed() {
    let trial = stopped();
    trial.database("app.db").execute_batch("CREATE TABLE two (x)").unwrap();
    trial.run(&["deploy", "--log-only", "--to", "steps"]).ok();
    trial.settled("recorded");
    assert_eq!(trial.recorded(), ["a", "steps"]);
}

#[test]
fn a_script_that_fails_at_its_first_statement_leaves_no_doubt() {
    let trial = between("CREATE TABLE one (x) nonsense;\nVACUUM;");
    trial.run(&["deploy", "--mode", "change"]).ends(2);
    trial.settled("failed");
    assert_eq!(trial.recorded(), ["a"]);
    trial.run(&["status"]).ok();
}

#[test]
fn what_a_failed_verify_script_refuses_is_taken_back() {
    let trial = between(MENDED);
    trial.write("verify/steps.sql", "SELECT y FROM one;");
    trial.run(&["deploy"]).ends(2).says("Verify script \"verify/steps.sql\" failed");
    trial.settled("refused");
    assert!(trial.recorded().is_empty(), "mode all takes back the others");

    // Without a way to take it back it stays, and status says so.
    trial.write("revert/steps.sql", "DROP TABLE three;");
    trial.run(&["deploy"]).ends(4).says("Deploy stopped inside steps");
    trial.run(&["status"]).ends(4).says("the deploy of steps stopped after 5 of 5 statements");
    trial.write("verify/steps.sql", "SELECT x FROM one;");
    trial.run(&["deploy"]).ok();
    trial.complete("verified");
}

#[test]
fn temporary_objects_are_lost_with_their_session() {
    let trial = between(
        "CREATE TEMP TABLE numbers AS SELECT 1 AS x;\nVACUUM;\nCREATE TABLE one (x);\n\
         INSERT INTO one SELECT x FROM numbers;\nCREATE TABLE two (x) nonsense;",
    );
    trial.run(&["deploy"]).ends(4);
    let mended = trial.read("deploy/steps.sql").replace(" nonsense", "");
    trial.write("deploy/steps.sql", &mended);
    for words in [["deploy"], ["resume"]] {
        trial.run(&words).ends(4).says("temporary objects").says("change revert");
    }
    trial.run(&["revert", "-y"]).ok();
    trial.run(&["deploy"]).ok();
    trial.complete("from the start");
}

/// A script that is killed while it runs a program: nobody knows how far the program got. The
/// program kills `change` at its first call.
fn killed_in_a_program() -> Trial {
    let trial = between(
        "CREATE TABLE one (x);\n.print now\n.shell echo called >> calls; [ -e again ] || { touch again; kill -9 $PPID; }\nCREATE TABLE two (x);\nVACUUM;",
    );
    assert_eq!(trial.run(&["deploy"]).status, None);
    trial
}

#[test]
fn a_program_in_doubt_is_not_run_again_unasked() {
    let trial = killed_in_a_program();
    let status = trial.run(&["status"]).ends(4);
    for part in [
        "at:    deploy/steps.sql:3: .shell",
        "why:   the run ended without a word",
        "may or may not have taken effect",
    ] {
        assert!(status.out.contains(part), "\"{part}\" is not in:\n{}", status.out);
    }
    for words in [["deploy"], ["resume"]] {
        let asked = trial.run(&words).ends(4).says("nobody can tell").says("deploy/steps.sql:3");
        assert!(
            asked.err.contains("change resume --retry") && asked.err.contains("change resume --skip"),
            "{}",
            asked.err
        );
    }
    assert_eq!(trial.read("calls"), "called\n");
}

#[test]
fn retry_runs_the_program_again() {
    let trial = killed_in_a_program();
    trial.run(&["resume", "--retry"]).ok();
    assert_eq!(trial.read("calls"), "called\ncalled\n");
    trial.run(&["deploy"]).ok();
    trial.complete("retried");
}

#[test]
fn skip_goes_on_after_the_program() {
    let trial = killed_in_a_program();
    trial.run(&["resume", "--skip"]).ok();
    assert_eq!(trial.read("calls"), "called\n");
    trial.run(&["deploy"]).ok();
    trial.complete("skipped");
}

#[test]
fn a_program_in_a_transaction_is_in_doubt_but_its_transaction_is_not() {
    let trial = between(
        "CREATE TABLE one (x);\nBEGIN;\nCREATE TABLE two (x);\n.shell [ -e again ] || { touch again; kill -9 $PPID; }\nCOMMIT;",
    );
    assert_eq!(trial.run(&["deploy"]).status, None);
    trial.run(&["deploy"]).ends(4).says("nobody can tell");
    trial.run(&["resume", "--skip"]).ends(4).says("cannot be skipped");
    trial.run(&["resume", "--retry"]).ok();
    trial.run(&["deploy"]).ok();
    trial.complete("retried");
}

#[test]
fn pragmas_of_the_session_are_set_again() {
    let trial =
        between("CREATE TABLE one (x);\nPRAGMA page_size = 8192;\nCREATE TABLE two (x) nonsense;\nVACUUM;");
    trial.run(&["deploy"]).ends(4);
    let mended = trial.read("deploy/steps.sql").replace(" nonsense", "");
    trial.write("deploy/steps.sql", &mended);
    trial.run(&["deploy"]).ok();
    assert_eq!(count(&trial, "PRAGMA page_size"), 8192);
}

/// A revert script that fails in its third statement.
fn stopped_revert() -> Trial {
    let trial = between(MENDED);
    trial.run(&["deploy", "--to", "steps"]).ok();
    trial.write("revert/steps.sql", "DROP TABLE one;\nVACUUM;\nDROP TABLE too;");
    trial.run(&["revert", "-y"]).ends(4).says("Revert failed at steps");
    trial
}

#[test]
fn a_stopped_revert_is_in_doubt_and_nothing_passes_it_over() {
    let trial = stopped_revert();
    trial
        .run(&["status"])
        .ends(4)
        .says("the revert of steps stopped after 2 of 3")
        .says("change revert, or change resume");
    trial.run(&["deploy"]).ends(4).says("the revert of steps stopped");
}

#[test]
fn a_stopped_revert_goes_on() {
    let trial = stopped_revert();
    trial.write("revert/steps.sql", "DROP TABLE one;\nVACUUM;\nDROP TABLE two;");
    // How far the first was to go, nobody knows: the second takes back what had stopped, and no more.
    trial.run(&["revert", "-y"]).ok().says("Reverting the stopped change steps");
    assert_eq!(trial.recorded(), ["a"]);
    trial.run(&["revert", "-y"]).ok();
    trial.empty("reverted");
    assert_eq!(events(&trial), ["deploy a", "deploy steps", "revert steps", "revert a"]);
}

#[test]
fn resume_ends_a_stopped_revert_and_nothing_more() {
    let trial = stopped_revert();
    trial.write("revert/steps.sql", "DROP TABLE one;\nVACUUM;\nDROP TABLE two;");
    trial.run(&["resume"]).ok();
    assert_eq!(trial.recorded(), ["a"]);
    trial.settled("resumed");
}

#[test]
fn a_person_says_how_a_stopped_revert_is() {
    let trial = stopped_revert();
    trial.run(&["mark", "deployed", "steps"]).ok();
    assert_eq!(trial.recorded(), ["a", "steps"]);
    trial.run(&["status"]).ok();

    let trial = stopped_revert();
    trial.database("app.db").execute_batch("DROP TABLE two").unwrap();
    trial.run(&["mark", "reverted", "steps"]).ok();
    assert_eq!(trial.recorded(), ["a"]);
    trial.settled("marked");
}

#[test]
fn a_script_never_reaches_the_registry() {
    // `tags` is also a table of the registry, which is attached to commit with the first statement.
    let trial = between(&format!("{MENDED}\nDROP TABLE IF EXISTS tags;\nDELETE FROM one;"));
    trial.run(&["deploy"]).ok();
    trial.complete("with a table of the registry's name");

    let trial = between(&format!("{MENDED}\nDELETE FROM changes;"));
    trial.run(&["deploy"]).ends(4).says("no such table: changes");
}

#[test]
fn a_shared_file_can_leave_wal_mode() {
    let trial = between(&format!("{MENDED}\nPRAGMA journal_mode = DELETE;")).in_wal_mode();
    trial.run(&["deploy", "--registry", "app"]).ok();
    let mode: String =
        trial.database("app.db").query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}
