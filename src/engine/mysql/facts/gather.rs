//! Puts the answers together: rows of the catalogue become one value.

use super::text;
use crate::engine::columns::{Columns, Row};
use crate::schema::text::proves_not_null;
use crate::schema::{Column, Constraint, Index, Kind, Relation, Routine, Schema};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object};
use std::collections::HashMap;

/// A file of rows is never smaller, be it empty.
const LEAST_BYTES: u64 = 64 * 1024;

/// What was gathered so far.
#[derive(Debug)]
pub(super) struct Gathered<'a> {
    schema: Schema,
    database: &'a str,
    /// The collations of tables.
    collations: HashMap<Name, String>,
}

/// The database of the target is the one that statements need not name.
fn key(name: String) -> Name {
    Name::within("", name)
}

/// A collation's name begins with that of its character set.
fn charset(collation: &str) -> String {
    collation.split('_').next().unwrap_or_default().to_owned()
}

fn constraint(kind: Kind, name: String) -> Constraint {
    Constraint {
        name,
        kind,
        columns: Vec::new(),
        validated: true,
        to: None,
        cascades: false,
        proves_not_null: Vec::new(),
        text: None,
    }
}

fn rows(rows: Vec<Row>) -> impl Iterator<Item = Columns<std::vec::IntoIter<Option<String>>>> {
    rows.into_iter().map(Columns::of)
}

fn count(text: Option<String>) -> Option<u64> {
    text?.parse().ok()
}

impl<'a> Gathered<'a> {
    pub(super) fn new(schema: Schema, database: &'a str) -> Gathered<'a> {
        Gathered { schema, database, collations: HashMap::new() }
    }

    fn relation(&mut self, name: String) -> Option<&mut Relation> {
        self.schema.relations.get_mut(&key(name))
    }

    pub(super) fn relations(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (name, kind) = (key(row.text()), row.text());
            let mut relation = Relation::new(match kind.as_str() {
                "VIEW" | "SYSTEM VIEW" => Object::View,
                "SEQUENCE" => Object::Sequence,
                _ => Object::Table,
            });
            relation.columns_known = true;
            relation.storage = row.maybe().map(|engine| engine.to_lowercase());
            let (counted, data, indexes) = (count(row.maybe()), count(row.maybe()), count(row.maybe()));
            if relation.object == Object::Table {
                // Nothing counted in a file that is not empty was not counted.
                relation.rows =
                    counted.filter(|rows| *rows > 0 || data.is_some_and(|data| data <= LEAST_BYTES));
                relation.bytes = data.map(|data| data.saturating_add(indexes.unwrap_or_default()));
            }
            relation.auto_increment = count(row.maybe());
            let collation = row.maybe().unwrap_or_default();
            relation.charset = Some(charset(&collation)).filter(|name| !name.is_empty());
            relation.partitioned = row.text().contains("partitioned");
            self.collations.insert(name.clone(), collation);
            self.schema.relations.insert(name, relation);
        }
    }

    pub(super) fn columns(&mut self, answer: Vec<Row>) {
        let mariadb = self.schema.mariadb;
        for mut row in rows(answer) {
            let (table, name) = (key(row.text()), row.text());
            let mut ty = text::column_type(&row.text());
            let not_null = row.text() == "NO";
            let (default, extra) = (row.maybe(), row.text());
            let (charset, collation) = (row.maybe(), row.maybe());
            let expression = row.maybe().filter(|text| !text.is_empty());
            let Some(relation) = self.schema.relations.get_mut(&table) else { continue };
            let usual = self.collations.get(&table).filter(|usual| !usual.is_empty());
            if let Some(own) = charset.filter(|own| usual.is_some() && relation.charset.as_ref() != Some(own))
            {
                ty.more.push(format!("charset {own}"));
            }
            let stored = extra.contains("STORED") || extra.contains("PERSISTENT");
            let generated_from = expression.as_deref().map(text::names).unwrap_or_default();
            relation.columns.push(Column {
                default: match &expression {
                    Some(_) => None,
                    None => default.and_then(|text| text::default(&text, mariadb, &extra, &ty)),
                },
                name,
                ty: Some(ty),
                not_null,
                generated: expression.is_some().then_some(stored),
                generated_from,
                identity: extra.contains("auto_increment"),
                collate: collation.filter(|own| usual.is_some_and(|usual| usual != own)),
            });
        }
    }

