//! Reading and editing INI files, and what must never happen to one.

use super::*;
use proptest::prelude::*;

fn ini(text: &str) -> Ini {
    Ini::parse(text, "t.conf").unwrap()
}

fn values(text: &str) -> Vec<(String, Option<String>)> {
    ini(text).entries().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
}

fn value(line: &str) -> Option<String> {
    values(&format!("[a]\n{line}")).into_iter().next().and_then(|(_, value)| value)
}

/// What an edit leaves of a text.
fn after(text: &str, edit: impl Fn(&mut Ini)) -> String {
    let mut ini = ini(text);
    edit(&mut ini);
    ini.to_string()
}

const TEXT: &str = "# c\n[a]\n\tx = 1 # one\n\ty = 2\n\n[b \"s\"]\n\tz = 3\n# end\n[a]\n\tw = 4\n";

#[test]
fn values_read_as_sqitch_reads_them() {
    for (line, expected) in [
        ("k = v\\", "v"),
        ("k = \"x\\\ny\"", "xy"),
        ("k=\"x\ny\"", "x\ny"),
        ("x=\"a\r\nb\"\r\n", "a\nb"),
        ("x=a \\\n b", "a  b"),
        ("x=y\\\n\n\nz=1", "y"),
        ("x=y \\\n # c", "y "),
        ("x=y# c", "y# c"),
        ("x=y\\t#c", "y\t"),
        ("x=\"y\"#c", "y"),
        ("x=\"y\"z;w", "yz;w"),
        ("x=\"\"  \n", " "),
        ("x=\"y\" \"\" \"z\"", "y  z"),
        ("x=y\r", "y"),
        ("x=y\rz=1", "y\rz=1"),
        ("x=y \r\n", "y "),
        ("x == y", "= y"),
        ("x=a\\\n[b]", "a[b]"),
        ("x=y\u{a0};z", "y\u{a0};z"),
    ] {
        assert_eq!(value(line).as_deref(), Some(expected), "{line:?}");
    }
    assert_eq!(value("k ;c=v"), None);
}

#[test]
fn sections_read_as_sqitch_reads_them() {
    for (header, key) in [
        ("[A.B \"C\"]", "a.b.C.x"),
        ("[Engine.PG]", "engine.pg.x"),
        ("[.x]", ".x.x"),
        ("[a \"x]y\"]", "a.x]y.x"),
        ("[a] [b]", "b.x"),
        ("[a=b]", "a=b.x"),
        ("[a]#c [b]", "a.x"),
    ] {
        assert_eq!(values(&format!("{header}\nX = 1"))[0].0, key);
    }
}

#[test]
fn every_faulty_line_is_reported_with_its_place() {
    let error = Ini::parse("a = 1\n[core]\nx = y\\q\n[ b ]\ny = 2\n", "t.conf").unwrap_err();
    let place = error.place().unwrap();
    assert_eq!((place.line, place.column, place.text.as_deref()), (1, 1, Some("a = 1")));
    let places: Vec<_> = error.others().iter().map(|other| other.place().unwrap()).collect();
    assert_eq!((places[0].line, places[0].column), (3, 6));
    assert_eq!((places[1].line, places[1].column), (4, 2));
    assert!(error.others().iter().all(|other| !other.hints().is_empty()));
}

#[test]
fn a_faulty_line_with_a_password_is_not_shown() {
    let error = Ini::parse("[target \"t\"]\nuri = db:pg://u:se\\cret@h/d\n", "t.conf").unwrap_err();
    assert_eq!(error.place().unwrap().text, None);
}

#[test]
fn lines_are_counted_and_includes_listed() {
    let ini = ini("[include]\n\tpath = other.conf \n\n[a]\r\nx = \"1\n2\"\ny\n");
    assert_eq!(ini.include_paths(), ["other.conf"]);
    assert_eq!(ini.entries().map(|entry| entry.line).collect::<Vec<_>>(), [2, 5, 7]);
}

#[test]
fn setting_keeps_everything_else() {
    let set = |text: &str, key: &str, value: &str| after(text, |ini| ini.set(key, value).unwrap());
    assert_eq!(set(TEXT, "a.x", "9"), TEXT.replace("x = 1", "x = 9"));
    assert_eq!(set(TEXT, "A.X", "9"), TEXT.replace("x = 1", "X = 9"));
    assert_eq!(set(TEXT, "a.new", "9"), format!("{TEXT}\tnew = 9\n"));
    assert_eq!(set(TEXT, "b.s.new", "9"), TEXT.replace("z = 3\n", "z = 3\n\tnew = 9\n"));
    assert_eq!(set(TEXT, "q.S.r", "1"), format!("{TEXT}[q \"S\"]\n\tr = 1\n"));
    assert_eq!(set(TEXT, "b.S.new", "1"), format!("{TEXT}[b \"S\"]\n\tnew = 1\n"));
    assert_eq!(set("[a]\n\tx = 1\n\tx = 2 # two\n\ty = 3\n", "a.x", "9"), "[a]\n\tx = 9\n\ty = 3\n");
    assert_eq!(set("[a]\nx=1\\\n 2\ny=1\n", "a.x", "9"), "[a]\nx=9\ny=1\n");
    assert_eq!(set("[a]\nx = y  \n", "a.x", "9"), "[a]\nx = 9\n");
    assert_eq!(set("[a]\nb.c = 1\n", "a.b.c", "2"), "[a]\nb.c = 2\n");
}

