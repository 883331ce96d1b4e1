//! What the texts of the catalogue say: types, defaults, and what an expression speaks of.

use crate::schema::text::{name_of, type_with};
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};
use crate::sql::statement::Type;

/// Types whose number in parentheses says how wide they are printed, which concerns nobody.
const PRINTED: [&str; 7] = ["tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"];
/// Types whose values are written without quotes.
const NUMBERS: [&str; 6] = ["decimal", "numeric", "float", "double", "bit", "real"];

/// A type as the catalogue writes it: `int(10) unsigned`, `enum('a','b')`.
pub(super) fn column_type(written: &str) -> Type {
    let all: Vec<Token<'_>> = tokens(written, Dialect::Mysql).collect();
    let name = all.first().map(|token| token.text.to_lowercase()).unwrap_or_default();
    let close = all.iter().rposition(|token| token.text == ")");
    let inside = close.and_then(|close| all.get(2..close)).unwrap_or_default();
    let mut ty = if matches!(name.as_str(), "enum" | "set") {
        let mut ty = Type::plain(name);
        ty.more = inside.iter().filter(|token| token.kind == TokenKind::Text).map(value).collect();
        ty
    } else {
        let text =
            inside.first().zip(inside.last()).and_then(|(first, last)| written.get(first.start..last.end()));
        type_with(name, text)
    };
    if PRINTED.contains(&ty.name.as_str()) && !(ty.name == "tinyint" && ty.args == [1]) {
        ty.args.clear();
    }
    let after = all.get(close.map_or(1, |close| close + 1)..).unwrap_or_default();
    ty.more.extend(
        after.iter().filter(|token| token.kind == TokenKind::Word).map(|word| word.text.to_lowercase()),
    );
    ty
}

/// A value with its quotes, which double inside it no more.
fn value(token: &Token<'_>) -> String {
    let inside = token.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    format!("'{}'", inside.unwrap_or(token.text).replace("''", "'"))
}

/// A default as SQL. MariaDB writes it so; MySQL leaves the quotes out where it is a value.
pub(super) fn default(text: &str, mariadb: bool, extra: &str, ty: &Type) -> Option<String> {
    if mariadb {
        return (!text.eq_ignore_ascii_case("null")).then(|| text.to_owned());
    }
    let number = PRINTED.contains(&ty.name.as_str()) || NUMBERS.contains(&ty.name.as_str());
    let expression = extra.contains("DEFAULT_GENERATED") || text.starts_with("CURRENT_TIMESTAMP");
    Some(if number || expression { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) })
}

/// The names in an expression that the server has printed, which quotes them all.
pub(super) fn names(expression: &str) -> Vec<String> {
    let all = tokens(expression, Dialect::Mysql).filter(|token| token.kind == TokenKind::Quoted);
    let mut names: Vec<String> = all.filter_map(|token| name_of(&token)).collect();
    names.sort();
    names.dedup();
    names
}

/// What the printed query of a view names in a database: tables with their columns, or without.
pub(super) fn read_by(query: &str, database: &str) -> Vec<(String, Option<String>)> {
    let all: Vec<Token<'_>> = tokens(query, Dialect::Mysql).collect();
    let name = |at: usize| all.get(at).filter(|token| token.kind == TokenKind::Quoted).and_then(name_of);
    let dot = |at: usize| all.get(at).is_some_and(|token| token.text == ".");
    let mut found = Vec::new();
    for at in 0..all.len() {
        let begins = !at.checked_sub(1).is_some_and(dot);
        if !begins || name(at).as_deref() != Some(database) || !dot(at + 1) {
            continue;
        }
        if let Some(table) = name(at + 2) {
            found.push((table, if dot(at + 3) { name(at + 4) } else { None }));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The user of an account that is written as `'user'@'host'`.
pub(super) fn user(account: &str) -> String {
    let user = account.rsplit_once("@").map_or(account, |(user, _)| user);
    user.trim_matches(['\'', '`']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_apart() {
        for (written, name, args, more) in [
            ("int(10) unsigned", "int", &[][..], &["unsigned"][..]),
            ("tinyint(1)", "tinyint", &[1], &[]),
            ("varchar(20)", "varchar", &[20], &[]),
            ("decimal(10,2) unsigned zerofill", "decimal", &[10, 2], &["unsigned", "zerofill"]),
            ("enum('a','it''s','(b')", "enum", &[], &["'a'", "'it's'", "'(b'"]),
            ("datetime(6)", "datetime", &[6], &[]),
            ("text", "text", &[], &[]),
            ("", "", &[], &[]),
        ] {
            let ty = column_type(written);
            assert_eq!((ty.name.as_str(), ty.args.as_slice()), (name, args), "{written}");
            assert_eq!(ty.more, more, "{written}");
        }
    }

    #[test]
    fn a_default_is_sql_whoever_prints_it() {
        let (int, text) = (column_type("int(11)"), column_type("varchar(3)"));
        assert_eq!(default("NULL", true, "", &int), None);
        assert_eq!(default("'a'", true, "", &text).as_deref(), Some("'a'"));
        assert_eq!(default("a", false, "", &text).as_deref(), Some("'a'"));
        assert_eq!(default("uuid()", false, "DEFAULT_GENERATED", &text).as_deref(), Some("uuid()"));
        assert_eq!(default("7", false, "", &int).as_deref(), Some("7"));
    }

    #[test]
    fn a_view_reads_what_is_behind_its_database() {
        let query = "select `a`.`t`.`id` AS `id`,`x`.`n` AS `n` from (`a`.`t` join `a`.`u` `x`) where \
             `b`.`t`.`a` = 1";
        let read = read_by(query, "a");
        assert_eq!(
            read,
            [("t".to_owned(), None), ("t".to_owned(), Some("id".to_owned())), ("u".to_owned(), None)]
        );
    }

    #[test]
    fn an_account_is_its_user() {
        assert_eq!(user("'app'@'%'"), "app");
        assert_eq!(user("'a@b'@'localhost'"), "a@b");
    }
}
