//! Puts the answers together: rows of the catalogue become one value.

use super::Server;
use crate::engine::columns::{Columns, Row};
use crate::schema::text::{in_parentheses, is_literal_query, proves_not_null, type_with};
use crate::schema::{Column, Constraint, Domain, Index, Kind, Relation, Routine, Schema};
use crate::sql::Dialect;
use crate::sql::statement::{Name, Object, Type};
use std::collections::{BTreeMap, HashMap};

type Oid = u32;
type Cells = Columns<std::vec::IntoIter<Option<String>>>;

/// What the server knows of a relation's rows.
#[derive(Debug, Default)]
struct Counted {
    /// Rows and pages when they were last counted; less than no rows if they never were.
    rows_then: f64,
    pages_then: u64,
    /// The pages of what belongs to it.
    other_pages: u64,
    live: u64,
    read: u64,
    written: u64,
}

/// What was gathered so far.
#[derive(Debug)]
pub(super) struct Gathered {
    schema: Schema,
    names: HashMap<Oid, Name>,
    /// Columns' names, by relation and number.
    columns: HashMap<(Oid, i64), String>,
    /// The constraints that indexes serve, by index.
    served: HashMap<Oid, String>,
    counted: HashMap<Oid, Counted>,
}

fn id(row: &mut Cells) -> Oid {
    Oid::try_from(row.number()).unwrap_or_default()
}

fn count(row: &mut Cells) -> u64 {
    u64::try_from(row.number()).unwrap_or_default()
}

fn truth(row: &mut Cells) -> bool {
    row.next().as_deref() == Some("t")
}

/// The columns of a type: schema, name, element's name, written out.
fn ty(row: &mut Cells) -> Type {
    let (schema, name, element, written) = (row.text(), row.text(), row.maybe(), row.text());
    let array = element.is_some();
    let mut ty = type_with(element.unwrap_or(name), in_parentheses(&written));
    ty.array = array;
    ty.schema = Some(schema).filter(|schema| schema != "pg_catalog" && schema != "public");
    ty
}

impl Gathered {
    pub(super) fn new(schema: Schema) -> Gathered {
        Gathered {
            schema,
            names: HashMap::new(),
            columns: HashMap::new(),
            served: HashMap::new(),
            counted: HashMap::new(),
        }
    }

    fn relation(&mut self, oid: Oid) -> Option<&mut Relation> {
        self.names.get(&oid).and_then(|name| self.schema.relations.get_mut(name))
    }

    /// The names of columns by their numbers.
    fn named(&self, oid: Oid, numbers: &[String]) -> Vec<String> {
        let name = |number: &String| self.columns.get(&(oid, number.parse().ok()?)).cloned();
        numbers.iter().filter_map(name).collect()
    }

    pub(super) fn relations(&mut self, rows: Vec<Row>) {
        let mut below: Vec<(Name, bool, Vec<String>)> = Vec::new();
        for mut row in rows.into_iter().map(Columns::of) {
            let (oid, name) = (id(&mut row), Name::within(row.text(), row.text()));
            let kind = row.text();
            let mut relation = Relation::new(match kind.as_str() {
                "v" => Object::View,
                "m" => Object::MaterializedView,
                "f" => Object::ForeignTable,
                "S" => Object::Sequence,
                _ => Object::Table,
            });
            relation.columns_known = kind != "S";
            relation.partitioned = kind == "p";
            relation.unlogged = row.text() == "u";
            below.push((name.clone(), truth(&mut row), row.list()));
            relation.default_partition = truth(&mut row);
            relation.row_security = truth(&mut row);
            relation.tablespace = row.maybe();
            relation.storage = row.maybe();
            let rows_then = row.text().parse().unwrap_or(-1.0);
            let (pages_then, other_pages) = (count(&mut row), count(&mut row));
            let (live, read, written) = (count(&mut row), count(&mut row), count(&mut row));
            self.counted.insert(oid, Counted { rows_then, pages_then, other_pages, live, read, written });
            self.names.insert(oid, name.clone());
            self.schema.relations.insert(name, relation);
        }
        for (name, is_partition, parents) in below {
            let mut parents: Vec<Name> =
                parents.iter().filter_map(|oid| self.names.get(&oid.parse().ok()?).cloned()).collect();
            if let Some(relation) = self.schema.relations.get_mut(&name) {
                match is_partition {
                    true => relation.partition_of = parents.pop(),
                    false => relation.inherits = parents,
                }
            }
        }
    }

