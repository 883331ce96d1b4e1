//! The same words to Sqitch in one folder and to `change` in its twin.

use crate::support::{Done, Tool, World, timeless};
use regex::Regex;

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n%uri=https://example.org/acme\n\n";
/// What a project needs so that the scripts from Sqitch's templates, which do nothing, may be deployed.
const LENIENT: &str = "[policy]\nway_back = \"off\"\n";

struct Pair {
    sqitch: World,
    change: World,
}

impl Pair {
    fn new(plan: &str) -> Pair {
        let sqitch = World::with_plan(plan);
        sqitch.write("change.toml", LENIENT);
        let change = sqitch.twin();
        Pair { sqitch, change }
    }

    fn write(&self, name: &str, text: &str) {
        self.sqitch.write(name, text);
        self.change.write(name, text);
    }

    fn write_table_scripts(&self, name: &str) {
        self.sqitch.write_table_scripts(name);
        self.change.write_table_scripts(name);
    }

    fn run(&self, words: &[&str]) -> (Done, Done) {
        (self.sqitch.run(Tool::Sqitch, "", words, ""), self.change.run(Tool::Change, "", words, ""))
    }

    /// Says the same to both: exit status and output are equal.
    #[track_caller]
    fn play(&self, words: &str) {
        let words: Vec<&str> = words.split_whitespace().collect();
        let (want, got) = self.run(&words);
        let show = |done: &Done| (done.status, timeless(&done.out));
        assert_eq!(show(&got), show(&want), "{words:?}\nsqitch: {}\nchange: {}", want.err, got.err);
    }

    /// Changes both plans in the same way. But for the time of day they stay equal to the byte;
    /// then the times are made equal, so that the ids are.
    #[track_caller]
    fn plan(&self, words: &[&str]) {
        let (want, got) = self.run(words);
        let show = |done: &Done| (done.status, done.out.clone());
        assert_eq!(show(&got), show(&want), "{words:?}\nsqitch: {}\nchange: {}", want.err, got.err);
        let [want, got] = [&self.sqitch, &self.change].map(|world| restamped(&world.read("sqitch.plan")));
        assert_eq!(got, want, "{words:?}");
        self.write("sqitch.plan", &want);
    }

    #[track_caller]
    fn assert_same_scripts(&self) {
        for folder in ["deploy", "revert", "verify"] {
            assert_eq!(self.change.files(folder), self.sqitch.files(folder), "{folder}");
        }
    }

    #[track_caller]
    fn assert_same_databases(&self) {
        assert_eq!(self.change.registry(), self.sqitch.registry());
        assert_eq!(self.change.schema(), self.sqitch.schema());
    }
}

/// The plan with the times counted up from the start of 2024, line by line.
fn restamped(plan: &str) -> String {
    let mut second = 0;
    Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
        .unwrap()
        .replace_all(plan, |_: &regex::Captures<'_>| {
            second += 1;
            format!("2024-01-01T00:{:02}:{:02}Z", second / 60, second % 60)
        })
        .into_owned()
}

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
