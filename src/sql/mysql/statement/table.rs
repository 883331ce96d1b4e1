//! `CREATE TABLE`, `CREATE INDEX`, and the keys and constraints of a table.
//!
//! Knows: tokens. Must never know: what a table is altered for.

use super::column::{charset, column, constraint, enforced, key_columns, references, value};
use super::expression::{expression, reads};
use super::reader::{Reader, name_of};
use crate::sql::statement::{
    Clauses, Constraint, ConstraintKind, CreateTable, Expr, Key, Name, Partitioning, Said,
};

/// A key or a constraint of a table.
pub(super) enum Element {
    /// An index, which MySQL knows no constraint for.
    Index {
        /// Its name.
        name: Option<String>,
        /// Its columns and expressions.
        keys: Vec<Key>,
        /// `UNIQUE`
        unique: bool,
        /// `FULLTEXT`, `SPATIAL`, `VECTOR`
        special: Option<&'static str>,
    },
    /// A constraint.
    Constraint(Constraint),
}

/// The key or constraint that comes next; `None` if it is a column.
pub(super) fn element(reader: &mut Reader<'_>) -> Option<Element> {
    let start = reader.here();
    let before = *reader;
    let mut name = None;
    if reader.eat(&["CONSTRAINT"]) {
        name = if reader.is_any(&["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]) { None } else { reader.name() };
    }
    if reader.eat(&["PRIMARY", "KEY"]) {
        let columns = key_columns(&keys_after(reader)?);
        index_options(reader);
        let kind = ConstraintKind::PrimaryKey { columns, using_index: None };
        return Some(Element::Constraint(constraint(name, kind, reader.span(start))));
    }
    if reader.eat(&["FOREIGN", "KEY"]) {
        reader.eat(&["IF", "NOT", "EXISTS"]);
        let index = if reader.is("(") { None } else { reader.name() };
        let columns = key_columns(&reader.group()?);
        let kind = ConstraintKind::Foreign(references(reader, columns)?);
        return Some(Element::Constraint(constraint(name.or(index), kind, reader.span(start))));
    }
    if reader.eat(&["CHECK"]) {
        let kind = ConstraintKind::Check(expression(&reader.group()?));
        let not_enforced = enforced(reader) == Some(false);
        let made = constraint(name, kind, reader.span(start));
        return Some(Element::Constraint(Constraint { not_enforced, ..made }));
    }
    match index(reader, name) {
        Some(index) => Some(index),
        None => {
            *reader = before;
            None
        }
    }
}

/// `[UNIQUE | FULLTEXT | SPATIAL] [INDEX | KEY] [name] (…)`
fn index(reader: &mut Reader<'_>, given: Option<String>) -> Option<Element> {
    let unique = reader.is("UNIQUE");
    let special = ["FULLTEXT", "SPATIAL", "VECTOR"].into_iter().find(|word| reader.is(word));
    let marked = unique || special.is_some();
    // A column may have this name.
    if reader.is("VECTOR") && !reader.is_at(1, "INDEX") && !reader.is_at(1, "KEY") {
        return None;
    }
    if marked {
        reader.skip(1);
    }
    if reader.eat_any(&["INDEX", "KEY"]).is_none() && !marked {
        return None;
    }
    reader.eat(&["IF", "NOT", "EXISTS"]);
    let named = if reader.is_any(&["(", "USING"]) { None } else { reader.name() };
    let keys = keys(&keys_after(reader)?);
    index_options(reader);
    Some(Element::Index { name: named.or(given), keys, unique, special })
}

/// The list of columns, after the kind of index.
fn keys_after<'a>(reader: &mut Reader<'a>) -> Option<Reader<'a>> {
    // MariaDB takes a name for a primary key, which it forgets.
    if !reader.is_any(&["(", "USING", "TYPE"]) {
        reader.name();
    }
    if reader.eat_any(&["USING", "TYPE"]).is_some() {
        reader.next();
    }
    reader.group()
}

