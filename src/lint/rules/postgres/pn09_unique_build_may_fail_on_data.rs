//! PN09: a unique index or constraint that fails where there are doubles.

use super::{script, words};
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, Key, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "PN09",
    name: "unique-build-may-fail-on-data",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a unique index or key on a table with rows fails if two of them are equal",
    reason: "The rows that are there decide: two equal ones, and the build fails (23505) after it has read \
             the whole table. A build with CONCURRENTLY leaves an invalid index behind, which no query uses \
             and every write maintains until it is dropped.",
    lock: "",
    recipe: concat!(
        "Look for doubles before the deploy:\n\n",
        "    SELECT ext_ref, count(*) FROM orders\n",
        "     WHERE ext_ref IS NOT NULL GROUP BY ext_ref HAVING count(*) > 1 LIMIT 10;\n\n",
        "After a failed concurrent build, drop the leftover before the next attempt:\n\n",
        "    DROP INDEX CONCURRENTLY IF EXISTS orders_ext_ref_key;",
    ),
    bad: &[
        Example {
            given: "",
            sql: "CREATE UNIQUE INDEX CONCURRENTLY orders_ext_ref_key ON orders (ext_ref);",
        },
        Example { given: "", sql: "ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE (ext_ref);" },
    ],
    good: &[
        Example { given: "", sql: "CREATE INDEX CONCURRENTLY orders_ext_ref_idx ON orders (ext_ref);" },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, ref text);\nCREATE UNIQUE INDEX ON t (ref);",
        },
        Example {
            given: "CREATE UNIQUE INDEX orders_ext_ref_key ON orders (ext_ref);",
            sql: "ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX \
                  orders_ext_ref_key;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let certain = |sort| matches!(sort, Fails::ConcurrentOnPartitioned | Fails::RefusesTransaction);
    if seen.effects.failures.iter().any(|failure| certain(failure.sort)) {
        return;
    }
    for failure in seen.effects.failures.iter().filter(|failure| failure.sort == Fails::Duplicates) {
        let span = script::at(seen.statement, failure.span);
        let found = doubles(seen, failure.span);
        let message = match &found {
            Some((table, _, _)) if failure.surely => {
                format!("this fails as soon as \"{table}\" has two rows: the deploy stops here")
            }
            Some((table, keys, _)) => {
                format!("this fails if two rows of \"{table}\" have the same {}", keys.join(", "))
            }
            None => failure.why.clone(),
        };
        let mut hit = Hit::new(span, message);
        if let Some((table, keys, filter)) = found {
            hit = hit.on(&table);
            if !failure.surely {
                hit = hit.note(format!("this finds them: {}", query(&table, &keys, filter.as_deref())));
            }
        }
        if script::is_concurrent(&seen.statement.said) {
            hit = hit
                .note("a failed build leaves an invalid index, which costs every write until it is dropped");
        }
        if failure.surely {
            hit = hit.severity(Severity::Breaks);
        }
        hits.push(hit);
    }
}

/// The table, what must be unique in it, and in which of its rows.
fn doubles(seen: &Seen<'_>, span: Span) -> Option<(Name, Vec<String>, Option<String>)> {
    match &seen.statement.said {
        Said::CreateIndex { table, keys, filter, .. } => {
            let keys = keys.iter().map(words::key).collect();
            Some((table.clone(), keys, filter.as_ref().map(|filter| filter.text.clone())))
        }
        Said::AlterTable { table, .. } => {
            let columns = match script::action(seen.statement, span)? {
                Action::AddConstraint(constraint) => match &constraint.kind {
                    ConstraintKind::Unique { columns, .. } | ConstraintKind::PrimaryKey { columns, .. } => {
                        columns.clone()
                    }
                    _ => return None,
                },
                Action::AddColumn { column, .. } => vec![column.name.clone()],
                _ => return None,
            };
            let keys: Vec<String> = columns.into_iter().map(|name| words::key(&Key::Column(name))).collect();
            (!keys.is_empty()).then(|| (table.clone(), keys, None))
        }
        _ => None,
    }
}

fn query(table: &Name, keys: &[String], filter: Option<&str>) -> String {
    let mut conditions: Vec<String> = keys.iter().map(|key| format!("{key} IS NOT NULL")).collect();
    conditions.extend(filter.map(|filter| format!("({filter})")));
    let keys = keys.join(", ");
    format!(
        "SELECT {keys}, count(*) FROM {} WHERE {} GROUP BY {keys} HAVING count(*) > 1 LIMIT 10",
        words::sql(table),
        conditions.join(" AND ")
    )
}
