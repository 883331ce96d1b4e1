//! The registry: when it is made, what it says, who may write it.

use crate::place::{Engine, Place};
use crate::{recorded, tables};

pub(crate) fn looking_leaves_nothing_behind(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    for words in ["status", "verify", "check", "log", "plan", "deploy --dry-run"] {
        place.change(words);
        assert!(!place.has_registry(), "{words}");
        assert_eq!(place.schema(), "", "{words}");
    }
}

pub(crate) fn what_is_refused_leaves_nothing_behind(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    place.world.write("revert/bravo.sql", "-- nothing\n");
    assert_eq!(place.change("deploy").status, 3);
    std::fs::remove_file(place.world.path("deploy/bravo.sql")).unwrap();
    assert_eq!(place.change("deploy").status, 2);
    assert!(!place.has_registry());
    assert_eq!(place.schema(), "");
}

/// A story with tags, dependencies and a rework.
fn story(engine: Engine) -> Place {
    let plan = "%syntax-version=1.0.0\n%project=acme\n%uri=https://example.org/acme\n\n\
        alpha 2024-01-01T00:00:01Z P Q <p@q.r> # First\n\
        bravo [alpha !other:x] 2024-01-01T00:00:02Z P Q <p@q.r> # Second, with \"quotes\" and 'more'\n\
        @v1 2024-01-01T00:00:03Z P Q <p@q.r> # One\n\
        charlie [alpha bravo@v1] 2024-01-01T00:00:04Z P Q <p@q.r> # \\\\ and , and { }\n\
        alpha [alpha@v1] 2024-01-01T00:00:05Z P Q <p@q.r> # First again\n\
        @v2 2024-01-01T00:00:06Z P Q <p@q.r> # Two\n\
        delta 2024-01-01T00:00:07Z P Q <p@q.r>\n";
    let place = Place::with_plan(engine, plan);
    for name in ["alpha", "bravo", "charlie", "delta"] {
        place.write_table_scripts(name);
    }
    for (kind, text) in [
        ("deploy", "ALTER TABLE t_alpha ADD COLUMN name VARCHAR(20);\n"),
        ("revert", "ALTER TABLE t_alpha DROP COLUMN name;\n"),
        ("verify", "SELECT name FROM t_alpha WHERE 1 = 0;\n"),
    ] {
        let first = place.world.read(&format!("{kind}/alpha.sql"));
        place.world.write(&format!("{kind}/alpha@v1.sql"), &first);
        place.world.write(&format!("{kind}/alpha.sql"), text);
    }
    place
}

const STEPS: [&str; 6] = [
    "deploy --verify --to @v1",
    "deploy --verify",
    "revert -y --to charlie",
    "deploy --verify --to delta",
    "revert -y",
    "deploy --verify",
];

pub(crate) fn rows_are_those_of_sqitch(engine: Engine) {
    let (ours, theirs) = (story(engine), story(engine));
    for words in STEPS {
        ours.change(words).ok();
        theirs.sqitch(words).ok();
        assert_eq!(ours.registry(), theirs.registry(), "{words}");
        assert_eq!(ours.schema(), theirs.schema(), "{words}");
    }
}

pub(crate) fn sqitch_and_change_take_turns(engine: Engine) {
    let place = story(engine);
    for (number, words) in STEPS.iter().enumerate() {
        let one = if number % 2 == 0 { place.sqitch(words) } else { place.change(words) };
        one.ok();
        for words in ["status --show-changes", "verify", "check", "log --oneline"] {
            let (theirs, ours) = (place.sqitch(words), place.change(words));
            assert_eq!(
                (ours.status, place.nameless(&ours.out)),
                (theirs.status, place.nameless(&theirs.out)),
                "{words}"
            );
        }
    }
}

