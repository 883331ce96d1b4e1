//! PS07: a table without a primary key.

use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, ConstraintKind, CreateTable, Name, Said, Statement};

pub(super) static RULE: Rule = Rule {
    code: "PS07",
    name: "table-without-primary-key",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a new table has no primary key",
    reason: "Without a key logical replication refuses UPDATE and DELETE on it, a backfill has nothing to \
             walk along, and two equal rows cannot be told apart.",
    lock: "",
    recipe: concat!(
        "A key of its own, or the columns that are unique anyway:\n\n",
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    ),
    bad: &[
        Example { given: "", sql: "CREATE TABLE t (a int);" },
        Example { given: "", sql: "CREATE TABLE t (a int NOT NULL UNIQUE, b text);" },
    ],
    good: &[
        Example { given: "", sql: "CREATE TABLE t (a int, PRIMARY KEY (a));" },
        Example { given: "", sql: "CREATE TABLE t (a int);\nALTER TABLE t ADD PRIMARY KEY (a);" },
        Example { given: "", sql: "CREATE TEMPORARY TABLE t (a int);" },
        Example {
            given: "CREATE TABLE events (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);",
            sql: "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO \
                  ('2026-01-01');",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    let Said::CreateTable(create) = &seen.statement.said else { return };
    // What it takes over from others may hold a key.
    let takes_over =
        create.partitioning.of.is_some() || !create.inherits.is_empty() || !create.like.is_empty();
    if create.temporary || takes_over || has_key(create) {
        return;
    }
    let after = seen.script.statements.iter().skip(seen.position);
    if after.into_iter().any(|statement| gives_key(statement, &create.name)) {
        return;
    }
    let there = create.if_not_exists && seen.before.relation(&create.name).is_some();
    if !there {
        let message = format!("the table \"{}\" has no primary key", create.name);
        hits.push(Hit::new(seen.statement.span, message));
    }
}

fn is_key(kind: &ConstraintKind) -> bool {
    matches!(kind, ConstraintKind::PrimaryKey { .. })
}

fn has_key(create: &CreateTable) -> bool {
    let of_columns = create.columns.iter().flat_map(|column| &column.constraints);
    of_columns.chain(&create.constraints).any(|constraint| is_key(&constraint.kind))
}

/// Whether a later statement gives the table its key.
fn gives_key(statement: &Statement, table: &Name) -> bool {
    let own = match &statement.said {
        Said::AlterTable { table: own, actions, .. } if own.name == table.name => {
            actions.iter().any(|(action, _)| match action {
                Action::AddConstraint(constraint) => is_key(&constraint.kind),
                Action::AddColumn { column, .. } => column.constraints.iter().any(|own| is_key(&own.kind)),
                _ => false,
            })
        }
        Said::Drop { names, .. } => names.iter().any(|name| name.name == table.name),
        _ => false,
    };
    own || statement.body.iter().any(|inner| gives_key(inner, table))
}
