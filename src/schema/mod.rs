//! A database's catalogue as values: what is known of it, from a script or from a look.
//!
//! Knows: names, types and sizes. Must never know: how they were learnt, or what is done with them.

pub mod file;
pub mod text;

use crate::sql::statement::{Name, Object, Type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of a database.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// The server's version: major and minor.
    pub version: Option<(u32, u32)>,
    /// MySQL's kin: whether it is MariaDB.
    pub mariadb: bool,
    /// The time zone of new sessions.
    pub time_zone: Option<String>,
    /// Whether what is not here does not exist; otherwise nobody knows.
    pub complete: bool,
    /// The schemas in which names without one are looked up, the first of them where they are made.
    pub path: Vec<String>,
    /// Tables, views and whatever else has columns.
    #[serde(with = "by_name")]
    pub relations: BTreeMap<Name, Relation>,
    /// Domains.
    #[serde(with = "by_name")]
    pub domains: BTreeMap<Name, Domain>,
    /// Enums and composite types.
    #[serde(with = "by_name")]
    pub types: BTreeMap<Name, CustomType>,
    /// Functions and procedures; those of one name are one.
    #[serde(with = "by_name")]
    pub routines: BTreeMap<Name, Routine>,
    /// The roles that are not superusers and may log in.
    pub roles: Vec<String>,
    /// The enum values that are there, by type, are in [`Self::types`]; these are the schemas.
    pub schemas: Vec<String>,
}

/// A table, or something like one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Relation {
    /// What it is.
    pub object: Object,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Whether [`Self::columns`] are all there are.
    pub columns_known: bool,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// Whether it is divided into partitions.
    pub partitioned: bool,
    /// The table whose partition it is.
    pub partition_of: Option<Name>,
    /// Whether it is the partition for what fits in no other.
    pub default_partition: bool,
    /// The tables it inherits from.
    pub inherits: Vec<Name>,
    /// What a view reads.
    pub reads: Vec<Name>,
    /// The columns a view reads, as `table.column`.
    pub reads_columns: Vec<String>,
    /// The names of its triggers.
    pub triggers: Vec<String>,
    /// The names of its policies.
    pub policies: Vec<String>,
    /// Whether row-level security is on.
    pub row_security: bool,
    /// The roles that were granted something on it.
    pub granted: Vec<String>,
    /// Those of them that may write to it.
    pub writers: Vec<String>,
    /// Its rows, by the server's statistics.
    pub rows: Option<u64>,
    /// Its size in bytes, with indexes.
    pub bytes: Option<u64>,
    /// How many rows were read and written in a second, by the server's statistics.
    pub reads_per_second: Option<f64>,
    /// How many rows were written in a second.
    pub writes_per_second: Option<f64>,
    /// Whether it is `UNLOGGED`.
    pub unlogged: bool,
    /// The tablespace, if it is not the usual one.
    pub tablespace: Option<String>,
    /// The access method or, on MySQL, the storage engine.
    pub storage: Option<String>,
    /// On MySQL: the character set of text that names none.
    pub charset: Option<String>,
    /// On MySQL: how many instant additions and removals of columns it has seen.
    pub row_versions: Option<u32>,
    /// On MySQL: the next value of its counter.
    pub auto_increment: Option<u64>,
    /// On SQLite: the statement that makes it.
    pub sql: Option<String>,
    /// On SQLite: the statements that make its indexes and triggers, by name.
    pub texts: BTreeMap<String, String>,
}

impl Default for Relation {
    fn default() -> Relation {
        Relation::new(Object::Table)
    }
}