    pub(super) fn columns(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (oid, number, name) = (id(&mut row), row.number(), row.text());
            let ty = ty(&mut row);
            let not_null = truth(&mut row);
            let generated = row.maybe().filter(|mark| !mark.is_empty()).map(|mark| mark == "s");
            let identity = !row.text().is_empty();
            let (collate, default) = (row.maybe(), row.maybe());
            self.columns.insert((oid, number), name.clone());
            if let Some(relation) = self.relation(oid) {
                relation.columns.push(Column {
                    name,
                    ty: Some(ty),
                    not_null,
                    default,
                    generated,
                    generated_from: Vec::new(),
                    identity,
                    collate,
                });
            }
        }
    }

    pub(super) fn constraints(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (oid, name, kind) = (id(&mut row), row.text(), row.text());
            let (validated, numbers) = (truth(&mut row), row.list());
            let columns = self.named(oid, &numbers);
            let to = self.names.get(&id(&mut row)).cloned();
            let (cascades, index) = (row.text() == "c", id(&mut row));
            let text = row.maybe();
            let kind = match kind.as_str() {
                "c" => Kind::Check,
                "n" => Kind::NotNull,
                "p" => Kind::PrimaryKey,
                "u" => Kind::Unique,
                "f" => Kind::Foreign,
                _ => Kind::Exclude,
            };
            if matches!(kind, Kind::PrimaryKey | Kind::Unique | Kind::Exclude) {
                self.served.insert(index, name.clone());
            }
            let proves_not_null = match kind {
                Kind::Check => proves_not_null(text.as_deref().unwrap_or_default(), Dialect::Postgres),
                Kind::NotNull => columns.clone(),
                _ => Vec::new(),
            };
            let Some(relation) = self.relation(oid) else { continue };
            // From 18 on a column counts as not null even if nobody has looked at its rows.
            if kind == Kind::NotNull && !validated {
                columns.iter().for_each(|name| {
                    relation.column_mut(name).into_iter().for_each(|column| column.not_null = false);
                });
            }
            relation.constraints.push(Constraint {
                name,
                kind,
                columns,
                validated,
                to,
                cascades,
                proves_not_null,
                text,
            });
        }
    }

    pub(super) fn indexes(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (oid, own, name) = (id(&mut row), id(&mut row), row.text());
            let (unique, partial, valid) = (truth(&mut row), truth(&mut row), truth(&mut row));
            let (numbers, expressions, filter) = (row.list(), row.list(), row.maybe());
            let (pages, read) = (count(&mut row), count(&mut row));
            if let Some(counted) = self.counted.get_mut(&oid) {
                counted.other_pages += pages;
                counted.read += read;
            }
            let key = |(at, number): (usize, &String)| match number.as_str() {
                "0" => Some(in_own_parentheses(expressions.get(at).map_or("", String::as_str))),
                _ => self.named(oid, std::slice::from_ref(number)).pop(),
            };
            let columns = numbers.iter().enumerate().filter_map(key).collect();
            let constraint = self.served.get(&own).cloned();
            if let Some(relation) = self.relation(oid) {
                relation.indexes.push(Index { name, columns, unique, partial, filter, valid, constraint });
            }
        }
    }

    pub(super) fn dependencies(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (what, oid, other, column) = (row.text(), id(&mut row), row.number(), row.number());
            if what == "g" {
                let from = self.columns.get(&(oid, column)).cloned();
                let own = self.columns.get(&(oid, other)).cloned().unwrap_or_default();
                let own = self.relation(oid).and_then(|relation| relation.column_mut(&own));
                own.into_iter().for_each(|own| own.generated_from.extend(from.clone()));
                continue;
            }
            let other = Oid::try_from(other).unwrap_or_default();
            let Some(read) = self.names.get(&other).cloned() else { continue };
            let column = self.columns.get(&(other, column)).map(|column| format!("{}.{column}", read.name));
            let Some(view) = self.relation(oid) else { continue };
            view.reads_columns.extend(column);
            if !view.reads.contains(&read) {
                view.reads.push(read);
            }
        }
        for relation in self.schema.relations.values_mut() {
            relation.reads.sort();
            relation.reads_columns.sort();
        }
    }

    pub(super) fn attendants(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (what, oid, name) = (row.text(), id(&mut row), row.text());
            let Some(relation) = self.relation(oid) else { continue };
            match what.as_str() {
                "t" => relation.triggers.push(name),
                "p" => relation.policies.push(name),
                letter => {
                    if letter == "w" {
                        relation.writers.push(name.clone());
                    }
                    relation.granted.push(name);
                }
            }
        }
    }

    pub(super) fn domains(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let name = Name::within(row.text(), row.text());
            let domain = Domain { base: Some(ty(&mut row)), constrained: truth(&mut row) };
            self.schema.domains.insert(name, domain);
        }
    }

    pub(super) fn types(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let (what, name, part) = (row.text(), Name::within(row.text(), row.text()), row.maybe());
            let own = self.schema.types.entry(name).or_default();
            match what.as_str() {
                "e" => own.values.get_or_insert_default().extend(part),
                "c" => own.attributes.extend(part),
                _ => {}
            }
        }
    }

    pub(super) fn routines(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let name = Name::within(row.text(), row.text());
            let (volatile, language, body) = (row.text() == "v", row.maybe(), row.maybe());
            let replaceable = truth(&mut row) && language.as_deref() == Some("sql");
            let literal = |body: &str| is_literal_query(body, Dialect::Postgres);
            let constant = replaceable && body.as_deref().is_some_and(literal);
            let (of_trigger, definer, takes) = (truth(&mut row), truth(&mut row), row.text());
            let parameters = takes.split(", ").filter(|ty| !ty.is_empty()).map(str::to_owned).collect();
            let parameters = Some(parameters);
            let made = Routine { volatile, constant, language, body, of_trigger, definer, parameters };
            // Of those that share a name the worst is kept, and no body, since a call may mean any.
            self.schema.routines.entry(name).and_modify(|own| merge(own, &made)).or_insert(made);
        }
    }

    pub(super) fn names(&mut self, rows: Vec<Row>) {
        for mut row in rows.into_iter().map(Columns::of) {
            let list = match row.text().as_str() {
                "s" => &mut self.schema.schemas,
                _ => &mut self.schema.roles,
            };
            list.push(row.text());
        }
    }

    /// Adds sizes and traffic, and hands out what was gathered.
    pub(super) fn finish(mut self, sizes: Vec<Row>, server: &Server) -> Schema {
        let mut sized: HashMap<Oid, (u64, u64)> = HashMap::new();
        for mut row in sizes.into_iter().map(Columns::of) {
            sized.insert(id(&mut row), (count(&mut row), count(&mut row)));
        }
        for (oid, counted) in std::mem::take(&mut self.counted) {
            let size = sized.get(&oid).copied();
            let Some(relation) = self.relation(oid).filter(|own| own.stores_rows() && !own.partitioned)
            else {
                continue;
            };
            let pages = size.map(|(rows, _)| rows.div_ceil(server.page.max(1)));
            relation.rows = estimate(&counted, pages);
            let by_pages = (counted.pages_then + counted.other_pages).saturating_mul(server.page);
            relation.bytes = size.map(|(_, all)| all).or(Some(by_pages).filter(|bytes| *bytes > 0));
            relation.reads_per_second = server.seconds.map(|seconds| rate(counted.read, seconds));
            relation.writes_per_second = server.seconds.map(|seconds| rate(counted.written, seconds));
        }
        for relation in self.schema.relations.values_mut() {
            relation.triggers.sort();
            relation.policies.sort();
            relation.granted.sort();
            relation.granted.dedup();
            relation.writers.sort();
        }
        add_up(&mut self.schema);
        self.schema
    }
}

