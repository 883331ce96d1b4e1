//! What the catalogue can tell about a statement that was running when its run ended: whether it
//! took effect, did not, or left something that has to go before it can be run again.

use super::db::{Db, quoted};
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

/// The indexes of the database that a concurrent build left invalid.
pub(super) fn invalid_indexes(db: &mut Db) -> Result<BTreeSet<String>> {
    let rows = db.rows(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND c.relkind = 'i'",
        &[],
    )?;
    let name = |row: super::db::Row| {
        let parts: Vec<String> = row.into_iter().flatten().map(|part| quoted(&part)).collect();
        parts.join(".")
    };
    Ok(rows.into_iter().map(name).collect())
}

/// Fails if there is an invalid index that was not there before.
pub(super) fn no_new_invalid_index(db: &mut Db, before: &BTreeSet<String>) -> Result<()> {
    let now = invalid_indexes(db)?;
    let new: Vec<&str> = now.difference(before).map(String::as_str).collect();
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

/// Looks whether a statement that refuses transactions took effect. An invalid index that a
/// concurrent build left is dropped, so that the build can be run again.
pub(super) fn decide(db: &mut Db, text: &str) -> Result<Verdict> {
    let list = statements(text, Dialect::Postgres);
    let [statement] = list.as_slice() else { return Ok(Verdict::Unknown) };
    let words = |words: &[&str]| statement.begins(words);
    if words(&["CREATE", "INDEX", "CONCURRENTLY"]) || words(&["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"]) {
        return created_index(db, statement);
    }
    if words(&["DROP", "INDEX", "CONCURRENTLY"]) {
        let there = match name_after(statement, "CONCURRENTLY") {
            Some(name) => find_index(db, &name)?.is_some(),
            None => return Ok(Verdict::Unknown),
        };
        return Ok(if there { Verdict::Undone } else { Verdict::Done });
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
fn created_index(db: &mut Db, statement: &Statement<'_>) -> Result<Verdict> {
    let Some(name) = name_after(statement, "CONCURRENTLY") else { return Ok(Verdict::Unknown) };
    // An index is made in the schema of its table.
    let table = name_after(statement, "ON").unwrap_or_default();
    let schema = (table.len() > 1).then(|| table.first().cloned()).flatten();
    let full: Vec<String> = schema.into_iter().chain(name).collect();
    let Some((index, valid)) = find_index(db, &full)? else { return Ok(Verdict::Undone) };
    if valid {
        return Ok(Verdict::Done);
    }
    // A build that is still running on another session is not ours to drop.
    db.batch(&format!("DROP INDEX CONCURRENTLY {index}"))?;
    Ok(Verdict::Undone)
}

/// An index by its name: how to call it, and whether it is valid. Without a schema the session's
/// own search path decides, as it did for the script.
fn find_index(db: &mut Db, name: &[String]) -> Result<Option<(String, bool)>> {
    let Some(last) = name.last() else { return Ok(None) };
    let schema = name.len().checked_sub(2).and_then(|at| name.get(at)).map(String::as_str);
    let rows = db.rows(
        "SELECT n.nspname, c.relname, i.indisvalid FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname = $1 AND (n.nspname = $2 OR $2 IS NULL AND n.nspname !~ '^pg_') ORDER BY n.nspname <> 'public'",
        &[Some(last), schema],
    )?;
    Ok(rows.into_iter().next().map(|row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let (schema, name, valid) = (next(), next(), next());
        (format!("{}.{}", quoted(&schema), quoted(&name)), valid == "t")
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
