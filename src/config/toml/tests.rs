//! Reading and editing TOML files, and what must never happen to one.

use super::*;
use proptest::prelude::*;

const TEXT: &str = "\
# top
[core] # the core
engine = \"sqlite\" # embedded

# about
[target.prod]
uri = 'db:sqlite:a.db'
protected = true
[deploy]
variables.x = 1.50
[lint]
off = [\"a\", # one
  \"b\"]
[dev]
inner = { uri = \"q\", n = 1_000 }
";

fn toml(text: &str) -> Toml {
    Toml::parse(text, "change.toml").unwrap()
}

fn after(text: &str, edit: impl Fn(&mut Toml)) -> String {
    let mut toml = toml(text);
    edit(&mut toml);
    toml.to_string()
}

#[test]
fn tables_flatten_into_keys() {
    let toml = toml(TEXT);
    let entries: Vec<_> =
        toml.entries().map(|e| (e.key.as_str(), e.value.as_deref().unwrap(), e.line)).collect();
    assert_eq!(
        entries,
        [
            ("core.engine", "sqlite", 3),
            ("target.prod.uri", "db:sqlite:a.db", 7),
            ("target.prod.protected", "true", 8),
            ("deploy.variables.x", "1.50", 10),
            ("lint.off", "a", 12),
            ("lint.off", "b", 12),
            ("dev.inner.uri", "q", 15),
            ("dev.inner.n", "1000", 15),
        ]
    );
}

#[test]
fn only_the_subsection_keeps_its_case() {
    let toml = toml("[Target.Prod]\nURI = 'x'\n[Deploy.variables]\nFoo = 2026-01-01\n");
    let entries: Vec<_> = toml.entries().map(|e| (e.key.as_str(), e.original.as_str())).collect();
    assert_eq!(
        entries,
        [("target.Prod.uri", "Target.Prod.URI"), ("deploy.variables.foo", "Deploy.variables.Foo")]
    );
    assert_eq!(toml.entries().last().unwrap().value.as_deref(), Some("2026-01-01"));
}

#[test]
fn what_has_no_key_is_an_error_with_its_place() {
    let error = Toml::parse("x = 1\n[[a]]\nb = 1\n[c]\nd = [[1]]\n", "change.toml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "change.toml:1:1: a key outside any table means nothing in a configuration"
    );
    let lines: Vec<_> = error.others().iter().map(|other| other.place().unwrap().line).collect();
    assert_eq!(lines, [2, 5]);
}

#[test]
fn a_syntax_error_has_its_place() {
    let error = Toml::parse("[a]\nx = \n", "change.toml").unwrap_err();
    let place = error.place().unwrap();
    assert_eq!((place.line, place.column, place.text.as_deref()), (2, 5, Some("x = ")));
    assert!(!error.hints().is_empty());
}

#[test]
fn a_faulty_line_with_a_password_is_not_shown() {
    let error = Toml::parse("[target.t]\nuri = db:pg://u:secret@h/d\n", "change.toml").unwrap_err();
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn setting_keeps_everything_else() {
    let set = |key: &str, value: &str| after(TEXT, |toml| toml.set(key, value).unwrap());
    assert_eq!(set("core.engine", "pg"), TEXT.replace("\"sqlite\"", "\"pg\""));
    assert_eq!(set("target.prod.protected", "false"), TEXT.replace("= true", "= false"));
    assert_eq!(set("lint.off", "c"), TEXT.replace("[\"a\", # one\n  \"b\"]", "\"c\""));
    assert_eq!(set("dev.inner.n", "2"), TEXT.replace("1_000", "2"));
    assert_eq!(set("core.target", "prod"), TEXT.replace("# embedded\n", "# embedded\ntarget = \"prod\"\n"));
    assert_eq!(set("deploy.variables.Y", "z"), TEXT.replace("1.50\n", "1.50\nvariables.Y = \"z\"\n"));
    assert_eq!(set("dev.inner.z", "1"), TEXT.replace("1_000 }", "1_000, z = 1 }"));
    assert_eq!(set("target.eu.de.uri", "x"), format!("{TEXT}\n[target.\"eu.de\"]\nuri = \"x\"\n"));
    assert_eq!(
        set("target.prod.variables.a b", "x"),
        format!("{TEXT}\n[target.prod.variables]\n\"a b\" = \"x\"\n")
    );
}

#[test]
fn setting_in_small_texts() {
    let set = |text: &str| after(text, |toml| toml.set("a.x", "9").unwrap());
    assert_eq!(set(""), "[a]\nx = 9\n");
    assert_eq!(set("[a]"), "[a]\nx = 9\n");
    assert_eq!(set("[a]\n# c\n[b]\n"), "[a]\nx = 9\n# c\n[b]\n");
    assert_eq!(set("[a]\r\ny = 1\r\n"), "[a]\r\ny = 1\r\nx = 9\r\n");
    assert_eq!(set("[b]\ny = 1"), "[b]\ny = 1\n\n[a]\nx = 9\n");
    assert_eq!(set("a.y = 1\n"), "a.y = 1\na.x = 9\n");
    assert_eq!(set("[A]\nX = 1\n"), "[A]\nx = 9\n");
}

#[test]
fn adding_makes_arrays() {
    let add = |key: &str| after(TEXT, |toml| toml.add(key, "z").unwrap());
    assert_eq!(add("lint.off"), TEXT.replace("\"b\"]", "\"b\", \"z\"]"));
    assert_eq!(add("core.engine"), TEXT.replace("\"sqlite\"", "[\"sqlite\", \"z\"]"));
    assert_eq!(after("[a]\nx = []\n", |toml| toml.add("a.x", "z").unwrap()), "[a]\nx = [\"z\"]\n");
}

#[test]
fn unsetting_keeps_the_comments_above() {
    let unset = |key: &str, count: usize| after(TEXT, |toml| assert_eq!(toml.unset(key).unwrap(), count));
    assert_eq!(unset("core.engine", 1), TEXT.replace("engine = \"sqlite\" # embedded\n", ""));
    assert_eq!(unset("lint.off", 2), TEXT.replace("off = [\"a\", # one\n  \"b\"]\n", ""));
    assert_eq!(unset("dev.inner.uri", 1), TEXT.replace(" uri = \"q\",", ""));
    assert_eq!(unset("dev.inner.n", 1), TEXT.replace(", n = 1_000", ""));
    assert_eq!(unset("dev.none", 0), TEXT);
}

#[test]
fn what_cannot_be_written_is_refused_and_changes_nothing() {
    let mut toml = toml("[target]\nprod = 1\n");
    for key in ["x", "a.", ".x", "a..x", "target.prod.uri"] {
        assert!(toml.set(key, "1").is_err(), "{key}");
    }
    assert_eq!(toml.to_string(), "[target]\nprod = 1\n");
}

proptest! {
    #[test]
    fn any_text_reads_or_fails_and_comes_back(text in "\\PC{0,60}") {
        if let Ok(toml) = Toml::parse(&text, "t") { prop_assert_eq!(toml.to_string(), text); }
    }

    #[test]
    fn edits_do_not_panic_and_read_back(
        text in concat!(
            "(\\[a\\]\n|x = 1\n|y = \\[1\\]\r\n|# é\n|\\[a.b\\]\n",
            "|b.x = '1'\n|z = \\{ x = 1, y.x = 2 \\}\n|\\[\\[a\\]\\]\n){0,6}",
        ),
        key in "a\\.(b\\.|z\\.|z\\.y\\.)?[xX]",
        value in "\\PC{0,8}|\"{0,4}\n?'{0,4}|-?[0-9]{0,3}",
    ) {
        if let Ok(mut toml) = Toml::parse(&text, "t") {
            prop_assert_eq!(toml.to_string(), text);
            let folded = super::super::fold_key(&key);
            let read = |toml: &Toml| toml.entries().filter(|e| e.key == folded)
                .filter_map(|e| e.value.clone()).collect::<Vec<_>>();
            if toml.set(&key, &value).is_ok() {
                prop_assert_eq!(read(&toml), vec![value.clone()]);
                toml.add(&key, "more").unwrap();
                prop_assert_eq!(read(&toml), vec![value, "more".to_owned()]);
            }
            if toml.unset(&key).is_ok() {
                prop_assert!(read(&toml).is_empty());
            }
        }
    }
}
