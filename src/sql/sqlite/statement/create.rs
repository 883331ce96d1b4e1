//! `CREATE` of tables, views, indexes and triggers.

use super::cursor::{Cursor, split};
use super::{expression, query, table};
use crate::sql::statement::{Clauses, CreateTable, Name, Partitioning, Reads, Said};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Said> {
    cursor.skip(1);
    let or_replace = cursor.eat_all(&["OR", "REPLACE"]);
    let temporary = cursor.eat("TEMP") || cursor.eat("TEMPORARY");
    if cursor.eat("VIEW") {
        return view(cursor, or_replace, temporary);
    }
    if or_replace {
        return None;
    }
    if cursor.eat("TABLE") {
        return create_table(cursor, temporary);
    }
    if cursor.eat_all(&["VIRTUAL", "TABLE"]) {
        return virtual_table(cursor);
    }
    if cursor.eat("TRIGGER") {
        return trigger(cursor);
    }
    let unique = cursor.eat("UNIQUE");
    if cursor.eat("INDEX") { index(cursor, unique) } else { None }
}

fn if_not_exists(cursor: &mut Cursor<'_>) -> bool {
    cursor.eat_all(&["IF", "NOT", "EXISTS"])
}

/// A table of which nothing is known but its name.
fn bare(name: Name, temporary: bool, if_not_exists: bool) -> CreateTable {
    let temporary = temporary || name.schema.as_deref() == Some("pg_temp");
    CreateTable {
        name: if temporary { Name::new(name.name) } else { name },
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
    }
}

fn create_table(cursor: &mut Cursor<'_>, temporary: bool) -> Option<Said> {
    let if_not_exists = if_not_exists(cursor);
    let mut create = bare(cursor.full_name()?, temporary, if_not_exists);
    if cursor.eat("AS") {
        create.filled_from = Some(query::reads(cursor.rest()));
        return Some(Said::CreateTable(Box::new(create)));
    }
    let inside = cursor.parenthesised()?;
    table::body(cursor, inside, &mut create);
    create.options = table::options(cursor);
    Some(Said::CreateTable(Box::new(create)))
}

/// The columns of a virtual table are known to its module only, so they count as read from elsewhere.
fn virtual_table(cursor: &mut Cursor<'_>) -> Option<Said> {
    let if_not_exists = if_not_exists(cursor);
    let mut create = bare(cursor.full_name()?, false, if_not_exists);
    if !cursor.eat("USING") {
        return None;
    }
    create.options.push(("virtual".to_owned(), cursor.name()?));
    create.filled_from = Some(Reads::default());
    Some(Said::CreateTable(Box::new(create)))
}

fn view(cursor: &mut Cursor<'_>, or_replace: bool, temporary: bool) -> Option<Said> {
    let if_not_exists = if_not_exists(cursor);
    let name = cursor.full_name()?;
    let named = cursor.sees_mark("(").then(|| cursor.names());
    if !cursor.eat("AS") {
        return None;
    }
    let rest = cursor.rest();
    Some(Said::CreateView {
        temporary: temporary || name.schema.as_deref() == Some("pg_temp"),
        name,
        materialized: false,
        or_replace,
        if_not_exists,
        columns: named.or_else(|| columns(cursor)),
        reads: query::reads(rest),
        no_data: false,
    })
}

/// The names of the columns of a query, if all of them can be told.
fn columns(cursor: &Cursor<'_>) -> Option<Vec<String>> {
    let mut query = cursor.clone();
    if !query.eat("SELECT") {
        return None;
    }
    let _all = query.eat("DISTINCT") || query.eat("ALL");
    let mut depth = 0_usize;
    let end = query.rest().iter().position(|token| {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
            && ["FROM", "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT"].iter().any(|word| token.is(word))
    });
    let list = query.rest().get(..end.unwrap_or(query.rest().len())).unwrap_or_default();
    split(list).into_iter().map(|part| column_name(cursor, part)).collect()
}

fn column_name(cursor: &Cursor<'_>, part: &[crate::sql::lex::Token<'_>]) -> Option<String> {
    match part {
        [.., word, name] if word.is("AS") => cursor.of(std::slice::from_ref(name)).name(),
        [name] => cursor.of(std::slice::from_ref(name)).name(),
        [_, dot, name] if dot.text == "." => cursor.of(std::slice::from_ref(name)).name(),
        _ => None,
    }
}

fn index(cursor: &mut Cursor<'_>, unique: bool) -> Option<Said> {
    let concurrently = cursor.sees("CONCURRENTLY") && !cursor.ahead(1).is_some_and(|next| next.is("ON"));
    cursor.skip(usize::from(concurrently));
    let if_not_exists = if_not_exists(cursor);
    let name = cursor.full_name()?;
    if !cursor.eat("ON") {
        return None;
    }
    let mut table = cursor.full_name()?;
    table.schema = table.schema.or_else(|| name.schema.clone());
    let keys = table::keys(cursor);
    let filter = cursor.eat("WHERE").then(|| expression::read(cursor, cursor.rest()));
    Some(Said::CreateIndex {
        name: Some(name),
        table,
        keys,
        unique,
        concurrently,
        if_not_exists,
        only: false,
        method: None,
        filter,
        special: None,
        clauses: Clauses::default(),
    })
}

/// `CREATE TRIGGER name [BEFORE|AFTER|INSTEAD OF] event ON table …`. Its body runs later, with the
/// writes that set it off.
fn trigger(cursor: &mut Cursor<'_>) -> Option<Said> {
    let _there = if_not_exists(cursor);
    let name = cursor.full_name()?.name;
    let timing = match cursor.peek()? {
        word if word.is("AFTER") => "AFTER",
        word if word.is("INSTEAD") => "INSTEAD OF",
        _ => "BEFORE",
    };
    let rest = cursor.rest();
    let on = rest.iter().position(|token| token.is("ON"))?;
    cursor.skip(on + 1);
    let table = cursor.full_name()?;
    Some(Said::CreateTrigger { name, table, timing: timing.to_owned(), function: None })
}
