//! The commands as a user meets them: what each says, what it leaves on disk and in the database,
//! and its exit status.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout
)]

#[allow(dead_code)]
#[path = "commands/desk.rs"]
mod desk;
#[path = "commands/transcripts.rs"]
mod transcripts;

use desk::Desk;
use serde_json::Value as Json;

/// All commands, as `help` lists them.
const COMMANDS: [&str; 26] = [
    "init",
    "add",
    "rework",
    "tag",
    "deploy",
    "revert",
    "rebase",
    "checkout",
    "verify",
    "status",
    "log",
    "notes",
    "plan",
    "show",
    "check",
    "facts",
    "bundle",
    "resume",
    "mark",
    "adopt",
    "upgrade",
    "config",
    "engine",
    "target",
    "completions",
    "man",
];

fn events(lines: &[Json]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap_or_default()).collect()
}

fn names(lines: &[Json], event: &str) -> Vec<String> {
    lines
        .iter()
        .filter(|line| line["event"] == event)
        .map(|line| line["change"].as_str().unwrap().to_owned())
        .collect()
}

// init

#[test]
fn init_makes_a_project_that_deploys_as_it_is() {
    let desk = Desk::new();
    assert_eq!(desk.read("sqitch.plan"), "%syntax-version=1.0.0\n%project=acme\n\n");
    for folder in ["deploy", "revert", "verify"] {
        assert!(desk.path(folder).is_dir());
    }
    desk.change(["config", "core.engine"]).succeeds().says("sqlite\n");
    desk.change(["config", "engine.sqlite.target"]).succeeds().says("db:sqlite:app.db\n");
    desk.change(["deploy"]).exits(2).complains("Nothing to deploy (empty plan)").complains("change add NAME");
    desk.plan("one");
    desk.change(["deploy"]).succeeds();
}

#[test]
fn init_again_changes_nothing_and_another_name_is_refused() {
    let desk = Desk::new();
    let before = desk.files();
    desk.change(["init", "acme"]).succeeds();
    desk.change(["init", "other"]).exits(2).complains("project \"acme\" already initialized in sqitch.plan");
    assert_eq!(desk.files(), before);
}

#[test]
fn init_takes_what_is_asked_for() {
    let desk = Desk::empty();
    let options = [
        "--uri",
        "https://Example.org:443/x",
        "--engine",
        "sqlite",
        "--plan-file",
        "p/my.plan",
        "--extension",
        "ddl",
    ];
    desk.change(["init", "demo", "--dir", "deploy=dep", "-s", "foo=bar"].iter().chain(&options))
        .succeeds()
        .says("Created p/my.plan\n");
    assert_eq!(
        desk.read("p/my.plan"),
        "%syntax-version=1.0.0\n%project=demo\n%uri=https://example.org/x\n\n"
    );
    assert!(desk.path("dep").is_dir() && !desk.path("deploy").exists());
    desk.change(["add", "one", "-n", "x"]).succeeds();
    assert!(desk.path("dep/one.ddl").is_file());
    desk.change(["config", "core.variables.foo"]).succeeds().says("bar\n");
}

#[test]
fn init_refuses_bad_names_engines_and_folders_and_writes_nothing() {
    let desk = Desk::empty();
    for (args, complaint) in [
        (&["init", "bad:name"][..], "invalid project name \"bad:name\""),
        (&["init", "demo", "--engine", "nope"], "Unknown engine \"nope\""),
        (&["init", "demo", "--dir", "nope=x"], "Unknown directory name: nope"),
        (&["init"], "<PROJECT>"),
    ] {
        desk.change(args).exits(2).complains(complaint);
        assert_eq!(desk.files().len(), 1, "{args:?}");
    }
}

#[test]
fn a_database_file_is_named_with_its_engine() {
    let desk = Desk::empty();
    for target in ["blog.db", "data/blog", "Blog.SQLite3"] {
        for args in [
            &["init", "blog", "--target", target][..],
            &["init", "blog", "--engine", "sqlite", "--target", target],
        ] {
            desk.change(args).exits(2).complains(&format!("--target db:sqlite:{target}"));
            assert_eq!(desk.files().len(), 1, "{args:?}");
        }
    }
    desk.change(["status"]).exits(2).complains("change init NAME --engine sqlite --target db:sqlite:FILE");
    desk.change(["init", "blog", "--engine", "sqlite"]).succeeds();
    desk.plan("one");
    desk.change(["deploy"]).exits(2).complains("change config engine.sqlite.target db:sqlite:FILE");
    desk.change(["deploy", "--target", "blog.db"]).exits(2).complains("db:sqlite:blog.db");
    desk.change(["config", "engine.sqlite.target", "db:sqlite:blog.db"]).succeeds();
    desk.change(["deploy"]).succeeds();
    let named = Desk::empty();
    named.change(["init", "blog", "--engine", "sqlite", "--target", "eu.dev"]).succeeds();
    named.plan("one");
    named.change(["deploy"]).exits(2).complains("change config target.eu.dev.uri db:sqlite:FILE");
}

#[test]
fn init_says_what_it_does_not_set() {
    let desk = Desk::new();
    let before = desk.files();
    let again = ["init", "acme", "--engine", "sqlite", "--target", "db:sqlite:app.db"];
    assert_eq!(desk.change(again).succeeds().err, "");
    desk.change(["init", "acme", "--engine", "pg", "--target", "db:pg://me:hunter2@host/db"])
        .succeeds()
        .complains("warning: change.toml is there and is not rewritten")
        .complains("core.engine, engine.pg.target")
        .complains("change config KEY VALUE")
        .hides("hunter2");
    assert_eq!(desk.files(), before);
    let old = Desk::empty();
    old.write("sqitch.conf", "[core]\n\tengine = sqlite\n");
    old.change(["init", "acme", "--engine", "sqlite", "--registry", "log"])
        .succeeds()
        .complains("sqitch.conf is there")
        .complains(": engine.sqlite.registry\n");
}

// add, rework, tag

#[test]
fn add_writes_scripts_that_know_their_change() {
    let desk = Desk::with(&["users"]);
    let run = desk.change([
        "add",
        "posts",
        "--requires",
        "users",
        "--conflicts",
        "blog",
        "--note",
        "Two\nlines",
        "--with",
        "recovery",
    ]);
    run.succeeds().says("Added \"posts [users !blog]\" to sqitch.plan\n").says("Created recovery/posts.md\n");
    let deploy = desk.read("deploy/posts.sql");
    assert!(
        deploy.starts_with("-- Deploy acme:posts to sqlite\n-- requires: users\n-- conflicts: blog\n"),
        "{deploy}"
    );
    assert!(
        desk.read("sqitch.plan")
            .lines()
            .last()
            .unwrap()
            .ends_with("Vera Tester <vera@example.org> # Two\\nlines")
    );
    for heading in ["Recovery path", "Code gate", "Backfill reversal", "Lock window"] {
        assert!(desk.read("recovery/posts.md").contains(heading));
    }
}