/// The columns and expressions of an index.
fn keys(group: &Reader<'_>) -> Vec<Key> {
    let one = |mut part: Reader<'_>| match part.group() {
        Some(inner) => Some(Key::Expression(inner.rest_text().to_owned())),
        None => part.name().map(Key::Column),
    };
    group.parts().into_iter().filter_map(one).collect()
}

/// What may be said about an index behind its columns.
pub(super) fn index_options(reader: &mut Reader<'_>) {
    loop {
        if reader.eat_any(&["USING", "COMMENT", "KEY_BLOCK_SIZE", "ENGINE_ATTRIBUTE"]).is_some() {
            reader.eat(&["="]);
            reader.next();
        } else if reader.eat(&["WITH", "PARSER"]) {
            reader.next();
        } else if reader.eat_any(&["VISIBLE", "INVISIBLE", "IGNORED", "CLUSTERING"]).is_none()
            && !reader.eat(&["NOT", "IGNORED"])
        {
            return;
        }
    }
}

/// `ALGORITHM` or `LOCK`, if it comes next.
pub(super) fn clause(reader: &mut Reader<'_>, clauses: &mut Clauses) -> bool {
    let follows = |count: usize| reader.ahead(count).is_some_and(|token| name_of(token).is_some());
    let equal = usize::from(reader.is_at(1, "="));
    if !reader.is_any(&["ALGORITHM", "LOCK"]) || !follows(1 + equal) {
        return false;
    }
    let algorithm = reader.is("ALGORITHM");
    reader.skip(1 + equal);
    let word = reader.next().map(|token| token.text.to_ascii_uppercase());
    // DEFAULT is what happens without the clause.
    let word = word.filter(|word| word != "DEFAULT");
    if algorithm {
        clauses.algorithm = word;
    } else {
        clauses.lock = word;
    }
    true
}

/// `CREATE … INDEX`, behind the words that say what sort it is of.
pub(super) fn create_index(
    reader: &mut Reader<'_>,
    unique: bool,
    special: Option<&'static str>,
) -> Option<Said> {
    let if_not_exists = reader.eat(&["IF", "NOT", "EXISTS"]);
    let name = reader.name()?;
    let method = if reader.eat(&["USING"]) { value(reader) } else { None };
    if !reader.eat(&["ON"]) {
        return None;
    }
    let table = reader.qualified()?;
    let keys = keys(&reader.group()?);
    let mut clauses = Clauses::default();
    loop {
        if !clause(reader, &mut clauses) {
            let before = reader.here();
            index_options(reader);
            if !reader.eat(&[","]) && reader.here() == before {
                break;
            }
        }
    }
    Some(Said::CreateIndex {
        name: Some(Name { schema: table.schema.clone(), name }),
        table,
        keys,
        unique,
        concurrently: false,
        if_not_exists,
        only: false,
        method,
        filter: None::<Expr>,
        special,
        clauses,
    })
}

/// `CREATE TABLE`, behind these words.
pub(super) fn create_table(reader: &mut Reader<'_>, temporary: bool) -> Option<CreateTable> {
    let if_not_exists = reader.eat(&["IF", "NOT", "EXISTS"]);
    let name = reader.qualified()?;
    let mut create = CreateTable {
        name,
        temporary,
        unlogged: false,
        if_not_exists,
        columns: Vec::new(),
        constraints: Vec::new(),
        partitioning: Partitioning::default(),
        inherits: Vec::new(),
        like: Vec::new(),
        filled_from: None,
        options: Vec::new(),
    };
    let mut ahead = *reader;
    let inside = ahead.group();
    let is_query = |inside: &Reader<'_>| inside.is_any(&["SELECT", "WITH", "VALUES", "TABLE", "("]);
    if reader.eat(&["LIKE"]) {
        create.like.extend(reader.qualified());
    } else if let Some(mut inside) = inside.filter(|inside| !is_query(inside)) {
        *reader = ahead;
        if inside.eat(&["LIKE"]) {
            create.like.extend(inside.qualified());
        } else {
            inside.parts().into_iter().for_each(|part| one(part, &mut create));
        }
    }
    while let Some((name, value)) = option(reader) {
        create.options.push((name, value));
        reader.eat(&[","]);
    }
    // A collation says which character set it is of.
    let named = |name: &str| create.options.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    if let (None, Some(collate)) = (named("charset"), named("collate")) {
        let charset = collate.split('_').next().unwrap_or_default().to_owned();
        create.options.push(("charset".to_owned(), charset));
    }
    if reader.eat(&["PARTITION", "BY"]) {
        create.partitioning.by = true;
        reader.until(|reader| reader.is_any(&["AS", "SELECT", "IGNORE", "REPLACE"]));
    }
    reader.eat_any(&["IGNORE", "REPLACE"]);
    reader.eat(&["AS"]);
    if reader.is_any(&["SELECT", "WITH", "VALUES", "TABLE", "("]) {
        create.filled_from = Some(reads(reader));
    }
    Some(create)
}

