//! The catalogue of SQLite.

use super::support::World;
use super::{ask, column, constraint, index, relation, written};
use change::schema::file::{self, Facts};
use change::schema::{Kind, Schema};
use change::sql::statement::{Name, Object};
use std::time::Instant;

const TABLES: &str = r#"
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE things (
    a INT, b VarChar(20) DEFAULT 'x', c DECIMAL(10, 2) NOT NULL, d,
    twice AS (a * 2), stored INT GENERATED ALWAYS AS (a + 1) STORED,
    parent_id INT REFERENCES Parent ON DELETE CASCADE,
    P INT, q INT, CHECK (a > 0 AND Q IS NOT NULL), PRIMARY KEY (b, a),
    FOREIGN KEY (p, q) REFERENCES pairs (x, y)
);
CREATE TABLE pairs (x INT, y INT, PRIMARY KEY (x, y)) WITHOUT ROWID;
CREATE INDEX things_some ON things (lower(b) DESC, c) WHERE a > 1;
CREATE VIEW seen AS SELECT t.a FROM things t JOIN parent ON parent.id = t.parent_id;
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE TRIGGER Touch AFTER UPDATE ON Things BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5(body);
"#;

/// A view of many numbers.
const SERIES: &str = "CREATE VIEW series AS WITH RECURSIVE s (value) AS \
     (SELECT 1 UNION ALL SELECT value + 1 FROM s LIMIT 10000) SELECT value FROM s;";

fn export(world: &World) -> Facts {
    let done = ask(world, "db:sqlite:app.db").ok();
    let facts = file::parse("facts", &done.out).unwrap();
    assert_eq!(file::write(&facts), done.out);
    facts
}

fn schema_of(sql: &str) -> Schema {
    let world = World::new();
    world.database("app.db").execute_batch(sql).unwrap();
    export(&world).schema
}

#[test]
fn tables_are_what_the_catalogue_says() {
    let schema = schema_of(TABLES);
    assert!(schema.complete && schema.version.unwrap() >= (3, 40) && schema.path.is_empty());
    let things = relation(&schema, "main", "things");
    for (name, ty) in
        [("a", "int"), ("b", "varchar(20)"), ("c", "decimal(10, 2)"), ("d", ""), ("stored", "int")]
    {
        assert_eq!(written(things, name), ty, "{name}");
    }
    assert_eq!(column(things, "b").default.as_deref(), Some("'x'"));
    assert!(column(things, "c").not_null && !column(things, "a").not_null);
    assert_eq!(
        (column(things, "twice").generated, column(things, "stored").generated),
        (Some(false), Some(true))
    );
    assert_eq!(column(things, "a").generated, None);
    assert!(things.sql.as_deref().unwrap().contains("CHECK (a > 0"));
    assert_eq!(things.triggers, ["touch"]);
    let keys: Vec<_> = things.constraints.iter().map(|own| (own.kind, own.columns.join(" "))).collect();
    let expected = [
        (Kind::PrimaryKey, "b a"),
        (Kind::Foreign, "p q"),
        (Kind::Foreign, "parent_id"),
        (Kind::Check, "a q"),
    ];
    assert_eq!(keys, expected.map(|(kind, columns)| (kind, columns.to_owned())));
    assert_eq!(things.constraints.last().unwrap().proves_not_null, ["q"]);
    assert_eq!(column(things, "stored").generated_from, ["a"]);
    assert_eq!(things.texts.keys().collect::<Vec<_>>(), ["things_some", "touch"]);
    let parent = things.constraints.iter().find(|own| own.cascades).unwrap();
    assert_eq!(parent.to, Some(Name::within("main", "parent")));
    let some = index(things, "things_some");
    assert!(some.partial && !some.unique && some.constraint.is_none());
    assert_eq!(some.columns, ["(lower(b))", "c"]);
    let parent = relation(&schema, "main", "parent");
    assert!(column(parent, "id").identity && parent.constraints[0].columns == ["id"]);
    assert_eq!(constraint(parent, "sqlite_autoindex_parent_1").kind, Kind::Unique);
    assert_eq!(constraint(parent, "sqlite_autoindex_parent_1").columns, ["name"]);
    assert_eq!(
        index(parent, "sqlite_autoindex_parent_1").constraint.as_deref(),
        Some("sqlite_autoindex_parent_1")
    );
}

#[test]
fn views_and_virtual_tables_are_told_apart() {
    let schema = schema_of(TABLES);
    let seen = relation(&schema, "main", "seen");
    assert_eq!((seen.object, seen.columns.len(), seen.columns_known), (Object::View, 1, true));
    assert_eq!(seen.reads, ["parent", "things"].map(|name| Name::within("main", name)));
    let broken = relation(&schema, "main", "broken");
    assert!(!broken.columns_known && broken.reads.is_empty());
    let search = relation(&schema, "main", "search");
    assert_eq!((search.storage.as_deref(), search.columns[0].name.as_str()), (Some("fts5"), "body"));
}

