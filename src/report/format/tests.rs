//! Formats against what the real tool prints.

use super::*;
use proptest::prelude::*;

/// A record with a value in every place.
pub(crate) fn bravo() -> Record {
    Record {
        event: Event::Deploy,
        change_id: "4d6fe43cbb0bc4de99473144a48cdea44abdc112".to_owned(),
        change: "bravo".to_owned(),
        project: "acme".to_owned(),
        note: "Bravo, with comma".to_owned(),
        requires: vec!["alpha".to_owned(), "base:base1".to_owned()],
        conflicts: vec!["base:nope".to_owned(), "gone:x".to_owned()],
        tags: vec!["@v1".to_owned(), "@v1.1".to_owned()],
        planner: Person { name: "Pia Planner".to_owned(), email: "pia@example.org".to_owned() },
        planned_at: "2024-01-01T00:00:04Z".parse().unwrap(),
        committer: Some(Person { name: "Vera Tester".to_owned(), email: "vera@example.org".to_owned() }),
        committed_at: Some("2026-11-20T23:01:48Z".parse().unwrap()),
        deploy_file: None,
    }
}

/// A record with nothing but what must be there.
fn delta() -> Record {
    Record {
        event: Event::Fail,
        change_id: "9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201".to_owned(),
        change: "delta".to_owned(),
        note: "Fails first".to_owned(),
        requires: vec![],
        conflicts: vec![],
        tags: vec![],
        planned_at: "2024-01-01T00:00:08Z".parse().unwrap(),
        ..bravo()
    }
}

/// Three lines, one of them empty.
fn alpha() -> Record {
    Record { note: "First\nsecond line\n\nthird".to_owned(), ..delta() }
}

fn formatter(subject: Subject, format: &str) -> Result<Formatter> {
    Formatter::new(subject, format, DateFormat::Iso, TimeZone::UTC, 0, false)
}

fn logged(format: &str, record: &Record) -> String {
    formatter(Subject::Log, format).unwrap().render(record)
}

fn planned(format: &str, record: &Record) -> String {
    let record = Record { committer: None, committed_at: None, ..record.clone() };
    formatter(Subject::Plan, format).unwrap().render(&record)
}

fn refusal(subject: Subject, string: &str) -> Error {
    formatter(subject, &format!("format:{string}")).unwrap_err()
}

#[test]
fn the_named_formats_of_a_log() {
    let vera = "Vera Tester <vera@example.org>";
    let pia = "Pia Planner <pia@example.org>";
    let id = "9db3f31bb0e0e2f6941cf77ba6763a7a92ae0201";
    let at = "2026-11-20 23:01:48 +0000";
    let note = "\n    Fails first\n";
    for (name, expected) in [
        ("medium", format!("Fail {id}\nName:      delta\nCommitter: {vera}\nDate:      {at}\n{note}")),
        ("short", format!("Fail {id}\nName:      delta\nCommitter: {vera}\n{note}")),
        (
            "long",
            format!(
                "Fail {id}\nName:      delta\nProject:   acme\nPlanner:   {pia}\nCommitter: {vera}\n{note}"
            ),
        ),
        (
            "full",
            format!(
                "Fail {id}\nName:      delta\nProject:   acme\nPlanner:   {pia}\n\
                 Planned:   2024-01-01 00:00:08 +0000\nCommitter: {vera}\nCommitted: {at}\n{note}"
            ),
        ),
        (
            "raw",
            format!(
                "fail {id}\nname      delta\nproject   acme\nplanner   {pia}\n\
                 planned   2024-01-01T00:00:08Z\ncommitter {vera}\ncommitted 2026-11-20T23:01:48Z\n{note}"
            ),
        ),
        ("oneline", format!("{id} fail acme:delta Fails first")),
    ] {
        assert_eq!(logged(name, &delta()), expected, "{name}");
    }
}