impl Relation {
    /// A relation of which nothing more is known.
    #[must_use]
    pub fn new(object: Object) -> Relation {
        Relation {
            object,
            columns: Vec::new(),
            columns_known: false,
            constraints: Vec::new(),
            indexes: Vec::new(),
            partitioned: false,
            partition_of: None,
            default_partition: false,
            inherits: Vec::new(),
            reads: Vec::new(),
            reads_columns: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            row_security: false,
            granted: Vec::new(),
            writers: Vec::new(),
            rows: None,
            bytes: None,
            reads_per_second: None,
            writes_per_second: None,
            unlogged: false,
            tablespace: None,
            storage: None,
            charset: None,
            row_versions: None,
            auto_increment: None,
            sql: None,
            texts: BTreeMap::new(),
        }
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// A column by name, to be changed.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// A constraint by name.
    #[must_use]
    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.name == name)
    }

    /// An index by name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Whether it holds rows of its own, so that work on it can take long.
    #[must_use]
    pub fn stores_rows(&self) -> bool {
        matches!(self.object, Object::Table | Object::MaterializedView)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Option<Type>,
    /// Whether it may not be null.
    pub not_null: bool,
    /// Its default, as written.
    pub default: Option<String>,
    /// Whether it is generated, and if so whether it is stored.
    pub generated: Option<bool>,
    /// The columns it is generated from.
    pub generated_from: Vec<String>,
    /// Whether it is an identity (or counts up by itself on MySQL).
    pub identity: bool,
    /// Its collation, if it is not the usual one.
    pub collate: Option<String>,
}

/// A constraint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub kind: Kind,
    /// The columns it is about.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Whether the rows that were there are known to meet it.
    #[serde(default = "yes")]
    pub validated: bool,
    /// The table a foreign key points to.
    #[serde(default)]
    pub to: Option<Name>,
    /// Whether the deletion of what it points to deletes rows here.
    #[serde(default)]
    pub cascades: bool,
    /// The columns of which a check proves that they are not null.
    #[serde(default)]
    pub proves_not_null: Vec<String>,
    /// The expression of a check.
    #[serde(default)]
    pub text: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Check,
    NotNull,
    Unique,
    PrimaryKey,
    Foreign,
    Exclude,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns; an expression is written out.
    pub columns: Vec<String>,
    /// Whether it forbids doubles.
    pub unique: bool,
    /// Whether it holds only some of the rows.
    pub partial: bool,
    /// The condition that these meet, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether it can be used; a build that failed leaves one that cannot.
    pub valid: bool,
    /// The constraint it serves.
    pub constraint: Option<String>,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Domain {
    /// What it is made of.
    pub base: Option<Type>,
    /// Whether it has constraints, `NOT NULL` among them.
    pub constrained: bool,
}

/// An enum or a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomType {
    /// The values of an enum.
    pub values: Option<Vec<String>>,
    /// The attributes of a composite type.
    pub attributes: Vec<String>,
}

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Routine {
    /// Whether its result may differ from call to call.
    pub volatile: bool,
    /// Whether the server puts a constant in the place of a call.
    pub constant: bool,
    /// In lower case.
    pub language: Option<String>,
    /// Its body.
    pub body: Option<String>,
    /// Whether it is for triggers, so that nobody else can call it.
    pub of_trigger: bool,
    /// Whether it has the rights of its owner, whoever calls it.
    pub definer: bool,
    /// The types that it takes; none if nobody knows, or several share the name.
    pub parameters: Option<Vec<String>>,
}

impl Schema {
    /// The schema in which a name without one is made.
    #[must_use]
    pub fn home(&self) -> &str {
        self.path.first().map_or("public", String::as_str)
    }

    /// The key under which something new of this name is kept.
    #[must_use]
    pub fn key(&self, name: &Name) -> Name {
        match &name.schema {
            Some(_) => name.clone(),
            None => Name::within(self.home(), &name.name),
        }
    }

