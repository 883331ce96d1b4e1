//! A hostile world: full disks, folders in the place of files, broken text, tampered registries,
//! passwords and injections. Whatever happens, the program says clearly what is wrong, ends with
//! an exit status, leaves everything as it was, and shows no secret.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]
#![cfg(unix)]

#[allow(dead_code)]
#[path = "commands/desk.rs"]
mod desk;

use desk::{Desk, Run};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

const SECRET: &str = "hunter2-Geheim";

/// Runs a command that must fail and leave every file as it was.
#[track_caller]
fn refused(desk: &Desk, args: &[&str]) -> Run {
    let before = desk.files();
    let run = desk.change(args).fails();
    let after = desk.files();
    let changed: Vec<&String> = after.keys().filter(|name| before.get(*name) != after.get(*name)).collect();
    assert!(after == before, "{args:?} changed {changed:?}\n{run:?}");
    run
}

// Disks and files

#[test]
fn a_full_disk_at_the_output_is_an_error() {
    let desk = Desk::with(&["one"]);
    desk.change(["deploy"]).succeeds();
    for command in [
        "status",
        "plan",
        "log",
        "check",
        "show change one",
        "config --list",
        "tag --format json",
        "completions bash",
        "status --format json",
    ] {
        desk.shell(&format!("change {command} >/dev/full")).fails().complains("No space left");
    }
    // What a run has done is done: the registry says so even if nobody could be told.
    desk.plan("two");
    desk.shell("change deploy >/dev/full 2>/dev/full");
    assert_eq!(
        (desk.deployed(), desk.tables()),
        (vec!["one".to_owned(), "two".to_owned()], vec!["one".to_owned(), "two".to_owned()])
    );
}

#[test]
fn a_reader_that_goes_away_ends_the_output_and_nothing_else() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["deploy", "one"]).succeeds();
    for command in ["plan", "log", "status", "help", "completions zsh", "deploy", "verify"] {
        desk.shell(&format!("{{ change {command} 2>err; echo $? >status; }} | true")).succeeds();
        let status = desk.read("status");
        assert_eq!((status.as_str(), desk.read("err").as_str()), ("0\n", ""), "{command}");
    }
    assert_eq!(desk.deployed(), ["one", "two"]);
}