#[test]
fn the_named_formats_of_a_plan() {
    let pia = "Pia Planner <pia@example.org>";
    let id = "4d6fe43cbb0bc4de99473144a48cdea44abdc112";
    let at = "2024-01-01 00:00:04 +0000";
    let note = "\n    Bravo, with comma\n";
    for (name, expected) in [
        ("medium", format!("Deploy {id}\nName:      bravo\nPlanner:   {pia}\nDate:      {at}\n{note}")),
        ("short", format!("Deploy {id}\nName:      bravo\nPlanner:   {pia}\n{note}")),
        (
            "long",
            format!("Deploy {id} (@v1, @v1.1)\nName:      bravo\nProject:   acme\nPlanner:   {pia}\n{note}"),
        ),
        (
            "full",
            format!(
                "Deploy {id} (@v1, @v1.1)\nName:      bravo\nProject:   acme\n\
                 Requires:  alpha, base:base1\nConflicts: base:nope, gone:x\nPlanner:   {pia}\n\
                 Planned:   {at}\n{note}"
            ),
        ),
        (
            "raw",
            format!(
                "deploy {id} (@v1, @v1.1)\nname      bravo\nproject   acme\nrequires  alpha, base:base1\n\
                 conflicts base:nope, gone:x\nplanner   {pia}\nplanned   2024-01-01T00:00:04Z\n{note}"
            ),
        ),
        ("oneline", format!("{id} deploy bravo @v1, @v1.1")),
    ] {
        assert_eq!(planned(name, &bravo()), expected, "{name}");
    }
}

#[test]
fn identifiers_are_abbreviated() {
    let new = |format, abbrev| {
        Formatter::new(Subject::Plan, format, DateFormat::Iso, TimeZone::UTC, abbrev, false).unwrap()
    };
    assert_eq!(new("oneline", ONELINE_ABBREV).render(&bravo()), "4d6fe4 deploy bravo @v1, @v1.1");
    assert_eq!(
        new("format:%H %h %{8}h %{0}h", 3).render(&delta()),
        format!("{} 9db 9db3f31b 9db", delta().change_id)
    );
    assert_eq!(
        new("format:%{-36}h|%{-99}h|%{99}h", 3).render(&delta()),
        format!("9db3||{}", delta().change_id)
    );
}

#[test]
fn colours_show_only_where_they_are_wanted() {
    let new = |format, colour| {
        Formatter::new(Subject::Plan, format, DateFormat::Iso, TimeZone::UTC, 6, colour).unwrap()
    };
    assert_eq!(
        new("oneline", true).render(&bravo()),
        "\x1b[32m4d6fe4 deploy\x1b[0m bravo\x1b[36m @v1, @v1.1\x1b[0m"
    );
    let reverted = Record { event: Event::Revert, ..delta() };
    let string = "format:%{:event}C%L%{reset}C%{bold red on_white}C!";
    assert_eq!(new(string, true).render(&reverted), "\x1b[34mRevert\x1b[0m\x1b[1;31;47m!");
    assert_eq!(new(string, true).render(&delta()), "\x1b[31mFail\x1b[0m\x1b[1;31;47m!");
    assert_eq!(new(string, false).render(&delta()), "Fail!");
}

