//! PN03: an enum value is used in the transaction that adds it.

use super::script;
use crate::lint::effect::Fails;
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Name, Said, Type};

pub(super) static RULE: Rule = Rule {
    code: "PN03",
    name: "enum-value-used-in-same-transaction",
    dialect: Dialect::Postgres,
    severity: Severity::Breaks,
    summary: "a value of an enum is used in the transaction that adds it",
    reason: "From PostgreSQL 12 on ALTER TYPE … ADD VALUE may run in a transaction, but the new value cannot \
             be used before that is committed (55P04), unless the type itself was made in the same \
             transaction. The deploy stops at this statement and the value is gone again.",
    lock: "",
    recipe: concat!(
        "Add the value in a change of its own, and use it in the next one:\n\n",
        "    -- deploy/order_state_refunded.sql\n",
        "    ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'refunded' AFTER 'paid';\n\n",
        "    -- deploy/refunds.sql\n",
        "    ALTER TABLE orders ALTER state SET DEFAULT 'refunded';",
    ),
    bad: &[
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "BEGIN;\nALTER TYPE order_state ADD VALUE 'refunded';\n\
                  UPDATE orders SET state = 'refunded' WHERE id = 1;\nCOMMIT;",
        },
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "BEGIN;\nALTER TYPE order_state ADD VALUE 'refunded';\n\
                  ALTER TABLE orders ALTER state SET DEFAULT 'refunded';\nCOMMIT;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');",
            sql: "ALTER TYPE order_state ADD VALUE 'refunded';",
        },
        Example {
            given: "",
            sql: "CREATE TYPE state AS ENUM ('new');\nALTER TYPE state ADD VALUE 'paid';\n\
                  CREATE TABLE t (id bigint PRIMARY KEY, s state DEFAULT 'paid');",
        },
        Example {
            given: "CREATE TYPE order_state AS ENUM ('new', 'paid');\nCREATE TABLE orders (id bigint \
                    PRIMARY KEY, state order_state);",
            sql: "BEGIN;\nALTER TYPE order_state ADD VALUE 'refunded';\nCOMMIT;\n\
                  BEGIN;\nUPDATE orders SET state = 'refunded' WHERE id = 1;\nCOMMIT;",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    // The effect is any mention of the value in the text; which of them the server refuses is told here.
    let told = seen.effects.failures.iter().find(|failure| failure.sort == Fails::EnumValueUsed);
    let (Some(failure), Some((name, value, surely))) = (told, used(seen)) else { return };
    let end = if surely { ": the deploy stops here" } else { "" };
    let message = format!("'{value}' of \"{name}\" is used in the transaction that adds it{end}");
    let span = failure.span;
    let mut hit = Hit::new(script::at(seen.statement, span), message)
        .note("move ALTER TYPE … ADD VALUE into a change of its own, deployed before this one");
    if !surely {
        hit = hit.severity(Severity::Advice).note("it is harmless if the text does not stand for that value");
    }
    hits.push(hit);
}

/// The value of this transaction that a statement names: its type, itself, and whether it is surely
/// meant.
fn used<'a>(seen: &Seen<'a>) -> Option<(&'a Name, &'a str, bool)> {
    let text = script::text(seen.statement, seen.statement.span);
    let named = |value: &str| text.contains(&format!("'{}'", value.replace('\'', "''")));
    let (name, value) = seen.before.enum_values.iter().find(|(_, value)| named(value))?;
    let own = |ty: &Type| ty.name == name.name;
    let column = |table: &Name, column: &str| {
        seen.before
            .relation(table)
            .and_then(|own| own.column(column))
            .and_then(|own| own.ty.as_ref())
            .is_some_and(own)
    };
    let any_column = |table: &Name| {
        let relation = seen.before.relation(table)?;
        let one = relation.columns.iter().any(|column| column.ty.as_ref().is_some_and(own));
        (one || relation.columns_known).then_some(one)
    };
    let quoted = format!("'{}'", value.replace('\'', "''"));
    let cast = |schema: &str| text.contains(&format!("{quoted}::{schema}{}", name.name));
    let is_cast = cast("") || name.schema.as_ref().is_some_and(|schema| cast(&format!("{schema}.")));
    let surely = match &seen.statement.said {
        Said::Write(..) | Said::Read(_) | Said::CreateView { .. } | Said::AlterTable { .. } if is_cast => {
            true
        }
        Said::CreateFunction(function) if is_cast && function.sql => true,
        Said::Write(writes, _) => {
            let meant: Vec<Option<bool>> = writes.iter().map(|write| any_column(&write.table)).collect();
            // Nobody knows of a column of that type, and all columns are known.
            if meant.iter().all(|meant| *meant == Some(false)) {
                return None;
            }
            meant.contains(&Some(true))
        }
        Said::CreateTable(create) => create.columns.iter().any(|column| column.ty.as_ref().is_some_and(own)),
        Said::AlterTable { table, actions, .. } => actions.iter().any(|(action, _)| match action {
            Action::SetDefault { column: name, .. } => column(table, name),
            Action::AddColumn { column, .. } => column.ty.as_ref().is_some_and(own),
            _ => false,
        }),
        Said::Read(_) | Said::CreateView { .. } | Said::CreateIndex { .. } | Said::CreatePolicy { .. } => {
            false
        }
        _ => return None,
    };
    Some((name, value, surely))
}
