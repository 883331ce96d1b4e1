//! What statements of SQLite do, against what is known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::schema::Schema;
use crate::sql::sqlite::statement::script;

/// What the last statement of a script does, after changes that were deployed before.
fn last(given: &str, sql: &str) -> Effects {
    last_with(given, sql, |_| {})
}

fn last_with(given: &str, sql: &str, facts: impl Fn(&mut Schema)) -> Effects {
    let mut state = State::new(Dialect::Sqlite, Schema::default());
    state.begin_script(false, false);
    for statement in script("given.sql", given).0 {
        let effects = of(&statement, &state);
        state.pass(&statement, &effects);
    }
    facts(&mut state.schema);
    state.begin_script(false, false);
    let (statements, errors) = script("x.sql", sql);
    assert!(errors.is_empty());
    state.look_ahead(&statements);
    let mut effects = Effects::default();
    for statement in &statements {
        effects = of(statement, &state);
        state.pass(statement, &effects);
    }
    effects
}

fn why(effects: &Effects) -> Vec<&str> {
    effects.failures.iter().map(|failure| failure.why.as_str()).collect()
}

fn lost(effects: &Effects) -> Vec<String> {
    let named = |lost: &Lost| match &lost.part {
        Some(part) => format!("{} {part} {:?}", lost.object.word(), lost.what),
        None => format!("{} {} {:?}", lost.object.word(), lost.on, lost.what),
    };
    effects.lost.iter().map(named).collect()
}

const TABLE: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, n int, u int UNIQUE, c int CHECK (c > 0), d int,
    g int AS (d + 1), p int, CHECK (p > 0)); CREATE INDEX i ON a (n); INSERT INTO a (n) VALUES (1);";

#[test]
fn a_column_that_is_used_cannot_be_dropped() {
    let given = format!(
        "{TABLE} ALTER TABLE a ADD w int; ALTER TABLE a ADD v int; ALTER TABLE a ADD t int; \
         ALTER TABLE a ADD free int CHECK (free > 1); CREATE INDEX j ON a (u) WHERE w > 0; \
         CREATE VIEW s AS SELECT v FROM a; \
         CREATE TRIGGER tr AFTER UPDATE OF free ON a WHEN new.t > 0 BEGIN SELECT 1; END;"
    );
    for (column, expected) in [
        ("id", "it is in the primary key"),
        ("u", "it is UNIQUE"),
        ("n", "the index i uses it"),
        ("w", "the index j uses it"),
        ("p", "a CHECK of the table speaks of it"),
        ("d", "the column g is generated from it"),
        ("v", "the view s uses it"),
        ("t", "the trigger tr uses it"),
    ] {
        let effects = last(&given, &format!("ALTER TABLE a DROP COLUMN {column}"));
        assert!(
            effects.failures.iter().any(|failure| failure.why == expected && failure.surely),
            "{column}: {effects:?}"
        );
    }
    for free in ["c", "free"] {
        let effects = last(&given, &format!("ALTER TABLE a DROP COLUMN {free}"));
        assert_eq!(why(&effects), [""; 0], "{free}");
        assert_eq!(effects.efforts[0].work, Work::Rewrite);
        assert_eq!(lost(&effects), [format!("column {free} Values")]);
        assert_eq!(effects.reversibility, Reversibility::WithDataLoss);
    }
    let effects = last(&given, "ALTER TABLE a DROP COLUMN g");
    assert!(effects.efforts.is_empty() && effects.lost.is_empty() && effects.broken.len() == 1);
    assert_eq!(why(&last(&given, "ALTER TABLE a DROP nosuch")), ["a has no column nosuch"]);
}

#[test]
fn what_a_renamed_column_was_called_is_forgotten() {
    let given = "CREATE TABLE a (x int, y int, z int); CREATE INDEX i ON a (z) WHERE x > 0; ALTER TABLE a \
                 RENAME x TO k;";
    assert_eq!(why(&last(given, "ALTER TABLE a DROP COLUMN k")), ["the index i uses it"]);
}

#[test]
fn a_column_that_comes_is_looked_at() {
    for (column, expected) in [
        ("z int NOT NULL", "the rows of a would have no value for z"),
        ("z int NOT NULL DEFAULT NULL", "the rows of a would have no value for z"),
        ("z int DEFAULT (1+2)", "SQLite cannot add a column whose default, (1+2), has to be computed"),
        ("z int UNIQUE", "SQLite cannot add a UNIQUE column"),
        ("z int DEFAULT 0 CHECK (z > 0)", "every row would get 0, which does not meet CHECK (z > 0)"),
        ("n int", "a has a column n already"),
    ] {
        assert_eq!(why(&last(TABLE, &format!("ALTER TABLE a ADD COLUMN {column}"))), [expected], "{column}");
    }
    for column in
        ["z int NOT NULL DEFAULT 3", "z int CHECK (z > 0)", "z int AS (n + 1)", "z text DEFAULT 'x'"]
    {
        assert_eq!(why(&last(TABLE, &format!("ALTER TABLE a ADD {column}"))), [""; 0], "{column}");
    }
    // An empty table takes more.
    let new = "CREATE TABLE e (x int); ALTER TABLE e ADD z int NOT NULL";
    assert_eq!(why(&last("", new)), [""; 0]);
    let filled = "CREATE TABLE e (x int); INSERT INTO e VALUES (1); ALTER TABLE e ADD z int NOT NULL";
    assert_eq!(why(&last("", filled)).len(), 1);
}

