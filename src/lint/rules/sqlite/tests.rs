//! Every example is a test: of its rule, and of what SQLite really does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::RULES;
use crate::lint::rule::{Example, Finding, Rule, Severity};
use crate::lint::settings::Settings;
use crate::lint::state::State;
use crate::lint::{Subject, walk};
use crate::schema::Schema;
use crate::sql::sqlite::statement::script;
use crate::sql::statement::Said;
use crate::sql::{Dialect, directive};
use proptest::prelude::*;
use rusqlite::Connection;

fn subject(file: &str, sql: &str, judged: bool) -> Subject {
    let (statements, problems) = script(file, sql);
    assert!(problems.is_empty(), "{sql}: {problems:?}");
    let (directives, errors) = directive::read(file, sql, Dialect::Sqlite);
    assert!(errors.is_empty(), "{sql}: {errors:?}");
    let own = statements.iter().any(|one| matches!(one.said, Said::Begin | Said::Vacuum { .. }));
    Subject {
        change: Some(file.to_owned()),
        file: file.to_owned(),
        source: sql.to_owned(),
        atomic: !own && directives.transaction != Some(false),
        statements,
        directives,
        left_open: false,
        pending: false,
        judged,
    }
}

fn findings(given: &str, sql: &str) -> Vec<Finding> {
    let subjects = [subject("given.sql", given, false), subject("deploy/x.sql", sql, true)];
    let state = State::new(Dialect::Sqlite, Schema::default());
    walk(state, &subjects, &Settings::usual(), false).findings
}

