//! The journal: what stopped half-way is named, and gone on with.

use crate::place::{Engine, Place};
use crate::{recorded, tables};

/// A script that cannot be one transaction, and fails at its last statement until it is mended.
fn stopping(engine: Engine) -> Place {
    let place = tables(engine, &["alpha", "bravo"]);
    let directive = if engine == Engine::Mysql { "" } else { "-- change: transaction=off\n" };
    let script = format!(
        "{directive}CREATE TABLE t_bravo (id INTEGER);\nINSERT INTO t_bravo VALUES (1);\nINSERT INTO t_nowhere VALUES (2);\n"
    );
    place.world.write("deploy/bravo.sql", &script);
    let done = place.change("deploy");
    assert_eq!(done.status, 4, "{}{}", done.out, done.err);
    let status = place.change("status");
    assert_eq!(status.status, 4);
    assert!(status.out.contains("bravo") && status.out.contains("t_nowhere"), "{}", status.out);
    assert_eq!(recorded(&place), "alpha");
    place
}

fn mend(place: &Place) {
    let script = place.world.read("deploy/bravo.sql").replace("t_nowhere", "t_bravo");
    place.world.write("deploy/bravo.sql", &script);
}

pub(crate) fn a_stopped_change_is_named_and_gone_on_with(engine: Engine) {
    let place = stopping(engine);
    mend(&place);
    place.change("deploy").ok();
    assert_eq!(place.ask("SELECT id FROM t_bravo ORDER BY id"), "1\n2");
    assert_eq!(recorded(&place), "alpha bravo");
}

pub(crate) fn a_stopped_change_is_taken_back(engine: Engine) {
    let place = stopping(engine);
    place.change("revert -y").ok();
    assert!(!place.schema().contains("t_bravo"));
    assert_eq!(recorded(&place), "alpha");
    mend(&place);
    place.change("deploy").ok();
    assert_eq!(recorded(&place), "alpha bravo");
}

pub(crate) fn a_stopped_change_is_settled_by_a_person(engine: Engine) {
    let place = stopping(engine);
    place.change("mark deployed bravo").ok();
    assert_eq!(recorded(&place), "alpha bravo");
    assert_eq!(place.change("status").status, 0);
}

/// What the seam is armed with, and what has to hold afterwards, for every point that is hit.
fn broken(engine: Engine, how: &str) {
    // Not each of many: the points between them are of the same kind.
    let step = match engine {
        Engine::Sqlite => 3,
        Engine::Postgres => 1,
        Engine::Mysql => 5,
    };
    let mut hit = 0;
    for at in (1..400).step_by(step) {
        let place = tables(engine, &["alpha", "@v1", "bravo"]);
        let done = place.command(&["deploy"]).env("CHANGE_FAULT", format!("{how}:{at}")).output().unwrap();
        let story = format!(
            "{how} {at}: {}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        let again = place.change("deploy");
        assert_eq!(again.status, 0, "{story}\nthen: {}{}", again.out, again.err);
        assert_eq!(recorded(&place), "alpha bravo", "{story}");
        let schema = place.schema();
        assert!(schema.contains("t_alpha") && schema.contains("t_bravo"), "{story}");
        let tags = place.ask_registry("SELECT tag FROM {r}tags");
        assert_eq!(tags, "@v1", "{story}");
        if done.status.success() {
            break;
        }
        hit += 1;
    }
    assert!(hit > 5, "only {hit} points were hit: is the seam there? It is in debug builds only");
}

pub(crate) fn every_fault_is_survived(engine: Engine) {
    if cfg!(debug_assertions) {
        broken(engine, "fail");
    }
}

pub(crate) fn every_sudden_end_is_survived(engine: Engine) {
    if cfg!(debug_assertions) {
        broken(engine, "exit");
    }
}
