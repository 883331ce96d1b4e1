//! What a look at the database changes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::lint::rule::Severity;
use crate::lint::rules::tests::findings_in;
use crate::schema::{Column, Relation, Routine, Schema};
use crate::sql::statement::{Name, Object, Type};

/// A database with one table of so many rows.
fn orders(rows: Option<u64>) -> Schema {
    let mut relation = Relation::new(Object::Table);
    relation.rows = rows;
    relation.columns_known = true;
    for (name, ty) in [("id", "int8"), ("state", "order_state"), ("note", "text")] {
        let ty = Some(Type::plain(ty));
        relation.columns.push(Column { name: name.to_owned(), ty, ..Column::default() });
    }
    let mut schema = Schema { path: vec!["public".to_owned()], ..Schema::default() };
    schema.relations.insert(Name::within("public", "orders"), relation);
    schema
}

fn found(schema: Schema, sql: &str, code: &str) -> Option<Severity> {
    let found = findings_in(schema, true, "", sql);
    found.iter().find(|finding| finding.rule.code == code).map(|finding| finding.severity)
}

#[test]
fn the_size_of_a_table_decides_how_grave_an_unknown_condition_is() {
    let sql = "UPDATE orders SET note = 'x' WHERE state = 'y';";
    // Where nobody knows, the worst is taken for granted.
    assert_eq!(found(orders(None), sql, "PB04"), Some(Severity::Blocks));
    assert_eq!(found(orders(Some(800)), sql, "PB04"), None);
    assert_eq!(found(orders(Some(1_500)), sql, "PB04"), Some(Severity::Advice));
    assert_eq!(found(orders(Some(20_000)), sql, "PB04"), Some(Severity::Blocks));
    assert_eq!(found(orders(Some(20_000_000)), sql, "PB04"), Some(Severity::Blocks));
    // A name is that of few, until somebody has counted.
    let named = "CREATE TABLE people (id bigint, name text, state text);";
    let of = |sql: &str| {
        let found = findings_in(Schema::default(), true, named, sql);
        found.iter().find(|finding| finding.rule.code == "PB04").map(|finding| finding.severity)
    };
    assert_eq!(of("UPDATE people SET id = 1 WHERE name = 'y';"), Some(Severity::Advice));
    assert_eq!(of("UPDATE people SET id = 1 WHERE name = '';"), Some(Severity::Blocks));
    assert_eq!(of("UPDATE people SET id = 1 WHERE state = 'y';"), Some(Severity::Blocks));
}

#[test]
fn all_rows_of_a_small_table_take_a_moment() {
    assert_eq!(found(orders(Some(9_999)), "UPDATE orders SET note = 'x';", "PB01"), Some(Severity::Blocks));
    assert_eq!(found(orders(Some(800)), "UPDATE orders SET note = 'x';", "PB01"), Some(Severity::Advice));
    let after = "ALTER TABLE orders ADD COLUMN z int;\nUPDATE orders SET z = 1 WHERE note = 'y';";
    assert_eq!(found(orders(Some(800)), after, "PB02"), None);
    assert_eq!(found(orders(Some(9_999)), after, "PB02"), Some(Severity::Blocks));
}

#[test]
fn a_text_is_an_enum_value_where_a_column_is_one() {
    let add = "BEGIN;\nALTER TYPE order_state ADD VALUE 'paid' AFTER 'new';\n";
    let used = |schema: Schema, sql: &str| found(schema, &format!("{add}{sql}\nCOMMIT;"), "PN03");
    let update = "UPDATE orders SET state = 'paid' WHERE id = 1;";
    assert_eq!(used(orders(None), update), Some(Severity::Breaks));
    assert_eq!(used(Schema::default(), update), Some(Severity::Advice));
    assert_eq!(
        used(orders(None), "ALTER TABLE orders ALTER note SET DEFAULT 'paid';"),
        Some(Severity::Advice)
    );
    assert_eq!(used(orders(None), "ALTER TYPE order_state ADD VALUE 'gone' AFTER 'paid';"), None);
    assert_eq!(
        used(orders(None), "CREATE VIEW v AS SELECT 'paid'::order_state AS s;"),
        Some(Severity::Breaks)
    );
    let mut other = orders(None);
    other.relations.values_mut().for_each(|own| own.columns.retain(|column| column.name != "state"));
    assert_eq!(used(other, "UPDATE orders SET note = 'paid' WHERE id = 1;"), None);
}

#[test]
fn a_function_that_is_known_not_to_write_is_no_riddle() {
    let with = |volatile: bool| {
        let mut schema = orders(None);
        let routine = Routine { volatile, language: Some("plpgsql".to_owned()), ..Routine::default() };
        schema.routines.insert(Name::within("util", "look"), routine);
        schema
    };
    assert_eq!(found(with(false), "SELECT util.look();", "PX03"), None);
    assert_eq!(found(with(true), "SELECT util.look();", "PX03"), Some(Severity::Advice));
    assert_eq!(found(orders(None), "SELECT util.look();", "PX03"), Some(Severity::Advice));
}

#[test]
fn what_is_told_once_is_not_told_again() {
    let sql = "BEGIN;\nCREATE TABLE a (id bigint PRIMARY KEY);\nVACUUM a;\nCOMMIT;";
    assert_eq!(found(orders(None), sql, "PN02"), Some(Severity::Breaks));
    assert_eq!(found(orders(None), sql, "PN07"), None);
    let sql = "BEGIN;\nDO $$ BEGIN COMMIT; END $$;\nCOMMIT;";
    assert_eq!(found(orders(None), sql, "PN05"), Some(Severity::Breaks));
    assert_eq!(found(orders(None), "DO $$ BEGIN COMMIT; END $$;", "PN05"), None);
}
