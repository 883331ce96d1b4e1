//! The cutter and what statements are, against what the client and a server made of them.

use super::*;

/// What would be sent, and the commands that are not the cutter's own.
fn pieces(text: &str, modes: Modes) -> Vec<String> {
    let mut cutter = Cutter::new(text);
    let mut all = Vec::new();
    while let Some(piece) = cutter.next(modes) {
        all.push(match piece {
            Piece::Statement(one) => one.text,
            Piece::Command(one) => format!("<{:?} {}>", one.word, one.argument),
            Piece::Wrong(why, line) => format!("<{line}: {why}>"),
            Piece::Odd(why, line) => format!("<odd {line}: {why}>"),
        });
    }
    all
}

fn sent(text: &str) -> Vec<String> {
    pieces(text, Modes::default())
}

/// As a MariaDB 10.11 server logged what its client sent.
#[test]
fn comments_are_cut_out_as_the_client_does() {
    let cases = [
        ("SELECT 1/* a */+1;", vec!["SELECT 1 +1"]),
        ("SELECT 1 /* a\nb */\n, 2;", vec!["SELECT 1 \n, 2"]),
        ("SELECT 1/* a\nb */, 2;", vec!["SELECT 1 , 2"]),
        ("SELECT 1,/**/2;", vec!["SELECT 1, 2"]),
        ("SELECT 1\n# x\n,2;", vec!["SELECT 1\n\n,2"]),
        ("SELECT 1 /* a */ -- b\n, 2 /* c */;", vec!["SELECT 1  \n, 2"]),
        ("/*! SELECT 1 -- x\n */;", vec!["/*! SELECT 1 \n */"]),
        ("/*! SELECT '*/' */;", vec!["/*! SELECT '*/' */"]),
        ("SELECT 2*/*x*/3;", vec!["SELECT 2* 3"]),
        ("SELECT 1 /*/ 2 */;", vec!["SELECT 1"]),
        ("SELECT 1 /**/ + /***/ 2;", vec!["SELECT 1  +  2"]),
        ("SELECT 1 /* 'a; */ + 2 /* \" */;", vec!["SELECT 1  + 2"]),
        ("SELECT 1 \\\n;", vec!["SELECT 1"]),
        (
            "SELECT 'multi\n\n  line # no\n-- no\n/* no */';",
            vec!["SELECT 'multi\n\n  line # no\n-- no\n/* no */'"],
        ),
        ("--x\nSELECT 1;--x\nSELECT 2;", vec!["SELECT 1", "SELECT 2"]),
        ("SELECT 1\n--x\n;", vec!["SELECT 1\n--x"]),
    ];
    for (text, want) in cases {
        assert_eq!(sent(text), want, "{text}");
    }
}

#[test]
fn commands_act_where_the_client_lets_them() {
    assert_eq!(sent("SELECT 1; use other;\nSELECT 2;"), ["SELECT 1", "<Use other>", "SELECT 2"]);
    assert_eq!(sent("use other SELECT 1;\nSELECT 2;"), ["<Use other SELECT 1>", "SELECT 2"]);
    assert_eq!(sent("SELECT 1 \\u other\n, 2;"), ["<Use other>", "SELECT 1 \n, 2"]);
    assert_eq!(sent("SELECT 1; \\. a.sql\nSELECT 2;"), ["SELECT 1", "<Source a.sql>", "SELECT 2"]);
    assert_eq!(sent("\\! echo b;echo c\nSELECT 1;"), ["<System echo b;echo c>", "echo c\nSELECT 1"]);
    assert_eq!(sent("quit;\n"), ["quit"]);
    assert_eq!(sent("exit\nSELECT 1;"), [""; 0]);
    assert_eq!(sent("SELECT 1\nclear\n;"), ["SELECT 1\nclear"]);
    assert_eq!(sent("SELECT 1 \\z;"), ["<1: Unknown command '\\z'.>", "SELECT 1"]);
}

