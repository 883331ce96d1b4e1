//! The labels of a case, and the evidence for them.

use crate::app;
use crate::case::{self, Case};
use crate::kept;
use crate::measure::mode;
use crate::place;
use crate::postgres::ADMIN;
use crate::run::{self, Deed, Tale};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Whether rows that nobody else can change until the end of a transaction, more than a thousand of
/// them, are a lock that stops writers. No table lock shows that; the rows do.
const MANY_ROWS_BLOCK: bool = true;

/// What a change can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// Others wait for a lock while work goes on.
    Blocks,
    /// The application fails or is told something else; data or a guarantee is lost.
    Breaks,
    /// Others wait for a lock, for a moment.
    Brief,
    /// None of these.
    Safe,
    /// The script does not come to its end.
    Fails,
}

impl Label {
    const ALL: [Label; 5] = [Label::Blocks, Label::Breaks, Label::Brief, Label::Safe, Label::Fails];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Label::Blocks => "blocks",
            Label::Breaks => "breaks",
            Label::Brief => "brief",
            Label::Safe => "safe",
            Label::Fails => "fails",
        }
    }

    fn of(word: &str) -> Label {
        let known = Label::ALL.into_iter().find(|label| label.word() == word);
        known.unwrap_or_else(|| panic!("no label: {word}"))
    }
}

pub(crate) type Labels = BTreeSet<Label>;

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) labels: Labels,
    pub(crate) evidence: Value,
    /// Statements of the application that were refused before the change already.
    pub(crate) refused: Vec<String>,
}

/// Runs the change of a case, and says what happened.
pub(crate) fn measure(case: &Case) -> Measured {
    let database = place::before(case);
    let mut admin = place::connect(&database, ADMIN);
    let kept = kept::look(&mut admin);
    let heard = app::listen(&database, &case.app);
    let tale = run::run(&database, &case.change);
    let (mut differences, mut lost) = (Vec::new(), Vec::new());
    if tale.error.is_none() {
        differences = app::differences(&heard, &app::listen(&database, &case.app), &case.app);
        let now = kept::look(&mut admin);
        lost = kept::lost(&kept, &now, &mut admin);
    }
    drop(admin);
    place::drop(&database);
    let labels = labels(&tale, &differences, &lost);
    let evidence = evidence(&tale, &differences, &lost);
    Measured { labels, evidence, refused: app::refused(&heard, &case.app) }
}

fn labels(tale: &Tale, differences: &[String], lost: &[String]) -> Labels {
    if tale.error.is_some() {
        return Labels::from([Label::Fails]);
    }
    let mut labels = Labels::new();
    if !tale.blocked.is_empty() || (MANY_ROWS_BLOCK && !tale.rows.is_empty()) {
        labels.insert(Label::Blocks);
    }
    if !differences.is_empty() || !lost.is_empty() {
        labels.insert(Label::Breaks);
    }
    if tale.locked.keys().any(|table| !tale.blocked.contains_key(table)) {
        labels.insert(Label::Brief);
    }
    if labels.is_empty() {
        labels.insert(Label::Safe);
    }
    labels
}

fn evidence(tale: &Tale, differences: &[String], lost: &[String]) -> Value {
    let mut all = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = match &value {
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            other => other.is_null(),
        };
        if !empty {
            all.insert(key.to_owned(), value);
        }
    };
    put("error", tale.error.clone().map_or(Value::Null, Value::String));
    put("blocked", locks(&tale.blocked));
    put("rows_locked", json!(tale.rows));
    put("application", json!(differences));
    put("lost", json!(lost));
    put("statements", tale.deeds.iter().map(deed).collect());
    Value::Object(all)
}

fn locks(locks: &BTreeMap<String, usize>) -> Value {
    let words = locks.iter().map(|(table, strength)| (table.clone(), Value::from(mode(*strength))));
    Value::Object(words.collect())
}

fn deed(deed: &Deed) -> Value {
    let mut all = Map::new();
    all.insert("sql".to_owned(), Value::from(deed.statement.clone()));
    if !deed.locks.is_empty() {
        all.insert("locks".to_owned(), locks(&deed.locks));
    }
    if deed.work.is_long() {
        let side = |of: fn(&(u64, u64)) -> u64| {
            let sums = deed.work.tuples.iter().filter(|(_, tuples)| of(tuples) > 0);
            Value::Object(sums.map(|(table, tuples)| (table.clone(), Value::from(of(tuples)))).collect())
        };
        all.insert("read".to_owned(), side(|tuples| tuples.0));
        all.insert("written".to_owned(), side(|tuples| tuples.1));
        all.insert("files_replaced".to_owned(), json!(deed.work.files));
        all.retain(|_, value| *value != json!({}) && *value != json!([]));
    }
    Value::Object(all)
}

/// The labels that were measured before, by case.
pub(crate) fn read() -> BTreeMap<String, Labels> {
    let text = std::fs::read_to_string(path()).unwrap_or_else(|error| panic!("labels.json: {error}"));
    let all: Value = serde_json::from_str(&text).unwrap();
    let cases = all["cases"].as_object().unwrap().iter();
    let labels = |case: &Value| {
        case["labels"].as_array().unwrap().iter().map(|word| Label::of(word.as_str().unwrap())).collect()
    };
    cases.map(|(name, case)| (name.clone(), labels(case))).collect()
}

/// Writes all labels with what they rest on.
pub(crate) fn write(measured: &BTreeMap<String, Measured>) {
    let cases = measured.iter().map(|(name, measured)| {
        let mut case = Map::from_iter([("labels".to_owned(), json!(words(&measured.labels)))]);
        case.extend(measured.evidence.as_object().unwrap().clone());
        (name.clone(), Value::Object(case))
    });
    let all = json!({ "server": server_version(), "cases": Value::Object(cases.collect()) });
    std::fs::write(path(), serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
}

pub(crate) fn words(labels: &Labels) -> Vec<&'static str> {
    labels.iter().map(|label| label.word()).collect()
}

/// The version with which labels are measured.
fn server_version() -> String {
    place::server().existing(ADMIN).psql("SHOW server_version")
}

fn path() -> std::path::PathBuf {
    case::folder().join("labels.json")
}
