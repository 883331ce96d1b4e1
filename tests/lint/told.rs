//! `explain`, `review` and `checklist`.

use super::{INDEX, ORDERS, World, change, shop};
use serde_json::Value;

#[test]
fn explain_says_what_each_statement_does_and_safe_out_loud() {
    let world = shop(&[("orders", ORDERS), ("index", &format!("BEGIN;\n{INDEX}COMMIT;\n"))]);
    let text = change(&world, &["explain", "index"]).ok().out;
    for part in [
        "deploy/index.sql",
        "does   builds the index orders_note on orders (note)",
        "lock   SHARE on orders: writes wait, reads go on",
        "undo   can be taken back without loss",
        "NOT    writes to \"orders\" wait while the index is built",
        "better CREATE INDEX CONCURRENTLY orders_note ON orders (note);",
        "1 of 3 statements not safe on a live database",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("deploy/orders.sql"), "{text}");
    let text = change(&world, &["explain", "orders"]).ok().out;
    assert!(text.contains("safe   nobody waits for it") && !text.contains("NOT"), "{text}");
    assert!(text.contains("Safe: 2 statements, and all can be taken back"), "{text}");
}

#[test]
fn explain_reads_any_file() {
    let world = World::new();
    let input = |dialect: &str, sql: &str| {
        let words = ["explain", "--dialect", dialect, "-"];
        world.run(super::support::Tool::Change, "", &words, sql).ok().out
    };
    assert!(input("pg", "DROP TABLE people;").contains("no script can bring back what it takes away"));
    for dialect in ["mysql", "sqlite"] {
        let told = input(dialect, "DROP TABLE people;");
        assert!(told.contains("only a copy made before can") && !told.contains("without loss"), "{told}");
        assert!(told.contains("lock  ") && !told.contains("ACCESS EXCLUSIVE"), "{told}");
    }
    assert!(input("pg", "-- nothing\n").contains("There are no statements"));
}

#[test]
fn what_is_safe_only_because_the_target_is_quiet_says_why() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    std::fs::remove_file(world.path("sqitch.conf")).unwrap();
    world.write("change.toml", "[core]\nengine = \"pg\"\n[lint]\nprofile = \"small\"\n");
    let told = change(&world, &["explain", "index"]).ok().out;
    let why = "safe   here, since few use the target (profile small); elsewhere writes to \"orders\" wait";
    assert!(told.contains(why), "{told}");
}

#[test]
fn explain_writes_json() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    let done = change(&world, &["explain", "--format", "json", "index"]).ok();
    let json: Value = serde_json::from_str(&done.out).unwrap();
    let one = &json["statements"][0];
    assert_eq!(
        (&one["file"], &one["line"], &one["safe"]),
        (&"deploy/index.sql".into(), &1.into(), &false.into())
    );
    assert_eq!(one["locks"][0]["mode"], "SHARE");
    assert_eq!(one["reversibility"], "reversible");
    assert!(one["findings"].as_array().unwrap().contains(&"PL01".into()));
    assert!(json["summary"].as_str().unwrap().contains("1 of 1 statement"), "{}", json["summary"]);
}

#[test]
fn a_block_or_a_call_is_no_safer_than_what_is_inside() {
    for (sql, safe) in [
        ("DO $$ BEGIN DROP TABLE people; END $$;", false),
        ("DO $$ BEGIN DO $x$ BEGIN EXECUTE 'TRUNCATE people'; END $x$; END $$;", false),
        ("DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_setting('x'); END $$;", false),
        ("CALL nobody_knows();", false),
        ("DO $$ BEGIN PERFORM 1; END $$;", true),
    ] {
        let world = World::new();
        world.write("a.sql", sql);
        let json = change(&world, &["explain", "--format", "json", "a.sql"]).ok().out;
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["statements"][0]["safe"], safe, "{sql}: {json}");
        let text = change(&world, &["explain", "a.sql"]).ok().out;
        assert_eq!(text.contains("Safe: 1 statement"), safe, "{sql}: {text}");
    }
    let called = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE people; END $$;\n\
        SELECT f();\n";
    let world = World::new();
    world.write("a.sql", called);
    let json: Value =
        serde_json::from_str(&change(&world, &["explain", "--format", "json", "a.sql"]).ok().out).unwrap();
    assert_eq!(
        (&json["statements"][0]["safe"], &json["statements"][1]["safe"]),
        (&true.into(), &false.into())
    );
    assert_eq!(json["statements"][1]["reversibility"], "irreversible", "{json}");
    assert!(json["summary"].as_str().unwrap().starts_with("1 of 2 statements not safe"), "{json}");
}

