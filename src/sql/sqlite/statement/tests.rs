//! Statements of SQLite, read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::{read, script};
use crate::sql::statement::{
    Action, Column, ConstraintKind, Key, Name, Object, Origin, Reach, Said, WriteKind,
};
use proptest::prelude::*;

fn said(text: &str) -> Said {
    read(text, Origin::default()).said
}

fn action(text: &str) -> Action {
    match said(text) {
        Said::AlterTable { mut actions, .. } => actions.remove(0).0,
        other => panic!("{text}: {other:?}"),
    }
}

fn reach(text: &str) -> Reach {
    match said(text) {
        Said::Write(writes, _) => writes[0].reach,
        other => panic!("{text}: {other:?}"),
    }
}

fn relations(text: &str) -> Vec<String> {
    match said(text) {
        Said::Read(reads) | Said::Write(_, reads) | Said::CreateView { reads, .. } => {
            reads.relations.iter().map(ToString::to_string).collect()
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn transactions_and_pragmas() {
    assert_eq!(said("BEGIN IMMEDIATE"), Said::Begin);
    assert_eq!(said("END TRANSACTION;"), Said::Commit);
    assert_eq!(said("ROLLBACK TO s"), Said::Savepoint);
    assert_eq!(said("ROLLBACK"), Said::Rollback);
    for text in ["PRAGMA foreign_keys = OFF", "pragma main.Foreign_Keys(off)", "PRAGMA foreign_keys='OFF';"] {
        let Said::Set { name, value, .. } = said(text) else { panic!("{text}") };
        assert_eq!(
            (name.as_str(), value.unwrap().to_ascii_lowercase().as_str()),
            ("pragma foreign_keys", "off")
        );
    }
    let Said::Set { value, .. } = said("PRAGMA cache_size = -2000") else { panic!() };
    assert_eq!(value.as_deref(), Some("-2000"));
    for text in ["PRAGMA foreign_keys", "PRAGMA table_info(a)", "EXPLAIN DROP TABLE a", "", "-- only this"] {
        assert_eq!(said(text), Said::Harmless, "{text}");
    }
}

#[test]
fn a_table_with_all_that_can_be_said_about_it() {
    let text = "CREATE TEMP TABLE IF NOT EXISTS \"Users\" (\n\
        Id INTEGER PRIMARY KEY AUTOINCREMENT,\n\
        name varchar(40) NOT NULL ON CONFLICT IGNORE COLLATE nocase DEFAULT 'x',\n\
        at text DEFAULT CURRENT_TIMESTAMP,\n\
        n int DEFAULT (1+2) CHECK (n > 0) CONSTRAINT u UNIQUE,\n\
        other int REFERENCES teams(id) ON UPDATE NO ACTION ON DELETE CASCADE NOT DEFERRABLE INITIALLY \
        DEFERRED,\n\
        g int GENERATED ALWAYS AS (n * 2) STORED,\n\
        bare,\n\
        CONSTRAINT ck CHECK (name IS NOT NULL AND (n IS NULL OR n < 5)) UNIQUE (name, n)\n\
        FOREIGN KEY (n, g) REFERENCES main.teams\n\
    ) STRICT, WITHOUT ROWID;";
    let Said::CreateTable(create) = said(text) else { panic!() };
    assert_eq!(create.name, Name::new("users"));
    assert!(create.temporary && create.if_not_exists);
    let names: Vec<&str> = create.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "at", "n", "other", "g", "bare"]);
    let name = &create.columns[1];
    assert_eq!(name.ty.as_ref().unwrap().written(), "varchar(40)");
    assert!(name.not_null());
    assert_eq!(name.collate.as_deref(), Some("nocase"));
    let default = |column: &Column| {
        column.find(|kind| match kind {
            ConstraintKind::Default(expr) => Some(expr.clone()),
            _ => None,
        })
    };
    assert_eq!(default(name).unwrap().text, "'x'");
    let at = default(&create.columns[2]).unwrap();
    assert_eq!((at.literal, at.calls.len()), (false, 1));
    assert_eq!(create.columns[3].constraints.len(), 3);
    assert_eq!(create.columns[3].constraints[2].name.as_deref(), Some("u"));
    let cascades = create.columns[4].find(|kind| match kind {
        ConstraintKind::Foreign(foreign) => Some((foreign.cascades, foreign.to.clone())),
        _ => None,
    });
    assert_eq!(cascades, Some((true, vec!["id".to_owned()])));
    assert!(create.columns[6].ty.is_none());
    assert_eq!(create.constraints.len(), 3);
    let ConstraintKind::Check(check) = &create.constraints[0].kind else { panic!() };
    assert_eq!(check.proves_not_null, ["name"]);
    assert_eq!(check.columns, ["name", "n"]);
    let ConstraintKind::Foreign(foreign) = &create.constraints[2].kind else { panic!() };
    assert_eq!((foreign.columns.len(), foreign.table.to_string()), (2, "main.teams".to_owned()));
    let options: Vec<&str> = create.options.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(options, ["strict", "without rowid"]);
}

#[test]
fn what_sqlite_takes_for_a_constant() {
    for (default, constant) in [
        ("3", true),
        ("-3", true),
        ("- 3.5e-7", true),
        ("'it''s'", true),
        ("x'00'", true),
        ("NULL", true),
        ("(NULL)", true),
        ("TRUE", true),
        ("(-(3))", true),
        ("(CAST('1' AS int))", true),
        ("\"abc\"", true),
        ("abc", true),
        ("CURRENT_TIMESTAMP", false),
        ("(1+2)", false),
        ("('a'||'b')", false),
        ("(random())", false),
        ("(datetime('now'))", false),
        ("(NOT 1)", false),
    ] {
        let Action::AddColumn { column, .. } =
            action(&format!("ALTER TABLE a ADD z text DEFAULT {default} NOT NULL"))
        else {
            panic!("{default}")
        };
        let expr = column.find(|kind| match kind {
            ConstraintKind::Default(expr) => Some(expr.clone()),
            _ => None,
        });
        let expr = expr.unwrap();
        assert_eq!((expr.literal, expr.text.as_str()), (constant, default));
        assert!(column.not_null(), "{default}");
    }
}

#[test]
fn every_form_of_alter() {
    assert_eq!(action("ALTER TABLE a RENAME TO b"), Action::RenameTo { to: "b".into() });
    for text in ["ALTER TABLE a RENAME COLUMN x TO Y", "ALTER TABLE a RENAME x TO [Y]"] {
        assert_eq!(action(text), Action::RenameColumn { name: "x".into(), to: "y".into() });
    }
    let dropped = Action::DropColumn { name: "x".into(), if_exists: false, cascade: false };
    assert_eq!(action("ALTER TABLE main.a DROP x"), dropped);
    assert_eq!(action("ALTER TABLE a DROP COLUMN `x`"), dropped);
    assert!(matches!(
        action("ALTER TABLE a DROP COLUMN IF EXISTS x"),
        Action::DropColumn { if_exists: true, .. }
    ));
    assert_eq!(action("ALTER TABLE a ALTER x SET NOT NULL"), Action::SetNotNull { column: "x".into() });
    assert_eq!(
        action("ALTER TABLE a ALTER COLUMN x DROP NOT NULL"),
        Action::DropNotNull { column: "x".into() }
    );
    assert!(matches!(action("ALTER TABLE a ALTER COLUMN x TYPE text"), Action::AlterType { .. }));
    assert!(matches!(action("ALTER TABLE a ALTER x SET DEFAULT 3"), Action::SetDefault { .. }));
    assert!(matches!(action("ALTER TABLE a ADD CHECK (x > 0)"), Action::AddConstraint(_)));
    assert!(matches!(action("ALTER TABLE a ADD CONSTRAINT c UNIQUE (x)"), Action::AddConstraint(_)));
    assert!(matches!(action("ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b"), Action::AddConstraint(_)));
    assert!(matches!(action("ALTER TABLE a DROP CONSTRAINT c"), Action::DropConstraint { .. }));
    assert!(matches!(action("ALTER TABLE a MODIFY x int"), Action::Modify { .. }));
    assert!(matches!(
        action("ALTER TABLE a ADD COLUMN IF NOT EXISTS x int"),
        Action::AddColumn { if_not_exists: true, .. }
    ));
    assert!(matches!(action("ALTER TABLE a ADD x"), Action::AddColumn { if_not_exists: false, .. }));
    assert_eq!(action("ALTER TABLE a SET (x = 1)"), Action::Other("SET".into()));
    let Said::AlterTable { actions, if_exists, .. } = said("ALTER TABLE IF EXISTS a ADD x int, DROP y")
    else {
        panic!()
    };
    assert_eq!((actions.len(), if_exists), (2, true));
    assert!(matches!(said("ALTER INDEX i RENAME TO j"), Said::Opaque { .. }));
}

#[test]
fn indexes_views_and_triggers() {
    let text = "CREATE UNIQUE INDEX main.I ON A (x COLLATE nocase DESC, lower(y)) WHERE z > 0";
    let Said::CreateIndex { name, table, keys, unique, filter, .. } = said(text) else { panic!() };
    assert_eq!(
        (name.unwrap().to_string(), table.to_string(), unique),
        ("main.i".into(), "main.a".into(), true)
    );
    assert_eq!(keys, [Key::Column("x".into()), Key::Expression("lower(y)".into())]);
    assert_eq!(filter.unwrap().columns, ["z"]);

    let text =
        "CREATE VIEW v AS SELECT a.x, count(*) AS n, y FROM a JOIN main.b ON a.i = b.i, (SELECT 1 FROM c) d";
    let Said::CreateView { columns, reads, .. } = said(text) else { panic!() };
    assert_eq!(columns.unwrap(), ["x", "n", "y"]);
    let read: Vec<String> = reads.relations.iter().map(ToString::to_string).collect();
    assert_eq!(read, ["a", "main.b", "c"]);
    let Said::CreateView { columns, .. } = said("CREATE VIEW v AS SELECT * FROM a") else { panic!() };
    assert_eq!(columns, None);

    let text = "CREATE TRIGGER t AFTER UPDATE OF x ON a BEGIN UPDATE b SET y = 1; END";
    let Said::CreateTrigger { name, table, timing, .. } = said(text) else { panic!() };
    assert_eq!((name.as_str(), table.to_string().as_str(), timing.as_str()), ("t", "a", "AFTER"));
    let Said::Drop { object, names, if_exists, .. } = said("DROP TRIGGER IF EXISTS main.T") else { panic!() };
    assert_eq!((object, names[0].to_string().as_str(), if_exists), (Object::Trigger, "main.t", true));
}

#[test]
fn which_rows_are_written() {
    for (text, expected) in [
        ("UPDATE a SET x = 1", Reach::All),
        ("UPDATE a SET x = 1 WHERE 1", Reach::All),
        ("UPDATE a SET x = 1 WHERE status = 'new'", Reach::Some),
        ("UPDATE a SET x = 1 WHERE id = 7", Reach::Bounded),
        ("UPDATE a SET x = 1 WHERE (id BETWEEN 1 AND 1000)", Reach::Bounded),
        ("UPDATE a SET x = 1 WHERE id >= 1 AND id < 1000", Reach::Bounded),
        ("UPDATE a SET x = 1 WHERE id > 1", Reach::Some),
        ("UPDATE a SET x = 1 WHERE id = 1 OR y = 2", Reach::Some),
        ("DELETE FROM a WHERE a.id IN (1, 2)", Reach::Bounded),
        ("DELETE FROM a WHERE id IN (SELECT id FROM b)", Reach::Some),
        ("DELETE FROM a WHERE rowid IN (SELECT rowid FROM a LIMIT 500)", Reach::Bounded),
        ("DELETE FROM a", Reach::All),
        ("INSERT INTO a SELECT * FROM b", Reach::All),
        ("INSERT INTO a SELECT 1, 2", Reach::Bounded),
        ("INSERT INTO a VALUES (1)", Reach::Bounded),
    ] {
        assert_eq!(reach(text), expected, "{text}");
    }
}

#[test]
fn what_is_written_and_read() {
    let Said::Write(writes, reads) =
        said("UPDATE OR IGNORE a SET (x, y) = (1, 2), z = b.z FROM b WHERE a.i = b.i")
    else {
        panic!()
    };
    let names: Vec<&str> = writes[0].sets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, writes[0].joined), (vec!["x", "y", "z"], true));
    assert_eq!(reads.relations, [Name::new("b")]);
    for (text, kind) in [
        ("INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2", WriteKind::Upsert),
        ("REPLACE INTO a VALUES (1)", WriteKind::Upsert),
        ("INSERT INTO a DEFAULT VALUES", WriteKind::InsertValues),
        ("WITH c AS (SELECT 1 AS x) INSERT INTO a SELECT x FROM c", WriteKind::InsertSelect),
        (
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x FROM c) DELETE FROM a WHERE x IN c",
            WriteKind::Delete,
        ),
    ] {
        let Said::Write(writes, reads) = said(text) else { panic!("{text}") };
        assert_eq!((writes[0].kind, writes[0].table.to_string().as_str()), (kind, "a"), "{text}");
        assert!(reads.relations.is_empty() && reads.calls.is_empty(), "{text}: {reads:?}");
    }
    let Said::Write(writes, _) = said("INSERT INTO n (id, name) SELECT id, user_name FROM o WHERE id > 0")
    else {
        panic!()
    };
    let filled: Vec<(&str, &str)> =
        writes[0].sets.iter().map(|(name, expr)| (name.as_str(), expr.text.as_str())).collect();
    assert_eq!(filled, [("id", "id"), ("name", "user_name")]);
}

