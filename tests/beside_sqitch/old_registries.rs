//! Registries of other versions, and such as were left half-made.

use crate::support::World;

const PLAN: &str = "%syntax-version=1.0.0\n%project=acme\n\n\
    alpha 2024-01-01T00:00:01Z P Q <p@q.r>\n@v1 2024-01-01T00:00:02Z P Q <p@q.r>\n\
    bravo [alpha] 2024-01-01T00:00:03Z P Q <p@q.r>\ncharlie 2024-01-01T00:00:04Z P Q <p@q.r>\n";

/// Deployed up to `bravo` by the real Sqitch.
fn deployed() -> World {
    let world = World::with_plan(PLAN);
    for name in ["alpha", "bravo", "charlie"] {
        world.write_table_scripts(name);
    }
    world.sqitch("deploy --verify --to bravo").ok();
    world
}

/// Turns the registry back to version 1.0, in which a script hash was unique in all projects.
fn back_to_1_0(world: &World) {
    let db = world.database("sqitch.db");
    let made: String =
        db.query_row("SELECT sql FROM sqlite_schema WHERE name = 'changes'", [], |row| row.get(0)).unwrap();
    let old = made
        .replacen("changes", "old_changes", 1)
        .replace("UNIQUE(project, script_hash)", "UNIQUE(script_hash)");
    assert_ne!(old, made.replacen("changes", "old_changes", 1));
    db.execute_batch(&format!(
        "PRAGMA foreign_keys = OFF; {old}; INSERT INTO old_changes SELECT * FROM changes; DROP TABLE changes;
         ALTER TABLE old_changes RENAME TO changes; UPDATE releases SET version = 1.0"
    ))
    .unwrap();
}

/// The versions among the registry's releases.
fn versions(world: &World) -> Vec<f64> {
    let rows = world.registry();
    rows["releases"].as_array().unwrap().iter().map(|row| row["version"].as_f64().unwrap()).collect()
}

#[test]
fn a_registry_of_version_1_0_is_upgraded_as_sqitch_does() {
    let theirs = deployed();
    back_to_1_0(&theirs);
    let ours = theirs.twin();
    theirs.sqitch("upgrade").ok();
    let done = ours.change("upgrade").ok();
    assert!(done.out.contains("Upgrading registry db:sqlite:sqitch.db to version 1.1\n"), "{}", done.out);
    assert_eq!(versions(&ours), [1.0, 1.1]);
    assert_eq!(ours.registry(), theirs.registry());
    assert_eq!(ours.registry_tables(), theirs.registry_tables());
    ours.sqitch("deploy --verify").ok();
    ours.change("revert -y").ok();
    assert!(ours.schema().is_empty());
}

#[test]
fn a_deployment_upgrades_on_its_way_and_other_commands_say_what_to_do() {
    let world = deployed();
    back_to_1_0(&world);
    for words in ["verify", "check"] {
        let refused = world.change(words);
        assert_eq!(refused.status, 2, "{words}");
        assert!(
            refused.err.contains("Registry is at version 1.0 but latest is 1.1"),
            "{words}: {}",
            refused.err
        );
        assert!(refused.err.contains("change upgrade"), "{words}: {}", refused.err);
    }
    assert_eq!(versions(&world), [1.0]);
    world.change("deploy").ok();
    assert_eq!(versions(&world), [1.0, 1.1]);
    assert!(world.sqitch("status").ok().out.contains("# Name:     charlie\n"));
}

#[test]
fn a_newer_registry_is_left_alone() {
    let world = deployed();
    let insert = "INSERT INTO releases (version, installer_name, installer_email) VALUES (1.2, 'N', 'n@e.w')";
    world.database("sqitch.db").execute_batch(insert).unwrap();
    let before = world.registry();
    for words in ["deploy", "revert -y", "verify", "check", "upgrade"] {
        let refused = world.change(words);
        assert_eq!(refused.status, 2, "{words}: {}", refused.out);
        assert!(
            refused.err.contains("Registry version is 1.2 but 1.1 is the latest known"),
            "{words}: {}",
            refused.err
        );
    }
    assert_eq!(world.registry(), before);
    assert_eq!(world.schema().len(), 2);
}

#[test]
fn a_registry_without_a_release_is_completed() {
    let world = deployed();
    let whole = world.registry();
    world.database("sqitch.db").execute_batch("DELETE FROM releases").unwrap();
    // Until then nobody can say what is deployed, and nothing is guessed.
    for words in ["verify", "check", "revert -y", "deploy --dry-run"] {
        let refused = world.change(words);
        assert_eq!(refused.status, 2, "{words}: {}", refused.out);
        assert!(
            refused.err.contains("The registry in db:sqlite:sqitch.db was left half-made"),
            "{}",
            refused.err
        );
    }
    let done = world.change("deploy --to bravo").ok();
    assert!(done.out.contains("Nothing to deploy (already at \"bravo\")\n"), "{}", done.out);
    assert_eq!(world.registry(), whole);
    world.sqitch("revert -y").ok();
}

#[test]
fn a_registry_with_only_some_tables_is_completed() {
    let reference = deployed();
    for made in 0..6 {
        let world = World::with_plan(PLAN);
        for name in ["alpha", "bravo", "charlie"] {
            world.write_table_scripts(name);
        }
        let db = world.database("sqitch.db");
        let mut tables: Vec<String> = reference.registry_sql();
        tables.truncate(made);
        db.execute_batch(&tables.join(";\n")).unwrap();
        drop(db);
        world.change("deploy --to bravo").ok();
        assert_eq!(world.registry_tables(), reference.registry_tables(), "{made} tables");
        assert_eq!(world.registry(), reference.registry(), "{made} tables");
        let status = world.sqitch("status").ok();
        assert!(status.out.contains("# Name:     bravo\n"), "{}", status.out);
    }
}

/// Before there were script hashes the registry held the change's id in their place.
#[test]
fn a_registry_without_script_hashes_gets_them_with_the_next_deployment() {
    let theirs = deployed();
    theirs.database("sqitch.db").execute_batch("UPDATE changes SET script_hash = change_id").unwrap();
    let ours = theirs.twin();
    theirs.sqitch("deploy --verify").ok();
    ours.change("deploy").ok();
    let hashes = |world: &World| {
        let db = world.database("sqitch.db");
        let mut query = db.prepare("SELECT change, script_hash FROM changes ORDER BY change").unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        query.query_map([], row).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(hashes(&ours), hashes(&theirs));
    ours.change("check").ok();
    ours.sqitch("check").ok();
}
