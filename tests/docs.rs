//! The documentation tells the truth: every console block is run, and the reference of commands is
//! what the program says about itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

use change::lint::{plan, rules};
use change::report::rule_page;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder whose only program is `change`, to be put first on the PATH.
fn bin(folder: &Path) -> PathBuf {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_change"), bin.join("change")).unwrap();
    bin
}

/// What differs from run to run.
fn mask(text: &str) -> String {
    let patterns = [
        (r"\b[0-9a-f]{40}\b", "…"),
        (r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000|Z)?", "…"),
        (r"(?m)^[0-9a-f]{6} ", "… "),
        (r"(?m), by (.*) on \S+$", ", by $1 on …"),
        (r#""duration_ms":\d+"#, "\"duration_ms\":…"),
    ];
    let masked = patterns.iter().fold(text.to_owned(), |text, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    });
    masked.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// Whether a documented line covers a real one; `…` stands for anything.
fn covers(documented: &str, real: &str) -> bool {
    let pattern = documented.split('…').map(regex::escape).collect::<Vec<_>>().join(".*");
    Regex::new(&format!("(?s)^{pattern}$")).unwrap().is_match(real)
}

/// Runs the blocks of a page from top to bottom in one folder.
fn run_page(page: &str, start: Option<&[&str]>) {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    fs::create_dir_all(&work).unwrap();
    for name in start.unwrap_or_default() {
        copy(&root().join(name), &work.join(name));
    }
    let path = format!("{}:{}", bin(folder.path()).display(), std::env::var("PATH").unwrap());
    let text = fs::read_to_string(root().join(page)).unwrap();
    let mut lines = text.lines().enumerate().peekable();
    let mut ran = 0;
    while let Some((number, line)) = lines.next() {
        if let Some(file) =
            line.strip_prefix("```").and_then(|rest| rest.split_once(" file=")).map(|(_, file)| file)
        {
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let file = work.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, body.join("\n") + "\n").unwrap();
        }
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        for command in block.join("\n").split("\n$ ") {
            let command = command.strip_prefix("$ ").unwrap_or(command);
            let (command, expected) = command.split_once('\n').unwrap_or((command, ""));
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {command}\n}} 2>&1")])
                .current_dir(&work)
                .env_clear()
                .envs([("PATH", path.as_str()), ("TZ", "UTC"), ("LANG", "C.UTF-8")])
                .env("HOME", folder.path())
                .envs([("SQITCH_FULLNAME", "Ann Lee"), ("SQITCH_EMAIL", "ann@example.org")])
                .env("SQITCH_SYSTEM_CONFIG", "/nonexistent")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let real = mask(&String::from_utf8_lossy(&output.stdout));
            let documented = mask(expected);
            assert!(
                covers(&documented, &real),
                "{page}:{}: $ {command}\n--- the page says\n{documented}\n--- the program says\n{real}",
                number + 1
            );
            ran += 1;
        }
    }
    assert!(ran > 0, "{page} holds no console block");
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn the_readme_is_true() {
    run_page("README.md", Some(&["sqitch.plan", "change.toml", "deploy", "verify", "revert", "recovery"]));
}

#[test]
fn the_guide_is_true() {
    for page in ["getting-started", "way-back", "never-half", "lint"] {
        run_page(&format!("docs/guide/{page}.md"), None);
    }
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_change"))
        .args(arguments)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The page of all commands, made of what `--help` prints.
fn commands_page() -> String {
    let all = help(&["--help"]);
    let list = all.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut page = format!(
        "# Commands\n\nWhat `change --help` and `change COMMAND --help` print.\n\n```text\n{}\n```\n",
        all.trim_end()
    );
    for name in names {
        page.push_str(&format!(
            "\n## change {name}\n\n```text\n{}\n```\n",
            help(&[name, "--help"]).trim_end()
        ));
    }
    page
}

/// `UPDATE_DOCS=1 cargo test --test docs` writes the page anew.
#[test]
fn the_reference_of_commands_is_what_the_program_says() {
    let path = root().join("docs/reference/commands.md");
    let page = commands_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/reference/commands.md is not what --help prints; run: UPDATE_DOCS=1 cargo test --test docs"
    );
}

/// The pages of all rules, by their names, made of what the rules say of themselves.
fn rule_pages() -> BTreeMap<String, String> {
    let all = || rules::all().chain(plan::RULES.iter().map(|own| &own.rule));
    let mut pages: BTreeMap<String, String> =
        all().map(|rule| (format!("{}.md", rule.code), rule_page::page(rule))).collect();
    pages.insert("index.md".to_owned(), rule_page::index(all(), rules::omitted::OMITTED));
    pages
}