#[test]
fn add_leaves_out_what_is_not_wanted_and_keeps_what_is_there() {
    let desk = Desk::new();
    desk.write("deploy/a.sql", "mine\n");
    desk.change(["add", "a", "-n", "x", "--without", "verify"])
        .succeeds()
        .says("Skipped deploy/a.sql: already exists\n");
    assert_eq!(desk.read("deploy/a.sql"), "mine\n");
    assert!(desk.path("revert/a.sql").is_file() && !desk.path("verify/a.sql").exists());
}

#[test]
fn add_fills_in_the_templates_of_the_project_and_of_the_home() {
    let desk = Desk::new();
    desk.write("tm/deploy/mine.tmpl", "D [% change %] [% FOREACH t IN tables %]<[% t %]>[% END %]\n");
    desk.write("../home/.sqitch/templates/verify/sqlite.tmpl", "home [% project %]\n");
    desk.change([
        "add",
        "a",
        "-n",
        "x",
        "--use",
        "deploy=tm/deploy/mine.tmpl",
        "-s",
        "tables=one",
        "--set",
        "tables=two",
    ])
    .succeeds();
    assert_eq!(desk.read("deploy/a.sql"), "D a <one><two>\n");
    assert_eq!(desk.read("verify/a.sql"), "home acme\n");
    desk.change(["config", "add.template_directory", "tm"]).succeeds();
    desk.change(["add", "b", "-n", "x", "--template", "mine", "--without", "revert", "--without", "verify"])
        .succeeds();
    assert_eq!(desk.read("deploy/b.sql"), "D b \n");
}

#[test]
fn a_script_of_your_own_needs_a_template() {
    let desk = Desk::new();
    let before = desk.files();
    desk.change(["add", "a", "-n", "x", "--with", "unit"])
        .exits(2)
        .complains("Cannot find unit template")
        .complains("deploy, recovery, revert, verify")
        .complains("unit/sqlite.tmpl");
    desk.change(["add", "a", "-n", "x", "--with", "recovry"])
        .exits(2)
        .complains("did you mean --with recovery?");
    assert_eq!(desk.files(), before);
    desk.write("tm/unit/sqlite.tmpl", "unit [% change %]\n");
    desk.change(["add", "a", "-n", "x", "--with", "unit", "--with", "verify", "--template-directory", "tm"])
        .succeeds();
    assert_eq!(desk.read("unit/a.sql"), "unit a\n");
    desk.change(["add", "b", "-n", "x", "--with", "unit", "--use", "unit=tm/unit/sqlite.tmpl"]).succeeds();
    assert_eq!(desk.read("unit/b.sql"), "unit b\n");
    desk.change(["add", "c", "-n", "x", "--with", "unit", "--without", "unit"]).succeeds();
    assert!(!desk.path("unit/c.sql").exists());
}

#[test]
fn add_refuses_before_it_writes_or_asks() {
    let mut desk = Desk::with(&["users"]);
    desk.env.push(("EDITOR".to_owned(), "touch asked; true".into()));
    let before = desk.files();
    for (args, complaint) in [
        (&["add", "users"][..], "Change \"users\" already exists"),
        (&["add", "b", "-r", "userz"], "did you mean \"users\"?"),
        (&["add", "a@b"], "\"a@b\" is invalid"),
        (&["add", "b", "c"], "Unknown argument \"c\""),
        (&["add", "b", "-t", "nonesuch"], "Cannot find deploy template"),
        (&["add", "b", "-s", "novalue"], "\"novalue\" is not KEY=VALUE"),
        (&["add"], "the name of the change is missing"),
        (&["add", "../b"], "\"../b\" is invalid"),
        (&["add", "a/../../b"], "must stay inside the folder"),
        (&["rework", "users"], "Cannot rework \"users\" without an intervening tag."),
        (&["rework", "nope"], "Change \"nope\" does not exist"),
        (&["tag", "v1", "nope"], "Unknown change: \"nope\""),
        (&["tag", "bad/x"], "\"bad/x\" is invalid"),
    ] {
        desk.change(args).exits(2).complains(complaint);
        assert_eq!(desk.files(), before, "{args:?}");
    }
}

#[test]
fn a_note_is_asked_for_in_the_editor() {
    let mut desk = Desk::with(&["users"]);
    desk.write("editor", "#!/bin/sh\ngrep -q 'the change \"posts\"' \"$1\" || exit 1\nprintf 'Why\\n# dropped\\nand how\\n' >\"$1\"\n");
    desk.env.push(("EDITOR".to_owned(), "sh editor".into()));
    desk.change(["add", "posts"]).succeeds();
    assert!(desk.read("sqitch.plan").ends_with("# Why\\nand how\n"));
    for (editor, status, says) in [
        ("true", 1, "Aborting due to empty note"),
        ("false", 2, "cannot ask for a note with false"),
        ("./none", 2, "cannot ask for a note"),
    ] {
        desk.env.push(("SQITCH_EDITOR".to_owned(), editor.into()));
        let before = desk.files();
        for args in [&["add", "third"][..], &["tag", "v1"]] {
            let run = desk.change(args).exits(status);
            assert!(run.out.contains(says) || run.err.contains(says), "{run:?}");
            assert_eq!(desk.files(), before);
        }
    }
}

#[test]
fn without_a_terminal_no_editor_is_started_that_nobody_set() {
    let mut desk = Desk::with(&["users"]);
    desk.change(["tag", "v1", "-n", "x"]).succeeds();
    desk.write("bin/vi", "#!/bin/sh\ntouch started\n");
    desk.shell("chmod +x bin/vi").succeeds();
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
    desk.env.push(("PATH".to_owned(), path.into()));
    desk.env.push(("EDITOR".to_owned(), "".into()));
    let before = desk.files();
    for args in [&["add", "posts"][..], &["rework", "users"], &["tag", "v2"]] {
        desk.change(args).exits(2).complains("nobody to ask for a note").complains("--note \"why\"");
        assert_eq!(desk.files(), before, "{args:?}");
    }
    for args in [&["add", "posts", "-n", "x", "--edit"][..], &["rework", "users", "-n", "x", "--edit"]] {
        desk.change(args).exits(2).complains("no terminal to open the scripts in").complains("--open-editor");
        assert_eq!(desk.files(), before, "{args:?}");
    }
    desk.write("mine", "printf 'Why\\n' >\"$1\"\n");
    desk.change(["config", "core.editor", "sh mine"]).succeeds();
    desk.change(["add", "posts"]).succeeds();
    assert!(desk.read("sqitch.plan").ends_with("# Why\n"));
    desk.change(["add", "tags", "-n", "x", "--edit"]).succeeds();
    assert_eq!(desk.read("deploy/tags.sql"), "Why\n");
}

