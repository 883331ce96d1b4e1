//! What `MODIFY` and `CHANGE` need: the column as it was beside the column as it shall be.
//!
//! Knows: types of MySQL and MariaDB. Must never know: other actions.

use super::approach::{Way, Why};
use super::parts::{Known, Parts, add_constraint};
use super::server::Server;
use crate::schema;
use crate::sql::statement::{Column, ConstraintKind, Type};

/// What a column that is declared anew needs.
pub(super) fn modified(old: &str, column: &Column, known: &Known<'_>, parts: &mut Parts) {
    let name = column.name.as_str();
    let rebuild_to_move = known.server.may_be_mysql();
    if column.placed {
        let way = if rebuild_to_move { Way::Rebuild } else { Way::AtOnce };
        parts.add_unless(Why::Placed, way, name, known.server.unsettled());
    }
    for constraint in &column.constraints {
        let keyed = matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } | ConstraintKind::Check(_)
        );
        if keyed {
            add_constraint(constraint, Some(name), known, parts);
        }
    }
    if !old.eq_ignore_ascii_case(name) {
        parts.add(Why::Rename, Way::AtOnce, old);
    }
    match was(known.relation, old) {
        Some(was) => compared(was, column, known, parts),
        None => {
            let unless = Some(format!("what \"{old}\" is until now"));
            parts.add_unless(Why::UnknownType, Way::Copy, name, unless);
            if column.not_null() {
                let unless = Some(format!("whether \"{old}\" may be null until now"));
                parts.add_unless(Why::NotNull, Way::Rebuild, name, unless);
            }
        }
    }
}

/// The column as it is, with its type, if that is known.
pub(in crate::lint) fn was<'a>(
    relation: Option<&'a schema::Relation>,
    name: &str,
) -> Option<(&'a schema::Column, &'a Type)> {
    let columns = relation.map(|relation| relation.columns.as_slice()).unwrap_or_default();
    let column = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))?;
    column.ty.as_ref().map(|ty| (column, ty))
}

fn compared((was, old): (&schema::Column, &Type), column: &Column, known: &Known<'_>, parts: &mut Parts) {
    let name = column.name.as_str();
    let becomes = |pick: fn(&ConstraintKind) -> Option<bool>| column.find(pick);
    let generated = becomes(|kind| match kind {
        ConstraintKind::Generated { stored, .. } => Some(*stored),
        _ => None,
    });
    let counts = becomes(|kind| matches!(kind, ConstraintKind::Identity { .. }).then_some(true));
    if was.generated == Some(true) || generated == Some(true) {
        parts.add(Why::StoredGenerated, Way::Copy, name);
    } else if was.generated == Some(false) && known.server.may_be_mysql() {
        parts.add_unless(Why::TypeChange, Way::Copy, name, known.server.unsettled());
    }
    if counts.is_some() && !was.identity {
        parts.add(Why::AutoIncrement, Way::Copy, name);
    }
    if let Some(new) = &column.ty {
        let text = Text::of(was, old, column, new, known);
        if let Some((why, way, unless)) = retyped(old, new, &text, known.server) {
            parts.add_unless(why, way, name, unless);
        }
    }
    // What belongs to the primary key is never null, whatever is said about it.
    let keys = known.relation.map(|relation| relation.constraints.as_slice()).unwrap_or_default();
    let key =
        |own: &schema::Constraint| own.kind == schema::Kind::PrimaryKey && own.columns.contains(&was.name);
    let not_null = column.not_null() || keys.iter().any(key);
    if not_null && !was.not_null {
        let copies = known.is_lax() && !known.server.may_be_mariadb();
        parts.add(Why::NotNull, if copies { Way::Copy } else { Way::Rebuild }, name);
    } else if was.not_null && !not_null {
        parts.add(Why::Nullable, Way::Rebuild, name);
    }
    // A default, a comment and whatever else is left are kept in the catalogue only.
    parts.add(Why::Default, if known.server.may_be_mysql() { Way::InPlace } else { Way::AtOnce }, name);
}

