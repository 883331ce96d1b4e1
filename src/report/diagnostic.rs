//! The face of an error: its message, the place with an excerpt, causes, and what to do next.
//!
//! Knows: errors, and how compilers show them. Must never know: which stream it is for, whether that is
//! a terminal, or what an error means.

use super::excerpt::{Reach, footer, harmless, origin, renderer, snippet};
use crate::error::Error;
use annotate_snippets::{Group, Level, Renderer};

/// How many errors are shown after the first.
const MOST_OTHERS: usize = 20;

/// Shows `error` and all that were found with it, in plain text or in colours, with excerpts cut to
/// `width` columns. The text does not end with a line feed.
///
/// Whatever control characters the texts contain, none reaches the terminal.
#[must_use]
pub fn render(error: &Error, colour: bool, width: usize) -> String {
    let renderer = renderer(colour, width);
    let all = flatten(error);
    let mut shown: Vec<String> =
        all.iter().take(1 + MOST_OTHERS).map(|error| single(error, &renderer)).collect();
    if let Some(hidden) = all.len().checked_sub(1 + MOST_OTHERS).filter(|hidden| *hidden > 0) {
        shown.push(format!("… and {hidden} more"));
    }
    shown.join("\n\n")
}

/// The error and all others below it, in the order in which they were found.
fn flatten(error: &Error) -> Vec<&Error> {
    let mut found = Vec::new();
    let mut waiting = vec![error];
    while let Some(error) = waiting.pop() {
        found.push(error);
        waiting.extend(error.others().iter().rev());
    }
    found
}

fn single(error: &Error, renderer: &Renderer) -> String {
    let title = Level::ERROR.primary_title(harmless(error.message().trim_end()));
    let Some(place) = error.place() else {
        return with_footers(error, Group::with_title(title), renderer);
    };
    let title = title.id(error.code());
    match snippet(place, error.place_label(), Reach::Line) {
        Some(excerpt) => renderer.render(&[with_margin(error, title.element(excerpt))]),
        None => with_footers(error, title.element(origin(place)), renderer),
    }
}

/// Everything around the excerpt hangs on its margin.
fn with_margin<'a>(error: &'a Error, mut group: Group<'a>) -> Group<'a> {
    for cause in error.causes() {
        group = group.element(Level::NOTE.with_name("caused by").message(footer(cause)));
    }
    for hint in error.hints() {
        group = group.element(Level::HELP.message(footer(hint)));
    }
    group
}

