//! PS08: an index that another one makes superfluous.

use super::words;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::schema::Index;
use crate::sql::Dialect;
use crate::sql::statement::{Key, Object, Said};

pub(super) static RULE: Rule = Rule {
    code: "PS08",
    name: "duplicate-or-redundant-index",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new index and an old one begin with the same columns",
    reason: "An index on (a, b) answers what one on (a) does. Every write maintains both.",
    lock: "",
    recipe: concat!("Keep the longer one:\n\n", "    DROP INDEX CONCURRENTLY orders_a_idx;"),
    bad: &[
        Example {
            given: "CREATE INDEX orders_a_idx ON orders (a);",
            sql: "CREATE INDEX CONCURRENTLY orders_a_again ON orders (a);",
        },
        Example {
            given: "CREATE TABLE orders (id bigint PRIMARY KEY, a int);",
            sql: "CREATE INDEX CONCURRENTLY orders_id_idx ON orders (id);",
        },
        Example {
            given: "CREATE INDEX orders_a_idx ON orders (a);",
            sql: "CREATE INDEX CONCURRENTLY orders_a_b_idx ON orders (a, b);",
        },
    ],
    good: &[
        Example {
            given: "CREATE INDEX orders_a_idx ON orders (a);",
            sql: "CREATE INDEX CONCURRENTLY orders_b_a_idx ON orders (b, a);",
        },
        Example {
            given: "CREATE INDEX orders_a_idx ON orders (a);",
            sql: "CREATE INDEX CONCURRENTLY orders_a_open_idx ON orders (a) WHERE state = 'open';",
        },
        Example {
            given: "CREATE INDEX orders_a_idx ON orders (a);",
            sql: "CREATE INDEX CONCURRENTLY orders_a_new ON orders (a);\nDROP INDEX CONCURRENTLY \
                  orders_a_idx;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateIndex { name, table, keys, unique, method, filter, .. } = &seen.statement.said else {
        return;
    };
    let ordinary = method.as_deref().is_none_or(|method| method == "btree");
    if !ordinary || filter.is_some() || is_special(&seen.statement.text) {
        return;
    }
    let Some(relation) = seen.before.relation(table) else { return };
    let columns: Vec<String> = keys.iter().map(text).collect();
    let own = name.as_ref().map(|name| name.name.as_str());
    let rival = |index: &&Index| !index.partial && index.valid && Some(index.name.as_str()) != own;
    for index in relation.indexes.iter().filter(rival) {
        if goes(seen, &index.name) || made_special(seen, &index.name) {
            continue;
        }
        let same = index.columns == columns;
        let covered = index.columns.starts_with(&columns) && (!unique || same && index.unique);
        let covers =
            columns.starts_with(&index.columns) && index.constraint.is_none() && (!index.unique || same);
        let message = match (covered, covers) {
            (true, _) if same => format!("the index \"{}\" of \"{table}\" has the same columns", index.name),
            (true, _) => format!("the index \"{}\" of \"{table}\" begins with the same columns", index.name),
            (_, true) => format!("this index makes \"{}\" of \"{table}\" superfluous", index.name),
            _ => continue,
        };
        let mut hit = Hit::new(seen.statement.span, message);
        if !covered {
            let old = words::ident(&index.name);
            hit =
                hit.note(format!("DROP INDEX CONCURRENTLY {old}, in a change of its own, saves its upkeep"));
        }
        hits.push(hit);
        return;
    }
}

fn text(key: &Key) -> String {
    match key {
        Key::Column(name) => name.clone(),
        Key::Expression(text) => format!("({text})"),
    }
}

/// Whether an index says more of its columns than their names: what it answers is then its own.
fn is_special(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["_ops", " desc", "nulls first", "nulls last", "nulls not distinct", "collate ", "include"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether the script drops an index.
fn goes(seen: &Seen<'_>, index: &str) -> bool {
    seen.script.statements.iter().any(|statement| match &statement.said {
        Said::Drop { object: Object::Index, names, .. } => names.iter().any(|name| name.name == index),
        _ => false,
    })
}

/// Whether an index that this script makes is of another kind.
fn made_special(seen: &Seen<'_>, index: &str) -> bool {
    seen.script.statements.iter().any(|statement| match &statement.said {
        Said::CreateIndex { name: Some(name), method, .. } if name.name == index => {
            method.as_deref().is_some_and(|method| method != "btree") || is_special(&statement.text)
        }
        _ => false,
    })
}
