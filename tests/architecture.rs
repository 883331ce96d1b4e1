//! The walls of the house, as ARCHITECTURE.md draws them, checked on the source itself: who may
//! know whom, what the pure floors must not touch, and how long a file or a function may be.
//!
//! Every rule has a sample that breaks it, so that a rule that has gone blind is found out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[path = "architecture/source.rs"]
mod source;

use source::Source;
use std::path::Path;

/// The modules of each floor, from the ground up. A lower floor never knows an upper one.
const FLOORS: [&[&str]; 6] = [
    &["error", "event", "fault", "suggest"],
    &["plan", "config", "template", "sql", "schema"],
    &["steps", "policy", "lint"],
    &["project", "engine"],
    &["run"],
    &["cli", "report"],
];

/// Neighbours on one floor that do not know each other: the first must not use the second.
const WALLS: [(&str, &str); 3] = [("project", "engine"), ("engine", "project"), ("report", "cli")];

/// The highest floor that knows neither files nor clock, environment, network or processes.
const PURE: usize = 2;

/// Most lines of a file, and of a function.
const LONGEST_FILE: usize = 450;
const LONGEST_FUNCTION: usize = 70;

/// What a rule lets pass: the rule, the file, what it finds there, and why it may stay. The list
/// may only shrink: an entry that is no longer needed fails the test.
const EXCEPTIONS: [(&str, &str, &str, &str); 1] = [(
    "pure",
    "src/fault.rs",
    "std::process::abort",
    "ending the process like a kill is what the seam is for",
)];

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    line: usize,
    what: String,
}

type Rule = fn(&Source) -> Vec<Breach>;

fn breach(line: usize, what: impl Into<String>) -> Breach {
    Breach { line, what: what.into() }
}

/// The floor of a module; `lib.rs` and `main.rs` stand above all.
fn floor(module: &str) -> Option<usize> {
    match module {
        "lib" | "main" => Some(FLOORS.len()),
        _ => FLOORS.iter().position(|modules| modules.contains(&module)),
    }
}

/// Arrows between modules run downward, and never through a wall.
fn arrows(source: &Source) -> Vec<Breach> {
    let from = source.module();
    let Some(own) = floor(from) else { return vec![breach(1, format!("the module {from} has no floor"))] };
    let mut found = Vec::new();
    for (line, path) in source.own_paths() {
        let to = path.first().map_or("", String::as_str);
        match floor(to) {
            None => found.push(breach(line, format!("crate::{to} has no floor"))),
            Some(other) if other > own || WALLS.contains(&(from, to)) => {
                found.push(breach(line, format!("{from} knows {to}")))
            }
            Some(_) => {}
        }
    }
    found
}

/// An engine knows no plan file, and only the list of engines knows an engine.
fn engines(source: &Source) -> Vec<Breach> {
    let mut found = Vec::new();
    for (line, path) in source.own_paths() {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["engine", engine @ ("sqlite" | "postgres" | "mysql"), ..] => {
                let itself = source.path.starts_with(&format!("src/engine/{engine}"));
                if !itself && source.path != "src/engine/mod.rs" {
                    found.push(breach(line, format!("engine::{engine} is known outside")));
                }
            }
            ["plan", "Plan" | "parse" | "Change" | "Tag" | "*", ..] if source.module() == "engine" => {
                found.push(breach(line, "an engine knows the plan file"));
            }
            _ => {}
        }
    }
    found
}

/// The pure floors see no file, no clock, no environment, no network and no process, and print
/// nothing.
fn pure(source: &Source) -> Vec<Breach> {
    if floor(source.module()).is_none_or(|floor| floor > PURE) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (line, path) in source.paths() {
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        let outside = match segments.as_slice() {
            ["std", "fs" | "env" | "process" | "net" | "thread", ..] => true,
            ["std", "io", "stdin" | "stdout" | "stderr", ..] => true,
            ["rustix" | "ctrlc" | "walkdir" | "tempfile", ..] => true,
            all => {
                all.iter().any(|segment| matches!(*segment, "SystemTime" | "Instant"))
                    || all.ends_with(&["Timestamp", "now"])
                    || all.ends_with(&["Zoned", "now"])
                    || all.ends_with(&["TimeZone", "system"])
            }
        };
        if outside {
            found.push(breach(line, path.join("::")));
        }
    }
    found
}

