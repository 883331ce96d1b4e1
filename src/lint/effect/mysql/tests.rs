//! What statements are found to do, beside what a server was seen to do.

use super::*;
use crate::lint::effect::{Cause, Work};
use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::mysql::statement::script;
use crate::sql::statement::Origin;

const MARIADB: Option<(u32, u32)> = Some((10, 11));
const MYSQL: Option<(u32, u32)> = Some((8, 0));

/// The tables on which the actions were measured.
const TABLES: &str = "CREATE TABLE p (id int primary key, u varchar(20), unique(u)) ENGINE=InnoDB;
  CREATE TABLE t (id int primary key auto_increment, qty int, n int not null, name varchar(50),
  big varchar(100), e enum('n','p'), s set('a','b'), d decimal(10,2), tx text, dt datetime, ch char(10),
  ts timestamp null, f float, b3 varchar(50) character set utf8mb3, tt tinytext, vb varbinary(50),
  dt0 datetime(0), json1 longtext, pid int,
  un int unsigned, bl boolean, key kq (qty), key kn(name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;";

/// The state after these statements were deployed, on a server.
fn after(text: &str, version: Option<(u32, u32)>) -> State {
    let schema = Schema { version, ..Schema::default() };
    let mut state = State::new(Dialect::Mysql, schema);
    state.begin_script(false, false);
    for statement in script("given.sql", text).0 {
        let effects = of(&statement, &state);
        state.pass(&statement, &effects);
    }
    let settings = state.settings.clone();
    state.begin_script(false, false);
    state.settings = settings;
    state
}

fn statement(text: &str) -> Statement {
    crate::sql::mysql::statement::read(text, Origin::default())
}

/// What a statement does, after others that are deployed.
fn effects(given: &str, text: &str, version: Option<(u32, u32)>) -> Effects {
    of(&statement(text), &after(given, version))
}

/// The way that is taken for an action, and the lock that is held meanwhile.
fn way(given: &str, action: &str, version: Option<(u32, u32)>) -> (Way, Mode) {
    let statement = statement(&format!("ALTER TABLE t {action}"));
    let state = after(given, version);
    let found = approach(&statement, &state).unwrap();
    (found.way, found.under)
}

#[test]
fn ways_are_those_that_a_server_was_seen_to_take() {
    let mut wrong = Vec::new();
    let lines = include_str!("tests/measured.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let [action, given, algorithm, lock] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let (way, _) = way(&format!("{TABLES}{given};"), action, MARIADB);
        let fits = match (algorithm, lock) {
            ("INSTANT", _) => way == Way::AtOnce,
            ("NOCOPY", "NONE") => matches!(way, Way::InPlace | Way::Index),
            ("INPLACE", "NONE") => way == Way::Rebuild,
            ("COPY", _) => way == Way::Copy,
            _ => way == Way::Shared,
        };
        if !fits {
            wrong.push(format!("{way:?}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// From the manual of MySQL 8.0: where it differs from MariaDB, and what both have in common.
#[test]
fn ways_of_mysql() {
    use Way::{AtOnce, Copy, InPlace, Index, Rebuild, Shared};
    let cases = [
        ("ADD COLUMN z int", AtOnce),
        ("ADD COLUMN z int FIRST", AtOnce),
        ("DROP COLUMN tx", AtOnce),
        ("RENAME COLUMN tx TO ty", AtOnce),
        ("ALTER COLUMN qty SET DEFAULT 5", AtOnce),
        ("MODIFY e enum('n','p','z')", InPlace),
        ("MODIFY name varchar(63)", InPlace),
        ("MODIFY name varchar(64)", Copy),
        ("MODIFY l1 varchar(256) CHARACTER SET latin1", Copy),
        ("MODIFY qty int AFTER n", Rebuild),
        ("MODIFY qty int NOT NULL", Rebuild),
        ("MODIFY n int", Rebuild),
        ("MODIFY qty bigint", Copy),
        ("MODIFY b3 varchar(50) CHARACTER SET utf8mb4", Copy),
        ("ADD COLUMN z int DEFAULT (1)", Copy),
        ("ADD COLUMN z int CHECK (z > 0)", Copy),
        ("ADD INDEX (n)", Index),
        ("ADD FULLTEXT (name)", Shared),
        ("DROP INDEX kq", InPlace),
        ("ADD COLUMN z bigint AUTO_INCREMENT UNIQUE", Shared),
        ("CONVERT TO CHARACTER SET utf8mb4", Copy),
        ("ADD CHECK (n > 0)", Copy),
        ("ADD CHECK (n > 0) NOT ENFORCED", InPlace),
        ("ENCRYPTION='Y'", Copy),
        ("COMMENT='x'", InPlace),
        ("PARTITION BY HASH (id)", Copy),
    ];
    let given = format!("{TABLES} ALTER TABLE t ADD l1 varchar(50) CHARACTER SET latin1;");
    for (action, expected) in cases {
        assert_eq!(way(&given, action, MYSQL).0, expected, "{action}");
    }
    assert_eq!(way(&given, "ADD COLUMN z int", Some((5, 7))).0, Rebuild);
    let lax = format!("{given} SET sql_mode = '';");
    assert_eq!(way(&lax, "MODIFY qty int NOT NULL", MYSQL).0, Copy);
}

#[test]
fn what_is_not_known_is_the_worst_case_and_says_so() {
    let unless = |given: &str, action: &str, version| {
        let statement = statement(&format!("ALTER TABLE t {action}"));
        let found = of(&statement, &after(given, version));
        let blocking = found.efforts.into_iter().find(|effort| effort.under == Mode::Share);
        blocking.map(|effort| effort.unless.unwrap_or_default())
    };
    assert_eq!(unless("", "MODIFY qty int", None).unwrap(), "what \"qty\" is until now");
    assert_eq!(unless(TABLES, "MODIFY qty int", None), None);
    let which = "whether the server is MySQL or MariaDB";
    assert_eq!(unless(TABLES, "ADD COLUMN z int CHECK (z > 0)", None).unwrap(), which);
    assert_eq!(unless(TABLES, "ADD COLUMN z int CHECK (z > 0)", MYSQL).unwrap(), "");
    assert_eq!(unless(TABLES, "ADD COLUMN z int CHECK (z > 0)", MARIADB), None);
    let text = "CREATE TABLE t (id int primary key, name varchar(50));";
    assert_eq!(unless(text, "MODIFY name varchar(60)", None), None);
    assert_eq!(unless(text, "MODIFY name varchar(100)", None).unwrap(), "the character set of the column");
    assert_eq!(unless(text, "MODIFY name varchar(40)", None).unwrap(), "");
}

#[test]
fn clauses_are_heeded_or_refused() {
    let refused = |text: &str, version| {
        let state = after(TABLES, version);
        approach(&statement(text), &state).unwrap().refused.is_some()
    };
    for (text, expected) in [
        ("ALTER TABLE t MODIFY qty bigint, ALGORITHM=INPLACE", true),
        ("ALTER TABLE t MODIFY qty bigint, LOCK=NONE", true),
        ("ALTER TABLE t MODIFY qty bigint, ALGORITHM=COPY, LOCK=SHARED", false),
        ("ALTER TABLE t ADD INDEX (n), ALGORITHM=INSTANT", true),
        ("ALTER TABLE t ADD INDEX (n), ALGORITHM=NOCOPY, LOCK=NONE", false),
        ("ALTER TABLE t ADD FULLTEXT (name), ALGORITHM=INPLACE, LOCK=NONE", true),
        ("CREATE FULLTEXT INDEX i ON t (name) LOCK=SHARED", false),
        ("ALTER TABLE t ADD COLUMN z int, ALGORITHM=INSTANT", false),
    ] {
        assert_eq!(refused(text, MARIADB), expected, "{text}");
    }
    // Refused for sure, it does nothing at all.
    let nothing = effects(TABLES, "ALTER TABLE t MODIFY qty bigint, ALGORITHM=INPLACE", MARIADB);
    assert!(nothing.locks.is_empty() && nothing.efforts.is_empty() && nothing.failures[0].surely);
    assert_eq!(way(TABLES, "ADD INDEX (n), LOCK=EXCLUSIVE", MYSQL), (Way::Index, Mode::AccessExclusive));
    assert_eq!(way(TABLES, "ADD COLUMN z int, ALGORITHM=COPY", MYSQL), (Way::Copy, Mode::Share));
    // From 11.2 on MariaDB lets others write while it copies, but for some reasons.
    let newer = Some((11, 4));
    assert_eq!(way(TABLES, "MODIFY qty bigint", newer), (Way::Copy, Mode::ShareUpdateExclusive));
    assert_eq!(way(TABLES, "DROP PRIMARY KEY", newer), (Way::Copy, Mode::Share));
    assert!(!refused("ALTER TABLE t MODIFY qty bigint, LOCK=NONE", newer));
}

#[test]
fn other_engines_copy() {
    let text = "CREATE TABLE t (id int primary key, qty int) ENGINE=MyISAM;";
    assert_eq!(way(text, "ADD COLUMN z int", MARIADB).0, Way::Copy);
    assert_eq!(way(text, "ADD INDEX (qty)", MYSQL).0, Way::Copy);
    assert!(way(text, "ALTER COLUMN qty SET DEFAULT 5", MYSQL).0 <= Way::InPlace);
}

#[test]
fn tables_that_are_new_or_elsewhere() {
    let state = after("", None);
    let there = |text: &str| is_old(&state, &Name::within(text, "t"));
    assert!(there("shop") && is_old(&state, &Name::new("t")));
    let mut complete = after(TABLES, None);
    complete.schema.complete = true;
    assert!(is_old(&complete, &Name::new("t")) && !is_old(&complete, &Name::new("other")));
    assert!(!is_old(&state, &Name::within("information_schema", "tables")));
    // Of another database than the one that was read nothing is known.
    assert!(is_old(&complete, &Name::within("shop", "other")));
    let made = effects("", "CREATE TABLE a (id int, p int, FOREIGN KEY (p) REFERENCES t (id))", None);
    assert_eq!(made.locks.len(), 1);
    assert!(made.efforts.is_empty());
}

#[test]
fn what_is_broken_and_lost() {
    let gone = effects(TABLES, "ALTER TABLE t DROP COLUMN qty", None);
    assert_eq!((gone.broken[0].how.clone(), gone.lost[0].what), (How::Gone, Loss::Values));
    assert_eq!(gone.reversibility, Reversibility::WithDataLoss);
    let required = effects(TABLES, "ALTER TABLE t ADD z int NOT NULL", None);
    assert_eq!(required.broken[0].how, How::Refuses(Refusal::RequiredColumn));
    assert_eq!(required.reversibility, Reversibility::Reversible);
    let narrow = effects(TABLES, "ALTER TABLE t MODIFY d decimal(8,2)", None);
    assert_eq!(narrow.lost[0].what, Loss::Precision);
    let swap = effects(TABLES, "RENAME TABLE t TO t_old, p TO t", None);
    assert!(swap.broken.is_empty() && swap.locks.len() == 2);
    let renamed = effects(TABLES, "RENAME TABLE t TO u", None);
    assert_eq!(renamed.broken.len(), 1);
    let all = effects(TABLES, "DELETE FROM t", None);
    assert_eq!((all.efforts[0].work, all.efforts[0].cause), (Work::Rows, Cause::Delete));
    assert_eq!(all.lost[0].what, Loss::Rows);
    let truncated = effects(TABLES, "TRUNCATE t", None);
    assert_eq!((truncated.lost.len(), truncated.locks.len()), (1, 1));
    let view =
        effects("CREATE VIEW v AS SELECT a, b FROM t", "CREATE OR REPLACE VIEW v AS SELECT a FROM t", None);
    assert_eq!(view.broken[0].part.as_deref(), Some("b"));
    let keyed =
        "CREATE TABLE a (id int primary key); CREATE TABLE b (a int, FOREIGN KEY (a) REFERENCES a (id));";
    assert!(effects(keyed, "DROP TABLE a", None).failures[0].surely);
    assert!(effects(keyed, "DROP TABLE a, b", None).failures.is_empty());
}

#[test]
fn what_nobody_can_tell_is_opaque() {
    for text in ["FOO", "EXECUTE s", "CALL p()", "ALTER TABLE t FOO BAR"] {
        assert!(effects("", text, None).opaque.is_some(), "{text}");
    }
    let known = "CREATE PROCEDURE p() BEGIN DELETE FROM t; END;";
    let text = format!("DELIMITER //\n{}//\nDELIMITER ;\n", known.trim_end_matches(';'));
    assert!(effects(&text, "CALL p()", None).opaque.is_none());
}
