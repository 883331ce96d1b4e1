//! The names that scripts say, to know which part of a catalogue matters to them.

use crate::schema::Schema;
use crate::sql::Dialect;
use crate::sql::lex::{TokenKind, tokens};
use crate::sql::statement::{Name, Object, Said, Statement};
use std::collections::{BTreeMap, HashSet};

/// All names in some texts, as written and in lower case; those inside of texts in quotes, too.
pub(super) fn all<'a>(texts: impl Iterator<Item = &'a str>, dialect: Dialect) -> HashSet<String> {
    let mut found = HashSet::new();
    for text in texts {
        collect(text, dialect, &mut found, 0);
    }
    found
}

/// How deep bodies in quotes are looked into.
const DEEPEST: usize = 3;

fn collect(text: &str, dialect: Dialect, found: &mut HashSet<String>, depth: usize) {
    for token in tokens(text, dialect) {
        match token.kind {
            TokenKind::Word => {
                found.insert(token.text.to_lowercase());
                found.insert(token.text.to_owned());
            }
            TokenKind::Quoted => {
                let name = token.text.trim_matches(['"', '`', '[', ']']);
                found.insert(name.to_lowercase());
                found.insert(name.to_owned());
            }
            // Names stand in texts, too: `to_regclass('public.users')`, the body of a block.
            TokenKind::Text if depth < DEEPEST => {
                let inner = token.text.trim_matches(|c: char| c == '\'' || c == '"');
                let inner = match inner.strip_prefix('$').and_then(|rest| rest.split_once('$')) {
                    Some((_, body)) => body,
                    None => inner,
                };
                collect(inner, dialect, found, depth + 1);
            }
            _ => {}
        }
    }
}

/// Whether a text says a name, wherever.
pub(super) fn says(words: &HashSet<String>, name: &str) -> bool {
    words.contains(name) || name.chars().any(char::is_uppercase) && words.contains(&name.to_lowercase())
}

/// The part of a catalogue of which some names speak.
pub(super) fn part(schema: &Schema, words: &HashSet<String>) -> Schema {
    let named = |name: &str| says(words, name);
    let mut part = Schema {
        version: schema.version,
        mariadb: schema.mariadb,
        complete: schema.complete,
        path: schema.path.clone(),
        schemas: schema.schemas.clone(),
        ..Schema::default()
    };
    for (key, relation) in &schema.relations {
        if named(&key.name) || relation.indexes.iter().any(|index| named(&index.name)) {
            part.relations.insert(key.clone(), relation.clone());
        }
    }
    part.domains = chosen(&schema.domains, &named);
    part.types = chosen(&schema.types, &named);
    part.routines = chosen(&schema.routines, &named);
    part
}

