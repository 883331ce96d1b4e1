//! What only the text of a table, view or index says. Names are folded, as statements have them.

use crate::schema::text::{name_of, proves_not_null};
use crate::schema::{Constraint, Kind, Relation};
use crate::sql::Dialect;
use crate::sql::lex::{Token, TokenKind, tokens};

/// A name as statements have it.
pub(super) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn words(sql: &str) -> Vec<Token<'_>> {
    tokens(sql, Dialect::Sqlite).filter(|token| token.kind != TokenKind::Comment).collect()
}

fn named(token: &Token<'_>) -> Option<String> {
    name_of(token).map(|name| folded(&name))
}

/// The module of a virtual table.
pub(super) fn module_of(sql: &str) -> Option<String> {
    let all = words(sql);
    let [create, virtual_, ..] = all.as_slice() else { return None };
    if !create.is("create") || !virtual_.is("virtual") {
        return None;
    }
    let using = all.iter().position(|token| token.is("using"))?;
    named(all.get(using + 1)?)
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
        let Some(name) = named(token) else { continue };
        let before = |back: usize| at.checked_sub(back).and_then(|at| all.get(at));
        let qualified = before(1).is_some_and(|token| token.text == ".");
        let lead = before(if qualified { 3 } else { 1 });
        let stands =
            lead.is_some_and(|token| token.is("from") || token.is("join") || matches!(token.text, "," | "("));
        let follows = all.get(at + 1).is_some_and(|token| matches!(token.text, "." | "("));
        if stands && !follows {
            let table = known.clone().find(|table| **table == name);
            found.extend(table.filter(|table| !found.contains(table)).cloned());
        }
    }
    found.sort();
    found
}

