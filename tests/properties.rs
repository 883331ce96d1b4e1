//! What holds for every input: no text makes a reader panic, a plan that is written is the plan
//! that is read, and an edit keeps every byte that was there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

use change::config::ini::Ini;
use change::config::target::{self, TargetEnv};
use change::config::toml::Toml;
use change::config::uri::DatabaseUri;
use change::config::{Config, Layer, Origin, cast_bool, cast_int};
use change::error::Place;
use change::plan::{self, Addition, Dependency, Lookup, Naming, Person, Plan, Stamp};
use change::policy::recovery;
use change::sql::lex::{TokenKind, statements, tokens};
use change::sql::sqlite::{cut, dot, shape};
use change::sql::{Dialect, directive, effect};
use change::template;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const DIALECTS: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];

/// What plans, scripts, settings and documents are made of, and what does not belong there.
const CRUMBS: &[&str] = &[
    "%project=p",
    "%syntax-version=1.0.0",
    "%uri=http://é/ä",
    "%",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    " ",
    "\t",
    "\u{a0}",
    "\0",
    "\u{feff}",
    "a",
    "b",
    "users",
    "é",
    "🎈",
    "\u{301}",
    "@v1",
    "@",
    "@HEAD",
    "^",
    "~",
    "~99999999999999999999",
    "[",
    "]",
    "[a !b p:c]",
    "!",
    ":",
    "#",
    "# note\\n\\",
    "2026-01-31T12:00:00Z",
    "2016-12-31T23:59:60Z",
    "9999-99-99T99:99:99Z",
    "Jo <jo@x>",
    "<",
    ">",
    "-",
    "+",
    "0123456789abcdef0123456789abcdef01234567",
    "-- change: ",
    "change:",
    "phase=expand",
    "transaction=off",
    "lock_timeout=99999999999999999999h",
    "allow=X because \"",
    "revert=nothing",
    "client=",
    "=",
    "'",
    "\"",
    "`",
    "$$",
    "$a$",
    "--",
    "/*",
    "*/",
    ";",
    "(",
    ")",
    "BEGIN",
    "COMMIT",
    "CREATE TRIGGER t",
    "CASE",
    "END",
    "ATOMIC",
    "E'\\",
    "x'",
    "0x1.e+",
    "\\",
    ".read f",
    ".print '",
    ".bail on",
    ".open \"",
    ".",
    "SELECT",
    "PRAGMA",
    "VACUUM",
    "DROP TABLE t",
    "[core]",
    "[target \"x\"]",
    "[a.b]",
    "engine = pg",
    "uri = db:sqlite:x",
    "\"\\x\"",
    "key",
    "[[",
    "]]",
    "\"\"\"",
    "'''",
    "{ a = 1 }",
    "1979-05-27",
    "\\\n",
    "db:",
    "db:sqlite:",
    "db:pg://u:p@h:99999/d?a=%zz&b",
    "//",
    "%2",
    "%ff",
    "[::1]",
    "?",
    "&",
    "[% ",
    " %]",
    "[% FOREACH i IN x %]",
    "[% IF a %]",
    "[% END %]",
    "[%-",
    "change.0",
    "## Recovery path",
    "# Code gate\n",
    "- Backup: <",
    "10 min",
    "<!--",
    "-->",
    "TODO",
];

/// Any text: noise, or crumbs of what the readers know, which gets deeper into them.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => any::<String>(),
        4 => prop::collection::vec(select(CRUMBS), 0..40).prop_map(|crumbs| crumbs.concat()),
        1 => (any::<String>(), prop::collection::vec(select(CRUMBS), 0..10)).prop_map(|(noise, crumbs)| crumbs.join(&noise)),
    ]
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