#[test]
fn a_unique_index_on_a_new_column_breaks_nothing() {
    let added = "ALTER TABLE a ADD z int; CREATE UNIQUE INDEX k ON a (z)";
    let effects = last(TABLE, added);
    assert!(effects.broken.is_empty() && effects.failures.is_empty(), "{effects:?}");
    let filled = "ALTER TABLE a ADD z int; UPDATE a SET z = n; CREATE UNIQUE INDEX k ON a (z)";
    assert_eq!(last(TABLE, filled).failures.len(), 1);
    assert_eq!(last(TABLE, "CREATE UNIQUE INDEX k ON a (d)").broken.len(), 1);
}

#[test]
fn foreign_keys_count_only_where_they_are_on() {
    let given =
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p int REFERENCES p ON DELETE CASCADE);
        CREATE TABLE r (p int REFERENCES p);";
    let sql = "ALTER TABLE c ADD q int REFERENCES p DEFAULT 3";
    assert_eq!(why(&last(given, sql)), [""; 0]);
    assert_eq!(why(&last(given, &format!("PRAGMA foreign_keys = ON; {sql}"))).len(), 1);

    let effects = last(given, "PRAGMA foreign_keys = ON; DROP TABLE p");
    assert_eq!(lost(&effects), ["table c SomeRows", "table p Rows"]);
    assert_eq!(why(&effects), ["it fails if any row of r points to a row of p"]);
    // The pragma comes too late inside the transaction.
    let late = "PRAGMA foreign_keys = ON; BEGIN; PRAGMA foreign_keys = OFF; DROP TABLE p";
    assert_eq!(lost(&last(given, late)).len(), 2);
    let off = last(given, "DROP TABLE p");
    assert_eq!(lost(&off), ["table p Rows"]);
    assert_eq!(off.broken.len(), 3);
}

#[test]
fn a_table_that_is_built_again_keeps_what_is_carried_over() {
    let given = "CREATE TABLE a (id INTEGER PRIMARY KEY, n int, old text, mail text UNIQUE);
        CREATE INDEX i ON a (n); CREATE UNIQUE INDEX k ON a (old);
        CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;";
    let effects = last(
        given,
        "BEGIN; CREATE TABLE new_a (id INTEGER PRIMARY KEY, n text, renamed text, mail text UNIQUE);
        INSERT INTO new_a (id, n, renamed, mail) SELECT id, n, old, mail FROM a; DROP TABLE a",
    );
    // Without the new name it is only a table that is dropped.
    assert_eq!(lost(&effects), ["table a Rows"]);

    let build = |columns: &str, copy: &str, more: &str| {
        let sql = format!(
            "BEGIN; CREATE TABLE new_a ({columns}); {copy}; DROP TABLE a; ALTER TABLE new_a RENAME TO a; \
             {more} COMMIT;"
        );
        let mut state = State::new(Dialect::Sqlite, Schema::default());
        state.begin_script(false, false);
        for statement in script("given.sql", given).0 {
            state.pass(&statement, &of(&statement, &state));
        }
        state.begin_script(false, false);
        let statements = script("x.sql", &sql).0;
        state.look_ahead(&statements);
        let mut dropped = Effects::default();
        for statement in &statements {
            let effects = of(statement, &state);
            if matches!(statement.said, Said::Drop { .. }) {
                dropped = effects.clone();
            } else {
                assert!(effects.broken.is_empty() && effects.failures.is_empty(), "{effects:?}");
            }
            state.pass(statement, &effects);
        }
        assert!(state.is_old(&Name::new("a")) && !state.is_new(&Name::new("a")));
        dropped
    };
    let all = "id INTEGER PRIMARY KEY, n text, old text, mail text UNIQUE";
    let copy = "INSERT INTO new_a SELECT id, n, old, mail FROM a";
    let again = "CREATE INDEX i2 ON a (n); CREATE UNIQUE INDEX k ON a (old); CREATE TRIGGER t AFTER INSERT \
                 ON a BEGIN SELECT 1; END;";
    let fine = build(all, copy, again);
    assert!(fine.lost.is_empty() && fine.broken.is_empty() && fine.failures.is_empty(), "{fine:?}");
    assert_eq!(fine.reversibility, Reversibility::Reversible);
    assert_eq!(
        lost(&build(all, copy, "")),
        ["index i Dependants", "index k Guarantee", "trigger t Guarantee"]
    );
    assert_eq!(
        lost(&build(all, "SELECT 1", again)),
        ["table new_a Rows"].map(|own| own.replace("new_a", "a"))
    );
    assert_eq!(lost(&build(all, &format!("{copy} WHERE n > 0"), again)), ["table a SomeRows"]);
    let without = "id INTEGER PRIMARY KEY, n text, mail text";
    let effects = build(without, "INSERT INTO new_a SELECT id, n, mail FROM a", again);
    assert_eq!(lost(&effects), ["column old Values", "constraint a_mail_key Guarantee"]);
    let renamed = "id INTEGER PRIMARY KEY, n text, k text, mail text UNIQUE";
    let effects = build(renamed, "INSERT INTO new_a (id, n, k, mail) SELECT id, n, old, mail FROM a", again);
    assert!(effects.lost.is_empty(), "{effects:?}");
    assert_eq!(effects.broken[0].how, How::Renamed { to: "k".into() });
}