fn of_rule(rule: &Rule, example: &Example) -> Vec<Finding> {
    let found = findings(example.given, example.sql).into_iter();
    found.filter(|finding| finding.rule.code == rule.code).collect()
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    let mut wrong = Vec::new();
    for rule in RULES {
        assert!(!rule.bad.is_empty() && !rule.good.is_empty(), "{}", rule.code);
        for example in rule.bad {
            if of_rule(rule, example).is_empty() {
                wrong.push(format!("{} does not find its bad example: {}", rule.code, example.sql));
            }
        }
        for example in rule.good {
            for finding in of_rule(rule, example) {
                wrong.push(format!(
                    "{} finds its good example: {}: {}",
                    rule.code, example.sql, finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn findings_stand_where_the_trouble_is() {
    let sql = "BEGIN;\n  -- é\n  ALTER TABLE orders\n    ADD COLUMN z TEXT NOT NULL;\nCOMMIT;\n";
    let found = findings("CREATE TABLE orders (id INTEGER PRIMARY KEY);", sql);
    let finding = found.iter().find(|finding| finding.rule.code == "SL02").unwrap();
    assert_eq!((finding.place.line, finding.place.column, finding.place.length), (4, 5, 26));
    assert_eq!(finding.instead.as_deref(), Some("ALTER TABLE orders ADD COLUMN z text NOT NULL DEFAULT '';"));
    let (message, table) = (finding.message.as_str(), finding.table.as_deref());
    assert_eq!(
        message,
        "SQLite refuses this as soon as orders has a row: the rows that are there would have no z"
    );
    assert_eq!(table, Some("orders"));
}

#[test]
fn scripts_that_touch_only_what_they_make_block_nobody() {
    let sql = "BEGIN;\nCREATE TABLE a (id INTEGER PRIMARY KEY, b INT);\nINSERT INTO a (b) VALUES (1);\n\
               CREATE UNIQUE INDEX i ON a (b);\nUPDATE a SET b = 2;\nALTER TABLE a ADD COLUMN c INT;\n\
               ALTER TABLE a DROP COLUMN c;\nDELETE FROM a;\nCREATE VIEW v AS SELECT b FROM a;\nDROP VIEW \
               v;\n\
               DROP TABLE a;\nCOMMIT;";
    for finding in findings("", sql) {
        assert_eq!(finding.severity, Severity::Advice, "{}: {}", finding.rule.code, finding.message);
    }
}

proptest! {
    #[test]
    fn no_soup_of_statements_panics(
        picks in proptest::collection::vec((0..23_usize, 0..10_usize, 0..200_usize), 0..8),
    ) {
        // Whole examples one after the other, the last one cut anywhere.
        let mut sql = String::new();
        for (rule, example, cut) in picks {
            let examples: Vec<&Example> = RULES[rule].bad.iter().chain(RULES[rule].good).collect();
            let example = examples[example % examples.len()];
            let whole = format!("{}\n{}\n", example.given, example.sql);
            sql.push_str(whole.get(..cut).filter(|_| cut % 5 == 0).unwrap_or(&whole));
        }
        let (statements, _) = script("x.sql", &sql);
        let subject = Subject {
            change: None,
            file: "x.sql".to_owned(),
            source: sql,
            statements,
            directives: directive::Directives::default(),
            atomic: true,
            left_open: false,
            pending: true,
            judged: true,
        };
        let state = State::new(Dialect::Sqlite, Schema::default());
        let _ = walk(state, &[subject.clone(), subject], &Settings::usual(), true);
    }
}

/// A fresh database, as a script of the shell finds it, with what was deployed before.
fn database(given: &str) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(given).unwrap_or_else(|error| panic!("{given}: {error}"));
    conn
}

#[test]
fn what_sqlite_is_said_to_refuse_it_refuses() {
    let refused = [
        "SL01", "SL02", "SL03", "SL04", "SL05", "SL06", "SL07", "SL08", "SL12", "SL13", "SL17", "SL22",
        "SL23",
    ];
    for rule in RULES.iter().filter(|rule| refused.contains(&rule.code)) {
        for (number, example) in rule.bad.iter().enumerate() {
            let result = database(example.given).execute_batch(example.sql);
            // Without foreign keys the second of SL05 passes; and no journal of a database in memory changes.
            let passes = rule.code == "SL05" && number == 1 || rule.code == "SL13" && number == 0;
            assert_eq!(result.is_ok(), passes, "{}: {}: {result:?}", rule.code, example.sql);
        }
    }
    for rule in RULES {
        for example in rule.good {
            let result = database(example.given).execute_batch(example.sql);
            assert!(result.is_ok(), "{}: {}: {result:?}", rule.code, example.sql);
        }
    }
}

#[test]
fn every_failure_that_is_foretold_comes_and_no_other() {
    for rule in RULES {
        for example in rule.bad.iter().chain(rule.good) {
            let conn = database(example.given);
            let surely = surely_fails(example);
            let fails = conn.execute_batch(example.sql).is_err();
            // What depends on the rows may come; the journal of a database in memory is another matter.
            let open = ["SL07", "SL13", "SL14", "SL23"].contains(&rule.code);
            assert!(surely == fails || open && fails, "{}: {}: foretold {surely}", rule.code, example.sql);
        }
    }
}

fn surely_fails(example: &Example) -> bool {
    let mut state = State::new(Dialect::Sqlite, Schema::default());
    let mut surely = false;
    for (sql, judged) in [(example.given, false), (example.sql, true)] {
        state.begin_script(false, false);
        let (statements, _) = script("x.sql", sql);
        state.look_ahead(&statements);
        for statement in &statements {
            let effects = crate::lint::effect::of(statement, &state);
            surely |= judged && effects.failures.iter().any(|failure| failure.surely);
            state.pass(statement, &effects);
        }
    }
    surely
}

fn rule(code: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.code == code).unwrap()
}

/// The database after the n-th bad example of a rule, however far it got.
fn after_bad(code: &str, number: usize) -> Connection {
    let example = &rule(code).bad[number];
    let conn = database(example.given);
    let _ = conn.execute_batch(example.sql);
    conn
}

fn count(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[test]
fn a_default_that_refers_passes_unchecked_with_foreign_keys_off() {
    let conn = after_bad("SL05", 1);
    assert_eq!(count(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 1);
}

#[test]
fn dropping_a_column_writes_every_row() {
    let dir = tempfile::tempdir().unwrap();
    let conn = Connection::open(dir.path().join("a.db")).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT, pad TEXT);
         WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000)
         INSERT INTO orders SELECT x, 'n', hex(zeroblob(100)) FROM c;",
    )
    .unwrap();
    let frames = |sql: &str| {
        conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        conn.execute_batch(sql).unwrap();
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1)).unwrap()
    };
    let pages = count(&conn, "SELECT page_count FROM pragma_page_count");
    assert!(frames("ALTER TABLE orders ADD COLUMN c INT DEFAULT 1") < 10);
    assert!(frames("ALTER TABLE orders RENAME COLUMN c TO d") < 10);
    assert!(frames("ALTER TABLE orders DROP COLUMN note") > pages / 2);
}

#[test]
fn there_is_one_writer_for_the_whole_database() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let (one, other) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    one.execute_batch(
        "CREATE TABLE a (n INT); CREATE TABLE b (n INT); INSERT INTO a VALUES (1); BEGIN; \
                       UPDATE a SET n = 2;",
    )
    .unwrap();
    assert!(other.execute_batch("INSERT INTO b VALUES (1)").is_err());
    assert_eq!(count(&other, "SELECT n FROM a"), 1);
    one.execute_batch("COMMIT").unwrap();
    other.execute_batch("INSERT INTO b VALUES (1)").unwrap();
}