/// Only the edge speaks: below it, events are told, not printed.
fn printing(source: &Source) -> Vec<Breach> {
    if floor(source.module()).is_none_or(|floor| floor >= 5) {
        return Vec::new();
    }
    let macros = ["print", "println", "eprint", "eprintln", "dbg"];
    source
        .macros()
        .filter(|(_, name)| macros.contains(name))
        .map(|(line, name)| breach(line, format!("{name}!")))
        .collect()
}

/// Each library has its place: the command line and the terminal at the edge, a driver in its
/// engine.
fn libraries(source: &Source) -> Vec<Breach> {
    let allowed = |library: &str| match library {
        "clap" | "clap_complete" | "anstream" | "anstyle" | "indicatif" | "annotate_snippets" => {
            matches!(source.module(), "cli" | "report")
        }
        "ctrlc" => source.module() == "cli",
        "rusqlite" => source.path.starts_with("src/engine/sqlite/"),
        _ => true,
    };
    let paths = source.paths().into_iter();
    paths.filter(|(_, path)| !allowed(&path[0])).map(|(line, path)| breach(line, path[0].clone())).collect()
}

/// Nothing is unsafe, and nothing panics on purpose.
fn safety(source: &Source) -> Vec<Breach> {
    let mut found: Vec<Breach> = source
        .words_with_tests()
        .filter(|(_, word)| *word == "unsafe")
        .map(|(line, word)| breach(line, word))
        .collect();
    for panicking in [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err("] {
        found.extend(source.find(panicking).map(|line| breach(line, panicking)));
    }
    let panics = ["panic", "todo", "unimplemented", "unreachable", "assert", "assert_eq", "assert_ne"];
    found.extend(
        source
            .macros()
            .filter(|(_, name)| panics.contains(name))
            .map(|(line, name)| breach(line, format!("{name}!"))),
    );
    found
}

/// Files are read in one sitting, and functions do one thing.
fn size(source: &Source) -> Vec<Breach> {
    let mut found = Vec::new();
    if source.text.lines().count() > LONGEST_FILE {
        found.push(breach(LONGEST_FILE, "the file"));
    }
    let long = source.functions().into_iter().filter(|function| function.lines > LONGEST_FUNCTION);
    found.extend(long.map(|function| breach(function.line, format!("fn {}", function.name))));
    found
}

/// Every module opens with what it knows and what it must never know.
fn introduction(source: &Source) -> Vec<Breach> {
    if source.text.starts_with("//! ") { Vec::new() } else { vec![breach(1, "no //! line opens it")] }
}

/// Tests beside the code are left out of the program.
fn tests_apart(source: &Source) -> Vec<Breach> {
    if source.is_test() {
        return Vec::new();
    }
    source.find("mod tests").map(|line| breach(line, "mod tests without #[cfg(test)]")).collect()
}

/// All files of `src`.
fn house() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = walkdir::WalkDir::new(root.join("src"))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("src can be walked"));
    let sources: Vec<Source> = files
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|file| {
            let path =
                file.path().strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            Source::new(path, std::fs::read_to_string(file.path()).expect("a source is text"))
        })
        .collect();
    assert!(sources.len() > 50, "the sources are found");
    sources
}

/// Fails on every breach that is no exception, and on every exception that is no breach.
fn holds(name: &str, rule: Rule) {
    let mut unused: Vec<_> = EXCEPTIONS.iter().filter(|(rule, ..)| *rule == name).collect();
    let mut breaches = Vec::new();
    for source in house() {
        for Breach { line, what } in rule(&source) {
            let excepted =
                |(_, file, known, _): &(&str, &str, &str, &str)| *file == source.path && *known == what;
            if EXCEPTIONS.iter().any(|one| one.0 == name && excepted(one)) {
                unused.retain(|one| !excepted(one));
            } else {
                breaches.push(format!("{}:{line}: {what}", source.path));
            }
        }
    }
    assert!(breaches.is_empty(), "the rule \"{name}\" is broken:\n  {}", breaches.join("\n  "));
    assert!(unused.is_empty(), "no longer needed, so take them out of the list of exceptions: {unused:?}");
}

#[test]
fn arrows_run_downward() {
    holds("arrows", arrows);
}

#[test]
fn an_engine_stands_alone() {
    holds("engines", engines);
}

