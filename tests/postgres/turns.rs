//! Sqitch and `change` take turns on one database, and neither notices the other.

use crate::Place;

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r> # First\n\
    bravo [alpha !other:x] 2024-01-01T00:00:02Z P Q <p@q.r> # Second, with \"quotes\"\n\
    @v1 2024-01-01T00:00:03Z P Q <p@q.r> # One\n\
    charlie [alpha bravo@v1] 2024-01-01T00:00:04Z P Q <p@q.r> # \\\\ and , and { }\n\
    alpha [alpha@v1] 2024-01-01T00:00:05Z P Q <p@q.r> # First again \u{1f600}\n\
    @v2 2024-01-01T00:00:06Z P Q <p@q.r> # Two\n\
    delta 2024-01-01T00:00:07Z P Q <p@q.r>\n";

fn place() -> Place {
    let place = Place::with_plan(PLAN);
    for name in ["alpha", "bravo", "charlie", "delta"] {
        place.write_table_scripts(name);
    }
    for (kind, text) in [
        ("deploy", "ALTER TABLE t_alpha ADD COLUMN name TEXT;\n"),
        ("revert", "ALTER TABLE t_alpha DROP COLUMN name;\n"),
        ("verify", "SELECT name FROM t_alpha WHERE false;\n"),
    ] {
        let first = place.world.read(&format!("{kind}/alpha.sql"));
        place.world.write(&format!("{kind}/alpha@v1.sql"), &first);
        place.world.write(&format!("{kind}/alpha.sql"), text);
    }
    place
}

/// Both see the same, down to the letter.
#[track_caller]
fn assert_both_agree(place: &Place, latest: &str) {
    let all = ["status --show-tags --show-changes", "verify", "check", "log --oneline", "log --format short"];
    for words in all {
        let [theirs, ours] = [place.world.sqitch(words), place.world.change(words)];
        let show = |done: &crate::support::Done| (done.status, place.nameless(&done.out));
        assert_eq!(show(&ours), show(&theirs), "{words}\nsqitch: {}\nchange: {}", theirs.err, ours.err);
    }
    let status = place.world.change("status").out;
    assert!(status.contains(&format!("# Name:     {latest}\n")), "{status}");
}

#[test]
fn half_by_sqitch_and_half_by_change() {
    let place = place();
    let world = &place.world;
    world.sqitch("deploy --verify --to bravo").ok();
    assert_both_agree(&place, "bravo");
    world.change("deploy --to @v2").ok();
    assert_both_agree(&place, "alpha");
    world.sqitch("deploy --verify").ok();
    assert_both_agree(&place, "delta");
    world.sqitch("revert -y --to charlie").ok();
    assert_both_agree(&place, "charlie");
    world.change("revert -y --to @v1").ok();
    assert_both_agree(&place, "bravo");
    world.change("deploy").ok();
    assert_both_agree(&place, "delta");
    world.sqitch("revert -y --to alpha@v1").ok();
    assert_both_agree(&place, "alpha");
    world.change("revert -y").ok();
    assert_eq!(place.schema(), "");
    assert_eq!(world.sqitch("status").status, 1);
}

#[test]
fn the_rows_are_those_that_sqitch_would_have_written() {
    let (ours, theirs) = (place(), place());
    let steps = [
        "deploy --verify --to @v1",
        "deploy --verify",
        "revert -y --to charlie",
        "deploy --verify --to delta",
        "revert -y",
        "deploy --verify",
    ];
    for words in steps {
        ours.world.change(words).ok();
        theirs.world.sqitch(words).ok();
        assert_eq!(ours.registry(), theirs.registry(), "{words}");
        assert_eq!(ours.schema(), theirs.schema(), "{words}");
    }
    // And they stay equal when each goes on with the other's.
    ours.world.sqitch("revert -y --to @v1").ok();
    theirs.world.change("revert -y --to @v1").ok();
    assert_eq!(ours.registry(), theirs.registry());
}

#[test]
fn a_registry_of_another_name_is_one_for_sqitch_too() {
    let place = place();
    let uri = &place.database.uri;
    place.world.write(
        "sqitch.conf",
        &format!(
            "[core]\n\tengine = pg\n[engine \"pg\"]\n\ttarget = {uri}\n\tregistry = My \"own\" Registry\n"
        ),
    );
    place.world.change("deploy --to @v1").ok();
    place.world.sqitch("deploy --verify").ok();
    assert_both_agree(&place, "delta");
}

#[test]
fn a_registry_that_was_left_half_made_is_healed() {
    let place =
        Place::with_plan("%syntax-version=1.0.0\n%project=acme\n\nalpha 2024-01-01T00:00:01Z P Q <p@q.r>\n");
    place.write_table_scripts("alpha");
    // In the order in which they are made: the last ones are missing, down to the bare schema.
    let tables =
        ["change_steps", "change_runs", "events", "dependencies", "tags", "changes", "projects", "releases"];
    for missing in 1..=tables.len() {
        place.world.change("deploy").ok();
        place.world.change("revert -y").ok();
        for table in tables.iter().take(missing) {
            place.ask(&format!("DROP TABLE sqitch.{table} CASCADE"));
        }
        if missing < tables.len() {
            place.ask("DELETE FROM sqitch.releases");
        }
        place.world.change("deploy").ok();
        assert_eq!(place.ask("SELECT change FROM sqitch.changes"), "alpha", "{missing} tables missing");
        place.world.sqitch("status").ok();
        place.world.sqitch("revert -y").ok();
    }
}
