//! PS18: a foreign key whose column is narrower than the key it points to.

use super::{rows, script};
use crate::lint::rule::{Example, Hit, Rule, Seen, Severity};
use crate::sql::Dialect;
use crate::sql::statement::{Action, Column, Constraint, ConstraintKind, Foreign, Name, Said, Span, Type};

pub(super) static RULE: Rule = Rule {
    code: "PS18",
    name: "foreign-key-type-mismatch",
    dialect: Dialect::Postgres,
    severity: Severity::Advice,
    summary: "a foreign key and the key it points to have different types",
    reason: "An int column that points to a bigint key overflows as soon as the keys pass two billion. \
             numeric beside an integer makes every check convert, and cannot use the index.",
    lock: "",
    recipe: concat!("The same type on both sides:\n\n", "    account_id bigint REFERENCES accounts (id)"),
    bad: &[
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY);",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, account_id int REFERENCES accounts (id));",
        },
        Example {
            given: "CREATE TABLE accounts (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY \
                    KEY, account_id integer);",
            sql: "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (account_id) REFERENCES accounts NOT \
                  VALID;",
        },
        Example {
            given: "CREATE TABLE accounts (id bigserial PRIMARY KEY);",
            sql: "ALTER TABLE orders ADD COLUMN account_id int REFERENCES accounts;",
        },
    ],
    good: &[
        Example {
            given: "CREATE TABLE accounts (id bigserial PRIMARY KEY);",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, account_id bigint REFERENCES accounts (id));",
        },
        Example {
            given: "CREATE TABLE accounts (id serial PRIMARY KEY);",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, account_id int REFERENCES accounts (id));",
        },
        Example {
            given: "",
            sql: "CREATE TABLE t (id bigint PRIMARY KEY, account_id int REFERENCES accounts (id));",
        },
    ],
    check,
};

fn check(seen: &Seen<'_>, hits: &mut Vec<Hit>) {
    match &seen.statement.said {
        Said::CreateTable(create) => {
            for column in &create.columns {
                of_column(seen, &create.name, column, hits);
            }
            for constraint in &create.constraints {
                of_table(seen, &create.name, constraint, hits);
            }
        }
        Said::AlterTable { table, actions, .. } => {
            for (action, _) in actions {
                match action {
                    Action::AddColumn { column, .. } => of_column(seen, table, column, hits),
                    Action::AddConstraint(constraint) => of_table(seen, table, constraint, hits),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn of_column(seen: &Seen<'_>, table: &Name, column: &Column, hits: &mut Vec<Hit>) {
    for constraint in &column.constraints {
        if let ConstraintKind::Foreign(foreign) = &constraint.kind {
            compare(seen, table, &column.name, foreign, 0, column.span, hits);
        }
    }
}

fn of_table(seen: &Seen<'_>, table: &Name, constraint: &Constraint, hits: &mut Vec<Hit>) {
    if let ConstraintKind::Foreign(foreign) = &constraint.kind {
        for (at, column) in foreign.columns.iter().enumerate() {
            compare(seen, table, column, foreign, at, constraint.span, hits);
        }
    }
}

/// Compares the column of a foreign key with the one at the same place on the other side.
fn compare(
    seen: &Seen<'_>,
    table: &Name,
    column: &str,
    foreign: &Foreign,
    at: usize,
    span: Span,
    hits: &mut Vec<Hit>,
) {
    let usual = || rows::key_column(seen, &foreign.table).filter(|_| at == 0);
    let Some(key) = foreign.to.get(at).map(String::as_str).or_else(usual) else { return };
    let (Some(own), Some(other)) = (type_of(seen, table, column), type_of(seen, &foreign.table, key)) else {
        return;
    };
    let (Some(narrow), Some(wide)) = (width(&own), width(&other)) else { return };
    let mixed = (narrow == NUMERIC) != (wide == NUMERIC);
    if narrow < wide || mixed {
        let message = format!(
            "\"{column}\" of \"{table}\" is {own}, but the key \"{key}\" of \"{}\" it points to is {other}",
            foreign.table
        );
        hits.push(Hit::new(script::at(seen.statement, span), message));
    }
}

/// The type of a column: that of this statement, or the one that is known.
fn type_of(seen: &Seen<'_>, table: &Name, column: &str) -> Option<String> {
    let named = |ty: &Type| ty.serial().unwrap_or(ty.name.as_str()).to_owned();
    let new = super::made::columns(seen.statement);
    let mut new = new.iter().filter(|new| seen.before.key(new.table) == seen.before.key(table));
    if let Some(new) = new.find(|new| new.column.name == column) {
        return new.column.ty.as_ref().map(named);
    }
    seen.before.relation(table)?.column(column)?.ty.as_ref().map(named)
}

const NUMERIC: u8 = 9;

/// How wide a number is; nothing for other types.
fn width(ty: &str) -> Option<u8> {
    match ty {
        "int2" => Some(2),
        "int4" => Some(4),
        "int8" => Some(8),
        "numeric" => Some(NUMERIC),
        _ => None,
    }
}