#[test]
fn the_lower_floors_are_pure() {
    holds("pure", pure);
}

#[test]
fn only_the_edge_prints() {
    holds("printing", printing);
}

#[test]
fn libraries_stay_in_their_places() {
    holds("libraries", libraries);
}

#[test]
fn nothing_is_unsafe_and_nothing_panics_on_purpose() {
    holds("safety", safety);
}

#[test]
fn files_and_functions_stay_short() {
    holds("size", size);
}

#[test]
fn every_module_introduces_itself() {
    holds("introduction", introduction);
}

#[test]
fn tests_are_left_out_of_the_program() {
    holds("tests apart", tests_apart);
}

/// What a rule finds in a sample.
fn found(rule: Rule, path: &str, text: &str) -> Vec<String> {
    rule(&Source::new(path.to_owned(), text.to_owned()))
        .into_iter()
        .map(|breach| format!("{}: {}", breach.line, breach.what))
        .collect()
}

#[test]
fn an_upward_arrow_is_found() {
    for (path, text, expected) in [
        ("src/plan/mod.rs", "use crate::engine::Engine;", "1: plan knows engine"),
        ("src/plan/mod.rs", "use crate::{error::{Error, Kind}, run};", "1: plan knows run"),
        ("src/steps/mod.rs", "fn a() {\n  crate::cli::main()\n}", "2: steps knows cli"),
        ("src/steps/deep/er.rs", "use super::super::super::run::Context;", "1: steps knows run"),
        ("src/error.rs", "pub use crate::plan::Id as Name;", "1: error knows plan"),
        ("src/engine/sqlite/mod.rs", "use crate::project::Project;", "1: engine knows project"),
        ("src/project/mod.rs", "fn f(a: &dyn crate::engine::Engine) {}", "1: project knows engine"),
        ("src/report/mod.rs", "use crate::cli::Global;", "1: report knows cli"),
        ("src/plan/mod.rs", "use crate::attic::Old;", "1: crate::attic has no floor"),
        ("src/attic.rs", "", "1: the module attic has no floor"),
    ] {
        assert_eq!(found(arrows, path, text), [expected], "{path}: {text}");
    }
    let fine = "//! crate::cli\n/* crate::cli */ use crate::error::Error; const A: &str = \"crate::cli\";\n#[cfg(test)]\nmod tests { use crate::cli; }";
    assert!(found(arrows, "src/plan/mod.rs", fine).is_empty());
}

#[test]
fn an_engine_that_knows_too_much_is_found() {
    for (path, text) in [
        ("src/engine/postgres/mod.rs", "use crate::engine::sqlite::Sqlite;"),
        ("src/engine/postgres/db.rs", "use super::super::sqlite::Sqlite;"),
        ("src/engine/registry.rs", "use super::sqlite;"),
        ("src/run/mod.rs", "use crate::engine::sqlite::Sqlite;"),
        ("src/engine/sqlite/mod.rs", "use crate::plan::{Id, Plan};"),
        ("src/engine/mod.rs", "fn f() { crate::plan::parse(a, b); }"),
    ] {
        assert_eq!(found(engines, path, text).len(), 1, "{path}: {text}");
    }
    assert!(
        found(engines, "src/engine/mod.rs", "use sqlite::Sqlite; use crate::plan::{Id, Person};").is_empty()
    );
}

#[test]
fn what_is_not_pure_is_found() {
    for (text, expected) in [
        ("use std::fs;", "std::fs"),
        ("use std::{fmt, env::var};", "std::env::var"),
        ("fn f() { std::process::exit(1) }", "std::process::exit"),
        ("use std::net::TcpStream;", "std::net::TcpStream"),
        ("use std::time::{Duration, SystemTime};", "std::time::SystemTime"),
        ("fn f() { Instant::now(); }", "Instant::now"),
        ("fn f() { jiff::Timestamp::now(); }", "jiff::Timestamp::now"),
        ("fn f() { std::io::stdout(); }", "std::io::stdout"),
    ] {
        for path in ["src/event.rs", "src/sql/lex.rs", "src/policy/mod.rs"] {
            assert_eq!(found(pure, path, text), [format!("1: {expected}")], "{path}: {text}");
        }
        assert!(found(pure, "src/run/mod.rs", text).is_empty());
    }
    assert!(
        found(pure, "src/steps/mod.rs", "use std::fmt; use std::path::Path; use jiff::Timestamp;").is_empty()
    );
}

