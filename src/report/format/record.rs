//! One line of the log or of the plan, as values.
//!
//! Knows: what can be told about a change and what happened to it, and its form in JSON. Must never
//! know: how people want to see it, or where it comes from.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// What happened to a change, or is meant to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was, or is to be, deployed.
    Deploy,
    /// It was, or is to be, reverted.
    Revert,
    /// Its deployment failed.
    Fail,
    /// It was merged with another; the registry has a place for it, no tool writes it.
    Merge,
}

impl Event {
    /// Every event.
    pub const ALL: [Event; 4] = [Event::Deploy, Event::Revert, Event::Fail, Event::Merge];

    /// The event of that name, as the registry and the command line write it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Event> {
        Event::ALL.into_iter().find(|event| event.name().eq_ignore_ascii_case(name))
    }

    /// Its name in the registry.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Event::Deploy => "deploy",
            Event::Revert => "revert",
            Event::Fail => "fail",
            Event::Merge => "merge",
        }
    }

    /// Its name at the start of a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Event::Deploy => "Deploy",
            Event::Revert => "Revert",
            Event::Fail => "Fail",
            Event::Merge => "Merge",
        }
    }
}

/// Somebody who plans or deploys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Person {
    /// The name in full.
    pub name: String,
    /// The address, without angle brackets.
    pub email: String,
}

/// One line of the log or of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// What happened, or is meant to happen.
    pub event: Event,
    /// The change's identifier, 40 hexadecimal digits.
    pub change_id: String,
    /// The change's name.
    #[serde(rename = "name")]
    pub change: String,
    /// The project it belongs to.
    pub project: String,
    /// The note, of any number of lines.
    pub note: String,
    /// The dependencies it requires, as written in the plan.
    pub requires: Vec<String>,
    /// The dependencies it conflicts with, without exclamation mark.
    pub conflicts: Vec<String>,
    /// Its tags, each with its `@`.
    pub tags: Vec<String>,
    /// Who planned it.
    pub planner: Person,
    /// When it was planned.
    #[serde(serialize_with = "rfc3339")]
    pub planned_at: Timestamp,
    /// Who made it happen; a plan does not know.
    pub committer: Option<Person>,
    /// When it happened; a plan does not know.
    #[serde(serialize_with = "optional_rfc3339")]
    pub committed_at: Option<Timestamp>,
    /// The path of its deploy script; only a plan knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy_file: Option<String>,
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn optional_rfc3339<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::super::tests::bravo;
    use super::*;

    #[test]
    fn json_has_stable_names() {
        let json = serde_json::to_string(&bravo()).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"event":"deploy","change_id":"4d6fe43cbb0bc4de99473144a48cdea44abdc112","name":"bravo","#,
                r#""project":"acme","note":"Bravo, with comma","requires":["alpha","base:base1"],"#,
                r#""conflicts":["base:nope","gone:x"],"tags":["@v1","@v1.1"],"#,
                r#""planner":{"name":"Pia Planner","email":"pia@example.org"},"planned_at":"2024-01-01T00:00:04Z","#,
                r#""committer":{"name":"Vera Tester","email":"vera@example.org"},"committed_at":"2026-11-20T23:01:48Z"}"#,
            )
        );
        let planned = Record { committer: None, committed_at: None, ..bravo() };
        let json = serde_json::to_string(&planned).unwrap();
        assert!(json.ends_with(r#","committer":null,"committed_at":null}"#), "{json}");
    }

    #[test]
    fn events_are_found_by_their_name() {
        assert_eq!(Event::ALL.map(|event| Event::parse(event.name())), Event::ALL.map(Some));
        assert_eq!(Event::ALL.map(|event| Event::parse(event.title())), Event::ALL.map(Some));
        assert_eq!(Event::parse("bogus"), None);
    }
}