#[test]
fn modes_decide_what_a_backslash_is() {
    let no_backslash = Modes { no_backslash: true, ..Modes::default() };
    assert_eq!(pieces("SELECT 'a\\';\nSELECT 'b';", no_backslash), ["SELECT 'a\\'", "SELECT 'b'"]);
    let ansi = Modes { ansi_quotes: true, ..Modes::default() };
    assert_eq!(pieces("SELECT 1 AS \"a\\\";\nSELECT 2;", ansi), ["SELECT 1 AS \"a\\\"", "SELECT 2"]);
}

#[test]
fn an_open_comment_is_said() {
    assert_eq!(sent("SELECT 1;\n/* open\nSELECT 2;\n").len(), 2);
    let found = survey("a.sql", "SELECT 1;\n/* open\nSELECT 2;\n", &mut |_| Ok(String::new()));
    assert_eq!(found.problems.len(), 1);
}

fn object(kind: ObjectKind, schema: Option<&str>, name: &str) -> Object {
    Object { kind, schema: schema.map(str::to_owned), name: name.to_owned() }
}

fn names(text: &str) -> Vec<Object> {
    match kind(text) {
        Kind::Commits { objects, .. } => objects,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_commits_by_itself_names_what_it_changes() {
    use ObjectKind::*;
    let cases = [
        ("CREATE TABLE IF NOT EXISTS `a b`.t (i INT)", vec![object(Table, Some("a b"), "t")]),
        ("/*!50001 CREATE ALGORITHM=MERGE VIEW v AS SELECT 1 */", vec![object(Table, None, "v")]),
        ("CREATE OR REPLACE DEFINER=`root`@`%` PROCEDURE p() SELECT 1", vec![object(Procedure, None, "p")]),
        ("CREATE UNIQUE INDEX i ON db.t (a)", vec![object(Table, Some("db"), "t")]),
        ("ALTER IGNORE TABLE t ADD COLUMN c INT", vec![object(Table, None, "t")]),
        ("DROP TABLE IF EXISTS a, b.c", vec![object(Table, None, "a"), object(Table, Some("b"), "c")]),
        ("DROP INDEX i ON t", vec![object(Table, None, "t")]),
        ("RENAME TABLE a TO b, c TO d", ["a", "b", "c", "d"].map(|name| object(Table, None, name)).to_vec()),
        ("CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.i = 1", vec![object(Trigger, None, "x")]),
        ("CREATE USER 'u'@'h' IDENTIFIED BY 'p'", vec![object(User, Some("h"), "u")]),
        ("CREATE DATABASE d", vec![object(Database, None, "d")]),
    ];
    for (text, want) in cases {
        assert_eq!(names(text), want, "{text}");
    }
}

#[test]
fn kinds_of_statements() {
    let cases = [
        ("SET @x = 1", Kind::Session),
        ("SET @x = (SELECT MAX(id) FROM t)", Kind::Keeps),
        ("SELECT 1 INTO @x", Kind::Keeps),
        ("CREATE TEMPORARY TABLE t (i INT)", Kind::Keeps),
        ("SET autocommit=0", Kind::Autocommit(false)),
        ("SET @@session.autocommit := ON", Kind::Autocommit(true)),
        ("START TRANSACTION READ ONLY", Kind::Begin { read_only: true }),
        ("BEGIN NOT ATOMIC SELECT 1; END", Kind::Unknown),
        ("COMMIT AND CHAIN", Kind::Commit { chain: true }),
        ("ROLLBACK TO SAVEPOINT a", Kind::Savepoint),
        ("CALL p()", Kind::Unknown),
        ("INSERT INTO t SELECT 1", Kind::Rows),
        ("LOCK TABLES t WRITE", Kind::LockTables),
    ];
    for (text, want) in cases {
        assert_eq!(kind(text), want, "{text}");
    }
}

#[test]
fn a_transaction_that_is_left_open_is_seen() {
    let open = |text: &str| survey("a.sql", text, &mut |_| Ok(String::new())).left_open;
    assert!(open("START TRANSACTION; INSERT INTO t VALUES (1);"));
    assert!(open("SET autocommit=0; INSERT INTO t VALUES (1);"));
    assert!(!open("BEGIN; INSERT INTO t VALUES (1); CREATE TABLE u (i INT);"));
    assert!(!open("BEGIN; INSERT INTO t VALUES (1); COMMIT;"));
}