#[test]
fn every_code_has_its_text() {
    for (string, expected) in [
        ("%e|%L|%l|%n|%o", "deploy|Deploy|deploy|bravo|acme"),
        ("%p|%{name}p|%{n}p", "Pia Planner <pia@example.org>|Pia Planner|Pia Planner"),
        ("%{email}c|%{e}c|%c", "vera@example.org|vera@example.org|Vera Tester <vera@example.org>"),
        (
            "%{date}c|%{d}c|%{d:}p",
            "2026-11-20 23:01:48 +0000|2026-11-20 23:01:48 +0000|2024-01-01 00:00:04 +0000",
        ),
        ("%{date:raw}c|%{d:rfc}p", "2026-11-20T23:01:48Z|Mon, 01 Jan 2024 00:00:04 -0000"),
        ("%{d:strftime:%Y/%m}p|%{date:cldr:yyyy}c", "2024/01|2026"),
        ("%{foo}p|%{dat}c|%{iso}p", "||"),
        (
            "%t|%{|}t|%T|%{ / }T|%{0}t|%{}t",
            " @v1, @v1.1| @v1|@v1.1| (@v1, @v1.1)| (@v1 / @v1.1)| @v1, @v1.1| @v1, @v1.1",
        ),
        ("%r|%{;}r|%x|%{;}x", " alpha, base:base1| alpha;base:base1| base:nope, gone:x| base:nope;gone:x"),
        (
            "%R%X%{;}X",
            "Requires:  alpha, base:base1\nConflicts: base:nope, gone:x\nConflicts: base:nope;gone:x\n",
        ),
        (
            "%s|%{> }s|%b|%{> }b|%B|%{> }B",
            "Bravo, with comma|> Bravo, with comma|||Bravo, with comma|> Bravo, with comma",
        ),
        ("%{event}_|%{committer}_|%{by}_", "Event:    |Committer:|By:       "),
        (
            "%{tags}a%{note}a%{planned_at}a",
            "tags      @v1, @v1.1\nnote      Bravo, with comma\nplanned_at 2024-01-01T00:00:04Z\n",
        ),
        (
            "%{committer_name}a%{committed_at}a",
            "committer_name Vera Tester\ncommitted_at 2026-11-20T23:01:48Z\n",
        ),
        ("a%vb%%c", "a\nb%c"),
    ] {
        assert_eq!(logged(&format!("format:{string}"), &bravo()), expected, "{string}");
    }
}

#[test]
fn what_is_empty_takes_no_room() {
    assert_eq!(logged("format:%t|%T|%r|%R|%x|%X|%{tags}a|%{requires}a", &delta()), "|||||||");
    assert_eq!(planned("format:%c|%{n}c|%{e}c|%F|%{deploy_file}a", &delta()), " <>||||");
    let filed = Record { deploy_file: Some("deploy/delta.sql".to_owned()), ..delta() };
    assert_eq!(
        planned("format:%F|%{deploy_file}a", &filed),
        "deploy/delta.sql|deploy_file deploy/delta.sql\n"
    );
    let silent = Record { note: String::new(), ..delta() };
    assert_eq!(logged("format:%s|%b|%B|%{> }b|%{> }B|%{note}a", &silent), "||||> |note      \n");
}

#[test]
fn notes_of_several_lines() {
    assert_eq!(logged("format:%s|%{> }s", &alpha()), "First|> First");
    assert_eq!(logged("format:%b", &alpha()), "second line\n\nthird");
    assert_eq!(logged("format:%{> }b", &alpha()), "> second line\n> \n> third");
    assert_eq!(logged("format:%{> }B", &alpha()), "> First\n> second line\n> \n> third");
    let carriage = |note: &str| Record { note: note.to_owned(), ..delta() };
    assert_eq!(logged("format:%s|%b", &carriage("a\r\nb\r\n\nc")), "a|b\r\n\nc");
    assert_eq!(logged("format:%s|%b", &carriage("a\rb\rc")), "a|c");
    assert_eq!(logged("format:%s|%{> }b", &carriage("\nc\n")), "|> \n> c\n");
}

#[test]
fn widths_cut_and_fill() {
    for (string, expected) in [
        ("%10n|", "     bravo|"),
        ("%-10n|", "bravo     |"),
        ("%.2n|%.0n|%.n|", "br|bravo|bravo|"),
        ("%010.3n|%-08.3n|%2n", "0000000bra|bra     |bravo"),
        ("ä%-7.99999999999999999999nö", "äbravo  ö"),
        ("%20{n}p|%-4.2{n}p|", "         Pia Planner|Pi  |"),
    ] {
        assert_eq!(logged(&format!("format:{string}"), &bravo()), expected, "{string}");
    }
}

