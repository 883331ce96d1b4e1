//! The catalogue of MariaDB.

use super::maria::{Database, server};
use super::support::World;
use super::{ask, column, constraint, export, index, relation, written};
use change::schema::Kind;
use change::sql::statement::{Name, Object};
use std::time::Instant;

const TABLES: &str = r#"
CREATE TABLE parent (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(50) UNIQUE) AUTO_INCREMENT = 77;
CREATE TABLE things (
    a int(11) NOT NULL DEFAULT 7, b varchar(20) DEFAULT 'it''s', c decimal(10, 2), d enum('x', 'Y') DEFAULT 'x',
    e datetime(6) DEFAULT current_timestamp(6), f tinyint(1), g text CHARACTER SET latin1, h varchar(9) COLLATE utf8mb4_bin,
    twice int AS (a * 2) VIRTUAL, stored int AS (a + length(b)) STORED,
    parent_id bigint unsigned, other int,
    PRIMARY KEY (a, f), KEY some (b, c), UNIQUE KEY once (other), FULLTEXT KEY words (b),
    CONSTRAINT owner FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE,
    CONSTRAINT fair CHECK (c > 0 AND b IS NOT NULL)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_general_ci;
CREATE TABLE old (a int) ENGINE = MyISAM DEFAULT CHARSET = latin1;
CREATE TABLE log (at int NOT NULL) PARTITION BY RANGE (at) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE VIEW seen AS SELECT t.a, p.name FROM things t JOIN parent p ON p.id = t.parent_id WHERE t.c > 1;
CREATE VIEW plain AS SELECT id FROM parent;
CREATE SEQUENCE counter;
CREATE TRIGGER touch BEFORE UPDATE ON things FOR EACH ROW SET NEW.other = 1;
CREATE FUNCTION sure() RETURNS int DETERMINISTIC RETURN 1;
CREATE FUNCTION unsure() RETURNS int RETURN rand();
CREATE PROCEDURE work() DELETE FROM things;
"#;

fn everything() -> Database {
    let database = server().database();
    database.ask(TABLES);
    database
}

#[test]
fn tables_are_what_the_catalogue_says() {
    let facts = export(&everything().uri);
    let schema = &facts.schema;
    assert!(facts.engine == "mysql" && schema.mariadb && schema.complete, "{schema:?}");
    assert!(schema.version.unwrap() >= (10, 5) && schema.path.is_empty() && schema.time_zone.is_some());
    let things = relation(schema, "", "things");
    for (name, ty) in [
        ("a", "int"),
        ("b", "varchar(20)"),
        ("c", "decimal(10, 2)"),
        ("d", "enum"),
        ("e", "datetime(6)"),
        ("f", "tinyint(1)"),
        ("g", "text"),
        ("parent_id", "bigint"),
    ] {
        assert_eq!(written(things, name), ty, "{name}");
    }
    let more = |name: &str| column(things, name).ty.clone().unwrap().more;
    assert_eq!(
        (more("d"), more("parent_id")),
        (vec!["'x'".to_owned(), "'Y'".to_owned()], vec!["unsigned".to_owned()])
    );
    assert_eq!((more("g"), more("b")), (vec!["charset latin1".to_owned()], Vec::new()));
    assert_eq!(column(things, "h").collate.as_deref(), Some("utf8mb4_bin"));
    assert_eq!(column(things, "b").collate, None);
    let default = |name: &str| column(things, name).default.clone().unwrap_or_default();
    assert_eq!(["a", "b", "c", "d"].map(default), ["7", "'it''s'", "", "'x'"].map(str::to_owned));
    assert!(column(things, "a").not_null && !column(things, "b").not_null);
    assert_eq!(
        (column(things, "twice").generated, column(things, "stored").generated),
        (Some(false), Some(true))
    );
    assert_eq!(column(things, "stored").generated_from, ["a", "b"]);
    let parent = relation(schema, "", "parent");
    assert!(column(parent, "id").identity && parent.auto_increment == Some(77));
    assert_eq!((things.storage.as_deref(), things.charset.as_deref()), (Some("innodb"), Some("utf8mb4")));
    let old = relation(schema, "", "old");
    assert_eq!((old.storage.as_deref(), old.charset.as_deref()), (Some("myisam"), Some("latin1")));
    assert!(relation(schema, "", "log").partitioned && !old.partitioned);
    assert_eq!(relation(schema, "", "counter").object, Object::Sequence);
    assert_eq!(things.triggers, ["touch"]);
}

#[test]
fn keys_checks_and_views_are_what_the_catalogue_says() {
    let facts = export(&everything().uri);
    let things = relation(&facts.schema, "", "things");
    let columns = |name: &str| constraint(things, name).columns.join(" ");
    assert_eq!(
        (constraint(things, "PRIMARY").kind, columns("PRIMARY")),
        (Kind::PrimaryKey, "a f".to_owned())
    );
    assert_eq!((constraint(things, "once").kind, columns("once")), (Kind::Unique, "other".to_owned()));
    let owner = constraint(things, "owner");
    assert_eq!(
        (owner.kind, owner.cascades, owner.to.clone()),
        (Kind::Foreign, true, Some(Name::within("", "parent")))
    );
    assert_eq!(columns("owner"), "parent_id");
    let fair = constraint(things, "fair");
    assert_eq!((&fair.proves_not_null[..], columns("fair")), (&["b".to_owned()][..], "b c".to_owned()));
    assert_eq!(index(things, "some").columns, ["b", "c"]);
    assert!(index(things, "once").unique && index(things, "words").constraint.is_none());
    let seen = relation(&facts.schema, "", "seen");
    assert_eq!((seen.object, seen.columns.len()), (Object::View, 2));
    assert_eq!(seen.reads, ["parent", "things"].map(|name| Name::within("", name)));
    let plain = relation(&facts.schema, "", "plain");
    assert_eq!(plain.reads_columns, ["parent.id"]);
    let routine = |name: &str| facts.schema.routines[&Name::within("", name)].clone();
    assert!(!routine("sure").volatile && routine("unsure").volatile);
    assert_eq!(routine("work").body.as_deref(), Some("DELETE FROM things"));
}

#[test]
fn sizes_are_those_of_the_statistics() {
    let database = server().database();
    database.ask(
        "CREATE TABLE many (a int PRIMARY KEY, b varchar(100)); INSERT INTO many SELECT seq, repeat('x', \
             100) FROM seq_1_to_20000; \
         CREATE TABLE none (a int); ANALYZE TABLE many, none",
    );
    let facts = export(&database.uri);
    let many = relation(&facts.schema, "", "many");
    assert!((15_000..25_000).contains(&many.rows.unwrap()), "{:?}", many.rows);
    assert!(many.bytes.unwrap() > 1_000_000);
    assert_eq!(relation(&facts.schema, "", "none").rows, Some(0));
}

#[test]
fn a_user_with_few_rights_does_not_know_what_is_not_seen() {
    let database = everything();
    let user = format!("clerk_{}", database.name);
    database.ask(&format!(
        "CREATE USER {user}@localhost; GRANT SELECT ON {}.things TO {user}@localhost",
        database.name
    ));
    let all = export(&database.uri).schema;
    assert!(all.roles.contains(&user) && !all.roles.contains(&"root".to_owned()), "{:?}", all.roles);
    assert_eq!(relation(&all, "", "things").granted, [user.as_str()]);
    let uri = database.uri.replace("root@", &format!("{user}@"));
    let seen = export(&uri).schema;
    assert!(
        !seen.complete && seen.relations.len() == 1 && seen.roles.is_empty(),
        "{:?}",
        seen.relations.keys()
    );
    assert_eq!(relation(&seen, "", "things").columns.len(), 12);
    database.ask(&format!("GRANT SELECT ON {}.* TO {user}@localhost", database.name));
    assert!(export(&uri).schema.complete);
}

#[test]
fn an_empty_database_is_complete_and_none_at_all_is_an_error() {
    let database = server().database();
    let facts = export(&database.uri);
    assert!(facts.schema.complete && facts.schema.relations.is_empty());
    assert_eq!(facts.schema.schemas, [database.name.as_str()]);
    let none = database.uri.replace(&format!("/{}?", database.name), "/?");
    let done = ask(&World::new(), &none);
    assert!(done.status == 2 && done.err.contains("names no database"), "{}", done.err);
}

#[test]
fn a_thousand_tables_are_read_in_no_time() {
    let database = server().database();
    let table = |n: usize| {
        format!(
            "CREATE TABLE t{n} (id bigint AUTO_INCREMENT PRIMARY KEY, a varchar(20) NOT NULL DEFAULT 'x', \
                 b int CHECK (b > 0), \
             c datetime, d decimal(10, 2), e text, f text, g int, h date, i int, KEY (a), KEY (g)) ENGINE \
             = MyISAM;"
        )
    };
    for hundred in 0..10 {
        database.ask(&(hundred * 100..hundred * 100 + 100).map(table).collect::<String>());
    }
    let begun = Instant::now();
    let facts = export(&database.uri);
    let took = begun.elapsed();
    eprintln!("1000 tables, 10000 columns, 3000 indexes: {} ms", took.as_millis());
    assert_eq!(facts.schema.relations.len(), 1000);
    assert!(took.as_secs() < 60, "{took:?}");
}
