//! `CREATE …`, but for what is inside a table.
//!
//! Knows: tokens. Must never know: what a statement does.

use super::expression::reads;
use super::reader::{Reader, name_of, unquoted};
use super::table::{create_index, create_table};
use super::{Read, body};
use crate::sql::statement::{Function, Name, Object, Said};

/// `CREATE …`, behind the word.
pub(super) fn create(reader: &mut Reader<'_>) -> Option<Read> {
    let or_replace = reader.eat(&["OR", "REPLACE"]);
    options_before(reader);
    let temporary = reader.eat(&["TEMPORARY"]);
    if reader.eat(&["TABLE"]) {
        return table(reader, or_replace, temporary);
    }
    if reader.eat(&["VIEW"]) {
        return view(reader, or_replace).map(Read::from);
    }
    if reader.eat(&["TRIGGER"]) {
        return trigger(reader).map(Read::from);
    }
    reader.eat(&["AGGREGATE"]);
    if let Some(what) = reader.eat_any(&["PROCEDURE", "FUNCTION"]) {
        return routine(reader, what == "PROCEDURE", or_replace).map(Read::from);
    }
    if reader.eat_any(&["DATABASE", "SCHEMA"]).is_some() {
        reader.eat(&["IF", "NOT", "EXISTS"]);
        return Some(Said::CreateSchema { name: reader.name()?, database: false }.into());
    }
    if reader.eat(&["SEQUENCE"]) {
        reader.eat(&["IF", "NOT", "EXISTS"]);
        return Some(Said::CreateSequence { name: reader.qualified()? }.into());
    }
    if reader.eat(&["EVENT"]) {
        reader.eat(&["IF", "NOT", "EXISTS"]);
        let name = format!("event {}", reader.qualified()?);
        return Some(Said::AlterOther { object: Object::Other, name }.into());
    }
    let others = ["USER", "ROLE", "SERVER", "TABLESPACE", "UNDO", "LOGFILE", "RESOURCE", "PACKAGE"];
    if reader.is_any(&others) || reader.are(&["SPATIAL", "REFERENCE"]) {
        return Some(Said::Harmless.into());
    }
    reader.eat_any(&["ONLINE", "OFFLINE"]);
    let unique = reader.eat(&["UNIQUE"]);
    let special = reader.eat_any(&["FULLTEXT", "SPATIAL", "VECTOR"]);
    reader.eat_any(&["INDEX", "KEY"])?;
    create_index(reader, unique, special).map(Read::from)
}

/// A table; with `OR REPLACE`, what was there of this name goes first.
fn table(reader: &mut Reader<'_>, or_replace: bool, temporary: bool) -> Option<Read> {
    let create = create_table(reader, temporary)?;
    let dropped = (or_replace && !temporary).then(|| Said::Drop {
        object: Object::Table,
        names: vec![create.name.clone()],
        on: None,
        if_exists: true,
        cascade: false,
        concurrently: false,
    });
    let read = Read::from(Said::CreateTable(Box::new(create)));
    Some(dropped.into_iter().fold(read, |read, said| read.also(reader, said)))
}

/// `ALGORITHM = …`, `DEFINER = …` and `SQL SECURITY …`, in any order.
pub(super) fn options_before(reader: &mut Reader<'_>) {
    loop {
        if reader.eat(&["ALGORITHM"]) || reader.eat(&["DEFINER"]) {
            reader.eat(&["="]);
            account(reader);
        } else if reader.eat(&["SQL", "SECURITY"]) {
            reader.next();
        } else {
            return;
        }
    }
}

/// `name@host`, `CURRENT_USER()`, in lower case.
pub(super) fn account(reader: &mut Reader<'_>) -> Option<String> {
    let token = reader.next()?;
    let mut name = name_of(token).unwrap_or_else(|| unquoted(token.text));
    if reader.eat(&["@"]) {
        let host = reader.next().map(|token| unquoted(token.text)).unwrap_or_default();
        name = format!("{name}@{host}");
    }
    reader.group();
    Some(name.to_lowercase())
}

