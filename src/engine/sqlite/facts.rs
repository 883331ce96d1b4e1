//! Reads what a database holds: tables, columns, keys and indexes, and about how many rows.
//!
//! Everything is read in one transaction that can write nothing. Names are folded, as statements have
//! them: to SQLite their letters' case means nothing.

mod text;

use super::db::Db;
use crate::error::Result;
use crate::schema::text::{in_parentheses, type_with};
use crate::schema::{Column, Constraint, Index, Kind, Relation, Schema};
use crate::sql::statement::{Name, Object};
use rusqlite::Row;
use std::collections::HashMap;
use std::path::Path;
use text::folded;

/// The schema of the main database, as statements name it.
const MAIN: &str = "main";
/// So many rows are counted one by one; beyond, an estimate must do.
const COUNTED: u64 = 1000;
/// A row takes at least so many bytes of the file.
const LEAST_BYTES: u64 = 6;

/// The catalogue of a file. One that is not there yet is empty.
pub(super) fn read(file: &Path, label: &str) -> Result<Schema> {
    let version = u32::try_from(rusqlite::version_number()).unwrap_or_default();
    let mut schema = Schema {
        version: Some((version / 1_000_000, version / 1000 % 1000)),
        complete: true,
        schemas: vec![MAIN.to_owned()],
        ..Schema::default()
    };
    if !file.exists() {
        return Ok(schema);
    }
    let db = Db::open(file, label, false)?;
    db.batch("PRAGMA query_only = ON; BEGIN")?;
    relations(&db, &mut schema)?;
    columns(&db, &mut schema)?;
    indexes(&db, &mut schema)?;
    foreign_keys(&db, &mut schema)?;
    schema.relations.values_mut().filter(|own| own.storage.is_none()).for_each(text::complete);
    rows(&db, &mut schema)?;
    db.batch("ROLLBACK")?;
    Ok(schema)
}

fn key(name: &str) -> Name {
    Name::within(MAIN, folded(name))
}

/// Tables and views with the texts that made them, their indexes and triggers.
fn relations(db: &Db, schema: &mut Schema) -> Result<()> {
    let read = |row: &Row<'_>| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, Option<String>>(3)?,
        ))
    };
    let found = db.rows(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         ORDER BY name",
        (),
        read,
    )?;
    for (kind, name, _, sql) in found.iter().filter(|(kind, ..)| kind == "table" || kind == "view") {
        let mut relation = Relation::new(if kind == "view" { Object::View } else { Object::Table });
        relation.storage = sql.as_deref().and_then(text::module_of);
        relation.sql.clone_from(sql);
        schema.relations.insert(key(name), relation);
    }
    let names: Vec<String> = schema.relations.keys().map(|name| name.name.clone()).collect();
    for (name, relation) in &mut schema.relations {
        if let (Object::View, Some(sql)) = (relation.object, &relation.sql) {
            let others = names.iter().filter(|other| **other != name.name);
            relation.reads = text::reads(sql, others).iter().map(|name| key(name)).collect();
        }
    }
    for (kind, name, table, sql) in &found {
        let Some(relation) = schema.relations.get_mut(&key(table)).filter(|_| kind != "view") else {
            continue;
        };
        if kind == "trigger" {
            relation.triggers.push(folded(name));
        }
        if let (true, Some(sql)) = (kind == "trigger" || kind == "index", sql) {
            relation.texts.insert(folded(name), sql.clone());
        }
    }
    Ok(())
}

/// A column as `table_xinfo` has it, behind the name of its table; with its place in the primary key.
fn column(row: &Row<'_>) -> rusqlite::Result<(String, Column, i64)> {
    let written: String = row.get::<_, Option<String>>(2)?.unwrap_or_default().to_lowercase();
    let name = written.split('(').next().unwrap_or_default().trim();
    let hidden: i64 = row.get(6)?;
    let column = Column {
        name: folded(&row.get::<_, String>(1)?),
        ty: (!name.is_empty()).then(|| type_with(name.to_owned(), in_parentheses(&written))),
        not_null: row.get(3)?,
        default: row.get(4)?,
        generated: (hidden > 1).then_some(hidden == 3),
        ..Column::default()
    };
    Ok((row.get(0)?, column, row.get(5)?))
}