#[test]
fn with_a_rollback_journal_long_work_keeps_readers_out() {
    for (mode, expected) in [("DELETE", false), ("WAL", true)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let one = Connection::open(&path).unwrap();
        // A small cache takes the place of a large table.
        one.execute_batch(&format!(
            "PRAGMA journal_mode = {mode}; CREATE TABLE a (n TEXT);
             WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000)
             INSERT INTO a SELECT hex(zeroblob(200)) FROM c;
             PRAGMA cache_size = 10; BEGIN; UPDATE a SET n = n || 'x';"
        ))
        .unwrap();
        let other = Connection::open(&path).unwrap();
        other.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert_eq!(other.query_row("SELECT count(*) FROM a", [], |_| Ok(())).is_ok(), expected, "{mode}");
    }
}

#[test]
fn foreign_keys_are_not_switched_inside_a_transaction() {
    assert_eq!(count(&after_bad("SL11", 0), "PRAGMA foreign_keys"), 1);
    assert_eq!(count(&after_bad("SL11", 1), "PRAGMA foreign_keys"), 0);
}

#[test]
fn the_journal_mode_of_a_file_stays_inside_a_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let conn = Connection::open(dir.path().join("a.db")).unwrap();
    let error = conn.execute_batch("BEGIN; PRAGMA journal_mode = WAL;").unwrap_err();
    assert!(error.to_string().contains("from within a transaction"), "{error}");
    conn.execute_batch("ROLLBACK; BEGIN; CREATE TABLE t (a); PRAGMA journal_mode = WAL; COMMIT;").unwrap();
    let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn dropping_a_table_takes_rows_or_leaves_keys_behind() {
    let conn = after_bad("SL14", 0);
    assert_eq!(
        (count(&conn, "SELECT count(*) FROM users"), count(&conn, "SELECT count(*) FROM orders")),
        (1, 0)
    );
    let conn = after_bad("SL14", 1);
    conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    assert!(
        conn.execute_batch("INSERT INTO orders VALUES (2, 1)")
            .unwrap_err()
            .to_string()
            .contains("no such table")
    );
    assert_eq!(count(&after_bad("SL14", 2), "SELECT count(*) FROM users"), 1);
    let good = &rule("SL14").good[0];
    let conn = database(good.given);
    conn.execute_batch(good.sql).unwrap();
    assert_eq!(count(&conn, "SELECT count(*) FROM orders"), 1);
}

#[test]
fn a_rebuild_loses_what_is_not_made_again() {
    let conn = after_bad("SL15", 0);
    assert_eq!(count(&conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'"), 0);
    // The view stops the last step: there is no table orders any more.
    let conn = after_bad("SL15", 1);
    assert_eq!(count(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'orders'"), 0);
    let conn = after_bad("SL15", 2);
    assert!(conn.execute_batch("SELECT * FROM refs").unwrap_err().to_string().contains("old_orders"));
    assert!(after_bad("SL15", 3).execute_batch("SELECT note FROM orders").is_err());
}

#[test]
fn a_rename_is_carried_into_views_and_breaks_old_statements() {
    let conn = after_bad("SL16", 0);
    assert!(conn.execute_batch("SELECT user_name FROM users").is_err());
    conn.execute_batch("SELECT * FROM names").unwrap();
    assert!(after_bad("SL16", 1).execute_batch("SELECT * FROM users").is_err());
}

#[test]
fn an_ordinary_table_takes_any_value() {
    let conn = after_bad("SL18", 0);
    conn.execute_batch("INSERT INTO orders (qty) VALUES ('many')").unwrap();
    let conn = database(rule("SL18").good[0].sql);
    assert!(conn.execute_batch("INSERT INTO orders (qty) VALUES ('many')").is_err());
}

#[test]
fn a_view_of_a_table_that_is_gone_stops_every_rename() {
    let conn = after_bad("SL19", 0);
    conn.execute_batch("CREATE TABLE other (a INT, b INT)").unwrap();
    for sql in
        ["SELECT * FROM all_orders", "ALTER TABLE other RENAME TO o", "ALTER TABLE other DROP COLUMN b"]
    {
        assert!(conn.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn rows_and_values_are_gone() {
    let conn = after_bad("SL20", 0);
    assert!(conn.execute_batch("SELECT note FROM orders").is_err());
    assert!(conn.execute_batch("INSERT INTO orders VALUES (2, 'y')").is_err());
    assert_eq!(count(&after_bad("SL21", 0), "SELECT count(*) FROM sessions"), 0);
    assert_eq!(count(&after_bad("SL21", 1), "SELECT count(*) FROM orders"), 0);
}
