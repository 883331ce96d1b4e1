//! Sqitch and `change` take turns on one database, and neither notices the other.

use crate::support::{Done, World, timeless};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r> # First\n\
    bravo [alpha !other:x] 2024-01-01T00:00:02Z P Q <p@q.r> # Second, with \"quotes\"\n\
    @v1 2024-01-01T00:00:03Z P Q <p@q.r> # One\n\
    charlie [alpha bravo@v1] 2024-01-01T00:00:04Z P Q <p@q.r>\n\
    alpha [alpha@v1] 2024-01-01T00:00:05Z P Q <p@q.r> # First again\n\
    @v2 2024-01-01T00:00:06Z P Q <p@q.r> # Two\n\
    delta 2024-01-01T00:00:07Z P Q <p@q.r>\n";

fn world() -> World {
    let world = World::with_plan(PLAN);
    for name in ["alpha", "bravo", "charlie", "delta"] {
        world.write_table_scripts(name);
    }
    for (kind, text) in [
        ("deploy", "ALTER TABLE t_alpha ADD COLUMN name TEXT;\n"),
        ("revert", "ALTER TABLE t_alpha DROP COLUMN name;\n"),
        ("verify", "SELECT name FROM t_alpha WHERE 0;\n"),
    ] {
        let first = world.read(&format!("{kind}/alpha.sql"));
        world.write(&format!("{kind}/alpha@v1.sql"), &first);
        world.write(&format!("{kind}/alpha.sql"), text);
    }
    world
}

/// Both see the same, down to the letter.
#[track_caller]
fn assert_both_agree(world: &World, latest: &str) {
    let all = ["status --show-tags --show-changes", "verify", "check", "log --oneline", "log --format short"];
    for words in all {
        let [theirs, ours] = [world.sqitch(words), world.change(words)];
        let show = |done: &Done| (done.status, timeless(&done.out));
        assert_eq!(show(&ours), show(&theirs), "{words}\nsqitch: {}\nchange: {}", theirs.err, ours.err);
    }
    let status = world.change("status").out;
    assert!(status.contains(&format!("# Name:     {latest}\n")), "{status}");
}

#[test]
fn half_by_sqitch_and_half_by_change() {
    let world = world();
    world.sqitch("deploy --verify --to bravo").ok();
    assert_both_agree(&world, "bravo");
    world.change("deploy --to @v2").ok();
    assert_both_agree(&world, "alpha");
    world.sqitch("deploy --verify").ok();
    assert_both_agree(&world, "delta");
    world.sqitch("revert -y --to charlie").ok();
    assert_both_agree(&world, "charlie");
    world.change("revert -y --to @v1").ok();
    assert_both_agree(&world, "bravo");
    world.change("deploy").ok();
    assert_both_agree(&world, "delta");
    world.sqitch("revert -y --to alpha@v1").ok();
    assert_both_agree(&world, "alpha");
    world.change("revert -y").ok();
    assert!(world.schema().is_empty(), "{:?}", world.schema());
    let none = world.sqitch("status");
    assert_eq!(
        (none.status, none.out.as_str()),
        (1, "# On database db:sqlite:app.db\nNo changes deployed\n")
    );
}

#[test]
fn a_registry_made_by_change_is_one_that_sqitch_would_have_made() {
    let ours = world();
    ours.change("deploy").ok();
    let theirs = world();
    theirs.sqitch("deploy --verify").ok();
    assert_eq!(ours.registry(), theirs.registry());
    assert_eq!(ours.registry_tables(), theirs.registry_tables());
    // And it stays one when Sqitch goes on with it.
    ours.sqitch("revert -y").ok();
    theirs.sqitch("revert -y").ok();
    assert_eq!(ours.registry(), theirs.registry());
}

#[test]
fn what_sqitch_deployed_and_somebody_edited_is_noticed_by_both() {
    let world = world();
    world.sqitch("deploy --verify --to charlie").ok();
    world.write("deploy/bravo.sql", "CREATE TABLE t_bravo (id INTEGER, edited TEXT);\n");
    let [theirs, ours] = [world.sqitch("check"), world.change("check")];
    assert_eq!((theirs.status, ours.status), (1, 1), "{}{}", theirs.err, ours.err);
    assert!(theirs.out.contains("Script signatures diverge at change bravo @v1\n"), "{}", theirs.out);
    assert!(ours.out.contains("deploy/bravo.sql was edited since bravo @v1 was deployed\n"), "{}", ours.out);
    // `change` does not build on it, and says so before anything runs.
    let refused = world.change("deploy");
    assert_eq!(refused.status, 3, "{}", refused.err);
    assert!(refused.err.contains("deploy/bravo.sql was edited"), "{}", refused.err);
    assert!(world.change("status").out.contains("# Name:     charlie\n"));
}

#[test]
fn a_tag_planned_after_its_change_was_deployed_is_recorded_by_whoever_comes_next() {
    let world = world();
    world.sqitch("deploy --verify").ok();
    world.write("sqitch.plan", &format!("{PLAN}@v3 2024-01-01T00:00:08Z P Q <p@q.r> # Three\n"));
    let twin = world.twin();
    let done = world.change("deploy").ok();
    assert_eq!(done.out, "Nothing to deploy (up-to-date)\n");
    twin.sqitch("deploy").ok();
    assert_eq!(world.registry(), twin.registry());
    assert_both_agree(&world, "delta");
}

#[test]
fn a_script_that_is_not_utf8_and_that_sqitch_deployed_is_in_nobodys_way() {
    let world = world();
    let latin1 = b"-- Gr\xfc\xdfe\nCREATE TABLE t_alpha (id INTEGER);\n";
    std::fs::write(world.path("deploy/alpha@v1.sql"), latin1).unwrap();
    world.sqitch("deploy --to bravo").ok();
    assert_both_agree(&world, "bravo");
    world.change("deploy").ok();
    assert_both_agree(&world, "delta");
}

#[test]
fn a_script_that_sqitch_has_no_hash_of_is_compared_with_our_own() {
    let world = World::with_plan(&PLAN[..PLAN.find("bravo").unwrap()]);
    world.write_table_scripts("alpha");
    world.change("deploy").ok();
    world.database("sqitch.db").execute("UPDATE changes SET script_hash = NULL", []).unwrap();
    world.write("sqitch.plan", &PLAN[..PLAN.find("@v1").unwrap()]);
    world.write_table_scripts("bravo");
    let script = world.read("deploy/alpha.sql");
    world.write("deploy/alpha.sql", "CREATE TABLE t_alpha (id INTEGER, more INTEGER);\n");
    let refused = world.change("deploy");
    assert_eq!(refused.status, 3, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("deploy/alpha.sql"), "{}", refused.err);
    world.write("deploy/alpha.sql", &script);
    world.change("deploy").ok();
}

#[test]
fn a_script_that_was_edited_before_sqitch_deployed_it_again_is_no_drift() {
    let world = world();
    world.change("deploy").ok();
    world.sqitch("revert -y --to charlie").ok();
    let verify = world.read("verify/delta.sql");
    world.write("verify/delta.sql", &format!("{verify}-- looked at again\n"));
    world.sqitch("deploy --verify").ok();
    world.change("check").ok();
    // What `change` itself deployed is still compared in all its scripts.
    world.change("revert -y --to charlie").ok();
    world.change("deploy").ok();
    world.write("verify/delta.sql", &verify);
    let found = world.change("check");
    assert_ne!(found.status, 0, "{}{}", found.out, found.err);
    assert!(found.out.contains("verify/delta.sql"), "{}{}", found.out, found.err);
}