#[test]
fn a_file_planted_where_the_note_is_written_is_not_followed() {
    let mut desk = Desk::new();
    desk.write("victim", "precious\n");
    std::fs::create_dir(desk.path("tmp")).unwrap();
    desk.env.push(("TMPDIR".to_owned(), desk.path("tmp").into()));
    desk.write("editor", "printf 'Why\\n' >\"$1\"\n");
    desk.env.push(("EDITOR".to_owned(), "sh editor".into()));
    // The shell's own number is the program's, too.
    let plant =
        "ln -s \"$PWD/victim\" tmp/change-note-$$.txt; ln -s \"$PWD/victim\" tmp/change-note-$$-0.txt";
    desk.shell(&format!("{plant}; exec change add one")).succeeds();
    assert!(desk.read("sqitch.plan").ends_with("# Why\n"));
    assert_eq!(desk.read("victim"), "precious\n");
    assert_eq!(std::fs::read_dir(desk.path("tmp")).unwrap().count(), 2, "its own file is gone again");
}

#[test]
fn add_all_adds_to_every_plan() {
    let desk = Desk::new();
    desk.append(
        "change.toml",
        "[target.other]\nuri = \"db:sqlite:other.db\"\nplan_file = \"other.plan\"\ntop_dir = \"other\"\n",
    );
    desk.write("other.plan", "%project=other\n\n");
    desk.change(["add", "users", "--all", "-n", "x"]).succeeds().says("to sqitch.plan").says("to other.plan");
    assert!(desk.path("other/deploy/users.sql").is_file() && desk.path("deploy/users.sql").is_file());
    desk.change(["add", "posts", "other", "-n", "x"]).succeeds().says("to other.plan");
    assert!(!desk.read("sqitch.plan").contains("posts"));
    desk.change(["tag", "v1", "--all", "-n", "x"]).succeeds().says("in sqitch.plan").says("in other.plan");
    desk.change(["add", "z", "other", "--all", "-n", "x"]).exits(2).complains("Cannot specify both --all");
}

#[test]
fn rework_keeps_the_old_scripts_under_their_tag() {
    let desk = Desk::with(&["users"]);
    let (deploy, revert) = (desk.read("deploy/users.sql"), desk.read("revert/users.sql"));
    desk.change(["tag", "v1", "-n", "x"]).succeeds();
    desk.change(["rework", "users", "-n", "Better."])
        .succeeds()
        .says("Added \"users [users@v1]\" to sqitch.plan.\nModify these files");
    assert_eq!(desk.read("deploy/users@v1.sql"), deploy);
    assert_eq!(desk.read("revert/users@v1.sql"), revert);
    assert_eq!(desk.read("revert/users.sql"), deploy, "the way back is what was there before");
    desk.change(["show", "deploy", "users@v1"]).succeeds().says(&deploy);
    desk.change(["show", "change", "users"])
        .exits(2)
        .complains("ambiguous")
        .complains("users@v1")
        .complains("users@HEAD");
}

#[test]
fn tags_are_listed_and_placed() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["tag"]).succeeds();
    desk.change(["tag", "v2", "-n", "x"]).succeeds().says("Tagged \"two\" with @v2 in sqitch.plan\n");
    desk.change(["tag", "@v1", "one", "-n", "x"]).succeeds().says("Tagged \"one\" with @v1");
    assert_eq!(desk.change(["tag"]).succeeds().out, "@v1\n@v2\n");
    desk.change(["tag", "v1", "-n", "x"]).exits(2).complains("Tag \"@v1\" already exists");
    let tags = desk.change(["tag", "--format", "json"]).succeeds().json();
    assert_eq!(tags[0]["tags"][1]["change"], "two");
}

#[test]
fn what_sqitch_says_on_add_tag_and_rework_is_said_here() {
    transcripts::replay(&["add", "tag", "rework"]);
}

// show, plan, log

#[test]
fn show_shows_changes_tags_and_scripts() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["tag", "v1", "-n", "First release"]).succeeds();
    desk.change(["show", "change", "two"])
        .succeeds()
        .says("project acme\nchange two\nparent ")
        .says("\n\nAdds two.\n");
    desk.change(["show", "change", "@HEAD^"]).succeeds().says("change one\n");
    desk.change(["show", "tag", "v1"]).succeeds().says("tag @v1\n").says("First release");
    desk.change(["show", "deploy", "one"]).succeeds().says("CREATE TABLE \"one\"");
    desk.change(["show", "change", "nope"]).exits(2).complains("Unknown change: \"nope\"");
    desk.change(["show", "bogus", "one"]).exits(2).complains("Unknown object type \"bogus\"");
    std::fs::remove_file(desk.path("verify/one.sql")).unwrap();
    desk.change(["show", "verify", "one"]).exits(2).complains("File \"verify/one.sql\" does not exist");
    for (object, status) in [("one", 0), ("nope", 2)] {
        let run = desk.change(["show", "--exists", "change", object]).exits(status);
        assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""));
    }
    let shown = desk.change(["show", "--format", "json", "tag", "v1"]).succeeds().json();
    assert_eq!((shown[0]["type"].as_str(), shown[0]["object"].as_str()), (Some("tag"), Some("v1")));
}

#[test]
fn plan_lists_in_every_format_and_filters_together() {
    let desk = Desk::with(&["users", "posts", "user_names"]);
    let all = desk.change(["plan"]).succeeds();
    assert!(all.out.starts_with("# Project: acme\n# File:    sqitch.plan\n\nDeploy "), "{}", all.out);
    for format in ["raw", "full", "long", "medium", "short", "oneline"] {
        let run = desk.change(["plan", "--format", format]).succeeds();
        assert!(
            ["users", "posts", "user_names"].iter().all(|name| run.out.contains(name)),
            "{format}: {}",
            run.out
        );
    }
    let list = |args: &[&str]| {
        desk.change(["plan", "--no-headers", "--format", "format:%n"].iter().chain(args)).succeeds().out
    };
    assert_eq!(list(&["--change", "^user"]), "users\nuser_names\n");
    assert_eq!(list(&["--change", "^user", "--planner", "Vera", "-n", "1"]), "users\n");
    assert_eq!(list(&["--change", "^user", "--planner", "Nobody"]), "");
    assert_eq!(list(&["--reverse", "--skip", "1"]), "posts\nusers\n");
    assert_eq!(list(&["--event", "revert"]), "");
    desk.change(["plan", "--change", "("])
        .exits(2)
        .complains("not a regular expression")
        .complains("unclosed group");
    desk.change(["plan", "--format", "format:%{nonsense}z"]).fails();
    assert_eq!(desk.change(["plan", "--format", "json"]).succeeds().json().len(), 3);
    assert!(desk.change(["plan"]).out == all.out, "listing changes nothing");
}