#[test]
fn the_tables_of_a_query() {
    for (text, expected) in [
        ("SELECT * FROM a, b AS c LEFT JOIN [D d] USING (x) WHERE y IN (SELECT z FROM e)", "a b d d e"),
        ("SELECT a IS NOT DISTINCT FROM b FROM t", "t"),
        ("SELECT name FROM pragma_table_info('users') WHERE name = 'x'", ""),
        ("SELECT 1/count(*) FROM sqlite_master WHERE name = 'a'", "sqlite_master"),
        ("SELECT * FROM (a JOIN b ON a.x = b.x), json_each('[1]') j, c", "a b c"),
        ("WITH x AS NOT MATERIALIZED (SELECT 1 FROM a) SELECT * FROM x, main.x", "a main.x"),
        ("SELECT x FROM a ORDER BY y, z LIMIT 1", "a"),
        ("VALUES (1), (2)", ""),
    ] {
        assert_eq!(relations(text).join(" "), expected, "{text}");
    }
    let Said::Read(reads) = said("SELECT lower(x), count(*) FILTER (WHERE y) OVER (PARTITION BY z) FROM a")
    else {
        panic!()
    };
    assert_eq!(reads.calls, [Name::new("lower"), Name::new("count")]);
}

#[test]
fn what_sqlite_does_not_know_is_opaque() {
    for text in
        ["TRUNCATE a", "CREATE FUNCTION f() RETURNS int", "GRANT ALL ON a TO b", "((", "CREATE TABLE", "'x'"]
    {
        assert!(matches!(said(text), Said::Opaque { .. }), "{text}: {:?}", said(text));
    }
}