/// Without a margin, causes and hints are lines of their own.
fn with_footers(error: &Error, head: Group<'_>, renderer: &Renderer) -> String {
    let causes = error.causes().iter().map(|text| (Level::NOTE.with_name("caused by"), text));
    let hints = error.hints().iter().map(|text| (Level::HELP, text));
    let footers = causes.chain(hints).map(|(level, text)| {
        let title = level.secondary_title(footer(text));
        renderer.render(&[Group::with_title(title)])
    });
    std::iter::once(renderer.render(&[head])).chain(footers).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::error::{Kind, Place};
    use proptest::prelude::*;

    fn error(message: &str) -> Error {
        Error::new(Kind::Plan, "plan.syntax", message)
    }

    fn place(text: &str, column: usize, length: usize) -> Place {
        Place { file: "sqitch.plan".to_owned(), line: 7, column, length, text: Some(text.to_owned()) }
    }

    fn plain(error: &Error) -> String {
        render(error, false, 80)
    }

    #[test]
    fn an_error_without_a_place_is_its_message() {
        assert_eq!(plain(&error("Unknown change: \"x\"")), "error: Unknown change: \"x\"");
    }

    #[test]
    fn causes_and_hints_follow() {
        let error = error("Cannot connect to db:pg:app")
            .because("connection to server failed\nis it running?\n")
            .because("Connection refused (os error 111)")
            .hint("start the server")
            .hint("name another target with --target");
        assert_eq!(
            plain(&error),
            "\
error: Cannot connect to db:pg:app
caused by: connection to server failed
           is it running?
caused by: Connection refused (os error 111)
help: start the server
help: name another target with --target"
        );
    }

    #[test]
    fn a_place_is_shown_with_its_line() {
        let error = error("\"b@d\" is not a name")
            .at(place("alpha [b@d] 2024-01-01T00:00:03Z", 8, 3))
            .label("names have no @")
            .because("it would be read as a tag")
            .hint("use bd")
            .hint("or name a tag:\n  alpha [b @d]");
        assert_eq!(
            plain(&error),
            "\
error[plan.syntax]: \"b@d\" is not a name
 --> sqitch.plan:7:8
  |
7 | alpha [b@d] 2024-01-01T00:00:03Z
  |        ^^^ names have no @
  |
  = caused by: it would be read as a tag
  = help: use bd
  = help: or name a tag:
            alpha [b @d]"
        );
    }

    #[test]
    fn a_place_without_a_line_is_named() {
        let error = error("File is too short").at(Place::new("sqitch.plan", 3, 1)).hint("restore it");
        assert_eq!(
            plain(&error),
            "error[plan.syntax]: File is too short\n--> sqitch.plan:3:1\nhelp: restore it"
        );
    }

    #[test]
    fn a_message_of_several_lines_stays_together() {
        let message = "Change \"one\" already exists in plan sqitch.plan.\nUse \"rework\" to copy it\n";
        assert_eq!(
            plain(&error(message)),
            "error: Change \"one\" already exists in plan sqitch.plan.\n       Use \"rework\" to copy it"
        );
        assert_eq!(
            plain(&error(message).at(place("one", 1, 3))),
            "\
error[plan.syntax]: Change \"one\" already exists in plan sqitch.plan.
                    Use \"rework\" to copy it
 --> sqitch.plan:7:1
  |
7 | one
  | ^^^"
        );
    }

    #[test]
    fn tabs_and_wide_characters_do_not_move_the_caret() {
        let tabs = error("m").at(place("\tab\tcd ef", 5, 2)).label("here");
        assert_eq!(
            plain(&tabs),
            "\
error[plan.syntax]: m
 --> sqitch.plan:7:5
  |
7 |     ab    cd ef
  |           ^^ here"
        );
        let wide = error("m").at(place("日本語 ab", 5, 2)).label("here");
        assert_eq!(
            plain(&wide),
            "\
error[plan.syntax]: m
 --> sqitch.plan:7:5
  |
7 | 日本語 ab
  |        ^^ here"
        );
        let under_wide = error("m").at(place("日本語 ab", 2, 1));
        assert!(plain(&under_wide).ends_with("\n7 | 日本語 ab\n  |   ^^"));
    }

    #[test]
    fn a_caret_may_stand_alone_or_behind_the_line() {
        assert!(plain(&error("m").at(place("abc def", 5, 0))).ends_with("7 | abc def\n  |     ^"));
        assert!(plain(&error("m").at(place("abc", 4, 0))).ends_with("7 | abc\n  |    ^"));
        assert!(plain(&error("m").at(place("abc", 2, 99))).ends_with("7 | abc\n  |  ^^"));
        let two_lines = error("m").at(place("abc\r\ndef", 2, 99));
        assert!(plain(&two_lines).ends_with("7 | abc\n  |  ^^\n8 | def\n  |"));
        assert!(plain(&error("m").at(place("abc", 0, 1))).ends_with("7 | abc\n  | ^"));
        assert!(plain(&error("m").at(place("", 1, 0))).ends_with("--> sqitch.plan:7:1"));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}HERE{}", "abcdefghi ".repeat(30), " xyz".repeat(60));
        let shown = render(&error("m").at(place(&text, 301, 4)), false, 80);
        assert_eq!(
            shown,
            "\
error[plan.syntax]: m
 --> sqitch.plan:7:301
  |
7 | ...hi abcdefghi abcdefghi abcdefghi HERE xyz xyz xyz xyz xyz xyz xyz xyz ...
  |                                     ^^^^"
        );
    }

    #[test]
    fn others_follow_and_very_many_are_counted() {
        let two = error("first").and([error("second").and([error("third")]), error("fourth")]);
        assert_eq!(plain(&two), "error: first\n\nerror: second\n\nerror: third\n\nerror: fourth");
        let many = |count: usize| error("0").and((1..=count).map(|number| error(&number.to_string())));
        assert!(plain(&many(20)).ends_with("\n\nerror: 19\n\nerror: 20"));
        assert!(plain(&many(21)).ends_with("\n\nerror: 20\n\n… and 1 more"));
        assert!(plain(&many(523)).ends_with("\n\nerror: 20\n\n… and 503 more"));
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let error = error("a\nb").at(place("abc def", 5, 3)).label("l").because("c").hint("h");
        let styled = render(&error, true, 80);
        assert!(styled.starts_with("\u{1b}[1m\u{1b}[91merror[plan.syntax]\u{1b}[0m\u{1b}[1m: a"));
        let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        assert_eq!(escapes.replace_all(&styled, ""), plain(&error));
    }

    #[test]
    fn no_control_character_gets_through() {
        let evil = "a\u{1b}[31m\u{9b}31m\r\u{7}b";
        let placed = Place { file: evil.to_owned(), ..place(evil, 1, 2) };
        for error in [
            error(evil).because(evil).hint(evil).and([error(evil)]),
            error(evil).at(placed.clone()).label(evil).because(evil).hint(evil),
            error(evil).at(Place { text: None, ..placed }),
        ] {
            let shown = plain(&error);
            assert!(!shown.contains(|letter: char| letter.is_control() && letter != '\n'), "{shown:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in "[ -~\\n\\r\\t\u{1b}é日\u{301}\u{200d}😀]{0,200}",
            label in ".{0,20}",
            message in "[a-z\\n\\t\u{85}]{0,20}",
            line in prop_oneof![0..200_usize, Just(usize::MAX)],
            column in prop_oneof![0..200_usize, Just(usize::MAX)],
            length in prop_oneof![0..200_usize, Just(usize::MAX)],
            width in prop_oneof![0..200_usize, Just(usize::MAX)],
        ) {
            let placed = Place { line, ..place(&text, column, length) };
            let error = error(&message).at(placed).label(label).because(&message).hint(message.as_str());
            prop_assert!(render(&error, false, width).starts_with("error[plan.syntax]: "));
        }
    }
}
