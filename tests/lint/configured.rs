//! How grave findings are is up to the project.

use super::{INDEX, ORDERS, change, lint, shop};

/// A project with this in its configuration besides.
fn with(settings: &str) -> super::World {
    let away = "DROP TABLE people;\n";
    let world = shop(&[("orders", ORDERS), ("index", INDEX), ("away", away)]);
    std::fs::remove_file(world.path("sqitch.conf")).unwrap();
    world.write("change.toml", &format!("[core]\nengine = \"pg\"\n{settings}"));
    world
}

#[test]
fn a_rule_is_off_or_as_grave_as_the_project_says() {
    let world = with("");
    assert_eq!(lint(&world, &[]).finding("PL01")["severity"], "blocks");
    for name in ["PL01", "pl01", "create-index-not-concurrent", "create_index_not_concurrent"] {
        let world = with(&format!("[lint.rule]\n{name} = \"off\"\n"));
        assert!(lint(&world, &["index"]).findings().all(|own| own["code"] != "PL01"), "{name}");
    }
    for severity in ["advice", "brief", "breaks", "blocks"] {
        let report = lint(&with(&format!("[lint.rule]\nPL01 = \"{severity}\"\n")), &["index"]);
        assert_eq!(report.finding("PL01")["severity"], severity);
        assert_eq!(report.done.status, i32::from(matches!(severity, "breaks" | "blocks")), "{severity}");
    }
    let done = change(&with("[lint.rule]\nPL01 = \"wild\"\n"), &["lint"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("lint.rule.PL01") && done.err.contains("change.toml:4"), "{}", done.err);
    let done = change(&with(""), &["config", "lint.rule.PL01", "off"]);
    assert_eq!(done.status, 0, "{}", done.err);
}

#[test]
fn what_is_said_for_a_path_counts_more() {
    let world = with("[lint.path.\"deploy/index.sql\"]\nall = \"off\"\n");
    assert_eq!(lint(&world, &[]).files(), ["deploy/away.sql"]);
    let world = with("[lint.path.\"deploy\"]\nPL01 = \"advice\"\n[lint.rule]\nPL01 = \"blocks\"\n");
    assert_eq!(lint(&world, &[]).files(), ["deploy/away.sql"]);
    let world = with("[lint.path.\"other/*\"]\nall = \"off\"\n");
    assert_eq!(lint(&world, &[]).files().len(), 2);
}

#[test]
fn rules_of_taste_speak_when_they_are_asked_for() {
    let table = "CREATE TABLE shoes (id int PRIMARY KEY, size int, made timestamp);\n";
    let count = |settings: &str| {
        let world = with(settings);
        world.write("deploy/orders.sql", &(ORDERS.to_owned() + table));
        let report = lint(&world, &["orders"]);
        assert_eq!(report.done.status, 0, "{}", report.done.out);
        report.findings().count()
    };
    assert!(count("[lint]\npedantic = true\n") > count(""));
    assert_eq!(count("[lint]\npedantic = false\n"), count(""));
}

#[test]
fn a_profile_relaxes_by_name_and_says_so() {
    for (profile, index, away) in [("prelaunch", "advice", "advice"), ("small", "advice", "breaks")] {
        let report = lint(&with(&format!("[lint]\nprofile = \"{profile}\"\n")), &[]);
        assert_eq!(report.finding("PL01")["severity"], index, "{profile}");
        assert_eq!(report.finding("PD01")["severity"], away, "{profile}");
        assert!(report.finding("PL01")["relaxed"].as_str().unwrap().contains(profile));
        assert!(report.notes().contains(&format!("profile {profile}")), "{}", report.notes());
        let text = change(&with(&format!("[lint]\nprofile = \"{profile}\"\n")), &["lint"]).out;
        assert!(text.contains("relaxed: "), "{text}");
    }
    let done = change(&with("[lint]\nprofile = \"lazy\"\n"), &["lint"]);
    assert!(done.status == 2 && done.err.contains("prelaunch"), "{}", done.err);
}

#[test]
fn maintenance_relaxes_inside_its_hours_only() {
    let hours =
        |hours: &str| with(&format!("[lint]\nprofile = \"maintenance\"\nmaintenance_hours = \"{hours}\"\n"));
    // The zone of the tests is UTC.
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour();
    let hour = |ahead: i8| (now + ahead).rem_euclid(24);
    let inside = lint(&hours(&format!("{:02}:00-{:02}:00", hour(-2), hour(3))), &["index"]);
    assert_eq!((inside.done.status, &inside.finding("PL01")["severity"]), (0, &"advice".into()));
    assert!(inside.finding("PL01")["relaxed"].as_str().unwrap().contains("maintenance hours"));
    assert!(inside.notes().contains("relaxed: profile maintenance, "), "{}", inside.notes());
    let outside = lint(&hours(&format!("{:02}:00-{:02}:00", hour(3), hour(6))), &["index"]);
    assert_eq!((outside.done.status, &outside.finding("PL01")["severity"]), (1, &"blocks".into()));
    assert!(outside.notes().contains("changes nothing now: it is not within"), "{}", outside.notes());
    let never = lint(&with("[lint]\nprofile = \"maintenance\"\n"), &["index"]);
    assert!(never.notes().contains("lint.maintenance_hours is not set"), "{}", never.notes());
    let done = change(&hours("at night"), &["lint"]);
    assert!(done.status == 2 && done.err.contains("22:00-05:00"), "{}", done.err);
}

#[test]
fn a_profile_of_a_target_counts_there_only() {
    let world = with("[target.trial]\nuri = \"db:sqlite:trial.db\"\nprofile = \"prelaunch\"\n");
    world.write("change.toml", &world.read("change.toml").replace("\"pg\"", "\"sqlite\""));
    world.write("deploy/orders.sql", "CREATE TABLE people (id INTEGER PRIMARY KEY);\n");
    world.write("deploy/index.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n");
    // Without a target nobody knows that the tables are new.
    assert_eq!(lint(&world, &["away"]).done.status, 1);
    world.database("trial.db").execute_batch("CREATE TABLE people (id INTEGER PRIMARY KEY)").unwrap();
    let report = lint(&world, &["away", "--target", "trial"]);
    assert_eq!(report.done.status, 0, "{}", report.done.out);
    assert!(
        report.findings().any(|own| own["relaxed"].as_str().is_some_and(|why| why.contains("prelaunch")))
    );
}

#[test]
fn a_name_that_is_no_rule_s_is_told() {
    let settings =
        "[lint.rule]\nPL0l = \"off\"\n[lint.path.\"deploy\"]\ndrop-tabel = \"off\"\nall = \"advice\"\n";
    let report = lint(&with(settings), &[]);
    let notes = report.notes();
    assert!(
        notes.contains("lint.rule.PL0l changes nothing") && notes.contains("did you mean PL01?"),
        "{notes}"
    );
    assert!(notes.contains("lint.path.deploy.drop-tabel changes nothing"), "{notes}");
    assert!(!notes.contains("all changes"), "{notes}");
    let world = with("");
    world.write("deploy/index.sql", &format!("-- change: allow=PL0l because \"a slip\"\n{INDEX}"));
    let notes = lint(&world, &["index"]).notes();
    assert!(notes.contains("allow=PL0l accepts nothing") && notes.contains("did you mean PL01?"), "{notes}");
}

#[test]
fn nobody_waits_for_rows_of_tables_that_only_grow() {
    let rows = "UPDATE people SET name = upper(name);\n";
    let severity = |settings: &str, sql: &str, code: &str| {
        let world = with(settings);
        world.write("deploy/away.sql", sql);
        let report = lint(&world, &["away"]);
        (report.finding(code)["severity"].as_str().unwrap_or_default().to_owned(), report.notes())
    };
    let grows = "[lint]\nappend_only = \"app.log, people\"\n";
    assert_eq!(severity("", rows, "PB01").0, "blocks");
    let (grave, notes) = severity(grows, rows, "PB01");
    assert_eq!(grave, "advice");
    assert!(notes.contains("relaxed: rows of app.log, people are only added"), "{notes}");
    // Those who add rows wait for an index all the same, and what is lost is lost.
    assert_eq!(severity(grows, "CREATE INDEX ON people (name);\n", "PL01").0, "blocks");
    assert_eq!(severity(grows, "DROP TABLE people;\n", "PD01").0, "breaks");
}
