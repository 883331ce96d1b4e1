//! What Sqitch 1.3.1 makes of configuration files, database URIs and templates, and what we make
//! of them. The vectors in `tests/vectors/` were recorded from Sqitch itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use change::config::ini::Ini;
use change::config::uri::DatabaseUri;
use change::config::{cast_bool, cast_int};
use change::template::{self, Value};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::path::Path;

/// The recorded vectors of one file.
fn vectors(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("the vectors are there"))
        .expect("they are JSON")
}

fn list<'a>(json: &'a Json, name: &str) -> &'a [Json] {
    json[name].as_array().expect("a list of cases")
}

/// All values of each key, in the shape of the vectors.
fn as_recorded(ini: &Ini) -> serde_json::Map<String, Json> {
    let mut data = serde_json::Map::new();
    for entry in ini.entries() {
        let value = entry.value.clone().map_or(Json::Null, Json::from);
        match data.get_mut(&entry.key) {
            None if entry.key == "include.path" => {
                drop(data.insert(entry.key.clone(), Json::from(vec![value])))
            }
            None => drop(data.insert(entry.key.clone(), value)),
            Some(Json::Array(values)) => values.push(value),
            Some(standing) => *standing = Json::from(vec![standing.take(), value]),
        }
    }
    data
}

#[test]
fn configuration_files_read_as_in_sqitch() {
    let all = vectors("config-parse.json");
    for case in list(&all, "parse") {
        let name = case["name"].as_str().unwrap();
        let read = Ini::parse(case["text"].as_str().unwrap(), "t.conf");
        let Some(expected) = case["data"].as_object() else {
            let error = read.err().unwrap_or_else(|| panic!("{name}: Sqitch refuses this"));
            assert!(error.place().is_some() && !error.hints().is_empty(), "{name}: {error:?}");
            // Sqitch counts one line too many.
            let line = format!("at line {},", error.place().unwrap().line + 1);
            assert!(case["error"].as_str().unwrap().contains(&line), "{name}: {error}");
            continue;
        };
        let ini = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut data = as_recorded(&ini);
        if name == "include ok" {
            // Included files are read by the caller; the recorded one held this key.
            data.insert("core.inc".to_owned(), Json::from("yes"));
        }
        assert_eq!(Json::from(data), Json::from(expected.clone()), "{name}");
        for (key, original) in case["original_case"].as_object().into_iter().flatten() {
            let entry = ini.entries().find(|entry| entry.key == *key).unwrap();
            assert_eq!(Some(entry.original.as_str()), original.as_str(), "{name}");
        }
        assert_eq!(ini.to_string(), case["text"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn truth_values_read_as_in_sqitch() {
    let all = vectors("config-parse.json");
    for case in list(&all, "cast_bool") {
        let read = cast_bool(case["value"].as_str());
        match &case["bool"] {
            Json::String(error) => {
                assert_eq!(format!("error: {}\n", read.unwrap_err().message()), *error);
            }
            truth => assert_eq!(read.unwrap(), truth.as_i64() == Some(1), "{case}"),
        }
    }
}

#[test]
fn whole_numbers_read_as_in_sqitch() {
    let all = vectors("config-parse.json");
    for case in list(&all, "cast_int_num") {
        assert_eq!(cast_int(case["value"].as_str()).ok(), case["int"].as_i64(), "{case}");
    }
}

#[test]
fn database_uris_read_as_in_sqitch() {
    let all = vectors("database-uris.json");
    for case in list(&all, "cases") {
        let uri = DatabaseUri::parse(case["input"].as_str().unwrap())
            .unwrap_or_else(|error| panic!("{case}: {error}"));
        let text = |name: &str| case[name].as_str();
        assert_eq!(uri.engine().as_deref(), text("engine"), "{case}");
        assert_eq!(uri.canonical_engine().as_deref(), text("canonical_engine"), "{case}");
        assert_eq!(uri.user(), text("user"), "{case}");
        assert_eq!(uri.password(), text("password"), "{case}");
        assert_eq!(uri.host(), text("host"), "{case}");
        assert_eq!(uri.port().map(|port| port.to_string()).as_deref(), text("port"), "{case}");
        assert_eq!(uri.dbname(), text("dbname"), "{case}");
        assert_eq!(Some(uri.with_secrets().as_str()), text("string"), "{case}");
        assert_eq!(Some(uri.display().as_str()), text("display"), "{case}");
        let port = &case["effective_port"];
        let port = port.as_str().map(str::to_owned).or_else(|| port.as_u64().map(|port| port.to_string()));
        assert_eq!(uri.effective_port().map(|port| port.to_string()), port, "{case}");
        let flat: Vec<&str> =
            uri.query().iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]).collect();
        assert_eq!(Json::from(flat), case["query"], "{case}");
    }
}

#[test]
fn templates_render_as_in_sqitch() {
    let all = vectors("templates.json");
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let vars: IndexMap<String, Value> = all["variables"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Json::Array(items) => Value::List(items.iter().map(text).collect()),
                single => Value::Text(text(single)),
            };
            (name.clone(), value)
        })
        .collect();
    for case in list(&all, "cases") {
        let template = case["template"].as_str().unwrap();
        let expected = match case["output"].as_str().unwrap() {
            // Sqitch prints the address of the list in its memory; we print the list.
            address if address.starts_with("ARRAY(") => "users other:x",
            output => output,
        };
        assert_eq!(template::render(template, &vars), expected, "{template:?}");
    }
}

#[test]
fn new_scripts_equal_those_of_sqitch_add() {
    let all = vectors("cli-transcripts.json");
    let scripts = |name: &str| {
        let groups = list(&all, "groups").iter().filter(|group| group["group"] == "add");
        let steps = groups.flat_map(|group| list(group, "steps"));
        steps.filter_map(|step| step["files"][name].as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let items = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    for (change, requires, conflicts) in [
        ("one", vec![], vec![]),
        ("two", vec!["one"], vec!["one"]),
        ("three", vec!["other:thing", "one"], vec!["zzz"]),
        ("dir/four", vec![], vec![]),
    ] {
        let vars = IndexMap::from([
            ("project".to_owned(), Value::from("acme")),
            ("change".to_owned(), Value::from(change)),
            ("engine".to_owned(), Value::from("sqlite")),
            ("requires".to_owned(), items(&requires)),
            ("conflicts".to_owned(), items(&conflicts)),
        ]);
        let written = template::render(&template::deploy_template("sqlite"), &vars);
        assert!(scripts(&format!("deploy/{change}.sql")).contains(&written), "{change}: {written}");
    }
}