#[test]
fn closed_streams_do_not_end_up_in_the_database() {
    let desk = Desk::with(&["one"]);
    desk.shell("change deploy <&- >&- 2>&-");
    assert_eq!((desk.deployed(), desk.tables()), (vec!["one".to_owned()], vec!["one".to_owned()]));
    assert_eq!(desk.query("app.db", "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(desk.query("sqitch.db", "PRAGMA integrity_check"), ["ok"]);
}

/// Runs a command that can write no file beyond so many blocks of 512 bytes.
fn on_a_small_disk(desk: &Desk, blocks: usize, command: &str) -> Run {
    // Signal 25 tells of the limit; ignored, the write itself fails, as on a full disk.
    desk.shell(&format!("trap '' 25; ulimit -f {blocks}; exec change {command}"))
}

#[test]
fn a_full_disk_leaves_no_half_of_a_change_in_the_plan() {
    let desk = Desk::with(&["one"]);
    desk.change(["tag", "v1", "-n", "x"]).succeeds();
    let filler: String = (0..40).map(|at| format!("# a comment of some length, number {at}\n")).collect();
    desk.append("sqitch.plan", &filler);
    for command in [
        "add two -n x",
        "add two -n x --with recovery",
        "rework one -n x",
        "tag v2 -n x",
        "config core.extension ddl",
        "adopt",
    ] {
        let blocks = if command.starts_with("config") || command == "adopt" { 0 } else { 2 };
        for blocks in [0, blocks] {
            let before = desk.files();
            on_a_small_disk(&desk, blocks, command).exits(2).complains("File too large");
            let after = desk.files();
            let mut lost: Vec<_> = before
                .iter()
                .filter(|(name, text)| after.get(*name) != Some(text))
                .map(|(name, _)| name.as_str())
                .collect();
            // A second run of rework finds the old revert script kept under its tag, see below.
            lost.retain(|name| !(command.starts_with("rework") && *name == "revert/one.sql"));
            assert!(lost.is_empty(), "{command}: {lost:?} changed");
            let new: Vec<_> = after
                .keys()
                .filter(|name| {
                    !before.contains_key(*name) && !name.contains('@') && desk.path(name).is_file()
                })
                .collect();
            assert!(new.is_empty(), "{command} with {blocks} blocks left {new:?}");
        }
    }
    for command in [&["rework", "one", "-n", "x"][..], &["add", "two", "-n", "x"]] {
        desk.change(command).succeeds();
    }
    assert_eq!(
        desk.read("revert/one@v1.sql"),
        "DROP TABLE \"one\";\n",
        "the old revert script is still what it was"
    );
}

#[test]
fn a_full_disk_in_a_deployment_is_told_and_the_next_run_finishes() {
    let full = Desk::with(&["one", "two", "three"]);
    full.change(["deploy"]).succeeds();
    let largest = full.files().values().map(Vec::len).max().unwrap() / 512;
    let mut failed = 0;
    for blocks in [0, 1, 8, 16, 24, 40, 64, 96, largest, largest + 64] {
        let desk = Desk::with(&["one", "two", "three"]);
        let run = on_a_small_disk(&desk, blocks, "deploy");
        if run.status != 0 {
            failed += 1;
            let told = run.fails();
            assert!(
                ["disk", "full", "too large", "write", "I/O"].iter().any(|word| told.err.contains(word)),
                "{told:?}"
            );
        }
        desk.change(["deploy"]).succeeds();
        assert_eq!(
            (desk.deployed(), desk.tables()),
            (full.deployed(), full.tables()),
            "after a disk of {blocks} blocks"
        );
    }
    assert!(failed >= 4, "the limit was felt");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_named() {
    for (path, args) in [
        ("sqitch.plan", &["deploy"][..]),
        ("sqitch.plan", &["plan"]),
        ("sqitch.plan", &["add", "x", "-n", "x"]),
        ("deploy/one.sql", &["deploy"]),
        ("revert/one.sql", &["deploy"]),
        ("verify/one.sql", &["deploy"]),
        ("deploy/one.sql", &["show", "deploy", "one"]),
        ("sqitch.db", &["deploy"]),
        ("sqitch.db", &["status"]),
        ("app.db", &["deploy"]),
        ("change.toml", &["status"]),
        ("change.toml", &["config", "core.engine", "pg"]),
        ("sqitch.conf", &["config", "-f", "sqitch.conf", "core.engine", "pg"]),
    ] {
        let desk = Desk::with(&["one"]);
        let place = desk.path(path);
        let _ = std::fs::remove_file(&place);
        std::fs::create_dir(&place).unwrap();
        refused(&desk, args).exits(2).complains(path);
    }
    let desk = Desk::with(&["one"]);
    std::fs::remove_file(desk.path("revert/one.sql")).unwrap();
    std::fs::create_dir_all(desk.path("recovery/one.md")).unwrap();
    refused(&desk, &["deploy"]).complains("recovery/one.md");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named() {
    let desk = Desk::with(&["one"]);
    std::fs::remove_dir_all(desk.path("verify")).unwrap();
    desk.write("verify", "in the way\n");
    refused(&desk, &["add", "two", "-n", "x"]).exits(2).complains("verify");
    refused(&desk, &["init", "acme"]).exits(2).complains("verify");
    std::fs::remove_dir_all(desk.path("deploy")).unwrap();
    desk.write("deploy", "in the way\n");
    refused(&desk, &["deploy"]).exits(2).complains("deploy/one.sql");
}

/// The program as a user without rights: root is nobody for the time of a run.
fn without_rights(desk: &Desk, command: &str) -> Run {
    if !rustix_is_root() {
        return desk.shell(command);
    }
    // The build's folder may be closed to others; a copy beside the project is not.
    let program = desk.path("../change");
    if !program.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_change"), &program).unwrap();
        std::fs::set_permissions(desk.path(".."), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let command = command.strip_prefix("change ").unwrap();
    desk.shell(&format!("exec setpriv --reuid 65534 --regid 65534 --clear-groups ../change\t{command}"))
}

fn rustix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0)
}

fn set_mode(desk: &Desk, path: &str, mode: u32) {
    std::fs::set_permissions(desk.path(path), PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn what_may_not_be_written_or_read_is_named() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["deploy", "one"]).succeeds();
    let before = desk.files();
    let folders = [".", "deploy", "revert", "verify"];
    for folder in folders {
        set_mode(&desk, folder, 0o555);
    }
    for name in ["app.db", "sqitch.db", "sqitch.plan", "change.toml"] {
        set_mode(&desk, name, 0o444);
    }
    for (command, complaint) in [
        ("change add x -n x", "deploy/x.sql"),
        ("change tag v1 -n x", "sqitch.plan"),
        ("change config core.extension ddl", "change.toml"),
        ("change deploy", "sqitch.db"),
        ("change revert -y", "sqitch.db"),
    ] {
        without_rights(&desk, command).exits(2).complains(complaint);
    }
    without_rights(&desk, "change status").succeeds().says("# Name:     one");
    for (path, command) in [
        ("sqitch.plan", "change plan"),
        ("change.toml", "change status"),
        ("deploy/two.sql", "change show deploy two"),
        ("sqitch.db", "change status"),
    ] {
        set_mode(&desk, path, 0o000);
        without_rights(&desk, command).exits(2).complains(path);
        set_mode(&desk, path, 0o444);
    }
    for folder in folders {
        set_mode(&desk, folder, 0o755);
    }
    assert_eq!(desk.files(), before);
}

#[test]
fn a_home_that_cannot_be_read_is_no_mystery() {
    let desk = Desk::with(&["one"]);
    set_mode(&desk, ".", 0o777);
    set_mode(&desk, "../home", 0o000);
    let run = without_rights(&desk, "change plan");
    assert!(run.status == 0 || run.err.contains("home"), "{run:?}");
    let mut desk = Desk::with(&["one"]);
    for home in ["", "/nonexistent", "/dev/null", "relative", "/proc/self/mem"] {
        desk.env = vec![("HOME".to_owned(), home.into())];
        desk.change(["plan"]).succeeds();
    }
}

// Databases

#[test]
fn a_locked_database_is_told_of_and_left_alone() {
    for (file, first) in [("app.db", "two"), ("sqitch.db", "two")] {
        let desk = Desk::with(&["one", first]);
        desk.change(["deploy", "one"]).succeeds();
        let other = rusqlite::Connection::open(desk.path(file)).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let start = Instant::now();
        desk.change(["deploy", "--lock-timeout", "1"]).fails().complains("locked");
        assert!(start.elapsed() < Duration::from_secs(45), "it gives up in time");
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        assert_eq!((desk.deployed(), desk.tables()), (vec!["one".to_owned()], vec!["one".to_owned()]));
        desk.change(["deploy"]).succeeds();
    }
}

#[test]
fn a_target_that_is_no_database_is_not_touched() {
    for file in ["app.db", "sqitch.db"] {
        let desk = Desk::with(&["one"]);
        desk.write(file, "Dear diary, this is no database, and it is longer than a header. ".repeat(30));
        for command in ["deploy", "status", "log", "verify", "check", "upgrade"] {
            if file == "app.db" && command != "deploy" {
                continue;
            }
            refused(&desk, &[command]).exits(2).complains("not a database").complains(file);
        }
    }
    let desk = Desk::with(&["one"]);
    desk.change(["deploy"]).succeeds();
    let mut bytes = std::fs::read(desk.path("sqitch.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[100..middle].fill(0xff);
    desk.write("sqitch.db", &bytes);
    for command in ["status", "log", "deploy", "check"] {
        refused(&desk, &[command]).exits(2);
    }
}

/// What somebody may have done to the registry by hand.
const TAMPERING: [&str; 18] = [
    "UPDATE changes SET change_id = 'short'",
    "UPDATE changes SET change_id = 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'",
    "UPDATE changes SET change_id = x'00ff'",
    "UPDATE changes SET committed_at = 'yesterday'",
    "UPDATE changes SET committed_at = ''",
    "UPDATE changes SET committed_at = 99999999999999999999999",
    "UPDATE changes SET planned_at = '2026-13-45 99:99:99'",
    "UPDATE changes SET planned_at = x'ff'",
    "UPDATE changes SET change = x'c328'",
    "UPDATE changes SET change = '../../../../evil'",
    "UPDATE changes SET script_hash = x'c328'",
    "UPDATE changes SET script_hash = NULL",
    "UPDATE tags SET tag = 'no-at', committed_at = 'é'",
    "UPDATE events SET committed_at = 'é', planned_at = 'é'",
    "UPDATE events SET event = 'deploy', requires = x'c328', tags = '@v1,,,é'",
    "UPDATE projects SET uri = 'other:uri'",
    "UPDATE releases SET version = 'new'",
    "DROP TABLE tags",
];

#[test]
fn a_tampered_registry_never_makes_it_panic() {
    for tampering in TAMPERING {
        let desk = Desk::with(&["one", "two"]);
        desk.change(["tag", "v1", "-n", "x"]).succeeds();
        desk.change(["deploy"]).succeeds();
        desk.plan("three");
        let connection = rusqlite::Connection::open(desk.path("sqitch.db")).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;").unwrap();
        if connection.execute_batch(&format!("{tampering};")).is_err() {
            // A unique key stands in the way of some; one row is enough.
            connection.execute_batch(&format!("{tampering} WHERE rowid = 1;")).unwrap();
        }
        drop(connection);
        for args in [
            &["status", "--show-changes", "--show-tags"][..],
            &["status", "--format", "json"],
            &["log"],
            &["check"],
            &["verify"],
            &["deploy", "--dry-run"],
            &["deploy"],
            &["revert", "-y"],
            &["upgrade"],
        ] {
            let run = desk.change(args);
            assert!(
                run.status == 0 || !run.err.is_empty() || !run.out.is_empty(),
                "{tampering}: {args:?} fails without a word"
            );
        }
        assert!(
            !desk.path("../../../evil.sql").exists()
                && desk.query("app.db", "PRAGMA integrity_check") == ["ok"]
        );
    }
}

// Text

#[test]
fn text_that_is_no_text_is_refused_with_its_place() {
    for (path, bytes, complaint) in [
        ("sqitch.plan", &b"%project=acme\n\none 2026-01-31T12:00:00Z J\xf6 <j@x>\n"[..], "sqitch.plan:3:"),
        ("sqitch.plan", b"\xef\xbb\xbf%project=acme\n\n", "byte order mark"),
        ("sqitch.plan", b"\xff\xfe%\x00p\x00", "not valid UTF-8"),
        ("sqitch.plan", b"\0\0\0\0", "sqitch.plan:1:"),
        ("sqitch.plan", b"", "%project"),
        ("deploy/one.sql", b"SELECT 1;\nSELECT '\xff';\n", "deploy/one.sql:2:"),
        ("deploy/one.sql", b"SELECT 1;\nDROP\0 TABLE x;\n", "deploy/one.sql:2:"),
        ("revert/one.sql", b"DROP TABLE \xc3(;\n", "revert/one.sql:1:"),
        ("verify/one.sql", b"SELECT 1\0;\n", "verify/one.sql:1:"),
        ("change.toml", b"[core]\nengine = \"\xff\"\n", "change.toml"),
        ("change.toml", b"[core]\nengine = \"\0\"\n", "change.toml:2:"),
        ("change.toml", b"[core\nengine", "change.toml:1:"),
        ("sqitch.conf", b"[core]\n\tengine = \xff\n", "sqitch.conf"),
        ("sqitch.conf", b"[core\n", "sqitch.conf:1:"),
    ] {
        let desk = Desk::with(&["one"]);
        desk.write(path, bytes);
        refused(&desk, &["deploy"]).exits(2).complains(complaint);
    }
    let desk = Desk::with(&["one"]);
    std::fs::remove_file(desk.path("revert/one.sql")).unwrap();
    for bytes in [&b"## Recovery path\n\xff\n"[..], b"\0"] {
        desk.write("recovery/one.md", bytes);
        refused(&desk, &["deploy"]).complains("recovery/one.md");
    }
}

#[test]
fn carriage_returns_and_byte_order_marks_do_not_hinder_where_sqitch_takes_them() {
    let desk = Desk::with(&["one", "two"]);
    for path in ["sqitch.plan", "change.toml", "deploy/one.sql", "revert/one.sql", "verify/one.sql"] {
        desk.write(path, desk.read(path).replace('\n', "\r\n"));
    }
    for path in ["deploy/two.sql", "revert/two.sql", "verify/two.sql"] {
        desk.write(path, format!("\u{feff}{}", desk.read(path)));
    }
    desk.change(["deploy"]).succeeds();
    desk.change(["add", "three", "-n", "x"]).succeeds();
    let plan = desk.read("sqitch.plan");
    assert_eq!(plan.matches('\n').count(), plan.matches("\r\n").count(), "line ends are mixed: {plan:?}");
    desk.change(["revert", "-y"]).succeeds();
    assert!(desk.tables().is_empty());
}

/// Time enough for 50 MB in a build without optimization on a busy machine.
const LONG: Duration = Duration::from_secs(90);

#[test]
fn a_plan_of_fifty_megabytes_ends_in_time() {
    const SIZE: usize = 50 << 20;
    let head = "%syntax-version=1.0.0\n%project=acme\n\n";
    let stamp = "2026-01-31T12:00:00Z Jo <jo@x>";
    let line = format!(
        "change_with_a_longer_name_NUMBER [{}] {stamp} # {}\n",
        "other:".to_owned() + &"x".repeat(40),
        "why ".repeat(60)
    );
    let numbered =
        |count: usize| (0..count).map(|at| line.replace("NUMBER", &at.to_string())).collect::<String>();
    for (what, text, status) in [
        ("many changes", head.to_owned() + &numbered(SIZE / (line.len() + 4)), 0),
        ("one note", format!("{head}a {stamp} # {}\n", "x".repeat(SIZE)), 0),
        ("one name", format!("{head}{} {stamp}\n", "x".repeat(SIZE)), 0),
        ("one comment", format!("{head}a {stamp}\n#{}\n", "#".repeat(SIZE)), 0),
        ("empty lines", format!("{head}a {stamp}\n{}", "\n".repeat(SIZE / 5)), 0),
        ("no line end", "x".repeat(SIZE), 2),
        ("only errors", format!("{head}{}", "a b c\n".repeat(SIZE / 6)), 2),
        ("one list", format!("{head}a [{}] {stamp}\n", "x ".repeat(SIZE / 2)), 2),
        ("zeros", "\0".repeat(SIZE), 2),
    ] {
        let desk = Desk::new();
        desk.write("sqitch.plan", &text);
        let start = Instant::now();
        let run = desk.change(["plan", "-n", "1", "--format", "format:%h"]).exits(status);
        assert!(start.elapsed() < LONG, "{what} took {:?}", start.elapsed());
        assert!(run.out.len() + run.err.len() < 1 << 20, "{what}: nobody reads so long a message");
    }
}

#[test]
fn many_reworks_cost_no_more_than_their_lines() {
    let stamp = "2026-01-31T12:00:00Z Jo <jo@x>";
    let mut plan = "%syntax-version=1.0.0\n%project=acme\n\n".to_owned();
    (0..20_000).for_each(|at| plan.push_str(&format!("c{at} {stamp}\n")));
    plan.push_str(&format!("@start {stamp}\n"));
    (0..20_000).for_each(|at| plan.push_str(&format!("c{at} [c{at}@start] {stamp}\n@t{at} {stamp}\n")));
    let desk = Desk::new();
    desk.write("sqitch.plan", plan);
    let start = Instant::now();
    desk.shell("ulimit -v 1000000; exec change plan -n 1").succeeds();
    assert!(start.elapsed() < Duration::from_secs(30), "it took {:?}", start.elapsed());
}

#[test]
fn names_that_would_leave_their_folder_are_refused_before_anything_runs() {
    for name in
        ["a/../../../evil", "a/../b", "a//b", "a/./b", "a/\u{1b}[31mb", "a\u{7}b", "a\u{7f}b", "etc/../../x"]
    {
        let desk = Desk::with(&["one"]);
        desk.append("sqitch.plan", &format!("{name} 2026-01-31T12:00:00Z Jo <jo@x>\n"));
        for args in [&["deploy"][..], &["deploy", "--dry-run"], &["show", "deploy", "@HEAD"]] {
            let run = refused(&desk, args).exits(2);
            assert!(
                !run.err.contains(['\u{1b}', '\u{7}', '\u{7f}']),
                "a control character reaches the terminal: {:?}",
                run.err
            );
        }
        refused(&desk, &["add", name, "-n", "x"]).exits(2);
        assert!(!desk.path("../evil.sql").exists());
    }
}

#[test]
fn long_names_end_in_a_clear_error() {
    let name = "x".repeat(10_000);
    let desk = Desk::with(&["one"]);
    refused(&desk, &["add", &name, "-n", "x"]).exits(2).complains("too long");
    desk.append("sqitch.plan", &format!("{name} 2026-01-31T12:00:00Z Jo <jo@x>\n"));
    refused(&desk, &["deploy"]).fails();
    let long = "n".repeat(100_000);
    desk.change(["tag", "v1", "one", "-n", &long]).succeeds();
    desk.change(["show", "tag", "v1"]).succeeds().says(&long);
    refused(&desk, &["deploy", "--to", &name, "--target", &long]);
    refused(&desk, &["--chdir", &long, "status"]);
}

#[test]
fn quotes_and_odd_letters_in_names_are_only_letters() {
    let names = [
        "o'brien",
        "say\"so\"x",
        "semi;colon",
        "a--b",
        "naïve/größe",
        "x%s%nx",
        "a$(touch)x",
        "a`id`x",
        "a'); DROP",
    ];
    let desk = Desk::new();
    for name in &names[..8] {
        desk.change(["add", name, "-n", "it's; DROP TABLE changes; --\n\\n\u{1F600}"]).succeeds();
        desk.write(
            &format!("deploy/{name}.sql"),
            format!("CREATE TABLE \"{}\" (x);\n", name.replace('"', "\"\"")),
        );
        desk.write(&format!("revert/{name}.sql"), format!("DROP TABLE \"{}\";\n", name.replace('"', "\"\"")));
        desk.write(&format!("verify/{name}.sql"), "SELECT 1;\n");
    }
    refused(&desk, &["add", names[8], "-n", "x"]).exits(2);
    desk.change(["deploy"]).succeeds();
    assert_eq!(desk.query("sqitch.db", "SELECT change FROM changes ORDER BY committed_at").len(), 8);
    assert_eq!(
        desk.query(
            "sqitch.db",
            "SELECT count(*) FROM changes WHERE note LIKE 'it''s; DROP TABLE changes; --%'"
        ),
        ["Integer(8)"]
    );
    desk.change(["status", "--show-changes"]).succeeds().says("o'brien");
    desk.change(["revert", "-y"]).succeeds();
    assert!(desk.tables().is_empty());
}

// Injections and secrets

#[test]
fn nothing_that_a_user_names_is_taken_for_sql() {
    let evil = "x'); DROP TABLE changes; DROP TABLE events; --";
    let mut desk = Desk::with(&["one"]);
    desk.env.push(("SQITCH_FULLNAME".to_owned(), evil.into()));
    desk.env.push(("SQITCH_EMAIL".to_owned(), "e'); DELETE FROM changes; --@x".into()));
    desk.change(["tag", "v1';DROP_TABLE_tags;--x", "-n", evil]).succeeds();
    desk.change(["deploy"]).succeeds();
    assert_eq!(desk.query("sqitch.db", "SELECT committer_name FROM changes"), [evil]);
    assert_eq!(desk.query("sqitch.db", "SELECT note FROM tags"), [evil]);
    desk.change(["log", "--committer", "nobody' OR 1=1 --"]).succeeds().hides("acme:one");
    desk.change(["status", "--project", evil]).exits(1);
    desk.change(["revert", "-y", "--to", evil]).fails();
    assert_eq!(desk.deployed(), ["one"]);
    desk.change(["revert", "-y"]).succeeds();
    for registry in [
        "reg' AS x; ATTACH 'evil.db' AS e; --",
        "q\"uo\"te",
        "sp ace; DROP TABLE one",
        "x'||char(0)||'y",
        "%2e%2e",
        "?mode=memory",
        "#frag",
    ] {
        let run = desk.change(["deploy", "--registry", registry]).succeeds();
        let registries = desk
            .files()
            .into_iter()
            .filter(|(_, bytes)| bytes.windows(14).any(|part| part == b"CREATE TABLE r"))
            .count();
        assert!(!desk.path("evil.db").exists() && registries >= 1, "{registry}: {run:?}");
        desk.change(["status", "--registry", registry]).succeeds().says("# Name:     one");
        desk.change(["revert", "-y", "--registry", registry]).succeeds();
    }
}

/// Fails if a secret is in any file of the project but those.
fn secret_is_in_no_file(desk: &Desk, but: &[&str]) {
    for (name, bytes) in desk.files() {
        let found = bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!found || but.contains(&name.as_str()), "the secret is in {name}");
    }
}

#[test]
fn passwords_are_shown_and_kept_nowhere() {
    let uris = [
        format!("db:sqlite://me:{SECRET}@/app.db"),
        format!("db:sqlite:app.db?password={SECRET}"),
        format!("db:pg://me:{SECRET}@127.0.0.1:1/app"),
        format!("db:pg://127.0.0.1:1/app?user=me&password={SECRET}"),
        format!("db:postgresql://me:{SECRET}@[::1]:1/app?sslpassword={SECRET}"),
        format!("db:mysql://me:{SECRET}@127.0.0.1:1/app"),
        format!("db:snowflake://me:{SECRET}@acct/app?pwd={SECRET}"),
        format!("db:nonsense://me:{SECRET}@host/app"),
        format!("db:pg://me:{SECRET}@host:port:port/app"),
        format!("pg://me:{SECRET}@127.0.0.1:1/app"),
        format!("me:{SECRET}@host"),
        format!("db:sqlite:nowhere/at/all.db?password={SECRET}"),
    ];
    for uri in &uris {
        let desk = Desk::with(&["one"]);
        let all = [
            &["deploy"][..],
            &["deploy", "--format", "json"],
            &["status"],
            &["log"],
            &["verify"],
            &["check"],
            &["revert", "-y"],
            &["upgrade"],
            &["status", "--format", "json"],
            &["plan"],
        ];
        for args in all {
            desk.change(args.iter().chain(&["--target", uri])).hides(SECRET);
            desk.change(args.iter().copied().chain([uri.as_str()])).hides(SECRET);
        }
        desk.change(["deploy", "--to", uri]).hides(SECRET);
        secret_is_in_no_file(&desk, &[]);
        desk.write("change.toml", format!("[core]\nengine = \"sqlite\"\n[engine.sqlite]\ntarget = \"{uri}\"\n[target.prod]\nuri = \"{uri}\"\n"));
        for args in all.iter().copied().chain([
            &["config", "--list"][..],
            &["deploy", "prod"],
            &["status", "prod"],
            &["add", "x", "-n", "x"],
        ]) {
            desk.change(args).hides(SECRET);
        }
        secret_is_in_no_file(&desk, &["change.toml"]);
        desk.write(
            "change.toml",
            format!("[core]\nengine = \"sqlite\"\n[target.prod]\nuri = \"{uri}\" oops\n"),
        );
        desk.change(["status"]).hides(SECRET);
        std::fs::remove_file(desk.path("change.toml")).unwrap();
        desk.write("sqitch.conf", format!("[core]\n\tengine = sqlite\n[target \"prod\"\n\turi = {uri}\n"));
        desk.change(["status"]).hides(SECRET);
    }
}

#[test]
fn a_password_in_the_environment_is_shown_and_kept_nowhere() {
    let mut desk = Desk::with(&["one"]);
    desk.env.push(("SQITCH_PASSWORD".to_owned(), SECRET.into()));
    desk.env.push(("SQITCH_USERNAME".to_owned(), "somebody".into()));
    for args in [
        &["deploy"][..],
        &["status"],
        &["log"],
        &["config", "--list"],
        &["deploy", "--target", "db:pg://127.0.0.1:1/app"],
        &["deploy", "--target", "db:mysql://127.0.0.1:1/app"],
        &["status", "-v"],
        &["revert", "-y"],
    ] {
        desk.change(args).hides(SECRET);
    }
    secret_is_in_no_file(&desk, &[]);
}

#[test]
fn engines_that_are_not_there_are_told_of() {
    let desk = Desk::with(&["one"]);
    for uri in [
        "db:pg://127.0.0.1:1/app",
        "db:mysql://127.0.0.1:1/app",
        "db:oracle:x",
        "db:nonsense:x",
        "db:",
        "db:sqlite:",
        "nonsense",
    ] {
        for command in ["deploy", "status", "verify", "log", "revert"] {
            refused(&desk, &[command, "--target", uri]).exits(2);
        }
    }
}

#[test]
fn garbage_in_the_environment_is_no_bug() {
    let names = [
        "SQITCH_CONFIG",
        "SQITCH_SYSTEM_CONFIG",
        "SQITCH_USER_CONFIG",
        "SQITCH_TARGET",
        "SQITCH_USERNAME",
        "SQITCH_PASSWORD",
        "SQITCH_FULLNAME",
        "SQITCH_EMAIL",
        "SQITCH_ORIG_SYSUSER",
        "SQITCH_ORIG_FULLNAME",
        "SQITCH_ORIG_EMAIL",
        "SQITCH_EDITOR",
        "CHANGE_CONFIG",
        "CHANGE_TARGET",
        "CHANGE_FAULT",
        "XDG_CONFIG_HOME",
        "COLUMNS",
        "TERM",
        "TZ",
        "LANG",
        "NO_COLOR",
        "EDITOR",
        "TMPDIR",
    ];
    let values: [&[u8]; 8] = [
        b"",
        b"\xff\xfe",
        b"\n",
        b"%s%n'\"; DROP TABLE x; --",
        b"../../..",
        b"/dev/null",
        b"db:sqlite:\x01.db",
        &[b'x'; 20_000],
    ];
    let mut desk = Desk::with(&["one"]);
    for name in names {
        for value in values {
            desk.env = vec![(name.to_owned(), std::ffi::OsString::from_vec(value.to_vec()))];
            for args in [&["plan"][..], &["status"], &["tag"], &["deploy", "--dry-run"]] {
                let run = desk.change(args);
                assert!(matches!(run.status, 0..=3), "{name}={value:?} {args:?}: {run:?}");
                assert!(run.status != 2 || !run.err.is_empty(), "{name} {args:?} fails without a word");
            }
        }
    }
    desk.env = vec![("SQITCH_FULLNAME".to_owned(), "a\nb 2026".into())];
    refused(&desk, &["add", "x", "-n", "x"]).exits(2).complains("name");
    desk.env = vec![("SQITCH_EMAIL".to_owned(), "a> # note".into())];
    refused(&desk, &["add", "x", "-n", "x"]).exits(2).complains("email");
}