/// Tokens lie in order, apart, and between them is nothing but blanks.
fn tokens_cover(text: &str, dialect: Dialect) -> Result<(), TestCaseError> {
    let mut end = 0;
    for token in tokens(text, dialect) {
        prop_assert!(token.start >= end && !token.text.is_empty());
        prop_assert_eq!(&text[token.start..token.end()], token.text);
        let between = &text[end..token.start];
        prop_assert!(
            between.chars().all(|c| c.is_whitespace() || c == '\u{feff}'),
            "{between:?} is left out"
        );
        end = token.end();
    }
    let rest = &text[end..];
    prop_assert!(is_blank(rest), "{rest:?} is left out");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_plan_readers_panic(text in any_text(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = plan::parse("sqitch.plan", text.as_bytes()) {
            prop_assert!(!error.message().is_empty() && !error.hints().is_empty(), "{error} comes without a hint");
        }
        let _ = plan::parse("sqitch.plan", &bytes);
        let _ = plan::unescape(&text);
        let _ = plan::uri::stored(&text);
        let _ = plan::uri::canonical(&text);
        let _ = Stamp::parse(&text);
        let _ = Stamp::from_sql(&text);
        for naming in [Naming::Change, Naming::Tag, Naming::Project] {
            let _ = plan::check_name(&text, naming);
            let _ = plan::check_new_name(&text, naming);
        }
        let header = format!("%project=p\n\na 2026-01-31T12:00:00Z Jo <jo@x>\n{text}");
        if let Ok(plan) = plan::parse("sqitch.plan", header.as_bytes()) {
            prop_assert_eq!(plan.sequence().find("@ROOT"), Lookup::Found(0));
            let _ = plan.sequence().find(&text);
        }
    }

    #[test]
    fn a_dependency_reads_back_as_it_is_written(text in any_text()) {
        if let Ok((dependency, conflict)) = Dependency::parse(&text) {
            let written = format!("{}{dependency}", if conflict { "!" } else { "" });
            prop_assert_eq!(&written, &text);
        }
    }

    #[test]
    fn no_text_makes_the_script_readers_panic(text in any_text()) {
        for dialect in DIALECTS {
            tokens_cover(&text, dialect)?;
            for statement in statements(&text, dialect) {
                prop_assert_eq!(&text[statement.start..][..statement.text.len()], statement.text);
                prop_assert!(statement.tokens.iter().all(|token| token.kind != TokenKind::Comment));
            }
            let (_, errors) = directive::read("deploy/a.sql", &text, dialect);
            for error in errors {
                prop_assert!(error.place().is_some_and(|place| place.line >= 1), "{error} has no place");
            }
            let _ = effect::does_something(&text, dialect);
        }
        let _ = directive::duration(&text);
        let _ = dot::DotCall::parse(&text);
        let _ = (dot::integer(&text), dot::boolean(&text), shape::control_of(&text));
    }

    #[test]
    fn no_text_makes_the_cutter_panic(text in any_text(), other in any_text()) {
        let mut reads = 0;
        let script = cut::read_script("deploy/a.sql", &text, &mut |_| {
            reads += 1;
            Ok(if reads < 5 { other.clone() } else { "SELECT 1;\n".to_owned() })
        });
        for item in &script.items {
            prop_assert!(item.file < script.files.len() && item.line >= 1);
        }
        for in_transaction in [None, Some(true), Some(false)] {
            let _ = shape::analyse(&script, in_transaction);
        }
        let first = cut::first_statement(&text);
        prop_assert!(text.is_char_boundary(first) && text.is_char_boundary(cut::leading_blank(&text)));
    }

    #[test]
    fn a_script_that_reads_itself_is_refused_and_not_followed_for_ever(text in any_text()) {
        let text = format!("{text}\n;\n.read deploy/a.sql\n");
        let script = cut::read_script("deploy/a.sql", &text, &mut |_| Ok(text.clone()));
        prop_assert!(script.files.len() < 100);
    }

    #[test]
    fn no_text_makes_the_settings_readers_panic(text in any_text()) {
        if let Ok(ini) = Ini::parse(&text, "sqitch.conf") {
            prop_assert_eq!(ini.to_string(), text.as_str());
            resolve_all(ini.entries().cloned().collect());
        }
        if let Ok(toml) = Toml::parse(&text, "change.toml") {
            prop_assert_eq!(toml.to_string(), text.as_str());
            resolve_all(toml.entries().cloned().collect());
        }
        let _ = (cast_bool(Some(&text)), cast_int(Some(&text)));
        if let Ok(uri) = DatabaseUri::parse(&text) {
            let _ = (uri.canonical_engine(), uri.dbname(), uri.effective_port(), uri.query().len());
        }
        let _ = template::render(&text, &[("x".to_owned(), template::Value::List(vec!["1".to_owned()]))].into_iter().collect());
        let _ = recovery::missing(&text);
    }

    #[test]
    fn a_password_is_in_no_uri_that_is_shown(password in "[A-Za-z0-9!*~]{6,20}", user in "[a-z]{1,8}") {
        let hidden = |text: String| DatabaseUri::parse(&text).map(|uri| (uri.display(), format!("{uri:?}"), uri.password().map(str::to_owned)));
        for text in [format!("db:pg://{user}:{password}@host/d"), format!("db:mysql://host/d?password={password}"), format!("db:sqlite:{user}.db?password={password}")] {
            if let Ok((display, debug, _)) = hidden(text.clone()) {
                prop_assert!(!display.contains(&password), "{text} is shown as {display}");
                prop_assert!(!debug.contains(&password), "{text} is logged as {debug}");
            }
        }
    }

    #[test]
    fn what_is_set_is_what_is_read(value in any_text(), name in "[a-z][a-z0-9_]{0,8}", other in "[a-z ]{1,8}") {
        let key = format!("core.{name}");
        let ini = format!("# above\n[other]\n\tkept = {other}x\n");
        let mut file = Ini::parse(&ini, "sqitch.conf").unwrap();
        if file.set(&key, &value).is_ok() {
            let again = Ini::parse(&file.to_string(), "sqitch.conf").expect("what was written can be read");
            prop_assert_eq!(last_value(again.entries(), &key), Some(value.clone()));
            prop_assert!(file.to_string().starts_with(&ini));
        }
        let toml = format!("# above\n[other]\nkept = \"{other}x\" # beside\n");
        let mut file = Toml::parse(&toml, "change.toml").unwrap();
        if file.set(&key, &value).is_ok() {
            let again = Toml::parse(&file.to_string(), "change.toml").expect("what was written can be read");
            prop_assert_eq!(last_value(again.entries(), &key), Some(value));
            prop_assert!(file.to_string().contains(toml.trim_end()));
        }
    }

    #[test]
    fn a_place_is_inside_the_text(text in any_text(), start in any::<usize>(), end in any::<usize>(), within in any::<Index>()) {
        let near = within.index(text.len() + 1);
        for (start, end) in [(start, end), (near, end), (near, near), (near, near.saturating_add(3)), (end, start)] {
            let place = Place::in_text("file", &text, start, end);
            let lines = text.split('\n').count();
            prop_assert!((1..=lines).contains(&place.line));
            let line = text.split('\n').nth(place.line - 1).unwrap();
            prop_assert!((1..=line.chars().count() + 1).contains(&place.column));
        }
    }

    #[test]
    fn a_recovery_document_without_a_heading_always_lacks_it(text in any_text()) {
        for heading in recovery::HEADINGS {
            if !text.to_lowercase().contains(&heading.to_lowercase()) {
                prop_assert!(recovery::missing(&text).iter().any(|lack| lack.contains(heading)));
            }
        }
    }
}

fn last_value<'a>(entries: impl Iterator<Item = &'a change::config::Entry>, key: &str) -> Option<String> {
    entries.filter(|entry| entry.key == key).last()?.value.clone()
}