/// What it needs to write all text of a table in another character set.
pub(super) fn converted(to: &str, collates: bool, known: &Known<'_>, parts: &mut Parts) {
    let Some(relation) = known.relation.filter(|own| own.columns_known && own.charset.is_some()) else {
        return parts.add(Why::Charset, Way::Copy, to);
    };
    let mut all = relation.columns.iter().filter_map(|was| was.ty.as_ref().map(|ty| (was, ty)));
    let copied = all.find_map(|(was, old)| {
        let mut new = old.clone();
        new.more.retain(|word| !word.starts_with("charset "));
        new.more.push(format!("charset {to}"));
        let text = Text::of(was, old, &<Column as Default>::default(), &new, known);
        retyped(old, &new, &text, known.server).filter(|(_, way, _)| *way == Way::Copy)
    });
    match copied {
        Some((_, way, unless)) => parts.add_unless(Why::Charset, way, to, unless),
        None if collates => {
            let unless = "the collation of the table until now".to_owned();
            parts.add_unless(Why::Charset, Way::Copy, to, Some(unless));
        }
        None => parts.add(Why::Charset, Way::AtOnce, to),
    }
}

/// The character sets and collations of a column that holds text, old and new, as far as they are known.
struct Text {
    old: Option<String>,
    new: Option<String>,
    /// Whether the collation changes, within the character set.
    collated: bool,
    indexed: bool,
}

impl Text {
    fn of(was: &schema::Column, old: &Type, column: &Column, new: &Type, known: &Known<'_>) -> Text {
        let usual = known.relation.and_then(|relation| relation.charset.clone());
        let named = |ty: &Type| {
            let word = ty.more.iter().rev().find_map(|word| word.strip_prefix("charset "));
            word.map(known_charset)
        };
        let of_collation = |collate: &Option<String>| {
            collate.as_ref().and_then(|name| name.split('_').next()).map(known_charset)
        };
        let usual = usual.as_deref().map(known_charset);
        let old = named(old).or_else(|| of_collation(&was.collate)).or_else(|| usual.clone());
        let new = named(new).or_else(|| of_collation(&column.collate)).or(usual);
        let collated = column.collate.is_some()
            && column.collate.as_ref().map(|name| name.to_lowercase())
                != was.collate.as_ref().map(|name| name.to_lowercase());
        let indexed = known
            .relation
            .is_some_and(|relation| relation.indexes.iter().any(|index| index.columns.contains(&was.name)));
        Text { old, new, collated, indexed }
    }
}

/// The name by which both servers know a character set.
fn known_charset(name: &str) -> String {
    let name = name.to_lowercase();
    if name == "utf8" { "utf8mb3".to_owned() } else { name }
}

/// How many bytes a letter of a character set may take.
fn width(charset: &str) -> i64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr" => 2,
        _ => 1,
    }
}

type Verdict = Option<(Why, Way, Option<String>)>;

/// What a change of type needs; nothing if it is none.
fn retyped(old: &Type, new: &Type, text: &Text, server: Server) -> Verdict {
    let (old_name, new_name) = (known_name(old), known_name(new));
    if old_name != new_name {
        let why = if narrows(&old_name, &new_name) { Why::Narrowing } else { Why::TypeChange };
        return Some((why, Way::Copy, None));
    }
    let length = |ty: &Type, usual: i64| ty.args.first().copied().unwrap_or(usual);
    let has = |ty: &Type, word: &str| ty.more.iter().any(|own| own == word);
    let name = old_name.as_str();
    match name {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "float" | "double" | "year" => {
            let signs_differ = has(old, "unsigned") != has(new, "unsigned");
            signs_differ.then_some((Why::TypeChange, Way::Copy, None))
        }
        "decimal" => {
            let parts =
                |ty: &Type| (length(ty, 10), ty.args.get(1).copied().unwrap_or(0), has(ty, "unsigned"));
            let (was, is) = (parts(old), parts(new));
            let narrows = is.0 - is.1 < was.0 - was.1 || is.1 < was.1;
            let why = if narrows { Why::Narrowing } else { Why::TypeChange };
            (was != is).then_some((why, Way::Copy, None))
        }
        "varchar" | "varbinary" => varying(length(old, 0), length(new, 0), name == "varbinary", text, server),
        "enum" | "set" => members(old, new, name == "set", server).or_else(|| recoded(text, server)),
        "tinytext" | "text" | "mediumtext" | "longtext" => recoded(text, server),
        "json" => None,
        _ => {
            let usual = if matches!(name, "char" | "binary" | "bit") { 1 } else { 0 };
            let (was, is) = (length(old, usual), length(new, usual));
            let why = if is < was { Why::Narrowing } else { Why::TypeChange };
            let resized = (was != is).then_some((why, Way::Copy, None));
            resized.or_else(|| if name == "char" { recoded(text, server) } else { None })
        }
    }
}

/// The name of a type, with the two that depend on its arguments told apart.
fn known_name(ty: &Type) -> String {
    match (ty.name.as_str(), ty.args.as_slice()) {
        ("float", [bits]) if *bits > 24 => "double".to_owned(),
        (name, _) => name.to_lowercase(),
    }
}