fn chosen<T: Clone>(map: &BTreeMap<Name, T>, named: &dyn Fn(&str) -> bool) -> BTreeMap<Name, T> {
    map.iter().filter(|(key, _)| named(&key.name)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether a relation belongs to the database itself.
pub(super) fn is_catalogue(name: &Name) -> bool {
    let schema = name.schema.as_deref().unwrap_or_default();
    ["pg_catalog", "information_schema", "performance_schema", "mysql", "sys"].contains(&schema)
        || name.name.starts_with("pg_")
        || name.name.starts_with("sqlite_")
}

/// Whether nobody can tell what a statement does to the schema. `known` says that the body of the function
/// that it calls is looked into.
pub(super) fn is_dark(statement: &Statement, dialect: Dialect, known: bool) -> bool {
    match &statement.said {
        Said::Opaque { .. } | Said::Dynamic => true,
        Said::Call { .. } => !known,
        Said::Do { .. } => statement.body.is_empty(),
        // Elsewhere a function that a query calls cannot change the schema.
        Said::Read(reads) | Said::Write(_, reads) if dialect == Dialect::Postgres && !known => {
            reads.calls.iter().any(|call| !only_computes(call))
        }
        _ => false,
    }
}

/// Beginnings of the names of PostgreSQL's own functions.
const FAMILIES: &[&str] = &[
    "array_",
    "bit_",
    "bool_",
    "char",
    "current_",
    "date_",
    "gen_random_",
    "generate_",
    "has_",
    "json",
    "make_",
    "obj_",
    "pg_",
    "quote_",
    "regexp_",
    "row_",
    "st_",
    "string_",
    "to_",
    "ts_",
    "txid_",
    "uuid_",
];
/// More of them.
const COMPUTING: &[&str] = &[
    "abs",
    "age",
    "avg",
    "ceil",
    "clock_timestamp",
    "coalesce",
    "col_description",
    "concat",
    "concat_ws",
    "convert_from",
    "convert_to",
    "count",
    "crypt",
    "currval",
    "decode",
    "digest",
    "encode",
    "every",
    "exists",
    "extract",
    "float8",
    "floor",
    "format",
    "format_type",
    "gen_salt",
    "greatest",
    "hashtext",
    "hstore",
    "int4",
    "int8",
    "isnull",
    "lastval",
    "least",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "max",
    "md5",
    "min",
    "mod",
    "nextval",
    "now",
    "nullif",
    "num_nulls",
    "numeric",
    "octet_length",
    "overlay",
    "position",
    "power",
    "random",
    "rank",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "set_config",
    "setval",
    "sha256",
    "sign",
    "split_part",
    "sqrt",
    "statement_timestamp",
    "substr",
    "substring",
    "sum",
    "text",
    "timestamptz",
    "transaction_timestamp",
    "translate",
    "trim",
    "trunc",
    "unnest",
    "upper",
    "varchar",
    "version",
];

fn only_computes(call: &Name) -> bool {
    match call.schema.as_deref() {
        Some("pg_catalog" | "information_schema") => true,
        None => {
            FAMILIES.iter().any(|start| call.name.starts_with(start))
                || COMPUTING.contains(&call.name.as_str())
        }
        Some(_) => false,
    }
}

/// Something that a deploy script makes and that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) object: Object,
    /// Its name; of a column, the table and the name.
    pub(super) name: String,
    pub(super) of: Option<String>,
}

impl Made {
    /// As a sentence says it.
    pub(super) fn shown(&self) -> String {
        match &self.of {
            Some(table) => format!("the {} {table}.{}", self.object.word(), self.name),
            None => format!("the {} {}", self.object.word(), self.name),
        }
    }
}

/// What is there after a deploy script and was not before, apart from indexes and constraints.
pub(super) fn made(before: &Schema, after: &Schema, born: &[Name], said: &[&Said]) -> Vec<Made> {
    let mut found = Vec::new();
    let mut add = |object, name: &str, of: Option<&str>| {
        let made = Made { object, name: name.to_owned(), of: of.map(str::to_owned) };
        if !found.contains(&made) {
            found.push(made);
        }
    };
    for (key, relation) in &after.relations {
        if key.schema.as_deref() == Some("pg_temp") {
            continue;
        }
        match before.relations.get(key) {
            None if born.contains(key) => add(relation.object, &key.name, None),
            None => {}
            Some(old) => {
                let new = relation.columns.iter().filter(|column| old.column(&column.name).is_none());
                // What nobody knew before may have been there.
                for column in new.filter(|_| old.columns_known) {
                    add(Object::Column, &column.name, Some(&key.name));
                }
            }
        }
    }
    for said in said {
        match said {
            Said::CreateFunction(function)
                if function.name.schema.as_deref() != Some("pg_temp")
                    && !before.routines.contains_key(&before.key(&function.name)) =>
            {
                let object = if function.procedure { Object::Procedure } else { Object::Function };
                add(object, &function.name.name, None);
            }
            Said::CreateType { name, .. } => add(Object::Type, &name.name, None),
            Said::CreateDomain { name, .. } => add(Object::Domain, &name.name, None),
            Said::CreateSchema { name, .. } => add(Object::Schema, name, None),
            _ => {}
        }
    }
    found
}