/// Resolves every target of a configuration, whatever it holds.
fn resolve_all(entries: Vec<change::config::Entry>) {
    let mut config = Config::new();
    config.push_layer(Layer { origin: Origin::Project, file: Some("change.toml".to_owned()), entries });
    let env = TargetEnv::default();
    let _ = target::resolve_all(&config, &env);
    for name in [None, Some("x"), Some("db:sqlite:a"), Some("")] {
        let _ = target::resolve(&config, name, &env);
    }
    let _ = (
        config.flag("core.engine"),
        config.int("core.engine"),
        config.section("core"),
        config.subsections("target"),
    );
}

/// Something a person does to a plan.
#[derive(Debug, Clone)]
enum Act {
    Add {
        name: String,
        note: String,
        requires: Vec<Index>,
        conflicts: Vec<String>,
    },
    Rework {
        which: Index,
        note: String,
    },
    Tag {
        name: String,
        note: String,
        which: Index,
    },
    /// Written by hand at the end of a line: a comment, or blank lines.
    Scribble {
        line: Index,
        text: String,
    },
}

fn a_name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9_]{0,8}",
        1 => "[a-zé][a-z./+~=-]{0,10}[a-zß]",
        1 => "\\PC{1,12}",
        1 => "[a-z]([\\[\\](){}<>'\",;]|\u{b}|\u{1b}|\u{85}|\u{2028}){1,3}[a-z]",
        1 => select(CRUMBS).prop_map(str::to_owned),
    ]
}