#[test]
fn log_filters_together_and_pages() {
    let desk = Desk::with(&["users", "posts", "user_names"]);
    desk.change(["log"]).exits(1).says("has not been initialized");
    desk.change(["deploy"]).succeeds();
    desk.change(["revert", "-y", "--to", "posts"]).succeeds();
    let list = |args: &[&str]| {
        desk.change(["log", "--no-headers", "--format", "format:%e %n"].iter().chain(args)).succeeds().out
    };
    assert_eq!(list(&[]), "revert user_names\ndeploy user_names\ndeploy posts\ndeploy users\n");
    assert_eq!(list(&["--event", "deploy", "--change", "^user"]), "deploy user_names\ndeploy users\n");
    assert_eq!(
        list(&[
            "--event",
            "deploy",
            "--change",
            "^user",
            "--committer",
            "Vera",
            "--project",
            "^acme$",
            "-n",
            "1"
        ]),
        "deploy user_names\n"
    );
    assert_eq!(
        list(&["--event", "deploy", "--event", "revert", "--change", "names"]),
        "revert user_names\ndeploy user_names\n"
    );
    assert_eq!(list(&["--change", "user", "--committer", "Nobody"]), "");
    assert_eq!(list(&["--reverse", "--skip", "1", "-n", "2"]), "deploy posts\ndeploy user_names\n");
    desk.change(["log", "--oneline"])
        .succeeds()
        .says("On database db:sqlite:app.db\n")
        .says("revert acme:user_names");
    let lines = desk.change(["log", "--format", "json", "--event", "revert"]).succeeds().json();
    assert_eq!((lines.len(), lines[0]["name"].as_str()), (1, Some("user_names")));
}

// deploy, revert, verify and what they refuse

#[test]
fn deploy_status_and_revert_tell_what_is_done() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["tag", "v1", "-n", "x"]).succeeds();
    let run = desk.change(["deploy"]).succeeds();
    assert_eq!(
        run.out,
        "Adding registry tables to db:sqlite:sqitch.db\nDeploying changes to db:sqlite:app.db\n  + one ...... ok\n  + two @v1 .. ok\n"
    );
    assert_eq!(
        (desk.deployed(), desk.tables()),
        (vec!["one".to_owned(), "two".to_owned()], vec!["one".to_owned(), "two".to_owned()])
    );
    desk.change(["deploy"]).succeeds().says("Nothing to deploy (up-to-date)");
    desk.change(["deploy", "--to", "@v1"]).succeeds().says("Nothing to deploy");
    desk.change(["status"])
        .succeeds()
        .says("# Project:  acme\n")
        .says("# Name:     two\n# Tag:      @v1\n")
        .says("Nothing to deploy (up-to-date)");
    desk.change(["status", "--show-changes", "--show-tags"])
        .succeeds()
        .says("# Changes:\n#   two - ")
        .says("# Tag:\n#   @v1 - ");
    desk.change(["verify"]).succeeds().says("Verify successful");
    desk.change(["revert", "--to", "one", "-y"]).succeeds().says("  - two @v1 .. ok\n");
    desk.change(["status"]).succeeds().says("Undeployed change:\n  * two @v1\n");
    desk.change(["revert", "-y"]).succeeds();
    assert!(desk.tables().is_empty());
    desk.change(["status"]).exits(1).says("No changes deployed");
    desk.change(["revert", "-y"]).succeeds().says("Nothing to revert (nothing deployed)");
}

#[test]
fn nothing_to_deploy_is_said_without_looking_into_the_database() {
    let desk = Desk::with(&["one"]);
    desk.change(["deploy"]).succeeds();
    let busy = rusqlite::Connection::open(desk.path("app.db")).unwrap();
    busy.execute_batch("BEGIN EXCLUSIVE").unwrap();
    desk.change(["deploy"]).succeeds().says("Nothing to deploy (up-to-date)");
    drop(busy);
    desk.write("app.db", "no database at all, but long enough");
    desk.change(["deploy"]).exits(2).complains("not a database");
}

#[test]
fn notes_tell_how_runs_went() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["notes"]).exits(1).says("No runs noted");
    desk.change(["deploy", "one"]).succeeds();
    desk.write("deploy/two.sql", "CREATE TABLE two (id);\nSELECT nothing;\n");
    desk.change(["deploy"]).fails();
    let last = desk.change(["notes"]).succeeds().says("failed after").says("near \"nothing\"");
    assert!(!last.out.contains("+ one"), "{}", last.out);
    let both = desk.change(["notes", "-n", "9"]).succeeds().says("+ one").says("+ two");
    assert!(both.out.find("+ one") < both.out.find("+ two"), "{}", both.out);
    let json = desk.change(["notes", "--format", "json"]).succeeds().json();
    let step = &json[0]["runs"][0]["steps"][0];
    assert_eq!((step["change"].as_str(), step["state"].as_str()), (Some("two"), Some("failed")));
}

#[test]
fn deploy_goes_as_far_as_it_is_told() {
    let desk = Desk::with(&["one", "two", "three"]);
    desk.change(["deploy", "two"]).succeeds().says("Deploying changes through two");
    assert_eq!(desk.deployed(), ["one", "two"]);
    desk.change(["deploy", "--to", "nope"]).exits(2).complains("nope");
    desk.change(["deploy", "nope"]).exits(2).complains("Unknown argument \"nope\"");
    desk.change(["deploy", "--to", "one"]).fails();
    assert_eq!(desk.deployed(), ["one", "two"]);
}

