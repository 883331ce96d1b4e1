//! Statements that read and write rows.
//!
//! Knows: tokens. Must never know: how long a statement takes.

use super::expression::{alias, expression, reach, reads};
use super::reader::{Reader, name_of};
use crate::sql::statement::{Expr, Name, Reach, Reads, Said, Write, WriteKind};

/// Words between a verb and its table.
const MODIFIERS: [&str; 7] =
    ["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "QUICK", "IGNORE", "CONCURRENT", "LOCAL"];

/// The statement, if it is one about rows; a `WITH` may stand before the verb.
pub(super) fn said(reader: Reader<'_>) -> Option<Said> {
    let mut verb = reader;
    let with = verb.eat(&["WITH"]);
    if with {
        verb.until(|reader| reader.is_any(&["SELECT", "UPDATE", "DELETE", "INSERT", "REPLACE", "VALUES"]));
    }
    let start = reader.here();
    let mut wrote = match verb.eat_any(&["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD"]) {
        Some("INSERT") => insert(&mut verb, false)?,
        Some("REPLACE") => insert(&mut verb, true)?,
        Some("UPDATE") => update(&mut verb)?,
        Some("DELETE") => delete(&mut verb)?,
        Some(_) => load(&mut verb)?,
        None => return Some(Said::Read(reads(&reader))),
    };
    let mut all = reader;
    all.until(|_| false);
    for write in &mut wrote.0 {
        write.span = all.span(start);
    }
    Some(Said::Write(wrote.0, wrote.1))
}

type Wrote = (Vec<Write>, Reads);

fn write(kind: WriteKind, table: Name, reach: Reach) -> Write {
    let span = crate::sql::statement::Span::default();
    Write { kind, table, reach, sets: Vec::new(), joined: false, in_with: false, span }
}

fn modifiers(reader: &mut Reader<'_>) {
    while reader.eat_any(&MODIFIERS).is_some() {}
}

fn insert(reader: &mut Reader<'_>, replace: bool) -> Option<Wrote> {
    modifiers(reader);
    reader.eat(&["INTO"]);
    let table = reader.qualified()?;
    if reader.eat(&["PARTITION"]) {
        reader.group();
    }
    let source = *reader;
    // A list of columns, unless the query stands in parentheses.
    let listed = source.is("(") && !["SELECT", "WITH", "("].iter().any(|word| source.is_at(1, word));
    if listed {
        reader.group();
    }
    let query = reader.is_any(&["SELECT", "WITH", "TABLE", "("]);
    let body = reader.until(|reader| reader.are(&["ON", "DUPLICATE"]) || reader.is("RETURNING"));
    let upsert = replace || reader.eat(&["ON", "DUPLICATE", "KEY", "UPDATE"]);
    let kind = match (upsert, query) {
        (true, _) => WriteKind::Upsert,
        (false, true) => WriteKind::InsertSelect,
        (false, false) => WriteKind::InsertValues,
    };
    let mut own = reads(&body);
    let reach = match query {
        true if body.has("LIMIT") => Reach::Bounded,
        true if body.has("WHERE") => Reach::Some,
        true if own.relations.is_empty() => Reach::Bounded,
        true => Reach::All,
        false => Reach::Bounded,
    };
    own.calls.retain(|call| call.name != "values");
    let joined = query && !own.relations.is_empty();
    let sets = if upsert && !replace { assignments(reader) } else { Vec::new() };
    Some((vec![Write { joined, sets, ..write(kind, table, reach) }], own))
}

/// `a = 1, t.b = 2`
fn assignments(reader: &mut Reader<'_>) -> Vec<(String, Expr)> {
    let list = reader.until(|reader| reader.is_any(&["WHERE", "ORDER", "LIMIT", "RETURNING"]));
    let one = |mut part: Reader<'_>| {
        let left = part.until(|reader| reader.is("="));
        part.eat(&["="]);
        let column = left.rest().last().and_then(name_of)?;
        Some((column, expression(&part)))
    };
    list.parts().into_iter().filter_map(one).collect()
}

/// A table of a join, with the name it goes by there.
struct Joined {
    table: Name,
    alias: Option<String>,
}

impl Joined {
    fn is(&self, name: &Name) -> bool {
        match &self.alias {
            Some(alias) => *alias == name.name,
            None => self.table.name == name.name,
        }
    }
}