pub(crate) fn records_are_in_order(engine: Engine) {
    let names: Vec<String> = (0..30).map(|number| format!("c{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = tables(engine, &names);
    place.change("deploy --log-only").ok();
    assert_eq!(recorded(&place), names.join(" "));
    let distinct = place.ask_registry("SELECT COUNT(DISTINCT committed_at) FROM {r}changes");
    assert_eq!(distinct, "30");
}

pub(crate) fn a_half_made_registry_is_completed(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    place.change("deploy").ok();
    place.change("revert -y").ok();
    for table in ["change_steps", "change_runs", "events", "dependencies"] {
        place.tell_registry(&format!("DROP TABLE {{r}}{table}"));
    }
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha");
    place.sqitch("status").ok();
}

pub(crate) fn an_older_registry_is_upgraded(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    place.sqitch("deploy --to alpha").ok();
    // Version 1.0 knew one key less, and says so.
    place.tell_registry("UPDATE {r}releases SET version = 1.0");
    let refused = place.change("verify");
    assert!(refused.status != 0 && refused.err.contains("1.0"), "{}{}", refused.out, refused.err);
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha bravo");
    assert_eq!(place.ask_registry("SELECT COUNT(*) FROM {r}releases"), "2");
    place.sqitch("verify").ok();
}

pub(crate) fn a_newer_registry_is_refused(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    place.change("deploy --to alpha").ok();
    place.tell_registry("UPDATE {r}releases SET version = 1.2");
    let refused = place.change("deploy");
    assert!(refused.status != 0 && refused.err.contains("1.2"), "{}{}", refused.out, refused.err);
    assert_eq!(recorded(&place), "alpha");
}

pub(crate) fn projects_are_told_apart(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    place.world.write(
        "other.plan",
        "%syntax-version=1.0.0\n%project=other\n\nbeta [acme:alpha] 2024-01-01T00:00:01Z P Q <p@q.r>\n",
    );
    place.write_table_scripts("beta");
    let refused = place.change("deploy -f other.plan");
    assert!(refused.err.contains("Missing required change: acme:alpha"), "{}{}", refused.out, refused.err);
    place.change("deploy").ok();
    place.change("deploy -f other.plan").ok();
    assert!(place.change("status").out.contains("# Name:     alpha"));
    assert!(place.change("status -f other.plan").out.contains("# Name:     beta"));
}

pub(crate) fn what_others_need_is_not_reverted(engine: Engine) {
    projects_are_told_apart(engine);
    let place = tables(engine, &["alpha"]);
    place.world.write(
        "other.plan",
        "%syntax-version=1.0.0\n%project=other\n\nbeta [acme:alpha] 2024-01-01T00:00:01Z P Q <p@q.r>\n",
    );
    place.write_table_scripts("beta");
    place.change("deploy").ok();
    place.change("deploy -f other.plan").ok();
    let refused = place.change("revert -y");
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("other:beta"), "{}", refused.err);
    place.change("revert -y -f other.plan").ok();
    place.change("revert -y").ok();
}

pub(crate) fn two_runners_take_turns(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo", "charlie"]);
    let runners = [(); 3].map(|()| place.command(&["deploy"]).spawn().unwrap());
    for runner in runners {
        let done = runner.wait_with_output().unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    assert_eq!(recorded(&place), "alpha bravo charlie");
    assert_eq!(place.ask_registry("SELECT COUNT(*) FROM {r}events"), "3");
}

pub(crate) fn a_password_is_nowhere(engine: Engine) {
    let place = tables(engine, &["alpha"]);
    let Some(uri) = place.uri_with_password("wrong-secret") else { return };
    for words in ["deploy", "status", "revert -y", "verify"] {
        let done = place.change(&format!("{words} --target {uri}"));
        let all = format!("{}{}", done.out, done.err);
        assert!(!all.contains("wrong-secret"), "{words}: {all}");
        assert_ne!(done.status, 0, "{words}");
    }
}

pub(crate) fn one_change_alone_is_reverted(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo", "charlie"]);
    place.world.write(
        "sqitch.plan",
        &place.world.read("sqitch.plan").replace("charlie 2024", "charlie [alpha] 2024"),
    );
    place.change("deploy").ok();
    let refused = place.change("revert -y --only alpha");
    assert!(refused.err.contains("required by currently deployed change: charlie"), "{}", refused.err);
    let done = place.change("revert -y --only bravo").ok();
    assert!(done.out.contains("Reverting only bravo") && !done.out.contains("charlie"), "{}", done.out);
    assert_eq!(recorded(&place), "alpha charlie");
    assert!(!place.schema().contains("t_bravo"));
    let status = place.change("status").ok();
    assert!(status.out.contains("Not deployed, though later changes are:\n  * bravo"), "{}", status.out);
    // The others are as they were, and what comes next is deployed.
    let verified = place.change("verify").ok();
    assert!(verified.out.contains("Undeployed change:\n  * bravo"), "{}", verified.out);
    let plan = place.world.read("sqitch.plan");
    place.world.write("sqitch.plan", &format!("{plan}delta 2024-01-01T00:00:09Z P Q <p@q.r>\n"));
    place.write_table_scripts("delta");
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha charlie delta");
    place.change("rebase -y").ok();
    assert_eq!(recorded(&place), "alpha bravo charlie delta");
}

pub(crate) fn a_plan_is_put_back_into_order(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo"]);
    place.change("deploy").ok();
    // A merge put another branch's change in between.
    let plan = place.world.read("sqitch.plan");
    let line = "charlie 2024-01-01T00:00:05Z P Q <p@q.r> # charlie\n";
    place.world.write("sqitch.plan", &plan.replace("bravo 2024", &format!("{line}bravo 2024")));
    place.write_table_scripts("charlie");
    let refused = place.change("deploy");
    assert!(refused.err.contains("change plan --repair"), "{}", refused.err);
    let done = place.change("plan --repair").ok();
    assert!(done.out.contains("* bravo") && done.out.contains("* charlie"), "{}", done.out);
    assert_eq!(place.world.read("sqitch.plan"), format!("{plan}{line}"));
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha bravo charlie");
    assert!(place.change("plan --repair").ok().out.contains("is in the order of deployment"));
}

pub(crate) fn who_broke_a_verify_script_is_named(engine: Engine) {
    let place = tables(engine, &["alpha", "bravo", "charlie"]);
    place.world.write("deploy/charlie.sql", "CREATE TABLE t_charlie (id INTEGER);\n\nDROP TABLE t_alpha;\n");
    place.change("deploy").ok();
    let done = place.change("verify");
    assert_eq!(done.status, 2);
    assert!(
        done.err.contains("charlie came later, and may be why: deploy/charlie.sql:3: DROP TABLE t_alpha"),
        "{}",
        done.err
    );
}
