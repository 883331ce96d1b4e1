//! Columns, their types and what is said about them.
//!
//! Knows: tokens. Must never know: what is done with a column.

use super::expression::expression;
use super::reader::{Reader, name_of, unquoted};
use crate::sql::lex::TokenKind;
use crate::sql::statement::{Column, Constraint, ConstraintKind, Expr, Foreign, Span, Type};

/// A constraint without further marks.
pub(super) fn constraint(name: Option<String>, kind: ConstraintKind, span: Span) -> Constraint {
    Constraint { name, kind, not_valid: false, not_enforced: false, no_inherit: false, span }
}

/// A column: its name, its type, and what is said about it. What is not understood is left.
pub(super) fn column(reader: &mut Reader<'_>) -> Option<Column> {
    let start = reader.here();
    let name = reader.name()?;
    let mut column = Column { name, ..Default::default() };
    let serial = reader.is("SERIAL");
    if !reader.is("GENERATED") {
        column.ty = ty(reader);
    }
    if serial && column.ty.is_some() {
        counts_up(&mut column, reader.span(start));
    }
    while attribute(reader, &mut column).is_some() {}
    column.span = reader.span(start);
    Some(column)
}

/// What `SERIAL` stands for, besides the type.
fn counts_up(column: &mut Column, span: Span) {
    let unique = ConstraintKind::Unique { columns: Vec::new(), using_index: None };
    let all = [ConstraintKind::NotNull { column: None }, ConstraintKind::Identity { always: false }, unique];
    column.constraints.extend(all.map(|kind| constraint(None, kind, span)));
}

/// A type with what belongs to it. Names are the shortest the server knows; the values of an enum keep
/// their quotes.
pub(super) fn ty(reader: &mut Reader<'_>) -> Option<Type> {
    let first = reader.peek().filter(|token| token.kind == TokenKind::Word)?;
    reader.skip(1);
    let mut more: Vec<String> = Vec::new();
    let word = first.text.to_ascii_lowercase();
    let mut ty = Type::plain(known_name(&word, reader, &mut more));
    if let Some(group) = reader.group() {
        for token in group.rest() {
            match token.kind {
                TokenKind::Number => ty.args.extend(token.text.parse::<i64>()),
                TokenKind::Text => more.push(format!("'{}'", unquoted(token.text))),
                _ => {}
            }
        }
    }
    if matches!(word.as_str(), "bool" | "boolean") {
        ty.args = vec![1];
    }
    loop {
        if reader.eat_any(&["UNSIGNED"]).is_some() {
            more.push("unsigned".to_owned());
        } else if reader.eat(&["ZEROFILL"]) {
            more.extend(["unsigned".to_owned(), "zerofill".to_owned()]);
        } else if let Some(charset) = charset(reader) {
            more.push(format!("charset {charset}"));
        } else if reader.eat(&["BINARY"]) {
            more.push("binary".to_owned());
        } else if reader.eat(&["ASCII"]) {
            more.push("charset latin1".to_owned());
        } else if reader.eat(&["UNICODE"]) {
            more.push("charset ucs2".to_owned());
        } else if reader.eat_any(&["SIGNED", "BYTE"]).is_none() {
            break;
        }
    }
    more.dedup();
    ty.more = more;
    Some(ty)
}

/// The name that the server gives to a type.
fn known_name(word: &str, reader: &mut Reader<'_>, more: &mut Vec<String>) -> String {
    let varying = |reader: &mut Reader<'_>| reader.eat(&["VARYING"]) || reader.eat(&["LARGE", "OBJECT"]);
    let name = match word {
        "integer" | "int4" => "int",
        "bool" | "boolean" | "int1" => "tinyint",
        "int2" => "smallint",
        "int3" | "middleint" => "mediumint",
        "int8" => "bigint",
        "serial" => {
            more.push("unsigned".to_owned());
            "bigint"
        }
        "dec" | "numeric" | "fixed" | "number" => "decimal",
        "double" => {
            reader.eat(&["PRECISION"]);
            "double"
        }
        "real" | "float8" => "double",
        "float4" => "float",
        "character" | "char" if varying(reader) => "varchar",
        "character" | "char" => "char",
        "varcharacter" | "varchar2" => "varchar",
        "nchar" | "nvarchar" | "national" => {
            more.push("charset utf8mb3".to_owned());
            let varchar = reader.eat_any(&["VARCHAR", "VARCHARACTER"]).is_some();
            reader.eat_any(&["CHAR", "CHARACTER"]);
            if varchar || word == "nvarchar" || varying(reader) { "varchar" } else { "char" }
        }
        "long" => {
            let binary = reader.eat(&["VARBINARY"]);
            reader.eat_any(&["VARCHAR", "VARCHARACTER", "CHAR"]);
            reader.eat(&["VARYING"]);
            if binary { "mediumblob" } else { "mediumtext" }
        }
        "raw" => "varbinary",
        "clob" => "longtext",
        other => other,
    };
    name.to_owned()
}