fn columns(db: &Db, schema: &mut Schema) -> Result<()> {
    const XINFO: &str =
        "SELECT ?, name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid";
    // All at once, but for those that may fail each for itself: views of what is gone, and tables of a
    // module that is not loaded.
    let mut all = db.rows(
        "SELECT m.name, x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden \
         FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' \
         AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, x.cid",
        (),
        column,
    )?;
    for (name, relation) in &mut schema.relations {
        let alone = relation.object == Object::View || relation.storage.is_some();
        if alone {
            match db.rows(XINFO, [&name.name, &name.name], column) {
                Ok(own) => all.extend(own),
                // What SQLite itself refuses is left out; anything else is trouble.
                Err(error) if error.code() == "sqlite.error" => continue,
                Err(error) => return Err(error),
            }
        }
        relation.columns_known = true;
    }
    let mut keys: HashMap<Name, Vec<(i64, String)>> = HashMap::new();
    for (table, column, part) in all {
        let table = key(&table);
        if part > 0 {
            keys.entry(table.clone()).or_default().push((part, column.name.clone()));
        }
        if let Some(relation) = schema.relations.get_mut(&table) {
            relation.columns.push(column);
        }
    }
    for (table, mut parts) in keys {
        let Some(relation) = schema.relations.get_mut(&table) else { continue };
        parts.sort();
        let columns: Vec<String> = parts.into_iter().map(|(_, name)| name).collect();
        counts_up(relation, &columns);
        relation.constraints.push(constraint(Kind::PrimaryKey, String::new(), columns));
    }
    Ok(())
}

/// The one `INTEGER PRIMARY KEY` is the number of the row, and counts up by itself.
fn counts_up(relation: &mut Relation, key: &[String]) {
    let [name] = key else { return };
    let without = relation.sql.as_deref().is_some_and(text::is_without_rowid);
    if let Some(column) = relation.column_mut(name).filter(|_| !without) {
        column.identity = column.ty.as_ref().is_some_and(|ty| ty.name == "integer");
    }
}

fn constraint(kind: Kind, name: String, columns: Vec<String>) -> Constraint {
    Constraint {
        name,
        kind,
        columns,
        validated: true,
        to: None,
        cascades: false,
        proves_not_null: Vec::new(),
        text: None,
    }
}

fn indexes(db: &Db, schema: &mut Schema) -> Result<()> {
    let read = |row: &Row<'_>| {
        let (table, origin): (String, String) = (row.get(0)?, row.get(3)?);
        let index = Index {
            name: folded(&row.get::<_, String>(1)?),
            unique: row.get(2)?,
            partial: row.get(4)?,
            valid: true,
            ..Index::default()
        };
        Ok((table, index, origin, row.get::<_, Option<String>>(5)?, row.get::<_, Option<String>>(6)?))
    };
    let found = db.rows(
        "SELECT m.name, l.name, l.\"unique\", l.origin, l.partial, x.name, i.sql \
         FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x \
         LEFT JOIN sqlite_schema i ON i.type = 'index' AND i.name = l.name WHERE m.type = 'table' \
         AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND x.key = 1 ORDER BY m.name, l.name, x.seqno",
        (),
        read,
    )?;
    for (table, index, origin, column, sql) in found {
        let Some(relation) = schema.relations.get_mut(&key(&table)) else { continue };
        if relation.indexes.last().is_none_or(|last| last.name != index.name) {
            if origin == "u" {
                relation.constraints.push(constraint(Kind::Unique, index.name.clone(), Vec::new()));
            }
            // The key's constraint has no name; the index has, and lends it.
            if let ("pk", Some(own)) = (origin.as_str(), primary_key(relation)) {
                own.name.clone_from(&index.name);
            }
            let constraint = (origin != "c").then(|| index.name.clone());
            relation.indexes.push(Index { constraint, ..index });
        }
        let Some(own) = relation.indexes.last_mut() else { continue };
        let name = column
            .map(|name| folded(&name))
            .or_else(|| text::key_expression(sql.as_deref()?, own.columns.len()));
        own.columns.push(name.unwrap_or_else(|| "()".to_owned()));
        if let (true, Some(last)) = (origin == "u", relation.constraints.last_mut()) {
            last.columns.clone_from(&own.columns);
        }
    }
    Ok(())
}