/// The tables of a join, outside of queries.
fn joined(mut list: Reader<'_>) -> Vec<Joined> {
    let mut all = Vec::new();
    let mut expected = true;
    while !list.done() {
        if expected && list.group().is_none() {
            if let Some(table) = list.qualified() {
                all.push(Joined { table, alias: alias(&mut list) });
            } else {
                list.skip(1);
            }
        }
        expected = list.eat(&[","]) || list.eat(&["JOIN"]) || list.eat(&["STRAIGHT_JOIN"]);
        if !expected {
            list.step();
        }
    }
    all
}

fn update(reader: &mut Reader<'_>) -> Option<Wrote> {
    modifiers(reader);
    let whole = *reader;
    let list = reader.until(|reader| reader.is("SET"));
    if !reader.eat(&["SET"]) {
        return None;
    }
    let tables = joined(list);
    let many = tables.len() > 1 || list.has("JOIN") || list.has("SELECT");
    let before = *reader;
    let sets = assignments(reader);
    let reach = rows(reader, many);
    let mut targets = targets(before, &tables);
    if targets.is_empty() {
        targets.push(tables.first()?.table.clone());
    }
    let own = reads(&whole);
    let one = |table| Write { joined: many, sets: sets.clone(), ..write(WriteKind::Update, table, reach) };
    Some((targets.into_iter().map(one).collect(), own))
}

/// The tables whose columns are set; those that are named with their table.
fn targets(mut reader: Reader<'_>, tables: &[Joined]) -> Vec<Name> {
    let list = reader.until(|reader| reader.is_any(&["WHERE", "ORDER", "LIMIT", "RETURNING"]));
    let mut found: Vec<Name> = Vec::new();
    for mut part in list.parts() {
        let left = part.until(|reader| reader.is("="));
        let name = match left.rest() {
            [table, dot, _] if dot.text == "." => name_of(table),
            [_, dot, table, second, _] if dot.text == "." && second.text == "." => name_of(table),
            _ => None,
        };
        let Some(name) = name else { continue };
        let named = tables.iter().find(|joined| joined.is(&Name::new(name.as_str())));
        if let Some(named) = named.filter(|named| !found.contains(&named.table)) {
            found.push(named.table.clone());
        }
    }
    found
}

/// Which rows are taken, by what follows the tables and what is set.
fn rows(reader: &mut Reader<'_>, joined: bool) -> Reach {
    let limited = reader.has("LIMIT");
    reader.until(|reader| reader.is_any(&["WHERE", "ORDER", "LIMIT", "RETURNING"]));
    if !reader.eat(&["WHERE"]) {
        return match (limited, joined) {
            (true, _) => Reach::Bounded,
            // A join takes the rows that have a partner.
            (false, true) => Reach::Some,
            (false, false) => Reach::All,
        };
    }
    let condition = reader.until(|reader| reader.is_any(&["ORDER", "LIMIT", "RETURNING"]));
    match reach(Some(&condition), limited) {
        Reach::All if joined => Reach::Some,
        reach => reach,
    }
}

fn delete(reader: &mut Reader<'_>) -> Option<Wrote> {
    modifiers(reader);
    let whole = *reader;
    let first = !reader.is("FROM");
    reader.eat(&["FROM"]);
    let list =
        reader.until(|reader| reader.is_any(&["FROM", "USING", "WHERE", "ORDER", "LIMIT", "RETURNING"]));
    let multiple = reader.is("USING") || (first && reader.is("FROM"));
    if !multiple {
        let mut list = list;
        let table = list.qualified()?;
        let reach = rows(reader, false);
        return Some((vec![write(WriteKind::Delete, table, reach)], reads(&whole)));
    }
    reader.skip(1);
    let from = reader.until(|reader| reader.is_any(&["WHERE", "ORDER", "LIMIT", "RETURNING"]));
    let tables = joined(from);
    let many = tables.len() > 1 || from.has("JOIN") || from.has("SELECT");
    let reach = rows(reader, many);
    let target = |mut part: Reader<'_>| {
        let name = part.qualified()?;
        let named = tables.iter().find(|joined| joined.is(&name));
        Some(named.map_or(name, |named| named.table.clone()))
    };
    let targets: Vec<Name> = list.parts().into_iter().filter_map(target).collect();
    if targets.is_empty() {
        return None;
    }
    let one = |table| Write { joined: many, ..write(WriteKind::Delete, table, reach) };
    Some((targets.into_iter().map(one).collect(), reads(&whole)))
}

fn load(reader: &mut Reader<'_>) -> Option<Wrote> {
    reader.until(|reader| reader.are(&["INTO", "TABLE"]));
    if !reader.eat(&["INTO", "TABLE"]) {
        return None;
    }
    let table = reader.qualified()?;
    Some((vec![write(WriteKind::Load, table, Reach::All)], Reads::default()))
}