/// Whether values may not fit into the new type.
fn narrows(old: &str, new: &str) -> bool {
    const FAMILIES: [&[&str]; 4] = [
        &["tinyint", "smallint", "mediumint", "int", "bigint"],
        &["tinytext", "text", "mediumtext", "longtext"],
        &["tinyblob", "blob", "mediumblob", "longblob"],
        &["date", "datetime"],
    ];
    let place = |family: &&[&str], name: &str| family.iter().position(|own| *own == name);
    let within = FAMILIES.iter().find_map(|family| Some((place(family, old)?, place(family, new)?)));
    match within {
        Some((from, to)) => to < from,
        None => !matches!(
            (old, new),
            ("float", "double")
                | ("char", "varchar")
                | ("varchar" | "char", "text" | "mediumtext" | "longtext")
        ),
    }
}

/// `VARCHAR` of another length. The length of a value is kept in one byte up to 255 bytes, and in two from
/// there on; to go over that border, all rows are written anew.
fn varying(was: i64, is: i64, binary: bool, text: &Text, server: Server) -> Verdict {
    if is < was {
        return Some((Why::Narrowing, Way::Copy, None));
    }
    if !binary && let Some(verdict) = recoded(text, server) {
        return Some(verdict);
    }
    let widths: Vec<(i64, i64)> = match (&text.old, &text.new) {
        _ if binary => vec![(1, 1)],
        (Some(old), Some(new)) => vec![(width(old), width(new))],
        _ => vec![(1, 1), (3, 3), (4, 4)],
    };
    // MariaDB keeps short values the same way in both; measured on 10.11.
    let spared = |bytes: i64| server.is_mariadb_since((10, 4)) && bytes <= 127;
    let crosses = |(old, new): &(i64, i64)| {
        let (was, is) = (was.saturating_mul(*old), is.saturating_mul(*new));
        was <= 255 && is > 255 && !spared(was)
    };
    let crossed = widths.iter().filter(|widths| crosses(widths)).count();
    let free = if server.may_be_mysql() { Way::InPlace } else { Way::AtOnce };
    match crossed {
        0 if is == was => None,
        0 => Some((Why::Default, free, None)),
        _ if crossed == widths.len() => Some((Why::VarcharBorder, Way::Copy, None)),
        _ => Some((Why::VarcharBorder, Way::Copy, Some("the character set of the column".to_owned()))),
    }
}

/// Another character set or collation.
fn recoded(text: &Text, server: Server) -> Verdict {
    match (&text.old, &text.new) {
        (Some(old), Some(new)) if old != new => {
            // Every letter of the one is the same in the other.
            let widened = old == "utf8mb3" && new == "utf8mb4" && server.may_be_mariadb();
            let free = widened && !server.may_be_mysql();
            let unless = if widened { server.unsettled() } else { None };
            (!free).then_some((Why::Charset, Way::Copy, unless))
        }
        (Some(_), None) => Some((Why::Charset, Way::Copy, Some("the character set of the table".to_owned()))),
        (None, Some(_)) if !text.collated => {
            Some((Why::Charset, Way::Copy, Some("the character set of the column until now".to_owned())))
        }
        _ if text.collated && server.may_be_mysql() => {
            let unless = Some("the collation of the column until now".to_owned());
            Some((Why::Charset, Way::Copy, unless))
        }
        _ if text.collated && text.indexed => Some((Why::Index, Way::Index, None)),
        _ => None,
    }
}

/// Other values of an enum or a set: more at the end are written down only, as long as their number does not
/// need more bytes.
fn members(old: &Type, new: &Type, set: bool, server: Server) -> Verdict {
    let values = |ty: &Type| -> Vec<String> {
        ty.more.iter().filter(|word| word.starts_with('\'')).map(|word| word.to_lowercase()).collect()
    };
    let (old, new) = (values(old), values(new));
    if old.is_empty() || old == new {
        return None;
    }
    let bytes = |count: usize| match (set, count) {
        (false, 0..=255) | (true, 0..=8) => 1,
        (false, _) | (true, 9..=16) => 2,
        (true, 17..=24) => 3,
        (true, 25..=32) => 4,
        (true, _) => 8,
    };
    if new.starts_with(&old) && bytes(old.len()) == bytes(new.len()) {
        let way = if server.is_mysql_before((8, 0)) { Way::InPlace } else { Way::AtOnce };
        return Some((Why::Default, way, None));
    }
    Some((Why::Enum, Way::Copy, None))
}