fn primary_key(relation: &mut Relation) -> Option<&mut Constraint> {
    relation.constraints.iter_mut().find(|own| own.kind == Kind::PrimaryKey)
}

fn foreign_keys(db: &Db, schema: &mut Schema) -> Result<()> {
    let read = |row: &Row<'_>| {
        let (table, number): (String, i64) = (row.get(0)?, row.get(1)?);
        let (to, column): (String, String) = (row.get(2)?, row.get(3)?);
        Ok((table, number, to, column, row.get::<_, String>(4)?))
    };
    let found = db.rows(
        "SELECT m.name, f.id, f.\"table\", f.\"from\", f.on_delete \
         FROM sqlite_schema m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
         ORDER BY m.name, f.id, f.seq",
        (),
        read,
    )?;
    let mut last = None;
    for (table, number, to, column, on_delete) in found {
        let table = key(&table);
        let Some(relation) = schema.relations.get_mut(&table) else { continue };
        let this = Some((table, number));
        if last != this {
            let mut made = constraint(Kind::Foreign, String::new(), Vec::new());
            made.to = Some(key(&to));
            made.cascades = on_delete == "CASCADE";
            relation.constraints.push(made);
        }
        if let Some(own) = relation.constraints.last_mut() {
            own.columns.push(folded(&column));
        }
        last = this;
    }
    Ok(())
}

/// About how many rows the tables have: counted if they are few; else by the numbers of the first and the
/// last row, which costs two looks, or by what ANALYZE counted, whichever is more.
fn rows(db: &Db, schema: &mut Schema) -> Result<()> {
    let analysed = analysed(db)?;
    let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let most = number(db.value(bytes, ())?) / LEAST_BYTES;
    for (name, relation) in &mut schema.relations {
        if relation.object != Object::Table || relation.storage.is_some() {
            continue;
        }
        let table = format!("\"{}\"", name.name.replace('"', "\"\""));
        let few = format!("SELECT count(*) FROM (SELECT 1 FROM main.{table} LIMIT {COUNTED})");
        let counted = number(db.value(&few, ())?);
        relation.rows = if counted < COUNTED {
            Some(counted)
        } else {
            let by_number = numbered(db, relation, &table)?.map(|range| range.min(most));
            by_number.max(analysed.get(&name.name).copied())
        };
    }
    Ok(())
}

fn number(value: Option<i64>) -> u64 {
    value.and_then(|value| u64::try_from(value).ok()).unwrap_or_default()
}

/// The rows by the last ANALYZE, if there ever was one.
fn analysed(db: &Db) -> Result<HashMap<String, u64>> {
    let there: Option<i64> = db.value("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", ())?;
    if there.is_none() {
        return Ok(HashMap::new());
    }
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
    let mut all: HashMap<String, u64> = HashMap::new();
    for (table, stat) in db.rows("SELECT tbl, stat FROM sqlite_stat1", (), read)? {
        let rows = stat.and_then(|stat| stat.split(' ').next().and_then(|first| first.parse::<u64>().ok()));
        if let Some(rows) = rows {
            let most = all.entry(folded(&table)).or_default();
            *most = rows.max(*most);
        }
    }
    Ok(all)
}

/// How many numbers there are between the first and the last row; nothing if rows have none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn numbered(db: &Db, relation: &Relation, table: &str) -> Result<Option<u64>> {
    if relation.sql.as_deref().is_some_and(text::is_without_rowid) {
        return Ok(None);
    }
    let taken = |name: &&str| relation.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let Some(number) = ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken(name)) else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT (SELECT max({number}) FROM main.{table}) + 0.0 - (SELECT min({number}) FROM main.{table}) + 1"
    );
    Ok(db.value::<f64>(&sql, ())?.map(|range| range.max(0.0) as u64))
}
