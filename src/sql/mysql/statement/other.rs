//! Statements about anything but tables and rows: names, accounts, settings, locks.
//!
//! Knows: tokens. Must never know: what a statement does.

use super::Read;
use super::create::account;
use super::reader::{Reader, name_of, unquoted};
use crate::sql::lex::TokenKind;
use crate::sql::statement::{Action, Clauses, Name, Object, Said};

/// `DROP …`, behind the word.
pub(super) fn dropped(reader: &mut Reader<'_>) -> Option<Read> {
    if reader.eat(&["PREPARE"]) {
        return Some(Said::Harmless.into());
    }
    let temporary = reader.eat(&["TEMPORARY"]);
    reader.eat_any(&["ONLINE", "OFFLINE"]);
    if reader.eat_any(&["INDEX", "KEY"]).is_some() {
        return drop_index(reader).map(Read::from);
    }
    let word = reader.next()?.text.to_ascii_uppercase();
    let object = match word.as_str() {
        "TABLE" | "TABLES" => Object::Table,
        "VIEW" => Object::View,
        "DATABASE" | "SCHEMA" => Object::Schema,
        "PROCEDURE" => Object::Procedure,
        "FUNCTION" => Object::Function,
        "TRIGGER" => Object::Trigger,
        "SEQUENCE" => Object::Sequence,
        "USER" | "ROLE" => Object::Role,
        "EVENT" | "PACKAGE" | "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" => Object::Other,
        _ => return None,
    };
    reader.eat_any(&["BODY", "GROUP", "TABLESPACE"]);
    let if_exists = reader.eat(&["IF", "EXISTS"]);
    let names = match object {
        Object::Role => {
            reader.parts().into_iter().filter_map(|mut one| account(&mut one)).map(Name::new).collect()
        }
        Object::Schema => vec![Name::new(reader.name()?)],
        // Where PostgreSQL has tables of the session only.
        _ if temporary => reader.names().into_iter().map(|own| Name::within("pg_temp", own.name)).collect(),
        _ => reader.names(),
    };
    if names.is_empty() {
        return None;
    }
    let said = Said::Drop {
        object,
        names,
        on: None,
        if_exists,
        cascade: reader.has("CASCADE"),
        concurrently: false,
    };
    Some(said.into())
}

/// `DROP INDEX … ON …` is an `ALTER TABLE` by another name, with its clauses.
fn drop_index(reader: &mut Reader<'_>) -> Option<Said> {
    let start = reader.here();
    reader.eat(&["IF", "EXISTS"]);
    let name = reader.name()?;
    let span = reader.span(start);
    if !reader.eat(&["ON"]) {
        return None;
    }
    let table = reader.qualified()?;
    let mut clauses = Clauses::default();
    while super::table::clause(reader, &mut clauses) || reader.eat(&[","]) {}
    let action = if name.eq_ignore_ascii_case("PRIMARY") {
        Action::DropPrimaryKey
    } else {
        Action::DropIndex { name }
    };
    let actions = vec![(action, span)];
    Some(Said::AlterTable { object: Object::Table, table, if_exists: false, only: false, actions, clauses })
}

/// `RENAME …`, behind the word.
pub(super) fn renamed(reader: &mut Reader<'_>) -> Option<Said> {
    if reader.is("USER") {
        return Some(Said::AlterOther { object: Object::Role, name: reader.rest_text().to_owned() });
    }
    reader.eat_any(&["TABLE", "TABLES"])?;
    reader.eat(&["IF", "EXISTS"]);
    let mut pairs = Vec::new();
    while let Some(old) = reader.qualified() {
        if reader.eat(&["WAIT"]) {
            reader.next();
        }
        reader.eat(&["NOWAIT"]);
        if !reader.eat(&["TO"]) {
            return None;
        }
        pairs.push((old, reader.qualified()?));
        if !reader.eat(&[","]) {
            break;
        }
    }
    (!pairs.is_empty()).then_some(Said::RenameTables { pairs })
}

/// `ALTER …` of anything but a table, behind the word.
pub(super) fn altered(reader: &mut Reader<'_>) -> Option<Said> {
    super::create::options_before(reader);
    let word = reader.next()?.text.to_ascii_uppercase();
    let object = match word.as_str() {
        "VIEW" => {
            let name = reader.qualified()?;
            reader.group();
            reader.eat(&["AS"]);
            let reads = super::expression::reads(reader);
            return Some(Said::CreateView {
                name,
                materialized: false,
                or_replace: true,
                if_not_exists: false,
                columns: None,
                reads,
                no_data: false,
                temporary: false,
            });
        }
        "PROCEDURE" | "FUNCTION" => return Some(Said::AlterFunction { name: reader.qualified()? }),
        "SEQUENCE" => {
            reader.eat(&["IF", "EXISTS"]);
            return Some(Said::AlterSequence { name: reader.qualified()? });
        }
        "DATABASE" | "SCHEMA" => Object::Database,
        "USER" | "ROLE" => Object::Role,
        "TABLESPACE" | "UNDO" => Object::Tablespace,
        "EVENT" | "SERVER" | "INSTANCE" | "LOGFILE" | "RESOURCE" => Object::Other,
        _ => return None,
    };
    let name = reader.peek().and_then(name_of).unwrap_or_default();
    Some(Said::AlterOther { object, name })
}

