//! Statements about rows, bodies, whole scripts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::sql::mysql::statement::{read, type_of};
use crate::sql::statement::{Name, Object, Reach, Said, WriteKind};

fn said(text: &str) -> Said {
    read(text, Origin::default()).said
}

#[test]
fn rows_are_written() {
    use Reach::{All, Bounded, Some as Part};
    use WriteKind::{Delete, InsertSelect, InsertValues, Load, Update, Upsert};
    let cases: &[(&str, WriteKind, &[&str], Reach)] = &[
        ("INSERT INTO t (a) VALUES (1), (2)", InsertValues, &["t"], Bounded),
        ("INSERT t SET a = 1", InsertValues, &["t"], Bounded),
        ("INSERT IGNORE INTO d.t (a) SELECT a FROM u", InsertSelect, &["d.t"], All),
        ("INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t)", InsertSelect, &["t"], Part),
        ("INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)", Upsert, &["t"], Bounded),
        ("REPLACE INTO t VALUES (1)", Upsert, &["t"], Bounded),
        ("UPDATE t SET a = 1", Update, &["t"], All),
        ("UPDATE t SET a = 1 WHERE 1=1", Update, &["t"], All),
        ("UPDATE t SET a = 1 WHERE a IS NULL", Update, &["t"], Part),
        ("UPDATE t SET a = 1 WHERE a IS NULL LIMIT 100", Update, &["t"], Bounded),
        ("UPDATE t SET a = 1 WHERE id = 5", Update, &["t"], Bounded),
        ("UPDATE t SET a = 1 WHERE t.id >= 5 AND t.id < 50", Update, &["t"], Bounded),
        ("UPDATE t SET a = 1 WHERE id > 5 AND id < 50", Update, &["t"], Bounded),
        ("UPDATE t SET a = 1 WHERE id = 5 OR b = 2", Update, &["t"], Part),
        ("UPDATE a x JOIN b ON x.i = b.i SET x.c = b.c", Update, &["a"], Part),
        ("UPDATE a, b SET a.c = 1, b.d = 2 WHERE a.i = b.i", Update, &["a", "b"], Part),
        ("DELETE FROM t", Delete, &["t"], All),
        ("DELETE FROM t WHERE id IN (1, 2)", Delete, &["t"], Bounded),
        ("DELETE x FROM a x JOIN b ON x.i = b.i", Delete, &["a"], Part),
        ("DELETE FROM a USING a JOIN b ON a.i = b.i WHERE b.c", Delete, &["a"], Part),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t FIELDS TERMINATED BY ','", Load, &["t"], All),
        ("WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM c)", Delete, &["t"], Part),
    ];
    for (text, kind, tables, reach) in cases {
        let Said::Write(writes, _) = said(text) else { panic!("{text}: {:?}", said(text)) };
        let names: Vec<String> = writes.iter().map(|write| write.table.to_string()).collect();
        assert_eq!(names, *tables, "{text}");
        assert!(
            writes.iter().all(|write| write.kind == *kind && write.reach == *reach),
            "{text}: {writes:?}"
        );
    }
}

#[test]
fn queries_name_what_they_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "SELECT * FROM a, b x, `c` AS y JOIN d.e USING (i) WHERE f IN (SELECT g FROM h)",
            &["a", "b", "c", "d.e", "h"],
        ),
        ("SELECT TRIM(' ' FROM a), EXTRACT(DAY FROM b) FROM c", &["c"]),
        (
            "WITH RECURSIVE x (n) AS (SELECT 1 UNION SELECT n FROM x), y AS (SELECT 2) SELECT * FROM x, y, z",
            &["z"],
        ),
        ("SELECT 1 FROM dual", &[]),
        ("(SELECT 1 FROM a) UNION (SELECT 1 FROM b)", &["a", "b"]),
        ("SELECT * FROM (a, b)", &["a", "b"]),
        ("DO f(1)", &[]),
    ];
    for (text, tables) in cases {
        let Said::Read(reads) = said(text) else { panic!("{text}") };
        let names: Vec<String> = reads.relations.iter().map(ToString::to_string).collect();
        assert_eq!(names, *tables, "{text}");
    }
    let Said::Read(reads) = said("SELECT d.f(1), now() FROM t FOR UPDATE") else { panic!() };
    assert_eq!(reads.calls, [Name::within("d", "f"), Name::new("now")]);
    assert_eq!(reads.locks_rows, Some(Reach::All));
}

