//! Tests of the cutting; what the shell does was measured with sqlite3 3.40.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

fn read_with(text: &str, files: &[(&str, &str)]) -> Script {
    read_script("deploy/x.sql", text, &mut |path| {
        files
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| Error::new(Kind::Project, "file.missing", path))
    })
}

/// The items as `line text`, commands as `line .name`.
fn shown(script: &Script) -> Vec<String> {
    let show = |item: &Item| match &item.kind {
        ItemKind::Sql(text) => format!("{} {text}", item.line),
        ItemKind::Dot(call) => format!("{} .{} {}", item.line, call.name, call.args.join(" ")),
    };
    script.items.iter().map(show).collect()
}

fn cut(text: &str) -> Vec<String> {
    shown(&read_with(text, &[]))
}

#[test]
fn lines_are_gathered_until_the_text_is_complete() {
    assert_eq!(cut("SELECT 1;\nSELECT\n 2; SELECT 3\n;\n"), ["1 SELECT 1;", "2 SELECT\n 2; SELECT 3\n;"]);
    assert_eq!(cut("\n;;\n-- c\n/* d\n */\n  SELECT 1"), ["6   SELECT 1"]);
    let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1;\nEND;";
    assert_eq!(cut(trigger), [format!("1 {trigger}")]);
    assert!(cut("").is_empty() && cut("-- x\n/* y */").is_empty());
}

#[test]
fn a_command_stands_in_the_first_column_with_nothing_pending() {
    assert_eq!(cut("-- c\n.print x\n/* c */\n.pri y\n"), ["2 .print x", "4 .print y"]);
    assert_eq!(cut("SELECT 1\n.print x\n;"), ["1 SELECT 1\n.print x\n;"]);
    assert_eq!(cut("  .print x\n;"), ["1   .print x\n;"]);
    assert!(cut("/*\n.print x\n*/").is_empty());
}

#[test]
fn hashes_go_and_slash() {
    assert_eq!(cut("# c; d\nSELECT 1;\n#e"), ["2 SELECT 1;"]);
    assert_eq!(cut("SELECT 1\n# c\n;"), ["1 SELECT 1\n# c\n;"]);
    assert_eq!(
        cut("SELECT 1\ngo\nSELECT 2\n / \nSELECT 3\nGo -- x\n/\ngo"),
        ["1 SELECT 1\n;", "3 SELECT 2\n;", "5 SELECT 3\n;"]
    );
    assert_eq!(cut("SELECT 'a\ngo\nb';"), ["1 SELECT 'a\ngo\nb';"]);
    // The semicolon would be put right behind the comment.
    assert_eq!(cut("SELECT 1 -- c\ngo\n"), ["1 SELECT 1 -- c\ngo"]);
}

#[test]
fn carriage_returns_and_byte_order_marks_go_away() {
    assert_eq!(cut("\u{feff}SELECT 'a\r\nb';\r\n.print x\r\n"), ["1 SELECT 'a\nb';", "3 .print x"]);
}

#[test]
fn files_are_read_in_place_from_where_cd_led() {
    let files =
        [("a.sql", ".cd sub\n.read b.sql\nSELECT 'a';"), ("sub/b.sql", "SELECT 'b';\n.quit\nSELECT 0;")];
    let script = read_with(".read a.sql\nSELECT 'x';", &files);
    assert_eq!(script.files, ["deploy/x.sql", "a.sql", "sub/b.sql"]);
    assert_eq!(shown(&script), ["1 .cd sub", "1 SELECT 'b';", "3 SELECT 'a';", "2 SELECT 'x';"]);
    assert_eq!(script.items.iter().map(|item| item.file).collect::<Vec<_>>(), [1, 2, 1, 0]);
    assert!(!script.late_reads && script.problems.is_empty());
}

#[test]
fn a_file_that_is_not_there_yet_is_read_later() {
    let script = read_with(".read made.sql\n.read '|ls'", &[]);
    assert_eq!(shown(&script), ["1 .read made.sql", "2 .read |ls"]);
    assert!(script.late_reads && script.problems.is_empty());
}

#[test]
fn quit_ends_the_file_and_exit_with_a_status_ends_all() {
    assert_eq!(cut("SELECT 1;\n.exit 0\nSELECT 2;"), ["1 SELECT 1;"]);
    let script = read_with(".read a\nSELECT 2;", &[("a", "SELECT 1;\n.exit 7\nSELECT 9;")]);
    assert_eq!(shown(&script), ["1 SELECT 1;", "2 .exit 7"]);
    assert!(read_with(".quit\n/* open", &[]).problems.is_empty());
}

#[test]
fn scripts_that_read_themselves_are_refused() {
    let script = read_with(".read a\n", &[("a", "SELECT 1;\n.read a\n.read a\n")]);
    assert_eq!(script.problems.len(), 1);
    assert_eq!(script.problems[0].code(), "script.nesting");
    assert_eq!(script.problems[0].place().unwrap().line, 2);
}

#[test]
fn what_the_shell_would_skip_silently_is_a_problem() {
    let script = read_with("SELECT 1; /* abc;\nSELECT 2;\n", &[]);
    let place = script.problems[0].place().unwrap();
    assert_eq!((place.line, place.column, place.file.as_str()), (1, 11, "deploy/x.sql"));
    let script = read_with("SELECT 2\0x;\n", &[]);
    assert_eq!(script.problems[0].code(), "script.zero_byte");
}

#[test]
fn all_bad_commands_are_reported_together() {
    let script = read_with("SELECT 1;\n.nosuch\n\n.load x\n.read\n", &[]);
    let lines: Vec<usize> = script.problems.iter().map(|p| p.place().unwrap().line).collect();
    assert_eq!(lines, [2, 4, 5]);
    assert_eq!(script.problems[0].place().unwrap().text.as_deref(), Some(".nosuch"));
}

proptest! {
    #[test]
    fn any_text_is_cut_without_panic(text in "(?s).{0,200}") {
        read_with(&text, &[]);
        prop_assert!(first_statement(&text) <= text.len());
        prop_assert!(leading_blank(&text) <= text.len());
    }

    /// All words are outside of comments here, so each must turn up in an item.
    #[test]
    fn nothing_of_substance_is_lost(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "SELECT", " 1", ";", "\n", "\r\n", "'", "\"", "[x]", "`", "-- ;,\n", "/* ; */", "END", " BEGIN ",
            "CREATE TRIGGER ", "\n/\n", "é", "x",
        ]), 0..40)
    ) {
        let text = pieces.concat();
        let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let script = read_with(&text, &[]);
        let kept: String = script.items.iter().map(|item| match &item.kind {
            ItemKind::Sql(text) => words(text),
            ItemKind::Dot(call) => call.raw.clone(),
        }).collect();
        prop_assert_eq!(kept, words(&text));
        prop_assert!(script.problems.is_empty());
    }

    #[test]
    fn statements_put_together_are_the_text(text in "(?s)[;' /*a\n-]{0,60}") {
        let mut rest = text.as_str();
        let mut joined = String::new();
        while !rest.is_empty() {
            let (statement, after) = rest.split_at(first_statement(rest));
            prop_assert!(!statement.is_empty());
            joined.push_str(statement);
            rest = after;
        }
        prop_assert_eq!(joined, text);
    }
}