fn view(reader: &mut Reader<'_>, or_replace: bool) -> Option<Said> {
    let if_not_exists = reader.eat(&["IF", "NOT", "EXISTS"]);
    let name = reader.qualified()?;
    let listed = reader.group().map(|group| super::column::key_columns(&group));
    reader.eat(&["AS"]);
    let columns = listed.or_else(|| selected(*reader));
    Some(Said::CreateView {
        name,
        materialized: false,
        or_replace,
        if_not_exists,
        columns,
        reads: reads(reader),
        no_data: false,
        temporary: false,
    })
}

/// The names of the columns of a query, if it has only such as can be named by its text.
fn selected(mut reader: Reader<'_>) -> Option<Vec<String>> {
    if !reader.eat(&["SELECT"]) {
        return None;
    }
    while reader.eat_any(&["ALL", "DISTINCT", "STRAIGHT_JOIN", "SQL_NO_CACHE", "SQL_CACHE"]).is_some() {}
    let ends = ["FROM", "UNION", "WHERE", "LIMIT", "ORDER", "INTO"];
    let list = reader.until(|reader| reader.is_any(&ends));
    let one = |part: Reader<'_>| match part.rest() {
        [name] => name_of(name),
        [_, dot, name] if dot.text == "." => name_of(name),
        [.., before, name] if before.text != "." => name_of(name).filter(|_| before.is("AS")),
        _ => None,
    };
    list.parts().into_iter().map(one).collect()
}

fn trigger(reader: &mut Reader<'_>) -> Option<Said> {
    reader.eat(&["IF", "NOT", "EXISTS"]);
    let name = reader.qualified()?;
    let timing = reader.eat_any(&["BEFORE", "AFTER"])?;
    reader.until(|reader| reader.is("ON"));
    reader.eat(&["ON"]);
    let table = reader.qualified()?;
    Some(Said::CreateTrigger { name: name.name, table, timing: timing.to_owned(), function: None })
}

/// `PROCEDURE` or `FUNCTION`, behind the word.
fn routine(reader: &mut Reader<'_>, procedure: bool, or_replace: bool) -> Option<Said> {
    reader.eat(&["IF", "NOT", "EXISTS"]);
    let name = reader.qualified()?;
    if reader.has("SONAME") {
        return Some(Said::AlterOther { object: Object::Function, name: name.to_string() });
    }
    let parameters = reader.group()?.parts().iter().map(|part| part.rest_text().to_owned()).collect();
    let mut function = Function {
        name,
        procedure,
        or_replace,
        parameters,
        defaults: 0,
        returns: None,
        language: Some("sql".to_owned()),
        volatile: true,
        definer: false,
        sets_path: true,
        body: None,
        constant: false,
        sql: false,
        calls: Vec::new(),
    };
    if reader.eat(&["RETURNS"]) {
        let ty = super::column::ty(reader)?;
        function.returns = Some(ty.written());
        if reader.eat(&["COLLATE"]) {
            reader.next();
        }
    }
    characteristics(reader, &mut function);
    function.calls = called(reader);
    function.body = Some(body::statements(*reader));
    Some(Said::CreateFunction(Box::new(function)))
}

fn called(reader: &Reader<'_>) -> Vec<Name> {
    reads(reader).calls
}

fn characteristics(reader: &mut Reader<'_>, function: &mut Function) {
    loop {
        if reader.eat(&["NOT", "DETERMINISTIC"]) {
            function.volatile = true;
        } else if reader.eat(&["DETERMINISTIC"]) {
            function.volatile = false;
        } else if reader.eat(&["SQL", "SECURITY"]) || reader.eat(&["COMMENT"]) {
            reader.next();
        } else if reader.eat(&["LANGUAGE"]) {
            function.language = reader.next().map(|token| token.text.to_ascii_lowercase());
        } else if !(reader.eat(&["CONTAINS", "SQL"])
            || reader.eat(&["NO", "SQL"])
            || reader.eat(&["READS", "SQL", "DATA"])
            || reader.eat(&["MODIFIES", "SQL", "DATA"]))
        {
            return;
        }
    }
}