/// `CHARACTER SET x`, in all its spellings; the name in lower case.
pub(super) fn charset(reader: &mut Reader<'_>) -> Option<String> {
    if !(reader.eat(&["CHARACTER", "SET"]) || reader.eat(&["CHAR", "SET"]) || reader.eat(&["CHARSET"])) {
        return None;
    }
    reader.eat(&["="]);
    value(reader)
}

/// A word or string, in lower case.
pub(super) fn value(reader: &mut Reader<'_>) -> Option<String> {
    let token = reader.next()?;
    let text = match token.kind {
        TokenKind::Text => Some(unquoted(token.text)),
        TokenKind::Number => Some(token.text.to_owned()),
        _ => name_of(token),
    };
    text.map(|text| text.to_lowercase())
}

/// One thing that is said about a column; `None` if nothing more is understood.
fn attribute(reader: &mut Reader<'_>, column: &mut Column) -> Option<()> {
    let start = reader.here();
    if passing(reader, column).is_some() {
        return Some(());
    }
    let name = if reader.eat(&["CONSTRAINT"]) {
        if reader.is("CHECK") || reader.is("REFERENCES") { None } else { reader.name() }
    } else {
        None
    };
    let unkeyed = || ConstraintKind::Unique { columns: Vec::new(), using_index: None };
    let kind = if reader.eat(&["NOT", "NULL"]) {
        ConstraintKind::NotNull { column: None }
    } else if reader.eat(&["NULL"]) {
        ConstraintKind::Null
    } else if reader.eat(&["SERIAL", "DEFAULT", "VALUE"]) {
        counts_up(column, reader.span(start));
        return Some(());
    } else if reader.eat(&["DEFAULT"]) {
        ConstraintKind::Default(default(reader)?)
    } else if reader.eat_any(&["AUTO_INCREMENT"]).is_some() {
        ConstraintKind::Identity { always: false }
    } else if reader.eat(&["UNIQUE"]) {
        reader.eat_any(&["KEY", "INDEX"]);
        unkeyed()
    } else if reader.eat(&["PRIMARY"]) {
        reader.eat(&["KEY"]);
        ConstraintKind::PrimaryKey { columns: Vec::new(), using_index: None }
    } else if reader.is("KEY") {
        reader.skip(1);
        ConstraintKind::PrimaryKey { columns: Vec::new(), using_index: None }
    } else if reader.is("REFERENCES") {
        ConstraintKind::Foreign(references(reader, Vec::new())?)
    } else if reader.eat(&["CHECK"]) {
        let check = ConstraintKind::Check(expression(&reader.group()?));
        let not_enforced = enforced(reader) == Some(false);
        let made = constraint(name, check, reader.span(start));
        column.constraints.push(Constraint { not_enforced, ..made });
        return Some(());
    } else {
        generated(reader)?
    };
    column.constraints.push(constraint(name, kind, reader.span(start)));
    Some(())
}

/// `[GENERATED ALWAYS] AS (…) [VIRTUAL | STORED]`; MariaDB also knows columns that count versions.
fn generated(reader: &mut Reader<'_>) -> Option<ConstraintKind> {
    let mut ahead = *reader;
    if ahead.eat(&["GENERATED"]) && !ahead.eat(&["ALWAYS"]) {
        return None;
    }
    if !ahead.eat(&["AS"]) {
        return None;
    }
    if ahead.eat(&["ROW"]) {
        ahead.eat_any(&["START", "END"])?;
        *reader = ahead;
        return Some(ConstraintKind::Generated { expr: Expr::default(), stored: true });
    }
    let expr = expression(&ahead.group()?);
    let stored = matches!(ahead.eat_any(&["VIRTUAL", "STORED", "PERSISTENT"]), Some("STORED" | "PERSISTENT"));
    *reader = ahead;
    Some(ConstraintKind::Generated { expr, stored })
}