fn a_note() -> impl Strategy<Value = String> {
    prop_oneof!["", "[ -~]{0,30}", "\\PC{0,20}", "(a|\n|\r|\\\\|#|\\\\n| |é){0,12}"]
        .prop_map(|note| note.trim().to_owned())
}

fn an_act() -> impl Strategy<Value = Act> {
    let indexes = || prop::collection::vec(any::<Index>(), 0..3);
    prop_oneof![
        4 => (a_name(), a_note(), indexes(), prop::collection::vec(a_name(), 0..2))
            .prop_map(|(name, note, requires, conflicts)| Act::Add { name, note, requires, conflicts }),
        2 => (any::<Index>(), a_note()).prop_map(|(which, note)| Act::Rework { which, note }),
        2 => (a_name(), a_note(), any::<Index>()).prop_map(|(name, note, which)| Act::Tag { name, note, which }),
        2 => (any::<Index>(), select(&["", "  ", "\t", "# a word", "   # another # word", "", "#x\u{a0}"][..]))
            .prop_map(|(line, text)| Act::Scribble { line, text: text.to_owned() }),
    ]
}

/// A change as it must be read: name, note, requirements, conflicts, tags.
type Expected = (String, String, Vec<String>, Vec<String>, Vec<(String, String)>);

fn as_read(plan: &Plan) -> Vec<Expected> {
    let texts = |list: &[Dependency]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    plan.changes
        .iter()
        .map(|change| {
            let tags = plan.tags_of(change).iter().map(|tag| (tag.name.clone(), tag.note.clone())).collect();
            (
                change.name.clone(),
                change.note.clone(),
                texts(&change.requires),
                texts(&change.conflicts),
                tags,
            )
        })
        .collect()
}

/// Whether `new` is `old` with one piece put in.
fn keeps_every_byte(old: &str, new: &str) -> bool {
    let front = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let back = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    new.len() >= old.len() && front + back >= old.len()
}

/// A plan's text, what must be read from it, and the acts on it.
struct Desk {
    text: String,
    end: &'static str,
    expected: Vec<Expected>,
    planner: Person,
    stamp: Stamp,
}

impl Desk {
    fn new(crlf: bool) -> Desk {
        let text = plan::new_plan_text("desk", Some("https://example.org/é"));
        let (text, end) = if crlf { (text.replace('\n', "\r\n"), "\r\n") } else { (text, "\n") };
        let planner = Person { name: "Zoë Q. O'Neil [x]".to_owned(), email: "zoë@example.org".to_owned() };
        Desk {
            text,
            end,
            expected: Vec::new(),
            planner,
            stamp: Stamp::parse("2026-01-31T12:00:00Z").unwrap(),
        }
    }

    fn read(&self) -> Plan {
        plan::parse("sqitch.plan", self.text.as_bytes())
            .unwrap_or_else(|error| panic!("{error}\n{}", self.text))
    }

