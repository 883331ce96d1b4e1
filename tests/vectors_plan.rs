//! The plan floor against what Sqitch 1.3.1 made of the same texts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

use change::plan::{self, Dependency, Entry, Lookup, Malformed, Naming, Plan, Sequence, Subject};
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn parse(text: &str) -> Plan {
    plan::parse("sqitch.plan", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn ids_of_changes_and_tags_are_sqitchs() {
    let mut compared = 0;
    for case in vectors("ids.json")["plans"].as_array().unwrap() {
        let plan = parse(case["plan"].as_str().unwrap());
        for expected in case["changes"].as_array().unwrap() {
            let at = expected["index"].as_u64().map_or(compared_index(&plan, expected), |at| at as usize);
            let change = &plan.changes[at];
            assert_eq!(change.id.to_string(), expected["id"].as_str().unwrap(), "{}", change.name);
            if let Some(info) = expected["info"].as_str() {
                assert_eq!(plan::change_info(&plan, at).unwrap(), info);
            }
            compared += 1;
        }
        for expected in case["tags"].as_array().into_iter().flatten() {
            let name = expected["name"].as_str().unwrap().trim_start_matches('@');
            let tag = plan.tag(name).unwrap();
            assert_eq!(tag.id.to_string(), expected["id"].as_str().unwrap(), "@{name}");
            if let Some(info) = expected["info"].as_str() {
                assert_eq!(plan::tag_info(&plan, tag).unwrap(), info);
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 24, "all ids of the vectors");
}

fn compared_index(plan: &Plan, expected: &Value) -> usize {
    let id = plan::Id::parse(expected["id"].as_str().unwrap()).unwrap();
    plan.position(&id).unwrap_or_else(|| panic!("no change has the id of {expected}"))
}

#[test]
fn names_are_judged_as_sqitch_judges_them() {
    for case in vectors("names.json")["names"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        for (key, naming) in [("change_1_3_1", Naming::Change), ("tag_1_3_1", Naming::Tag)] {
            let verdict = match plan::check_name(name, naming) {
                Ok(()) => "ok",
                Err(error) if error.message().contains("reserved") => "reserved",
                Err(error) if error.message().contains("SHA1") => "sha1",
                Err(_) => "invalid",
            };
            assert_eq!(verdict, case[key].as_str().unwrap(), "{name:?} as {naming:?}");
        }
    }
}

#[test]
fn dependencies_split_as_in_sqitch() {
    for case in vectors("dependency-parse.json")["cases"].as_array().unwrap() {
        let input = case["input"].as_str().unwrap();
        let expected = &case["parsed"];
        match Dependency::parse(input) {
            Err(Malformed::Grammar) => assert!(expected.is_null(), "{input:?} should be read"),
            // Sqitch reads these and then falls over them; here they are refused at once.
            Err(Malformed::Nothing) => {
                assert!(!expected.is_null(), "{input:?}");
                assert!(["id", "change", "tag"].iter().all(|key| expected[key].is_null()), "{input:?}");
            }
            Ok((dependency, conflict)) => {
                let (id, change, tag) = match dependency.subject {
                    Subject::Id(id) => (Some(id.to_string()), None, None),
                    Subject::Change(change) => (None, Some(change), None),
                    Subject::ChangeAtTag(change, tag) => (None, Some(change), Some(tag)),
                    Subject::Tag(tag) => (None, None, Some(tag)),
                };
                assert_eq!(conflict, expected["conflicts"] == 1, "{input:?}");
                for (value, key) in
                    [(id, "id"), (change, "change"), (tag, "tag"), (dependency.project, "project")]
                {
                    assert_eq!(value.as_deref(), expected[key].as_str(), "{key} of {input:?}");
                }
            }
        }
    }
}

/// One line per change, as the vectors were printed by `sqitch plan --format`.
fn listing(plan: &Plan) -> String {
    let list = |items: &[Dependency]| {
        let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
        if texts.is_empty() { String::new() } else { format!(" {}", texts.join(",")) }
    };
    let mut out = String::new();
    for change in &plan.changes {
        let tags: Vec<String> = plan.tags_of(change).iter().map(|tag| format!("@{}", tag.name)).collect();
        let tags = if tags.is_empty() { String::new() } else { format!(" {}", tags.join(",")) };
        let event = if change.operator == plan::Operator::Revert { "revert" } else { "deploy" };
        out.push_str(&format!(
            "{event}|{}|{}|{tags}|{}|{}|{}|{}|{}|{}\n",
            change.id,
            change.name,
            list(&change.requires),
            list(&change.conflicts),
            change.planner.name,
            change.planner.email,
            change.planned_at,
            change.note
        ));
    }
    out
}

#[test]
fn plans_are_accepted_and_refused_as_in_sqitch() {
    // Sqitch reads this and then runs until memory ends; here the id is resolved.
    let deliberate: [&str; 0] = [];
    for case in vectors("plan-parse.json")["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if deliberate.contains(&name) {
            continue;
        }
        let text = case["plan"].as_str().unwrap();
        let bytes = match case["plan_encoding"].as_str() {
            Some(_) => text.chars().map(|c| c as u8).collect(),
            None => text.as_bytes().to_vec(),
        };
        let rc = case["rc"].as_i64().unwrap();
        match plan::parse("sqitch.plan", &bytes) {
            Ok(plan) if rc == 1 => assert!(plan.changes.is_empty(), "{name}"),
            Ok(plan) => {
                assert_eq!(rc, 0, "{name}: accepted, but Sqitch says {}", case["stderr"]);
                assert_eq!(listing(&plan), case["stdout"].as_str().unwrap(), "{name}");
            }
            Err(error) => {
                assert_eq!(rc, 2, "{name}: refused: {error}");
                let missing_header = error.code() == "plan.project";
                assert!(error.place().is_some() || missing_header, "{name}: no place in {error}");
                assert!(!error.hints().is_empty(), "{name}: no hint in {error}");
                let line = error.place().map(|place| format!("at line {}:", place.line));
                let theirs = case["stderr"].as_str().unwrap();
                if let Some(line) = line.filter(|_| theirs.starts_with("Syntax error")) {
                    assert!(theirs.contains(&line), "{name}: {error} against {theirs}");
                }
            }
        }
    }
}

#[test]
fn edits_keep_every_byte_and_the_ids() {
    for case in vectors("plan-roundtrip.json")["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let before = case["before"].as_str().unwrap();
        let plan = parse(before);
        let planner = plan::Person { name: "A B".into(), email: "a@b.c".into() };
        let tag = plan::Addition {
            name: "zz",
            requires: &[],
            conflicts: &[],
            note: "",
            planner: &planner,
            planned_at: plan::Stamp::parse("2024-01-01T00:00:00Z").unwrap(),
        };
        let edited = plan::add_tag(&plan, before, plan.changes.last().unwrap(), &tag).unwrap().text;
        let without: String = edited.split_inclusive('\n').filter(|line| !line.starts_with("@zz ")).collect();
        assert_eq!(without.trim_end_matches(['\r', '\n']), before.trim_end_matches(['\r', '\n']), "{name}");
        let theirs = parse(case["after_without_added_tag_line"].as_str().unwrap());
        // An escape that Sqitch does not know is doubled by its rewrite and so changes the id there.
        if name != "note forms" {
            let ids = |plan: &Plan| plan.changes.iter().map(|change| change.id).collect::<Vec<_>>();
            assert_eq!(ids(&parse(&edited)), ids(&theirs), "{name}");
        }
    }
}

#[test]
fn project_uris_are_stored_and_hashed_as_in_sqitch() {
    for case in vectors("project-uris.json")["cases"].as_array().unwrap() {
        let input = case["input"].as_str().unwrap();
        assert_eq!(plan::uri::stored(input), case["stored_text"].as_str().unwrap(), "{input}");
        assert_eq!(plan::uri::canonical(input), case["canonical_in_id"].as_str().unwrap(), "{input}");
    }
}

fn describe(plan: &Plan, at: usize) -> String {
    let change = &plan.changes[at];
    let instances = plan.instances(&change.name);
    match instances.len() {
        1 => change.name.clone(),
        _ => format!("{}({})", change.name, instances.iter().position(|i| *i as usize == at).unwrap() + 1),
    }
}

fn error_text(key: &str, lookup: &Lookup) -> String {
    match lookup {
        Lookup::Found(at) => panic!("{key} found at {at}"),
        Lookup::Unknown => "Unknown change".to_owned(),
        Lookup::UnknownTag(tag) => format!("Unknown tag \"@{tag}\""),
        Lookup::Ambiguous(list) => {
            list.iter().map(|item| format!("  * {item}")).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn references_mean_what_they_mean_in_sqitch() {
    let vectors = vectors("symbolic-references.json");
    let plan = parse(vectors["plan"].as_str().unwrap());
    let entries = plan.changes.iter().map(|change| Entry {
        id: change.id,
        name: &change.name,
        tags: plan.tags_of(change).iter().map(|tag| tag.name.as_str()).collect(),
    });
    let deployed = Sequence::deployed(entries);
    let planned = plan.sequence();
    for case in vectors["cases"].as_array().unwrap() {
        let key = case["key"].as_str().unwrap();
        let id = plan.changes[2].id.to_string();
        let reference = key
            .replace("FULLID_C", &id)
            .replace("PREFIX_C", &id[..10])
            .replace("TAGID_t1", &plan.tag("t1").unwrap().id.to_string());
        match (case["plan_lookup"].as_str(), planned.find(&reference)) {
            (Some(expected), Lookup::Found(at)) => assert_eq!(describe(&plan, at), expected, "{key}"),
            (None, lookup) => {
                let ours = error_text(key, &lookup);
                assert!(case["plan_err"].as_str().unwrap().contains(&ours), "{key}: {ours}");
            }
            (expected, lookup) => panic!("{key}: {expected:?} against {lookup:?}"),
        }
        let out = case["revert_to_out"].as_str().unwrap();
        match deployed.find(&reference) {
            Lookup::Found(at) if at + 1 == plan.changes.len() => {
                assert!(out.contains("No changes deployed since"), "{key}")
            }
            Lookup::Found(at) => {
                let label = plan.label(&plan.changes[at]);
                assert!(
                    out.contains(&format!("Revert changes to {label} from")),
                    "{key}: {label} against {out}"
                );
            }
            lookup => {
                assert_eq!(case["revert_to_rc"], 2, "{key}: {lookup:?}");
                if matches!(lookup, Lookup::Ambiguous(_)) {
                    assert!(
                        case["revert_to_err"].as_str().unwrap().contains(&error_text(key, &lookup)),
                        "{key}"
                    );
                }
            }
        }
    }
}
