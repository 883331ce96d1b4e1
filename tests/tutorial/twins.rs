//! Two readers of one tutorial, and whether they saw the same.

use crate::book;
use crate::reader::{Deed, Reader};
use crate::tutorials::{Engine, Tutorial};
use crate::{maria, postgres};
use regex::Regex;
use std::path::Path;

/// Has the tutorial followed with both programs and compares.
pub(crate) fn follow(tutorial: &Tutorial) {
    let book = book::open(tutorial.name);
    let link = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_change"), link.path().join("sqitch")).unwrap();
    let read = |programs: Option<&Path>| {
        with_server(tutorial.engine, |env| Reader::new(programs, env).follow(&book, tutorial))
    };
    let (sqitch, change) = std::thread::scope(|scope| {
        let sqitch = scope.spawn(|| read(None));
        let change = scope.spawn(|| read(Some(link.path())));
        (sqitch.join().unwrap(), change.join().unwrap())
    });
    keep(tutorial, "sqitch", &sqitch);
    keep(tutorial, "change", &change);
    let mut wrong = Vec::new();
    for (want, got) in sqitch.iter().zip(&change) {
        if let Err(why) = compare(want, got) {
            wrong.push(format!(
                "$ {}\n{why}\nsqitch: {} {}{}\nchange: {} {}{}",
                want.command, want.status, want.out, want.err, got.status, got.out, got.err
            ));
        }
    }
    let typed = sqitch.iter().filter(|deed| deed.shown.is_some());
    let own = typed.clone().filter(|deed| is_sqitch(deed));
    let as_shown = own.clone().filter(|deed| says(deed));
    println!(
        "{}: {} commands, {} of them sqitch, {} of them as shown",
        tutorial.name,
        typed.clone().count(),
        own.clone().count(),
        as_shown.count()
    );
    for deed in own.filter(|deed| !says(deed)) {
        println!(
            "NOT AS SHOWN: {}\n{}\n----\n{}{}",
            deed.command,
            deed.shown.as_ref().unwrap(),
            deed.out,
            deed.err
        );
    }
    assert!(wrong.is_empty(), "{}: {} differ:\n\n{}", tutorial.name, wrong.len(), wrong.join("\n\n"));
}

fn is_sqitch(deed: &Deed) -> bool {
    deed.command.split_whitespace().next() == Some("sqitch")
}

fn says(deed: &Deed) -> bool {
    let bare = |text: &str| {
        let text = masked(text);
        let id = Regex::new("[0-9a-f]{40}").unwrap();
        let text = id.replace_all(&text, "ID");
        text.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
    };
    bare(deed.shown.as_ref().unwrap()) == bare(&deed.out)
}

fn compare(want: &Deed, got: &Deed) -> Result<(), String> {
    if want.status != got.status {
        return Err(format!("exit status {} is not {}", got.status, want.status));
    }
    let fails = want.shown.as_ref().is_some_and(|shown| {
        ["CONFLICT", "Verify failed", "Did not find", "No changes deployed"]
            .iter()
            .any(|words| shown.contains(words))
    });
    if (want.status != 0) != fails {
        return Err("this was not to be expected".to_owned());
    }
    let git = want.command.starts_with("git ") && !want.command.starts_with("git ls-files");
    if !git && masked(&want.out).trim_end() != masked(&got.out).trim_end() {
        return Err("output differs".to_owned());
    }
    Ok(())
}

fn masked(text: &str) -> String {
    let time = Regex::new(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?[+-]\d\d(?:\d\d)?|Z)?").unwrap();
    let salted = Regex::new(r"\$1\$\S+|\| [./0-9A-Za-z]{13} \|").unwrap();
    let text = time.replace_all(text, "NOW");
    salted.replace_all(&text, "SALTED").into_owned()
}

/// Leaves what was typed and said where it can be read.
fn keep(tutorial: &Tutorial, who: &str, deeds: &[Deed]) {
    let Ok(folder) = std::env::var("TUTORIAL") else { return };
    let text: String = deeds
        .iter()
        .map(|deed| format!("> {}\n{}{}[{}]\n\n", deed.command, deed.out, deed.err, deed.status))
        .collect();
    std::fs::write(format!("{folder}/{}.{who}", tutorial.name), text).unwrap();
}

/// Does something with a server of its own, which these variables lead to.
fn with_server<T>(engine: Engine, work: impl FnOnce(Vec<(String, String)>) -> T) -> T {
    let env = |name: &str, value: String| (name.to_owned(), value);
    match engine {
        Engine::Sqlite => work(Vec::new()),
        Engine::Postgres => {
            let server = postgres::Server::start(&[]);
            work(vec![
                env("PGHOST", server.folder().display().to_string()),
                env("PGPORT", server.port().to_string()),
                env("PGUSER", postgres::ADMIN.to_owned()),
            ])
        }
        Engine::Mysql => {
            let server = maria::Server::start();
            work(vec![env("MYSQL_UNIX_PORT", server.existing("mysql").socket.display().to_string())])
        }
    }
}
