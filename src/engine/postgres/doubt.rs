//! What the catalogue can tell about a statement that was running when its run ended: whether it
//! took effect, did not, or left something that has to go before it can be run again.

use super::db::{Db, quoted};
use super::script::Ready;
use crate::error::{Error, Kind, Result};
use crate::sql::Dialect;
use crate::sql::lex::{Statement, Token, TokenKind, statements};
use std::collections::BTreeSet;

/// What the catalogue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took effect.
    Done,
    /// It did not, or it does no harm when it is run again.
    Undone,
    /// Nobody can tell.
    Unknown,
}

/// An index that a concurrent build left invalid: how to call it, and the names of itself and its
/// table.
pub(super) type Invalid = (String, [String; 2]);

/// The indexes of the database that a concurrent build left invalid and that nobody is building.
pub(super) fn invalid_indexes(db: &mut Db) -> Result<BTreeSet<Invalid>> {
    let rows = db.rows(
        "SELECT n.nspname, c.relname, t.relname FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i' \
         AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l WHERE l.locktype = 'relation' AND l.granted \
         AND l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid() \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))",
        &[],
    )?;
    let invalid = |row: crate::engine::columns::Row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (schema, index, table) = (next(), next(), next());
        (format!("{}.{}", quoted(&schema), quoted(&index)), [index, table])
    };
    Ok(rows.into_iter().map(invalid).collect())
}

/// Fails if there is an invalid index that was not there before, and that the script speaks of.
pub(super) fn no_new_invalid_index(
    db: &mut Db,
    before: &BTreeSet<Invalid>,
    script: &Ready<'_>,
) -> Result<()> {
    let now = invalid_indexes(db)?;
    let statements = &script.survey.statements;
    let spoken: String =
        statements.iter().map(|one| String::from_utf8_lossy(&one.text).to_lowercase() + "\n").collect();
    let ours = |names: &[String; 2]| names.iter().any(|name| spoken.contains(&name.to_lowercase()));
    let new: Vec<&str> =
        now.difference(before).filter(|(_, names)| ours(names)).map(|(shown, _)| shown.as_str()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let names = new.join(", ");
    Err(Error::new(
        Kind::Verify,
        "verify.invalid_index",
        format!("the change left an invalid index: {names}"),
    )
    .hint(
        "a concurrent build that failed leaves one, and IF NOT EXISTS hides it; drop it and build it again",
    ))
}

/// Looks whether a statement that refuses transactions took effect, where it would have: in the first
/// schema of its `path` that has what it names. An invalid index that a concurrent build left is
/// dropped, so that the build can be run again.
pub(super) fn decide(db: &mut Db, text: &str, path: &[String]) -> Result<Verdict> {
    let list = statements(text, Dialect::Postgres);
    let [statement] = list.as_slice() else { return Ok(Verdict::Unknown) };
    let words = |words: &[&str]| statement.begins(words);
    if words(&["CREATE", "INDEX", "CONCURRENTLY"]) || words(&["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"]) {
        return created_index(db, statement, path);
    }
    if words(&["DROP", "INDEX", "CONCURRENTLY"]) {
        let Some((schemas, name)) = name_after(statement, "CONCURRENTLY").and_then(|name| placed(name, path))
        else {
            return Ok(Verdict::Unknown);
        };
        for schema in schemas {
            if find_index(db, &schema, &name)?.is_some() {
                return Ok(Verdict::Undone);
            }
        }
        return Ok(Verdict::Done);
    }
    // Run twice, these do what they do once.
    let harmless: [&[&str]; 6] =
        [&["VACUUM"], &["REINDEX"], &["CLUSTER"], &["ANALYZE"], &["ALTER", "SYSTEM"], &["DISCARD"]];
    if harmless.iter().any(|start| words(start)) {
        return Ok(Verdict::Undone);
    }
    if words(&["CREATE", "DATABASE"]) || words(&["DROP", "DATABASE"]) {
        let Some(name) = name_after(statement, "DATABASE") else { return Ok(Verdict::Unknown) };
        let name = name.last().cloned().unwrap_or_default();
        let there =
            db.value("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", &[Some(&name)])?.is_some();
        return Ok(if there == words(&["CREATE"]) { Verdict::Done } else { Verdict::Undone });
    }
    Ok(Verdict::Unknown)
}

/// An index that is there and valid was built; one that is there and invalid has to go first.
fn created_index(db: &mut Db, statement: &Statement<'_>, path: &[String]) -> Result<Verdict> {
    let (name, table) = (name_after(statement, "CONCURRENTLY"), name_after(statement, "ON"));
    let (Some(name), Some((schemas, table))) = (name, table.and_then(|table| placed(table, path))) else {
        return Ok(Verdict::Unknown);
    };
    let Some(name) = name.last() else { return Ok(Verdict::Unknown) };
    // An index is made in the schema of its table, and that is the first of the path that has it.
    for schema in schemas {
        let sql = "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm', 'v', 'f')";
        if db.value(sql, &[Some(&schema), Some(&table)])?.is_none() {
            continue;
        }
        let Some(found) = find_index(db, &schema, name)? else { return Ok(Verdict::Undone) };
        if found.table != table {
            return Ok(Verdict::Unknown);
        }
        if found.valid {
            return Ok(Verdict::Done);
        }
        // Nobody builds it any more: the lock of the runner that did was free.
        db.batch(&format!("DROP INDEX CONCURRENTLY {}.{}", quoted(&schema), quoted(name)))?;
        return Ok(Verdict::Undone);
    }
    Ok(Verdict::Unknown)
}

/// The schemas in which a name of one or two parts may be meant, and its last part.
fn placed(mut name: Vec<String>, path: &[String]) -> Option<(Vec<String>, String)> {
    let last = name.pop()?;
    let schemas = match name.pop() {
        Some(schema) => vec![schema],
        None => path.to_vec(),
    };
    (!schemas.is_empty()).then_some((schemas, last))
}

/// An index of the catalogue.
struct Index {
    table: String,
    valid: bool,
}

fn find_index(db: &mut Db, schema: &str, name: &str) -> Result<Option<Index>> {
    let rows = db.rows(
        "SELECT t.relname, i.indisvalid FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_class t ON t.oid = i.indrelid WHERE n.nspname = $1 AND c.relname = $2",
        &[Some(schema), Some(name)],
    )?;
    Ok(rows.into_iter().next().map(|row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        Index { table: columns.next().unwrap_or_default(), valid: columns.next().as_deref() == Some("t") }
    }))
}

/// The name, in its parts, after a word; `IF [NOT] EXISTS` and `ONLY` stand between.
fn name_after(statement: &Statement<'_>, word: &str) -> Option<Vec<String>> {
    let at = statement.tokens.iter().position(|token| token.is(word))?;
    let mut rest = statement
        .tokens
        .get(at + 1..)?
        .iter()
        .skip_while(|token| ["IF", "NOT", "EXISTS", "ONLY"].iter().any(|word| token.is(word)));
    let mut parts = Vec::new();
    loop {
        let token = rest.next().filter(|token| !token.is("ON"))?;
        parts.push(name_of(token)?);
        if rest.next().is_none_or(|token| token.text != ".") {
            return Some(parts);
        }
    }
}

/// A name as the catalogue spells it.
fn name_of(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_lowercase()),
        TokenKind::Quoted => {
            let inner = token.text.strip_prefix('"')?.strip_suffix('"')?;
            Some(inner.replace("\"\"", "\""))
        }
        _ => None,
    }
}