#[test]
fn a_script_is_cut_where_its_statements_stand() {
    let text = "\u{feff}-- Deploy\r\nBEGIN; CREATE TABLE a\n(x);\r\n.headers on\n  UPDATE a\r\n SET x = \
                ';';\n\nINSERT INTO a VALUES (1)\n go\n.import f.csv a\n.read more.sql\nCOMMIT";
    let (statements, errors) = script("deploy/a.sql", text);
    assert!(errors.is_empty(), "{errors:?}");
    let seen: Vec<(usize, bool)> =
        statements.iter().map(|one| (one.origin.line, one.origin.offset.is_some())).collect();
    assert_eq!(seen, [(2, true), (2, true), (5, false), (8, true), (10, true), (11, true), (12, true)]);
    for statement in &statements {
        if let Some(offset) = statement.origin.offset {
            assert!(text[offset..].starts_with(&statement.text), "{statement:?}");
        }
        assert_eq!(statement.origin.file, "deploy/a.sql");
    }
    let Said::Write(writes, _) = &statements[4].said else { panic!() };
    assert_eq!((writes[0].kind, writes[0].table.to_string().as_str()), (WriteKind::Load, "a"));
    assert!(matches!(&statements[5].said, Said::Opaque { why } if why.contains("more.sql")));
    assert_eq!(script("a", "SELECT 1; /* open").1.len(), 1);
}