/// An index expression in parentheses; the server leaves them out around a call.
fn in_own_parentheses(text: &str) -> String {
    if text.starts_with('(') { text.to_owned() } else { format!("({text})") }
}

fn merge(own: &mut Routine, other: &Routine) {
    own.volatile |= other.volatile;
    own.constant &= other.constant;
    own.body = None;
    own.of_trigger &= other.of_trigger;
    own.definer &= other.definer;
    own.parameters = None;
    if own.language != other.language {
        own.language = None;
    }
}

/// How many rows there are: what was counted, grown with the pages, or what statistics have seen come and
/// go since. A table that was never counted and has more pages than rows were seen to come is a stranger.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn estimate(counted: &Counted, pages: Option<u64>) -> Option<u64> {
    let now = pages.unwrap_or(counted.pages_then);
    if pages == Some(0) {
        return Some(0);
    }
    if counted.rows_then < 0.0 || counted.pages_then == 0 {
        return Some(counted.live).filter(|live| *live > 0 && *live >= now);
    }
    let grown = counted.rows_then / counted.pages_then as f64 * now as f64;
    Some(counted.live.max(grown.round() as u64))
}

/// A rate to three digits behind the point.
#[allow(clippy::cast_precision_loss)]
fn rate(count: u64, seconds: f64) -> f64 {
    short(count as f64 / seconds)
}

fn short(rate: f64) -> f64 {
    (rate * 1000.0).round() / 1000.0
}

/// A divided table has what its partitions have, as far as all of them are known.
fn add_up(schema: &mut Schema) {
    type Sums = (Option<u64>, Option<u64>, Option<f64>, Option<f64>);
    let mut sums: HashMap<Name, Sums> = HashMap::new();
    let both = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
    let rates = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
    let known = |relations: &BTreeMap<Name, Relation>, name: &Name| {
        relations.get(name).and_then(|own| own.partition_of.clone())
    };
    for (name, own) in &schema.relations {
        if own.partitioned {
            sums.entry(name.clone()).or_insert((Some(0), Some(0), Some(0.0), Some(0.0)));
        } else if own.stores_rows() {
            let mut above = own.partition_of.clone();
            while let Some(parent) = above {
                above = known(&schema.relations, &parent);
                let sum = sums.entry(parent).or_insert((Some(0), Some(0), Some(0.0), Some(0.0)));
                sum.0 = both(sum.0, own.rows);
                sum.1 = both(sum.1, own.bytes);
                sum.2 = rates(sum.2, own.reads_per_second);
                sum.3 = rates(sum.3, own.writes_per_second);
            }
        }
    }
    for (name, (rows, bytes, reads, writes)) in sums {
        if let Some(own) = schema.relations.get_mut(&name) {
            (own.rows, own.bytes) = (rows, bytes);
            (own.reads_per_second, own.writes_per_second) = (reads.map(short), writes.map(short));
        }
    }
}