#[test]
fn a_dry_run_shows_the_steps_and_touches_nothing() {
    let desk = Desk::with(&["one", "two"]);
    desk.append("deploy/two.sql", "VACUUM;\n");
    let before = desk.files();
    let run = desk.change(["deploy", "--dry-run"]).succeeds();
    let run = run
        .says("  + one  (deploy/one.sql; one transaction, verified in it)\n")
        .says("2 changes to deploy; nothing was done");
    run.says("+ two  (deploy/two.sql; step by step, because of deploy/two.sql:");
    let steps = desk.change(["deploy", "--dry-run", "--format", "json"]).succeeds().json();
    assert_eq!(
        (steps[0]["steps"][0]["atomic"].as_bool(), steps[0]["steps"][1]["atomic"].as_bool()),
        (Some(true), Some(false))
    );
    assert_eq!(desk.files(), before);
    desk.write("deploy/two.sql", "SELECT 1;\n");
    desk.change(["deploy"]).fails();
    desk.write("deploy/two.sql", "CREATE TABLE two(id, x);\n");
    desk.change(["deploy"]).succeeds();
    let before = desk.files();
    desk.change(["revert", "--dry-run"])
        .succeeds()
        .says("  - two  (revert/two.sql)\n  - one  (revert/one.sql)\n2 changes to revert; nothing was done");
    desk.change(["revert", "--dry-run", "--format", "json"]).succeeds().json();
    assert_eq!(desk.files(), before);
}

#[test]
fn a_dry_run_foretells_how_each_change_is_run() {
    let pairs = [
        ("CREATE TABLE t(x);", "SELECT x FROM t;", ""),
        ("BEGIN; CREATE TABLE t(x); COMMIT;", "BEGIN; SELECT x FROM t; ROLLBACK;", ""),
        (
            "CREATE TABLE t(x);",
            "PRAGMA case_sensitive_like = 1; SELECT x FROM t;",
            "verify/one.sql: it makes settings",
        ),
        (
            "CREATE TABLE t(x);",
            "PRAGMA foreign_keys = 1; SELECT x FROM t;",
            "verify/one.sql: it makes settings",
        ),
        (
            "CREATE TABLE t(x);",
            "SELECT x FROM t WHERE changes() > 0;",
            "verify/one.sql: changes, total_changes",
        ),
        (
            "CREATE TABLE t(x);",
            "BEGIN; DELETE FROM t; ROLLBACK; SELECT x FROM t;",
            "verify/one.sql: it reads after",
        ),
        ("CREATE TABLE t(x);", "VACUUM;", "verify/one.sql: \"VACUUM\" cannot"),
        (
            "PRAGMA recursive_triggers = 1; CREATE TABLE t(x);",
            "SELECT x FROM t;",
            "deploy/one.sql: it makes settings",
        ),
        ("BEGIN; CREATE TABLE t(x); ROLLBACK;", "SELECT 1;", "deploy/one.sql: it rolls its own work back"),
        ("VACUUM;", "SELECT 1;", "deploy/one.sql: \"VACUUM\" cannot"),
    ];
    for (deploy, verify, because) in pairs {
        let desk = Desk::with(&["one"]);
        desk.write("deploy/one.sql", deploy);
        desk.write("verify/one.sql", verify);
        let steps = desk.change(["deploy", "--dry-run", "--format", "json"]).succeeds().json();
        let step = &steps[0]["steps"][0];
        let reason = step["reason"].as_str().unwrap_or_default();
        assert!(reason.starts_with(because), "{deploy} / {verify}: {reason}");
        let way = if step["atomic"] == true { "atomic" } else { "stepwise" };
        assert_eq!(because.is_empty(), way == "atomic", "{deploy} / {verify}: {reason}");
        desk.change(["deploy"]).succeeds();
        assert_eq!(desk.query("sqitch.db", "SELECT mode FROM change_steps"), [way], "{deploy} / {verify}");
    }
}

#[test]
fn nobody_to_ask_means_no() {
    let desk = Desk::with(&["one"]);
    desk.change(["deploy"]).succeeds();
    desk.change(["revert"]).exits(3).complains("there is nobody to ask").complains("-y");
    assert_eq!(desk.deployed(), ["one"]);
    desk.shell("echo n | change revert").exits(1);
    desk.shell("printf 'what\\nwhat\\nwhat\\n' | change revert").exits(2).complains("No valid answer");
    assert_eq!(desk.deployed(), ["one"]);
    desk.shell("echo y | change revert").succeeds();
    assert!(desk.deployed().is_empty());
}

#[test]
fn a_failing_script_is_shown_and_leaves_nothing() {
    let desk = Desk::with(&["one", "two"]);
    desk.write("deploy/two.sql", "CREATE TABLE two(id, x);\nINSERT INTO nowhere VALUES (1);\n");
    let run = desk.change(["deploy", "--mode", "change"]).exits(2);
    run.complains("no such table: nowhere").complains("deploy/two.sql:2").says("  + two .. not ok");
    assert_eq!((desk.deployed(), desk.tables()), (vec!["one".to_owned()], vec!["one".to_owned()]));
    let lines = desk.change(["deploy", "--format", "json"]);
    let lines = lines.exits(2).json();
    assert!(lines.iter().any(|line| line["error"]["place"]["line"] == 2), "{lines:?}");
    assert_eq!(
        desk.change(["log", "--no-headers", "--event", "fail", "--format", "format:%n"]).out,
        "two\ntwo\n"
    );
}

#[test]
fn a_verify_script_that_says_no_takes_its_change_back() {
    let desk = Desk::with(&["one", "two"]);
    desk.write("verify/two.sql", "SELECT nope FROM two;\n");
    desk.change(["deploy"]).exits(2).complains("nope");
    assert!(desk.tables().is_empty(), "the mode is \"all\": the whole run is taken back");
    desk.change(["deploy", "--no-verify"]).succeeds();
    desk.change(["verify"]).exits(2).says("not ok").says("Errors:  1");
    let lines = desk.change(["verify", "--format", "json"]).exits(2).json();
    assert!(lines.iter().any(|line| line["event"] == "change_finished" && line["verdict"] == "not_ok"));
}

#[test]
fn verify_output_is_shown_at_the_second_v() {
    let desk = Desk::with(&["one"]);
    desk.write("verify/one.sql", "SELECT 'seen' FROM (SELECT 1);\n");
    desk.change(["deploy"]).succeeds().hides("seen");
    desk.change(["-v", "-v", "verify"]).succeeds().says("seen");
    desk.change(["-v", "verify"]).succeeds().hides("seen");
    desk.change(["revert", "-y"]).succeeds();
    desk.change(["-v", "-v", "deploy"]).succeeds().says("seen");
}

#[test]
fn quiet_leaves_reports_and_errors() {
    let desk = Desk::with(&["one", "two"]);
    for args in [&["add", "three", "-n", "x"][..], &["tag", "v1", "-n", "x"], &["rework", "two", "-n", "x"]] {
        assert_eq!(desk.change(args.iter().chain(&["--quiet"])).succeeds().out, "", "{args:?}");
    }
    let desk = Desk::with(&["one", "two"]);
    assert_eq!(desk.change(["deploy", "--quiet"]).succeeds().out, "");
    desk.change(["--quiet", "verify"]).succeeds().says("Verify successful");
    desk.change(["--quiet", "status"]).succeeds().says("# Name:     two");
    assert_eq!(desk.change(["--quiet", "revert", "-y"]).succeeds().out, "");
    desk.change(["--quiet", "deploy", "nope"]).exits(2).complains("Unknown argument");
}