#[test]
fn setting_copes_with_odd_lines() {
    let set = |text: &str, value: &str| after(text, |ini| ini.set("a.x", value).unwrap());
    assert_eq!(set("", "9"), "[a]\n\tx = 9\n");
    assert_eq!(set("[a]", "9"), "[a]\n\tx = 9\n");
    assert_eq!(set("[a]x=1", "9"), "[a]x=9");
    assert_eq!(set("[a]\n\tx\n", "9"), "[a]\n\tx = 9\n");
    assert_eq!(set("[a]\nx#c\n", "9"), "[a]\nx = 9 #c\n");
    assert_eq!(set("[a]\nx=\"y\"#c\n", "9"), "[a]\nx=9 #c\n");
    assert_eq!(set("[a]\nx =\n", "9"), "[a]\nx = 9\n");
    assert_eq!(set("[a]\r\ny=1\r\n", "9"), "[a]\r\ny=1\r\n\tx = 9\r\n");
    assert_eq!(set("[a]\ry=1\r", "9"), "[a]\ry=1\r\tx = 9\r");
    assert_eq!(set("[a] [b]y=1\n", "9"), "[a] [b]y=1\n[a]\n\tx = 9\n");
    assert_eq!(set("[a]\n# x = 1\n\n[b]\n", "9"), "[a]\n\tx = 9\n# x = 1\n\n[b]\n");
    assert_eq!(set("[b]\ny=1\\", "9"), "[b]\ny=1\\\n\n[a]\n\tx = 9\n");
    assert_eq!(set("[a]\ny=1\\", "9"), "[a]\ny=1\\\n\n\tx = 9\n");
    assert_eq!(set("[b]\ny=1\\\n", "9"), "[b]\ny=1\\\n\n[a]\n\tx = 9\n");
}

#[test]
fn adding_and_unsetting() {
    let add = |text: &str| after(text, |ini| ini.add("a.x", "7").unwrap());
    assert_eq!(add("[a]\n\tx = 1\n\ty = 2\n[b]\n"), "[a]\n\tx = 1\n\ty = 2\n\tx = 7\n[b]\n");
    let unset =
        |text: &str, key: &str, count: usize| after(text, |ini| assert_eq!(ini.unset(key).unwrap(), count));
    assert_eq!(unset(TEXT, "a.x", 1), TEXT.replace("\tx = 1 # one\n", ""));
    assert_eq!(unset(TEXT, "a.none", 0), TEXT);
    assert_eq!(unset("[a]\n\tx = 1\n\tx = 2\n", "a.x", 2), "[a]\n");
    assert_eq!(unset("[a] x=1\ny=2", "a.x", 1), "[a]\ny=2");
    assert_eq!(unset("[a]\r\nx=1\r\n", "a.x", 1), "[a]\r\n");
}

#[test]
fn values_are_written_as_sqitch_writes_them() {
    for (value, written) in [
        ("", ""),
        (" lead", "\" lead\""),
        ("tail ", "\"tail \""),
        ("a;b", "\"a;b\""),
        ("a\tb", "a\\tb"),
        ("a\\b\"c", "a\\\\b\\\"c"),
        ("a\nb", "a\\nb"),
        ("Joe \"X\" #1", "\"Joe \"\\\"\"X\"\\\"\" #1\""),
        ("p  q", "p\"  \"q"),
    ] {
        assert_eq!(after("", |ini| ini.set("a.x", value).unwrap()), format!("[a]\n\tx = {written}\n"));
    }
    assert_eq!(after("", |ini| ini.set("t.x\\y.u", "q").unwrap()), "[t \"x\\\\y\"]\n\tu = q\n");
}

#[test]
fn what_cannot_be_written_is_refused() {
    for key in ["x", "a.", ".x", "a.b=c", "a.#", "a b.x", "a..x", "a.x\n", "a.s\n.x", "a. x"] {
        let mut ini = ini("[z]\n");
        assert!(ini.set(key, "1").is_err(), "{key:?}");
        assert_eq!(ini.to_string(), "[z]\n");
    }
    assert!(ini("").set("a.b", "x\ry").is_err());
}

proptest! {
    #[test]
    fn any_text_reads_or_fails_and_comes_back(text in "\\PC{0,60}") {
        if let Ok(ini) = Ini::parse(&text, "t") { prop_assert_eq!(ini.to_string(), text); }
    }

    #[test]
    fn likely_text_reads_or_fails_and_comes_back(text in "(\\[a\\]\n)?[a\\[\\]\"=#;\\\\\n\r\t é.]{0,40}") {
        if let Ok(ini) = Ini::parse(&text, "t") { prop_assert_eq!(ini.to_string(), text); }
    }

    #[test]
    fn what_is_set_reads_back(
        text in "(\\[a\\]\n)?([xy] ?= ?[a\"#;\\\\ ]{0,5}\r?\n?|\\[[ab]\\]\n?|# \n){0,6}",
        value in "[^\r]{0,12}",
    ) {
        if let Ok(mut ini) = Ini::parse(&text, "t") {
            let others = |ini: &Ini| ini.entries().filter(|e| e.key != "a.x").cloned()
                .map(|e| (e.key, e.value)).collect::<Vec<_>>();
            let before = others(&ini);
            ini.set("a.x", &value).unwrap();
            let read: Vec<_> = ini.entries().filter(|e| e.key == "a.x").map(|e| e.value.as_deref()).collect();
            prop_assert_eq!(read, vec![Some(value.as_str())]);
            prop_assert_eq!(&others(&ini), &before);
            ini.unset("a.x").unwrap();
            prop_assert_eq!(others(&ini), before);
        }
    }
}
