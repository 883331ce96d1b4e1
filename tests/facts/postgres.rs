//! The catalogue of PostgreSQL.

use super::server::{Database, server};
use super::support::World;
use super::{ask, column, constraint, export, index, relation, written};
use change::schema::Kind;
use change::sql::statement::{Name, Object, Type};
use std::time::Instant;

/// Tables with everything that a table can have.
const TABLES: &str = r#"
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE app.level AS ENUM ('low');
CREATE TYPE none AS ENUM ();
CREATE TYPE place AS (street text, zip int);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE DOMAIN app.email AS varchar(100) CHECK (VALUE LIKE '%@%');
CREATE DOMAIN plain AS int;
CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);
CREATE TABLE things (
    id serial PRIMARY KEY,
    small smallint NOT NULL DEFAULT 7,
    big int8,
    name varchar(20) COLLATE "C" NOT NULL,
    code char(3),
    price numeric(10, 2) DEFAULT 0.5,
    ratio float,
    made timestamptz(3) DEFAULT now(),
    day timestamp,
    yes boolean,
    tags text[],
    sizes numeric(5, 1)[],
    email app.email,
    mood mood DEFAULT 'ok',
    level app.level,
    home place,
    "Odd ""name" int,
    twice int GENERATED ALWAYS AS (small * 2) STORED,
    parent_id bigint REFERENCES parent ON DELETE CASCADE,
    other_id bigint,
    gone int,
    CONSTRAINT name_there CHECK (name IS NOT NULL AND big IS NOT NULL),
    CONSTRAINT price_fair CHECK (price > 0),
    EXCLUDE USING btree (other_id WITH =)
);
ALTER TABLE things DROP COLUMN gone;
ALTER TABLE things ADD CONSTRAINT later CHECK (ratio IS NOT NULL) NOT VALID;
ALTER TABLE things ADD CONSTRAINT pointing FOREIGN KEY (other_id) REFERENCES parent (id) NOT VALID;
CREATE INDEX things_lower ON things (lower(name), big, (small + 1)) INCLUDE (day);
CREATE UNIQUE INDEX things_some ON things (code) WHERE yes;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER things_touch BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON things USING (yes);
CREATE UNLOGGED TABLE app.scratch (a int);
CREATE TABLE child () INHERITS (app.scratch);
CREATE TABLE log (at date NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE log_rest PARTITION OF log DEFAULT;
CREATE INDEX ON log (at);
CREATE VIEW cheap AS SELECT t.id, t.price FROM things t JOIN parent p ON p.id = t.parent_id;
CREATE MATERIALIZED VIEW app.sums AS SELECT sum(price) AS total FROM cheap;
CREATE SEQUENCE app.counter;
CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER fdw OPTIONS (password 'sesame');
CREATE FOREIGN TABLE far (a int) SERVER elsewhere;
"#;

/// What is called.
const ROUTINES: &str = r#"
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION one_safe() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE FUNCTION sure() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()';
CREATE FUNCTION app.modern() RETURNS int LANGUAGE sql IMMUTABLE RETURN 4;
CREATE FUNCTION two(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a';
CREATE FUNCTION two(a text) RETURNS text LANGUAGE sql AS 'SELECT a';
CREATE PROCEDURE work() LANGUAGE plpgsql AS 'BEGIN DELETE FROM things; END';
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
"#;

fn everything() -> Database {
    let database = server().database();
    database.psql(TABLES);
    database.psql(ROUTINES);
    database
}

#[test]
fn columns_are_what_the_catalogue_says() {
    let facts = export(&everything().uri);
    assert_eq!((facts.engine.as_str(), facts.schema.complete), ("pg", true));
    assert!(facts.schema.version.unwrap().0 >= 12 && facts.schema.path.is_empty());
    let things = relation(&facts.schema, "public", "things");
    assert!(things.columns_known && things.object == Object::Table && things.row_security);
    for (name, ty) in [
        ("id", "int4"),
        ("small", "int2"),
        ("big", "int8"),
        ("name", "varchar(20)"),
        ("code", "bpchar(3)"),
        ("price", "numeric(10, 2)"),
        ("ratio", "float8"),
        ("made", "timestamptz(3)"),
        ("day", "timestamp"),
        ("yes", "bool"),
        ("tags", "text[]"),
        ("sizes", "numeric(5, 1)[]"),
        ("email", "app.email"),
        ("mood", "mood"),
        ("level", "app.level"),
        ("home", "place"),
        ("Odd \"name", "int4"),
    ] {
        assert_eq!(written(things, name), ty, "{name}");
    }
    let default = |name: &str| column(things, name).default.as_deref();
    assert_eq!(default("id"), Some("nextval('public.things_id_seq'::regclass)"));
    assert_eq!((default("small"), default("made")), (Some("7"), Some("now()")));
    assert_eq!((default("mood"), default("day")), (Some("'ok'::public.mood"), None));
    let not_null: Vec<&str> =
        things.columns.iter().filter(|own| own.not_null).map(|own| own.name.as_str()).collect();
    assert_eq!(not_null, ["id", "small", "name"]);
    let twice = column(things, "twice");
    assert_eq!((twice.generated, twice.default.as_deref()), (Some(true), None));
    assert_eq!(twice.generated_from, ["small"]);
    assert_eq!(column(things, "name").collate.as_deref(), Some("C"));
    assert_eq!(column(things, "tags").collate, None);
    assert!(things.column("gone").is_none() && !column(things, "id").identity);
    assert!(column(relation(&facts.schema, "public", "parent"), "id").identity);
}

#[test]
fn constraints_and_indexes_are_what_the_catalogue_says() {
    let facts = export(&everything().uri);
    let things = relation(&facts.schema, "public", "things");
    let there = constraint(things, "name_there");
    assert_eq!((there.kind, there.validated), (Kind::Check, true));
    assert_eq!(
        (&there.columns[..], &there.proves_not_null[..]),
        (&["name", "big"].map(str::to_owned)[..], &["name", "big"].map(str::to_owned)[..])
    );
    assert_eq!(constraint(things, "price_fair").text.as_deref(), Some("(price > (0)::numeric)"));
    let later = constraint(things, "later");
    assert_eq!((later.validated, &later.proves_not_null[..]), (false, &["ratio".to_owned()][..]));
    let key = constraint(things, "things_parent_id_fkey");
    assert_eq!((key.kind, key.cascades, key.validated), (Kind::Foreign, true, true));
    assert_eq!(
        (key.to.clone(), &key.columns[..]),
        (Some(Name::within("public", "parent")), &["parent_id".to_owned()][..])
    );
    let pointing = constraint(things, "pointing");
    assert_eq!((pointing.cascades, pointing.validated), (false, false));
    assert_eq!(constraint(things, "things_pkey").kind, Kind::PrimaryKey);
    assert_eq!(constraint(things, "things_other_id_excl").kind, Kind::Exclude);
    let lower = index(things, "things_lower");
    assert_eq!(lower.columns, ["(lower((name)::text))", "big", "((small + 1))"]);
    assert!(!lower.unique && !lower.partial && lower.valid && lower.constraint.is_none());
    let some = index(things, "things_some");
    assert!(some.unique && some.partial && some.columns == ["code"]);
    let key = index(things, "things_pkey");
    assert!(key.unique && key.constraint.as_deref() == Some("things_pkey"));
    assert_eq!(
        (&things.triggers[..], &things.policies[..]),
        (&["things_touch".to_owned()][..], &["mine".to_owned()][..])
    );
    assert_eq!(facts.schema.referencing(&Name::new("parent")).count(), 2);
}

#[test]
fn an_index_whose_building_failed_is_told() {
    let database = server().database();
    database.psql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)");
    let mut build = database.psql_command();
    let failed = build.args(["-qc", "CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)"]).output().unwrap();
    assert!(!failed.status.success());
    let facts = export(&database.uri);
    assert!(!index(relation(&facts.schema, "public", "t"), "broken").valid);
}

#[test]
fn relations_of_every_kind_are_told_apart() {
    let facts = export(&everything().uri);
    let schema = &facts.schema;
    let log = relation(schema, "public", "log");
    assert!(log.partitioned && log.partition_of.is_none());
    let rest = relation(schema, "public", "log_rest");
    assert_eq!(rest.partition_of, Some(Name::within("public", "log")));
    assert!(rest.default_partition && !relation(schema, "public", "log_1").default_partition);
    assert_eq!(schema.children(&Name::new("log")).len(), 2);
    assert_eq!(rest.indexes.len(), 1);
    assert!(relation(schema, "app", "scratch").unlogged);
    assert_eq!(relation(schema, "public", "child").inherits, [Name::within("app", "scratch")]);
    let cheap = relation(schema, "public", "cheap");
    assert_eq!((cheap.object, cheap.columns.len()), (Object::View, 2));
    assert_eq!(cheap.reads, ["parent", "things"].map(|name| Name::within("public", name)));
    assert_eq!(cheap.reads_columns, ["parent.id", "things.id", "things.parent_id", "things.price"]);
    let sums = relation(schema, "app", "sums");
    assert_eq!(
        (sums.object, &sums.reads[..]),
        (Object::MaterializedView, &[Name::within("public", "cheap")][..])
    );
    assert_eq!(relation(schema, "public", "far").object, Object::ForeignTable);
    assert_eq!(relation(schema, "app", "counter").object, Object::Sequence);
    assert_eq!(schema.schemas, ["app", "public"]);
    assert!(schema.relations.keys().all(|name| !name.schema.as_deref().unwrap().starts_with("pg_")));
}

#[test]
fn types_and_routines_are_what_the_catalogue_says() {
    let facts = export(&everything().uri);
    let schema = &facts.schema;
    let email = &schema.domains[&Name::within("app", "email")];
    assert_eq!(
        (email.base.as_ref().map(Type::written), email.constrained),
        (Some("varchar(100)".to_owned()), true)
    );
    assert!(!schema.domains[&Name::within("public", "plain")].constrained);
    let ty = |name: &str| schema.types[&Name::within("public", name)].clone();
    assert_eq!(ty("mood").values, Some(["sad", "ok", "happy"].map(str::to_owned).to_vec()));
    assert_eq!(ty("none").values, Some(Vec::new()));
    assert_eq!(
        (ty("place").values, &ty("place").attributes[..]),
        (None, &["street".to_owned(), "zip".to_owned()][..])
    );
    assert!(ty("span").values.is_none());
    assert!(!schema.types.keys().any(|name| name.name.starts_with('_')));
    let routine = |name: &str| schema.routines[&Name::within("public", name)].clone();
    let one = routine("one");
    assert!(one.constant && one.volatile && one.language.as_deref() == Some("sql"));
    assert_eq!(one.body.as_deref(), Some("SELECT 1"));
    assert!(!routine("one_safe").constant && !routine("sure").constant && !routine("sure").volatile);
    let two = routine("two");
    assert!(two.volatile && two.body.is_none());
    assert_eq!(routine("work").body.as_deref(), Some("BEGIN DELETE FROM things; END"));
    assert_eq!((routine("total").body, routine("total").constant), (None, false));
    let modern = &schema.routines[&Name::within("app", "modern")];
    assert!(modern.constant && !modern.volatile, "{modern:?}");
}

#[test]
fn sizes_and_traffic_are_those_of_the_statistics() {
    let database = server().database();
    database.psql(
        "CREATE TABLE full_ (a int, b text); CREATE TABLE empty (a int PRIMARY KEY); CREATE \
         TABLE stranger (a int)",
    );
    database.psql("CREATE TABLE log (at int) PARTITION BY RANGE (at)");
    database.psql(
        "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (5000); CREATE TABLE log_2 \
         PARTITION OF log DEFAULT",
    );
    database.psql("INSERT INTO full_ SELECT g, 'x' FROM generate_series(1, 5000) g");
    database.psql("INSERT INTO log SELECT g FROM generate_series(1, 6000) g; ANALYZE full_, log_1, log_2");
    // Nobody knows how many rows came while the statistics were lost.
    database.psql("INSERT INTO stranger SELECT generate_series(1, 9000); SELECT pg_stat_force_next_flush()");
    database.psql("SELECT pg_stat_reset()");
    database.psql(
        "DELETE FROM full_ WHERE a > 4000; INSERT INTO full_ SELECT g, 'x' FROM generate_series(1, 3000) g",
    );
    let facts = export(&database.uri);
    let told = |name: &str| relation(&facts.schema, "public", name).clone();
    let full = told("full_").rows.unwrap();
    assert!((5000..12_000).contains(&full), "{full}");
    assert!(told("full_").bytes.unwrap() > 100_000);
    assert_eq!((told("empty").rows, told("stranger").rows), (Some(0), None));
    assert!((5500..6500).contains(&told("log").rows.unwrap()), "{:?}", told("log").rows);
    assert_eq!(told("log").bytes, told("log_1").bytes.zip(told("log_2").bytes).map(|(a, b)| a + b));
    // Counted for a few seconds only, which says nothing.
    assert_eq!(told("full_").writes_per_second, None);
}

#[test]
fn an_empty_database_is_complete() {
    let facts = export(&server().database().uri);
    assert!(facts.schema.complete && facts.schema.relations.is_empty() && facts.schema.routines.is_empty());
    assert_eq!(facts.schema.schemas, ["public"]);
}

#[test]
fn a_role_with_few_rights_sees_the_same() {
    let database = everything();
    let role = format!("clerk_{}", database.name);
    database.psql(&format!(
        "CREATE ROLE {role} LOGIN; CREATE ROLE {role}_group; GRANT SELECT ON parent TO {role}, PUBLIC"
    ));
    database.psql(&format!("GRANT UPDATE (name) ON things TO {role}_group"));
    // Traffic grows from one look to the next.
    let told = |uri: &str| {
        let mut schema = export(uri).schema;
        for relation in schema.relations.values_mut() {
            (relation.reads_per_second, relation.writes_per_second) = (None, None);
        }
        schema
    };
    let mine = told(&database.uri);
    let clerks = told(&database.uri.replace("postgres@", &format!("{role}@")));
    assert_eq!(mine, clerks);
    assert_eq!(relation(&mine, "public", "parent").granted, [role.as_str(), "public"]);
    assert_eq!(relation(&mine, "public", "things").granted, [format!("{role}_group")]);
    assert!(relation(&mine, "app", "scratch").granted.is_empty());
    assert!(mine.roles.contains(&role) && !mine.roles.contains(&"postgres".to_owned()));
    assert!(!mine.roles.contains(&format!("{role}_group")));
}

#[test]
fn settings_of_the_database_are_those_of_new_sessions() {
    let database = server().database();
    database.psql("CREATE SCHEMA app");
    database.psql(&format!("ALTER DATABASE {} SET search_path = app, public", database.name));
    database.psql(&format!("ALTER DATABASE {} SET timezone = 'Asia/Tokyo'", database.name));
    let schema = export(&database.uri).schema;
    assert_eq!(
        (&schema.path[..], schema.time_zone.as_deref()),
        (&["app", "public"].map(str::to_owned)[..], Some("Asia/Tokyo"))
    );
}

#[test]
fn no_secret_and_no_address_is_in_the_file() {
    let database = everything();
    database.psql("INSERT INTO parent (name) VALUES ('a row'); ANALYZE");
    let text = ask(&World::new(), &database.uri).ok().out;
    for kept in ["sesame", "a row", "127.0.0.1", database.folder.to_str().unwrap()] {
        assert!(!text.contains(kept), "{kept}");
    }
}

#[test]
fn a_table_that_somebody_has_locked_is_not_waited_for() {
    let database = everything();
    let lock = "BEGIN; LOCK TABLE things; SELECT 'locked'; SELECT pg_sleep(60)";
    let mut holder = database.psql_command();
    let mut holder = holder.args(["-qAtc", lock]).spawn().unwrap();
    let held =
        "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'things'::regclass";
    while database.psql(held) != "1" {
        std::thread::yield_now();
    }
    let begun = Instant::now();
    let facts = export(&database.uri);
    assert!(begun.elapsed().as_secs() < 4, "{:?}", begun.elapsed());
    // What cannot be told without a look at the table is not known.
    let things = relation(&facts.schema, "public", "things");
    assert_eq!(column(things, "small").default.as_deref(), Some("7"));
    let check = constraint(things, "name_there");
    assert_eq!((check.text.as_deref(), check.proves_not_null.len(), check.validated), (None, 0, true));
    assert_eq!(index(things, "things_lower").columns, ["()", "big", "()"]);
    assert_eq!(constraint(things, "pointing").kind, Kind::Foreign);
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn a_thousand_tables_are_read_in_no_time() {
    let database = server().database();
    database.psql(
        "DO $$ BEGIN FOR n IN 1..1000 LOOP \
         EXECUTE format('CREATE TABLE t%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT \
         NULL DEFAULT %L, \
         b int CHECK (b > 0), c timestamptz DEFAULT now(), d numeric(10, 2), e text, f text, g bool, h \
         date, i uuid)', n, 'x'); \
         EXECUTE format('CREATE INDEX ON t%s (a); CREATE INDEX ON t%s (lower(e))', n, n); \
         IF n % 100 = 0 THEN COMMIT; END IF; END LOOP; END $$",
    );
    let begun = Instant::now();
    let facts = export(&database.uri);
    let took = begun.elapsed();
    eprintln!("1000 tables, 10000 columns, 3000 indexes: {} ms", took.as_millis());
    assert_eq!(facts.schema.relations.values().filter(|own| own.object == Object::Table).count(), 1000);
    assert_eq!(relation(&facts.schema, "public", "t1000").indexes.len(), 3);
    // The limit is for a debug build on a busy machine.
    assert!(took.as_secs() < 60, "{took:?}");
}