    pub(super) fn indexes(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (table, name, unique) = (row.text(), row.text(), row.number() == 0);
            let (column, expression) = (row.maybe(), row.maybe());
            let Some(relation) = self.relation(table) else { continue };
            if relation.indexes.last().is_none_or(|last| last.name != name) {
                let constraint = unique.then(|| name.clone());
                let index = Index { name: name.clone(), unique, valid: true, constraint, ..Index::default() };
                relation.indexes.push(index);
                if unique {
                    let kind = if name == "PRIMARY" { Kind::PrimaryKey } else { Kind::Unique };
                    relation.constraints.push(self::constraint(kind, name));
                }
            }
            let column = column.or_else(|| expression.map(|text| format!("({text})"))).unwrap_or_default();
            if let (true, Some(own)) = (unique, relation.constraints.last_mut()) {
                own.columns.push(column.clone());
            }
            relation.indexes.last_mut().into_iter().for_each(|index| index.columns.push(column.clone()));
        }
    }

    pub(super) fn foreign_keys(&mut self, references: Vec<Row>, keys: Vec<Row>) {
        for mut row in rows(references) {
            let (table, name, database, to) = (row.text(), row.text(), row.text(), row.text());
            let to = if database == self.database { key(to) } else { Name::within(database, to) };
            let mut own = constraint(Kind::Foreign, name);
            own.to = Some(to);
            own.cascades = row.text() == "CASCADE";
            self.relation(table).into_iter().for_each(|relation| relation.constraints.push(own.clone()));
        }
        for mut row in rows(keys) {
            let (table, name, column) = (row.text(), row.text(), row.text());
            let Some(relation) = self.relation(table) else { continue };
            let fits = |own: &&mut Constraint| own.kind == Kind::Foreign && own.name == name;
            relation
                .constraints
                .iter_mut()
                .find(fits)
                .into_iter()
                .for_each(|own| own.columns.push(column.clone()));
        }
    }

    pub(super) fn checks(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (table, name, text) = (row.text(), row.text(), row.text());
            let mut own = constraint(Kind::Check, name);
            own.validated = row.text() == "YES";
            own.proves_not_null = proves_not_null(&text, Dialect::Mysql);
            let named = text::names(&text);
            own.text = Some(text);
            let Some(relation) = self.relation(table) else { continue };
            own.columns = named.into_iter().filter(|name| relation.column(name).is_some()).collect();
            relation.constraints.push(own);
        }
    }

    pub(super) fn triggers(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (table, name) = (row.text(), row.text());
            self.relation(table).into_iter().for_each(|relation| relation.triggers.push(name.clone()));
        }
    }

    pub(super) fn views(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (view, query) = (row.text(), row.text());
            let read: Vec<_> = text::read_by(&query, self.database)
                .into_iter()
                .filter(|(table, _)| self.schema.relations.contains_key(&key(table.clone())))
                .collect();
            let Some(relation) = self.relation(view) else { continue };
            for (table, column) in read {
                relation.reads_columns.extend(column.map(|column| format!("{table}.{column}")));
                let table = key(table);
                if !relation.reads.contains(&table) {
                    relation.reads.push(table);
                }
            }
        }
    }

    pub(super) fn routines(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (name, volatile, body) = (key(row.text()), row.text() == "NO", row.maybe());
            let made = Routine { volatile, language: Some("sql".to_owned()), body, ..Routine::default() };
            // A function and a procedure may share a name.
            let merge = |own: &mut Routine| {
                own.volatile |= made.volatile;
                own.body = None;
            };
            self.schema.routines.entry(name).and_modify(merge).or_insert(made);
        }
    }

    pub(super) fn grants(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (table, user) = (row.text(), text::user(&row.text()));
            let Some(relation) = self.relation(table) else { continue };
            if !relation.granted.contains(&user) {
                relation.granted.push(user);
                relation.granted.sort();
            }
        }
    }

    pub(super) fn roles(&mut self, answer: Vec<Row>) {
        self.schema.roles = rows(answer).map(|mut row| row.text()).collect();
    }

    pub(super) fn row_versions(&mut self, answer: Vec<Row>) {
        for mut row in rows(answer) {
            let (name, seen) = (row.text(), row.number());
            // The file of a partition has its name behind that of the table.
            let table = name.split_once('/').map_or(name.as_str(), |(_, table)| table);
            let table = table.split("#p#").next().unwrap_or_default().to_owned();
            let Some(relation) = self.relation(table) else { continue };
            relation.row_versions = relation.row_versions.max(u32::try_from(seen).ok());
        }
    }

    /// Adds the traffic, and hands out what was gathered.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn finish(mut self, traffic: Vec<Row>, seconds: Option<f64>) -> Schema {
        for mut row in rows(traffic) {
            let (table, read, written) = (row.text(), row.number(), row.number());
            let rate = |count: i64| seconds.map(|seconds| (count as f64 / seconds * 1000.0).round() / 1000.0);
            let Some(relation) = self.relation(table) else { continue };
            (relation.reads_per_second, relation.writes_per_second) = (rate(read), rate(written));
        }
        self.schema
    }
}
