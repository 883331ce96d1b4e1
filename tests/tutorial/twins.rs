//! Two readers of one tutorial, and whether they saw the same.

use crate::book;
use crate::reader::{Deed, Reader, Way, squeezed};
use crate::tutorials::{Engine, STALE, Tutorial};
use crate::{maria, postgres};
use regex::Regex;
use std::path::Path;

/// Has the tutorial followed with both programs and compares.
pub(crate) fn follow(tutorial: &Tutorial) {
    let book = book::open(tutorial.name);
    let link = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_change"), link.path().join("sqitch")).unwrap();
    let read = |programs: Option<&Path>| {
        with_server(tutorial.engine, |way| Reader::new(programs, &way).follow(&book, tutorial))
    };
    let (sqitch, change) = std::thread::scope(|scope| {
        let sqitch = scope.spawn(|| read(None));
        let change = read(Some(link.path()));
        (sqitch.join().unwrap(), change)
    });
    keep(tutorial, "sqitch", &sqitch);
    keep(tutorial, "change", &change);
    let pairs = sqitch.iter().zip(&change);
    let wrong: Vec<String> = pairs
        .filter_map(|(want, got)| Some(story(want, got, &compare(tutorial, want, got).err()?)))
        .collect();
    // What goes wrong early makes the rest go wrong.
    let first = wrong.get(..wrong.len().min(5)).unwrap_or_default().join("\n\n");
    assert!(wrong.is_empty(), "{}: {} differ, at first:\n\n{first}", tutorial.name, wrong.len());
    let ours = change.iter().filter(|deed| deed.command.starts_with("sqitch ")).count();
    println!("{}: {} commands, {ours} of them Sqitch's", tutorial.name, change.len());
    assert!(ours > 40, "only {ours} commands of Sqitch were found in {}", tutorial.name);
}

fn story(want: &Deed, got: &Deed, why: &str) -> String {
    let said = |deed: &Deed| format!("{}, and says\n{}{}", deed.status, deed.out, deed.err);
    let shown = want.shown.as_deref().unwrap_or("nothing");
    let (sqitch, change) = (said(want), said(got));
    format!(
        "> {}\n{why}\nthe text shows {shown}\n\nsqitch exits {sqitch}\nchange exits {change}",
        want.command
    )
}

/// Whether `change` did what the text lets expect, and what the real one did.
fn compare(tutorial: &Tutorial, want: &Deed, got: &Deed) -> Result<(), String> {
    if want.status != got.status {
        return Err(format!("exit status {} is not {}", got.status, want.status));
    }
    if (got.status != 0) != shows_failure(got) {
        return Err("the text does not let expect this".to_owned());
    }
    let program = got.command.split_whitespace().next().unwrap_or_default();
    // Git names commits, and those have the time of their making.
    let nameless = ["git ls-files ", "git status --porcelain"];
    if program == "git" && !nameless.iter().any(|start| got.command.starts_with(start)) {
        return Ok(());
    }
    let out = without_differences(tutorial, want, got)?;
    if masked(&want.out) != masked(&out) {
        return Err("they say different things".to_owned());
    }
    match &got.shown {
        Some(shown) if program == "sqitch" || program == "cat" => as_shown(tutorial, got, shown, &out),
        _ => Ok(()),
    }
}

fn shows_failure(deed: &Deed) -> bool {
    let shown = deed.shown.as_deref().unwrap_or_default();
    ["CONFLICT", "Verify failed", "Did not find any"].iter().any(|words| shown.contains(words))
        || (deed.command.starts_with("sqitch status") && shown.contains("No changes deployed"))
}

/// What `change` said, with the words of the real one where they differ on purpose.
fn without_differences(tutorial: &Tutorial, want: &Deed, got: &Deed) -> Result<String, String> {
    let command = squeezed(&got.command);
    let Some(difference) = tutorial.differences.iter().find(|known| known.command == command) else {
        return Ok(got.out.clone());
    };
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sqitch.md")).unwrap();
    if !page.contains(&format!("<a id=\"{}\"></a>", difference.anchor)) {
        return Err(format!("docs/sqitch.md has no {:?}", difference.anchor));
    }
    if !want.out.contains(difference.sqitch) || !got.out.contains(difference.change) {
        return Err(format!("the difference {:?} is none", difference.anchor));
    }
    Ok(got.out.replace(difference.change, difference.sqitch))
}

/// Whether the text shows this, apart from where it is known not to be what is printed.
fn as_shown(tutorial: &Tutorial, deed: &Deed, shown: &str, out: &str) -> Result<(), String> {
    // The reason why a script failed is told in words of our own, around those of the engine.
    for line in shown.lines().filter(|line| line.to_lowercase().contains("error:") || line.contains("ERROR "))
    {
        let reason = line.rsplit(": ").next().unwrap_or_default();
        if !deed.err.contains(reason) {
            return Err(format!("nothing is said of {reason:?}"));
        }
    }
    let stale = STALE.iter().chain(tutorial.stale).any(|(command, words)| {
        (command.is_empty() || *command == squeezed(&deed.command)) && shown.contains(words)
    });
    let bare = |text: &str| {
        let nameless = Regex::new("[0-9a-f]{40}").unwrap().replace_all(text, "ID").into_owned();
        masked(&nameless).lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    match bare(shown) == bare(out) {
        same if same == stale => Err(format!("the text is stale here: {stale}; the same is printed: {same}")),
        _ => Ok(()),
    }
}

/// Output without what is another at every time: times, salted passwords, and blanks that line up
/// what stands under them.
fn masked(text: &str) -> String {
    let time = r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?[+-]\d\d(?:\d\d)?|Z)?";
    let time = Regex::new(time).unwrap();
    let salted = Regex::new(r"\$1\$\S+|\t[./0-9A-Za-z]{13}\t|\t[./0-9A-Za-z]{40,}\t").unwrap();
    let text = time.replace_all(text, "NOW");
    let text = salted.replace_all(&text, " SALTED ");
    let rule = Regex::new("-{3,}").unwrap();
    rule.replace_all(&text, "---").lines().map(squeezed).collect::<Vec<_>>().join("\n")
}

/// Leaves what was typed and said where it can be read.
fn keep(tutorial: &Tutorial, who: &str, deeds: &[Deed]) {
    let Ok(folder) = std::env::var("TUTORIAL") else { return };
    let lines = |deed: &Deed| format!("> {}\n{}{}[{}]\n\n", deed.command, deed.out, deed.err, deed.status);
    let text: String = deeds.iter().map(lines).collect();
    std::fs::write(format!("{folder}/{}.{who}", tutorial.name), text).unwrap();
}

/// Does something with a server of its own.
fn with_server<T>(engine: Engine, work: impl FnOnce(Way) -> T) -> T {
    let env = |name: &str, value: String| (name.to_owned(), value);
    match engine {
        Engine::Sqlite => work(Way::default()),
        Engine::Postgres => {
            let server = postgres::Server::start(&[]);
            let folder = server.folder().display().to_string();
            let port = server.port().to_string();
            let user = postgres::ADMIN.to_owned();
            work(Way {
                env: vec![env("PGHOST", folder), env("PGPORT", port), env("PGUSER", user)],
                ..Way::default()
            })
        }
        Engine::Mysql => {
            let server = maria::Server::start();
            let socket = server.existing("mysql").socket.display().to_string();
            // The client of the shell reads the one, the driver of the real Sqitch the other.
            let my_cnf = format!("[client]\nsocket = {socket}\n");
            work(Way { env: vec![env("MYSQL_UNIX_PORT", socket)], my_cnf })
        }
    }
}