/// What stands in the parentheses that open at `open`, and the place behind them.
fn group<'a, 'b>(all: &'b [Token<'a>], open: usize) -> (&'b [Token<'a>], usize) {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(open) {
        match (token.kind, token.text) {
            (TokenKind::Mark, "(") => depth += 1,
            (TokenKind::Mark, ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (all.get(open + 1..at).unwrap_or_default(), at + 1);
        }
    }
    (all.get(open + 1..).unwrap_or_default(), all.len())
}

/// The parts between commas that are in no parentheses.
fn parts<'a, 'b>(all: &'b [Token<'a>]) -> Vec<&'b [Token<'a>]> {
    let mut depth = 0_usize;
    let separates = |token: &Token<'a>| {
        match (token.kind, token.text) {
            (TokenKind::Mark, "(") => depth += 1,
            (TokenKind::Mark, ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.text == ","
    };
    all.split(separates).collect()
}

fn text_of<'a>(sql: &'a str, tokens: &[Token<'_>]) -> Option<&'a str> {
    sql.get(tokens.first()?.start..tokens.last()?.end())
}

/// The n-th key of an index, in parentheses, without its collation and order.
pub(super) fn key_expression(sql: &str, n: usize) -> Option<String> {
    let all = words(sql);
    let on = all.iter().position(|token| token.is("on"))?;
    let open = on + all.get(on..)?.iter().position(|token| token.text == "(")?;
    let keys = parts(group(&all, open).0);
    let key = keys.get(n)?;
    let end = key.iter().position(|token| token.is("collate") || token.is("asc") || token.is("desc"));
    let text = text_of(sql, key.get(..end.unwrap_or(key.len()))?)?;
    Some(if text.starts_with('(') && text.ends_with(')') { text.to_owned() } else { format!("({text})") })
}

/// Adds what the text of a table says beyond its columns and keys: collations, checks, and what columns
/// are generated from.
pub(super) fn complete(relation: &mut Relation) {
    let Some(sql) = relation.sql.clone() else { return };
    let all = words(&sql);
    let Some(open) = all.iter().position(|token| token.text == "(") else { return };
    for part in parts(group(&all, open).0) {
        let own = part.first().and_then(named).filter(|name| relation.column(name).is_some());
        let (mut at, mut name) = (0, None);
        while let Some(token) = part.get(at) {
            at += 1;
            if token.is("constraint") {
                name = part.get(at).and_then(named);
            } else if token.is("collate") {
                let collate = part.get(at).and_then(named).filter(|name| name != "binary");
                let column = own.as_ref().and_then(|own| relation.column_mut(own));
                column.into_iter().for_each(|column| column.collate.clone_from(&collate));
            } else if part.get(at).is_some_and(|next| next.text == "(") {
                let (inside, behind) = group(part, at);
                if token.is("check") {
                    let check = check(relation, &sql, inside, name.take());
                    relation.constraints.push(check);
                } else if token.is("as") {
                    let from = columns_in(relation, inside);
                    let column = own.as_ref().and_then(|own| relation.column_mut(own));
                    column.into_iter().for_each(|column| column.generated_from.clone_from(&from));
                }
                at = behind;
            }
        }
    }
}

fn check(relation: &Relation, sql: &str, inside: &[Token<'_>], name: Option<String>) -> Constraint {
    let text = text_of(sql, inside).unwrap_or_default();
    let proves = proves_not_null(text, Dialect::Sqlite).iter().map(|name| folded(name)).collect();
    Constraint {
        name: name.unwrap_or_default(),
        kind: Kind::Check,
        columns: columns_in(relation, inside),
        validated: true,
        to: None,
        cascades: false,
        proves_not_null: proves,
        text: Some(text.to_owned()),
    }
}

/// The columns of which an expression speaks.
fn columns_in(relation: &Relation, expression: &[Token<'_>]) -> Vec<String> {
    let mut names: Vec<String> = expression.iter().filter_map(named).collect();
    names.retain(|name| relation.column(name).is_some());
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Column;
    use crate::sql::statement::Object;

    #[test]
    fn a_virtual_table_names_its_module() {
        assert_eq!(module_of("CREATE VIRTUAL TABLE a USING fts5(b)").as_deref(), Some("fts5"));
        let quoted = "create virtual table if not exists \"using\" using \"RTree\"(b)";
        assert_eq!(module_of(quoted).as_deref(), Some("rtree"));
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
        let known: Vec<String> = ["a", "b", "c d", "e", "f"].map(str::to_owned).to_vec();
        let sql = "CREATE VIEW v AS SELECT a.f, f(1) FROM A, b JOIN main.\"c d\" ON 1 WHERE x IN (SELECT 1 \
             FROM (e)) -- f";
        assert_eq!(reads(sql, known.iter()), ["a", "b", "c d", "e"]);
    }

    #[test]
    fn expressions_of_an_index_are_found_by_their_place() {
        let sql = "CREATE INDEX i ON t (a, lower(b) COLLATE nocase DESC, (c + (d)) ASC) WHERE (e > 1)";
        assert_eq!(key_expression(sql, 1).as_deref(), Some("(lower(b))"));
        assert_eq!(key_expression(sql, 2).as_deref(), Some("(c + (d))"));
        assert_eq!(key_expression(sql, 3), None);
        assert_eq!(key_expression("CREATE INDEX i ON t (", 0), None);
    }

    #[test]
    fn checks_and_what_columns_come_from_are_in_the_text() {
        let mut relation = Relation::new(Object::Table);
        for name in ["a", "b", "c", "d"] {
            relation.columns.push(Column { name: name.to_owned(), ..Column::default() });
        }
        let sql = "CREATE TABLE \"t(\" (A text COLLATE nocase CHECK (a <> ')' AND b IS NOT NULL), \
             b int CONSTRAINT big CHECK (b > 1), c AS (length(a) + b) STORED, \
             d DEFAULT (1, 'check (b)'), CONSTRAINT \"Both\" CHECK ((c IS NOT NULL) AND (\"D\" IS NOT \
             NULL)))";
        relation.sql = Some(sql.to_owned());
        complete(&mut relation);
        let told: Vec<String> = relation
            .constraints
            .iter()
            .map(|own| format!("{}:{}:{}", own.name, own.columns.join(","), own.proves_not_null.join(",")))
            .collect();
        assert_eq!(told, [":a,b:b", "big:b:", "both:c,d:c,d"]);
        let column = |name: &str| relation.column(name).cloned().unwrap_or_default();
        assert_eq!((column("a").collate.as_deref(), column("b").collate), (Some("nocase"), None));
        assert_eq!(
            (column("c").generated_from, column("d").generated_from.len()),
            (vec!["a".to_owned(), "b".to_owned()], 0)
        );
        for broken in
            ["", "CREATE TABLE t", "CREATE TABLE t (a CHECK (", "CREATE TABLE t (a AS", "t(,CHECK(),)"]
        {
            relation.sql = Some(broken.to_owned());
            complete(&mut relation);
        }
    }
}