#[test]
fn a_folder_can_be_named() {
    let desk = Desk::with(&["one"]);
    let home = desk.path("../home");
    let root = desk.root();
    let root = root.to_str().unwrap();
    desk.change_in(&home, ["-C", root, "deploy"]).succeeds();
    desk.change_in(&home, ["--chdir", root, "status"]).succeeds().says("# Name:     one");
    desk.change_in(&desk.path("deploy"), ["status"]).succeeds().says("# Name:     one");
    desk.change_in(&home, ["status"]).fails();
    desk.change(["-C", "nowhere", "status"]).exits(2).complains("Cannot change to directory nowhere");
    assert_eq!(
        std::fs::read_dir(&home).unwrap().count(),
        0,
        "nothing is left in the folder it was called from"
    );
}

#[test]
fn changes_without_a_way_back_are_refused_all_at_once() {
    let desk = Desk::with(&["fine", "empty", "missing", "promised", "planned"]);
    desk.write("revert/empty.sql", "BEGIN;\n-- XXX Add DDLs here.\nCOMMIT;\n");
    std::fs::remove_file(desk.path("revert/missing.sql")).unwrap();
    std::fs::remove_file(desk.path("revert/promised.sql")).unwrap();
    desk.write("recovery/promised.md", "## Recovery path\n\nSome day.\n");
    desk.write("revert/planned.sql", "-- change: revert=nothing because \"it only adds comments\"\n");
    let before = desk.files();
    for args in [&["deploy"][..], &["deploy", "--dry-run"]] {
        let run = desk.change(args).exits(3).complains("3 changes have no way back, so nothing was deployed");
        let run =
            run.complains("* empty: its revert script does nothing").complains("write revert/empty.sql");
        let run = run
            .complains("* missing: it has no revert script, and it has no recovery document")
            .complains("* promised: ");
        run.complains("\"Lock window\"").complains("change adopt").hides("fine:").hides("planned:");
        assert_eq!(desk.files(), before, "nothing was written");
    }
    let lines = desk.change(["deploy", "--format", "json"]).exits(3).json();
    assert_eq!((lines.len(), lines[0]["error"]["code"].as_str()), (1, Some("policy.way_back")));
    desk.change(["deploy", "--to", "fine"]).succeeds();
}

#[test]
fn a_long_list_of_refused_changes_is_cut_short() {
    let desk = Desk::new();
    let names: Vec<String> = (1..=52).map(|number| format!("c{number:02}")).collect();
    let mut plan = desk.read("sqitch.plan");
    for name in &names {
        plan.push_str(&format!("{name} 2026-01-01T00:00:00Z Vera Tester <vera@example.org>\n"));
        desk.write(&format!("deploy/{name}.sql"), format!("CREATE TABLE {name}(x);\n"));
    }
    desk.write("sqitch.plan", plan);
    let run = desk.change(["deploy"]).exits(3).complains("52 changes have no way back");
    let run = run.complains("  * c50: ").complains("  … and 2 more\n").complains("change adopt");
    run.hides("* c51");
    desk.write("revert/c52.sql", "DROP TABLE c52;\n");
    desk.write("revert/c51.sql", "DROP TABLE c51;\n");
    desk.change(["deploy"]).exits(3).complains("  * c50: ").hides("more\n");
    desk.change(["config", "policy.way_back", "off"]).succeeds();
    desk.change(["deploy"]).succeeds();
    for name in &names {
        desk.append(&format!("deploy/{name}.sql"), "-- edited\n");
    }
    desk.plan("last");
    desk.change(["deploy"]).exits(3).complains("  … and 2 more\n").complains("change check  lists all");
}

#[test]
fn adopt_accepts_the_past_and_holds_the_future() {
    let desk = Desk::with(&["old", "older"]);
    desk.write("revert/old.sql", "");
    desk.change(["adopt", "nope"]).exits(2).complains("nope");
    desk.change(["adopt"])
        .succeeds()
        .says("Set policy.since = ")
        .says("Up to older (2 changes) no way back is required");
    desk.change(["deploy"]).succeeds();
    desk.change(["add", "new", "-n", "x"]).succeeds();
    desk.change(["deploy"])
        .exits(3)
        .complains("1 change has no way back")
        .complains("* new: ")
        .hides("* old: ");
    desk.change(["tag", "v1", "-n", "x"]).succeeds();
    desk.change(["adopt"]).succeeds().says("Set policy.since = @v1 in change.toml");
    assert!(desk.read("change.toml").contains("since = \"@v1\""));
    desk.change(["deploy"]).succeeds();
    Desk::new().change(["adopt"]).exits(2).complains("No changes in sqitch.plan");
}

/// As one of the public projects: the database stands on the command line only.
#[test]
fn a_plan_without_a_configuration_is_adopted() {
    let desk = Desk::with(&["old"]);
    desk.write("revert/old.sql", "");
    std::fs::remove_file(desk.path("change.toml")).unwrap();
    desk.change(["deploy", "db:sqlite:app.db"]).exits(3).complains("change adopt");
    desk.change(["adopt"]).succeeds().says("in change.toml\nUp to old (1 change)");
    desk.change(["deploy", "db:sqlite:app.db"]).succeeds();
    Desk::empty().change(["adopt"]).exits(2).complains("Plan file sqitch.plan does not exist");
}

#[test]
fn the_way_back_policy_has_three_answers() {
    let desk = Desk::with(&["one"]);
    desk.write("revert/one.sql", "");
    desk.change(["config", "policy.way_back", "warn"]).succeeds();
    desk.change(["deploy"]).succeeds().complains("no way back");
    desk.change(["revert", "-y", "--log-only"]).succeeds();
    std::fs::remove_file(desk.path("app.db")).unwrap();
    desk.change(["config", "policy.way_back", "off"]).succeeds();
    assert_eq!(desk.change(["deploy"]).succeeds().err, "warning: policy.way_back is off\n");
    desk.change(["config", "policy.way_back", "perhaps"]).succeeds();
    desk.change(["deploy"])
        .exits(2)
        .complains("policy.way_back cannot be \"perhaps\"")
        .complains("require, warn or off")
        .complains("change.toml:");
}

#[test]
fn an_unknown_policy_key_is_an_error_with_a_suggestion() {
    let desk = Desk::with(&["one"]);
    desk.append("change.toml", "[policy]\nway_bck = \"off\"\n");
    desk.change(["deploy"])
        .exits(2)
        .complains("unknown key \"policy.way_bck\"")
        .complains("did you mean \"policy.way_back\"?");
}