    fn act(&mut self, act: &Act) {
        let plan = self.read();
        match act {
            Act::Add { name, note, requires, conflicts } => {
                let known = &plan.changes;
                let mut required: Vec<String> = requires
                    .iter()
                    .filter(|_| !known.is_empty())
                    .map(|at| known[at.index(known.len())].name.clone())
                    .collect();
                required.dedup();
                let new = self.addition(name, note, &required, conflicts);
                if let Ok(edited) = plan::add_change(&plan, &self.text, &new) {
                    let conflicts = conflicts
                        .iter()
                        .map(|text| text.strip_prefix("desk:").unwrap_or(text).to_owned())
                        .collect();
                    self.expected.push((name.clone(), note.clone(), required.clone(), conflicts, Vec::new()));
                    self.take(edited.text);
                }
            }
            Act::Rework { which, note } => {
                if plan.changes.is_empty() {
                    return;
                }
                let name = plan.changes[which.index(plan.changes.len())].name.clone();
                let latest = *plan.instances(&name).last().unwrap() as usize;
                let former = plan::rework_tag(&plan, latest).map(|tag| format!("{name}@{tag}"));
                if let Ok(edited) =
                    plan::rework_change(&plan, &self.text, &self.addition(&name, note, &[], &[]))
                {
                    self.expected.push((
                        name,
                        note.clone(),
                        former.into_iter().collect(),
                        Vec::new(),
                        Vec::new(),
                    ));
                    self.take(edited.text);
                }
            }
            Act::Tag { name, note, which } => {
                if plan.changes.is_empty() {
                    return;
                }
                let at = which.index(plan.changes.len());
                if let Ok(edited) =
                    plan::add_tag(&plan, &self.text, &plan.changes[at], &self.addition(name, note, &[], &[]))
                {
                    self.expected[at].4.push((name.clone(), note.clone()));
                    self.take(edited.text);
                }
            }
            Act::Scribble { line, text } => {
                // Below the header only: there a blank line has a meaning.
                let header = self.text.find(&format!("{0}{0}", self.end)).unwrap() + 2 * self.end.len();
                let starts: Vec<usize> = self.text[header..]
                    .match_indices('\n')
                    .map(|(at, _)| header + at + 1)
                    .chain([header])
                    .collect();
                let at = starts[line.index(starts.len())];
                self.take(format!("{}{text}{}{}", &self.text[..at], self.end, &self.text[at..]));
            }
        }
    }

    fn addition<'a>(
        &'a self,
        name: &'a str,
        note: &'a str,
        requires: &'a [String],
        conflicts: &'a [String],
    ) -> Addition<'a> {
        Addition { name, requires, conflicts, note, planner: &self.planner, planned_at: self.stamp }
    }

    fn take(&mut self, text: String) {
        assert!(keeps_every_byte(&self.text, &text), "bytes were lost\n{}\n{text}", self.text);
        self.text = text;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_plan_is_read_as_it_was_written(acts in prop::collection::vec(an_act(), 0..14), crlf in any::<bool>()) {
        let mut desk = Desk::new(crlf);
        for act in &acts {
            let before = desk.read();
            desk.act(act);
            let after = desk.read();
            prop_assert_eq!(as_read(&after), desk.expected.clone(), "\n{}", desk.text);
            let bare_feeds = desk.text.matches('\n').count() - desk.text.matches("\r\n").count();
            prop_assert!(if crlf { bare_feeds == 0 } else { !desk.text.contains('\r') }, "line ends are mixed:\n{}", desk.text);
            // What stood there keeps its id, whatever is put before, between or behind.
            for (old, new) in before.changes.iter().zip(&after.changes) {
                prop_assert_eq!(old.id, new.id);
            }
            for tag in &before.tags {
                prop_assert_eq!(after.tag(&tag.name).map(|tag| tag.id), Some(tag.id));
            }
            for (at, change) in after.changes.iter().enumerate() {
                prop_assert_eq!(after.position(&change.id), Some(at));
                prop_assert_eq!(after.sequence().find(&change.id.to_string()), Lookup::Found(at));
            }
        }
        let again = plan::parse("other name", desk.text.as_bytes()).unwrap();
        prop_assert!(again.changes.iter().zip(&desk.read().changes).all(|(one, other)| one.id == other.id));
    }

    #[test]
    fn line_ends_and_comments_do_not_enter_ids(acts in prop::collection::vec(an_act(), 1..10)) {
        let (mut one, mut other) = (Desk::new(false), Desk::new(true));
        for act in &acts {
            one.act(act);
            if !matches!(act, Act::Scribble { .. }) {
                other.act(act);
            }
        }
        let ids = |desk: &Desk| desk.read().changes.iter().map(|change| change.id).collect::<Vec<_>>();
        prop_assert_eq!(ids(&one), ids(&other));
    }
}