#[test]
fn other_statements() {
    let harmless = [
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "UNLOCK TABLES",
        "CREATE USER u",
        "SET @a = 1",
        "",
        "DEALLOCATE PREPARE s",
    ];
    for text in harmless {
        assert_eq!(said(text), Said::Harmless, "{text}");
    }
    for text in ["FOO BAR", "ALTER TABLE", "CREATE", "DROP", "1", "CREATE INDEX i", "$$"] {
        assert!(matches!(said(text), Said::Opaque { .. }), "{text}: {:?}", said(text));
    }
    let pairs = vec![(Name::new("a"), Name::new("b")), (Name::new("c"), Name::within("d", "a"))];
    assert_eq!(said("RENAME TABLE a TO b, c TO d.a"), Said::RenameTables { pairs });
    assert_eq!(said("TRUNCATE a"), Said::Truncate { tables: vec![Name::new("a")], cascade: false });
    assert_eq!(said("START TRANSACTION READ ONLY"), Said::Begin);
    assert_eq!(said("ROLLBACK TO SAVEPOINT a"), Said::Savepoint);
    let set = read(
        "SET SESSION lock_wait_timeout = 5, @@sql_mode := '', @x = 1, GLOBAL max_connections = 9",
        Origin::default(),
    );
    let named = |name: &str, value: &str| Said::Set {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        local: false,
    };
    assert_eq!(set.said, named("lock_wait_timeout", "5"));
    let rest: Vec<&Said> = set.body.iter().map(|one| &one.said).collect();
    let global = Said::AlterOther { object: Object::Other, name: "global max_connections".to_owned() };
    assert_eq!(rest, [&named("sql_mode", ""), &global]);
    let Said::Drop { object, names, if_exists, .. } = said("DROP TABLE IF EXISTS `a`, b.c CASCADE") else {
        panic!()
    };
    assert_eq!(
        (object, names, if_exists),
        (Object::Table, vec![Name::new("a"), Name::within("b", "c")], true)
    );
    let Said::Privileges { roles, objects, grant, .. } =
        said("GRANT SELECT, INSERT ON d.t TO 'u'@'%', r WITH GRANT OPTION")
    else {
        panic!()
    };
    assert!(grant && objects == [Name::within("d", "t")] && roles == ["u@%", "r"]);
    let Said::CreateView { columns, reads, .. } = said(
        "CREATE ALGORITHM=MERGE DEFINER=`r`@`%` SQL SECURITY INVOKER VIEW v AS \
         SELECT t.a, b + 1 AS c, d FROM t",
    ) else {
        panic!()
    };
    assert_eq!(columns.unwrap(), ["a", "c", "d"]);
    assert_eq!(reads.relations, [Name::new("t")]);
}

#[test]
fn bodies_are_looked_into() {
    let text = "CREATE DEFINER=CURRENT_USER() PROCEDURE IF NOT EXISTS d.p(IN a INT, OUT b VARCHAR(5))
      COMMENT 'x' BEGIN
      DECLARE done INT DEFAULT 0;
      DECLARE c CURSOR FOR SELECT id FROM t;
      DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE '42S02' SET done = 1;
      IF EXISTS (SELECT 1 FROM t) THEN ALTER TABLE t DROP a;
      ELSEIF CASE WHEN a THEN 1 END THEN TRUNCATE u; ELSE DELETE FROM v; END IF;
      l: WHILE a < 5 DO UPDATE t SET a = 1; END WHILE l;
      CASE a WHEN 1 THEN DROP TABLE w; ELSE BEGIN END; END CASE;
    END";
    let Said::CreateFunction(function) = said(text) else { panic!("{:?}", said(text)) };
    assert!(function.procedure && function.parameters == ["IN a INT", "OUT b VARCHAR(5)"]);
    let body: Vec<String> = function.body.unwrap().iter().map(|one| one.text.clone()).collect();
    assert_eq!(
        body,
        [
            "SET done = 1",
            "ALTER TABLE t DROP a",
            "TRUNCATE u",
            "DELETE FROM v",
            "UPDATE t SET a = 1",
            "DROP TABLE w"
        ]
    );
    let text = "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN a + 1";
    let Said::CreateFunction(function) = said(text) else { panic!() };
    assert!(!function.volatile && function.body.unwrap().is_empty());
    let block = read(
        "BEGIN NOT ATOMIC\n DROP TABLE a; IF 1 THEN DROP TABLE b; END IF; END",
        Origin { line: 3, offset: Some(10), ..Origin::default() },
    );
    let places: Vec<(usize, Option<usize>)> =
        block.body.iter().map(|one| (one.origin.line, one.origin.offset)).collect();
    assert_eq!(places, [(4, Some(28)), (4, Some(52))]);
}