/// `GRANT` and `REVOKE`, behind the word.
pub(super) fn privileges(reader: &mut Reader<'_>, grant: bool) -> Option<Said> {
    reader.eat(&["IF", "EXISTS"]);
    let end = if grant { "TO" } else { "FROM" };
    let given = reader.until(|reader| reader.is("ON") || reader.is(end));
    let all = given.is("ALL");
    let on_objects = reader.eat(&["ON"]);
    let mut objects = Vec::new();
    if on_objects {
        let on = reader.until(|reader| reader.is(end));
        let mut one = on;
        one.eat_any(&["TABLE", "FUNCTION", "PROCEDURE"]);
        // db.* and *.* name no one object.
        if !one.has("*") {
            objects.extend(one.qualified());
        }
    }
    reader.eat(&[end]);
    let to = reader.until(|reader| reader.is_any(&["WITH", "REQUIRE", "AS", "IGNORE"]));
    let roles = to.parts().into_iter().filter_map(|mut one| account(&mut one)).collect();
    let writes = all || given.has("INSERT") || given.has("UPDATE") || given.has("DELETE");
    Some(Said::Privileges { grant, all, objects, roles, on_objects, writes, schemas: Vec::new() })
}

/// `LOCK TABLES`, behind the words.
pub(super) fn locked(reader: Reader<'_>) -> Said {
    let mut tables = Vec::new();
    let writes = reader.has("WRITE");
    for mut part in reader.parts() {
        tables.extend(part.qualified());
    }
    Said::Lock { tables, mode: Some(if writes { "WRITE" } else { "READ" }.to_owned()), nowait: false }
}

/// `SET …`, behind the word: one setting, and the rest in the body.
pub(super) fn set(reader: &mut Reader<'_>) -> Read {
    let mut all: Vec<Said> = Vec::new();
    for part in reader.parts() {
        all.push(setting(part));
    }
    let mut all = all.into_iter();
    let first = all.next().unwrap_or(Said::Harmless);
    let read = Read::from(first);
    all.filter(|said| *said != Said::Harmless).fold(read, |read, said| read.also(reader, said))
}

fn setting(mut part: Reader<'_>) -> Said {
    let plain = |name: &str, value: &Reader<'_>| Said::Set {
        name: name.to_owned(),
        value: value_of(value),
        local: false,
    };
    if part.eat(&["NAMES"]) {
        return plain("names", &part);
    }
    if part.eat(&["CHARACTER", "SET"]) || part.eat(&["CHARSET"]) {
        return plain("character set", &part);
    }
    if part.eat(&["ROLE"]) {
        return plain("role", &part);
    }
    if part.is("PASSWORD") || part.are(&["DEFAULT", "ROLE"]) {
        return Said::AlterOther { object: Object::Role, name: "password".to_owned() };
    }
    let system = part.eat(&["@", "@"]);
    if !system && part.is("@") {
        return Said::Harmless;
    }
    let scope =
        ["GLOBAL", "PERSIST", "PERSIST_ONLY", "SESSION", "LOCAL"].into_iter().find(|word| part.is(word));
    if scope.is_some() && !part.is_at(1, "=") {
        part.skip(1);
        part.eat(&["."]);
    }
    if part.eat(&["TRANSACTION"]) {
        return plain("transaction", &part);
    }
    let Some(mut name) = part.name() else { return Said::Harmless };
    // Of a plugin's or a key cache's setting, the last word is the name.
    while part.eat(&["."]) {
        name = part.name().unwrap_or(name);
    }
    part.eat(&[":"]);
    part.eat(&["="]);
    let name = name.to_lowercase();
    match scope {
        Some("GLOBAL" | "PERSIST" | "PERSIST_ONLY") => {
            Said::AlterOther { object: Object::Other, name: format!("global {name}") }
        }
        _ => plain(&name, &part),
    }
}

/// The value of a setting; none for `DEFAULT`.
fn value_of(part: &Reader<'_>) -> Option<String> {
    match part.rest() {
        [one] if one.is("DEFAULT") => None,
        [one] if one.kind == TokenKind::Text => Some(unquoted(one.text)),
        _ => Some(part.rest_text().to_owned()),
    }
}