#[test]
fn views_stand_in_the_way_of_the_new_name() {
    let given = "CREATE TABLE a (n int); CREATE VIEW v AS SELECT n FROM a; CREATE TABLE b (x int);
        CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE a SET n = 1; END;";
    let sql = "CREATE TABLE new_a (n text); INSERT INTO new_a SELECT n FROM a; DROP TABLE a; ALTER TABLE \
               new_a RENAME TO a";
    assert_eq!(last(given, sql).failures.len(), 2);
    assert!(last(given, &format!("PRAGMA legacy_alter_table = ON; {sql}")).failures.is_empty());
    assert!(last(given, &format!("DROP VIEW v; DROP TRIGGER t; {sql}")).failures.is_empty());
    let away = "ALTER TABLE a RENAME TO old_a; CREATE TABLE a (n text); INSERT INTO a SELECT n FROM old_a; \
                DROP TABLE old_a";
    let effects = last(given, away);
    assert_eq!(effects.broken.len(), 2, "{effects:?}");
    let aside = "CREATE TEMP TABLE bak AS SELECT * FROM a; DROP TABLE a; CREATE TABLE a (n text); INSERT \
                 INTO a SELECT n FROM bak; DROP TABLE bak";
    assert!(last(given, aside).lost.is_empty());
}

#[test]
fn long_work_is_seen_where_rows_were_before() {
    for (sql, work) in [
        ("CREATE INDEX k ON a (d)", Some(Work::Index)),
        ("UPDATE a SET n = 1", Some(Work::Rows)),
        ("DELETE FROM a WHERE n > 3", Some(Work::Rows)),
        ("UPDATE a SET n = 1 WHERE id = 3", None),
        ("INSERT INTO b SELECT * FROM a", Some(Work::Scan)),
        ("VACUUM", Some(Work::Rewrite)),
        ("ALTER TABLE a ADD z int", None),
        ("CREATE TABLE x (y int); CREATE INDEX k ON x (y)", None),
        ("CREATE TABLE x AS SELECT * FROM a", Some(Work::Scan)),
    ] {
        let effects = last(TABLE, sql);
        assert_eq!(effects.efforts.first().map(|effort| effort.work), work, "{sql}");
        assert_eq!(effects.locks.len(), 1, "{sql}");
    }
    assert!(last("", "CREATE TEMP TABLE x (y int)").locks.is_empty());
    assert!(last("", "SELECT 1").locks.is_empty());
}

#[test]
fn the_release_decides_what_is_known() {
    let sql = "ALTER TABLE a ALTER n SET NOT NULL";
    let surely = |version| {
        let effects = last_with(TABLE, sql, |schema| schema.version = version);
        effects.failures.iter().find(|own| own.sort == Fails::Unsupported).map(|own| own.surely)
    };
    assert_eq!((surely(None), surely(Some((3, 40))), surely(Some((3, 53)))), (Some(false), Some(true), None));
    for refused in [
        "ALTER TABLE a ALTER n TYPE text",
        "ALTER TABLE a ADD UNIQUE (n)",
        "TRUNCATE a",
        "DROP TABLE a CASCADE",
    ] {
        let effects = last(TABLE, refused);
        assert!(effects.failures.iter().any(|own| own.sort == Fails::Unsupported && own.surely), "{refused}");
    }
}

#[test]
fn what_cannot_be_taken_back_is_said() {
    for (sql, expected) in [
        ("UPDATE a SET n = 2", Reversibility::WithDataLoss),
        ("UPDATE a SET n = d WHERE n IS NULL", Reversibility::Reversible),
        ("ALTER TABLE a ADD z int; UPDATE a SET z = n", Reversibility::Reversible),
        ("DELETE FROM a", Reversibility::WithDataLoss),
        ("DROP TABLE a", Reversibility::WithDataLoss),
        (".restore other.db", Reversibility::Irreversible),
        ("CREATE INDEX k ON a (d)", Reversibility::Reversible),
    ] {
        assert_eq!(last(TABLE, sql).reversibility, expected, "{sql}");
    }
    assert!(last(TABLE, "UPDATE sqlite_schema SET sql = 'x'").opaque.is_some());
}