#[test]
fn what_is_no_code_stays() {
    for (string, expected) in
        [("", ""), ("% s %", "% s %"), ("100%%", "100%"), ("%{a} }s", "a} Bravo, with comma")]
    {
        assert_eq!(logged(&format!("format:{string}"), &bravo()), expected, "{string}");
    }
}

#[test]
fn mistakes_show_before_the_first_line() {
    use Subject::{Log, Plan};
    for (subject, string, message) in [
        (Log, "%z", "Unknown format code \"%z\""),
        (Log, "x%{n", "Unknown format code \"%{\""),
        (Log, "%12", "Unknown format code \"%2\""),
        (Log, "%5%", "Unknown format code \"%%\""),
        (Log, "%é", "Unknown format code \"%é\""),
        (Log, "%a", "{attr} is not a valid change attribute"),
        (Log, "%{}a", " is not a valid change attribute"),
        (Log, "%{foo}a", "foo is not a valid change attribute"),
        (Log, "%{deploy_file}a", "deploy_file is not a valid change attribute"),
        (Plan, "%{committer_name}a", "committer_name is not a valid change attribute"),
        (Plan, "%{date}c", "A plan has no commit dates"),
        (Log, "%C", "{color} is not a valid ANSI color"),
        (Log, "%{nope}C", "nope is not a valid ANSI color"),
        (Log, "%{}C", " is not a valid ANSI color"),
        (Log, "%_", "No label passed to the _ format"),
        (Log, "%{x}_", "Unknown label \"x\" passed to the _ format"),
        (Log, "%{}_", "Unknown label \"\" passed to the _ format"),
        (Log, "%{date:bogus}p", "Unknown date format \"bogus\""),
        (Log, "%{x}h", "\"x\" is not a length for the h format"),
        (Log, "%10001n", "10001 columns are too wide, the widest field has 10000"),
    ] {
        let error = refusal(subject, string);
        assert_eq!(error.message(), message, "{string}");
        assert_eq!(error.kind(), Kind::Usage, "{string}");
    }
    let place = refusal(Log, "%n %{foo}a").place().cloned().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column, place.length), ("format", 1, 4, 7));
}

#[test]
fn an_unknown_name_is_told_with_those_there_are() {
    let error = formatter(Subject::Plan, "bogus").unwrap_err();
    assert_eq!(error.message(), "Unknown plan format \"bogus\"");
    assert_eq!(error.hints(), ["use one of raw, full, long, medium, short, oneline, or format:STRING"]);
    assert_eq!(formatter(Subject::Log, "").unwrap_err().message(), "Unknown log format \"\"");
}

proptest! {
    #[test]
    fn no_format_string_panics(string in ".*", abbrev in 0_usize..50) {
        for subject in [Subject::Log, Subject::Plan] {
            let format = format!("format:{string}");
            if let Ok(formatter) = Formatter::new(subject, &format, DateFormat::Iso, TimeZone::UTC, abbrev, true) {
                let _ = formatter.render(&bravo());
            }
        }
    }

    #[test]
    fn no_string_of_codes_panics(string in "(%-?[0-9]{0,2}(\\.[0-9]?)?(\\{[a-z:%0-9éY -]{0,6}\\})?[a-zA-Z_%])*", note in "[a-c\\n\\r\\x0bé]*") {
        let record = Record { note, ..bravo() };
        if let Ok(formatter) = formatter(Subject::Log, &format!("format:{string}")) {
            let _ = formatter.render(&record);
        }
    }

    #[test]
    fn no_date_pattern_panics(pattern in ".*", seconds in -300_000_000_000_i64..250_000_000_000) {
        let time = jiff::Timestamp::from_second(seconds).unwrap();
        for kind in ["cldr", "strftime"] {
            let format = DateFormat::parse(&format!("{kind}:{pattern}")).unwrap();
            let _ = format.render(time, &TimeZone::UTC);
        }
    }
}