#[test]
fn rows_are_counted_if_few_and_estimated_if_many() {
    let schema = schema_of(
        &(SERIES.to_owned() + "CREATE TABLE none (a); CREATE TABLE few (a); INSERT INTO few VALUES (1), (2);
         CREATE TABLE many (a); INSERT INTO many SELECT value FROM series LIMIT 5000;
         DELETE FROM many WHERE rowid < 1001;
         CREATE TABLE far (a); INSERT INTO far (rowid, a) VALUES (-9223372036854775808, 1), (9223372036854775807, 2);
         CREATE TABLE wide (id INTEGER PRIMARY KEY); INSERT INTO wide SELECT value * 1000000000 FROM series LIMIT 2000;
         CREATE TABLE keys (a PRIMARY KEY) WITHOUT ROWID; INSERT INTO keys SELECT value FROM series LIMIT 3000;
         CREATE TABLE taken (rowid, _rowid_, oid); INSERT INTO taken SELECT 1, 2, 3 FROM series LIMIT 3000;"),
    );
    let rows = |name: &str| relation(&schema, "main", name).rows;
    assert_eq!(
        (rows("none"), rows("few"), rows("many"), rows("far")),
        (Some(0), Some(2), Some(4000), Some(2))
    );
    assert!((2000..200_000).contains(&rows("wide").unwrap()), "{:?}", rows("wide"));
    assert_eq!((rows("keys"), rows("taken")), (None, None));
    let analysed = "CREATE TABLE keys (a PRIMARY KEY) WITHOUT ROWID; INSERT INTO keys SELECT value FROM \
         series LIMIT 3000; ANALYZE";
    let analysed = schema_of(&(SERIES.to_owned() + analysed));
    assert_eq!(relation(&analysed, "main", "keys").rows, Some(3000));
}

#[test]
fn a_file_that_is_not_there_is_empty_and_stays_away() {
    let world = World::new();
    let facts = export(&world);
    assert!(facts.schema.complete && facts.schema.relations.is_empty());
    assert!(!world.path("app.db").exists() && !world.path("sqitch.db").exists());
    world.write(
        "app.db",
        "this is no database, and it is longer than its header would be, by some letters at least\n",
    );
    let done = ask(&world, "db:sqlite:app.db");
    assert_eq!(done.status, 2);
    assert!(done.err.contains("not a database"), "{}", done.err);
}

#[test]
fn nothing_is_written() {
    let world = World::new();
    world.database("app.db").execute_batch(TABLES).unwrap();
    let before = std::fs::read(world.path("app.db")).unwrap();
    export(&world);
    assert_eq!(std::fs::read(world.path("app.db")).unwrap(), before);
    // Somebody who writes is not waited for.
    let writer = world.database("app.db");
    writer.execute_batch("PRAGMA journal_mode = wal; BEGIN IMMEDIATE; CREATE TABLE later (a)").unwrap();
    let begun = Instant::now();
    assert!(export(&world).schema.relation(&Name::within("main", "later")).is_none());
    assert!(begun.elapsed().as_secs() < 4);
}

#[test]
fn the_file_is_written_whole_and_said_so() {
    let world = World::with_plan("%project=a\n");
    world.database("app.db").execute_batch(TABLES).unwrap();
    let done = world.change("facts export it.json").err;
    assert!(done.contains("Unknown target \"it.json\""), "{done}");
    let done = world.change("facts export --output facts/here.json").ok();
    assert_eq!(done.out, "Facts of db:sqlite:app.db written to facts/here.json\n");
    let facts = file::parse("here", &world.read("facts/here.json")).unwrap();
    assert_eq!((facts.engine.as_str(), facts.schema), ("sqlite", export(&world).schema));
    for (words, complaint) in [
        ("facts", "What is to be done"),
        ("facts import", "Unknown action \"import\""),
        ("facts export a b", "export takes one target"),
    ] {
        let done = world.change(words);
        assert!(done.status == 2 && done.err.contains(complaint), "{words}: {}", done.err);
    }
}

#[test]
fn a_thousand_tables_are_read_in_no_time() {
    let world = World::new();
    let mut sql = "BEGIN;".to_owned();
    for n in 0..1000 {
        sql += &format!(
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b INT CHECK (b > 0), \
                 c, d, e, f, g, h, i); \
             CREATE INDEX t{n}_a ON t{n} (a); CREATE INDEX t{n}_e ON t{n} (lower(e));"
        );
    }
    world.database("app.db").execute_batch(&(sql + "COMMIT")).unwrap();
    let begun = Instant::now();
    let facts = export(&world);
    let took = begun.elapsed();
    eprintln!("1000 tables, 10000 columns, 2000 indexes: {} ms", took.as_millis());
    assert_eq!(facts.schema.relations.len(), 1000);
    assert!(took.as_secs() < 60, "{took:?}");
}
