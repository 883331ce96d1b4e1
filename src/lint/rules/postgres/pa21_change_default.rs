//! A column gets another default.

use super::around;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said, Span};

pub(super) static RULE: Rule = Rule {
    code: "PA21",
    name: "change-default",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "A column gets another default, is no longer computed, or counts from the start again",
    reason: "Rows that are there keep what they have; code that leaves the column out writes something else \
             from now on. Some frameworks read the defaults at the start and send them, or leave out what \
             equals the default they know: until they start anew, they write the old one.",
    lock: "ACCESS EXCLUSIVE on the table, for a moment.",
    recipe: "Let running code name the column in its INSERTs before the default changes, and start it anew \
             after.\n
    ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 2;",
    bad: &[
        Example { given: "", sql: "ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 2;" },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int DEFAULT 1);",
            sql: "ALTER TABLE orders ALTER qty SET DEFAULT 2;",
        },
        Example { given: "", sql: "ALTER TABLE docs ALTER COLUMN length DROP EXPRESSION;" },
        Example { given: "", sql: "ALTER SEQUENCE orders_id_seq RESTART;" },
    ],
    good: &[
        Example { given: "", sql: "SELECT setval('orders_id_seq', (SELECT max(id) FROM orders));" },
        Example { given: "", sql: "CREATE SEQUENCE s; ALTER SEQUENCE s RESTART WITH 100;" },
        Example {
            given: "",
            sql: "ALTER TABLE orders ADD COLUMN u uuid; ALTER TABLE orders ALTER COLUMN u SET DEFAULT \
                  gen_random_uuid();",
        },
        Example {
            given: "CREATE TABLE orders (id bigint, qty int);",
            sql: "ALTER TABLE orders ALTER qty SET DEFAULT 2;",
        },
        Example { given: "", sql: "CREATE TABLE t (n int DEFAULT 1); ALTER TABLE t ALTER n SET DEFAULT 2;" },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    hits.extend(counts_anew(seen));
    let Some((table, actions)) = around::actions(seen.statement) else { return };
    if !seen.before.is_old(table) {
        return;
    }
    for (action, span) in actions {
        if let Action::DropExpression { column } = action {
            hits.extend(no_longer_computed(seen, table, column, *span));
        }
        let Action::SetDefault { column, expr } = action else { continue };
        let known = around::column(seen, table, column);
        let same =
            known.is_some_and(|own| own.default.as_deref().is_none_or(|old| old.trim() == expr.text.trim()));
        let added_here = actions.iter().any(
            |(other, _)| matches!(other, Action::AddColumn { column: added, .. } if added.name == *column),
        );
        if same || added_here || around::is_new_column(seen, table, column) {
            continue;
        }
        let was = known.and_then(|own| own.default.as_deref());
        let was = was.map(|was| format!(", which was {}", was.trim())).unwrap_or_default();
        hits.push(
            Hit::new(
                *span,
                format!("code that leaves out {table}.{column} writes {} from now on{was}", expr.text.trim()),
            )
            .on(table)
            .note("frameworks that keep the old default in memory go on writing it until they start anew"),
        );
    }
}

/// Nothing computes a column any more that running code could not write.
fn no_longer_computed(seen: &Seen<'_>, table: &Name, column: &str, span: Span) -> Option<Hit> {
    if around::is_new_column(seen, table, column) {
        return None;
    }
    let key = seen.before.key(table);
    let filled = around::together(seen).into_iter().any(|next| match &next.said {
        Said::CreateTrigger { table: on, .. } => seen.before.key(on) == key,
        _ => false,
    });
    let message =
        format!("nothing computes {table}.{column} any more: rows that running code writes hold NULL there");
    let hit = Hit::new(span, message).on(table);
    Some(if filled {
        hit.severity(Severity::Advice).note("harmless if the trigger of this script fills it")
    } else {
        hit.severity(Severity::Breaks).note("running code could not write the column, so it leaves it out")
    })
}

/// A sequence goes back to where it was before: what it gives next is taken already.
fn counts_anew(seen: &Seen<'_>) -> Option<Hit> {
    let upper = seen.statement.text.to_ascii_uppercase();
    let (name, rest) = match &seen.statement.said {
        Said::AlterSequence { name } if !seen.before.bore(name) => {
            (name.to_string(), upper.split_once(" RESTART").map(|(_, rest)| rest)?)
        }
        Said::Read(reads) if reads.calls.iter().any(|call| call.name == "setval") => {
            let (_, rest) = upper.split_once("SETVAL")?;
            let (named, rest) = rest.split_once(',')?;
            if is_of_something_new(seen, named) {
                return None;
            }
            ("the sequence".to_owned(), rest)
        }
        _ => return None,
    };
    let word = rest.split_whitespace().find(|word| !matches!(*word, "WITH" | "="));
    let number = word.map(|word| word.trim_end_matches([';', ')', ',']));
    let low = match number.filter(|number| !number.is_empty()) {
        // The value it began with, usually 1.
        None => true,
        Some(number) => number.parse::<u64>().ok()? <= rows_counted(seen, &name).unwrap_or(0).max(FEW),
    };
    let message =
        format!("{name} counts from a lower value again: INSERTs meet keys that are taken, and fail");
    let hit = Hit::new(seen.statement.span, message);
    Some(if low {
        hit.severity(Severity::Breaks)
            .note("harmless if the table is empty, or nothing keeps its keys unique")
    } else {
        hit.note("harmless if the value is above all that were given out")
    })
}

/// Whether the first argument of `setval` names a sequence that is new, or that of a table that is.
fn is_of_something_new(seen: &Seen<'_>, argument: &str) -> bool {
    let lower = argument.to_ascii_lowercase();
    let named = lower.split('\'').nth(1).unwrap_or_default().replace('"', "");
    let name = match named.split_once('.') {
        Some((schema, name)) => Name::within(schema, name),
        None => Name::new(named),
    };
    seen.before.bore(&name) || seen.before.is_new(&name)
}

/// The rows of the table whose keys a sequence of this name gives.
fn rows_counted(seen: &Seen<'_>, sequence: &str) -> Option<u64> {
    let name = sequence.rsplit('.').next().unwrap_or_default().trim_matches('"');
    let relations = seen.before.schema.relations.iter();
    let owns = |table: &str, column: &str| name == format!("{table}_{column}_seq");
    relations
        .filter(|(table, own)| own.columns.iter().any(|column| owns(&table.name, &column.name)))
        .find_map(|(_, own)| own.rows)
}

/// A sequence in use has passed this long ago.
const FEW: u64 = 1_000;