/// A column, key or constraint of a new table.
fn one(mut part: Reader<'_>, create: &mut CreateTable) {
    if part.are(&["PERIOD", "FOR"]) {
        return;
    }
    let start = part.here();
    match element(&mut part) {
        Some(Element::Constraint(made)) => create.constraints.push(made),
        // Only what forbids doubles matters in a table that is new.
        Some(Element::Index { name, keys, unique: true, .. }) => {
            let columns = keys.into_iter().map(|key| match key {
                Key::Column(name) => name,
                Key::Expression(text) => format!("({text})"),
            });
            let kind = ConstraintKind::Unique { columns: columns.collect(), using_index: None };
            create.constraints.push(constraint(name, kind, part.span(start)));
        }
        Some(Element::Index { .. }) => {}
        None => create.columns.extend(column(&mut part)),
    }
}

/// Options of a table that stand for themselves, each with its value.
const OPTIONS: [&str; 32] = [
    "AUTO_INCREMENT",
    "AUTOEXTEND_SIZE",
    "AVG_ROW_LENGTH",
    "CHECKSUM",
    "COLLATE",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTED",
    "ENCRYPTION",
    "ENCRYPTION_KEY_ID",
    "ENGINE_ATTRIBUTE",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",
    "PAGE_COMPRESSION_LEVEL",
    "PASSWORD",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SEQUENCE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TABLE_CHECKSUM",
    "TABLESPACE",
    "TRANSACTIONAL",
];

/// An option of a table, as name and value, both in lower case.
pub(super) fn option(reader: &mut Reader<'_>) -> Option<(String, String)> {
    let mut ahead = *reader;
    let by_default = ahead.eat(&["DEFAULT"]);
    let name = if let Some(charset) = charset(&mut ahead) {
        *reader = ahead;
        return Some(("charset".to_owned(), charset));
    } else if by_default && !ahead.is("COLLATE") {
        return None;
    } else if ahead.eat(&["DATA", "DIRECTORY"]) {
        "data directory".to_owned()
    } else if ahead.eat(&["INDEX", "DIRECTORY"]) {
        "index directory".to_owned()
    } else if ahead.eat(&["WITH", "SYSTEM", "VERSIONING"]) {
        *reader = ahead;
        return Some(("system versioning".to_owned(), "yes".to_owned()));
    } else if ahead.eat_any(&["ENGINE", "TYPE"]).is_some() {
        "engine".to_owned()
    } else if ahead.eat(&["UNION"]) {
        ahead.eat(&["="]);
        let tables = ahead.group()?.rest_text().to_lowercase();
        *reader = ahead;
        return Some(("union".to_owned(), tables));
    } else {
        let known = OPTIONS.iter().any(|option| ahead.is(option));
        // MariaDB's engines know more; such an option always has its sign.
        let word = ahead.next().filter(|_| known || ahead.is("=")).and_then(name_of)?;
        word.to_lowercase()
    };
    ahead.eat(&["="]);
    let value = value(&mut ahead)?;
    *reader = ahead;
    Some((name, value))
}