#[test]
fn deep_and_long_input_is_read_in_time() {
    for text in [
        format!("CREATE TABLE a (x int DEFAULT {}1{})", "(".repeat(100_000), ")".repeat(100_000)),
        format!("ALTER TABLE a ADD x int DEFAULT {}1", "- ".repeat(100_000)),
        format!("ALTER TABLE a ADD x int DEFAULT ({}1", "CAST(".repeat(50_000)),
        format!("SELECT * FROM {}", "(".repeat(100_000)),
        format!("SELECT {}", "CASE WHEN ".repeat(50_000)),
        format!("WITH {} SELECT 1", "x AS (SELECT 1 FROM x), ".repeat(20_000)),
    ] {
        let _ = read(&text, Origin::default());
    }
}

/// Words and marks from which a soup is made.
const SOUP: &[&str] = &[
    "CREATE",
    "TABLE",
    "TEMP",
    "INDEX",
    "VIEW",
    "TRIGGER",
    "ALTER",
    "DROP",
    "ADD",
    "COLUMN",
    "RENAME",
    "TO",
    "a",
    "b",
    "\"c d\"",
    "[e]",
    "'text",
    "'f'",
    "(",
    ")",
    ",",
    ";",
    ".",
    "=",
    "-",
    "1",
    "2.5e",
    "NOT",
    "NULL",
    "DEFAULT",
    "CHECK",
    "UNIQUE",
    "PRIMARY",
    "KEY",
    "REFERENCES",
    "ON",
    "DELETE",
    "UPDATE",
    "SET",
    "INSERT",
    "INTO",
    "VALUES",
    "SELECT",
    "FROM",
    "WHERE",
    "WITH",
    "AS",
    "IF",
    "EXISTS",
    "PRAGMA",
    "foreign_keys",
    "BEGIN",
    "END",
    "CASE",
    "AND",
    "BETWEEN",
    "IN",
    "CAST",
    "JOIN",
    "CONSTRAINT",
    "GENERATED",
    "ALWAYS",
    "STORED",
    "FOREIGN",
    "VACUUM",
    "--",
    "/*",
    "\n",
    ".read x",
    "é",
    "\u{0}",
    "USING",
    "DISTINCT",
    "IS",
    "OR",
    "REPLACE",
    "COLLATE",
];

proptest! {
    #[test]
    fn no_soup_of_words_panics(words in proptest::collection::vec(proptest::sample::select(SOUP), 0..40)) {
        let text = words.join(" ");
        let _ = read(&text, Origin::default());
        let _ = script("a.sql", &text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = read(&text, Origin::default());
        let (statements, _) = script("a.sql", &text);
        for statement in statements {
            if let Some(offset) = statement.origin.offset {
                prop_assert!(text[offset..].starts_with(&statement.text));
            }
        }
    }
}

#[test]
fn a_quote_that_is_not_closed_is_opaque() {
    for text in ["SELECT 'open;", "SELECT \"a", "DROP TABLE `t", "SELECT 'it''s"] {
        assert!(matches!(said(text), Said::Opaque { .. }), "{text}");
    }
    for text in ["SELECT 'it''s'", "SELECT \"a\"", "SELECT '', ''''"] {
        assert!(matches!(said(text), Said::Read(_)), "{text}");
    }
}
