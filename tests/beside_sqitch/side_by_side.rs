//! The same words to Sqitch in one folder and to `change` in its twin.

use crate::pair::Pair;
use crate::support::{Tool, World};

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n%uri=https://example.org/acme\n\n";

#[test]
fn planning_writes_the_same_plan_and_the_same_scripts() {
    let pair = Pair::new(PLAN);
    pair.plan(&["add", "alpha", "-n", "The first one"]);
    pair.plan(&["add", "bravo", "-r", "alpha", "-x", "zulu", "-n", "Two\nlines, \"quoted\" # and hashed"]);
    pair.plan(&["add", "charlie", "--requires", "alpha", "--requires", "bravo", "-n", "Third"]);
    pair.plan(&["tag", "v1", "-n", "Version one"]);
    pair.plan(&["tag", "first", "alpha", "-n", "Back then"]);
    pair.plan(&[
        "add",
        "sub/ünï-1",
        "-r",
        "bravo@v1",
        "-r",
        "@first",
        "-r",
        "other:thing",
        "-n",
        "  Spaced  ",
    ]);
    pair.plan(&["rework", "alpha", "-n", "Better"]);
    pair.plan(&["tag", "v2", "-n", "Version two"]);
    pair.plan(&["rework", "alpha", "-r", "charlie", "-n", "Better still"]);
    pair.assert_same_scripts();
}

#[test]
fn wrong_planning_is_refused_alike_and_leaves_the_plan_as_it_was() {
    let pair = Pair::new(PLAN);
    pair.plan(&["add", "alpha", "-n", "The first one"]);
    pair.plan(&["tag", "v1", "-n", "Version one"]);
    for words in [
        &["add", "alpha", "-n", "again"][..],
        &["add", "bad name", "-n", "blank"],
        &["add", "@x", "-n", "sign"],
        &["add", "bravo", "-r", "missing", "-n", "no such"],
        &["tag", "v1", "-n", "again"],
        &["tag", "v2", "nowhere", "-n", "no such"],
        &["rework", "nowhere", "-n", "no such"],
    ] {
        let before = pair.change.read("sqitch.plan");
        let (want, got) = pair.run(words);
        assert_eq!(got.status, want.status, "{words:?}\nsqitch: {}\nchange: {}", want.err, got.err);
        assert_eq!(pair.sqitch.read("sqitch.plan"), before, "{words:?}");
        assert_eq!(pair.change.read("sqitch.plan"), before, "{words:?}");
    }
    pair.assert_same_scripts();
}

#[test]
fn a_plan_grown_by_hand_keeps_every_byte_and_means_the_same_to_both() {
    let plan = "# By hand.\n%syntax-version = 1.0.0\n%project=acme  # ours\n\n\
                alpha\t2024-01-01T00:00:01Z P Q <p@q.r> \t# note  \n\n  @v1 2024-01-01T00:00:02Z P Q <p@q.r>\n\n# The end.\n";
    let world = World::with_plan(plan);
    world.write_table_scripts("alpha");
    for words in [&["add", "bravo", "-r", "alpha@v1", "-n", "x"][..], &["rework", "alpha", "-n", "y"]] {
        world.run(Tool::Change, "", words, "").ok();
    }
    let grown = world.read("sqitch.plan");
    assert!(grown.starts_with(plan), "{grown}");
    let words = ["plan", "--format", "format:%H %n %T %{,}r"];
    let theirs = world.run(Tool::Sqitch, "", &words, "").ok();
    assert_eq!(
        theirs.out.lines().filter(|line| line.contains(" alpha") || line.contains(" bravo")).count(),
        3
    );
    assert_eq!(world.run(Tool::Change, "", &words, "").out, theirs.out);
}

#[test]
fn deploying_reverting_and_reworking_leave_the_same_database() {
    let pair = Pair::new(PLAN);
    for name in ["alpha", "bravo", "charlie"] {
        pair.plan(&["add", name, "-n", name]);
        pair.write_table_scripts(name);
    }
    pair.play("deploy --to bravo --verify");
    pair.assert_same_databases();
    pair.play("deploy --verify");
    pair.plan(&["tag", "v1", "-n", "Version one"]);
    pair.play("deploy --verify");
    pair.play("status --show-tags --show-changes");
    pair.assert_same_databases();

    pair.plan(&["rework", "bravo", "-n", "With a name"]);
    pair.write("deploy/bravo.sql", "ALTER TABLE t_bravo ADD COLUMN name TEXT;\n");
    pair.write("revert/bravo.sql", "ALTER TABLE t_bravo DROP COLUMN name;\n");
    pair.write("verify/bravo.sql", "SELECT name FROM t_bravo WHERE 0;\n");
    pair.plan(&[
        "add",
        "delta",
        "-r",
        "bravo@v1",
        "-r",
        "charlie",
        "-x",
        "other:zulu",
        "-n",
        "Needs the old one",
    ]);
    pair.write_table_scripts("delta");
    pair.plan(&["tag", "v2", "-n", "Version two"]);
    pair.assert_same_scripts();
    pair.play("deploy --verify");
    pair.assert_same_databases();
    pair.play("status --show-tags --show-changes");
    pair.play("verify");
    pair.play("check");

    pair.play("revert -y --to bravo@v1");
    pair.assert_same_databases();
    pair.play("status");
    pair.play("deploy --verify --to bravo@HEAD");
    pair.assert_same_databases();
    pair.play("revert -y --to @v1");
    pair.play("revert -y --to @HEAD^2");
    pair.assert_same_databases();
    pair.play("deploy --verify --mode tag");
    pair.assert_same_databases();
    pair.play("log --oneline");
    pair.play("revert -y");
    pair.assert_same_databases();
    pair.play("deploy --log-only --no-verify");
    pair.assert_same_databases();
}