#[test]
fn drift_is_refused_with_the_difference() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["deploy"]).succeeds();
    desk.plan("three");
    desk.append("deploy/one.sql", "-- edited\n");
    let before = desk.files();
    desk.change(["deploy"])
        .exits(3)
        .complains("* deploy/one.sql was edited since one was deployed")
        .complains("policy.drift");
    assert_eq!(desk.deployed(), ["one", "two"]);
    assert_eq!(desk.files().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    desk.change(["config", "policy.drift", "warn"]).succeeds();
    desk.change(["deploy"]).succeeds().complains("deploy/one.sql was edited");
    assert_eq!(desk.deployed(), ["one", "two", "three"]);
}

#[test]
fn a_plan_that_lost_a_deployed_change_is_refused() {
    let desk = Desk::with(&["one", "two", "three"]);
    desk.change(["deploy", "two"]).succeeds();
    let plan = desk.read("sqitch.plan");
    let without: String = plan.split_inclusive('\n').filter(|line| !line.starts_with("one ")).collect();
    desk.write("sqitch.plan", &without);
    desk.change(["deploy"]).fails().complains("(two) in sqitch.plan").complains("change check");
    assert_eq!(desk.deployed(), ["one", "two"]);
    desk.change(["check"]).exits(1).says("one");
    desk.write("sqitch.plan", &plan);
    desk.change(["deploy"]).succeeds();
}

#[test]
fn check_reports_every_difference_at_once() {
    let desk = Desk::with(&["one", "two", "three"]);
    desk.change(["check"]).exits(2).complains("No registry found");
    desk.change(["deploy"]).succeeds();
    desk.change(["check"]).succeeds().says("Check successful");
    desk.append("deploy/one.sql", "-- edited\n");
    desk.append("revert/two.sql", "-- edited\n");
    std::fs::remove_file(desk.path("verify/three.sql")).unwrap();
    let run = desk.change(["check"]).exits(1).says("* deploy/one.sql was edited since one was deployed\n");
    let run = run
        .says("* revert/two.sql was edited since two was deployed\n")
        .says("* verify/three.sql is gone since three was deployed\n");
    run.says("Check found 3 differences");
    let found = desk.change(["check", "--format", "json"]).exits(1).json();
    assert_eq!(found[0]["divergences"].as_array().unwrap().len(), 3);
    desk.change(["check", "--from", "two", "--to", "two"]).exits(1).says("Check found 1 difference\n");
}

#[test]
fn check_reports_the_order_of_the_plan() {
    let desk = Desk::with(&["one", "two", "three"]);
    desk.change(["deploy"]).succeeds();
    let plan = desk.read("sqitch.plan");
    let mut lines: Vec<&str> = plan.lines().collect();
    let last = lines.len() - 1;
    lines.swap(last, last - 1);
    desk.write("sqitch.plan", lines.join("\n") + "\n");
    desk.change(["check"]).exits(1).says("two").says("three").hides("* one ");
}

// configuration, completions, help, JSON, exit statuses

#[test]
fn config_edits_in_place_and_shows_no_password() {
    let desk = Desk::new();
    desk.write("change.toml", "# mine\n[core]\nengine = \"sqlite\" # beside\n\n[target.prod]\nuri = \"db:pg://me:hunter2@host/db\"\n");
    desk.change(["config", "deploy.verify", "no"]).succeeds();
    desk.change(["config", "core.engine", "pg"]).succeeds();
    let text = desk.read("change.toml");
    assert!(text.starts_with("# mine\n[core]\nengine = \"pg\" # beside\n\n[target.prod]\n"), "{text}");
    desk.change(["config", "--bool", "deploy.verify"]).succeeds().says("false\n");
    desk.change(["config", "--list"])
        .succeeds()
        .says("core.engine=pg\n")
        .says("target.prod.uri=db:pg://me")
        .hides("hunter2");
    desk.change(["config", "--unset", "deploy.verify"]).succeeds();
    desk.change(["config", "deploy.verify"]).exits(1);
    desk.change(["config", "--unset", "deploy.verify"]).exits(2).complains("has no key \"deploy.verify\"");
    desk.change(["config", "--int", "core.engine"]).exits(2);
    desk.change(["config", "nosection", "x"]).exits(2);
}

#[test]
fn config_keeps_to_the_file_the_project_has() {
    let desk = Desk::empty();
    desk.write("sqitch.conf", "[core]\n\tengine = sqlite ; beside\n");
    desk.change(["config", "user.name", "Joe \"X\" #1"]).succeeds();
    assert!(
        desk.read("sqitch.conf").starts_with("[core]\n\tengine = sqlite ; beside\n")
            && !desk.path("change.toml").exists()
    );
    desk.change(["config", "user.name"]).succeeds().says("Joe \"X\" #1\n");
    desk.write("change.toml", "[core]\nextension = \"ddl\"\n");
    desk.write("sqitch.conf", "[core]\nengine = sqlite\nextension = sql\n");
    desk.change(["config", "core.engine"]).succeeds().says("sqlite\n");
}

#[test]
fn config_reads_only_the_file_that_is_asked_for() {
    let mut desk = Desk::new();
    for (variable, file) in [("SQITCH_SYSTEM_CONFIG", "system.conf"), ("SQITCH_USER_CONFIG", "user.conf")] {
        desk.env.push((variable.to_owned(), desk.path(file).into()));
    }
    for (file, name) in [("system.conf", "system"), ("user.conf", "user"), ("other.conf", "file")] {
        desk.write(file, format!("[user]\n\tname = {name}\n\t{name} = 1\n"));
    }
    desk.change(["config", "user.name", "project"]).succeeds();
    let other = ["--file", "other.conf"];
    for (place, name) in [
        (&["--system"][..], "system"),
        (&["--user"], "user"),
        (&["--local"], "project"),
        (&other, "file"),
        (&[], "project"),
    ] {
        let ask = |words: &[&str]| desk.change([&["config"], place, words].concat());
        for words in [&["user.name"][..], &["--get", "user.name"], &["--get-all", "user.name"]] {
            assert_eq!(ask(words).succeeds().out, format!("{name}\n"), "{place:?} {words:?}");
        }
        let listed = ask(&["--list"]).succeeds().says(&format!("user.name={name}\n"));
        for foreign in ["system", "user", "file"] {
            let shown = listed.out.contains(&format!("user.{foreign}=1"));
            let wanted = name == foreign || place.is_empty() && foreign != "file";
            assert_eq!(shown, wanted, "{place:?} {foreign}");
        }
        ask(&["user.nonesuch"]).exits(1);
    }
    desk.change(["config", "--file", "none.conf", "user.name"])
        .exits(2)
        .complains("there is no file none.conf");
    desk.write("none.conf", "[a]\n\tb = 1\n\tb = 2\n");
    desk.change(["config", "--file", "none.conf", "a.b"]).exits(2).complains("More then one value");
}

