//! What only the text of a table, view or index says.

use crate::schema::text::name_of;
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};

fn words(sql: &str) -> Vec<Token<'_>> {
    tokens(sql, Dialect::Sqlite).filter(|token| token.kind != TokenKind::Comment).collect()
}

/// The module of a virtual table, in lower case.
pub(super) fn module_of(sql: &str) -> Option<String> {
    let all = words(sql);
    let [create, virtual_, ..] = all.as_slice() else { return None };
    if !create.is("create") || !virtual_.is("virtual") {
        return None;
    }
    let using = all.iter().position(|token| token.is("using"))?;
    name_of(all.get(using + 1)?).map(|name| name.to_lowercase())
}

/// Whether the rows of a table have no number.
pub(super) fn is_without_rowid(sql: &str) -> bool {
    let all = words(sql);
    let end = all.iter().rposition(|token| token.text == ")").unwrap_or_default();
    let options = all.get(end..).unwrap_or_default();
    options
        .windows(2)
        .any(|pair| matches!(pair, [without, rowid] if without.is("without") && rowid.is("rowid")))
}

/// Which of these tables and views a view reads: those that it names where a table can stand.
pub(super) fn reads<'a>(sql: &str, known: impl Iterator<Item = &'a String> + Clone) -> Vec<String> {
    let all = words(sql);
    let mut found: Vec<String> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let Some(name) = name_of(token) else { continue };
        let before = |back: usize| at.checked_sub(back).and_then(|at| all.get(at));
        let qualified = before(1).is_some_and(|token| token.text == ".");
        let lead = before(if qualified { 3 } else { 1 });
        let stands =
            lead.is_some_and(|token| token.is("from") || token.is("join") || matches!(token.text, "," | "("));
        let follows = all.get(at + 1).is_some_and(|token| matches!(token.text, "." | "("));
        if !stands || follows {
            continue;
        }
        let table = known.clone().find(|table| table.eq_ignore_ascii_case(&name));
        found.extend(table.filter(|table| !found.contains(table)).cloned());
    }
    found.sort();
    found
}

/// The n-th key of an index, in parentheses, without its collation and order.
pub(super) fn key_expression(sql: &str, n: usize) -> Option<String> {
    let all = words(sql);
    let on = all.iter().position(|token| token.is("on"))?;
    let open = on + all.get(on..)?.iter().position(|token| token.text == "(")?;
    let (mut depth, mut part) = (0_usize, 0_usize);
    let mut key: Vec<&Token<'_>> = Vec::new();
    for token in all.get(open..)? {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 1 => part += 1,
            _ => {}
        }
        let inside = depth > 1 || (depth == 1 && (token.text != "(" || !key.is_empty()));
        if part == n && inside && !(depth == 1 && token.text == ",") {
            key.push(token);
        }
        if depth == 0 || part > n {
            break;
        }
    }
    let end = key.iter().position(|token| token.is("collate") || token.is("asc") || token.is("desc"));
    key.truncate(end.unwrap_or(key.len()));
    let (first, last) = (key.first()?, key.last()?);
    let text = sql.get(first.start..last.end())?;
    Some(if text.starts_with('(') && text.ends_with(')') { text.to_owned() } else { format!("({text})") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_table_names_its_module() {
        assert_eq!(module_of("CREATE VIRTUAL TABLE a USING fts5(b)").as_deref(), Some("fts5"));
        assert_eq!(
            module_of("create virtual table if not exists \"using\" using \"RTree\"(b)").as_deref(),
            Some("rtree")
        );
        assert_eq!(module_of("CREATE TABLE a (b)"), None);
    }

    #[test]
    fn a_table_without_numbers_is_told() {
        assert!(is_without_rowid("CREATE TABLE a (b PRIMARY KEY) STRICT, WITHOUT ROWID"));
        assert!(!is_without_rowid("CREATE TABLE a (b DEFAULT 'WITHOUT ROWID')"));
        assert!(!is_without_rowid(""));
    }

    #[test]
    fn a_view_reads_what_stands_where_tables_stand() {
        let known: Vec<String> = ["a", "B", "c d", "e", "f"].map(str::to_owned).to_vec();
        let sql = "CREATE VIEW v AS SELECT a.f, f(1) FROM a, b JOIN main.\"c d\" ON 1 WHERE x IN (SELECT 1 FROM (e)) -- f";
        assert_eq!(reads(sql, known.iter()), ["B", "a", "c d", "e"]);
    }

    #[test]
    fn expressions_of_an_index_are_found_by_their_place() {
        let sql = "CREATE INDEX i ON t (a, lower(b) COLLATE nocase DESC, (c + (d)) ASC) WHERE (e > 1)";
        assert_eq!(key_expression(sql, 1).as_deref(), Some("(lower(b))"));
        assert_eq!(key_expression(sql, 2).as_deref(), Some("(c + (d))"));
        assert_eq!(key_expression(sql, 3), None);
        assert_eq!(key_expression("CREATE INDEX i ON t (", 0), None);
    }
}
