//! PS19: a name that must be quoted wherever it is used.

use super::{made, script, words};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::Object;

pub(super) static RULE: Rule = Rule {
    code: "PS19",
    name: "reserved-or-mixed-case-name",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new name needs quotes wherever it is used",
    reason: "A name with capitals, blanks or dashes, and a word that SQL keeps for itself, must stand in \
             double quotes in every query from now on. Who forgets them gets another name, or a syntax \
             error.",
    lock: "",
    recipe: "Lower case, digits and underscores: orders, created_at, app_user.",
    bad: &[
        Example { given: "", sql: "CREATE TABLE \"Order\" (id bigint PRIMARY KEY);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, \"createdAt\" timestamptz, \"user\" text);",
        },
        Example { given: "", sql: "ALTER TABLE orders RENAME COLUMN a TO \"a b\";" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE Orders (Id bigint PRIMARY KEY);" },
        Example { given: "", sql: "CREATE TABLE \"orders\" (\"id\" bigint PRIMARY KEY, \"name\" text);" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let seen_often = |object: Object| {
        matches!(
            object,
            Object::Table
                | Object::View
                | Object::MaterializedView
                | Object::Column
                | Object::Type
                | Object::Domain
                | Object::Function
                | Object::Procedure
                | Object::Sequence
                | Object::Schema
                | Object::Attribute
        )
    };
    let all = made::names(seen.statement).into_iter();
    let found: Vec<made::NewName<'_>> =
        all.filter(|new| seen_often(new.object) && !words::is_plain(new.name)).collect();
    let Some(first) = found.first() else { return };
    let names: Vec<&str> = found.iter().map(|new| new.name).collect();
    let needs = if names.len() == 1 { "needs" } else { "need" };
    let message = format!("{} {needs} quotes wherever used", words::listed(&names));
    hits.push(Hit::new(script::at(seen.statement, first.span), message));
}