#[test]
fn completions_are_written_for_each_shell() {
    let desk = Desk::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = desk.change(["completions", shell]).succeeds();
        assert!(run.err.is_empty() && COMMANDS.iter().all(|command| run.out.contains(command)), "{shell}");
    }
    for (shell, check) in [("bash", "bash -n"), ("zsh", "zsh -n"), ("fish", "fish -n")] {
        let there = desk.shell(&format!("command -v {shell}")).status == 0;
        if there {
            desk.shell(&format!("change completions {shell} >c && {check} c")).succeeds();
        }
    }
    desk.change(["completions", "nushell"]).exits(2).complains("possible values");
}

#[test]
fn every_command_has_help_and_is_listed() {
    let desk = Desk::empty();
    let list = desk.change(["help"]).succeeds();
    for command in COMMANDS {
        assert!(list.out.contains(&format!("  {command}")), "{command} is not listed");
        let help = desk.change(["help", command]).succeeds();
        assert!(help.out.contains(&format!("Usage: change {command}")) && help.err.is_empty(), "{command}");
        assert_eq!(desk.change([command, "--help"]).succeeds().out, help.out);
        desk.change([command, "-h"]).succeeds().says(&format!("Usage: change {command}"));
    }
    desk.change(["--version"]).succeeds().says("change 0.");
    desk.change(["nonsense"]).exits(2).complains("unrecognized subcommand 'nonsense'");
    desk.change(["deploy", "--nonsense"]).exits(2).complains("--nonsense");
    desk.change([""; 0]).exits(2).complains("Usage: change");
    assert_eq!(desk.files().len(), 1);
}

#[test]
fn machines_read_json_from_every_command_that_tells() {
    let desk = Desk::with(&["one", "two"]);
    let json = |args: &[&str], status: i32| {
        desk.change(args.iter().chain(&["--format", "json"])).exits(status).json()
    };
    assert_eq!(json(&["status"], 1)[0]["deployed"], Json::Array(Vec::new()));
    json(&["check"], 2);
    json(&["verify"], 2);
    let lines = json(&["deploy", "one"], 0);
    assert_eq!(
        events(&lines),
        ["adding_registry", "started", "change_started", "change_finished", "finished"]
    );
    assert_eq!(names(&lines, "change_finished"), ["one"]);
    assert_eq!(events(&json(&["deploy"], 0)).last(), Some(&"finished"));
    assert_eq!(events(&json(&["deploy"], 0)), ["nothing"]);
    assert_eq!(events(&json(&["verify"], 0)).last(), Some(&"finished"));
    assert_eq!(json(&["check"], 0)[0]["deployed"], 2);
    assert_eq!(json(&["status"], 0)[0]["latest"]["name"], "two");
    assert_eq!(json(&["log"], 0).len(), 2);
    assert_eq!(json(&["plan"], 0).len(), 2);
    assert_eq!(json(&["show", "deploy", "one"], 0)[0]["type"], "deploy");
    let refused = json(&["revert"], 3);
    assert_eq!(refused.last().unwrap()["error"]["code"], "prompt.unattended");
    assert_eq!(names(&json(&["revert", "-y"], 0), "change_finished"), ["two", "one"]);
    assert_eq!(json(&["log"], 0).len(), 4);
    for args in [
        &["status", "nope"][..],
        &["deploy", "--to", "nope"],
        &["show", "change", "nope"],
        &["log", "nope"],
        &["plan", "nope"],
    ] {
        let lines = json(args, 2);
        assert!(
            lines.iter().any(
                |line| line["event"] == "error" && !line["error"]["message"].as_str().unwrap().is_empty()
            ),
            "{args:?}"
        );
    }
}

#[test]
fn exit_statuses_are_those_of_the_table() {
    let desk = Desk::new();
    desk.change(["plan"]).exits(1).says("No changes in sqitch.plan");
    desk.change(["config", "no.such"]).exits(1);
    desk.plan("one");
    desk.change(["status"]).exits(1);
    desk.change(["revert", "-y"]).exits(2).complains("No registry found");
    desk.write("revert/one.sql", "");
    desk.change(["deploy"]).exits(3);
    desk.write("revert/one.sql", "DROP TABLE one;\n");
    desk.write("deploy/one.sql", "CREATE TABLE one(id, x);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n");
    desk.change(["deploy"]).exits(4);
    let stopped = desk.change(["status"]).exits(4);
    assert!(stopped.out.contains("one") || stopped.err.contains("one"), "{stopped:?}");
    desk.change(["status", "--format", "json"]).exits(4).json();
    desk.change(["mark", "reverted", "one"]).succeeds();
    desk.change(["status"]).exits(1);
}

#[test]
fn a_deployed_change_that_the_plan_lost_is_named_with_its_line() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["deploy"]).succeeds();
    let without_one: String =
        desk.read("sqitch.plan").split_inclusive('\n').filter(|line| !line.starts_with("one ")).collect();
    desk.write("sqitch.plan", &without_one);
    desk.change(["deploy"])
        .exits(2)
        .complains("Cannot find change")
        .complains("one (")
        .complains("is deployed, but sqitch.plan does not hold it")
        .complains("two is deployed as")
        .complains("line 4 of sqitch.plan gives it the id");
}

#[test]
fn what_is_only_recorded_has_a_database_too() {
    let desk = Desk::with(&["one"]);
    desk.change(["deploy", "--log-only"]).succeeds();
    desk.change(["deploy"]).succeeds().says("up-to-date");
    desk.change(["revert", "-y", "--log-only"]).succeeds();
    desk.change(["deploy"]).succeeds();
}

#[test]
fn rebase_reverts_nothing_that_it_cannot_deploy_again() {
    let desk = Desk::with(&["one", "two"]);
    desk.change(["deploy"]).succeeds();
    let kept = |why: &str| {
        desk.change(["rebase", "--onto", "one", "-y"]).exits(3).complains(why).hides("Reverting");
        desk.change(["status"]).succeeds().says("# Name:     two");
    };
    let script = desk.read("revert/two.sql");
    desk.write("revert/two.sql", "-- nothing\n");
    kept("1 change has no way back");
    desk.write("revert/two.sql", &script);
    desk.write("deploy/one.sql", format!("{}-- edited\n", desk.read("deploy/one.sql")));
    kept("was edited since one was deployed");
}
