//! What a database promises to keep: tables, rows, values and guarantees; and what of it is lost.

use crate::measure;
use crate::place::ask;
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};

/// A database at one moment.
#[derive(Debug)]
pub(crate) struct Kept {
    /// By oid.
    tables: BTreeMap<String, Table>,
    /// Rules of domains: the type and the rule.
    domains: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Table {
    name: String,
    /// `p` for permanent, `u` for unlogged.
    persistence: String,
    rows: u64,
    columns: BTreeMap<u16, Column>,
    constraints: Vec<Constraint>,
    /// Unique indexes that are valid.
    unique: Vec<Unique>,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: String,
    not_null: bool,
    /// The sum of the hashes of its values.
    values: String,
}

#[derive(Debug)]
struct Constraint {
    kind: String,
    columns: String,
    to: String,
    name: String,
    says: String,
}

#[derive(Debug)]
struct Unique {
    name: String,
    columns: BTreeSet<String>,
    of: String,
}

pub(crate) fn look(session: &mut Client) -> Kept {
    let mut tables = tables(session);
    columns(session, &mut tables);
    constraints(session, &mut tables);
    unique(session, &mut tables);
    for table in tables.values_mut() {
        count(session, table);
    }
    let rules = ask(
        session,
        "SELECT contypid::regtype || ' ' || replace(pg_get_constraintdef(oid), ' NOT VALID', '') \
         FROM pg_constraint WHERE contypid <> 0 \
         UNION ALL SELECT oid::regtype || ' NOT NULL' FROM pg_type WHERE typtype = 'd' AND typnotnull",
    );
    Kept { tables, domains: rules.into_iter().flatten().collect() }
}

fn tables(session: &mut Client) -> BTreeMap<String, Table> {
    let rows = ask(
        session,
        "SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relpersistence \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    );
    let table = |row: Vec<String>| {
        let [oid, name, persistence] = <[String; 3]>::try_from(row).unwrap();
        let name = measure::short(&name);
        (oid, Table { name, persistence, ..Table::default() })
    };
    rows.into_iter().map(table).collect()
}

fn columns(session: &mut Client, tables: &mut BTreeMap<String, Table>) {
    let rows = ask(
        session,
        "SELECT attrelid, attnum, attname, format_type(atttypid, atttypmod), attnotnull \
         FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped",
    );
    for row in rows {
        let [table, number, name, kind, not_null] = <[String; 5]>::try_from(row).unwrap();
        if let Some(table) = tables.get_mut(&table) {
            let column = Column { name, kind, not_null: not_null == "t", values: String::new() };
            table.columns.insert(number.parse().unwrap(), column);
        }
    }
}

fn constraints(session: &mut Client, tables: &mut BTreeMap<String, Table>) {
    let rows = ask(
        session,
        "SELECT conrelid, contype, \
                coalesce((SELECT string_agg(key::text, ',' ORDER BY key) FROM unnest(conkey) key), ''), \
                confrelid, conname, pg_get_constraintdef(oid) \
         FROM pg_constraint WHERE contype IN ('c', 'f', 'x') AND conrelid <> 0",
    );
    for row in rows {
        let [table, kind, columns, to, name, says] = <[String; 6]>::try_from(row).unwrap();
        if let Some(table) = tables.get_mut(&table) {
            table.constraints.push(Constraint { kind, columns, to, name, says });
        }
    }
}

fn unique(session: &mut Client, tables: &mut BTreeMap<String, Table>) {
    let rows = ask(
        session,
        "SELECT indrelid, indexrelid::regclass, array_to_string(array(\
                    SELECT CASE WHEN indkey[at] = 0 THEN pg_get_indexdef(indexrelid, at + 1, true) \
                                ELSE indkey[at]::text END \
                    FROM generate_series(0, indnkeyatts - 1) at), '|'), \
                coalesce(pg_get_expr(indpred, indrelid), '') \
         FROM pg_index WHERE indisunique AND indisvalid",
    );
    for row in rows {
        let [table, name, columns, of] = <[String; 4]>::try_from(row).unwrap();
        if let Some(table) = tables.get_mut(&table) {
            let columns = columns.split('|').map(str::to_owned).collect();
            table.unique.push(Unique { name, columns, of });
        }
    }
}

/// The rows of a table with the rows of its partitions, and what its own columns hold.
fn count(session: &mut Client, table: &mut Table) {
    let hashes = table.columns.values().map(|column| hash(&column.name, &column.kind));
    let select = ["count(*)".to_owned()].into_iter().chain(hashes).collect::<Vec<_>>().join(", ");
    let row = ask(session, &format!("SELECT {select} FROM {}", table.name)).remove(0);
    let mut cells = row.into_iter();
    table.rows = cells.next().unwrap().parse().unwrap();
    for (column, value) in table.columns.values_mut().zip(cells) {
        column.values = value;
    }
}

/// A sum over a column that tells whether its values, in the spelling of a type, are others.
fn hash(column: &str, kind: &str) -> String {
    let column = column.replace('"', "\"\"");
    format!("coalesce(sum(hashtextextended((\"{column}\"::{kind})::text, 0)::numeric), 0)")
}

/// What was there before and is not now, in words.
pub(crate) fn lost(before: &Kept, after: &Kept, session: &mut Client) -> Vec<String> {
    let mut lost = Vec::new();
    for (oid, table) in &before.tables {
        match after.tables.get(oid) {
            Some(now) => compare(table, now, session, &mut lost),
            // Another table took its place.
            None if after.tables.values().any(|now| now.name == table.name && now.rows >= table.rows) => {}
            None => lost.push(format!("table {}", table.name)),
        }
    }
    for rule in before.domains.difference(&after.domains) {
        lost.push(format!("rule of a domain: {rule}"));
    }
    lost
}

fn compare(table: &Table, now: &Table, session: &mut Client, lost: &mut Vec<String>) {
    let name = &table.name;
    if now.rows < table.rows {
        lost.push(format!("{} of {} rows of {name}", table.rows - now.rows, table.rows));
    }
    if table.persistence == "p" && now.persistence == "u" {
        lost.push(format!("{name} does not outlive a crash"));
    }
    for (number, column) in &table.columns {
        let Some(new) = now.columns.get(number) else {
            lost.push(format!("column {name}.{}", column.name));
            continue;
        };
        if column.kind != new.kind && converted(session, now, new, column).is_none_or(|same| !same) {
            let change = format!("{} to {}", column.kind, new.kind);
            lost.push(format!("values of {name}.{} do not come back from {change}", column.name));
        }
        if column.not_null && !new.not_null && !proven(now, &new.name) {
            lost.push(format!("{name}.{} may be null now", column.name));
        }
    }
    for constraint in &table.constraints {
        if !upheld(constraint, table, now) {
            lost.push(format!("constraint {} of {name}: {}", constraint.name, constraint.says));
        }
    }
    for unique in &table.unique {
        let gone = |column: &String| column.parse().is_ok_and(|number| !now.columns.contains_key(&number));
        let by = |other: &Unique| {
            other.columns.is_subset(&unique.columns) && (other.of.is_empty() || other.of == unique.of)
        };
        if !now.unique.iter().any(by) && !unique.columns.iter().any(gone) {
            lost.push(format!("unique index {}", unique.name));
        }
    }
}

/// Whether the values come back when the new column is converted to the old type; unknown where no
/// such conversion is.
fn converted(session: &mut Client, now: &Table, new: &Column, old: &Column) -> Option<bool> {
    let sql = format!("SELECT {} FROM {}", hash(&new.name, &old.kind), now.name);
    let messages = session.simple_query(&sql).ok()?;
    let found = messages.iter().find_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    Some(found.as_ref() == Some(&old.values))
}

/// Whether a check says that the column is not null.
fn proven(table: &Table, column: &str) -> bool {
    let says = [format!("CHECK (({column} IS NOT NULL))"), format!("CHECK ((\"{column}\" IS NOT NULL))")];
    table.constraints.iter().any(|constraint| says.contains(&constraint.says))
}

/// Whether the constraint, or another of its kind on the same columns, is still there.
fn upheld(constraint: &Constraint, table: &Table, now: &Table) -> bool {
    let same = |other: &Constraint| {
        other.kind == constraint.kind && other.columns == constraint.columns && other.to == constraint.to
    };
    let numbers: Vec<u16> = constraint.columns.split(',').filter_map(|number| number.parse().ok()).collect();
    let gone = numbers.iter().any(|number| !now.columns.contains_key(number));
    // A column that is NOT NULL needs no check that says so.
    let implied = matches!(numbers[..], [only]
        if constraint.says.ends_with("IS NOT NULL))")
            && constraint.says.contains(&table.columns[&only].name)
            && now.columns.get(&only).is_some_and(|column| column.not_null));
    gone || implied || now.constraints.iter().any(same)
}