/// What is said about a column and is of no consequence; `None` if it is something else.
fn passing(reader: &mut Reader<'_>, column: &mut Column) -> Option<()> {
    if reader.eat(&["COMMENT"]) {
        reader.eat(&["="]);
        reader.next();
    } else if reader.eat(&["COLLATE"]) {
        reader.eat(&["="]);
        column.collate = value(reader);
    } else if let Some(charset) = charset(reader) {
        if let Some(ty) = &mut column.ty {
            ty.more.push(format!("charset {charset}"));
        }
    } else if reader.eat(&["ON", "UPDATE"]) {
        reader.next();
        reader.group();
    } else if reader.eat_any(&["COLUMN_FORMAT", "STORAGE", "ENGINE_ATTRIBUTE", "SRID"]).is_some() {
        reader.eat(&["="]);
        reader.next();
    } else if reader.eat_any(&["SECONDARY_ENGINE_ATTRIBUTE", "REF_SYSTEM_ID"]).is_some() {
        reader.eat(&["="]);
        reader.step();
    } else if reader.eat_any(&["VISIBLE", "INVISIBLE", "COMPRESSED", "HIDDEN"]).is_some() {
        if reader.eat(&["="]) {
            reader.next();
        }
    } else if reader.eat_any(&["WITH", "WITHOUT"]).is_some() {
        reader.eat(&["SYSTEM", "VERSIONING"]);
    } else if reader.eat(&["FIRST"]) {
        column.placed = true;
    } else if reader.is("AFTER") && reader.ahead(1).is_some_and(|token| name_of(token).is_some()) {
        reader.skip(2);
        column.placed = true;
    } else {
        return None;
    }
    Some(())
}

/// `[NOT] ENFORCED`; `None` if nothing is said.
pub(super) fn enforced(reader: &mut Reader<'_>) -> Option<bool> {
    if reader.eat(&["NOT", "ENFORCED"]) {
        return Some(false);
    }
    reader.eat(&["ENFORCED"]).then_some(true)
}

/// What stands after `DEFAULT`.
pub(super) fn default(reader: &mut Reader<'_>) -> Option<Expr> {
    let before = *reader;
    if reader.is("(") {
        reader.group();
    } else if reader.eat(&["NEXT", "VALUE", "FOR"]) {
        reader.qualified();
    } else {
        reader.eat_any(&["+", "-"]);
        let introduced = reader.peek().is_some_and(|token| token.text.starts_with('_'))
            || reader.is_any(&["DATE", "TIME", "TIMESTAMP"]);
        let text = |reader: &Reader<'_>, count: usize| {
            reader.ahead(count).is_some_and(|token| token.kind == TokenKind::Text)
        };
        if introduced && text(reader, 1) {
            reader.skip(1);
        }
        let first = reader.next()?;
        match first.kind {
            TokenKind::Text => {
                while text(reader, 0) {
                    reader.skip(1);
                }
            }
            // The sign of an exponent is a token of its own.
            TokenKind::Number if first.text.ends_with(['e', 'E']) && reader.is_any(&["+", "-"]) => {
                reader.skip(2);
            }
            TokenKind::Mark if first.text == "." => reader.skip(1),
            _ => {
                if reader.eat(&["."]) {
                    reader.skip(1);
                }
                reader.group();
            }
        }
    }
    Some(expression(&reader.taken(&before)))
}

/// `REFERENCES …`, with what follows it.
pub(super) fn references(reader: &mut Reader<'_>, columns: Vec<String>) -> Option<Foreign> {
    if !reader.eat(&["REFERENCES"]) {
        return None;
    }
    let table = reader.qualified()?;
    let to = reader.group().map(|group| key_columns(&group)).unwrap_or_default();
    let mut foreign = Foreign { columns, table, to, cascades: false };
    loop {
        if reader.eat(&["MATCH"]) {
            reader.next();
        } else if reader.eat(&["ON", "DELETE"]) || reader.are(&["ON", "UPDATE"]) {
            let deletes = !reader.eat(&["ON", "UPDATE"]);
            let does = reader.next();
            foreign.cascades |= deletes && does.is_some_and(|word| word.is("CASCADE"));
            if does.is_some_and(|word| word.is("SET") || word.is("NO")) {
                reader.next();
            }
        } else {
            return Some(foreign);
        }
    }
}

/// The columns of a list, with what is said about how they are sorted or cut left out.
pub(super) fn key_columns(group: &Reader<'_>) -> Vec<String> {
    group.parts().into_iter().filter_map(|mut part| part.name()).collect()
}