#[test]
fn a_review_begins_with_the_rollback_plan_of_four_sections() {
    let away = "ALTER TABLE orders DROP COLUMN note;\nUPDATE orders SET price = 1;\n";
    let world = shop(&[("orders", ORDERS), ("away", away)]);
    world.write("revert/away.sql", "ALTER TABLE orders ADD COLUMN note text;\n");
    let text = change(&world, &["review", "away"]).ok().out;
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    let expected = [
        "## Rollback plan",
        "### Recovery path",
        "### Code gate",
        "### Backfill reversal",
        "### Lock window",
        "## Compatibility",
    ];
    assert_eq!(headings[..6], expected, "{text}");
    for part in [
        "ALTER TABLE orders ADD COLUMN note text;",
        "not the data",
        "ACCESS EXCLUSIVE on `orders`",
        "(PD02)",
        "ALTER TABLE orders DROP COLUMN note;",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let document = "# Recovery path\n\nRestore the backup.\n\n# Code gate\n\nThe flag new_notes.\n\n\
        # Backfill reversal\n\nFrom the copy.\n\n# Lock window\n\n20 ms, measured.\n";
    world.write("recovery/away.md", document);
    let text = change(&world, &["review", "away"]).ok().out;
    for part in ["Restore the backup.", "The flag new_notes.", "From the copy.", "20 ms, measured."] {
        assert!(text.contains(part), "{part}: {text}");
    }
    world.write("a.sql", INDEX);
    let done = change(&world, &["review", "a.sql"]);
    assert!(done.status == 2 && done.err.contains("change lint FILE"), "{}", done.err);
}

#[test]
fn the_checklist_has_eight_lines_and_fails_on_a_no() {
    let world = shop(&[("orders", ORDERS), ("index", INDEX)]);
    let done = change(&world, &["checklist"]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert_eq!(done.out.lines().filter(|line| line.contains(". [")).count(), 8, "{}", done.out);
    assert!(done.out.contains("4. [NO ] Are new indexes built CONCURRENTLY?"), "{}", done.out);
    world.write("deploy/index.sql", &INDEX.replace("INDEX", "INDEX CONCURRENTLY"));
    let done = change(&world, &["checklist"]).ok();
    assert!(done.out.contains("4. [yes]") && !done.out.contains("[NO ]"), "{}", done.out);
    let json: Value =
        serde_json::from_str(&change(&world, &["checklist", "--format", "json"]).ok().out).unwrap();
    let lines = json["checklist"].as_array().unwrap();
    assert_eq!(lines.len(), 8);
    assert!(lines.iter().all(|line| ["yes", "no", "ask"].contains(&line["mark"].as_str().unwrap())));
    std::fs::remove_file(world.path("revert/index.sql")).unwrap();
    let done = change(&world, &["checklist"]);
    assert!(done.status == 1 && done.out.contains("1. [NO ]"), "{}", done.out);
    world.write("deploy/index.sql", "DROP TABLE people;\n");
    let done = change(&world, &["checklist", "index"]);
    assert!(
        done.status == 1 && done.out.contains("2. [NO ]") && done.out.contains("7. [NO ]"),
        "{}",
        done.out
    );
}

#[test]
fn files_that_a_script_reads_are_looked_into() {
    for (dialect, command) in
        [("sqlite", ".read parts/b.sql"), ("mysql", "source parts/b.sql"), ("pg", "\\i parts/b.sql")]
    {
        let world = World::new();
        world.write("a.sql", &format!("SELECT 1;\n{command}\n"));
        world.write("parts/b.sql", "\nDROP TABLE people;\n");
        let done = change(&world, &["lint", "--dialect", dialect, "a.sql"]);
        assert!(done.status == 1 && done.out.contains("--> parts/b.sql:2:1"), "{dialect}: {}", done.out);
        std::fs::remove_file(world.path("parts/b.sql")).unwrap();
        let done = change(&world, &["lint", "--dialect", dialect, "a.sql"]);
        // SQLite's script may make the file before it reads it.
        let said = if dialect == "sqlite" { "parts/b.sql, which were not read" } else { "parts/b.sql" };
        let told = format!("{}{}", done.out, done.err);
        assert!(told.contains(said) && (done.status == 2 || dialect == "sqlite"), "{dialect}: {told}");
    }
}

#[test]
fn what_nobody_may_use_and_what_nobody_made_is_no_more_than_advice() {
    let made = "CREATE TABLE people (id bigint PRIMARY KEY, name text);\n\
                CREATE TABLE teams (id bigint PRIMARY KEY);\nCREATE TABLE rooms (id bigint PRIMARY KEY);\n\
                CREATE TABLE imports (id bigint PRIMARY KEY, name text);\n";
    let found = |grants: &str, sql: &str, code: &str| {
        let world = shop(&[("made", &format!("{made}{grants}")), ("next", sql)]);
        let json = change(&world, &["lint", "next", "--format", "json"]).out;
        let json: Value = serde_json::from_str(&json).unwrap();
        let all = json["findings"].as_array().unwrap().clone();
        let own =
            all.into_iter().find(|own| own["code"] == code).unwrap_or_else(|| panic!("{sql}: no {code}"));
        (own["severity"].as_str().unwrap().to_owned(), own["relaxed"].as_str().unwrap_or_default().to_owned())
    };
    let rename = "ALTER TABLE imports RENAME name TO title;\n";
    let some = "GRANT SELECT, UPDATE ON people, teams, rooms TO app;\n";
    let (severity, why) = found(some, rename, "PA02");
    assert!(
        severity == "advice" && why.contains("nobody was granted anything on imports"),
        "{severity} {why}"
    );
    let all = "GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO app;\n";
    let later = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;\n";
    // Those who may only read are not the application, which may own everything.
    let reads = "GRANT SELECT ON people, teams, rooms TO reports;\n";
    let one = "GRANT INSERT ON people TO logger;\n";
    for grants in ["", all, reads, one, &format!("{some}{later}")] {
        assert_eq!(found(grants, rename, "PA02").0, "breaks", "{grants}");
    }
    let (severity, why) = found("", "DROP TABLE IF EXISTS strangers;\n", "PD01");
    assert!(severity == "advice" && why.contains("nothing in the plan makes strangers"), "{severity} {why}");
    assert_eq!(found("", "DROP TABLE IF EXISTS imports;\n", "PD01").0, "breaks");
    assert_eq!(found("", "DROP TABLE strangers;\n", "PD01").0, "breaks");
}