/// `UPDATE_DOCS=1 cargo test --test docs` writes them anew, and takes away those of rules that are gone.
#[test]
fn the_pages_of_the_rules_are_what_the_rules_say() {
    let folder = root().join("docs/rules");
    let pages = rule_pages();
    let on_disk = || -> BTreeMap<String, String> {
        let entries = fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap());
        entries
            .map(|entry| {
                let text = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), text)
            })
            .collect()
    };
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for name in on_disk().keys().filter(|name| !pages.contains_key(*name)) {
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, page) in &pages {
            fs::write(folder.join(name), page).unwrap();
        }
    }
    let written = on_disk();
    let names = pages.keys().chain(written.keys());
    let stale: BTreeSet<&String> = names.filter(|name| pages.get(*name) != written.get(*name)).collect();
    assert!(
        stale.is_empty(),
        "docs/rules is not what the rules say: {stale:?}; run: UPDATE_DOCS=1 cargo test --test docs"
    );
}

/// The variants of an enum in a source file with their fields, spelt as in JSON; a struct is its
/// own only variant.
fn fields_of(file: &str, item: &str) -> Vec<(String, Vec<String>)> {
    let source = fs::read_to_string(root().join(file)).unwrap();
    let body =
        source.split(&format!("pub {item} {{\n")).nth(1).unwrap_or_else(|| panic!("no {item} in {file}"));
    let body = body.split("\n}\n").next().unwrap();
    let upper = Regex::new(r"\B([A-Z])").unwrap();
    let line = Regex::new(r"(?m)^ +(?:pub )?(\w+)(: | \{$|,$)").unwrap();
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for found in line.captures_iter(body) {
        let name = upper.replace_all(&found[1], "_$1").to_lowercase();
        if &found[2] != ": " {
            all.push((name, Vec::new()));
        } else {
            if all.is_empty() {
                all.push((item.to_owned(), Vec::new()));
            }
            all.last_mut().unwrap().1.push(name);
        }
    }
    all
}

#[test]
fn the_reference_of_json_names_every_field() {
    let page = fs::read_to_string(root().join("docs/reference/json.md")).unwrap();
    let names = |cell: &str| -> Vec<String> {
        let name = Regex::new(r"`(\w+)`").unwrap();
        name.captures_iter(cell).map(|found| found[1].to_owned()).collect()
    };
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.split(" | ").collect())
        .collect();
    for (file, item) in [("src/event.rs", "enum Event"), ("src/steps/drift.rs", "enum Divergence")] {
        let all = fields_of(file, item);
        assert!(all.len() > 4, "{item}: {all:?}");
        for (name, fields) in all {
            let told = rows.iter().filter(|row| names(row[0]).contains(&name));
            let told: Vec<Vec<String>> = told.map(|row| names(row[1])).collect();
            let covers = |row: &Vec<String>| fields.iter().all(|field| row.contains(field));
            assert!(told.iter().any(covers), "{item} {name}: {fields:?} in {told:?}");
        }
    }
    for (file, item) in [
        ("src/event.rs", "struct ErrorData"),
        ("src/error.rs", "struct Place"),
        ("src/steps/state.rs", "struct InDoubt"),
        ("src/steps/state.rs", "struct Unrecorded"),
        ("src/report/format/record.rs", "struct Record"),
        ("src/report/lint/json.rs", "struct Found<'a>"),
        ("src/report/lint.rs", "struct Counts"),
        ("src/run/dry_run.rs", "struct Step"),
        ("src/run/revert.rs", "struct Step"),
    ] {
        let all = fields_of(file, item);
        assert!(all.len() == 1 && all[0].1.len() > 1, "{item}: {all:?}");
        for field in &all[0].1 {
            assert!(
                page.contains(&format!("`{field}`")) || page.contains(&format!("\"{field}\"")),
                "{item}: {field}"
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let status =
        "change init x --engine sqlite --target db:sqlite:x.db >/dev/null && change status --format json";
    let path = format!("{}:{}", bin(folder.path()).display(), std::env::var("PATH").unwrap());
    let told = Command::new("sh")
        .args(["-c", status])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let row = rows.iter().find(|row| row[0] == "`status`").unwrap();
    for field in told.as_object().unwrap().keys() {
        assert!(names(row[1]).contains(field), "status: {field}");
    }
}

/// Links between pages lead somewhere.
#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)(#[^)]*)?\)").unwrap();
    let mut pages =
        vec![root().join("README.md"), root().join("ARCHITECTURE.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs/guide", "docs/reference", "docs/rules", "docs/ci"] {
        let files = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|file| file.extension().is_some_and(|extension| extension == "md")));
    }
    let mut checked = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for found in link.captures_iter(&text).filter(|found| !found[1].contains("://")) {
            let target = page.parent().unwrap().join(&found[1]);
            assert!(target.exists(), "{}: {} leads nowhere", page.display(), &found[1]);
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} links found");
}
