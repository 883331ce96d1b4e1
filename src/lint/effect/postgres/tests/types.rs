//! What it costs to change a type: the column until now, the change, whether it scans or rewrites.

use super::{effects, work};
use crate::lint::effect::{Fails, Mode};

/// Measured on 13, 15 and 18, with the same answers.
#[test]
fn changes_of_type_cost_what_was_measured() {
    let mut wrong = Vec::new();
    for (column, after, change, expected) in [
        ("varchar(100)", "", "varchar(200)", ""),
        ("varchar(50)", "CREATE INDEX ON t (c)", "varchar(80)", ""),
        ("varchar(100)", "", "text", ""),
        ("varchar(50)", "CREATE INDEX ON t (c)", "text", ""),
        ("text", "", "varchar", ""),
        ("varchar(100)", "", "character varying", ""),
        ("varchar(100)", "", "varchar(100)", ""),
        ("numeric(10,2)", "", "numeric(18,2)", ""),
        ("numeric(10,2)", "", "numeric", ""),
        ("timestamp", "SET timezone = 'UTC'", "timestamptz", ""),
        ("cidr", "", "inet", ""),
        ("varbit(8)", "", "varbit(16)", ""),
        ("interval(3)", "", "interval(6)", ""),
        ("timestamptz(3)", "", "timestamptz(6)", ""),
        ("plain_text", "", "text", ""),
        ("text", "", "plain_text", ""),
        ("int", "", "oid", ""),
        ("varchar(100)", "", "varchar(90)", "rewrite t"),
        ("text", "", "varchar(500)", "rewrite t"),
        ("int", "", "bigint", "rewrite t"),
        ("int", "", "bigint USING c::bigint", "rewrite t"),
        ("numeric(10,2)", "", "numeric(18,4)", "rewrite t"),
        ("numeric(10,2)", "", "numeric(8,2)", "rewrite t"),
        ("timestamp", "SET timezone = 'Europe/Oslo'", "timestamptz", "rewrite t"),
        ("timestamp", "SET timezone = 'UTC'", "timestamptz USING c AT TIME ZONE 'UTC'", "rewrite t"),
        ("timestamptz", "SET timezone = 'Asia/Tokyo'", "timestamp", "rewrite t"),
        ("timestamptz", "CREATE INDEX ON t (c)", "timestamptz(0)", "rewrite t"),
        ("timestamptz", "CREATE INDEX ON t (c); SET timezone = 'UTC'", "timestamp", "scan t"),
        ("char(10)", "", "text", "rewrite t"),
        ("char(10)", "", "char(20)", "rewrite t"),
        ("json", "", "jsonb", "rewrite t"),
        ("text", "", "int USING length(c)", "rewrite t"),
        ("text", "", "text USING lower(c)", "rewrite t"),
        ("mood", "", "text USING c::text", "rewrite t"),
        ("int", "", "pos_int", "rewrite t"),
        ("varchar(50)", "CREATE INDEX ON t (c)", "varchar(50) COLLATE \"C\"", "scan t"),
        ("text", "", "text COLLATE \"C\"", ""),
        ("varchar(10)[]", "", "text[]", "rewrite t"),
        ("text", "", "varchar(50)", "rewrite t"),
        ("int", "ALTER TABLE t ADD CHECK (c > 0)", "int4 USING c", "scan t"),
        ("varchar(100)", "ALTER TABLE t ADD CHECK (c <> '')", "varchar(300)", "scan t"),
    ] {
        let given = format!(
            "CREATE TYPE mood AS ENUM ('good'); CREATE DOMAIN pos_int AS int CHECK (VALUE > 0); \
             CREATE DOMAIN plain_text AS text; CREATE TABLE t (id int PRIMARY KEY, c {column});"
        );
        let (settings, before) = match after.rsplit_once("SET ") {
            Some((before, set)) => (format!("SET {set};"), before),
            None => (String::new(), after),
        };
        let sql = format!("{settings} ALTER TABLE t ALTER c TYPE {change}");
        let found = effects(&[&given, before], &sql);
        if work(&found) != expected {
            wrong.push(format!("{column} -> {change}, {after}: {} instead of {expected}", work(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn both_ends_of_a_foreign_key_are_locked() {
    let given = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a_id int REFERENCES a (id));";
    for (table, column) in [("a", "id"), ("b", "a_id")] {
        let found = effects(&[given], &format!("ALTER TABLE {table} ALTER {column} TYPE bigint"));
        assert_eq!(super::locks(&found), "a AX, b AX", "{table}");
        assert!(found.efforts.iter().all(|effort| effort.under == Mode::AccessExclusive));
        let found = effects(&[given], &format!("ALTER TABLE {table} ALTER {column} TYPE int"));
        assert_eq!((super::locks(&found).as_str(), found.efforts.len()), ("a AX, b AX", 0), "{table}");
    }
}

#[test]
fn a_type_is_known_by_its_schema_later() {
    let given = "CREATE SCHEMA s; SET search_path = s; CREATE DOMAIN code AS text; CREATE TYPE mood AS \
                 ENUM ('good'); CREATE TABLE t (a code, b mood);";
    for (sql, expected) in [
        ("ALTER TABLE s.t ALTER a TYPE text", ""),
        ("SET search_path = s; ALTER TABLE t ALTER b TYPE mood", ""),
        ("ALTER TABLE s.t ALTER b TYPE text", "rewrite t"),
    ] {
        assert_eq!(work(&effects(&[given], sql)), expected, "{sql}");
    }
}

#[test]
fn a_column_that_a_view_reads_keeps_its_type() {
    use crate::lint::state::State;
    use crate::schema::{Relation, Schema};
    use crate::sql::Dialect;
    use crate::sql::statement::{Name, Object};
    let mut view = Relation::new(Object::View);
    view.reads_columns.push("t.c".to_owned());
    let mut schema = Schema::default();
    schema.relations.insert(Name::within("public", "v"), view);
    schema.relations.insert(Name::within("public", "t"), Relation::default());
    let state = State::new(Dialect::Postgres, schema);
    let statement = super::statements("ALTER TABLE t ALTER c TYPE text").remove(0);
    let found = super::of(&statement, &state);
    assert!(found.failures.iter().any(|failure| failure.sort == Fails::UsedColumn));
}
