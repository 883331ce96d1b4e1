//! Twins: a project twice, one for Sqitch and one for `change`, told the same.

use crate::support::{Done, Tool, World, timeless};
use regex::Regex;

pub(crate) struct Pair {
    pub(crate) sqitch: World,
    pub(crate) change: World,
}

impl Pair {
    pub(crate) fn new(plan: &str) -> Pair {
        let sqitch = World::with_plan(plan);
        let change = sqitch.twin();
        Pair { sqitch, change }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        self.sqitch.write(name, text);
        self.change.write(name, text);
    }

    pub(crate) fn write_table_scripts(&self, name: &str) {
        self.sqitch.write_table_scripts(name);
        self.change.write_table_scripts(name);
    }

    pub(crate) fn run(&self, words: &[&str]) -> (Done, Done) {
        (self.sqitch.run(Tool::Sqitch, "", words, ""), self.change.run(Tool::Change, "", words, ""))
    }

    /// Says the same to both: exit status and output are equal.
    #[track_caller]
    pub(crate) fn play(&self, words: &str) {
        let words: Vec<&str> = words.split_whitespace().collect();
        let (want, got) = self.run(&words);
        let show = |done: &Done| (done.status, timeless(&done.out));
        assert_eq!(show(&got), show(&want), "{words:?}\nsqitch: {}\nchange: {}", want.err, got.err);
    }

    /// Changes both plans in the same way. But for the time of day they stay equal to the byte;
    /// then the times are made equal, so that the ids are.
    #[track_caller]
    pub(crate) fn plan(&self, words: &[&str]) {
        let (want, got) = self.run(words);
        let show = |done: &Done| (done.status, done.out.clone());
        assert_eq!(show(&got), show(&want), "{words:?}\nsqitch: {}\nchange: {}", want.err, got.err);
        let [want, got] = [&self.sqitch, &self.change].map(|world| restamped(&world.read("sqitch.plan")));
        assert_eq!(got, want, "{words:?}");
        self.write("sqitch.plan", &want);
    }

    #[track_caller]
    pub(crate) fn assert_same_scripts(&self) {
        for folder in ["deploy", "revert", "verify"] {
            assert_eq!(self.change.files(folder), self.sqitch.files(folder), "{folder}");
        }
    }

    #[track_caller]
    pub(crate) fn assert_same_databases(&self) {
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