#[test]
fn printing_below_the_edge_is_found() {
    for text in ["println!(\"a\")", "print!(\"a\")", "eprintln!()", "dbg!(1)"] {
        let text = format!("fn f() {{\n {text};\n}}");
        assert_eq!(found(printing, "src/run/mod.rs", &text).len(), 1, "{text}");
        assert_eq!(found(printing, "src/error.rs", &text).len(), 1, "{text}");
        assert!(found(printing, "src/cli/ui.rs", &text).is_empty());
    }
    assert!(
        found(printing, "src/run/mod.rs", "// println!(1)\nlet a = \"println!(1)\"; writeln!(a);").is_empty()
    );
}

#[test]
fn a_library_out_of_place_is_found() {
    assert_eq!(found(libraries, "src/run/mod.rs", "use clap::Args;"), ["1: clap"]);
    assert_eq!(found(libraries, "src/engine/mod.rs", "use anstream::println;"), ["1: anstream"]);
    assert_eq!(found(libraries, "src/policy/mod.rs", "use indicatif::{ProgressBar};"), ["1: indicatif"]);
    assert_eq!(
        found(libraries, "src/engine/registry.rs", "fn f(c: &rusqlite::Connection) {}"),
        ["1: rusqlite"]
    );
    assert!(found(libraries, "src/engine/sqlite/db.rs", "use rusqlite::Connection;").is_empty());
}

#[test]
fn what_is_unsafe_or_panics_is_found() {
    for text in [
        "fn f() { unsafe { g() } }",
        "fn f() { a.unwrap(); }",
        "fn f() { a\n.expect(\"b\"); }",
        "fn f() { panic!() }",
        "fn f() { todo!() }",
        "#[cfg(test)]\nmod tests { unsafe fn f() {} }",
    ] {
        assert_eq!(found(safety, "src/run/mod.rs", text).len(), 1, "{text}");
    }
    for text in [
        "fn f() { a.unwrap_or(1); }",
        "#[cfg(test)]\nmod tests { fn f() { a.unwrap(); } }",
        "#[cfg(test)]\nfn f() { a.unwrap(); }\n",
        "// unsafe a.unwrap()\n",
    ] {
        assert!(found(safety, "src/run/mod.rs", text).is_empty(), "{text}");
    }
    let after = "#[cfg(test)]\nmod tests { fn f() { a.unwrap(); } }\nfn g() { b.unwrap(); }\n";
    assert_eq!(found(safety, "src/run/mod.rs", after), ["3: .unwrap()"]);
}

#[test]
fn what_is_too_long_is_found() {
    let file = "// a line\n".repeat(LONGEST_FILE + 1);
    assert_eq!(found(size, "src/run/mod.rs", &file).len(), 1);
    assert!(found(size, "src/run/mod.rs", &"// a line\n".repeat(LONGEST_FILE)).is_empty());
    let function = |lines: usize| {
        format!(
            "struct A;\nimpl A {{\n    fn long<T: Fn() -> u8>(a: &'static str) -> [u8; 2]\n    where T: Copy {{\n{}    }}\n}}\n",
            "        '{';\n".repeat(lines)
        )
    };
    assert_eq!(found(size, "src/run/mod.rs", &function(LONGEST_FUNCTION - 2)), ["3: fn long"]);
    assert!(found(size, "src/run/mod.rs", &function(LONGEST_FUNCTION - 3)).is_empty());
}

#[test]
fn a_module_without_an_introduction_is_found() {
    assert_eq!(found(introduction, "src/run/mod.rs", "use a;\n").len(), 1);
    assert_eq!(found(introduction, "src/run/mod.rs", "// Run.\n").len(), 1);
    assert!(found(introduction, "src/run/mod.rs", "//! Run.\n").is_empty());
}

#[test]
fn tests_in_the_program_are_found() {
    assert_eq!(
        found(tests_apart, "src/run/mod.rs", "mod a;\nmod tests;\n"),
        ["2: mod tests without #[cfg(test)]"]
    );
    assert!(
        found(tests_apart, "src/run/mod.rs", "#[cfg(test)]\n#[allow(clippy::unwrap_used)]\nmod tests;\n")
            .is_empty()
    );
}