    /// The key under which something of this name is kept in `map`.
    #[must_use]
    pub fn resolve<T>(&self, map: &BTreeMap<Name, T>, name: &Name) -> Option<Name> {
        if let Some(schema) = &name.schema {
            // On MySQL the database that was looked at has no name in its own catalogue.
            let own = self.schemas.first() == Some(schema) && self.home().is_empty();
            let name = if own { Name::within("", &name.name) } else { name.clone() };
            return map.contains_key(&name).then_some(name);
        }
        let usual = ["public".to_owned()];
        let path = if self.path.is_empty() { &usual[..] } else { &self.path[..] };
        path.iter().map(|schema| Name::within(schema, &name.name)).find(|key| map.contains_key(key))
    }

    /// A type with its schema, if it is one that is known and not where names are looked up anyway.
    #[must_use]
    pub fn found_type(&self, ty: Type) -> Type {
        let name = Name { schema: ty.schema.clone(), name: ty.name.clone() };
        let key = self.resolve(&self.domains, &name).or_else(|| self.resolve(&self.types, &name));
        match key.and_then(|key| key.schema).filter(|schema| schema != "public") {
            Some(schema) => Type { schema: Some(schema), ..ty },
            None => ty,
        }
    }

    /// The key of a relation that is known.
    #[must_use]
    pub fn relation_key(&self, name: &Name) -> Option<Name> {
        self.resolve(&self.relations, name)
    }

    /// A relation by the name a statement gives it.
    #[must_use]
    pub fn relation(&self, name: &Name) -> Option<&Relation> {
        self.relation_key(name).and_then(|key| self.relations.get(&key))
    }

    /// A relation by the name a statement gives it, to be changed.
    pub fn relation_mut(&mut self, name: &Name) -> Option<&mut Relation> {
        let key = self.relation_key(name)?;
        self.relations.get_mut(&key)
    }

    /// The table that has an index of this name, with its key.
    #[must_use]
    pub fn table_of_index(&self, index: &Name) -> Option<(&Name, &Relation)> {
        let fits = |key: &Name| match &index.schema {
            Some(schema) => key.schema.as_ref() == Some(schema),
            None => true,
        };
        self.relations
            .iter()
            .find(|(key, relation)| fits(key) && relation.indexes.iter().any(|own| own.name == index.name))
    }

    /// The partitions and other children of a table, with all that hang from them.
    #[must_use]
    pub fn children(&self, table: &Name) -> Vec<Name> {
        let Some(key) = self.relation_key(table) else { return Vec::new() };
        let mut found: Vec<Name> = Vec::new();
        let mut waiting = vec![key];
        while let Some(parent) = waiting.pop() {
            for (name, relation) in &self.relations {
                let below =
                    relation.partition_of.as_ref() == Some(&parent) || relation.inherits.contains(&parent);
                if below && !found.contains(name) {
                    found.push(name.clone());
                    waiting.push(name.clone());
                }
            }
        }
        found
    }

    /// The tables whose foreign keys point to this one, with the constraint.
    pub fn referencing<'a>(&'a self, table: &Name) -> impl Iterator<Item = (&'a Name, &'a Constraint)> {
        let key = self.relation_key(table);
        self.relations.iter().flat_map(move |(name, relation)| {
            let key = key.clone();
            relation
                .constraints
                .iter()
                .filter(move |constraint| constraint.to.is_some() && constraint.to == key)
                .map(move |constraint| (name, constraint))
        })
    }
}

/// Maps by name are written as lists, since JSON's keys are texts.
mod by_name {
    use super::Name;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize)]
    struct Entry<T> {
        schema: Option<String>,
        name: String,
        #[serde(flatten)]
        value: T,
    }

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        map: &BTreeMap<Name, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter().map(|(name, value)| Entry {
            schema: name.schema.clone(),
            name: name.name.clone(),
            value,
        }))
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Name, T>, D::Error> {
        let entries: Vec<Entry<T>> = Vec::deserialize(deserializer)?;
        Ok(entries
            .into_iter()
            .map(|entry| (Name { schema: entry.schema, name: entry.name }, entry.value))
            .collect())
    }
}