#[test]
fn scripts_are_cut_with_their_places() {
    let text = "-- a\nCREATE TABLE a (i int); ALTER TABLE a /* x */ ADD b int;\nDELIMITER //\n\
        CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW\nBEGIN SET NEW.i = 1; END//\nDELIMITER ;\n\
        USE other;\nDROP TABLE a;\n\\! rm x\nsource b.sql\n";
    let (all, errors) = script("deploy/a.sql", text);
    assert!(errors.is_empty());
    let places: Vec<(usize, Option<usize>)> =
        all.iter().map(|one| (one.origin.line, one.origin.offset)).collect();
    let lines: Vec<usize> = places.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 2, 4, 8, 9, 10]);
    // With a comment taken out, it does not stand there as it is sent.
    let found: Vec<bool> = places.iter().map(|(_, offset)| offset.is_some()).collect();
    assert_eq!(found, [true, false, true, true, false, false]);
    let there = |at: usize| text[places[at].1.unwrap()..].starts_with(&all[at].text);
    assert!(there(0) && there(2) && there(3));
    assert!(matches!(&all[3].said, Said::Drop { names, .. } if *names == [Name::within("other", "a")]));
    assert!(matches!(&all[4].said, Said::Opaque { .. }) && matches!(&all[5].said, Said::Opaque { .. }));
    let (all, _) = script_with("a.sql", "source b.sql\n", &mut |_| Ok("DROP TABLE a".to_owned()));
    assert_eq!((all.len(), all[0].origin.file.as_str()), (1, "b.sql"));
}

#[test]
fn statements_sent_together_are_told_apart() {
    let text =
        "DELIMITER //\nDROP PROCEDURE p;\nCREATE PROCEDURE p() BEGIN DELETE FROM t; END//\nSELECT ';'//\n";
    let (all, _) = script("a.sql", text);
    let texts: Vec<(&str, usize)> = all.iter().map(|one| (one.text.as_str(), one.origin.line)).collect();
    let body = "CREATE PROCEDURE p() BEGIN DELETE FROM t; END";
    assert_eq!(texts, [("DROP PROCEDURE p", 2), (body, 3), ("SELECT ';'", 4)]);
}

#[test]
fn texts_that_are_executed_are_read() {
    let text = "SET @s = (SELECT IF((SELECT COUNT(*) FROM information_schema.columns) > 0, 'SELECT 1',
        CONCAT('ALTER TABLE t ', 'ADD c int')));
      PREPARE s FROM @s; EXECUTE s; DEALLOCATE PREPARE s;
      SELECT CONCAT('DROP TABLE ', name) INTO @d FROM u; PREPARE s FROM @d; EXECUTE s;
      EXECUTE IMMEDIATE 'DROP TABLE \\'x\\'';";
    let (all, _) = script("a.sql", text);
    let run: Vec<&Statement> = all.iter().filter(|one| one.text.starts_with("EXECUTE")).collect();
    let texts: Vec<&str> = run[0].body.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["SELECT 1", "ALTER TABLE t ADD c int"]);
    assert_eq!(run[1].said, Said::Dynamic);
    assert_eq!(run[2].body[0].text, "DROP TABLE 'x'");
}

#[test]
fn types_of_the_catalogue() {
    for (text, name, args, more) in [
        ("int(10) unsigned", "int", vec![10], vec!["unsigned"]),
        ("varchar(50)", "varchar", vec![50], vec![]),
        ("enum('a','b,c')", "enum", vec![], vec!["'a'", "'b,c'"]),
        ("decimal(10,2)", "decimal", vec![10, 2], vec![]),
        ("varchar(5) charset latin1", "varchar", vec![5], vec!["charset latin1"]),
    ] {
        let ty = type_of(text).unwrap();
        assert_eq!(
            (ty.name.as_str(), ty.args, ty.more),
            (name, args, more.into_iter().map(str::to_owned).collect()),
            "{text}"
        );
    }
}

#[test]
fn deep_things_come_to_an_end() {
    let deep = 20_000;
    for text in [
        "(".repeat(deep),
        format!("SELECT * FROM {}", "(".repeat(deep)),
        format!("ALTER TABLE t ADD CHECK {}", "(".repeat(deep)),
        format!("ALTER TABLE t ADD {}", "(".repeat(deep)),
        "CREATE PROCEDURE p() ".repeat(2_000),
        "BEGIN NOT ATOMIC ".repeat(2_000),
        "SET STATEMENT a = 1 FOR ".repeat(deep),
        "EXECUTE IMMEDIATE ('".repeat(deep),
        format!("SET @a = {}", "IF(1,".repeat(deep)),
        "IF CASE ".repeat(deep),
    ] {
        let _ = (read(&text, Origin::default()), script("a.sql", &text));
    }
}
